package mutation

import (
	"context"
	"errors"
	"slices"

	"coppice/core/fault"
	"coppice/core/model"
	"coppice/core/record"
)

// UpdateMany applies one update input to all records with own ids in ent's Go
// type: in one statement where the input says nothing that depends on the
// single record.
func UpdateMany(ctx context.Context, client *record.Client, e *model.Entity, ids []any, input map[string]any, path *Path) error {
	s := NewSet(client)
	n, err := s.Update(e, ids[0], input, path)
	if err != nil {
		return err
	}
	n.sure = true
	if !n.uniform() {
		for _, id := range ids[1:] {
			n, err := s.Update(e, id, input, path)
			if err != nil {
				return err
			}
			n.sure = true
		}
		return s.Apply(ctx)
	}
	if err := s.resolve(ctx); err != nil {
		return err
	}
	if err := s.failed(); err != nil {
		return err
	}
	for part := range slices.Chunk(ids, maxParameters/2) {
		b, err := s.record(e).UpdateMany(client, part)
		if err != nil {
			return err
		}
		if err := n.set(b); err != nil {
			return err
		}
		if err := s.updateEdges(ctx, n, b); err != nil {
			return err
		}
		if _, err := b.Save(ctx); err != nil {
			return s.explain(ctx, err, []*Node{n})
		}
	}
	return nil
}

// uniform reports whether an update does the same to every record: it sets
// values and foreign keys of its own to what exists.
func (n *Node) uniform() bool {
	for _, c := range n.edges {
		if c.edge.Storage != model.Own || c.edge.Inverse != nil && c.edge.Inverse.Unique {
			return false
		}
		for _, r := range c.refs {
			if r.node != nil {
				return false
			}
		}
	}
	return true
}

// DeleteMany removes the records with own ids in ent's Go type.
func DeleteMany(ctx context.Context, client *record.Client, e *model.Entity, ids []any) error {
	s := NewSet(client)
	for part := range slices.Chunk(ids, maxParameters/2) {
		if err := s.spared(ctx, e, part, "where"); err != nil {
			return err
		}
		_, err := s.record(e).DeleteMany(ctx, client, part)
		var foreign *fault.ForeignKey
		if errors.As(err, &foreign) {
			return s.needed(ctx, e, part, "where", err)
		}
		if err != nil {
			return refusedDelete(err, e, "where")
		}
	}
	return nil
}
