package sqlite

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/dialect/sql/sqlgraph"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"

	"coppice/core/engine/migrate"
	"coppice/core/internal/fixture/blog/ent"
)

// openFilling is openWith, for a schema whose Go has defaults for users.
func openFilling(t *testing.T, url string, tables []*schema.Table, defaults func() ([]*sqlgraph.FieldSpec, error)) (*ent.Client, error) {
	t.Helper()
	target, err := parseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	h, err := openTables(t.Context(), target, options{lockWait: DefaultLockWait, tables: tables, defaults: func(table string) ([]*sqlgraph.FieldSpec, error) {
		if table != "users" {
			return ent.Coppice().Defaults(table)
		}
		return defaults()
	}})
	if err != nil {
		return nil, err
	}
	client := ent.NewClient(ent.Driver(h))
	t.Cleanup(func() { shut(t, client) })
	return client, nil
}

// A new required column whose default only Go knows is filled, row by row, and
// then is the column that a new file has. Nothing else is touched.
func TestANewColumnIsFilledFromItsDefault(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		column schema.Column
		value  func() any
		differ bool // each row has a value of its own
		want   string
	}{
		"a time":          {column: schema.Column{Type: field.TypeTime}, value: func() any { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600)) }, want: "'2026-01-02 02:04:05+00:00'"},
		"a list":          {column: schema.Column{Type: field.TypeJSON}, value: func() any { return []string{"q"} }, want: "X'5B2271225D'"},
		"a unique token":  {column: schema.Column{Type: field.TypeUUID, Unique: true}, value: func() any { return uuid.New() }, differ: true},
		"a text":          {column: schema.Column{Type: field.TypeString}, value: func() any { return "it's" }, want: "'it''s'"},
		"a type of Go's":  {column: schema.Column{Type: field.TypeString}, value: func() any { return json.Number("7") }, want: "'7'"},
		"bytes":           {column: schema.Column{Type: field.TypeBytes}, value: func() any { return []byte{0, 255} }, want: "X'00FF'"},
		"a unique number": {column: schema.Column{Type: field.TypeInt64, Unique: true}, value: counter(), differ: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grow := func(users *schema.Table) {
				c := c.column
				c.Name = "x"
				users.Columns = append(users.Columns[:2:2], append([]*schema.Column{&c}, users.Columns[2:]...)...)
			}
			defaults := func() ([]*sqlgraph.FieldSpec, error) {
				return []*sqlgraph.FieldSpec{{Column: "x", Type: c.column.Type, Value: c.value()}}, nil
			}
			fresh, err := openFilling(t, fileURL(t), changed(t, grow), defaults)
			if err != nil {
				t.Fatal(err)
			}
			url := fileURL(t)
			client := open(t, url)
			newPost(t, client, user(t, client, "ada"), "one")
			const more = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) " +
				"INSERT INTO users (id, username, email, role, created_at) SELECT 2 * i - ?, i, i, 'READER', '2026-01-01' FROM n"
			if _, err := client.ExecContext(t.Context(), more, 2*migrate.FillBatch, migrate.FillBatch); err != nil {
				t.Fatal(err)
			}
			shut(t, client)
			if client, err = openFilling(t, url, changed(t, grow), defaults); err != nil {
				t.Fatal(err)
			}
			if got, want := made(t, client), made(t, fresh); got != want {
				t.Errorf("the tables are\n%s\nand in a new file\n%s", got, want)
			}
			values, n := one[int](t, client, "SELECT COUNT(DISTINCT x) FROM users"), one[int](t, client, "SELECT COUNT(*) FROM users WHERE x IS NOT NULL")
			if n != 2*migrate.FillBatch+1 || c.differ && values != n || !c.differ && values != 1 {
				t.Errorf("%d rows have %d values", n, values)
			}
			if got := one[string](t, client, "SELECT quote(x) FROM users WHERE username = 'ada'"); c.want != "" && got != c.want {
				t.Errorf("the value is %s, not %s", got, c.want)
			}
			if bad := all[string](t, client, "SELECT \"table\" FROM pragma_foreign_key_check"); len(bad) > 0 {
				t.Errorf("%v refers to nothing", bad)
			}
			if ok := one[string](t, client, "PRAGMA integrity_check"); ok != "ok" {
				t.Error(ok)
			}
			if n := one[int](t, client, "SELECT COUNT(*) FROM posts JOIN users ON users.id = user_posts AND username = 'ada' AND email = 'ada@example.org'"); n != 1 {
				t.Errorf("%d posts are left", n)
			}
		})
	}
}

