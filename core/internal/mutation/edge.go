package mutation

import (
	"context"
	"fmt"
	"slices"

	"entgo.io/ent/dialect/sql"

	"coppice/core/fault"
	"coppice/core/model"
	"coppice/core/record"
)

// existing is the records of a change that were in the database before, each
// once.
func (c *change) existing() []any {
	if len(c.refs) == 1 {
		if id := c.refs[0].existing(); id != nil {
			return []any{id}
		}
		return nil
	}
	var ids []any
	seen := make(map[any]bool, len(c.refs))
	for _, r := range c.refs {
		if id := r.existing(); id != nil && !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

// updateEdges puts the edges that a record's own row or association tables
// hold into the builder of its change.
func (s *Set) updateEdges(ctx context.Context, n *Node, b record.Builder) error {
	for i := range n.edges {
		c := &n.edges[i]
		switch c.edge.Storage {
		case model.Own:
			if ids := c.existing(); len(ids) > 0 {
				b.SetEdge(c.edge.Name, ids[0])
			} else if len(c.refs) == 0 {
				if err := b.Mutation().ClearEdge(c.edge.Name); err != nil {
					return fmt.Errorf("mutation: %w", err)
				}
			}
		case model.Join:
			if err := s.updateJoin(ctx, n, c, b); err != nil {
				return err
			}
		}
	}
	return nil
}

// updateJoin adds what is not there, and removes what should not be.
func (s *Set) updateJoin(ctx context.Context, n *Node, c *change, b record.Builder) error {
	sets, err := s.targets(ctx, c.edge, n.ID)
	if err != nil {
		return err
	}
	have := sets[n.ID]
	wanted := map[any]bool{}
	for _, id := range c.existing() {
		wanted[id] = true
		switch {
		case c.mode == remove && have[id]:
			b.RemoveEdge(c.edge.Name, id)
		case c.mode != remove && !have[id] && (len(c.edge.Fields) == 0 || !s.bulkAssociation(c.edge)):
			b.SetEdge(c.edge.Name, id)
		}
	}
	if c.mode != replace {
		return nil
	}
	for id := range have {
		if !wanted[id] && !c.claimedElsewhere(id) {
			b.RemoveEdge(c.edge.Name, id)
		}
	}
	return nil
}

// targets is the sets of records that an edge leads to, by the records it
// leads there from. What is hidden is in none, and so stays where it is.
func (s *Set) targets(ctx context.Context, ed *model.Edge, from ...any) (map[any]map[any]bool, error) {
	have := make(map[any]map[any]bool, len(from))
	name, owner, target := ed.Target.Table, ed.Column, ed.Target.ID.Column
	t := sql.Table(name)
	if ed.Storage == model.Join {
		name, owner, target = ed.Table, ed.From, ed.Ref
		t = sql.Table(name).As(joined)
	}
	sel := sql.Dialect(s.client.Driver().Dialect()).Select(t.C(owner), t.C(target)).From(t)
	sel.Where(sql.In(t.C(owner), from...))
	if err := s.visibleOver(ctx, sel, ed, t); err != nil {
		return nil, err
	}
	query, args := sel.Query()
	query = s.client.Indexes().Read(s.words(), query, name, owner, target)
	err := s.query(ctx, query, args, 2, func(row []any) error {
		id, err := ed.Source.TypedID(row[0])
		if err != nil {
			return err
		}
		if have[id] == nil {
			have[id] = map[any]bool{}
		}
		to, err := ed.Target.TypedID(row[1])
		have[id][to] = true
		return err
	})
	return have, err
}

// joined is the alias of an association table, which may be one that another
// statement's condition names.
const joined = "_joined"

// visibleOver adds to a selection of where an edge leads that this is not
// hidden, nor is the association row that leads there.
func (s *Set) visibleOver(ctx context.Context, sel *sql.Selector, ed *model.Edge, t *sql.SelectTable) error {
	if ed.Storage != model.Join {
		return s.visible(ctx, sel, ed.Target, ed.Target.Table)
	}
	if ed.By != nil {
		if err := s.visible(ctx, sel, ed.By, joined); err != nil {
			return err
		}
	}
	if !s.guarded(ctx, ed.Target) {
		return nil
	}
	to := sql.Table(ed.Target.Table).As("_target")
	sel.Join(to).On(to.C(ed.Target.ID.Column), t.C(ed.Ref))
	return s.visible(ctx, sel, ed.Target, "_target")
}

// detach takes the other side's foreign keys away from where they must not
// point any more, before anything is written: from a record whose set is
// replaced or reduced, and from the owner that a one-to-one edge moves from.
// One that cannot be without it stays: the edge's unique column tells.
func (s *Set) detach(ctx context.Context) error {
	moves := map[*model.Edge][]move{}
	for _, n := range s.nodes {
		if n.action == connect && n.found {
			continue
		}
		for i := range n.edges {
			c := &n.edges[i]
			if err := s.secure(ctx, n, c); err != nil {
				return err
			}
			switch {
			case c.edge.Storage == model.Other && n.found:
				if err := s.detachSet(ctx, n, c); err != nil {
					return err
				}
			case c.edge.Storage == model.Own && c.edge.Inverse != nil && c.edge.Inverse.Unique && !c.edge.Required:
				moves[c.edge] = append(moves[c.edge], c.moves(n)...)
			}
		}
	}
	for _, e := range s.model.Entities {
		for _, ed := range e.Edges {
			for part := range slices.Chunk(moves[ed], batch) {
				if err := s.detachOwners(ctx, ed, part); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// move is a record that only one other may lead to over a one-to-one edge.
type move struct {
	to   any
	from any // nil while it is not made
	path *Path
}

func (c *change) moves(n *Node) []move {
	var to any
	var list []move
	if ids := c.existing(); len(ids) > 0 {
		to = ids[0]
		list = append(list, move{to, n.ID, c.path})
	}
	if c.edge.Inverse == c.edge && n.found { // a pair: its other half lets go, too
		list = append(list, move{n.ID, to, c.path})
	}
	return list
}

func (s *Set) detachSet(ctx context.Context, n *Node, c *change) error {
	if c.mode == add {
		return nil
	}
	sets, err := s.targets(ctx, c.edge, n.ID)
	if err != nil {
		return err
	}
	have := sets[n.ID]
	var gone []any
	if c.mode == remove {
		for _, id := range c.existing() {
			if have[id] {
				gone = append(gone, id)
			}
		}
	} else {
		for _, id := range c.existing() {
			delete(have, id)
		}
		for id := range have {
			if !c.claimedElsewhere(id) {
				gone = append(gone, id)
			}
		}
	}
	if len(gone) == 0 {
		return nil
	}
	n.Updated = true
	return s.clear(ctx, n, c.edge, gone, c.path)
}

// clear cuts the records at the other end of an edge off their owner.
func (s *Set) clear(ctx context.Context, owner *Node, ed *model.Edge, ids []any, path *Path) error {
	if ed.Inverse == nil {
		b, err := s.record(ed.Source).Update(s.client, owner.ID)
		if err != nil {
			return err
		}
		b.RemoveEdge(ed.Name, ids...)
		_, err = b.Save(ctx)
		return explainAt(s.model, err, path)
	}
	if ed.Inverse.Required {
		return fault.New(fault.Conflict, "Each %s that this list leaves out must keep a value for %s: delete it, or assign it another one first.",
			ed.Target.Name, ed.Inverse.GraphQL).At(path.String())
	}
	if ed.Inverse.Immutable {
		return unmoved(ed).At(path.String())
	}
	return s.relink(ctx, ed, ids, nil, path)
}

// relink points the foreign keys of the records at an edge's other end to an
// owner, or to nothing.
func (s *Set) relink(ctx context.Context, ed *model.Edge, ids []any, owner any, path *Path) error {
	for part := range slices.Chunk(ids, maxParameters/2) {
		b, err := s.record(ed.Target).UpdateMany(s.client, part)
		if err != nil {
			return err
		}
		if owner != nil {
			b.SetEdge(ed.Inverse.Name, owner)
		} else if err := b.Mutation().ClearEdge(ed.Inverse.Name); err != nil {
			return fmt.Errorf("mutation: %w", err)
		}
		if _, err := b.Save(ctx); err != nil {
			return explainAt(s.model, err, path)
		}
		s.touch(ed.Target, part)
	}
	return nil
}

// detachOwners frees the records that a one-to-one edge is about to lead to
// from those that lead there now.
func (s *Set) detachOwners(ctx context.Context, ed *model.Edge, moves []move) error {
	to, from := make([]any, len(moves)), make(map[any]any, len(moves))
	for i, m := range moves {
		to[i], from[m.to] = m.to, m.from
	}
	var holders []any
	err := s.rows(ctx, ed.Source, []string{ed.Source.ID.Column, ed.Column}, among(ed.Column, to), func(row []any) error {
		id, err := ed.Source.TypedID(row[0])
		if err != nil {
			return err
		}
		held, err := ed.Target.TypedID(row[1])
		if from[held] != id {
			holders = append(holders, id)
		}
		return err
	})
	if err != nil || len(holders) == 0 {
		return err
	}
	return s.relink(ctx, ed.Inverse, holders, nil, moves[0].path)
}

// attach points the other side's foreign keys at a record that has been
// written, where the records at the other end existed before.
func (s *Set) attach(ctx context.Context, n *Node) error {
	for i := range n.edges {
		c := &n.edges[i]
		if c.edge.Storage != model.Other || c.mode == remove || !n.found && requiredInverse(c.edge) {
			continue
		}
		ids := c.existing()
		if len(ids) > 0 && n.found {
			have, err := s.targets(ctx, c.edge, n.ID)
			if err != nil {
				return err
			}
			ids = without(ids, have[n.ID])
		}
		if len(ids) == 0 {
			continue
		}
		n.Updated = n.found
		if c.edge.Inverse != nil {
			if err := s.relink(ctx, c.edge, ids, n.ID, c.path); err != nil {
				return err
			}
			continue
		}
		if err := s.adopt(ctx, n, c, ids); err != nil {
			return err
		}
	}
	return nil
}

// adopt moves records to an owner over an edge that only the owner declares.
func (s *Set) adopt(ctx context.Context, n *Node, c *change, ids []any) error {
	owners, err := s.owners(ctx, c.edge, ids)
	if err != nil {
		return err
	}
	if err := s.disown(ctx, c, owners); err != nil {
		return err
	}
	b, err := s.record(n.Entity).Update(s.client, n.ID)
	if err != nil {
		return err
	}
	b.SetEdge(c.edge.Name, ids...)
	_, err = b.Save(ctx)
	return explainAt(s.model, err, c.path)
}

// owners is the records at the other end of an edge, by who they belong to.
func (s *Set) owners(ctx context.Context, ed *model.Edge, ids []any) (map[any][]any, error) {
	owners := map[any][]any{}
	err := s.rows(ctx, ed.Target, []string{ed.Target.ID.Column, ed.Column}, s.withID(ed.Target, ids), func(row []any) error {
		id, err := ed.Target.TypedID(row[0])
		if err != nil || row[1] == nil {
			return err
		}
		owner, err := ed.Source.TypedID(row[1])
		owners[owner] = append(owners[owner], id)
		return err
	})
	return owners, err
}

// disown takes records away from their owners: ent will not do so for the sake
// of another owner.
func (s *Set) disown(ctx context.Context, c *change, owners map[any][]any) error {
	for owner, ids := range owners {
		if err := s.clear(ctx, &Node{Entity: c.edge.Source, ID: owner}, c.edge, ids, c.path); err != nil {
			return err
		}
	}
	return nil
}

func without(ids []any, have map[any]bool) []any {
	var left []any
	for _, id := range ids {
		if !have[id] {
			left = append(left, id)
		}
	}
	return left
}
