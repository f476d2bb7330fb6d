package mutation

import (
	"coppice/internal/fault"
	"coppice/internal/model"
)

// links works out which edges of which node are set when: on the record that
// holds the foreign key, as soon as the other one has an id.
func (s *Set) link() {
	for _, n := range s.nodes {
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

// level is the nodes of one depth and entity, in the order of the input.
type level struct {
	entity *model.Entity
	nodes  []*Node
}

// levels groups the arranged nodes, those without needs first.
func (s *Set) levels() []level {
	deepest := 0
	for _, n := range s.nodes {
		deepest = max(deepest, n.depth)
	}
	grid := make([][]level, deepest+1)
	at := make([]map[*model.Entity]int, deepest+1)
	for _, n := range s.nodes {
		i, ok := at[n.depth][n.Entity]
		if !ok {
			if at[n.depth] == nil {
				at[n.depth] = map[*model.Entity]int{}
			}
			i = len(grid[n.depth])
			at[n.depth][n.Entity] = i
			grid[n.depth] = append(grid[n.depth], level{entity: n.Entity})
		}
		grid[n.depth][i].nodes = append(grid[n.depth][i].nodes, n)
	}
	var all []level
	for _, row := range grid {
		all = append(all, row...)
	}
	return all
}
