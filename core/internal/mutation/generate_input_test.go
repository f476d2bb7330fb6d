package mutation_test

import "maps"

// ref makes up a reference for an edge.
func (g *generator) ref(ed *edge, depth int) object {
	e := entityOf(ed.to)
	r := g.some(e)
	roll := g.IntN(100)
	switch in := g.made(e); {
	case in != nil && g.chance(12): // a record that the request makes itself
		return object{e.fields[0].name: in[e.fields[0].name]}
	case in != nil && g.chance(5):
		return object{"connectOrCreate": g.again(in, e, ed)}
	case depth < 3 && (r == nil || roll < 22-4*depth):
		return object{"create": g.create(e, ed.inverse(), depth+1)}
	case depth < 3 && roll < 40 && e.keyed():
		return object{"connectOrCreate": g.connect(ed, depth+1)}
	case r == nil:
		return object{"id": g.id(e)}
	case roll < 70 && e.keyed():
		return g.byKey(r)
	}
	return object{"id": r.global()}
}

// made returns the input of a record with a unique field that the call makes.
func (g *generator) made(e *entity) object {
	if list := g.fresh[e]; len(list) > 0 && e.fields[0].unique {
		return oneOf(g, list...)
	}
	return nil
}

// again makes up another input of the same record.
func (g *generator) again(in object, e *entity, ed *edge) object {
	other := g.create(e, ed.inverse(), 3)
	for _, f := range e.fields {
		if f.unique && (f == e.fields[0] || g.chance(90)) {
			other[f.name] = in[f.name]
		}
	}
	return other
}

// byKey names a record by one of its keys.
func (g *generator) byKey(r *record) object {
	if r.e.name == "Profile" {
		user := g.st.get(r.to["user"])
		if g.chance(50) {
			return object{"user": object{"id": user.global()}}
		}
		return object{"user": g.byKey(user)}
	}
	f := r.e.fields[0]
	if r.e.name == "User" && g.chance(50) {
		f = r.e.field("email")
	}
	return object{f.name: r.vals[f.name]}
}

// connect makes up the input of a connectOrCreate: half of them find
// something.
func (g *generator) connect(ed *edge, depth int) object {
	e := entityOf(ed.to)
	in := g.create(e, ed.inverse(), depth)
	r := g.some(e)
	if r != nil && g.chance(60) {
		g.plain(in, e)
		for _, f := range e.fields {
			if f.unique && (f == e.fields[0] || g.chance(95)) {
				in[f.name] = r.vals[f.name]
			}
		}
	}
	return in
}

// plain takes out of an input what is nested in it, where it can be without.
func (g *generator) plain(in object, e *entity) {
	for _, ed := range e.edges {
		v, ok := in[ed.name]
		if !ok || v == nil {
			continue
		}
		if ed.must {
			if r := g.some(entityOf(ed.to)); r != nil {
				in[ed.name] = object{"id": r.global()}
			}
			continue
		}
		delete(in, ed.name)
	}
}

// update makes up an update input, for a record or for any.
func (g *generator) update(e *entity, r *record) object {
	in := object{}
	for _, f := range e.fields {
		switch {
		case f.immutable:
		case f.null && g.chance(15):
			in[f.name] = nil
		case g.chance(20):
			in[f.name] = g.value(f, e)
		}
	}
	if e.name == "Profile" && g.chance(30) {
		in["appendLinks"] = oneOf(g, []any{"x"}, []any{"y", "z"})
	}
	for _, ed := range e.edges {
		if g.chance(25) {
			g.updateEdge(in, ed, r)
		}
	}
	return in
}

func (g *generator) updateEdge(in object, ed *edge, r *record) {
	if ed.one {
		if in[ed.name] = nil; ed.must || g.chance(75) {
			g.edge(in, ed, ed.name, 1)
		}
		return
	}
	if g.chance(60) {
		g.edge(in, ed, prefixed("add", ed.name), 1)
	}
	if g.chance(30) {
		g.removal(in, ed, r)
	}
	if g.chance(30) {
		g.edge(in, ed, ed.name, 1)
		if g.chance(15) {
			in[ed.name] = oneOf(g, any(nil), any([]any{}))
		}
		// A set that lets go of nothing is mostly allowed.
		if list, ok := in[ed.name].([]any); ok && r != nil && g.chance(50) {
			for _, mid := range g.st.targets(ed, r.mid) {
				list = append(list, object{"id": g.st.get(mid).global()})
			}
			in[ed.name] = list
		}
	}
}

// removal makes up what an update removes: what is there, and what is not.
func (g *generator) removal(in object, ed *edge, r *record) {
	list := []any{}
	if r != nil {
		for _, mid := range g.st.targets(ed, r.mid) {
			if g.chance(50) && !ed.inverse().must {
				list = append(list, object{"id": g.st.get(mid).global()})
			}
		}
	}
	if r := g.some(entityOf(ed.to)); r != nil && g.chance(50) {
		list = append(list, object{"id": r.global()})
		if r.e.keyed() && g.chance(50) {
			list[len(list)-1] = g.byKey(r)
		}
	}
	in[prefixed("remove", ed.name)] = list
}

// upsert makes up the input of an upsert and the key to find its record by.
func (g *generator) upsert(e *entity) (in object, by string) {
	in = g.create(e, nil, 0)
	by = e.fields[0].name
	if e.name == "User" && g.chance(50) {
		by = "email"
	}
	if e.name == "Profile" {
		by = "user"
	}
	r := g.some(e)
	if r == nil || g.chance(40) {
		return in, by
	}
	if f := e.field("createdAt"); f != nil && g.chance(80) {
		delete(in, f.name)
	}
	if e.name == "Profile" {
		in["user"] = g.byKey(r)["user"]
		return in, by
	}
	in[by] = r.vals[by]
	if g.chance(30) { // what is needed may be absent when there is a record
		maps.DeleteFunc(in, func(name string, _ any) bool { ed := e.edge(name); return ed != nil && ed.must })
	}
	return in, by
}
