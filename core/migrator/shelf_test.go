package migrator_test

import (
	"bytes"
	"context"
	"database/sql"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/dialect/sql/sqlgraph"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"

	"coppice/core/engine"
	"coppice/core/engine/migrate"
	"coppice/core/internal/enginetest"
	"coppice/core/migrator"
	"coppice/core/model"
	"coppice/core/record"
)

// shelf is the tables that edits begin from: of books, each in a case.
type shelf struct {
	cases, books *schema.Table
	random       []*schema.Table // in their place
	renames      []record.Rename
}

func newShelf() *shelf {
	id := func() *schema.Column { return &schema.Column{Name: "id", Type: field.TypeInt, Increment: true} }
	s := &shelf{
		cases: schema.NewTable("cases").AddPrimary(id()).AddColumn(&schema.Column{Name: "name", Type: field.TypeString, Unique: true}),
		books: schema.NewTable("books").AddPrimary(id()).
			AddColumn(&schema.Column{Name: "title", Type: field.TypeString}).
			AddColumn(&schema.Column{Name: "pages", Type: field.TypeInt32, Nullable: true}).
			AddColumn(&schema.Column{Name: "code", Type: field.TypeString, Nullable: true}).
			AddColumn(&schema.Column{Name: "case_books", Type: field.TypeInt, Nullable: true}),
	}
	s.books.AddForeignKey(&schema.ForeignKey{
		Symbol: "books_cases_books", Columns: []*schema.Column{s.column("case_books")},
		RefTable: s.cases, RefColumns: s.cases.PrimaryKey, OnDelete: schema.SetNull,
	})
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

func (s *shelf) project() *record.Project {
	tables := []*schema.Table{s.books}
	if s.cases != nil {
		tables = append(tables, s.cases)
	}
	if s.random != nil {
		tables = s.random
	}
	return record.New(record.Project{
		Model: &model.Schema{}, Tables: tables, Renames: s.renames, Driver: func(typed any) dialect.Driver { return typed.(dialect.Driver) },
		Defaults: func(string) ([]*sqlgraph.FieldSpec, error) {
			return []*sqlgraph.FieldSpec{
				{Column: "made_at", Type: field.TypeTime, Value: time.Now()},
				{Column: "token", Type: field.TypeUUID, Value: uuid.New()},
				{Column: "lang", Type: field.TypeString, Value: "it's"},
				{Column: "secret", Type: field.TypeString, Value: uuid.NewString()},
			}, nil
		},
	})
}

// desk is a project with its files and a database.
type desk struct {
	testing.TB
	dir, url string
	shelf    *shelf
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	return &desk{TB: t, dir: filepath.Join(t.TempDir(), "migrations"), url: enginetest.URL(t), shelf: newShelf()}
}

// run runs cmd/db, and returns what it says.
func (d *desk) run(args ...string) (out string, code int) {
	d.Helper()
	var b bytes.Buffer
	code = migrator.Run(d.Context(), append([]string{"--db", d.url, "--dir", d.dir}, args...), &b, &b, func(string) string { return "" },
		migrator.App{Project: d.shelf.project()})
	return b.String(), code
}

// must is run of what is to succeed.
func (d *desk) must(args ...string) string {
	d.Helper()
	out, code := d.run(args...)
	if code != 0 {
		d.Fatalf("%v exits with %d: %s", args, code, out)
	}
	return out
}

// open opens the database as a server does.
func (d *desk) open(mode migrate.Mode) (dialect.Driver, error) {
	return engine.Open(context.Background(), d.shelf.project(), engine.Config{URL: d.url, Migrate: mode, Migrations: os.DirFS(d.dir), Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
}

// query runs statements; the last of them may ask for one text.
func (d *desk) query(statements ...string) string {
	d.Helper()
	driver, err := d.open(migrate.Off)
	if err != nil {
		d.Fatal(err)
	}
	defer func() { _ = driver.Close() }()
	db, err := engine.DB(driver)
	if err != nil {
		d.Fatal(err)
	}
	text := ""
	for _, s := range statements {
		if !strings.HasPrefix(s, "SELECT") {
			if _, err := db.ExecContext(d.Context(), s); err != nil {
				d.Fatalf("%s: %v", s, err)
			}
			continue
		}
		rows, err := db.QueryContext(d.Context(), s)
		if err != nil {
			d.Fatalf("%s: %v", s, err)
		}
		for rows.Next() {
			var cell sql.NullString
			if err := rows.Scan(&cell); err != nil {
				d.Fatal(err)
			}
			text += cell.String + " "
		}
		if err := rows.Err(); err != nil {
			d.Fatal(err)
		}
		_ = rows.Close()
	}
	return strings.TrimSpace(text)
}

// fill gives the database a case and two books.
func (d *desk) fill() {
	d.Helper()
	d.query("INSERT INTO cases (name) VALUES ('oak')", "INSERT INTO books (title, pages, code, case_books) VALUES ('A', 1, '10', 1)", "INSERT INTO books (title) VALUES ('B')")
}

// lead holds that the database is what the schemas say, without a statement more.
func (d *desk) lead() {
	d.Helper()
	for _, complete := range []bool{false, true} {
		c, err := engine.Change(d.Context(), d.shelf.project(), engine.Config{URL: d.url, Complete: complete})
		if err != nil || len(c.Statements) > 0 || len(c.Refusals) > 0 {
			d.Errorf("the database lacks %v %v %v", c, err, complete)
		}
	}
}

// allow says in all files that they may lose something.
func (d *desk) allow() {
	d.Helper()
	files, err := filepath.Glob(filepath.Join(d.dir, "*", "*.sql"))
	if err != nil || len(files) == 0 {
		d.Fatal(files, err)
	}
	last := files[len(files)-1]
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			d.Fatal(err)
		}
		if f == last || strings.Contains(string(text), "DROP") {
			if err := os.WriteFile(f, append(text, "\n-- coppice:allow destructive\n"...), 0o644); err != nil {
				d.Fatal(err)
			}
		}
	}
	d.must("check", "--rehash")
}
