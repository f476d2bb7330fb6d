package mutation

import (
	"context"

	"coppice/core/fault"
	"coppice/core/model"
)

// requiredInverse reports whether ent makes no record without what this edge leads to,
// though the foreign key is the other one's: then that one is written first. The
// database does not know of it, so what would leave a record without its only
// one is refused here.
func requiredInverse(ed *model.Edge) bool {
	return ed.Required && ed.Storage == model.Other && (ed.Inverse == nil || !ed.Inverse.Required)
}

// requiredUniqueInverse reports whether the other side of an edge is firm, and leads to one.
func requiredUniqueInverse(ed *model.Edge) bool {
	return ed.Storage == model.Own && ed.Inverse != nil && ed.Inverse.Unique && requiredInverse(ed.Inverse)
}

// secure makes sure that a change leaves no record without what it needs over a
// requiredInverse edge.
func (s *Set) secure(ctx context.Context, n *Node, c *change) error {
	switch {
	case requiredInverse(c.edge):
		return s.free(ctx, n, c)
	case requiredUniqueInverse(c.edge) && n.found:
		return s.refuseOrphans(ctx, c.edge, []any{n.ID}, c.existing(), c.path.String())
	}
	return nil
}

// free takes the records that a firm edge is to lead to away from their owners.
// One who cannot be without the only one keeps it.
func (s *Set) free(ctx context.Context, n *Node, c *change) error {
	ids := c.existing()
	if len(ids) == 0 || c.mode == remove {
		return nil
	}
	owners, err := s.owners(ctx, c.edge, ids)
	if err != nil {
		return err
	}
	if n.found {
		delete(owners, n.ID)
	}
	if len(owners) > 0 && c.edge.Unique {
		return fault.New(fault.Conflict, "This %s belongs to another %s, which requires it.", c.edge.Target.Name, c.edge.Source.Name).
			At(c.path.String())
	}
	return s.disown(ctx, c, owners)
}

// refuseOrphans refuses to take records away from those who cannot be without them, but
// for the owners that are to have them.
func (s *Set) refuseOrphans(ctx context.Context, ed *model.Edge, ids, except []any, field string) error {
	owned := false
	err := s.rows(ctx, ed.Source, []string{ed.Column}, s.withID(ed.Source, ids), func(row []any) error {
		if row[0] == nil {
			return nil
		}
		owner, err := ed.Target.TypedID(row[0])
		owned = owned || len(except) == 0 || except[0] != owner
		return err
	})
	if err == nil && owned {
		err = fault.New(fault.Conflict, "Its %s requires this %s: assign it another one first.", ed.GraphQL, ed.Source.Name).At(field)
	}
	return err
}

// spared refuses to delete records that others cannot be without.
func (s *Set) spared(ctx context.Context, e *model.Entity, ids []any, field string) error {
	for _, ed := range e.Edges {
		if !requiredUniqueInverse(ed) {
			continue
		}
		if err := s.refuseOrphans(ctx, ed, ids, nil, field); err != nil {
			return err
		}
	}
	return nil
}
