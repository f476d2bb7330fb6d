package mutation

import (
	"fmt"
	"maps"
	"slices"

	"coppice/core/model"
)

// Expect adds a record that must exist, though the set writes nothing of it.
func (s *Set) Expect(e *model.Entity, id any, path *Path) {
	s.refs = append(s.refs, &ref{entity: e, id: id, path: path, asked: e.GlobalID(fmt.Sprint(id))})
}

// Reads lists the entities whose records decide whether the set can be written.
func (s *Set) Reads() []*model.Entity {
	read := map[*model.Entity]bool{}
	for _, r := range s.refs {
		read[r.entity] = true
	}
	for _, n := range s.nodes {
		if n.action != create {
			read[n.Entity] = true
		}
	}
	return slices.Collect(maps.Keys(read))
}

// Writes lists the entities whose records the set may change.
func (s *Set) Writes() []*model.Entity {
	written := map[*model.Entity]bool{}
	for _, n := range s.nodes {
		written[n.Entity] = true
		for _, c := range n.edges {
			if c.edge.Storage == model.Other {
				written[c.edge.Target] = true
			}
		}
	}
	return slices.Collect(maps.Keys(written))
}

// Hooked reports whether hooks see the set's records when they are written: they
// may do anything else as well.
func (s *Set) Hooked() bool {
	return slices.ContainsFunc(s.nodes, func(n *Node) bool { return s.hooked(n.Entity) })
}
