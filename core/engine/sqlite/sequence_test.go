package sqlite

import (
	"strings"
	"testing"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
)

// An id is never given twice, whatever was deleted or migrated in between: a
// table that is made anew, or comes back, counts on from what it had given.
func TestIDsAreNeverGivenTwice(t *testing.T) {
	t.Parallel()
	same := func(*schema.Table) {}
	for name, c := range map[string]struct {
		before, after func(*schema.Table)
		spoil         string // SQL of somebody's own, before the change
		loss          bool
	}{
		"nothing changes": {before: same, after: same},
		"a default": {before: same, after: func(users *schema.Table) {
			column(users, "role").Default = "EDITOR"
		}},
		"a column becomes optional": {before: same, after: func(users *schema.Table) { column(users, "email").Nullable = true }},
		"a column goes":             {before: same, after: func(users *schema.Table) { without(users, "name") }, loss: true},
		"no row is left": {before: same, spoil: "DELETE FROM users", after: func(users *schema.Table) {
			users.Columns = append(users.Columns, &schema.Column{Name: "more", Type: field.TypeString})
		}},
		"no row is left, and a default": {before: same, spoil: "DELETE FROM users", after: func(users *schema.Table) {
			column(users, "role").Default = "EDITOR"
		}},
		"ids that are not counted": {before: func(users *schema.Table) { users.PrimaryKey[0].Increment = false }, after: func(users *schema.Table) {
			users.PrimaryKey[0].Increment = false
			column(users, "role").Default = "EDITOR"
		}},
		"ids of another type": {before: func(users *schema.Table) {
			users.PrimaryKey[0].Type, users.PrimaryKey[0].SchemaType = field.TypeInt64, map[string]string{dialect.SQLite: "bigint"}
		}, after: func(users *schema.Table) {
			users.PrimaryKey[0].Type, users.PrimaryKey[0].SchemaType = field.TypeInt64, map[string]string{dialect.SQLite: "bigint"}
			column(users, "role").Default = "EDITOR"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := fileURL(t)
			client, err := openWith(t, url, changed(t, c.before))
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"ada", "grace", "linus"} {
				user(t, client, name)
			}
			for _, query := range strings.Split("DELETE FROM users WHERE id > 1; "+c.spoil, "; ") {
				if _, err := client.ExecContext(t.Context(), query); err != nil {
					t.Fatal(query, err)
				}
			}
			shut(t, client)
			if c.loss {
				url += "?loss=allow"
			}
			if client, err = openWith(t, url, changed(t, c.after)); err != nil {
				t.Fatal(err)
			}
			if _, err := client.ExecContext(t.Context(), "INSERT INTO users (username, email, role, created_at) VALUES ('next', 'x', 'READER', '2026-01-01')"); err != nil && !strings.Contains(err.Error(), "users.more") {
				t.Fatal(err)
			} else if err != nil {
				if _, err := client.ExecContext(t.Context(), "INSERT INTO users (username, email, role, created_at, more) VALUES ('next', 'x', 'READER', '2026-01-01', '')"); err != nil {
					t.Fatal(err)
				}
			}
			if id := one[int](t, client, "SELECT id FROM users WHERE username = 'next'"); id != 4 {
				t.Errorf("id %d is given after 3", id)
			}
			if got := all[int](t, client, "SELECT COUNT(*) FROM sqlite_sequence WHERE name = 'users'"); got[0] != 1 {
				t.Errorf("%d sequences", got[0])
			}
		})
	}
}

// A file whose ids the engine did not count, an older version's or another
// program's, counts them from its next start on.
func TestATableThatDidNotCountItsIDsDoes(t *testing.T) {
	t.Parallel()
	ours := open(t)
	url := fileURL(t)
	theirs := rawFile(t, url)
	for _, made := range all[string](t, ours, "SELECT sql FROM sqlite_master WHERE type <> 'trigger' AND sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY type = 'index'") {
		if _, err := theirs.Exec(strings.Replace(made, " AUTOINCREMENT", "", 1)); err != nil {
			t.Fatal(made, err)
		}
	}
	if _, err := theirs.Exec("INSERT INTO tags (name) VALUES ('one'), ('two')"); err != nil {
		t.Fatal(err)
	}
	client := open(t, url)
	client.Tag.DeleteOneID(2).ExecX(t.Context())
	if tag := client.Tag.Create().SetName("three").SaveX(t.Context()); tag.ID != 3 {
		t.Errorf("id %d is given after 2:\n%s", tag.ID, one[string](t, client, "SELECT sql FROM sqlite_master WHERE name = 'tags'"))
	}
}