// counter gives 1, 2, 3 and so on.
func counter() func() any {
	n := 0
	return func() any {
		n++
		return n
	}
}

// made is the statements that make the tables and indexes, without what
// depends on whether a table was renamed.
func made(t *testing.T, c contextQuerier) string {
	t.Helper()
	list := all[string](t, c, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type, name")
	return strings.NewReplacer("`", "", `"`, "").Replace(strings.Join(list, "\n"))
}

func TestADefaultThatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	grow := func(users *schema.Table) {
		users.Columns = append(users.Columns, &schema.Column{Name: "x", Type: field.TypeString, Unique: true})
	}
	left := 2
	for name, c := range map[string]struct {
		defaults func() ([]*sqlgraph.FieldSpec, error)
		says     string
	}{
		"halfway": {func() ([]*sqlgraph.FieldSpec, error) {
			if left--; left < 0 {
				return nil, fmt.Errorf("no more")
			}
			return []*sqlgraph.FieldSpec{{Column: "x", Value: fmt.Sprint(left)}}, nil
		}, "no more"},
		"one value for what is unique": {func() ([]*sqlgraph.FieldSpec, error) {
			return []*sqlgraph.FieldSpec{{Column: "x", Value: "same"}}, nil
		}, "`x` of users is new and unique, and its default gives more than one row the same value"},
		"none": {func() ([]*sqlgraph.FieldSpec, error) { return []*sqlgraph.FieldSpec{}, nil }, "users.x is new and required"},
	} {
		t.Run(name, func(t *testing.T) {
			url := fileURL(t)
			client := open(t, url)
			user(t, client, "ada")
			user(t, client, "bob")
			before := dump(t, client)
			shut(t, client)
			_, err := openFilling(t, url, changed(t, grow), c.defaults)
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "nothing was changed") {
				t.Fatalf("the migration: %v", err)
			}
			if after := dump(t, open(t, url)); after != before {
				t.Errorf("it was changed:\n%s\n%s", before, after)
			}
		})
	}
}

// What is in the file beside the schema outlives that a table is made anew.
func TestWhatIsSomebodysOwnOutlivesAChange(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	client := open(t, url)
	user(t, client, "ada")
	for _, query := range []string{
		"ALTER TABLE users ADD COLUMN own TEXT", "UPDATE users SET own = 'kept'", "CREATE INDEX mine ON users (own DESC) WHERE own <> ''",
		"CREATE VIEW named AS SELECT username FROM users", "CREATE TABLE seen (x)",
		"CREATE TRIGGER saw AFTER INSERT ON users BEGIN INSERT INTO seen VALUES (new.username); END",
		"CREATE TRIGGER told AFTER INSERT ON tags BEGIN UPDATE users SET own = 'told'; END",
	} {
		if _, err := client.ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	const own = "SELECT sql FROM sqlite_master WHERE name IN ('mine', 'named', 'saw', 'told') ORDER BY name"
	before := strings.Join(all[string](t, client, own), "\n")
	shut(t, client)
	client, err := openWith(t, url, changed(t, func(users *schema.Table) { column(users, "email").Nullable = true }))
	if err != nil {
		t.Fatal(err)
	}
	if after := strings.Join(all[string](t, client, own), "\n"); after != before {
		t.Errorf("there is\n%s\nnot\n%s", after, before)
	}
	if got := one[string](t, client, "SELECT own FROM users"); got != "kept" {
		t.Errorf("the column holds %q", got)
	}
	user(t, client, "bob")
	if n := one[int](t, client, "SELECT COUNT(*) FROM seen JOIN named ON username = x"); n != 1 {
		t.Errorf("%d users were seen", n)
	}
}
