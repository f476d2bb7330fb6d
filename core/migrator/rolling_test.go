package migrator_test

import (
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"

	"coppice/core/engine"
	"coppice/core/engine/migrate"
)

// release is a server of one version of the project: what it asks of the database for a
// request.
type release struct {
	name string
	db   *sql.DB
	ask  func(i int) []string
}

// release starts a server of the shelf as it is, which writes and reads some columns.
func (d *desk) release(name string, mode migrate.Mode, columns ...string) release {
	d.Helper()
	driver, err := d.open(mode)
	if err != nil {
		d.Fatalf("%s: %v", name, err)
	}
	d.Cleanup(func() { _ = driver.Close() })
	db, err := engine.DB(driver)
	if err != nil {
		d.Fatal(err)
	}
	list := strings.Join(columns, ", ")
	return release{name, db, func(i int) []string {
		title := fmt.Sprintf("'%s %d'", name, i)
		return []string{
			"INSERT INTO books (title, " + list + ") VALUES (" + title + strings.Repeat(", 'x'", len(columns)) + ")",
			"SELECT id, title, pages, case_books, " + list + " FROM books WHERE title = " + title,
			"UPDATE books SET pages = 7, " + columns[0] + " = 'y' WHERE title = " + title,
			"SELECT count(*) FROM books WHERE " + columns[0] + " = 'y'",
			"DELETE FROM books WHERE title = " + title,
		}
	}}
}

func requests() int {
	if testing.Short() {
		return 50
	}
	return 200
}

// serve answers requests until a step is over, and 200 at least, or 50 with -short: none may fail.
func (r release) serve(d *desk, over <-chan struct{}) {
	d.Helper()
	for i := 0; ; i++ {
		select {
		case <-over:
			if i >= requests() {
				return
			}
		default:
		}
		for _, statement := range r.ask(i) {
			if err := r.run(d, statement); err != nil {
				d.Errorf("a server of %s: %s: %v", r.name, statement, err)
				return
			}
		}
	}
}

func (r release) run(d *desk, statement string) error {
	if !strings.HasPrefix(statement, "SELECT") {
		_, err := r.db.ExecContext(d.Context(), statement)
		return err
	}
	rows, err := r.db.QueryContext(d.Context(), statement)
	if err != nil {
		return err
	}
	n := 0
	for rows.Next() {
		n++
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if n != 1 {
		return fmt.Errorf("%d rows", n)
	}
	return rows.Close()
}

// during does something while servers answer requests.
func (d *desk) during(do func(), servers ...release) {
	d.Helper()
	over := make(chan struct{})
	var wg sync.WaitGroup
	for _, s := range servers {
		wg.Go(func() { s.serve(d, over) })
	}
	do()
	close(over)
	wg.Wait()
}

// A required column comes and an old one goes while servers of the version before answer,
// in the order that the README gives: expand, fill, contract.
func TestASchemaChangesUnderServersAtWork(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must("diff", "init")
	d.must("up")
	d.query("INSERT INTO books (title, code) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT 'book ' || i, 'c' FROM n")
	first := d.release("the first version", migrate.Versioned, "code")

	// Expand: the column may be null, so that whoever does not know it can go on.
	mark := &schema.Column{Name: "mark", Type: field.TypeString, Nullable: true}
	d.shelf.books.AddColumn(mark)
	d.must("diff", "expand")
	d.during(func() { d.must("up") }, first)
	second := d.release("the second version", migrate.Versioned, "mark", "code")

	// Fill, while both write.
	d.add("20991231000000_fill.sql", "UPDATE books SET mark = 'M' || id WHERE mark IS NULL;\n")
	d.must("check")
	d.during(func() { d.must("up") }, first, second)

	// Contract, once the first version is gone: what it wrote since is filled by the same file.
	mark.Nullable = false
	d.must("diff", "contract")
	files := d.files()
	d.edit(files[len(files)-1], func(text string) string {
		head, rest := "", text
		if strings.HasPrefix(text, "-- atlas:") {
			i := strings.Index(text, "\n\n") + 2
			head, rest = text[:i], text[i:]
		}
		end := ";\n"
		if strings.Contains(head, "delimiter") {
			end = "\n\n\n"
		}
		return head + "UPDATE books SET mark = 'M' || id WHERE mark IS NULL" + end + rest
	})
	d.must("check", "--rehash")
	d.during(func() { d.must("up") }, second)
	third := d.release("the third version", migrate.Versioned, "mark", "code")

	// The old column: its field goes, and the column stays until no server reads it.
	d.shelf.drop("code")
	var fourth release
	d.during(func() { fourth = d.release("the fourth version", migrate.Auto, "mark") }, third)
	d.during(func() {}, third, fourth)
	d.must("diff", "drop")
	files = d.files()
	d.edit(files[len(files)-1], func(text string) string { return text + "\n-- coppice:allow destructive\n" })
	d.must("check", "--rehash")
	d.during(func() { d.must("up") }, fourth)

	d.lead()
	if got := d.query("SELECT count(*) FROM books WHERE mark = 'M' || id"); got != "2000" {
		t.Errorf("%s books have their mark", got)
	}
}
