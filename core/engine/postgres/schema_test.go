//go:build postgres

package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/dialect/sql/sqlgraph"
	"entgo.io/ent/schema/field"

	"coppice/core/engine/migrate"
	"coppice/core/internal/enginetest"
)

// shelf is the tables that edits begin from: of books, each in a case.
type shelf struct {
	cases, books *schema.Table
}

func newShelf() *shelf {
	id := func() *schema.Column { return &schema.Column{Name: "id", Type: field.TypeInt, Increment: true} }
	s := &shelf{
		cases: schema.NewTable("cases").AddPrimary(id()).AddColumn(&schema.Column{Name: "name", Type: field.TypeString, Unique: true}),
		books: schema.NewTable("books").AddPrimary(id()).
			AddColumn(&schema.Column{Name: "title", Type: field.TypeString}).
			AddColumn(&schema.Column{Name: "pages", Type: field.TypeInt32, Nullable: true}).
			AddColumn(&schema.Column{Name: "data", Type: field.TypeJSON, Nullable: true}).
			AddColumn(&schema.Column{Name: "case_books", Type: field.TypeInt, Nullable: true}),
	}
	s.books.AddForeignKey(&schema.ForeignKey{Symbol: "books_cases_books", Columns: []*schema.Column{s.column("case_books")},
		RefTable: s.cases, RefColumns: s.cases.PrimaryKey, OnDelete: schema.SetNull})
	s.books.AddIndex("book_title", false, []string{"title"})
	return s
}

func (s *shelf) column(name string) *schema.Column {
	for _, c := range s.books.Columns {
		if c.Name == name {
			return c
		}
	}
	panic(name)
}

// drop takes a column of books away.
func (s *shelf) drop(name string) {
	var kept []*schema.Column
	for _, c := range s.books.Columns {
		if c.Name != name {
			kept = append(kept, c)
		}
	}
	s.books.Columns = kept
}

