package migrate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	atlas "ariga.io/atlas/sql/schema"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/dialect/sql/sqlgraph"
)

// reviewer makes the changes of a migration to tables that are there, and
// finds what would lose data, or what their rows would break. All of it is in
// a transaction, so that what is found can be told of the changed tables, too.
type reviewer struct {
	ctx    context.Context
	tx     *Tx
	target Target
	back   bool      // the file's last schema came after ours
	found  []Refusal // why the migration is refused
	shown  Rows      // what the next reason is about
	notes  []string  // what to log once it is done
	err    error

	schema   Schema
	tables   []*schema.Table
	columns  map[string]map[string]*schema.Column // the schema's, by table
	wanted   []*atlas.Table                       // the schema's, as the database has them
	moved    map[string]bool                      // tables whose columns are not what they were
	fresh    map[string]bool                      // columns that are new, as table.column
	had      map[string]bool                      // the tables that were there, in lower case
	renamed  map[string]string                    // the tables that were renamed, by their older names
	ever     Inventory                            // what the schemas so far have made
	last     Inventory                            // what the last one has
	applied  []Applied
	secrets  map[string][]string
	lists    lists
	defaults func(table string) ([]*sqlgraph.FieldSpec, error)
}

func (m *Migration) newReviewer(ctx context.Context, tx *Tx, tables []*schema.Table, back bool) *reviewer {
	r := &reviewer{
		ctx: ctx, tx: tx, target: m.target, back: back, schema: m.schema, tables: tables, columns: map[string]map[string]*schema.Column{},
		moved: map[string]bool{}, fresh: map[string]bool{}, had: map[string]bool{}, renamed: map[string]string{}, secrets: m.secrets, lists: m.lists, defaults: m.defaults,
	}
	for _, name := range r.texts("SELECT lower(name) FROM sqlite_master WHERE type = 'table'") {
		r.had[name] = true
	}
	applied, err := history(ctx, tx)
	r.fail(err)
	for _, a := range applied {
		r.ever.add(a.made)
		r.applied = append(r.applied, Applied{a.print, a.made.Renames})
		r.last = a.made
	}
	for _, t := range tables {
		r.columns[t.Name] = map[string]*schema.Column{}
		for _, c := range t.Columns {
			r.columns[t.Name][c.Name] = c
		}
	}
	return r
}

// hook takes the changes that ent found out of its hands.
func (r *reviewer) hook(next schema.Differ) schema.Differ {
	return schema.DiffFunc(func(current, desired *atlas.Schema) ([]atlas.Change, error) {
		for _, t := range desired.Tables {
			encloseChecks(t)
		}
		changes, err := next.Diff(current, desired)
		if err != nil {
			return nil, err
		}
		r.wanted = desired.Tables
		modified := map[string][]atlas.Change{}
		for _, c := range changes {
			switch c := c.(type) {
			case *atlas.AddTable:
				t := *c.T
				t.Indexes = nil // their names may be taken still
				r.make(&t, t.Name)
			case *atlas.ModifyTable:
				modified[c.T.Name] = c.Changes
			}
		}
		for _, t := range current.Tables {
			if want, ok := desired.Table(t.Name); ok {
				r.table(t, want, modified[t.Name])
			}
		}
		return []atlas.Change{}, r.verdict()
	})
}

// table makes the changes of one table, but for its indexes.
func (r *reviewer) table(cur, want *atlas.Table, changes []atlas.Change) {
	a := &alteration{cur: cur, want: want, as: map[string]string{}, again: !sameChecks(cur, want)}
	a.empty = !r.target.Rows && r.count("SELECT COUNT(*) FROM (SELECT 1 FROM %s LIMIT 1)", quote(want.Name)) == 0
	reasons := len(r.found)
	if !a.empty {
		r.retarget(cur, want)
		changes = r.fillNewColumns(want, changes)
	}
	for _, c := range changes {
		switch c := c.(type) {
		case *atlas.AddIndex, *atlas.DropIndex, *atlas.ModifyIndex, *atlas.RenameIndex, *atlas.ModifyCheck, *atlas.AddCheck, *atlas.DropCheck:
		case *atlas.DropColumn:
			r.dropColumn(a, c.C)
		case *atlas.AddColumn:
			r.addColumn(a, c.C)
		case *atlas.ModifyColumn:
			a.again = true
			if c.Change.Is(atlas.ChangeNull) && !c.To.Type.Null && !a.empty {
				r.requireColumn(want.Name, c.To.Name)
			}
		case *atlas.AddPrimaryKey, *atlas.ModifyPrimaryKey:
			a.again = true
			r.rekey(a)
		default:
			a.again = true
		}
	}
	if !a.empty {
		r.convert(a)
	}
	if len(r.found) == reasons {
		r.alter(a)
	}
}

