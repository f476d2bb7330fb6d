package migrate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql/schema"

	"coppice/core/record"
)

// object is a view, a trigger or an index, with the statement that made it.
type object struct{ kind, name, made string }

// objects lists those of some kinds, in the order in which they were made.
func objects(ctx context.Context, tx *Tx, kinds string) ([]object, error) {
	rows, err := tx.QueryContext(ctx, "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND type IN ("+kinds+") ORDER BY rowid")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []object
	for rows.Next() {
		var o object
		if err := rows.Scan(&o.kind, &o.name, &o.made); err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, rows.Err()
}

// madeIndex is an index that the file has.
type madeIndex struct {
	object
	table           string
	unique, partial bool
	columns         []string
}

func (r *reviewer) madeIndexes() (list []madeIndex) {
	rows, err := r.tx.QueryContext(r.ctx, `SELECT m.type, m.name, m.sql, m.tbl_name, l."unique", l.partial,
		coalesce((SELECT group_concat(name, char(10)) FROM pragma_index_info(m.name)), '')
		FROM sqlite_master m JOIN pragma_index_list(m.tbl_name) l ON l.name = m.name WHERE m.sql IS NOT NULL AND m.type = 'index' ORDER BY m.rowid`)
	if r.fail(err) {
		return nil
	}
	defer rows.Close()
	for rows.Next() {
		var i madeIndex
		var columns string
		r.fail(rows.Scan(&i.kind, &i.name, &i.made, &i.table, &i.unique, &i.partial, &columns))
		if columns != "" {
			i.columns = strings.Split(columns, "\n")
		}
		list = append(list, i)
	}
	r.fail(rows.Err())
	return list
}

// dropDependents takes views and triggers out of the way: SQLite renames no table while
// one of them names a table that is being made anew. With them go indexes
// that ent cannot read. It returns the indexes, and the views and triggers,
// that there were.
func (r *reviewer) dropDependents() ([]madeIndex, []object) {
	indexes := r.madeIndexes()
	for _, i := range indexes {
		if i.partial && !strings.Contains(i.made, "WHERE") {
			r.exec("DROP INDEX " + quote(i.name))
		}
	}
	list, err := objects(r.ctx, r.tx, "'view', 'trigger'")
	r.fail(err)
	for _, o := range slices.Backward(list) { // a view takes its own triggers with it
		r.exec(fmt.Sprintf("DROP %s IF EXISTS %s", o.kind, quote(o.name)))
	}
	return indexes, list
}

// restoreDependents makes the views and triggers again that are not of the schema, but
// somebody's own.
func (r *reviewer) restoreDependents(before []object, views []record.View) {
	for _, o := range before {
		ours := slices.ContainsFunc(views, func(v record.View) bool { return strings.EqualFold(v.Name, o.name) }) ||
			slices.ContainsFunc(r.tables, func(t *schema.Table) bool { return strings.EqualFold(t.Name, o.name) }) ||
			slices.ContainsFunc(r.ever.Views, func(name string) bool { return strings.EqualFold(name, o.name) })
		if o.kind == "trigger" || !ours {
			r.again(o)
		}
	}
}

// again makes what is somebody's own again.
func (r *reviewer) again(o object) {
	r.try(o.made, o.kind+" "+o.name+", which is not of the schema, does not go with it, so change or drop it first")
}
