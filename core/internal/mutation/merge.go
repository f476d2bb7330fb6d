package mutation

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
