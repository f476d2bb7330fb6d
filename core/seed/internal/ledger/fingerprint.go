package ledger

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"coppice/core/internal/dialect"
	"coppice/core/internal/mutation"
	"coppice/core/model"
	"coppice/core/record"
	"coppice/core/seed/internal/store"
)

// Fingerprints are what the ledger has of the records of a set, by its name: which
// of them it created, and a hash of each as the set left it.
type Fingerprints struct{ Set string }

// outcome is the records of an entity in a batch, by what is to be noted.
type outcome struct{ created, written, found []any }

// Note notes what the records are like that a batch created, changed or found, and
// reports whether there was anything new. A record that was found as it should be
// keeps the fingerprint it has: so it stays known that somebody changed what the
// set says nothing of.
func (m *Fingerprints) Note(ctx context.Context, client *record.Client, writes *mutation.Set) (bool, error) {
	all := map[*model.Entity]*outcome{}
	of := func(e *model.Entity) *outcome {
		if all[e] == nil {
			all[e] = &outcome{}
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
		fresh, err := m.missing(ctx, client, e, k.found)
		if err != nil {
			return false, err
		}
		touched, err := m.present(ctx, client, e, writes.Touched(e))
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

// missing lists the records of ids that the set has no fingerprint of.
func (m *Fingerprints) missing(ctx context.Context, client *record.Client, e *model.Entity, ids []any) ([]any, error) {
	return m.pick(ctx, client, e, ids, 0)
}

// present lists the records of ids that the set has a fingerprint of.
func (m *Fingerprints) present(ctx context.Context, client *record.Client, e *model.Entity, ids []any) ([]any, error) {
	return m.pick(ctx, client, e, ids, 1)
}

// pick lists the records of ids that the set has so many fingerprints of. They are
// counted for each record, lest all that there are be read for some.
func (m *Fingerprints) pick(ctx context.Context, client *record.Client, e *model.Entity, ids []any, fingerprints int) ([]any, error) {
	var picked []any
	id := "t." + store.Quote(e.ID.Column)
	for part := range slices.Chunk(ids, store.BatchSize) {
		query := "SELECT " + id + " FROM " + store.Quote(e.Table) + " t WHERE " + id + " IN (" + store.Places(len(part)) + ")" +
			" AND (SELECT COUNT(*) FROM " + FingerprintsTable + " m WHERE m.seed_set = ? AND m.entity = ? AND m.record = CAST(" + id + " AS TEXT)) = " + strconv.Itoa(fingerprints)
		var stored any
		err := store.Rows(ctx, client, query, slices.Concat(part, []any{m.Set, e.Name}), func() error {
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

// write notes what records are like now.
func (m *Fingerprints) write(ctx context.Context, client *record.Client, e *model.Entity, created bool, ids []any) error {
	words := store.Words(client)
	for part := range slices.Chunk(ids, store.BatchSize) {
		query := "INSERT INTO " + FingerprintsTable + " (seed_set, entity, record, created, hash) SELECT ?, ?, CAST(" + store.Quote(e.ID.Column) + " AS TEXT), CAST(? AS BOOLEAN), " +
			Hash(words, e, "") + " FROM " + store.Quote(e.Table) + " WHERE " + store.Quote(e.ID.Column) + " IN (" + store.Places(len(part)) + ")" +
			" ON CONFLICT (seed_set, entity, record) DO UPDATE SET hash = excluded.hash, created = " + words.Greatest.With(FingerprintsTable+".created", "excluded.created")
		if err := store.Exec(ctx, client, query, append([]any{m.Set, e.Name, created}, part...), nil); err != nil {
			return fmt.Errorf("seed: write the ledger: %w", err)
		}
	}
	return nil
}

// Hash is the expression for the hash of an entity's row, the columns of which are
// written with a prefix: "", or an alias and a dot.
func Hash(words *dialect.Dialect, e *model.Entity, prefix string) string {
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
		hash = words.Hash.With(hash + ", " + strings.Join(part, ", "))
	}
	return hash
}
