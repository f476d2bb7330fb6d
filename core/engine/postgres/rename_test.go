//go:build postgres

package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"

	"coppice/core/engine/migrate"
	"coppice/core/internal/enginetest"
	"coppice/core/record"
)

// names are what a schema of two entities and their association is called.
type names struct {
	makers, things, join          string
	title, code, state, size, key string // columns of things
	from, to                      string // of the association
	open, shut                    string // values of state
	wide, unlike                  bool   // size is a bigger number, and optional
	known                         []record.Rename
}

func firstNames() names {
	return names{
		makers: "makers", things: "things", join: "maker_likes", title: "title", code: "code", state: "state", size: "size", key: "maker_things",
		from: "maker_id", to: "thing_id", open: "open", shut: "shut",
	}
}

func (n names) tables() []*schema.Table {
	id := func() *schema.Column { return &schema.Column{Name: "id", Type: field.TypeInt, Increment: true} }
	makers := schema.NewTable(n.makers).AddPrimary(id()).AddColumn(&schema.Column{Name: "name", Type: field.TypeString, Unique: true})
	size := &schema.Column{Name: n.size, Type: field.TypeInt32, Nullable: n.unlike}
	if n.wide {
		size.Type = field.TypeInt64
	}
	things := schema.NewTable(n.things).AddPrimary(id()).
		AddColumn(&schema.Column{Name: n.title, Type: field.TypeString}).
		AddColumn(&schema.Column{Name: n.code, Type: field.TypeString, Unique: true}).
		AddColumn(&schema.Column{Name: n.state, Type: field.TypeEnum, Enums: []string{n.open, n.shut}}).
		AddColumn(size).
		AddColumn(&schema.Column{Name: n.key, Type: field.TypeInt, Nullable: true})
	column := func(name string) *schema.Column {
		return things.Columns[slices.IndexFunc(things.Columns, func(c *schema.Column) bool { return c.Name == name })]
	}
	things.AddForeignKey(&schema.ForeignKey{Symbol: n.things + "_" + n.makers + "_things", Columns: []*schema.Column{column(n.key)},
		RefTable: makers, RefColumns: makers.PrimaryKey, OnDelete: schema.SetNull})
	things.AddIndex(n.things+"_"+n.title, false, []string{n.title})
	things.AddIndex(n.things+"_"+n.size+"_"+n.key, true, []string{n.size, n.key})
	things.Indexes[1].Annotation = &entsql.IndexAnnotation{Where: quote(n.size) + " > 0"}
	a, b := &schema.Column{Name: n.from, Type: field.TypeInt}, &schema.Column{Name: n.to, Type: field.TypeInt}
	join := &schema.Table{Name: n.join, Columns: []*schema.Column{a, b}, PrimaryKey: []*schema.Column{a, b}, ForeignKeys: []*schema.ForeignKey{
		{Symbol: n.join + "_" + n.from, Columns: []*schema.Column{a}, RefTable: makers, RefColumns: makers.PrimaryKey, OnDelete: schema.Cascade},
		{Symbol: n.join + "_" + n.to, Columns: []*schema.Column{b}, RefTable: things, RefColumns: things.PrimaryKey, OnDelete: schema.Cascade},
	}}
	join.Indexes = []*schema.Index{{Name: n.join + "_" + n.to, Columns: []*schema.Column{b}}}
	return []*schema.Table{makers, things, join}
}

// openNamed brings a database up to a schema, as Open does, and returns its pool.
func openNamed(t *testing.T, url string, n names) (*sql.DB, error) {
	t.Helper()
	target, err := Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Open(t.Context(), target, Options{Log: slog.New(slog.DiscardHandler), Schema: migrate.Schema{Tables: n.tables(), Renames: n.known}})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = d.Close() })
	return d.(*entDriver).DB(), nil
}

