package mutation

import (
	"context"
	"fmt"
	"slices"

	"coppice/core/model"
	"coppice/core/record"
)

const (
	// maxParameters is how many values a statement binds at the most: what
	// every engine takes with room to spare.
	maxParameters = 30_000
	// bulkParameters is how many one INSERT binds: few enough for its text to
	// be kept prepared, and many enough for its own cost not to count.
	bulkParameters = 4_000
)

// Sound tells all that is wrong with the set that can be told without writing
// it. Errors are as Apply's.
func (s *Set) Sound(ctx context.Context) error {
	if err := s.settleRecords(ctx); err != nil {
		return err
	}
	return s.failedAll()
}

// settleRecords decides which record each node is, and notes what those that
// have to be made lack.
func (s *Set) settleRecords(ctx context.Context) error {
	if !s.resolved {
		if err := s.resolve(ctx); err != nil {
			return err
		}
	}
	if err := s.leaveHidden(ctx); err != nil {
		return err
	}
	s.dropMoot()
	for _, n := range s.nodes {
		if n.found || s.findByName == nil && n.unclear {
			continue
		}
		s.missingInputs(n)
		if n.action == connect && s.findByName == nil {
			s.validateNode(n)
		}
	}
	return nil
}

// prepare decides what is to be written, and tells what is wrong with it.
func (s *Set) prepare(ctx context.Context) error {
	if err := s.settleRecords(ctx); err != nil {
		return err
	}
	if s.findByName != nil && len(s.faults) > 0 {
		return s.failedAll()
	}
	for _, n := range s.nodes {
		n.combineEdges()
	}
	if s.findByName == nil {
		s.contested()
	}
	if err := s.compare(ctx); err != nil {
		return err
	}
	if err := s.refuse(ctx); err != nil {
		return err
	}
	return s.failedAll()
}

// Examine tells what is wrong with a set that is not to be written, beyond what
// reading it has told. Errors are as Apply's.
func (s *Set) Examine(ctx context.Context) error {
	s.examined = true
	return s.prepare(ctx)
}

// Apply writes the set. On an error the transaction has to be rolled back. It
// may be several errors, joined in the order of the input.
func (s *Set) Apply(ctx context.Context) error {
	if err := s.prepare(ctx); err != nil {
		return err
	}
	s.planLinks()
	if err := s.arrange(); err != nil {
		return err
	}
	if err := s.detach(ctx); err != nil {
		return err
	}
	for _, l := range s.levels() {
		var fresh []*Node
		for _, n := range l.nodes {
			if !n.found {
				fresh = append(fresh, n)
				continue
			}
			if err := s.update(ctx, n); err != nil {
				return err
			}
		}
		if err := s.insert(ctx, l.entity, fresh); err != nil {
			return err
		}
	}
	return s.finish(ctx)
}

// discarded reports whether a record stands in the input of one that was found and
// is only connected to, or is left alone and never had it.
func (n *Node) discarded() bool {
	for up := n.parent; up != nil; up = up.parent {
		if up.action == connect && up.found || up.Hidden && !n.found {
			return true
		}
	}
	return false
}

// insert creates the nodes of one entity.
func (s *Set) insert(ctx context.Context, e *model.Entity, nodes []*Node) error {
	size := max(1, bulkParameters/(len(e.Fields)+len(e.Edges)+1))
	for part := range s.batches(e, nodes, size) {
		run := s.insertPart
		if s.recall != nil && s.hooked(e) {
			run = s.insertOrAdopt
		}
		if err := run(ctx, e, part); err != nil {
			return err
		}
	}
	return nil
}

// insertPart creates nodes in one statement.
func (s *Set) insertPart(ctx context.Context, e *model.Entity, part []*Node) error {
	builders := make([]record.Builder, len(part))
	for i, n := range part {
		b := s.record(e).Create(s.client)
		if n.stored {
			b.SkipHooks()
		}
		if err := s.setValues(n, b); err != nil {
			return err
		}
		builders[i], n.builder = b, b
	}
	if err := s.countOn(ctx, e, part); err != nil {
		return err
	}
	w := s.witness(part, builders)
	ids, err := s.save(ctx, e, builders)
	if err != nil {
		return s.refused(ctx, err, part, w)
	}
	for i, n := range part {
		n.ID, n.Created, n.builder = ids[i], true, nil
	}
	return nil
}

