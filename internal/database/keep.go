package database

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"coppice/ent/migrate"
)

// object is a view, a trigger or an index, with the statement that made it.
type object struct{ kind, name, made string }

// objects lists those of some kinds, in the order in which they were made.
func objects(ctx context.Context, tx *sql.Tx, kinds string) ([]object, error) {
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

// aside takes views and triggers out of the way: SQLite renames no table while
// one of them names a table that is being made anew. It returns what restore
// makes again, but for the views of the schema.
func (r *reviewer) aside(ours []migrate.View) ([]object, error) {
	own, err := objects(r.ctx, r.tx, "'index'")
	if err != nil {
		return nil, err
	}
	list, err := objects(r.ctx, r.tx, "'view', 'trigger'")
	if err != nil {
		return nil, err
	}
	for _, o := range slices.Backward(list) { // a view takes its own triggers with it
		r.exec(fmt.Sprintf("DROP %s IF EXISTS %s", o.kind, quote(o.name)))
	}
	for _, o := range list {
		if !slices.ContainsFunc(ours, func(v migrate.View) bool { return o.kind == "view" && v.Name == o.name }) {
			own = append(own, o)
		}
	}
	return own, r.err
}

// restore makes again what is not of the schema, but somebody's own.
func (r *reviewer) restore(own []object) error {
	for _, o := range own {
		if o.kind == "index" && (!r.own[o.name] || r.count("SELECT COUNT(*) FROM sqlite_master WHERE type = 'index' AND name = %s", asText(o.name)) > 0) {
			continue
		}
		if r.exec(o.made); r.err != nil {
			return fmt.Errorf("%s %s, which is not of the schema, does not go with it: %w", o.kind, o.name, r.err)
		}
	}
	return r.err
}
