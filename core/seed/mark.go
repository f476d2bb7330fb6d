package seed

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"coppice/core/internal/mutation"
	"coppice/core/model"
	"coppice/core/record"
	"coppice/core/seed/internal/store"
)

// marks are what the ledger has of a set's records: which it created, and a
// hash of each as the set left it.
type marks struct{ set string }

// marked is the records of an entity in a batch, by what is to be noted.
type marked struct{ created, written, found []any }

// note marks the records that a batch created, changed or found, and reports
// whether there was anything new. A record that was found as it should be
// keeps the mark it has: so it stays known that somebody changed what the set
// says nothing of.
func (m *marks) note(ctx context.Context, client *record.Client, writes *mutation.Set) (bool, error) {
	all := map[*model.Entity]*marked{}
	of := func(e *model.Entity) *marked {
		if all[e] == nil {
			all[e] = &marked{}
		}
		return all[e]
	}
	for _, n := range writes.Nodes() {
		switch k := of(n.Entity); {
		case n.Created:
			k.created = append(k.created, n.ID)
		case n.Connects() || n.ID == nil:
		case n.Updated:
			k.written = append(k.written, n.ID)
		default:
			k.found = append(k.found, n.ID)
		}
	}
	wrote := false
	for _, e := range client.Model.Entities {
		k := all[e]
		if k == nil {
			continue
		}
		fresh, err := m.unmarked(ctx, client, e, k.found)
		if err != nil {
			return false, err
		}
		touched, err := m.owned(ctx, client, e, writes.Touched(e))
		if err != nil {
			return false, err
		}
		others := slices.Concat(k.written, touched, fresh)
		wrote = wrote || len(k.created)+len(others) > 0
		for _, part := range []struct {
			created bool
			ids     []any
		}{{true, k.created}, {false, others}} {
			if err := m.write(ctx, client, e, part.created, part.ids); err != nil {
				return false, err
			}
		}
	}
	return wrote, nil
}

// unmarked lists the records of ids that the set has no mark for.
func (m *marks) unmarked(ctx context.Context, client *record.Client, e *model.Entity, ids []any) ([]any, error) {
	return m.pick(ctx, client, e, ids, " AND m.record IS NULL")
}

// owned lists the records of ids that the set has a mark for.
func (m *marks) owned(ctx context.Context, client *record.Client, e *model.Entity, ids []any) ([]any, error) {
	return m.pick(ctx, client, e, ids, " AND m.record IS NOT NULL")
}

func (m *marks) pick(ctx context.Context, client *record.Client, e *model.Entity, ids []any, which string) ([]any, error) {
	var picked []any
	id := "t." + store.Quote(e.ID.Column)
	for part := range slices.Chunk(ids, store.BatchSize) {
		query := "SELECT " + id + " FROM " + store.Quote(e.Table) + " t LEFT JOIN " + marksTable +
			" m ON m.seed_set = ? AND m.entity = ? AND m.record = CAST(" + id + " AS TEXT) WHERE " + id + " IN (" + store.Places(len(part)) + ")" + which
		var stored any
		err := store.Rows(ctx, client, query, append([]any{m.set, e.Name}, part...), func() error {
			id, err := e.TypedID(stored)
			picked = append(picked, id)
			return err
		}, &stored)
		if err != nil {
			return nil, err
		}
	}
	return picked, nil
}

// write marks records with what they are like now.
func (m *marks) write(ctx context.Context, client *record.Client, e *model.Entity, created bool, ids []any) error {
	for part := range slices.Chunk(ids, store.BatchSize) {
		query := "INSERT INTO " + marksTable + " (seed_set, entity, record, created, hash) SELECT ?, ?, CAST(" + store.Quote(e.ID.Column) + " AS TEXT), ?, " +
			hashOf(e, "") + " FROM " + store.Quote(e.Table) + " WHERE " + store.Quote(e.ID.Column) + " IN (" + store.Places(len(part)) + ")" +
			" ON CONFLICT (seed_set, entity, record) DO UPDATE SET hash = excluded.hash, created = MAX(created, excluded.created)"
		if err := client.Driver().Exec(ctx, query, append([]any{m.set, e.Name, created}, part...), nil); err != nil {
			return fmt.Errorf("seed: write the ledger: %w", err)
		}
	}
	return nil
}

// hashOf is the expression for the hash of an entity's row.
func hashOf(e *model.Entity, prefix string) string {
	var columns []string
	for _, f := range e.Fields {
		columns = append(columns, prefix+store.Quote(f.Column))
	}
	for _, ed := range e.Edges {
		if ed.Storage == model.Own {
			columns = append(columns, prefix+store.Quote(ed.Column))
		}
	}
	hash := "0"
	for part := range slices.Chunk(columns, 100) { // a function takes 127 arguments
		hash = "coppice_hash(" + hash + ", " + strings.Join(part, ", ") + ")"
	}
	return hash
}
