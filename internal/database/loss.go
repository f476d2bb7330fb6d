package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	atlas "ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
	"entgo.io/ent/dialect/sql/schema"
)

// reviewer looks at the changes of a migration before they are made: at what
// could lose data, or fail halfway for the data there is.
type reviewer struct {
	ctx    context.Context
	tx     *sql.Tx
	target target
	back   bool     // the file's last schema came after ours
	found  []string // why the migration is refused
	err    error
}

// hook lets ent's migration ask the reviewer.
func (r *reviewer) hook(next schema.Differ) schema.Differ {
	return schema.DiffFunc(func(current, desired *atlas.Schema) ([]atlas.Change, error) {
		changes, err := next.Diff(current, desired)
		if err != nil {
			return nil, err
		}
		var kept []atlas.Change
		for _, c := range changes {
			m, ok := c.(*atlas.ModifyTable)
			if !ok {
				kept = append(kept, c)
				continue
			}
			kept = append(kept, r.table(m)...)
		}
		if r.err == nil && len(r.found) > 0 {
			r.err = fmt.Errorf("%s", strings.Join(r.found, "; "))
		}
		return kept, r.err
	})
}

// table reviews the changes of one table and returns those to make.
func (r *reviewer) table(m *atlas.ModifyTable) []atlas.Change {
	empty := r.count("SELECT COUNT(*) FROM (SELECT 1 FROM %s LIMIT 1)", quote(m.T.Name)) == 0
	var kept []atlas.Change
	for _, c := range m.Changes {
		keep := true
		switch c := c.(type) {
		case *atlas.DropColumn:
			keep = r.dropColumn(m.T, c.C, empty)
		case *atlas.DropIndex:
			if keep = derived(m.T, c.I); keep && c.I.Unique && r.back {
				r.refuse("the file's schema is newer than this program's, and its unique index %s would go: use the newer program, "+
					"or accept that with sqlite:%s?newer=allow", c.I.Name, r.target.name)
			}
		case *atlas.AddColumn:
			if !c.C.Type.Null && c.C.Default == nil {
				if empty { // no row is lost, and SQLite adds no such column
					r.exec("DROP TABLE " + quote(m.T.Name))
					return []atlas.Change{&atlas.AddTable{T: m.T}}
				}
				r.refuse("%s.%s is new and required, and the rows there are have no value for it: make the field Optional, "+
					"or give the column a default with entsql.Default", m.T.Name, c.C.Name)
			}
		case *atlas.ModifyColumn:
			r.modifyColumn(m.T, c)
		case *atlas.AddIndex:
			r.addIndex(m.T, c.I)
		}
		if keep {
			kept = append(kept, c)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	changed := *m
	changed.Changes = kept
	return []atlas.Change{&changed}
}

// dropColumn reports whether a column that the schema no longer has is to go.
// It stays where it is in nobody's way.
func (r *reviewer) dropColumn(t *atlas.Table, c *atlas.Column, empty bool) bool {
	if r.target.loss || empty {
		return true
	}
	if !c.Type.Null && c.Default == nil {
		r.refuse("%s.%s is no longer in the schema, but every row must have it, so that no row could be added: put the field back, "+
			"as Optional, or let the column and what it holds go with sqlite:%s?loss=allow, which runs ALTER TABLE %s DROP COLUMN %s",
			t.Name, c.Name, r.target.name, quote(t.Name), quote(c.Name))
	}
	return false
}

// derived reports whether an index bears the name that the generator gives
// one of its columns; others are somebody's own, and stay.
func derived(t *atlas.Table, i *atlas.Index) bool {
	var columns []string
	for _, p := range i.Parts {
		if p.C != nil {
			columns = append(columns, p.C.Name)
		}
	}
	suffix := "_" + strings.Join(columns, "_")
	return len(columns) > 0 && (strings.HasSuffix(i.Name, suffix) || i.Name == t.Name+suffix+"_key")
}

func (r *reviewer) modifyColumn(t *atlas.Table, c *atlas.ModifyColumn) {
	name := c.To.Name
	if c.Change.Is(atlas.ChangeNull) && !c.To.Type.Null {
		if n := r.count("SELECT COUNT(*) FROM %s WHERE %s IS NULL", quote(t.Name), quote(name)); n > 0 {
			r.refuse("%s.%s is now required, and %d rows have no value: keep the field Optional, or fill them first, as by "+
				"UPDATE %s SET %s = … WHERE %s IS NULL", t.Name, name, n, quote(t.Name), quote(name), quote(name))
		}
	}
	if !c.Change.Is(atlas.ChangeType) || r.target.loss {
		return
	}
	from := strings.ToLower(c.From.Type.Raw)
	to, err := sqlite.FormatType(c.To.Type.Type)
	if r.err = errors.Join(r.err, err); widens(from, to) {
		return
	}
	if n := r.count("SELECT COUNT(*) FROM %s WHERE %s IS NOT NULL", quote(t.Name), quote(name)); n > 0 {
		r.refuse("%s.%s is %s in the database and %s in the schema, and %d rows hold a value that may not survive: "+
			"give the new field another name and copy what should stay, or convert as far as it goes with sqlite:%s?loss=allow",
			t.Name, name, from, to, n, r.target.name)
	}
}

// widens reports whether SQLite keeps each value of one type in the other.
func widens(from, to string) bool {
	switch to {
	case "text":
		return from != "blob"
	case "real":
		return from == "integer"
	case "integer":
		return from == "bool"
	default:
		return from == to
	}
}

// addIndex refuses a unique index that the rows there are break.
func (r *reviewer) addIndex(t *atlas.Table, i *atlas.Index) {
	if !i.Unique {
		return
	}
	var columns, present []string
	for _, p := range i.Parts {
		if p.C == nil || t.Columns == nil {
			return
		}
		columns = append(columns, quote(p.C.Name))
		present = append(present, quote(p.C.Name)+" IS NOT NULL")
		if !r.has(t.Name, p.C.Name) {
			return // a new column, which is null in each row
		}
	}
	list := strings.Join(columns, ", ")
	if n := r.count("SELECT COUNT(*) FROM (SELECT 1 FROM %s WHERE %s GROUP BY %s HAVING COUNT(*) > 1)",
		quote(t.Name), strings.Join(present, " AND "), list); n > 0 {
		r.refuse("%s of %s is now unique, and %d values occur more than once: find them with SELECT %s, COUNT(*) FROM %s GROUP BY %s HAVING COUNT(*) > 1, "+
			"and keep one of each", list, t.Name, n, list, quote(t.Name), list)
	}
}

// enums refuses enum values that rows hold and the schema no longer has.
func (r *reviewer) enums(tables []*schema.Table) error {
	for _, t := range tables {
		for _, c := range t.Columns {
			if len(c.Enums) == 0 || t.View || !r.has(t.Name, c.Name) {
				continue
			}
			values := make([]string, len(c.Enums))
			for i, v := range c.Enums {
				values[i] = "'" + strings.ReplaceAll(v, "'", "''") + "'"
			}
			if n := r.count("SELECT COUNT(*) FROM %s WHERE %s NOT IN (%s)", quote(t.Name), quote(c.Name), strings.Join(values, ", ")); n > 0 {
				r.refuse("%d rows of %s have a %s that is no longer one of %s: put the value back, or change them first, as by "+
					"UPDATE %s SET %s = %s WHERE %s NOT IN (%s)", n, t.Name, c.Name, strings.Join(c.Enums, ", "),
					quote(t.Name), quote(c.Name), values[0], quote(c.Name), strings.Join(values, ", "))
			}
		}
	}
	if r.err == nil && len(r.found) > 0 {
		r.err = fmt.Errorf("%s", strings.Join(r.found, "; "))
	}
	return r.err
}

func (r *reviewer) refuse(format string, args ...any) {
	if why := fmt.Sprintf(format, args...); !slices.Contains(r.found, why) {
		r.found = append(r.found, why)
	}
}

// has reports whether the file has a column.
func (r *reviewer) has(table, column string) bool {
	return r.count("SELECT COUNT(*) FROM pragma_table_info('%s') WHERE name = '%s'", strings.ReplaceAll(table, "'", "''"),
		strings.ReplaceAll(column, "'", "''")) > 0
}

func (r *reviewer) exec(query string) {
	if r.err == nil {
		_, r.err = r.tx.ExecContext(r.ctx, query)
	}
}

func (r *reviewer) count(format string, args ...any) (n int) {
	if r.err == nil {
		r.err = r.tx.QueryRowContext(r.ctx, fmt.Sprintf(format, args...)).Scan(&n)
	}
	return n
}

func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