func run(t *testing.T, db *sql.DB, queries ...string) {
	t.Helper()
	for _, query := range queries {
		if _, err := db.ExecContext(t.Context(), query); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
}

func text(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	var s sql.NullString
	if err := db.QueryRowContext(context.Background(), query).Scan(&s); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return s.String
}

// fill adds rows.
func (n names) fill(t *testing.T, db *sql.DB) {
	t.Helper()
	run(t, db,
		"INSERT INTO "+n.makers+" (name) VALUES ('ada'), ('grace')",
		fmt.Sprintf("INSERT INTO %s (%s, %s, %s, %s, %s) VALUES ('A', 'a', '%s', 1, 1), ('B', 'b', '%s', 2, 2), ('C', 'c', '%s', 3, NULL)",
			n.things, n.title, n.code, n.state, n.size, n.key, n.open, n.shut, n.open),
		"DELETE FROM "+n.things+" WHERE "+n.code+" = 'c'",
		"INSERT INTO "+n.join+" VALUES (1, 2), (2, 1)")
}

// rows are what all tables hold, read by their names.
func (n names) rows(t *testing.T, db *sql.DB) string {
	t.Helper()
	return text(t, db, "SELECT string_agg(concat_ws('|', id, name), ' ' ORDER BY id) FROM "+n.makers) + "; " +
		text(t, db, fmt.Sprintf("SELECT string_agg(concat_ws('|', id, %s, %s, CASE %s WHEN '%s' THEN 'OPEN' WHEN '%s' THEN 'SHUT' END, %s, %s), ' ' ORDER BY id) FROM %s",
			n.title, n.code, n.state, n.open, n.shut, n.size, n.key, n.things)) + "; " +
		text(t, db, fmt.Sprintf("SELECT string_agg(%s || '-' || %s, ' ' ORDER BY 1) FROM %s", n.from, n.to, n.join))
}

const storedRows = "1|ada 2|grace; 1|A|a|OPEN|1|1 2|B|b|SHUT|2|2; 1-2 2-1"

// called lists all that a database's objects are called and made of, but for our own.
func called(t *testing.T, db *sql.DB) string {
	t.Helper()
	return text(t, db, `SELECT string_agg(line, E'\n' ORDER BY line) FROM (
		SELECT relkind::text || ' ' || relname || ' ' || coalesce(pg_get_indexdef(CASE WHEN relkind = 'i' THEN oid END), '') AS line FROM pg_class
			WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'i', 'S') AND relname NOT LIKE 'coppice%'
		UNION ALL SELECT 'c ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND conname NOT LIKE 'coppice%'
		UNION ALL SELECT 'a ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable FROM information_schema.columns
			WHERE table_schema = current_schema() AND table_name NOT LIKE 'coppice%') AS all_of_it`)
}

// A rename of everything at once leaves rows, ids and indexes as they are and, but for
// what is somebody's own, the database as a new one; views and triggers go along.
func TestARenameOfEverythingLosesNothing(t *testing.T) {
	t.Parallel()
	url, was := enginetest.Postgres(t), firstNames()
	db, err := openNamed(t, url, was)
	if err != nil {
		t.Fatal(err)
	}
	was.fill(t, db)
	run(t, db, "CREATE VIEW somebodys AS SELECT title, name FROM things JOIN makers ON makers.id = maker_things",
		"CREATE FUNCTION counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.id := NEW.id + 100; RETURN NEW; END $$",
		"CREATE TRIGGER theirs BEFORE INSERT ON things FOR EACH ROW EXECUTE FUNCTION counted()")
	file := func(index string) string {
		return text(t, db, "SELECT relfilenode::text FROM pg_class WHERE relname = '"+index+"'")
	}
	before := []string{file("things_title"), file("things_code_key"), file("things_size_maker_things"), file("maker_likes_thing_id")}
	now := names{
		makers: "authors", things: "works", join: "author_favourites", title: "name", code: "isbn", state: "status", size: "pages", key: "author_works",
		from: "author_id", to: "work_id", open: "free", shut: "taken", unlike: true,
		known: []record.Rename{
			{Table: "authors", From: "makers"}, {Table: "works", From: "things"}, {Table: "author_favourites", From: "maker_likes"},
			{Table: "works", Column: "name", From: "title"}, {Table: "works", Column: "isbn", From: "code"}, {Table: "works", Column: "status", From: "state"},
			{Table: "works", Column: "pages", From: "size"}, {Table: "works", Column: "author_works", From: "maker_things"},
			{Table: "author_favourites", Column: "author_id", From: "maker_id"}, {Table: "author_favourites", Column: "work_id", From: "thing_id"},
			{Table: "works", Column: "status", Value: "free", From: "open"}, {Table: "works", Column: "status", Value: "taken", From: "shut"},
		},
	}
	if db, err = openNamed(t, url, now); err != nil {
		t.Fatal(err)
	}
	if got := now.rows(t, db); got != storedRows {
		t.Errorf("it holds %s", got)
	}
	after := []string{file("works_name"), file("works_isbn_key"), file("works_pages_author_works"), file("author_favourites_work_id")}
	if !slices.Equal(before[:2], after[:2]) || before[3] != after[3] { // a condition is another text, and so another index
		t.Errorf("indexes were built again: %v, and were %v", after, before)
	}
	if got := text(t, db, "SELECT string_agg(title || name, ' ' ORDER BY 1) FROM somebodys"); got != "Aada Bgrace" {
		t.Errorf("the view has %q", got)
	}
	run(t, db, "INSERT INTO works (name, isbn, status) VALUES ('D', 'd', 'free')")
	if got := text(t, db, "SELECT id FROM works WHERE isbn = 'd'"); got != "104" {
		t.Errorf("the next id is %s", got)
	}
	run(t, db, "DROP VIEW somebodys", "DROP TRIGGER theirs ON works", "DROP FUNCTION counted")
	fresh, err := openNamed(t, enginetest.Postgres(t), names{
		makers: now.makers, things: now.things, join: now.join, title: now.title, code: now.code, state: now.state, size: now.size, key: now.key,
		from: now.from, to: now.to, open: now.open, shut: now.shut, unlike: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := called(t, db), called(t, fresh); got != want {
		t.Errorf("it is made of\n%s\nand a new one of\n%s", got, want)
	}
}

// What has both names is refused in words, with nothing changed, unless the older holds
// nothing or was out of sight.
func TestBothNamesAreRefusedUnlessOneIsEmpty(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare []string
		change  func(*names)
		says    string // why it is refused, or
		want    string
	}{
		"two columns": {[]string{"ALTER TABLE things ADD COLUMN name text"}, func(n *names) {
			n.title, n.known = "name", []record.Rename{{Table: "things", Column: "name", From: "title"}}
		}, `things.title is called name in the schema, and the database has both columns, the older with the values of 2 rows: ` +
			`bring what should stay into name, and then run ALTER TABLE "things" DROP COLUMN "title"`, ""},
		"two tables": {[]string{"CREATE TABLE works AS SELECT * FROM things"}, func(n *names) {
			n.things, n.known = "works", []record.Rename{{Table: "works", From: "things"}}
		}, "table things is called works in the schema, and the database has both, things with 2 rows", ""},
		"one out of sight": {[]string{"ALTER TABLE things ADD COLUMN old_title text", "UPDATE things SET old_title = 'x'"}, func(n *names) {
			n.known = []record.Rename{{Table: "things", Column: "title", From: "old_title"}}
		}, "", storedRows},
		"an empty one": {[]string{"ALTER TABLE things ADD COLUMN name text", "UPDATE things SET name = title", "ALTER TABLE things ALTER COLUMN title DROP NOT NULL", "UPDATE things SET title = NULL"}, func(n *names) {
			n.title, n.known = "name", []record.Rename{{Table: "things", Column: "name", From: "title"}}
		}, "", storedRows},
		"two values": {nil, func(n *names) {
			n.open, n.known = "ajar", []record.Rename{{Table: "things", Column: "state", Value: "shut", From: "open"}}
		}, "1 rows of things have state open, which is called shut in the schema, and 1 have that already", ""},
		"a version is skipped": {nil, func(n *names) {
			n.title, n.things = "name", "works"
			n.known = []record.Rename{{Table: "works", From: "things"}, {Table: "works", From: "pieces"}, {Table: "works", Column: "name", From: "title"}, {Table: "works", Column: "name", From: "label"}}
		}, "", storedRows},
		"one of another type": {nil, func(n *names) {
			n.size, n.wide, n.unlike, n.known = "pages", true, true, []record.Rename{{Table: "things", Column: "pages", From: "size"}}
		}, "", storedRows},
		"names are exchanged": {nil, func(n *names) {
			n.title, n.code, n.known = "code", "title", []record.Rename{{Table: "things", Column: "code", From: "title"}, {Table: "things", Column: "title", From: "code"}}
		}, "", storedRows},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, n := enginetest.Postgres(t), firstNames()
			db, err := openNamed(t, url, n)
			if err != nil {
				t.Fatal(err)
			}
			n.fill(t, db)
			run(t, db, c.prepare...)
			before := called(t, db)
			c.change(&n)
			for range 2 { // once more does nothing more
				again, err := openNamed(t, url, n)
				if c.says != "" {
					if err == nil || !strings.Contains(err.Error(), c.says) || called(t, db) != before {
						t.Errorf("%v", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if got := n.rows(t, again); got != c.want {
					t.Errorf("it holds %s", got)
				}
			}
		})
	}
}

// Whatever is renamed at random, over as many versions as there may be, what is there
// reads as before, and the database is called as a new one.
func TestRandomRenames(t *testing.T) {
	t.Parallel()
	tries := 12
	if testing.Short() {
		tries = 3
	}
	for i := range tries {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(15, uint64(i)))
			url, n := enginetest.Postgres(t), firstNames()
			db, err := openNamed(t, url, n)
			if err != nil {
				t.Fatal(err)
			}
			n.fill(t, db)
			for round := range 4 {
				if r.IntN(3) == 0 {
					n.known = nil
					if db, err = openNamed(t, url, n); err != nil {
						t.Fatal(err)
					}
				}
				for k := range 1 + r.IntN(6) {
					n.renameOne(r, fmt.Sprintf("n%d_%d", round, k))
				}
				if db, err = openNamed(t, url, n); err != nil {
					t.Fatalf("%v: %v", n.known, err)
				}
				if got := n.rows(t, db); got != storedRows {
					t.Fatalf("%v: it holds %s", n.known, got)
				}
			}
			fresh := n
			fresh.known = nil
			other, err := openNamed(t, enginetest.Postgres(t), fresh)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := called(t, db), called(t, other); got != want {
				t.Errorf("it is made of\n%s\nand a new one of\n%s", got, want)
			}
		})
	}
}

