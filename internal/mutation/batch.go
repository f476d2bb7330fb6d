package mutation

import (
	"iter"
	"slices"

	"coppice/internal/model"
)

// batches splits new records of an entity into what one statement makes: up to
// size at once, but one by one those that are at both ends of one association
// table, as people who follow and are followed. ent does not make such in bulk.
func batches(e *model.Entity, nodes []*Node, size int) iter.Seq[[]*Node] {
	var many, single []*Node
	if !circular(e) {
		return slices.Chunk(nodes, size)
	}
	for _, n := range nodes {
		if n.bothEnds() {
			single = append(single, n)
		} else {
			many = append(many, n)
		}
	}
	return func(yield func([]*Node) bool) {
		for part := range slices.Chunk(many, size) {
			if !yield(part) {
				return
			}
		}
		for part := range slices.Chunk(single, 1) {
			if !yield(part) {
				return
			}
		}
	}
}

// circular reports whether an association table leads from an entity to
// itself, and has a name at either end.
func circular(e *model.Entity) bool {
	return slices.ContainsFunc(e.Edges, func(ed *model.Edge) bool {
		return ed.Storage == model.Join && ed.Target == e && ed.Inverse != nil
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
