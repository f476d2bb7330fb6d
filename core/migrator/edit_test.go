package migrator_test

import (
	"strings"
	"testing"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"

	"coppice/core/engine/migrate"
	"coppice/core/record"
)

// An edit of the schemas becomes a file that leads a database with rows to them, with
// all that was there.
func TestAnEditBecomesAFile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit func(*shelf)
		loss bool   // it has to be allowed
		ask  string // one column
		want string
	}{
		"nothing": {func(*shelf) {}, false, "SELECT title FROM books ORDER BY id", "A B"},
		"a column that may be null": {func(s *shelf) {
			s.books.AddColumn(&schema.Column{Name: "isbn", Type: field.TypeString, Nullable: true})
		}, false, "SELECT title FROM books WHERE isbn IS NULL ORDER BY id", "A B"},
		"a default of the database": {func(s *shelf) { s.books.AddColumn(&schema.Column{Name: "n", Type: field.TypeInt, Default: 3}) }, false, "SELECT n FROM books", "3 3"},
		"a default of Go, the same": {func(s *shelf) { s.books.AddColumn(&schema.Column{Name: "lang", Type: field.TypeString}) }, false, "SELECT lang FROM books", "it's it's"},
		"a default of Go, a time":   {func(s *shelf) { s.books.AddColumn(&schema.Column{Name: "made_at", Type: field.TypeTime}) }, false, "SELECT count(*) FROM books WHERE made_at > '2026-01-01'", "2"},
		"a default of Go, a UUID":   {func(s *shelf) { s.books.AddColumn(&schema.Column{Name: "token", Type: field.TypeUUID, Unique: true}) }, false, "SELECT count(DISTINCT token) FROM books", "2"},
		"required to optional":      {func(s *shelf) { s.column("title").Nullable = true }, false, "SELECT title FROM books ORDER BY id", "A B"},
		"a wider type":              {func(s *shelf) { s.column("pages").Type = field.TypeInt64 }, false, "SELECT pages FROM books WHERE pages > 0", "1"},
		"a number as text":          {func(s *shelf) { s.column("pages").Type = field.TypeString }, false, "SELECT pages FROM books WHERE pages = '1'", "1"},
		"a text as number":          {func(s *shelf) { s.column("code").Type = field.TypeInt }, false, "SELECT code FROM books WHERE code = 10", "10"},
		"a column dropped":          {func(s *shelf) { s.drop("pages") }, true, "SELECT title FROM books ORDER BY id", "A B"},
		"an index":                  {func(s *shelf) { s.books.AddIndex("book_pages", false, []string{"pages"}) }, false, "SELECT title FROM books ORDER BY id", "A B"},
		"a unique index":            {func(s *shelf) { s.books.AddIndex("book_code", true, []string{"code"}) }, false, "SELECT title FROM books ORDER BY id", "A B"},
		"an index dropped":          {func(s *shelf) { s.books.Indexes = nil }, false, "SELECT title FROM books ORDER BY id", "A B"},
		"a table dropped":           {func(s *shelf) { s.cases = nil; s.drop("case_books"); s.books.ForeignKeys = nil }, true, "SELECT title FROM books ORDER BY id", "A B"},
		"a column renamed": {func(s *shelf) {
			s.column("title").Name, s.renames = "name", []record.Rename{{Table: "books", Column: "name", From: "title"}}
			s.books.Indexes[0].Name = "book_name"
		}, false, "SELECT name FROM books ORDER BY id", "A B"},
		"a table renamed": {func(s *shelf) {
			s.cases.Name, s.renames = "shelves", []record.Rename{{Table: "shelves", From: "cases"}}
			s.books.ForeignKeys[0].Symbol = "books_shelves_books"
		}, false, "SELECT name FROM shelves JOIN books ON case_books = shelves.id", "oak"},
		"names exchanged": {func(s *shelf) {
			title, code := s.column("title"), s.column("code")
			title.Name, code.Name = code.Name, title.Name
			s.books.Indexes[0].Name = "book_code"
			s.renames = []record.Rename{{Table: "books", Column: "code", From: "title"}, {Table: "books", Column: "title", From: "code"}}
		}, false, "SELECT code FROM books ORDER BY id", "A B"},
		"a value renamed": {func(s *shelf) {
			s.column("code").Type, s.column("code").Enums = field.TypeEnum, []string{"ten"}
			s.renames = []record.Rename{{Table: "books", Column: "code", Value: "ten", From: "10"}}
		}, false, "SELECT code FROM books ORDER BY id", "ten"},
		"an edge": {func(s *shelf) {
			s.books.AddColumn(&schema.Column{Name: "book_next", Type: field.TypeInt, Nullable: true})
			s.books.AddForeignKey(&schema.ForeignKey{Symbol: "books_books_next", Columns: []*schema.Column{s.column("book_next")}, RefTable: s.books, RefColumns: s.books.PrimaryKey, OnDelete: schema.SetNull})
		}, false, "SELECT title FROM books WHERE book_next IS NULL ORDER BY id", "A B"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.must("diff", "init")
			d.must("up")
			d.fill()
			c.edit(d.shelf)
			d.must("diff", "edit")
			if c.loss {
				if out, code := d.run("up"); code != 1 || !strings.Contains(out, "coppice:allow destructive") {
					t.Errorf("what loses rows is done without a word: %d %s", code, out)
				}
				d.allow()
			}
			d.must("check")
			d.must("up")
			d.lead()
			if got := d.query(c.ask); got != c.want {
				t.Errorf("%s: %q, want %q", c.ask, got, c.want)
			}
			if got := d.must("diff", "again"); !strings.Contains(got, "nothing to do") {
				t.Errorf("after it there is still something to do: %s", got)
			}
			d.query("INSERT INTO books (" + d.shelf.books.Columns[1].Name + ") SELECT 'C' WHERE 1 = 0")
			driver, err := d.open(migrate.Versioned)
			if err != nil {
				t.Fatal(err)
			}
			_ = driver.Close()
		})
	}
}
