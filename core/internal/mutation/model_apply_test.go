package mutation_test

import (
	"fmt"
	"slices"
)

// What a request makes of a state.

// eval is the evaluation of one mutation field.
type eval struct {
	st, before *state
	call       call
	faults     []fault
	certain    []fault // that can be told from the input alone
	shapes     map[string]bool
	nodes      []*node          // that count, in the order of the input
	made       map[string]*node // by key: records that the request makes
	shadows    map[string]bool  // keys of records that it may not come to make
	gone       map[string]bool  // keys in what is nested in a connectOrCreate that connects
	asked      map[string]bool  // keys that references and connectOrCreate name
	renames    map[string]bool  // keys that records get, or are given in vain
	connected  map[string]bool  // first keys of what connectOrCreate finds
	idle       []*ref           // references that do not count
	claims     map[slot][]claim
	left       []claim // records that a set leaves out
	adds       map[pair]bool
	drops      map[pair]bool
}

// slot is an edge in the own row of a record; claim is what it is to hold.
type slot struct {
	mid  int
	edge string
}

type claim struct {
	slot slot
	to   int
	path string
}

func (ev *eval) shape(name string) { ev.shapes[name] = true }

func (ev *eval) fail(code, field string) { ev.faults = append(ev.faults, fault{code, field}) }

// run returns the records that the field answers with.
func (ev *eval) run() []int {
	c := ev.call
	switch c.op {
	case "delete", "update":
		r := ev.global(c.e, c.id)
		if r == nil {
			ev.fail("NOT_FOUND", "id")
		}
		if c.op == "delete" {
			return ev.delete(r)
		}
		return ev.write(ev.updates(r))
	case "deleteMany", "updateMany":
		if empty(c.where) {
			ev.fail(badInput, "where")
			return nil
		}
		list := ev.before.matching(c.e, c.where)
		if c.op == "deleteMany" {
			return ev.delete(list...)
		}
		if len(list) == 0 && !ev.probe() {
			return nil
		}
		return ev.write(ev.updates(list...))
	case "createMany":
		var nodes []*node
		for i, in := range c.inputs {
			nodes = append(nodes, &node{e: c.e, kind: "create", path: fmt.Sprintf("inputs.%d", i), input: in.(object)})
		}
		return ev.write(nodes)
	case "create":
		return ev.write([]*node{{e: c.e, kind: "create", path: "input", input: c.input}})
	}
	return ev.write([]*node{{e: c.e, kind: "upsert", path: "input", input: c.input}})
}

// probe looks at the input of an update of no records: it must be right even so.
func (ev *eval) probe() bool {
	n := &node{e: ev.call.e, kind: "update", path: "input", input: ev.call.input}
	ev.decode(n)
	if !n.wrong() {
		return true
	}
	ev.write(ev.updates(nil))
	return false
}

// wrong reports whether something is wrong with an input, whatever there is in
// the database.
func (n *node) wrong() bool {
	if len(n.faults) > 0 || n.kind == "create" && len(n.lacks) > 0 {
		return true
	}
	for _, l := range n.links {
		for _, r := range l.refs {
			if r.node != nil && r.node.wrong() {
				return true
			}
		}
	}
	return false
}

func (ev *eval) updates(list ...*record) []*node {
	var nodes []*node
	for _, r := range list {
		n := &node{e: ev.call.e, kind: "update", path: "input", input: ev.call.input, found: true}
		if r != nil {
			n.mid = r.mid
			ev.loosen(n)
		}
		nodes = append(nodes, n)
	}
	return nodes
}

func (ev *eval) write(roots []*node) []int {
	for _, n := range roots {
		ev.decode(n)
	}
	for _, n := range roots {
		if n.kind == "upsert" {
			ev.seek(n)
		}
		ev.settle(n)
	}
	for _, r := range ev.idle {
		if mid := ev.lookup(r); mid == 0 {
			ev.shape(unsettledDropped)
		} else if ev.before.get(mid) == nil {
			ev.shape(bugNestedInFound)
		}
	}
	defer ev.again()
	for _, n := range ev.nodes {
		if n.mid == 0 { // an update of nothing
			if len(n.links) > 0 {
				ev.shape(bugUpdateOfNothing)
			}
			ev.fail("NOT_FOUND", "") // there may be more that is not there,
			ev.fail("CONFLICT", "")  // or that is led to twice
			return nil
		}
		ev.values(n)
		for _, l := range n.links {
			ev.apply(n, l)
		}
	}
	ev.assign()
	ev.check()
	ev.bulk()
	answer := make([]int, len(roots))
	for i, n := range roots {
		answer[i] = n.record()
	}
	return answer
}

