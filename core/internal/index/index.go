// Package index knows the indexes of the tables, and how a statement says by
// which of them it reads a table.
package index

import (
	"fmt"
	"strings"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"
)

// Index is an index that holds every row of its table.
type Index struct {
	Name    string
	Columns []string
	Unique  bool
}

// Table is what there is to read a table by.
type Table struct {
	// RowID is the column whose values rows are stored by, or "" where that is
	// none of the schema's.
	RowID   string
	Indexes []Index // that of the primary key first
}

// Tables is what there is to read each of a schema's tables by.
type Tables map[string]*Table

// New describes the tables of a schema.
func New(tables []*schema.Table) Tables {
	m := make(Tables, len(tables))
	for _, t := range tables {
		m[t.Name] = describe(t)
	}
	return m
}

// Of returns what there is to read a table by; nil for what is no table of the
// schema, as a view is none.
func (ts Tables) Of(table string) *Table { return ts[table] }

// describe names a table's indexes as ent's migration does.
func describe(t *schema.Table) *Table {
	d := &Table{}
	if pk := t.PrimaryKey; len(pk) == 1 && isInteger(pk[0]) {
		d.RowID = pk[0].Name
	} else if len(pk) > 0 {
		d.Indexes = append(d.Indexes, Index{Name: "sqlite_autoindex_" + t.Name + "_1", Columns: names(pk), Unique: true})
	}
	taken := map[string]bool{}
	for _, idx := range t.Indexes {
		taken[idx.Name] = idx.Unique
	}
	for _, c := range t.Columns {
		if c.Unique && !taken[c.Name] {
			d.Indexes = append(d.Indexes, Index{Name: fmt.Sprintf("%s_%s_key", t.Name, c.Name), Columns: []string{c.Name}, Unique: true})
		}
	}
	for _, idx := range t.Indexes {
		if idx.Annotation == nil || idx.Annotation.Where == "" {
			d.Indexes = append(d.Indexes, Index{Name: idx.Name, Columns: names(idx.Columns), Unique: idx.Unique})
		}
	}
	return d
}

// isInteger reports whether SQLite takes a column for its own row ids where it
// is the primary key.
func isInteger(c *schema.Column) bool {
	if t := c.SchemaType[dialect.SQLite]; t != "" {
		return strings.EqualFold(t, "integer")
	}
	return c.Type.Integer()
}

func names(columns []*schema.Column) []string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.Name
	}
	return list
}

// Leading returns an index that starts with a column, "" for none: one that
// holds the other columns as well, where there is one.
func (t *Table) Leading(column string, others ...string) string {
	best := ""
	for _, idx := range t.Indexes {
		switch {
		case idx.Columns[0] != column:
		case idx.holds(others, t.RowID):
			return idx.Name
		case best == "":
			best = idx.Name
		}
	}
	return best
}

// Key returns the unique index of some columns, in whatever order, or "".
func (t *Table) Key(columns ...string) string {
	for _, idx := range t.Indexes {
		if idx.Unique && len(idx.Columns) == len(columns) && idx.holds(columns, "") {
			return idx.Name
		}
	}
	return ""
}

func (idx Index) holds(columns []string, rowID string) bool {
	for _, c := range columns {
		found := c == rowID
		for _, have := range idx.Columns {
			found = found || c == have
		}
		if !found {
			return false
		}
	}
	return true
}

// Covers reports whether an index alone has all values of some columns.
func (t *Table) Covers(idx Index, columns []string) bool { return idx.holds(columns, t.RowID) }
