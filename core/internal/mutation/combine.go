package mutation

import (
	"slices"

	"coppice/core/fault"
	"coppice/core/model"
)

// combineEdges makes one of what a node's input says of an edge in several ways: the
// set it gives, with what it adds, without what it removes.
func (n *Node) combineEdges() {
	if n.action != update {
		return // it says each thing once
	}
	for _, ed := range n.Entity.Edges {
		var said []change
		for _, c := range n.edges {
			if c.edge == ed {
				said = append(said, c)
			}
		}
		if len(said) < 2 {
			continue
		}
		n.edges = slices.DeleteFunc(n.edges, func(c change) bool { return c.edge == ed })
		n.edges = append(n.edges, combined(said)...)
	}
}

func combined(said []change) []change {
	gone := map[any]bool{}
	var into, less *change
	for i := range said {
		switch c := &said[i]; {
		case c.mode == remove:
			less = c
			for _, id := range c.existing() {
				gone[id] = true
			}
		case into == nil:
			into = c
		default:
			into.refs = append(into.refs, c.refs...)
		}
	}
	if into == nil {
		return said
	}
	into.refs = slices.DeleteFunc(into.refs, func(r *ref) bool {
		id := r.existing()
		return id != nil && gone[id]
	})
	if into.mode == replace || less == nil {
		return []change{*into}
	}
	return []change{*into, *less}
}

// contested notes the records that two others of the set want for their own
// over an edge that leads back to one owner.
func (s *Set) contested() {
	type end struct {
		edge *model.Edge
		id   any
	}
	owners := map[end]*Node{}
	for _, n := range s.nodes {
		if n.action == connect && n.found {
			continue
		}
		for _, c := range n.edges {
			if c.edge.Storage != model.Other || c.mode == remove {
				continue
			}
			for _, r := range c.refs {
				if r.dangles() {
					continue
				}
				p := end{c.edge, r.existing()}
				if p.id == nil {
					p.id = r.node // it is yet to be made
				}
				if other := owners[p]; other != nil && other != n {
					s.fault(fault.New(fault.Conflict, "This request gives one %s to two records, and it can belong to one only.", c.edge.Target.Name).
						At(r.path.String()))
					continue
				}
				owners[p] = n
			}
		}
	}
	for _, n := range s.nodes {
		if n.action == connect && n.found {
			continue
		}
		for _, c := range n.edges {
			if c.edge.Storage != model.Own || c.edge.Inverse == nil || slices.ContainsFunc(c.refs, (*ref).dangles) {
				continue
			}
			p := end{c.edge.Inverse, n.ID}
			if p.id == nil {
				p.id = n
			}
			if other := owners[p]; other != nil && !c.leadsTo(other) {
				s.fault(fault.New(fault.Conflict, "Another part of this request gives this %s to another record.", n.Entity.Name).At(c.path.String()))
			}
		}
	}
}

// leadsTo reports whether a change of a to-one edge names a node.
func (c *change) leadsTo(n *Node) bool {
	if len(c.refs) != 1 {
		return false
	}
	id := c.refs[0].existing()
	return c.refs[0].node == n || id != nil && id == n.ID
}

// forget takes back what has been decoded since there were so many nodes and
// references.
func (s *Set) forget(nodes, refs int) {
	for _, n := range s.nodes[nodes:] {
		for _, k := range n.Entity.Keys {
			if at := (place{k, n.key(k)}); s.keys[at] == n {
				delete(s.keys, at)
			}
		}
	}
	s.nodes, s.refs = s.nodes[:nodes], s.refs[:refs]
}

// merge makes of a record that is to be connected, and of one of the set with
// the same key that stands after it, the latter.
func (s *Set) merge() {
	same := s.repeated()
	if len(same) == 0 {
		return
	}
	kept := s.nodes[:0:0]
	gone := map[*Node]bool{}
	for _, n := range s.nodes {
		// What is nested in it goes with it: it would belong to a new record.
		if same[n] != nil || gone[n.parent] {
			gone[n] = true
			continue
		}
		kept = append(kept, n)
		for _, c := range n.edges {
			for _, r := range c.refs {
				if m := same[r.node]; m != nil {
					r.node = m
				}
			}
		}
	}
	s.nodes = kept
}

// repeated finds the records to be connected that others of the set stand for.
func (s *Set) repeated() map[*Node]*Node {
	var connects []*Node
	for _, n := range s.nodes {
		if n.action == connect {
			connects = append(connects, n)
		}
	}
	if len(connects) == 0 {
		return nil
	}
	owners := map[place]*Node{}
	for _, n := range s.nodes {
		if n.action != create && n.action != upsert {
			continue
		}
		for _, k := range n.Entity.Keys {
			if v := n.key(k); v != nil {
				owners[place{k, v}] = n
			}
		}
	}
	same := map[*Node]*Node{}
	for _, n := range connects {
		for _, k := range n.Entity.Keys {
			if v := n.key(k); v != nil && owners[place{k, v}] != nil {
				same[n] = owners[place{k, v}]
			}
		}
	}
	return same
}

// firstWithKey is the first node of the set with one of the node's keys.
func (s *Set) firstWithKey(n *Node) *Node {
	for _, k := range n.Entity.Keys {
		if v := n.key(k); v != nil {
			return s.keys[place{k, v}]
		}
	}
	return n
}
