package mutation

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"coppice/core/fault"
	"coppice/core/model"
)

// insertOrAdopt creates seed records that hooks see. Where a key is taken once
// the hooks have changed it, whoever has it is the record: it is updated, and
// the others are created.
func (s *Set) insertOrAdopt(ctx context.Context, e *model.Entity, part []*Node) error {
	if err := s.exec(ctx, "SAVEPOINT coppice_hooks"); err != nil {
		return err
	}
	err := s.insertPart(ctx, e, part)
	var unique *fault.Unique
	if err == nil || !errors.As(err, &unique) || unique.Table != e.Table {
		return errors.Join(err, s.exec(ctx, "RELEASE coppice_hooks"))
	}
	if err := s.exec(ctx, "ROLLBACK TO coppice_hooks"); err != nil {
		return err
	}
	adopted, aerr := s.adopted(ctx, keyWith(e, unique.Columns), part)
	if aerr != nil || len(adopted) == 0 {
		return errors.Join(err, aerr)
	}
	if err := s.compareRecords(ctx, e, adopted, nil); err != nil {
		return err
	}
	for _, n := range adopted {
		if err := s.update(ctx, n); err != nil {
			return err
		}
	}
	rest := slices.DeleteFunc(slices.Clone(part), func(n *Node) bool { return n.found })
	if len(rest) == 0 {
		return nil
	}
	return s.insertOrAdopt(ctx, e, rest)
}

// adopted finds those of the nodes whose key, as hooks left it, a record has.
func (s *Set) adopted(ctx context.Context, k *model.Key, part []*Node) (found []*Node, err error) {
	owners := map[any]bool{}
	for _, n := range part {
		if k == nil || n.stored {
			continue
		}
		at := lookup{values: n.keyValues(k)}
		for i, p := range k.Parts {
			if p.Field == nil {
				continue
			}
			if v, ok := n.builder.Mutation().Field(p.Field.Column); ok {
				at.values[i] = v
			}
		}
		if !stored(at.values) {
			continue
		}
		err := s.rows(ctx, n.Entity, []string{n.Entity.ID.Column}, keyIn(k, []*lookup{&at}), func(row []any) error {
			id, err := n.Entity.TypedID(row[0])
			if !owners[id] { // of two that become the same, the second is told
				owners[id] = true
				n.ID, n.found = id, true
				found = append(found, n)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// exec runs a statement that has no result.
func (s *Set) exec(ctx context.Context, query string) error {
	if err := s.client.Driver().Exec(ctx, query, []any{}, nil); err != nil {
		return fmt.Errorf("mutation: %w", err)
	}
	return nil
}

// keyWith is the key of an entity that consists of some columns, or nil.
func keyWith(e *model.Entity, columns []string) *model.Key {
	for _, k := range e.Keys {
		if slices.EqualFunc(k.Parts, columns, func(p model.Part, column string) bool { return p.Column() == column }) {
			return k
		}
	}
	return nil
}
