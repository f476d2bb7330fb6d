package migrator_test

import (
	"strings"
	"testing"

	"coppice/core/internal/enginetest"
)

// anew makes books anew, as SQLite needs it for what it cannot alter; of is what is copied.
func anew(columns, of string) string {
	return "CREATE TABLE new_books (id integer NOT NULL PRIMARY KEY" + columns + ");\n" + of + "DROP TABLE books;\nALTER TABLE new_books RENAME TO books;\n"
}

const allColumns = ", title text NOT NULL, pages integer NULL, code text NULL, case_books integer NULL"

// A statement that loses what rows hold is refused, with file, line and the way out,
// unless the file says that it may; one that loses nothing never is.
func TestAFileThatLosesRowsHasToSaySo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text, lost string // nothing for what loses nothing
		on         string // the one engine that knows it
	}{
		"a table":                 {"DROP TABLE books;", "drops the table books", ""},
		"a table, if there":       {"drop /* the */ table if exists \"books\";", "drops the table books", ""},
		"two tables":              {"DROP TABLE books, cases CASCADE;", "drops the table books, cases", "postgres"},
		"a table of a schema":     {"DROP TABLE public.books;", "drops the table books", "postgres"},
		"a column":                {"ALTER TABLE books DROP COLUMN pages;", "drops a column of books", ""},
		"a column, unsaid":        {"ALTER TABLE \"books\" DROP pages;", "drops a column of books", ""},
		"one of two columns":      {"ALTER TABLE books ADD COLUMN a int, DROP COLUMN pages;", "drops a column of books", "postgres"},
		"all rows":                {"DELETE FROM books;", "deletes rows of books", ""},
		"some rows":               {"DELETE FROM books WHERE id = 1;", "deletes rows of books", ""},
		"rows found before":       {"WITH old AS (SELECT 1 AS id) DELETE FROM books WHERE id IN (SELECT id FROM old);", "deletes rows of books", ""},
		"rows on their way":       {"WITH gone AS (DELETE FROM ONLY books RETURNING id) SELECT * FROM gone;", "deletes rows of books", "postgres"},
		"an emptied table":        {"TRUNCATE TABLE books;", "empties a table", "postgres"},
		"a schema":                {"DROP SCHEMA public CASCADE;", "drops a schema", "postgres"},
		"a type and what uses it": {"CREATE TYPE mood AS ENUM ('a');\nDROP TYPE mood CASCADE;", "with CASCADE", "postgres"},
		"a block":                 {"DO $$ BEGIN DELETE FROM books; END $$;", "deletes rows of books", "postgres"},
		"merged away":             {"MERGE INTO books USING cases ON false WHEN MATCHED THEN DELETE;", "deletes rows", "postgres"},
		"made anew, less a column": {anew(", title text NOT NULL, code text NULL, case_books integer NULL",
			"INSERT INTO new_books (id, title, code, case_books) SELECT id, title, code, case_books FROM books;\n"), "it drops the column books.pages", ""},
		"made anew, without rows": {anew(allColumns, ""), "with 0 of its 2 rows", ""},
		"made anew, step by step": {"-- atlas:txmode none\n\n" + anew(allColumns, "INSERT INTO new_books SELECT id, title, pages, code, case_books FROM books;\n"), "drops the table books", ""},

		"made anew":              {anew(allColumns, "INSERT INTO new_books SELECT id, title, pages, code, case_books FROM books;\n"), "", ""},
		"a renamed column":       {"ALTER TABLE books RENAME COLUMN pages TO \"drop\";\nALTER TABLE books RENAME COLUMN \"drop\" TO pages;", "", ""},
		"a renamed table":        {"ALTER TABLE books RENAME TO volumes;\nALTER TABLE volumes RENAME TO books;", "", ""},
		"words in a string":      {"UPDATE books SET code = 'DROP TABLE books; DELETE FROM books';", "", ""},
		"words in a comment":     {"-- DROP TABLE books;\n/* DELETE FROM books; */ UPDATE books SET code = 'x'; -- DELETE FROM books;", "", ""},
		"a trigger's body":       {"CREATE TRIGGER t AFTER UPDATE ON cases BEGIN DELETE FROM books WHERE id = OLD.id; END;\nDROP TRIGGER t;", "", "sqlite"},
		"a function's body":      {"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DELETE FROM books; END $$;\nDROP FUNCTION f();", "", "postgres"},
		"a key that cascades":    {"CREATE TABLE notes (id integer NOT NULL PRIMARY KEY, book integer REFERENCES books (id) ON DELETE CASCADE);\nALTER TABLE notes RENAME TO remarks;", "", ""},
		"an index":               {"CREATE INDEX i ON books (pages);\nDROP INDEX i;", "", ""},
		"a view":                 {"CREATE VIEW v AS SELECT id FROM books;\nDROP VIEW v;", "", ""},
		"rules of a column":      {"ALTER TABLE books ALTER COLUMN title DROP NOT NULL;\nALTER TABLE books ALTER COLUMN title SET NOT NULL;", "", "postgres"},
		"a check":                {"ALTER TABLE books ADD CONSTRAINT c CHECK (pages > 0);\nALTER TABLE books DROP CONSTRAINT c;", "", "postgres"},
		"numbers of deleted ids": {"DELETE FROM sqlite_sequence WHERE name = 'x';", "", "sqlite"},
	} {
		engine := "sqlite"
		if enginetest.OnPostgres() {
			engine = "postgres"
		}
		if c.on != "" && c.on != engine {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.must("diff", "init")
			d.must("up")
			d.fill()
			d.add(later, c.text)
			before := d.content() + d.query("SELECT id FROM books")
			out, code := d.run("up")
			if c.lost == "" {
				if strings.Contains(out, "coppice:allow") || !strings.Contains(out, "applied "+later) {
					t.Errorf("what loses nothing is refused: %s", out)
				}
				return
			}
			for _, w := range []string{"/" + later, c.lost, `add the line "-- coppice:allow destructive"`} {
				if code != 1 || !strings.Contains(out, w) {
					t.Errorf("%d, it does not say %q: %s", code, w, out)
				}
			}
			if after := d.content() + d.query("SELECT id FROM books"); after != before {
				t.Errorf("something was done:\n%s\n%s", before, after)
			}
			d.add(later, c.text+"\n-- coppice:allow destructive\n")
			if out, _ := d.run("up"); strings.Contains(out, "if that is meant") {
				t.Errorf("it is refused though it says so: %s", out)
			}
		})
	}
}
