package ledger

import (
	"context"
	"fmt"
	"slices"

	"coppice/core/internal/mutation"
	"coppice/core/model"
	"coppice/core/seed/internal/store"
)

// Recall is a mutation.Recall: what hooks made of the values of some records.
func (l *Ledger) Recall(ctx context.Context, e *model.Entity, ids []any) (mutation.Effects, error) {
	known := mutation.Effects{}
	for part := range slices.Chunk(ids, store.BatchSize) {
		byText := make(map[string]any, len(part))
		args := []any{e.Name}
		for _, id := range part {
			text := fmt.Sprint(id)
			byText[text] = id
			args = append(args, text)
		}
		var record, name, said, left string
		err := store.Rows(ctx, l.client, "SELECT record, name, said, kept FROM "+EffectsTable+" WHERE entity = ? AND record IN ("+store.Places(len(part))+")", args, func() error {
			id := byText[record]
			if known[id] == nil {
				known[id] = map[string]map[string]string{}
			}
			if known[id][name] == nil {
				known[id][name] = map[string]string{}
			}
			known[id][name][said] = left
			return nil
		}, &record, &name, &said, &left)
		if err != nil {
			return nil, err
		}
	}
	return known, nil
}

// Remember notes what hooks made of the values of a batch.
func (l *Ledger) Remember(ctx context.Context, writes *mutation.Set) error {
	effects, err := writes.Effects(ctx)
	if err != nil {
		return fmt.Errorf("seed: see what hooks did: %w", err)
	}
	for _, f := range effects {
		err := store.Exec(ctx, l.client, "INSERT INTO "+EffectsTable+" (entity, record, name, said, kept) VALUES (?, ?, ?, ?, ?)"+
			" ON CONFLICT (entity, record, name, said) DO UPDATE SET kept = excluded.kept",
			[]any{f.Entity.Name, fmt.Sprint(f.ID), f.Name, f.Said, f.Left}, nil)
		if err != nil {
			return fmt.Errorf("seed: write the ledger: %w", err)
		}
	}
	return nil
}