// addColumn refuses a required column for which nobody has a value.
func (r *reviewer) addColumn(a *alteration, c *atlas.Column) {
	r.fresh[a.want.Name+"."+c.Name], r.moved[a.want.Name] = true, true
	a.added = append(a.added, c)
	if required(c) && !a.empty && (!r.numbered(a) || r.key(a.want.Name) != quote(c.Name)) { // an id comes by itself
		r.show(a.want.Name, "", "1")
		r.refuse("%s.%s is new and required, and the rows there are have no value for it: make the %s Optional, "+
			"or give it a Default, or the column one with entsql.Default", a.want.Name, c.Name, r.what(a.want.Name, c.Name))
	}
}

// rekey refuses another primary key that is not one of the rows there are.
func (r *reviewer) rekey(a *alteration) {
	var columns, meets []string
	for _, p := range a.want.PrimaryKey.Parts {
		columns = append(columns, p.C.Name)
		meets = append(meets, quote(p.C.Name)+" IS NOT NULL")
		if _, ok := a.cur.Column(p.C.Name); !ok {
			return
		}
	}
	if !a.empty {
		r.distinct(a.want.Name, columns, strings.Join(meets, " AND "))
	}
}

// what a column is of: a field, or an edge.
func (r *reviewer) what(table, column string) string {
	if r.leads(table, column) != "" {
		return "edge"
	}
	return "field"
}

// dropColumn decides about a column that the schema no longer has. It stays
// where it is in nobody's way.
func (r *reviewer) dropColumn(a *alteration, c *atlas.Column) {
	table, ours := a.cur.Name, r.ever.Column(a.cur.Name, c.Name) != "" || len(r.ever.Tables) == 0
	n := r.count("SELECT COUNT(*) FROM %s WHERE %s IS NOT NULL", quote(table), quote(c.Name))
	leads := slices.ContainsFunc(a.cur.ForeignKeys, func(k *atlas.ForeignKey) bool { return slices.Contains(k.Columns, c) })
	switch {
	case ours && (r.target.Loss || a.empty), r.target.Rows:
		a.again = true
		if n > 0 {
			r.note("column %s.%s, which the schemas no longer have, went with the values of %d rows", table, c.Name, n)
		}
		return
	case required(c) && !a.empty:
		as := ""
		if !leads {
			as = fmt.Sprintf(", which runs ALTER TABLE %s DROP COLUMN %s", quote(table), quote(c.Name))
		}
		r.show(table, c.Name, quote(c.Name)+" IS NOT NULL")
		r.refuse("%s.%s is no longer in the schema, but every row must have it, so that no row could be added: put the field or edge back, "+
			"as Optional, or let the column and what it holds go with sqlite:%s?loss=allow%s", table, c.Name, r.target.Name, as)
	case n > 0 && (r.last.Column(table, c.Name) != "" || len(r.ever.Tables) == 0):
		way := fmt.Sprintf("give that field .StorageKey(%q)", c.Name)
		if leads {
			way = fmt.Sprintf("give that edge, to-one, .StorageKey(edge.Column(%q))", c.Name)
		}
		r.note("column %s.%s is no longer in the schemas: the values of %d rows stay in the database, out of sight. "+
			"To go on with them under another name, %s", table, c.Name, n, way)
	}
	a.kept = append(a.kept, c)
}

// requireColumn refuses what is now required, and not there.
func (r *reviewer) requireColumn(table, name string) {
	where := quote(name) + " IS NULL"
	if n := r.count("SELECT COUNT(*) FROM %s WHERE %s", quote(table), where); n > 0 {
		c := *r.columns[table][name]
		statement := r.works(r.mended(table, &c, where)...)
		what := r.what(table, name)
		r.propose(statement, "%s.%s is now required, and %d rows have no value%s: make the %s Optional again, or fill them first", table, name, n,
			r.example(table, "", where), what)
	}
}

// retarget refuses that a foreign key means rows of another table than it did.
func (r *reviewer) retarget(cur, want *atlas.Table) {
	for _, k := range want.ForeignKeys {
		for _, was := range cur.ForeignKeys {
			if len(k.Columns) != 1 || len(was.Columns) != 1 || k.Columns[0].Name != was.Columns[0].Name ||
				strings.EqualFold(k.RefTable.Name, was.RefTable.Name) {
				continue
			}
			name := k.Columns[0].Name
			where := quote(name) + " IS NOT NULL"
			if n := r.count("SELECT COUNT(*) FROM %s WHERE %s", quote(want.Name), where); n > 0 {
				statement := r.works(r.mended(want.Name, r.columns[want.Name][name], where)[:1]...)
				if statement == "" || !r.columns[want.Name][name].Nullable {
					statement = r.without(want.Name, where)
				}
				r.propose(statement, "%s.%s leads to %s in the database and to %s in the schema, and %d rows would lead to what they did not mean%s: "+
					"give the edge another name or column, or its entity the table with entsql.Annotation{Table: %q}", want.Name, name, was.RefTable.Name,
					k.RefTable.Name, n, r.example(want.Name, name, where), was.RefTable.Name)
			}
		}
	}
}

// exists reports whether the file has a table.
func (r *reviewer) exists(table string) bool {
	return r.count("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = %s COLLATE NOCASE", asText(table)) > 0
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

// asText is a text as SQL writes it.
func asText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
