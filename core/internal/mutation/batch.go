package mutation

import (
	"iter"
	"slices"

	"coppice/core/model"
)

// evenly splits a list into parts of about the same length, up to size: the
// same length is the same statement.
func evenly[T any](list []T, size int) iter.Seq[[]T] {
	parts := (len(list) + size - 1) / size
	return slices.Chunk(list, max(1, (len(list)+max(1, parts)-1)/max(1, parts)))
}

// batches splits new records of an entity into what one statement makes: up to
// size at once, those that give what the database would make up, an id or a
// default of its own, apart from those that do not, for a statement says null
// of what only some give. One by one go those that are at both ends of one
// association table, as people who follow and are followed: ent does not make
// such in bulk.
func (s *Set) batches(e *model.Entity, nodes []*Node, size int) iter.Seq[[]*Node] {
	var lists [][]*Node
	at := map[uint64]int{}
	var single []*Node
	made := e.DatabaseFilled()
	circular := s.circular(e)
	for _, n := range nodes {
		if circular && n.bothEnds() {
			single = append(single, n)
			continue
		}
		given := n.gives(made)
		i, ok := at[given]
		if !ok {
			i = len(lists)
			at[given] = i
			lists = append(lists, nil)
		}
		lists[i] = append(lists[i], n)
	}
	return func(yield func([]*Node) bool) {
		for _, list := range lists {
			for part := range evenly(list, size) {
				if !yield(part) {
					return
				}
			}
		}
		for part := range slices.Chunk(single, 1) {
			if !yield(part) {
				return
			}
		}
	}
}

// gives is which of some fields a record gives, null included, a bit for each.
func (n *Node) gives(fields []*model.Field) (set uint64) {
	for i, f := range fields {
		if slices.ContainsFunc(n.values, func(v value) bool { return v.field == f }) {
			set |= 1 << (i % 64)
		}
	}
	return set
}

// circular reports whether an association table that leads from an entity to
// itself, and has a name at either end, is left to ent.
func (s *Set) circular(e *model.Entity) bool {
	return slices.ContainsFunc(e.Edges, func(ed *model.Edge) bool {
		return ed.Storage == model.Join && ed.Target == e && ed.Inverse != nil && !s.bulkAssociation(ed)
	})
}

func (n *Node) bothEnds() bool {
	ends := map[string]*model.Edge{}
	second := func(ed *model.Edge) bool {
		if ed.Storage != model.Join {
			return false
		}
		first := ends[ed.Table]
		ends[ed.Table] = ed
		return first != nil && first != ed
	}
	return slices.ContainsFunc(n.edges, func(c change) bool { return len(c.refs) > 0 && second(c.edge) }) ||
		slices.ContainsFunc(n.links, func(l link) bool { return second(l.edge) })
}
