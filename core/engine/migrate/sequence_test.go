package migrate

import "testing"

// A table that a migration drops and a later one adds again counts on.
func TestATableThatComesBackCountsOn(t *testing.T) {
	t.Parallel()
	begun, err := memory(t).Begin()
	if err != nil {
		t.Fatal(err)
	}
	tx := &Tx{Tx: begun, Literal: literal}
	const made = "CREATE TABLE tags (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT)"
	if _, err := tx.Exec(made + "; INSERT INTO tags (name) VALUES ('one'), ('two')"); err != nil {
		t.Fatal(err)
	}
	given, err := sequences(t.Context(), tx)
	if err == nil {
		_, err = tx.Exec("DROP TABLE tags")
	}
	if err == nil {
		err = restoreSequences(t.Context(), tx, given)
	}
	if err == nil {
		_, err = tx.Exec(made + "; INSERT INTO tags (name) VALUES ('three')")
	}
	var id int
	if err == nil {
		err = tx.QueryRow("SELECT id FROM tags").Scan(&id)
	}
	if err != nil || id != 3 {
		t.Errorf("id %d is given after 2: %v", id, err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
}

func TestWithAutoincrement(t *testing.T) {
	t.Parallel()
	for made, want := range map[string]string{
		"CREATE TABLE t (id INTEGER PRIMARY KEY, a)":                                  "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a)",
		"CREATE TABLE t (a, id integer NOT NULL, primary key (`id`))":                 "CREATE TABLE t (a, id integer NOT NULL, primary key (`id` AUTOINCREMENT))",
		"CREATE TABLE t (id integer primary key asc on conflict fail check (id > 0))": "CREATE TABLE t (id integer primary key asc on conflict fail AUTOINCREMENT check (id > 0))",
		"CREATE TABLE t (id integer, PRIMARY KEY (id ASC) ON CONFLICT ROLLBACK)":      "CREATE TABLE t (id integer, PRIMARY KEY (id ASC AUTOINCREMENT) ON CONFLICT ROLLBACK)",
		"CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT)":                       "",
		"CREATE TABLE t (id INTEGER PRIMARY KEY) WITHOUT ROWID":                       "",
		"CREATE TABLE t (id INTEGER PRIMARY KEY DESC)":                                "",
		"CREATE TABLE t (`PRIMARY KEY` TEXT, a TEXT DEFAULT 'PRIMARY KEY')":           "",
	} {
		got, ok := withAutoincrement(made)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%s becomes %s", made, got)
		}
	}
}
