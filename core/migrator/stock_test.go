package migrator_test

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/dialect/sql/sqlgraph"
	"entgo.io/ent/schema/field"

	"coppice/core/engine"
	words "coppice/core/internal/dialect"
	"coppice/core/internal/enginetest"
	"coppice/core/internal/sdl"
	"coppice/core/model"
	"coppice/core/record"
)

// stock is the tables that plans begin from: books, each by an author, with tags.
type stock struct {
	authors, books, tags, bookTags *schema.Table
	more                           []*schema.Table
	defaults                       []*sqlgraph.FieldSpec // of new books
	renames                        []record.Rename
}

func newStock() *stock {
	id := func() *schema.Column { return &schema.Column{Name: "id", Type: field.TypeInt, Increment: true} }
	s := &stock{
		authors: schema.NewTable("authors").AddPrimary(id()).
			AddColumn(&schema.Column{Name: "name", Type: field.TypeString, Unique: true}).
			AddColumn(&schema.Column{Name: "email", Type: field.TypeString, Nullable: true}),
		books: schema.NewTable("books").AddPrimary(id()).
			AddColumn(&schema.Column{Name: "title", Type: field.TypeString}).
			AddColumn(&schema.Column{Name: "status", Type: field.TypeEnum, Enums: []string{"DRAFT", "LIVE", "GONE"}}).
			AddColumn(&schema.Column{Name: "pages", Type: field.TypeInt32, Nullable: true}).
			AddColumn(&schema.Column{Name: "isbn", Type: field.TypeString, Nullable: true}).
			AddColumn(&schema.Column{Name: "stars", Type: field.TypeInt, Default: 0}).
			AddColumn(&schema.Column{Name: "author_books", Type: field.TypeInt}),
		tags: schema.NewTable("tags").AddPrimary(id()).AddColumn(&schema.Column{Name: "label", Type: field.TypeString}),
		bookTags: schema.NewTable("book_tags").AddColumn(&schema.Column{Name: "book_id", Type: field.TypeInt}).
			AddColumn(&schema.Column{Name: "tag_id", Type: field.TypeInt}),
	}
	s.bookTags.PrimaryKey = s.bookTags.Columns
	refer(s.books, "author_books", s.authors)
	refer(s.bookTags, "book_id", s.books)
	refer(s.bookTags, "tag_id", s.tags)
	s.books.AddIndex("book_title", false, []string{"title"})
	return s
}

// refer lets a column of a table lead to another table.
func refer(t *schema.Table, name string, to *schema.Table) {
	t.AddForeignKey(&schema.ForeignKey{
		Symbol: t.Name + "_" + to.Name + "_" + name, Columns: []*schema.Column{stockColumn(t, name)}, RefTable: to, RefColumns: to.PrimaryKey, OnDelete: schema.NoAction,
	})
}

func stockColumn(t *schema.Table, name string) *schema.Column {
	for _, c := range t.Columns {
		if c.Name == name {
			return c
		}
	}
	panic(name)
}

// without takes a column of a table away, with its foreign key.
func without(t *schema.Table, name string) {
	t.Columns = slices.DeleteFunc(t.Columns, func(c *schema.Column) bool { return c.Name == name })
	t.ForeignKeys = slices.DeleteFunc(t.ForeignKeys, func(k *schema.ForeignKey) bool { return k.Columns[0].Name == name })
}

func (s *stock) project() *record.Project {
	tables := slices.Concat([]*schema.Table{s.books, s.tags}, s.more)
	for _, t := range []*schema.Table{s.authors, s.bookTags} {
		if t != nil {
			tables = append(tables, t)
		}
	}
	return record.New(record.Project{
		Model:  &model.Schema{Entities: []*model.Entity{{Name: "Author", Table: "authors", Fields: []*model.Field{{Name: "email", Column: "email", Sensitive: true}}}}},
		Tables: tables, Renames: s.renames, Driver: func(typed any) dialect.Driver { return typed.(dialect.Driver) },
		Defaults: func(table string) ([]*sqlgraph.FieldSpec, error) {
			if table != "books" {
				return nil, nil
			}
			return s.defaults, nil
		},
	})
}

// api is a schema with a type for each table.
func (s *stock) api() fs.FS {
	var b strings.Builder
	query := "type Query {"
	for _, t := range s.project().Tables {
		if len(t.PrimaryKey) != 1 {
			continue
		}
		name := strings.ToUpper(t.Name[:1]) + t.Name[1:len(t.Name)-1]
		query += fmt.Sprintf(" %s: [%s!]!", t.Name, name)
		fmt.Fprintf(&b, "type %s {\n", name)
		for _, c := range t.Columns {
			typ := map[field.Type]string{field.TypeInt: "Int", field.TypeInt32: "Int", field.TypeInt64: "String", field.TypeBool: "Boolean"}[c.Type]
			switch {
			case c.Increment:
				typ = "ID"
			case len(c.Enums) > 0:
				typ = name + "Status"
			case typ == "":
				typ = "String"
			}
			if !c.Nullable {
				typ += "!"
			}
			fmt.Fprintf(&b, "  %s: %s\n", c.Name, typ)
		}
		b.WriteString("}\n")
		for _, c := range t.Columns {
			if len(c.Enums) > 0 {
				fmt.Fprintf(&b, "enum %sStatus { %s }\n", name, strings.Join(c.Enums, " "))
			}
		}
	}
	return fstest.MapFS{"ent.graphql": {Data: []byte(b.String() + query + " }\n")}}
}

