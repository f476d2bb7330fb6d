package migrator_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"coppice/core/internal/enginetest"
)

// noise is what a driver says beside the reason.
func noise(text string) bool {
	for _, word := range []string{"SQLSTATE", "SQL logic error", "sql/migrate", "ERROR:", " (1)", "write revision", "aborted", "cannot be reached"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// Of a file that fails nothing is done; it is told where, why and what became of it, and
// once it is mended, the files go on.
func TestNothingIsDoneOfAFileThatFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		third, reason, mended string
	}{
		"a syntax error":           {"INSERT INTO cases (name) VALUSE ('elm')", "VALUSE", "INSERT INTO cases (name) VALUES ('elm')"},
		"a table that is missing":  {"INSERT INTO boxes (name) VALUES ('elm')", "boxes", "INSERT INTO cases (name) VALUES ('elm')"},
		"a rule that is broken":    {"INSERT INTO cases (name) VALUES ('ash')", "cases", "INSERT INTO cases (name) VALUES ('elm')"},
		"a key that leads nowhere": {"INSERT INTO books (title, case_books) VALUES ('lost', 99)", "books", "INSERT INTO cases (name) VALUES ('elm')"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.must("diff", "init")
			d.must("up")
			d.fill()
			text := "-- Two that are right.\nINSERT INTO cases (name) VALUES ('ash');\n\nUPDATE cases SET name = 'oak 2'\n  WHERE name = 'oak';\n\n%s;\nINSERT INTO cases (name) VALUES ('yew');\n"
			d.add(later, fmt.Sprintf(text, c.third))
			before := d.content()
			for range 2 {
				out, code := d.run("up")
				wants := []string{"/" + later, c.reason, "nothing of it was done"}
				if !strings.Contains(name, "leads nowhere") { // SQLite finds that at the end
					wants = append(wants, later+":7: ", "The statement: "+c.third)
				}
				for _, w := range wants {
					if code != 1 || !strings.Contains(out, w) {
						t.Errorf("%d, it does not say %q: %s", code, w, out)
					}
				}
				if noise(out) {
					t.Errorf("it says more than the reason: %s", out)
				}
			}
			if after := d.content(); after != before {
				t.Errorf("something was done:\n%s\n%s", before, after)
			}
			if out := d.must("status"); !strings.Contains(out, "pending  "+later) {
				t.Errorf("status: %s", out)
			}
			d.put(later, fmt.Sprintf(text, c.mended))
			if out := d.must("check", "--rehash"); !strings.Contains(out, "lead to the schemas") {
				t.Errorf("check: %s", out)
			}
			d.must("up")
			if got := d.query("SELECT name FROM cases ORDER BY name"); got != "ash elm oak 2 yew" {
				t.Errorf("it holds %s", got)
			}
		})
	}
}

// A file without a transaction goes on at the statement that broke it, whatever else of it
// was mended after that, and does nothing twice.
func TestAFileWithoutATransactionGoesOnWhereItBroke(t *testing.T) {
	t.Parallel()
	const head = "-- atlas:txmode none\n\nUPDATE books SET pages = coalesce(pages, 0) + 1;\nINSERT INTO cases (name) VALUES ('ash');\n"
	for name, mended := range map[string]string{
		"mended":    "INSERT INTO cases (name) VALUES ('elm');\n",
		"taken out": "",
		"split":     "INSERT INTO cases (name) VALUES ('elm');\nUPDATE books SET pages = pages + 10;\nUPDATE books SET pages = pages + 100;\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.must("diff", "init")
			d.must("up")
			d.fill()
			d.add(later, head+"INSERT INTO boxes (name) VALUES ('elm');\n")
			for range 2 {
				out, code := d.run("up")
				for _, w := range []string{later + ":5: ", "boxes", "goes on at this statement"} {
					if code != 1 || !strings.Contains(out, w) {
						t.Errorf("%d, it does not say %q: %s", code, w, out)
					}
				}
				if noise(out) {
					t.Errorf("it says more than the reason: %s", out)
				}
			}
			if out := d.must("status"); !strings.Contains(out, "broken off after 2 of 3 statements: ") || noise(out) {
				t.Errorf("status: %s", out)
			}
			d.add(later, strings.Replace(head, "+ 1", "+ 2", 1)+mended)
			if out, code := d.run("up"); code != 1 || !strings.Contains(out, later+": its statement 1, which ran already, was edited") {
				t.Errorf("what ran is another: %d %s", code, out)
			}
			d.add(later, head+mended)
			d.must("up")
			want := map[string]string{"mended": "2 1", "taken out": "2 1", "split": "112 111"}[name]
			if got := d.query("SELECT pages FROM books ORDER BY id"); got != want {
				t.Errorf("pages are %s, want %s", got, want)
			}
			if out := d.must("up"); !strings.Contains(out, "nothing to do") {
				t.Errorf("again: %s", out)
			}
			d.lead()
		})
	}
}

