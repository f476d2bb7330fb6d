package seed

import (
	"context"
	"errors"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"coppice/core/fault"
	"coppice/core/internal/mutation"
	"coppice/core/model"
	"coppice/core/record"
	"coppice/core/seed/internal/ledger"
	"coppice/core/seed/internal/store"
)

// foreignKey is a column that leads to a record of another table, or of its
// own.
type foreignKey struct {
	table, column string
	owner, target *model.Entity
	required      bool
	holds         bool // its target cannot go, or takes the owner with it
}

// reset empties the tables, and counts what was in them where that is asked.
func (l *loader) reset(ctx context.Context, client *record.Client) error {
	if l.options.Changes != nil {
		for _, e := range client.Model.Entities {
			if e.View {
				continue
			}
			var n int
			if err := store.Rows(ctx, client, "SELECT COUNT(*) FROM "+store.Quote(e.Table), []any{}, func() error { return nil }, &n); err != nil {
				return err
			}
			if n > 0 {
				c := l.summary.Entities[e.Table]
				c.Removed = n
				l.summary.Entities[e.Table] = c
			}
		}
	}
	return reset(ctx, client)
}

// reset empties the entities' tables, the association tables and the ledger.
// It goes below ent, whose hooks are about records, not about all of them.
// The order asks nothing special of an engine: what leads somewhere goes
// before what it leads to, and what can be cut off is cut off first.
func reset(ctx context.Context, client *record.Client) error {
	d := sql.Dialect(client.Driver().Dialect())
	run := func(q sql.Querier) error {
		query, args := q.Query()
		if err := store.Exec(ctx, client, query, args, nil); err != nil {
			return fmt.Errorf("seed: reset: %w", err)
		}
		return nil
	}
	for _, table := range []string{ledger.RecordsTable, ledger.FingerprintsTable, ledger.TokensTable, ledger.EffectsTable} {
		if err := run(d.Delete(table)); err != nil {
			return err
		}
	}
	entities, keys := emptying(client.Model)
	for _, table := range associations(client.Model) {
		if err := run(d.Delete(table)); err != nil {
			return err
		}
	}
	for _, k := range keys {
		if err := run(d.Update(k.table).SetNull(k.column).Where(sql.NotNull(k.column))); err != nil {
			return err
		}
	}
	for _, e := range entities {
		err := run(d.Delete(e.Table))
		var foreign *fault.ForeignKey
		if errors.As(err, &foreign) {
			if stray, serr := mutation.Stray(ctx, client, e, nil); serr == nil && stray != "" {
				return fault.New(fault.Conflict, "%s cannot be emptied. %s", e.Table, stray)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// associations lists the association tables, each once.
func associations(m *model.Schema) []string {
	var tables []string
	seen := map[string]bool{}
	for _, e := range m.Entities {
		for _, ed := range e.Edges {
			if ed.Storage == model.Join && !seen[ed.Table] {
				seen[ed.Table] = true
				tables = append(tables, ed.Table)
			}
		}
	}
	return tables
}

// emptying orders the entities by the foreign keys that must hold a value, and
// lists the others, to be cleared, that lead against this order.
func emptying(m *model.Schema) (order []*model.Entity, loose []foreignKey) {
	keys := foreignKeys(m)
	place := map[*model.Entity]int{}
	var visit func(*model.Entity)
	visit = func(e *model.Entity) {
		if e.View || place[e] != 0 {
			return
		}
		place[e] = -1
		for _, k := range keys {
			if k.required && k.target == e {
				visit(k.owner)
			}
		}
		order = append(order, e)
		place[e] = len(order)
	}
	for _, e := range m.Entities {
		visit(e)
	}
	for _, k := range keys {
		if !k.required && place[k.owner] >= place[k.target] {
			loose = append(loose, k)
		}
	}
	return order, loose
}

func foreignKeys(m *model.Schema) []foreignKey {
	var keys []foreignKey
	for _, e := range m.Entities {
		for _, ed := range e.Edges {
			switch {
			case e.View:
			case ed.Storage == model.Own:
				keys = append(keys, foreignKey{e.Table, ed.Column, e, ed.Target, ed.Required, ed.OnDelete != model.SetNull})
			case ed.Storage == model.Other && ed.Inverse == nil:
				keys = append(keys, foreignKey{ed.Target.Table, ed.Column, ed.Target, e, false, ed.OnDelete != model.SetNull})
			}
		}
	}
	return keys
}
