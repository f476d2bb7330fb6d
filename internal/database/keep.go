package database

import (
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql/schema"

	"coppice/ent/migrate"
)

// object is a view, a trigger or an index, with the statement that made it.
type object struct {
	kind, name, table, made string
	unique, partial         bool     // an index
	columns                 []string // an index's
}

// objects lists the indexes, views and triggers, in the order in which they
// were made.
func (r *reviewer) objects() (list []object) {
	rows, err := r.tx.QueryContext(r.ctx, `SELECT m.type, m.name, m.tbl_name, m.sql, coalesce(l."unique", 0), coalesce(l.partial, 0),
		coalesce((SELECT group_concat(name, char(10)) FROM pragma_index_info(m.name)), '')
		FROM sqlite_master m LEFT JOIN pragma_index_list(m.tbl_name) l ON l.name = m.name
		WHERE m.sql IS NOT NULL AND m.type IN ('index', 'view', 'trigger') ORDER BY m.rowid`)
	if r.fail(err) {
		return nil
	}
	defer rows.Close()
	for rows.Next() {
		var o object
		var columns string
		r.fail(rows.Scan(&o.kind, &o.name, &o.table, &o.made, &o.unique, &o.partial, &columns))
		if columns != "" {
			o.columns = strings.Split(columns, "\n")
		}
		list = append(list, o)
	}
	r.fail(rows.Err())
	return list
}

// aside takes views and triggers out of the way: SQLite renames no table while
// one of them names a table that is being made anew. With them go indexes
// that ent cannot read. It returns all that there was.
func (r *reviewer) aside() []object {
	list := r.objects()
	for _, o := range slices.Backward(list) { // a view takes its own triggers with it
		if o.kind != "index" || o.partial && !strings.Contains(o.made, "WHERE") {
			r.exec(fmt.Sprintf("DROP %s IF EXISTS %s", o.kind, quote(o.name)))
		}
	}
	return list
}

// restore makes the views and triggers again that are not of the schema, but
// somebody's own.
func (r *reviewer) restore(before []object) {
	for _, o := range before {
		ours := slices.ContainsFunc(r.views, func(v migrate.View) bool { return strings.EqualFold(v.Name, o.name) }) ||
			slices.ContainsFunc(r.tables, func(t *schema.Table) bool { return strings.EqualFold(t.Name, o.name) }) ||
			slices.ContainsFunc(r.ever.Views, func(name string) bool { return strings.EqualFold(name, o.name) })
		if o.kind == "trigger" || o.kind == "view" && !ours {
			r.again(o)
		}
	}
}

// again makes what is somebody's own again.
func (r *reviewer) again(o object) {
	r.try(o.made, o.kind+" "+o.name+", which is not of the schema, does not go with it, so change or drop it first")
}
