package mutation

import (
	"cmp"
	"slices"

	"coppice/core/fault"
	"coppice/core/model"
)

// links works out which edges of which node are set when: on the record that
// holds the foreign key, as soon as the other one has an id.
func (s *Set) planLinks() {
	for _, n := range s.nodes {
		if n.action == connect && n.found {
			continue
		}
		for _, c := range n.edges {
			if c.mode == remove || s.bulkAssociation(c.edge) && (!n.found || len(c.edge.Fields) > 0) {
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
	switch {
	case requiredInverse(ed) && !n.found:
		n.links = append(n.links, link{ed, m})
		return
	case ed.Inverse != nil && requiredInverse(ed.Inverse):
		m.links = append(m.links, link{ed.Inverse, n})
		return
	case ed.Inverse == ed && ed.Unique && slices.Contains(m.links, link{ed, n}):
		return // a pair: its other half says so already
	}
	if ed.Inverse != nil && (ed.Storage == model.Other || ed.Storage == model.Join && ed.Inverse.Required && !ed.Required) {
		m.links = append(m.links, link{ed.Inverse, n})
		return
	}
	n.links = append(n.links, link{ed, m})
}

// hard reports whether a record cannot be written before the link is known.
func (l link) hard() bool {
	return l.edge.Required && (l.edge.Storage != model.Other || requiredInverse(l.edge))
}

// arrange orders the nodes: each gets a depth greater than those of the nodes
// it needs. Where nodes need each other in a circle, a link that can wait does,
// until all are written; a circle of links that cannot is an error.
func (s *Set) arrange() error {
	a := arrangement{needs: map[*Node]*need{}}
	for _, n := range s.nodes {
		if len(n.links) > 0 {
			a.needs[n] = &need{}
		}
	}
	if len(a.needs) == 0 {
		return nil
	}
	for _, n := range s.nodes {
		a.add(n)
	}
	for left := len(s.nodes); left > 0; left-- {
		n := a.next()
		if n == nil {
			return s.circle(a)
		}
		a.place(n)
	}
	return nil
}

// need is what of a node's links is not placed yet.
type need struct {
	all, hard int
	placed    bool
}

// arrangement places nodes, those first that need nothing more, then those
// whose other links can wait (after A. B. Kahn, 1962).
type arrangement struct {
	needs       map[*Node]*need // of the nodes with links
	by          map[*Node][]*Node
	ready, free []*Node
}

func (a *arrangement) add(n *Node) {
	own := a.needs[n]
	if own == nil {
		a.ready = append(a.ready, n)
		return
	}
	for _, l := range n.links {
		if a.by == nil {
			a.by = map[*Node][]*Node{}
		}
		a.by[l.to] = append(a.by[l.to], n)
		own.all++
		if l.hard() {
			own.hard++
		}
	}
	if own.hard == 0 {
		a.free = append(a.free, n)
	}
}

// next is the node to place next, or nil where there is none.
func (a *arrangement) next() *Node {
	for _, queue := range []*[]*Node{&a.ready, &a.free} {
		for len(*queue) > 0 {
			n := (*queue)[0]
			*queue = (*queue)[1:]
			if own := a.needs[n]; own == nil || !own.placed {
				return n
			}
		}
	}
	return nil
}

func (a *arrangement) place(n *Node) {
	if own := a.needs[n]; own != nil {
		own.placed = true
		kept := n.links[:0:0]
		for _, l := range n.links {
			if to := a.needs[l.to]; to != nil && !to.placed || l.to == n {
				n.after = append(n.after, l)
				continue
			}
			kept = append(kept, l)
			n.depth = max(n.depth, l.to.depth+1)
		}
		n.links = kept
	}
	for _, m := range a.by[n] {
		own := a.needs[m]
		own.all, own.hard = 0, 0
		for _, l := range m.links {
			if to := a.needs[l.to]; to != nil && !to.placed {
				own.all++
				if l.hard() {
					own.hard++
				}
			}
		}
		switch {
		case own.placed:
		case own.all == 0:
			a.ready = append(a.ready, m)
		case own.hard == 0:
			a.free = append(a.free, m)
		}
	}
}

// circle is the error of records that need each other.
func (s *Set) circle(a arrangement) error {
	for _, n := range s.nodes {
		own := a.needs[n]
		if own == nil || own.placed {
			continue
		}
		for _, l := range n.links {
			if to := a.needs[l.to]; l.hard() && to != nil && !to.placed {
				return fault.Input(n.at(l.edge.GraphQL).String(),
					"These records need each other in a circle: none of them can be written first.")
			}
		}
	}
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
	if len(s.nodes) == 1 {
		return []level{{s.nodes[0].Entity, s.nodes}}
	}
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
	if !slices.ContainsFunc(n.links, func(l link) bool { return l.to.Entity == n.Entity }) {
		return 0
	}
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
