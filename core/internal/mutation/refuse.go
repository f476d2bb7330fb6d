package mutation

import (
	"context"

	"coppice/core/fault"
	"coppice/core/model"
)

// refuse notes what no write can bring about: ent would pass over it without a
// word, or fail halfway.
func (s *Set) refuse(ctx context.Context) error {
	for _, n := range s.nodes {
		if n.action == connect && n.found {
			continue
		}
		for i := range n.edges {
			c := &n.edges[i]
			if c.mode == remove {
				continue
			}
			if c.edge.Inverse == c.edge && (c.edge.Unique || c.edge.Through) {
				s.refuseSelf(n, c)
			}
			if c.edge.Storage == model.Other && c.edge.Inverse != nil && c.edge.Inverse.Immutable {
				if err := s.refuseMove(ctx, n, c); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// refuseSelf refuses that a record is half of a pair with itself. Each pair is
// stored from both its ends, and these would be one.
func (s *Set) refuseSelf(n *Node, c *change) {
	for _, r := range c.refs {
		if id := r.existing(); r.node != n && (id == nil || !n.found || id != n.ID) {
			continue
		}
		if c.edge.Unique {
			s.wrong(r.path, "A %s cannot be its own %s.", n.Entity.Name, c.edge.GraphQL)
		} else {
			s.wrong(r.path, "A %s cannot be among its own %s.", n.Entity.Name, c.edge.GraphQL)
		}
	}
}

// refuseMove refuses to give a record to another whose edge to that one cannot
// be changed.
func (s *Set) refuseMove(ctx context.Context, n *Node, c *change) error {
	ids := c.existing()
	if len(ids) == 0 {
		return nil
	}
	owners, err := s.owners(ctx, c.edge, ids)
	if err != nil {
		return err
	}
	own := map[any]bool{}
	if n.found {
		for _, id := range owners[n.ID] {
			own[id] = true
		}
	}
	for _, r := range c.refs {
		if id := r.existing(); id != nil && !own[id] {
			s.fault(unmoved(c.edge).At(r.path.String()))
		}
	}
	return nil
}

// unmoved is the error of a record that an edge leads to and cannot be taken
// from where it is.
func unmoved(ed *model.Edge) *fault.Error {
	return fault.New(fault.BadUserInput, "The %s of a %s is set when it is created, and cannot be changed.", ed.Inverse.GraphQL, ed.Target.Name)
}
