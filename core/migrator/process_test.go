package migrator_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"

	"coppice/core/engine"
	"coppice/core/internal/enginetest"
	"coppice/core/migrator"
)

// childVariable is set for a process that is cmd/db itself, of the grown shelf.
const childVariable = "COPPICE_TEST_MIGRATOR"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		s := newShelf()
		for _, edit := range growth() {
			edit(s)
		}
		// Here the test binary is a program of its own, whose exit code the test reads.
		os.Exit(migrator.Run(context.Background(), os.Args[1:], os.Stdout, os.Stderr, func(string) string { return "" }, migrator.App{Project: s.project()}))
	}
	m.Run()
}

// growth are edits of the shelf, one file or two each.
func growth() []func(*shelf) {
	return []func(*shelf){
		func(s *shelf) {
			s.books.AddColumn(&schema.Column{Name: "isbn", Type: field.TypeString, Nullable: true})
		},
		func(s *shelf) { s.books.AddIndex("book_isbn", true, []string{"isbn"}) },
		func(s *shelf) {
			s.books.AddColumn(&schema.Column{Name: "lang", Type: field.TypeString, Default: "en"})
		},
		func(s *shelf) { s.books.AddIndex("book_pages", false, []string{"pages"}) },
	}
}

// command is cmd/db as a process, on the desk's database and files.
func (d *desk) command(args ...string) (*exec.Cmd, *bytes.Buffer) {
	d.Helper()
	self, err := os.Executable()
	if err != nil {
		d.Fatal(err)
	}
	out := &bytes.Buffer{}
	c := exec.CommandContext(d.Context(), self, append([]string{"--db", d.url, "--dir", d.dir}, args...)...)
	c.Env = append(os.Environ(), childVariable+"=1")
	c.Stdout, c.Stderr = out, out
	return c, out
}

// grow writes the files of a project that grew: a dozen, with rows of their own, most of
// which read and write all of them. None may run twice: what it counts would show it.
func (d *desk) grow(rows int) {
	d.Helper()
	d.must("diff", "init")
	count := func(name, head, extra string) {
		d.Helper()
		files := d.files()
		version, err := time.Parse("20060102150405", files[len(files)-1][:14])
		if err != nil {
			d.Fatal(err)
		}
		d.add(version.Add(time.Second).Format("20060102150405")+"_"+name+".sql", head+"UPDATE books SET pages = pages + 1;\n"+extra)
	}
	count("rows", "", fmt.Sprintf("INSERT INTO books (title, pages) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT 'book ' || i, 0 FROM n;\n", rows))
	for i, edit := range growth() {
		edit(d.shelf)
		d.must("diff", fmt.Sprintf("grow_%d", i))
		if i == 0 {
			count("isbn", "", "UPDATE books SET isbn = title;\n")
		}
		count(fmt.Sprintf("count_%d", i), "", "")
	}
	count("steps", "-- atlas:txmode none\n\n", "INSERT INTO cases (name) VALUES ('ash');\nUPDATE books SET pages = pages + 10;\nUPDATE cases SET name = name || '!';\n")
}

// grown holds that the files of a project that grew were each applied once.
func (d *desk) grown(rows int) {
	d.Helper()
	want := fmt.Sprintf("%d %d %d %d", rows, 16, 16, rows)
	if got := d.query("SELECT count(*) FROM books", "SELECT min(pages) FROM books", "SELECT max(pages) FROM books", "SELECT count(DISTINCT isbn) FROM books WHERE lang = 'en'"); got != want {
		d.Errorf("of the books there are %s, want %s", got, want)
	}
	if got := d.query("SELECT name FROM cases"); got != "ash!" {
		d.Errorf("the cases are %s", got)
	}
	if got, want := d.query("SELECT count(*) FROM coppice_revisions WHERE applied = total AND error = ''"), fmt.Sprint(len(d.files())); got != want {
		d.Errorf("%s files are noted as applied, not %s", got, want)
	}
	if pid := d.held(); pid != 0 && syscall.Kill(pid, 0) == nil { // one that was killed holds up nobody
		d.Errorf("process %d still holds the lease", pid)
	}
	if enginetest.OnPostgres() {
		if got := d.query("SELECT count(*) FROM pg_index WHERE NOT indisvalid"); got != "0" {
			d.Errorf("%s indexes serve nobody", got)
		}
	} else if got := d.query("SELECT * FROM pragma_integrity_check"); got != "ok" {
		d.Errorf("the file is %s", got)
	}
	d.lead()
	if out := d.must("status"); !strings.Contains(out, "the database is what the schemas say") {
		d.Errorf("status: %s", out)
	}
}

// again is a desk with the same files, and a database of its own.
func (d *desk) again(t *testing.T) *desk {
	t.Helper()
	other := *d
	other.TB, other.url = t, enginetest.URL(t)
	return &other
}

// held is the process that holds the lease; 0 where none does.
func (d *desk) held() int {
	d.Helper()
	var pid int
	if _, err := os.Stat(strings.TrimPrefix(d.url, "sqlite:")); err != nil && !enginetest.OnPostgres() {
		return 0
	}
	driver, err := d.open("off")
	if err != nil {
		return 0
	}
	defer func() { _ = driver.Close() }()
	db, err := engine.DB(driver)
	if err != nil {
		d.Fatal(err)
	}
	if err := db.QueryRowContext(d.Context(), "SELECT pid FROM coppice_migration_lease").Scan(&pid); err != nil {
		return 0 // there is no such table yet, or no row in it
	}
	return pid
}