func (s *Set) save(ctx context.Context, e *model.Entity, builders []record.Builder) ([]any, error) {
	if len(builders) > 1 && !bare(e, builders) {
		return s.record(e).CreateBulk(ctx, s.client, builders)
	}
	ids := make([]any, len(builders))
	for i, b := range builders {
		var err error
		if ids[i], err = s.saveOne(ctx, e, b); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// bare reports whether none of the records has a column to set: of several such
// ent writes but one.
func bare(e *model.Entity, builders []record.Builder) bool {
	if slices.ContainsFunc(e.Fields, func(f *model.Field) bool { return f.Default && !f.DatabaseDefault }) {
		return false
	}
	return !slices.ContainsFunc(builders, func(b record.Builder) bool {
		m := b.Mutation()
		_, chosen := m.Field(e.ID.Column)
		return chosen || len(m.Fields()) > 0 || slices.ContainsFunc(e.Edges, func(ed *model.Edge) bool {
			return ed.Storage == model.Own && len(m.AddedIDs(ed.Name)) > 0
		})
	})
}

// setValues puts a new record's values and links into its builder.
func (s *Set) setValues(n *Node, b record.Builder) error {
	if err := n.set(b); err != nil {
		return err
	}
	defer func() { n.leave(b) }()
	for _, c := range n.edges {
		if c.edge.Storage != model.Other && !s.bulkAssociation(c.edge) || requiredInverse(c.edge) {
			b.SetEdge(c.edge.Name, c.existing()...)
		}
	}
	for _, l := range n.links {
		b.SetEdge(l.edge.Name, l.to.ID)
	}
	if n.via != nil && n.parent.found && n.via.Storage != model.Join && n.via.Inverse != nil && n.via.Inverse.Storage == model.Own {
		b.SetEdge(n.via.Inverse.Name, n.parent.ID)
	}
	return nil
}

// existing is the id of a record that the reference found in the database.
func (r *ref) existing() any {
	switch {
	case r.id != nil:
		return r.id
	case r.node != nil && r.node.found:
		return r.node.ID
	default:
		return nil
	}
}

// set puts the values into a builder.
func (n *Node) set(b record.Builder) error {
	m := b.Mutation()
	for i := range n.values {
		v := &n.values[i]
		if v.value == nil {
			if n.found {
				if err := m.ClearField(v.field.Column); err != nil {
					return fmt.Errorf("mutation: %w", err)
				}
			}
			continue
		}
		typed, err := v.inGo()
		if err != nil {
			return n.misread(v.field, err)
		}
		if v.append {
			b.Append(v.field.Name, typed)
			continue
		}
		if v.field == n.Entity.ID {
			b.SetID(typed)
			continue
		}
		if err := m.SetField(v.field.Column, typed); err != nil {
			return fmt.Errorf("mutation: %w", err)
		}
	}
	return nil
}

// update changes a record that exists.
func (s *Set) update(ctx context.Context, n *Node) error {
	if n.action == connect || n.action == upsert && !n.differs() {
		return nil
	}
	b, err := s.record(n.Entity).Update(s.client, n.ID)
	if err != nil {
		return err
	}
	if n.stored {
		b.SkipHooks()
	}
	if err := s.setSelfUpdating(n, b); err != nil {
		return err
	}
	n.builder = b
	defer func() { n.builder = nil }()
	if err := n.set(b); err != nil {
		return err
	}
	if err := s.updateEdges(ctx, n, b); err != nil {
		return err
	}
	for _, l := range n.links {
		b.SetEdge(l.edge.Name, l.to.ID)
	}
	w := s.witness([]*Node{n}, []record.Builder{b})
	if _, err := b.Save(ctx); err != nil {
		return s.refused(ctx, err, []*Node{n}, w)
	}
	n.Updated = true
	return nil
}

// differs reports whether anything of a found record is left to write.
func (n *Node) differs() bool {
	if len(n.values) > 0 || len(n.links) > 0 {
		return true
	}
	for _, c := range n.edges {
		if c.edge.Storage != model.Other {
			return true
		}
	}
	return false
}

// finish sets what had to wait until every record was there.
func (s *Set) finish(ctx context.Context) error {
	for _, n := range s.nodes {
		if err := s.finishNode(ctx, n); err != nil {
			return err
		}
	}
	if err := s.associate(ctx); err != nil {
		return err
	}
	if err := s.relate(ctx); err != nil {
		return err
	}
	return s.settle(ctx)
}

func (s *Set) finishNode(ctx context.Context, n *Node) error {
	if n.action == connect && n.found {
		return nil
	}
	if len(n.after) > 0 {
		b, err := s.record(n.Entity).Update(s.client, n.ID)
		if err != nil {
			return err
		}
		if n.stored {
			b.SkipHooks()
		}
		if err := s.setSelfUpdating(n, b); err != nil {
			return err
		}
		for _, l := range n.after {
			b.SetEdge(l.edge.Name, l.to.ID)
		}
		w := s.witness([]*Node{n}, []record.Builder{b})
		if _, err := b.Save(ctx); err != nil {
			return s.refused(ctx, err, []*Node{n}, w)
		}
		n.Updated = n.found
	}
	return s.attach(ctx, n)
}
