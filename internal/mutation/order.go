package mutation

import (
	"cmp"
	"slices"

	"coppice/internal/fault"
	"coppice/internal/model"
)

// links works out which edges of which node are set when: on the record that
// holds the foreign key, as soon as the other one has an id.
func (s *Set) link() {
	for _, n := range s.nodes {
		if n.action == connect && n.found {
			continue
		}
		for _, c := range n.edges {
			if c.mode == remove {
				continue
			}
			for _, r := range c.refs {
				if m := r.node; m != nil && !m.found {
					n.linkTo(c.edge, m)
				}
			}
		}
	}
}

// linkTo links a node to one that is yet to be made.
func (n *Node) linkTo(ed *model.Edge, m *Node) {
	if ed.Storage == model.Other && ed.Inverse != nil {
		m.links = append(m.links, link{ed.Inverse, n})
		return
	}
	n.links = append(n.links, link{ed, m})
}

// hard reports whether a record cannot be written before the link is known.
func (l link) hard() bool { return l.edge.Storage == model.Own && l.edge.Required }

// arrange orders the nodes: each gets a depth greater than those of the nodes
// it needs. A link that would close a circle waits until all are written; one
// that cannot wait is an error.
func (s *Set) arrange() error {
	for _, n := range s.nodes {
		if err := n.visit(); err != nil {
			return err
		}
	}
	return nil
}

func (n *Node) visit() error {
	n.visited = visiting
	kept := n.links[:0:0]
	for _, l := range n.links {
		m := l.to
		if m.visited == visiting {
			if l.hard() {
				return fault.Input(n.Path.At(l.edge.GraphQL).String(),
					"These records need each other in a circle: none of them can be written first.")
			}
			n.after = append(n.after, l)
			continue
		}
		if m.visited == unvisited {
			if err := m.visit(); err != nil {
				return err
			}
		}
		kept = append(kept, l)
		n.depth = max(n.depth, m.depth+1)
	}
	n.links = kept
	n.visited = visited
	return nil
}

// level is the nodes of one entity that are written together, in the order of
// the input.
type level struct {
	entity *model.Entity
	nodes  []*Node
}

// levels groups the arranged nodes, those without needs first. Where no two
// entities need each other, all nodes of an entity stay together, so that they
// are written in one statement and in the order of the input.
func (s *Set) levels() []level {
	rank := s.ranks()
	if rank != nil {
		chains := make(map[*Node]int, len(s.nodes))
		for _, n := range s.nodes {
			n.depth = rank[n.Entity]*len(s.nodes) + n.chain(chains)
		}
	}
	type key struct {
		depth  int
		entity *model.Entity
	}
	var all []level
	at := map[key]int{}
	nodes := slices.Clone(s.nodes)
	slices.SortStableFunc(nodes, func(a, b *Node) int { return cmp.Compare(a.depth, b.depth) })
	for _, n := range nodes {
		k := key{n.depth, n.Entity}
		i, ok := at[k]
		if !ok {
			i = len(all)
			at[k] = i
			all = append(all, level{entity: n.Entity})
		}
		all[i].nodes = append(all[i].nodes, n)
	}
	return all
}

// chain is how many records of its own entity a node needs in a row.
func (n *Node) chain(known map[*Node]int) int {
	if depth, ok := known[n]; ok {
		return depth
	}
	depth := 0
	for _, l := range n.links {
		if l.to.Entity == n.Entity {
			depth = max(depth, l.to.chain(known)+1)
		}
	}
	known[n] = depth
	return depth
}

// ranks orders the entities of the set so that each comes after those it
// needs; it is nil when they need each other.
func (s *Set) ranks() map[*model.Entity]int {
	var entities []*model.Entity
	needs := map[*model.Entity]map[*model.Entity]bool{}
	for _, n := range s.nodes {
		if needs[n.Entity] == nil {
			needs[n.Entity] = map[*model.Entity]bool{}
			entities = append(entities, n.Entity)
		}
		for _, l := range n.links {
			if l.to.Entity != n.Entity {
				needs[n.Entity][l.to.Entity] = true
			}
		}
	}
	rank := map[*model.Entity]int{}
	for len(rank) < len(entities) {
		before := len(rank)
		for _, e := range entities {
			if _, done := rank[e]; !done && ranked(needs[e], rank) {
				rank[e] = len(rank)
			}
		}
		if len(rank) == before {
			return nil
		}
	}
	return rank
}

func ranked(needs map[*model.Entity]bool, rank map[*model.Entity]int) bool {
	for e := range needs {
		if _, ok := rank[e]; !ok {
			return false
		}
	}
	return true
}
