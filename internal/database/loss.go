package database

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	atlas "ariga.io/atlas/sql/schema"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/dialect/sql/sqlgraph"
)

// reviewer looks at the changes of a migration before they are made: at what
// could lose data, or fail halfway for the data there is.
type reviewer struct {
	ctx    context.Context
	tx     *sql.Tx
	target target
	back   bool            // the file's last schema came after ours
	found  []string        // why the migration is refused
	after  []string        // what to run when the tables are changed
	own    map[string]bool // the indexes that are not of the schema
	err    error

	columns  map[string]map[string]*schema.Column // the schema's, by table
	secrets  secrets
	defaults func(table string) ([]*sqlgraph.FieldSpec, error)
}

func (h *handle) newReviewer(ctx context.Context, tx *sql.Tx, tables []*schema.Table, back bool) *reviewer {
	r := &reviewer{
		ctx: ctx, tx: tx, target: h.engine.target, back: back, own: map[string]bool{},
		columns: map[string]map[string]*schema.Column{}, secrets: h.engine.secrets, defaults: h.defaults,
	}
	for _, t := range tables {
		r.columns[t.Name] = map[string]*schema.Column{}
		for _, c := range t.Columns {
			r.columns[t.Name][c.Name] = c
		}
	}
	return r
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
		return kept, r.verdict()
	})
}

// table reviews the changes of one table and returns those to make.
func (r *reviewer) table(m *atlas.ModifyTable) []atlas.Change {
	empty := r.count("SELECT COUNT(*) FROM (SELECT 1 FROM %s LIMIT 1)", quote(m.T.Name)) == 0
	changed := *m
	if !empty {
		changed.Changes = r.fill(m.T, m.Changes)
	}
	var kept []atlas.Change
	for _, c := range changed.Changes {
		keep := true
		switch c := c.(type) {
		case *atlas.DropColumn:
			if keep = r.dropColumn(m.T, c.C, empty); !keep {
				changed.T = withColumn(changed.T, c.C)
			}
		case *atlas.DropIndex:
			keep = r.dropIndex(m.T, c.I)
		case *atlas.AddColumn:
			if required(c.C) {
				if empty { // no row is lost, and SQLite adds no such column
					r.exec("DROP TABLE " + quote(m.T.Name))
					return []atlas.Change{&atlas.AddTable{T: m.T}}
				}
				r.refuse("%s.%s is new and required, and the rows there are have no value for it: make the field Optional, "+
					"or give it a Default, or the column one with entsql.Default", m.T.Name, c.C.Name)
			}
		case *atlas.ModifyColumn:
			r.modifyColumn(m.T, c)
		case *atlas.AddIndex:
			r.addIndex(m, c.I)
		}
		if keep {
			kept = append(kept, c)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	changed.Changes = kept
	return []atlas.Change{&changed}
}

// withColumn is the table with a column that the schema no longer has: where a
// change makes the table anew, the column is copied like the others.
func withColumn(t *atlas.Table, c *atlas.Column) *atlas.Table {
	with := *t
	with.Columns = append(slices.Clone(t.Columns), c)
	return &with
}

// dropIndex reports whether an index that the schema no longer has is to go.
// Somebody's own is made anew where a change takes it away with its table.
func (r *reviewer) dropIndex(t *atlas.Table, i *atlas.Index) bool {
	if !derived(t, i) {
		r.own[i.Name] = true
		return false
	}
	if i.Unique && r.back {
		r.refuse("the file's schema is newer than this program's, and its unique index %s would go: use the newer program, "+
			"or accept that with sqlite:%s?newer=allow", i.Name, r.target.name)
	}
	return true
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
	if c.Change.Is(atlas.ChangeType) {
		r.modifyType(t, c)
	}
}

// addIndex refuses a unique index that the rows there are break.
func (r *reviewer) addIndex(m *atlas.ModifyTable, i *atlas.Index) {
	if !i.Unique {
		return
	}
	table, fresh := m.T.Name, true
	var columns, present []string
	for _, p := range i.Parts {
		if p.C == nil {
			return
		}
		fresh = fresh && added(m, p.C)
		switch {
		case r.has(table, p.C.Name):
			columns = append(columns, quote(p.C.Name))
			present = append(present, quote(p.C.Name)+" IS NOT NULL")
		case p.C.Default == nil:
			return // null in each row
		}
	}
	list, once := strings.Join(columns, ", "), ""
	if len(columns) > 0 {
		once = fmt.Sprintf("WHERE %s GROUP BY %s", strings.Join(present, " AND "), list)
	}
	n := r.count("SELECT COUNT(*) FROM (SELECT COUNT(*) FROM %s %s HAVING COUNT(*) > 1)", quote(table), once)
	switch {
	case n == 0:
	case fresh:
		r.refuse("%s of %s is new and unique, and its default gives more than one row the same value: make the field Optional, "+
			"or its default a function whose values differ", indexed(i), table)
	default:
		r.refuse("%s of %s is now unique, and %d values occur more than once: find them with SELECT %s, COUNT(*) FROM %s GROUP BY %s HAVING COUNT(*) > 1, "+
			"and keep one of each", list, table, n, list, quote(table), list)
	}
}

// added reports whether the changes of a table bring a column.
func added(m *atlas.ModifyTable, c *atlas.Column) bool {
	return slices.ContainsFunc(m.Changes, func(change atlas.Change) bool {
		add, ok := change.(*atlas.AddColumn)
		return ok && add.C.Name == c.Name
	})
}

// indexed lists the columns of an index.
func indexed(i *atlas.Index) string {
	list := make([]string, len(i.Parts))
	for n, p := range i.Parts {
		list[n] = quote(p.C.Name)
	}
	return strings.Join(list, ", ")
}

// verdict is the error of all that was found.
func (r *reviewer) verdict() error {
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

func (r *reviewer) exec(query string, args ...any) {
	if r.err == nil {
		_, r.err = r.tx.ExecContext(r.ctx, query, args...)
	}
}

// fail keeps the first error, and reports whether this is one.
func (r *reviewer) fail(err error) bool {
	if r.err == nil {
		r.err = err
	}
	return err != nil
}

// numbers are those that a query lists.
func (r *reviewer) numbers(query string, args ...any) (list []int64) {
	if r.err != nil {
		return nil
	}
	rows, err := r.tx.QueryContext(r.ctx, query, args...)
	if r.fail(err) {
		return nil
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		r.fail(rows.Scan(&n))
		list = append(list, n)
	}
	r.fail(rows.Err())
	return list
}

func (r *reviewer) count(format string, args ...any) (n int) {
	if r.err == nil {
		r.err = r.tx.QueryRowContext(r.ctx, fmt.Sprintf(format, args...)).Scan(&n)
	}
	return n
}

func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