// renameOne renames something, and says so as a schema does.
func (n *names) renameOne(r *rand.Rand, name string) {
	n.known = slices.Clone(n.known)
	table := func(at *string) {
		for i := range n.known {
			if n.known[i].Table == *at {
				n.known[i].Table = name
			}
		}
		n.known = append(n.known, record.Rename{Table: name, From: *at})
		*at = name
	}
	column := func(of string, at *string) {
		for i := range n.known {
			if n.known[i].Table == of && n.known[i].Column == *at {
				n.known[i].Column = name
			}
		}
		n.known = append(n.known, record.Rename{Table: of, Column: name, From: *at})
		*at = name
	}
	value := func(at *string) {
		for i := range n.known {
			if n.known[i].Value == *at {
				n.known[i].Value = name
			}
		}
		n.known = append(n.known, record.Rename{Table: n.things, Column: n.state, Value: name, From: *at})
		*at = name
	}
	switch r.IntN(11) {
	case 0:
		table(&n.makers)
	case 1:
		table(&n.things)
	case 2:
		table(&n.join)
	case 3:
		column(n.things, &n.title)
	case 4:
		column(n.things, &n.code)
	case 5:
		column(n.things, &n.state)
	case 6:
		column(n.things, &n.size)
	case 7:
		column(n.things, &n.key)
	case 8:
		column(n.join, &n.from)
	case 9:
		column(n.join, &n.to)
	default:
		value(&n.open)
	}
}
