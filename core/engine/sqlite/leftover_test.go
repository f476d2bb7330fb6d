package sqlite

import (
	"testing"

	"coppice/core/engine/migrate"
	"coppice/core/internal/fixture/blog/ent"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
)

// TestTableOutOfSightKeepsItsIndexes takes an entity out of the schemas again:
// its table stays as it is, and nothing stands in the way of a start.
func TestTableOutOfSightKeepsItsIndexes(t *testing.T) {
	t.Parallel()
	tables, err := migrate.CopyTables(ent.Coppice().Tables)
	if err != nil {
		t.Fatal(err)
	}
	id := &schema.Column{Name: "id", Type: field.TypeInt, Increment: true}
	title := &schema.Column{Name: "title", Type: field.TypeString, Unique: true}
	year := &schema.Column{Name: "year", Type: field.TypeInt}
	books := &schema.Table{Name: "books", Columns: []*schema.Column{id, title, year}, PrimaryKey: []*schema.Column{id}}
	books.Indexes = []*schema.Index{{Name: "book_year", Columns: []*schema.Column{year}}}
	url := fileURL(t)
	shut(t, open(t, url))
	c, err := openWith(t, url, append(tables, books))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.ExecContext(t.Context(), "INSERT INTO books (title, year) VALUES ('a', 1)"); err != nil {
		t.Fatal(err)
	}
	shut(t, c)
	for range 2 {
		c = open(t, url)
		const indexes = "SELECT group_concat(name) FROM (SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'books' ORDER BY 1)"
		if got := one[string](t, c, indexes); got != "book_year,books_title_key" {
			t.Errorf("its indexes are %s", got)
		}
		shut(t, c)
	}
}
