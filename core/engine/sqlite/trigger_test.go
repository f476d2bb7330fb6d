package sqlite

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"

	"coppice/core/internal/fixture/blog/ent"
	entuser "coppice/core/internal/fixture/blog/ent/user"
)

// odd are ways in which other programs write the instant 2026-11-27 10:00:00.
var odd = []string{
	"'2026-11-27 10:00:00'", "'2026-11-27T10:00:00Z'", "'2026-11-27T12:00:00.000+02:00'", "'2026-11-27 05:00:00 -0500 EST m=+0.5'",
	"datetime(1795773600, 'unixepoch')", "strftime('%Y-%m-%dT%H:%M', 1795773600, 'unixepoch')",
}

func addUser(name, created string) string {
	return fmt.Sprintf("INSERT INTO users (username, email, role, created_at) VALUES ('%s', '%[1]s', 'READER', %s)", name, created)
}

// Whatever program writes a time, and whenever, it reads, sorts and is found
// as one of ours.
func TestTimesOfOtherProgramsAreStoredAsOurs(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	client := open(t, url)
	other := rawFile(t, url)
	at := time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)
	for i, created := range odd {
		if _, err := other.Exec(addUser(fmt.Sprint("inserted", i), created)); err != nil {
			t.Fatal(created, err)
		}
		u := user(t, client, fmt.Sprint("updated", i)).ID
		if _, err := other.Exec("UPDATE users SET created_at = "+created+" WHERE id = ?", u); err != nil {
			t.Fatal(created, err)
		}
		if _, err := client.ExecContext(t.Context(), addUser(fmt.Sprint("raw", i), created)); err != nil {
			t.Fatal(created, err)
		}
	}
	if n := client.User.Query().Where(entuser.CreatedAt(at)).CountX(t.Context()); n != 3*len(odd) {
		t.Errorf("%d of %d are found by their time: %v", n, 3*len(odd), all[string](t, client, "SELECT DISTINCT quote(created_at) FROM users"))
	}
	for _, created := range []string{"'soon'", "1795773600", "2461371.5", "x'00'", "'2026-02-30'"} {
		_, err := other.Exec(addUser("nobody", created))
		if err == nil || !strings.Contains(err.Error(), "users.created_at takes a time such as '2026-11-27 10:00:00+00:00'") {
			t.Errorf("%s: %v", created, err)
		}
	}
	if n := client.User.Query().Where(entuser.Username("nobody")).CountX(t.Context()); n != 0 {
		t.Error("what is refused is there")
	}
}

// A default of the database's own is stored like a time of ours.
func TestDefaultsOfTheDatabaseAreStoredAsOurs(t *testing.T) {
	t.Parallel()
	for _, def := range []any{"CURRENT_TIMESTAMP", schema.Expr("(datetime('now'))"), schema.Expr("(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))"), schema.Expr("'2026-01-02T03:04:05+01:00'")} {
		client, err := openWith(t, fileURL(t), changed(t, func(users *schema.Table) { column(users, "created_at").Default = def }))
		if err != nil {
			t.Fatal(def, err)
		}
		if _, err := client.ExecContext(t.Context(), "INSERT INTO users (username, email, role) VALUES ('ada', 'x', 'READER')"); err != nil {
			t.Fatal(def, err)
		}
		u := client.User.Query().OnlyX(t.Context())
		if n := client.User.Query().Where(entuser.CreatedAt(u.CreatedAt)).CountX(t.Context()); n != 1 {
			t.Errorf("%v: %q is not found by its time", def, one[string](t, client, "SELECT CAST(created_at AS TEXT) FROM users"))
		}
	}
}

// before is a file of an older version, which let other programs write what
// they liked.
func before(t *testing.T, rows ...string) string {
	t.Helper()
	url := fileURL(t)
	client := open(t, url)
	names := all[string](t, client, "SELECT name FROM sqlite_master WHERE type = 'trigger'")
	for _, name := range names {
		rows = append([]string{"DROP TRIGGER " + name}, rows...)
	}
	rows = append(rows, "UPDATE coppice_schema SET fingerprint = 'older'")
	shut(t, client)
	other := rawFile(t, url)
	for _, query := range rows {
		if _, err := other.Exec(query); err != nil {
			t.Fatal(query, err)
		}
	}
	shut(t, other)
	return url
}

