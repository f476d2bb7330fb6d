package mutation_test

import (
	"slices"
	"strings"
)

// What record each node and each reference of a request is.

// settle decides of a node and what is nested in it which record each is: one
// that there is, another of the same request, or a new one.
func (ev *eval) settle(n *node) {
	if n.settled {
		return
	}
	n.settled = true
	if n.kind == "connect" {
		ev.settleConnect(n)
		if n.same != nil || n.found {
			ev.drop(n, n.same == nil)
			return
		}
	}
	ev.faults = append(ev.faults, n.faults...)
	if n.kind != "connect" && !n.shadowed() {
		ev.certain = append(ev.certain, n.faults...)
	}
	if !n.found {
		ev.faults = append(ev.faults, n.lacks...)
		ev.st.last++
		n.mid = ev.st.last
		ev.remember(n)
	}
	ev.nodes = append(ev.nodes, n)
	for _, l := range n.links {
		for _, r := range l.refs {
			if r.node != nil {
				ev.settle(r.node)
			}
		}
	}
}

// remember notes by which keys a new record can be named.
func (ev *eval) remember(n *node) {
	for _, f := range n.e.fields {
		if v, ok := n.input[f.name]; ok && f.unique && v != nil && ev.made[keyText(n.e, f.name, v)] == nil {
			ev.made[keyText(n.e, f.name, v)] = n
		}
	}
}

// drop passes over what a connectOrCreate that connects has in its input.
func (ev *eval) drop(n *node, found bool) {
	if len(n.faults) > 0 {
		ev.shape(unsettledDropped)
	}
	for _, l := range n.links {
		for _, r := range l.refs {
			if r.node == nil {
				ev.idle = append(ev.idle, r)
				continue
			}
			if found {
				ev.shape(bugNestedInFound)
			}
			for _, f := range r.e.fields {
				ev.gone[keyText(r.e, f.name, r.node.input[f.name])] = f.unique
			}
			ev.drop(r.node, found)
		}
	}
}

// settleConnect looks for the record that a connectOrCreate names.
func (ev *eval) settleConnect(n *node) {
	var hits []int
	for _, f := range n.e.fields {
		v, ok := n.input[f.name]
		if !f.unique || !ok || v == nil {
			continue
		}
		text := keyText(n.e, f.name, v)
		if ev.shadows[text] || ev.renames[text] {
			ev.shape(unsettledKeys)
		}
		m := ev.made[text]
		ev.asked[text] = true
		if m != nil && n.same != nil && n.same != m {
			ev.shape(unsettledKeys)
		}
		if m != nil {
			n.same = m
			ev.shapeOfSame(n, m, f)
		}
		if r := ev.before.find(n.e, f.name, v); r != nil && !slices.Contains(hits, r.mid) {
			hits = append(hits, r.mid)
		}
	}
	if n.e.name == "Profile" {
		hits = ev.profileOf(n)
	}
	if f := firstKey(n); f != nil {
		text := keyText(n.e, f.name, n.input[f.name])
		if len(hits) > 1 && (ev.connected[text] || n.same != nil) {
			ev.shape(bugSecondKey)
		}
		ev.connected[text] = true
	}
	switch {
	case len(hits) > 1:
		ev.faults = append(ev.faults, fault{"CONFLICT", n.path})
		n.same = nil
	case n.same != nil && len(hits) == 1 && n.same.mid != hits[0]:
		ev.shape(unsettledKeys)
	case n.same == nil && len(hits) == 1:
		n.found, n.mid = true, hits[0]
		ev.loosen(n)
	}
}

// shapeOfSame names what is noteworthy of a connectOrCreate n that stands for
// another record m of the request, as its field f says.
func (ev *eval) shapeOfSame(n, m *node, f *field) {
	if m.kind == "connect" && f != firstKey(n) {
		ev.shape(bugSecondKey)
	}
}

func firstKey(n *node) *field {
	for _, f := range n.e.fields {
		if f.unique && n.input[f.name] != nil {
			return f
		}
	}
	return nil
}

// loosen notes keys that an input gives, though its record has others.
func (ev *eval) loosen(n *node) {
	r := ev.before.get(n.mid)
	for _, f := range n.e.fields {
		if v, ok := n.input[f.name]; ok && f.unique && v != nil && r.vals[f.name] != v {
			ev.renames[keyText(n.e, f.name, v)] = true
		}
	}
}

// profileOf lists the profile of the user that a profile's input names.
func (ev *eval) profileOf(n *node) []int {
	user := 0
	if n.via != nil && n.via.name == "profile" {
		if n.up.found {
			user = n.up.mid
		}
	} else {
		for _, l := range n.links {
			for _, r := range l.refs {
				switch {
				case r.node != nil && r.node.kind == "connect":
					ev.settle(r.node)
					if r.node.found {
						user = r.node.mid
					}
				case r.node == nil:
					user = ev.lookup(r)
				}
			}
		}
	}
	if user == 0 {
		return nil
	}
	return ev.before.leading(n.e, "user", user)
}

// record is the number of a node's record.
func (n *node) record() int {
	for n.same != nil {
		n = n.same
	}
	return n.mid
}

// lookup is the number of the record that a reference by id or key names, or 0.
func (ev *eval) lookup(r *ref) int {
	var rec *record
	switch {
	case r.key == "" || r.value == nil && r.user == nil:
		return 0
	case r.key == "id":
		rec = ev.global(r.e, r.value.(string))
	case r.user != nil:
		for _, n := range ev.nodes {
			if n.e == r.e {
				ev.shape(unsettledKeys)
			}
		}
		user := ev.lookup(r.user)
		if user == 0 {
			return 0
		}
		if list := ev.before.leading(r.e, "user", user); len(list) == 1 {
			rec = ev.before.get(list[0])
		}
	default:
		text := keyText(r.e, r.key, r.value)
		if ev.renames[text] {
			ev.shape(unsettledKeys)
		}
		if m := ev.made[text]; m != nil {
			return m.record()
		}
		ev.asked[text] = true
		rec = ev.before.find(r.e, r.key, r.value)
	}
	if rec == nil {
		return 0
	}
	return rec.mid
}

// global finds a record by its id.
func (ev *eval) global(e *entity, id string) *record {
	r := ev.before.global(e, id)
	if r == nil && strings.HasPrefix(id, e.name+":") && id != e.name+":99999" {
		ev.shape(unsettledNewID)
	}
	return r
}

// refer finds what a reference names.
func (ev *eval) refer(r *ref) int {
	if r.node != nil {
		return r.node.record()
	}
	mid := ev.lookup(r)
	if mid == 0 && r.key != "" {
		ev.faults = append(ev.faults, fault{"NOT_FOUND", r.path})
		if r.user != nil {
			ev.faults = append(ev.faults, fault{"NOT_FOUND", r.user.path})
		}
	}
	return mid
}