// Who may not make a table is told so, and leaves nothing behind.
func TestWithoutTheRightToChangeTablesNothingIsDone(t *testing.T) {
	t.Parallel()
	if !enginetest.OnPostgres() { // its files' rights are asked in the engine's own tests
		d := newDesk(t)
		d.must("diff", "init")
		d.url = "sqlite:" + filepath.Join(t.TempDir(), "none", "x.db")
		if out, code := d.run("up"); code != 1 || !strings.Contains(out, "there is no folder") {
			t.Errorf("%d %s", code, out)
		}
		return
	}
	d := newDesk(t)
	d.must("diff", "init")
	execute(t, d.url, "REVOKE CREATE ON SCHEMA public FROM PUBLIC") // which all had before PostgreSQL 15
	owner, before := d.url, enginetest.Content(t, d.url)
	d.url = newRole(t, owner)
	out, code := d.run("up")
	for _, w := range []string{"permission denied for schema public", "coppice_", "grant"} {
		if code != 1 || !strings.Contains(out, w) || noise(out) {
			t.Errorf("%d, it does not say %q: %s", code, w, out)
		}
	}
	if after := enginetest.Content(t, owner); after != before {
		t.Errorf("something was done: %s", after)
	}
	// Who may write our tables, but change no others, is told of the file.
	other := *d
	other.url = owner
	other.must("up")
	d.add(later, "ALTER TABLE books ADD COLUMN isbn text;\n")
	execute(t, owner, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "+userOf(t, d.url))
	out, code = d.run("up")
	for _, w := range []string{later + ":1: must be owner of table books", "grant", "nothing of it was done"} {
		if code != 1 || !strings.Contains(out, w) || noise(out) {
			t.Errorf("%d, it does not say %q: %s", code, w, out)
		}
	}
}

// newRole is a URL of a database with the name of a user who may change nothing there.
func newRole(t *testing.T, owner string) string {
	t.Helper()
	u, err := url.Parse(owner)
	if err != nil {
		t.Fatal(err)
	}
	name := "coppice_role_" + strings.TrimPrefix(strings.ToLower(filepath.Base(u.Path)), "coppice_test_")
	execute(t, owner, "CREATE ROLE "+name+" LOGIN; GRANT USAGE ON SCHEMA public TO "+name)
	t.Cleanup(func() { execute(t, owner, "DROP OWNED BY "+name+"; DROP ROLE "+name) })
	u.User = url.User(name)
	return u.String()
}

func userOf(t *testing.T, text string) string {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u.User.Username()
}

// execute runs statements on a database of PostgreSQL.
func execute(t *testing.T, target, statements string) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), target)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }() // the statements are what matters
	if _, err := conn.Exec(context.Background(), statements); err != nil {
		t.Fatalf("%s: %v", statements, err)
	}
}

// What was written to the folder when its writer was killed before the sums is told, and is
// no obstacle once these are written.
func TestAFolderWhoseWriterWasKilledIsMendedByItsSums(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must("diff", "init")
	if err := os.Rename(filepath.Join(d.folder(), "atlas.sum"), filepath.Join(d.folder(), ".atlas.sum")); err != nil {
		t.Fatal(err)
	}
	if out, code := d.run("up"); code != 1 || !strings.Contains(out, "has no atlas.sum") {
		t.Errorf("%d %s", code, out)
	}
	d.must("check", "--rehash")
	d.must("up")
}