// openShelf brings a database up to the tables, as Open does.
func openShelf(t *testing.T, url string, s *shelf) (*sql.DB, error) {
	t.Helper()
	target, err := Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Open(t.Context(), target, Options{Log: slog.New(slog.DiscardHandler), Schema: migrate.Schema{
		Tables: []*schema.Table{s.cases, s.books},
		Defaults: func(table string) ([]*sqlgraph.FieldSpec, error) {
			if table != "books" {
				return nil, nil
			}
			return []*sqlgraph.FieldSpec{{Column: "lang", Type: field.TypeString, Value: `it's "en" \`}, {Column: "pages", Type: field.TypeInt32, Value: int32(7)}}, nil
		},
	}})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = d.Close() })
	return d.(*entDriver).DB(), nil
}

// content is all that the tables hold.
func content(t *testing.T, db *sql.DB, columns string) string {
	t.Helper()
	var text sql.NullString
	if err := db.QueryRowContext(context.Background(), "SELECT string_agg(concat_ws('|', "+columns+"), ' ' ORDER BY id) FROM books").Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text.String
}

// An edit of the schema is applied with all that is there kept, or is refused in words
// with nothing changed.
func TestEditsOfTheSchemaLoseNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit    func(*shelf)
		columns string
		want    string // what is there afterwards, or
		refused string // why it is not done
		then    string // a statement that works once it is done
	}{
		"nothing": {func(*shelf) {}, "title, pages", "A|1 B", "", ""},
		"a column that may be null": {func(s *shelf) {
			s.books.AddColumn(&schema.Column{Name: "isbn", Type: field.TypeString, Nullable: true})
		}, "title, isbn", "A B", "", ""},
		"a required column with default":  {func(s *shelf) { s.books.AddColumn(&schema.Column{Name: "lang", Type: field.TypeString}) }, "title, lang", `A|it's "en" \ B|it's "en" \`, "", ""},
		"a required column without":       {func(s *shelf) { s.books.AddColumn(&schema.Column{Name: "isbn", Type: field.TypeString}) }, "", "", "the 2 rows of books have no value for the new column isbn", ""},
		"a database's default":            {func(s *shelf) { s.books.AddColumn(&schema.Column{Name: "n", Type: field.TypeInt, Default: 3}) }, "title, n", "A|3 B|3", "", ""},
		"optional to required, default":   {func(s *shelf) { s.column("pages").Nullable = false }, "title, pages", "A|1 B|7", "", ""},
		"optional to required, without":   {func(s *shelf) { s.column("case_books").Nullable = false }, "", "", "1 rows of books have no value in the column case_books", ""},
		"required to optional":            {func(s *shelf) { s.column("title").Nullable = true }, "title", "A B", "", "INSERT INTO books (title) VALUES (NULL)"},
		"a wider type":                    {func(s *shelf) { s.column("pages").Type = field.TypeInt64 }, "title, pages", "A|1 B", "", "UPDATE books SET pages = 9000000000"},
		"a narrower type":                 {func(s *shelf) { s.column("title").Type = field.TypeInt }, "", "", "the column title of books is of type character varying, and the schema wants bigint", ""},
		"a column out of sight":           {func(s *shelf) { s.drop("title"); s.books.Indexes = nil }, "title", "A B", "", "INSERT INTO books (pages) VALUES (1)"},
		"unique over values that repeat":  {func(s *shelf) { s.books.AddIndex("book_data", true, []string{"case_books"}) }, "", "", "1 values of books (\"case_books\") are there more than once", ""},
		"unique over values that differ":  {func(s *shelf) { s.books.AddIndex("book_t", true, []string{"title"}) }, "title", "A B", "", ""},
		"an index that is not ours stays": {func(s *shelf) { s.books.Indexes = nil }, "title", "A B", "", "DROP INDEX somebodys"},
		"an index with a long name": {func(s *shelf) {
			s.books.AddIndex(strings.Repeat("long", 20)+"a", false, []string{"title"})
			s.books.AddIndex(strings.Repeat("long", 20)+"b", false, []string{"title", "pages"})
		}, "title", "A B", "", ""},
		"a column with a long name": {func(s *shelf) {
			s.books.AddColumn(&schema.Column{Name: strings.Repeat("long", 20), Type: field.TypeString, Nullable: true})
		}, "", "", "has a name of 80 bytes, and PostgreSQL takes 63", ""},
		"a check that rows keep": {func(s *shelf) { s.books.Annotation = entsql.Checks(map[string]string{"some": "pages > 0"}) }, "title", "A B", "", ""},
		"a table out of sight": {func(s *shelf) {
			s.books.ForeignKeys = nil
			s.drop("case_books")
			s.cases = schema.NewTable("boxes").AddPrimary(&schema.Column{Name: "id", Type: field.TypeInt, Increment: true})
		}, "title", "A B", "", "INSERT INTO cases (name) VALUES ('z')"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := enginetest.Postgres(t)
			db, err := openShelf(t, url, newShelf())
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range []string{"INSERT INTO cases (name) VALUES ('oak')", "INSERT INTO books (title, pages, case_books) VALUES ('A', 1, 1), ('B', NULL, 1), ('C', 1, NULL)",
				"CREATE INDEX somebodys ON books (pages)", "CREATE TABLE elsewhere (id int)"} {
				if _, err := db.Exec(q); err != nil {
					t.Fatal(err)
				}
			}
			if name != "optional to required, without" {
				if _, err := db.Exec("DELETE FROM books WHERE title = 'C'"); err != nil {
					t.Fatal(err)
				}
			}
			s := newShelf()
			c.edit(s)
			before := content(t, db, "books")
			after, err := openShelf(t, url, s)
			if c.refused != "" {
				if err == nil || !strings.Contains(err.Error(), c.refused) {
					t.Errorf("it is refused with %v, not %s", err, c.refused)
				}
				if now := content(t, db, "books"); now != before {
					t.Errorf("there is %s after %s", now, before)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := content(t, after, c.columns); got != c.want {
				t.Errorf("there is %q, not %q", got, c.want)
			}
			if c.then != "" {
				if _, err := after.Exec(c.then); err != nil {
					t.Errorf("%s: %v", c.then, err)
				}
			}
			var id int
			if err := after.QueryRow("INSERT INTO books (title) VALUES ('new') RETURNING id").Scan(&id); err == nil && id < 4 {
				t.Errorf("the id %d is given again", id)
			}
			again, err := openShelf(t, url, s)
			if err != nil {
				t.Fatal("opened once more:", err)
			}
			var tables int
			if err := again.QueryRow("SELECT count(*) FROM pg_class WHERE relname = 'elsewhere'").Scan(&tables); err != nil || tables != 1 {
				t.Errorf("somebody's table is gone: %v", err)
			}
		})
	}
}

// A user that may not change the schema opens one that is as the program wants it, and
// is told where it is not.
func TestWithoutTheRightToChangeTheSchema(t *testing.T) {
	t.Parallel()
	url := enginetest.Postgres(t)
	db, err := openShelf(t, url, newShelf())
	if err != nil {
		t.Fatal(err)
	}
	role := "reader_" + strings.ToLower(t.Name()[:8])
	for _, q := range []string{"DROP ROLE IF EXISTS " + role, "CREATE ROLE " + role + " LOGIN", "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO " + role,
		"REVOKE CREATE ON SCHEMA public FROM PUBLIC"} {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		for _, q := range []string{"DROP OWNED BY " + role, "DROP ROLE " + role} {
			if _, err := db.Exec(q); err != nil {
				t.Error(err)
			}
		}
	})
	_, rest, _ := strings.Cut(url, "@")
	asRole := fmt.Sprintf("postgres://%s@%s", role, rest)
	if _, err := openShelf(t, asRole, newShelf()); err != nil {
		t.Errorf("a schema that is up to date: %v", err)
	}
	s := newShelf()
	s.books.AddColumn(&schema.Column{Name: "isbn", Type: field.TypeString, Nullable: true})
	if _, err := openShelf(t, asRole, s); err == nil || !strings.Contains(err.Error(), "this user may not do that") {
		t.Errorf("a schema that is not: %v", err)
	}
}