// again notes when what is dropped is named elsewhere.
func (ev *eval) again() {
	for text := range ev.asked {
		if ev.gone[text] {
			ev.shape(bugNamesDropped)
		}
	}
}

// seek finds the record of an upsert.
func (ev *eval) seek(n *node) {
	if n.e.name == "Profile" {
		if _, ok := n.input["user"]; !ok {
			ev.fail(badInput, "input")
			ev.fail(badInput, "input.user")
			return
		}
		if list := ev.profileOf(n); len(list) == 1 {
			n.found, n.mid = true, list[0]
		}
		return
	}
	if v := n.input[ev.call.by]; v != nil {
		if r := ev.before.find(n.e, ev.call.by, v); r != nil {
			n.found, n.mid = true, r.mid
		}
	}
}

// values writes the fields of a node's record.
func (ev *eval) values(n *node) {
	if !n.found {
		r := &record{e: n.e, mid: n.mid, vals: map[string]any{}, to: map[string]int{}}
		for _, f := range n.e.fields {
			if r.vals[f.name] = canon(f, f.def); n.input[f.name] != nil {
				r.vals[f.name] = canon(f, n.input[f.name])
			}
		}
		ev.st.recs = append(ev.st.recs, r)
		return
	}
	r := ev.st.edit(n.mid)
	if n.e.name == "Post" {
		r.vals["updatedAt"] = clock{fresh: n.setsFields()}
	}
	for _, f := range n.e.fields {
		v, ok := n.input[f.name]
		switch {
		case ok && f.immutable && canon(f, v) != r.vals[f.name]:
			ev.fail(badInput, n.path+"."+f.name)
		case ok:
			r.vals[f.name] = canon(f, v)
		}
	}
	if more, ok := n.input["appendLinks"]; ok && more != nil {
		r.vals["links"] = appended(r.vals["links"], more.([]any))
	}
}

// setsFields reports whether an input sets any field.
func (n *node) setsFields() bool {
	return slices.ContainsFunc(n.e.fields, func(f *field) bool { _, ok := n.input[f.name]; return ok && !f.immutable })
}

// apply notes what a link asks for.
func (ev *eval) apply(n *node, l *link) {
	var to []int
	for _, r := range l.refs {
		if mid := ev.refer(r); mid != 0 {
			to = append(to, mid)
		}
	}
	var had []int
	if n.found {
		had = ev.before.targets(l.ed, n.mid)
	}
	if l.ed.kind == own {
		if len(l.refs) == 0 {
			to = []int{0}
		}
		for _, mid := range to {
			ev.claim(slot{n.mid, l.ed.name}, mid, l.path)
		}
		return
	}
	var gone []int
	for _, mid := range had {
		if l.mode == "remove" && slices.Contains(to, mid) || l.mode == "set" && !slices.Contains(to, mid) && !ev.added(n, l.ed, mid) {
			gone = append(gone, mid)
		}
	}
	for _, mid := range gone {
		if l.ed.kind == join {
			ev.drops[l.ed.pairOf(n.mid, mid)] = true
		} else {
			ev.left = append(ev.left, claim{slot{mid, l.ed.back}, n.mid, l.path})
		}
	}
	if l.mode == "remove" {
		ev.removedToo(n, l, to)
		return
	}
	for _, mid := range to {
		if l.ed.kind == join {
			ev.adds[l.ed.pairOf(n.mid, mid)] = true
		} else {
			ev.claim(slot{mid, l.ed.back}, n.mid, l.path)
		}
	}
}

func (ev *eval) claim(s slot, to int, path string) {
	ev.claims[s] = append(ev.claims[s], claim{s, to, path})
}

// added reports whether an update that sets an edge also adds a record to it.
func (ev *eval) added(n *node, ed *edge, mid int) bool {
	for _, l := range n.links {
		if l.ed == ed && l.mode == "add" && slices.Contains(ev.all(l), mid) {
			ev.shape(bugSetAndAdd)
			return true
		}
	}
	return false
}

// all lists the records that a link names, as far as they are there.
func (ev *eval) all(l *link) []int {
	var list []int
	for _, r := range l.refs {
		if r.node != nil {
			list = append(list, r.node.record())
		} else if mid := ev.lookup(r); mid != 0 {
			list = append(list, mid)
		}
	}
	return list
}

// removedToo notes when an update removes what it also sets or adds.
func (ev *eval) removedToo(n *node, l *link, removed []int) {
	for _, m := range n.links {
		if m.ed != l.ed || m == l {
			continue
		}
		if list := ev.all(m); slices.ContainsFunc(removed, func(mid int) bool { return slices.Contains(list, mid) }) {
			ev.shape(unsettledRemoval)
		}
	}
}