// What is in a file already is brought into form at the start.
func TestAFileIsBroughtIntoForm(t *testing.T) {
	t.Parallel()
	var rows []string
	for i, created := range odd {
		rows = append(rows, addUser(fmt.Sprint("u", i), created))
	}
	url := before(t, rows...)
	client := open(t, url)
	if got := all[string](t, client, "SELECT DISTINCT quote(created_at) FROM users"); !slices.Equal(got, []string{"'2026-11-27 10:00:00+00:00'"}) {
		t.Errorf("the times are %v", got)
	}
	// The triggers are missed, also where nothing else has changed.
	if _, err := client.ExecContext(t.Context(), "DROP TRIGGER coppice_form_insert_users; "+addUser("late", odd[0])); err != nil {
		t.Fatal(err)
	}
	shut(t, client)
	if got := all[string](t, open(t, url), "SELECT DISTINCT quote(created_at) FROM users"); len(got) != 1 {
		t.Errorf("the times are %v", got)
	}
}

// What has no form is refused at the start, with the statement that helps;
// nothing is changed.
func TestAValueWithoutFormIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ row, says, remedy string }{
		"seconds": {addUser("ada", "1795773600"), "1 rows of users have a created_at that is not a time such as '2026-11-27 10:00:00+00:00', the first where `id` = 1, such as 1795773600: " +
			"change them, as by UPDATE `users` SET `created_at` = datetime(`created_at`, 'unixepoch') WHERE typeof(`created_at`) IN ('integer', 'real')", ""},
		"milliseconds": {addUser("ada", "1795773600000"), "SET `created_at` = datetime(`created_at` / 1000, 'unixepoch')", ""},
		"a word":       {addUser("ada", "'soon'"), "such as 'soon': change them, as by UPDATE `users` SET `created_at` = … WHERE `id` = 1", "UPDATE users SET created_at = '2026-11-27 10:00' WHERE id = 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := before(t, c.row)
			_, err := openWith(t, url, ent.Coppice().Tables)
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "nothing was changed") {
				t.Fatalf("%v\ndoes not say %s", err, c.says)
			}
			remedy := c.remedy
			if remedy == "" {
				_, remedy, _ = strings.Cut(err.Error(), "as by ")
			}
			other := rawFile(t, url)
			if _, err := other.Exec(remedy); err != nil {
				t.Fatal(remedy, err)
			}
			if n := one[int](t, other, "SELECT COUNT(*) FROM sqlite_master WHERE type = 'trigger'"); n != 0 {
				t.Errorf("%d triggers are there after a start that was refused", n)
			}
			shut(t, other)
			client := open(t, url)
			if u := client.User.Query().OnlyX(t.Context()); !u.CreatedAt.Equal(time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)) {
				t.Errorf("the time is %s", u.CreatedAt)
			}
		})
	}
}

// Every kind of column keeps its form, whatever another program writes.
func TestEveryKindKeepsItsForm(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	client, err := openWith(t, url, changed(t, func(users *schema.Table) {
		for name, kind := range map[string]field.Type{"flag": field.TypeBool, "blob": field.TypeBytes, "token": field.TypeUUID, "seen": field.TypeTime} {
			users.Columns = append(users.Columns, &schema.Column{Name: name, Type: kind, Nullable: true})
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	user(t, client, "ada")
	other := rawFile(t, url)
	const refused = "refused"
	for _, c := range []struct{ column, value, want string }{
		{"flag", "'true'", "1"}, {"flag", "'F'", "0"}, {"flag", "7", "1"}, {"flag", "'maybe'", "'maybe'"}, {"flag", "NULL", "NULL"}, {"flag", "false", "0"},
		{"blob", "'ab'", "X'6162'"}, {"blob", "NULL", "NULL"},
		{"token", "'0E984725-C51C-4BF4-9960-E1C80E27ABA0'", "'0e984725-c51c-4bf4-9960-e1c80e27aba0'"}, {"token", "x'00'", "X'00'"},
		{"seen", "'2026-01-02'", "'2026-01-02 00:00:00+00:00'"}, {"seen", "'soon'", refused},
	} {
		_, err := other.Exec("UPDATE users SET " + c.column + " = " + c.value)
		if c.want == refused {
			if err == nil || !strings.Contains(err.Error(), "users."+c.column+" takes ") {
				t.Errorf("%s = %s: %v", c.column, c.value, err)
			}
			continue
		}
		if got := one[string](t, client, "SELECT quote("+c.column+") FROM users"); err != nil || got != c.want {
			t.Errorf("%s = %s is stored as %s, not %s: %v", c.column, c.value, got, c.want, err)
		}
	}
}
