package mutation

// forget takes back what has been decoded since there were so many nodes and
// references.
func (s *Set) forget(nodes, refs int) {
	for _, n := range s.nodes[nodes:] {
		for _, k := range n.Entity.Keys {
			if _, text := s.keyOf(n, k); s.keys[text] == n {
				delete(s.keys, text)
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
	owners := map[string]*Node{}
	for _, n := range s.nodes {
		if n.action != create && n.action != upsert {
			continue
		}
		for _, k := range n.Entity.Keys {
			if _, text := s.keyOf(n, k); text != "" {
				owners[text] = n
			}
		}
	}
	same := map[*Node]*Node{}
	for _, n := range connects {
		for _, k := range n.Entity.Keys {
			if _, text := s.keyOf(n, k); text != "" && owners[text] != nil {
				same[n] = owners[text]
			}
		}
	}
	return same
}
