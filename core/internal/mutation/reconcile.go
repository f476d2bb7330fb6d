package mutation

import (
	"context"
	"fmt"
	"slices"

	"coppice/core/model"
	"coppice/core/record"
)

// A set of seed records that is applied again finds nothing to write. Two
// things would come in the way of that: a set of records that one side lists
// and the other side adds to, and a field that sets itself, as updated_at
// does, whenever its record is written.

// claims are, by edge and the id of its owner, the records of the set that say
// from their side that the edge leads to them; and under the owner nil those
// that say who their only owner is, whoever that may be.
type claims map[*model.Edge]map[any]map[any]bool

// claims notes what the set says of edges from their other side, where it is
// of use: on edges of found records that other tables hold.
func (s *Set) claims() claims {
	if s.findByName == nil {
		return nil
	}
	all := claims{}
	for _, n := range s.nodes {
		for _, c := range n.edges {
			if n.found && c.edge.Storage != model.Own && all[c.edge] == nil {
				all[c.edge] = map[any]map[any]bool{nil: {}}
			}
		}
	}
	for _, n := range s.nodes {
		if !n.found || n.action != upsert {
			continue
		}
		for _, c := range n.edges {
			owners := all[opposite(c.edge)]
			if owners == nil {
				continue
			}
			if c.edge.Storage == model.Own && len(c.refs) > 0 {
				owners[nil][n.ID] = true
				continue
			}
			for _, id := range c.existing() {
				if owners[id] == nil {
					owners[id] = map[any]bool{}
				}
				owners[id][n.ID] = true
			}
		}
	}
	return all
}

// opposite is the edge as seen from the other side. One that leads from an
// entity to itself and has no inverse goes both ways.
func opposite(ed *model.Edge) *model.Edge {
	if ed.Inverse == nil && ed.Storage == model.Join && ed.Source == ed.Target {
		return ed
	}
	return ed.Inverse
}

// reduceSets drops the changes of edges that other tables hold, where they
// say what is so already.
func (s *Set) reduceSets(ctx context.Context, e *model.Entity, nodes []*Node, all claims) error {
	for _, ed := range e.Edges {
		if ed.Storage == model.Own {
			continue
		}
		var ids []any
		for _, n := range nodes {
			if slices.ContainsFunc(n.edges, func(c change) bool { return c.edge == ed }) {
				ids = append(ids, n.ID)
			}
		}
		if len(ids) == 0 {
			continue
		}
		have, err := s.targets(ctx, ed, ids...)
		if err != nil {
			return err
		}
		var stored map[ends][]any
		if len(ed.Fields) > 0 {
			if stored, err = s.related(ctx, ed, ids); err != nil {
				return err
			}
		}
		for _, n := range nodes {
			n.reduceSet(ed, have[n.ID], all[ed], stored)
		}
	}
	return nil
}

func (n *Node) reduceSet(ed *model.Edge, have map[any]bool, owners map[any]map[any]bool, stored map[ends][]any) {
	n.edges = slices.DeleteFunc(n.edges, func(c change) bool {
		c.claimed, c.settled = owners[n.ID], owners[nil]
		return c.edge == ed && c.holds(have) && !c.restates(n, stored)
	})
	for i := range n.edges {
		if c := &n.edges[i]; c.edge == ed {
			c.claimed, c.settled = owners[n.ID], owners[nil]
		}
	}
}

// restates reports whether a change says of a relation what that does not hold
// yet.
func (c *change) restates(n *Node, stored map[ends][]any) bool {
	return slices.ContainsFunc(c.refs, func(r *ref) bool {
		return len(r.with) > 0 && len(news(c.edge, r.with, stored[ends{n.ID, r.existing()}])) > 0
	})
}

// claimedElsewhere reports whether a change that replaces a set leaves a record of it
// to what that one says itself.
func (c *change) claimedElsewhere(id any) bool { return c.claimed[id] || c.settled[id] }

// holds reports whether what a change says of an edge is so already.
func (c *change) holds(have map[any]bool) bool {
	wanted := map[any]bool{}
	for _, r := range c.refs {
		id := r.existing()
		if id == nil || !have[id] {
			return false
		}
		wanted[id] = true
	}
	for id := range have {
		if c.mode != add && !wanted[id] && !c.claimedElsewhere(id) {
			return false
		}
	}
	return c.mode != remove
}

// setSelfUpdating puts what a seed record says of fields that may set themselves into
// a builder that writes the record for whatever reason.
func (s *Set) setSelfUpdating(n *Node, b record.Builder) error {
	if s.findByName == nil {
		return nil
	}
	for _, v := range slices.Concat(n.kept, n.values) {
		if v.value == nil || v.append || v.field.Immutable || v.field == n.Entity.ID || !v.field.Default {
			continue
		}
		typed, err := v.field.Go(v.value)
		if err != nil {
			return fmt.Errorf("mutation: %w", err)
		}
		if err := b.Mutation().SetField(v.field.Column, typed); err != nil {
			return fmt.Errorf("mutation: %w", err)
		}
	}
	return nil
}

// touch notes that records were written for the sake of others.
func (s *Set) touch(e *model.Entity, ids []any) {
	if s.findByName == nil {
		return
	}
	if s.writtenForOthers[e] == nil {
		s.writtenForOthers[e] = map[any]bool{}
	}
	for _, id := range ids {
		s.writtenForOthers[e][id] = true
	}
}

// settle lets the seed records that were written for the sake of others be as
// the set says.
func (s *Set) settle(ctx context.Context) error {
	for _, n := range s.nodes {
		if n.action != upsert || !s.writtenForOthers[n.Entity][n.ID] {
			continue
		}
		b, err := s.record(n.Entity).Update(s.client, n.ID)
		if err != nil {
			return err
		}
		if err := s.setSelfUpdating(n, b); err != nil {
			return err
		}
		if len(b.Mutation().Fields()) == 0 {
			continue
		}
		if _, err := b.Save(ctx); err != nil {
			return s.explain(ctx, err, []*Node{n})
		}
	}
	return nil
}
