package mutation_test

import (
	"encoding/json"
	"slices"
)

// assign writes the edges that a request asks for, where it can have them.
func (ev *eval) assign() {
	for s, claims := range ev.claims {
		for _, c := range claims[1:] {
			if c.to != claims[0].to {
				ev.shape(bugSlotTwice)
				ev.fail(badInput, "")
				ev.fail("CONFLICT", "")
			}
		}
		ev.point(s, claims[0].to)
	}
	for _, c := range ev.left {
		if len(ev.claims[c.slot]) > 0 {
			ev.shape(unsettledLeftOut)
		}
		if ev.before.get(c.slot.mid).e.edge(c.slot.edge).must {
			ev.fail("CONFLICT", c.path)
		} else {
			ev.point(c.slot, 0)
		}
	}
	for p := range ev.drops {
		delete(ev.st.joins, p)
		ev.touch(p.a)
	}
	for p := range ev.adds {
		if ev.drops[p] || ev.replaced(p) {
			ev.shape(unsettledRemoval)
		}
		ev.st.joins[p] = true
		ev.touch(p.a)
	}
}

// replaced reports whether an input sets an edge without a record, or removes
// a record, that another input adds from the other side.
func (ev *eval) replaced(p pair) bool {
	for _, n := range ev.nodes {
		named, set := false, false
		for _, l := range n.links {
			if l.ed.kind != join || l.ed.table != p.table || !n.found || l.ed.pairOf(n.mid, l.ed.far(p)) != p {
				continue
			}
			names := slices.Contains(ev.all(l), l.ed.far(p))
			if l.mode == "remove" && names {
				return true
			}
			set = set || l.mode == "set"
			named = named || names
		}
		if set && !named {
			return true
		}
	}
	return false
}

func (ev *eval) point(s slot, to int) {
	if ev.st.get(s.mid) == nil {
		return
	}
	r := ev.st.edit(s.mid)
	if to == 0 {
		delete(r.to, s.edge)
	} else {
		r.to[s.edge] = to
	}
	ev.touch(s.mid)
}

// touch lets a post's updatedAt change, unless the request sets it.
func (ev *eval) touch(mid int) {
	r := ev.st.get(mid)
	if r == nil || r.e.name != "Post" || r.vals["updatedAt"] == (clock{fresh: true}) {
		return
	}
	for _, n := range ev.nodes {
		if n.mid == mid && n.input["updatedAt"] != nil {
			ev.ledTo(n)
			return
		}
	}
	ev.st.edit(mid).vals["updatedAt"] = clock{}
}

// ledTo notes when a post that the request writes, and whose time is given, may
// have to be written twice: another input leads to it, or it leads to what the
// request makes elsewhere.
func (ev *eval) ledTo(post *node) {
	for _, n := range ev.nodes {
		for _, l := range n.links {
			for _, r := range l.refs {
				if r.node != nil && (r.node == post || n == post && r.node.same == nil) {
					continue
				}
				to := ev.refer(r)
				if to == post.mid || n == post && ev.before.get(to) == nil {
					ev.shape(bugGivenTime)
				}
			}
		}
	}
}

// check looks at what the request made.
func (ev *eval) check() {
	for _, e := range entities {
		recs := ev.st.of(e)
		for _, f := range e.fields {
			seen := map[any]int{}
			for _, r := range recs {
				if !f.unique {
					break
				}
				if mid := seen[r.vals[f.name]]; mid != 0 {
					ev.taken(e, f, r.vals[f.name])
				}
				seen[r.vals[f.name]] = r.mid
				ev.swapped(r, f)
			}
		}
	}
	profiles := map[int]int{}
	for _, r := range ev.st.of(entityOf("Profile")) {
		if mid := profiles[r.to["user"]]; mid != 0 && r.to["user"] != 0 {
			ev.crowded(mid, r.mid)
		}
		profiles[r.to["user"]] = r.mid
		for _, mid := range ev.before.leading(r.e, "user", r.to["user"]) {
			if mid != r.mid && ev.st.get(mid).to["user"] != r.to["user"] {
				ev.shape(unsettledLeftOut)
			}
		}
	}
}

// taken is the error of a key that two records would have.
func (ev *eval) taken(e *entity, f *field, value any) {
	for _, n := range ev.nodes {
		if n.e == e && n.input[f.name] == value {
			ev.fail("CONFLICT", n.path+"."+f.name)
		}
	}
}

// swapped notes when a key is free only because the same request takes it from
// another record.
func (ev *eval) swapped(r *record, f *field) {
	had := ev.before.find(r.e, f.name, r.vals[f.name])
	if had != nil && had.mid != r.mid && ev.st.get(had.mid).vals[f.name] != r.vals[f.name] {
		ev.shape(unsettledKeys)
	}
}

// bulk notes what ent's CreateBulk cannot do.
func (ev *eval) bulk() {
	users, both := 0, false
	for _, n := range ev.nodes {
		if n.e.name != "User" || n.found {
			continue
		}
		users++
		ends := map[string]bool{}
		for _, l := range n.links {
			if l.ed.kind == join && len(l.refs) > 0 {
				ends[l.ed.name] = true
			}
		}
		both = both || len(ends) == 2
	}
	if users > 1 && both {
		ev.shape(bugBothEndsInBulk)
	}
}

// crowded is the error of two profiles of one user.
func (ev *eval) crowded(mids ...int) {
	for _, mid := range mids {
		for _, n := range ev.nodes {
			if n.mid == mid {
				ev.fail("CONFLICT", n.path+".user")
				if n.kind == "connect" {
					ev.shape(unsettledKeys)
				}
			}
		}
		for _, c := range ev.claims[slot{mid, "user"}] {
			ev.fail("CONFLICT", c.path)
		}
	}
}

// delete removes records, and what goes with them.
func (ev *eval) delete(list ...*record) []int {
	var answer []int
	field := "where"
	if ev.call.op == "delete" {
		field = "id"
	}
	for _, r := range list {
		if r == nil {
			return nil
		}
		answer = append(answer, r.mid)
	}
	for _, r := range ev.before.recs {
		for edge, to := range r.to {
			switch {
			case !slices.Contains(answer, to) || slices.Contains(answer, r.mid):
			case r.e.edge(edge).must:
				ev.fail("CONFLICT", field)
			default:
				delete(ev.st.edit(r.mid).to, edge)
			}
		}
	}
	for p := range ev.before.joins {
		if slices.Contains(answer, p.a) || slices.Contains(answer, p.b) {
			delete(ev.st.joins, p)
		}
	}
	for _, mid := range answer {
		ev.st.remove(mid)
	}
	return answer
}

func appended(list any, more []any) any {
	var all []any
	if list != nil {
		if err := json.Unmarshal([]byte(list.(string)), &all); err != nil {
			panic(err)
		}
	}
	b, err := json.Marshal(append(all, more...))
	if err != nil {
		panic(err)
	}
	return string(b)
}

// empty reports whether a where asks for nothing.
func empty(where object) bool {
	for name, v := range where {
		switch name {
		case "not":
			if !empty(v.(object)) {
				return false
			}
		case "and", "or":
			for _, v := range v.([]any) {
				if !empty(v.(object)) {
					return false
				}
			}
		default:
			return false
		}
	}
	return true
}

// matching lists the records that meet a where.
func (st *state) matching(e *entity, where object) []*record {
	var list []*record
	for _, r := range st.of(e) {
		if st.meets(r, where) {
			list = append(list, r)
		}
	}
	return list
}

func (st *state) meets(r *record, where object) bool {
	for name, v := range where {
		if !st.meetsOne(r, name, v) {
			return false
		}
	}
	return true
}