// shop is a database of the stock as it was, with rows, and an API that was served.
func shop(t *testing.T) (url string) {
	t.Helper()
	url = enginetest.URL(t)
	s := newStock()
	d, err := engine.Open(t.Context(), s.project(), engine.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	db, err := engine.DB(d)
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{
		"INSERT INTO authors (name, email) VALUES ('Ada', 'ada@example.org'), ('Grace', NULL)",
		"INSERT INTO books (title, status, pages, isbn, author_books) VALUES ('One', 'LIVE', 10, '007', 1), ('Two', 'DRAFT', NULL, 'x-2', 1), ('One', 'LIVE', NULL, NULL, 2), ('One', 'GONE', NULL, NULL, 2), ('Five', 'GONE', NULL, '5', 2)",
		"INSERT INTO tags (label) VALUES ('go'), ('sql')",
		"INSERT INTO book_tags (book_id, tag_id) VALUES (1, 1), (1, 2), (3, 1)",
	} {
		if _, err := db.ExecContext(t.Context(), query); err != nil {
			t.Fatal(query, err)
		}
	}
	text, err := sdl.Join(s.api())
	if err != nil {
		t.Fatal(err)
	}
	if err := sdl.Keep(t.Context(), db, words.Of(d.Dialect()), text); err != nil {
		t.Fatal(err)
	}
	return url
}

// planEdits are edits of the stock, with the exit code of their plans.
var planEdits = []struct {
	name string
	exit int
	edit func(*stock)
}{
	{"nothing", 0, func(*stock) {}},
	{"optional-field", 3, func(s *stock) {
		s.books.AddColumn(&schema.Column{Name: "subtitle", Type: field.TypeString, Nullable: true})
	}},
	{"required-field-with-default", 3, func(s *stock) {
		s.books.AddColumn(&schema.Column{Name: "language", Type: field.TypeString})
		s.defaults = []*sqlgraph.FieldSpec{{Column: "language", Type: field.TypeString, Value: "en"}}
	}},
	{"required-field-without-default", 4, func(s *stock) {
		s.books.AddColumn(&schema.Column{Name: "language", Type: field.TypeString})
	}},
	{"optional-to-required", 4, func(s *stock) { stockColumn(s.books, "pages").Nullable = false }},
	{"required-to-optional", 4, func(s *stock) { stockColumn(s.books, "title").Nullable = true }},
	{"type-widened", 4, func(s *stock) { stockColumn(s.books, "pages").Type = field.TypeInt64 }},
	{"type-narrowed", 4, func(s *stock) { stockColumn(s.books, "isbn").Type = field.TypeInt }},
	{"renames", 4, func(s *stock) {
		stockColumn(s.books, "isbn").Name = "code"
		s.tags.Name = "labels"
		s.bookTags.ForeignKeys[1].Symbol = "book_tags_labels_tag_id"
		stockColumn(s.books, "status").Enums = []string{"DRAFT", "LIVE", "LOST"}
		s.renames = []record.Rename{{Table: "books", Column: "code", From: "isbn"}, {Table: "labels", From: "tags"}, {Table: "books", Column: "status", Value: "LOST", From: "GONE"}}
	}},
	{"secret-type-narrowed", 4, func(s *stock) { stockColumn(s.authors, "email").Type = field.TypeInt }},
	{"enum-value-in-use-removed", 4, func(s *stock) { stockColumn(s.books, "status").Enums = []string{"DRAFT", "LIVE"} }},
	{"enum-value-added", 3, func(s *stock) {
		stockColumn(s.books, "status").Enums = []string{"DRAFT", "LIVE", "GONE", "LOST"}
	}},
	{"unique-over-repeated-rows", 4, func(s *stock) { s.books.AddIndex("book_title_key", true, []string{"title"}) }},
	{"unique-over-different-rows", 3, func(s *stock) { stockColumn(s.books, "isbn").Unique = true }},
	{"index", 3, func(s *stock) { s.books.AddIndex("book_pages", false, []string{"pages"}) }},
	{"index-removed", 3, func(s *stock) { s.books.Indexes = nil }},
	{"field-removed", 4, func(s *stock) { without(s.books, "isbn") }},
	{"required-field-removed", 4, func(s *stock) { without(s.books, "title"); s.books.Indexes = nil }},
	{"entity-dropped-that-others-lead-to", 4, func(s *stock) { without(s.books, "author_books"); s.authors = nil }},
	{"entity-added", 3, func(s *stock) {
		s.more = []*schema.Table{schema.NewTable("reviews").AddPrimary(&schema.Column{Name: "id", Type: field.TypeInt, Increment: true}).
			AddColumn(&schema.Column{Name: "body", Type: field.TypeString}).AddColumn(&schema.Column{Name: "book_reviews", Type: field.TypeInt})}
		refer(s.more[0], "book_reviews", s.books)
		s.more[0].AddIndex("review_book_reviews", false, []string{"book_reviews"})
	}},
	{"edge-retargeted", 4, func(s *stock) {
		s.books.ForeignKeys = nil
		refer(s.books, "author_books", s.tags)
	}},
	{"association-removed", 4, func(s *stock) { s.bookTags = nil }},
	{"default-changed", 3, func(s *stock) { stockColumn(s.books, "stars").Default = 3 }},
	{"check-that-rows-keep", 3, func(s *stock) {
		s.books.Annotation = &entsql.Annotation{Checks: map[string]string{"some_pages": "pages > 0"}}
	}},
	{"check-that-rows-break", 4, func(s *stock) {
		s.books.Annotation = &entsql.Annotation{Checks: map[string]string{"many_pages": "pages > 10"}}
	}},
}
