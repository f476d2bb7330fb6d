package mutation_test

import (
	"slices"
	"strings"
)

// site is a place in a request where something can be made wrong.
type site struct {
	call int
	e    *entity
	kind string // create, update, upsert, connect or ref
	edge *edge  // that leads here, or nil
	in   object
}

// sites lists the places of an input and of all that is nested in it.
func sites(s site, list []site) []site {
	list = append(list, s)
	for _, ed := range s.e.edges {
		for _, name := range []string{ed.name, prefixed("add", ed.name), prefixed("remove", ed.name)} {
			refs, ok := s.in[name].([]any)
			if one, isOne := s.in[name].(object); isOne {
				refs, ok = []any{one}, true
			}
			if !ok {
				continue
			}
			for _, v := range refs {
				e := entityOf(ed.to)
				list = append(list, site{s.call, e, "ref", ed, v.(object)})
				for _, kind := range []string{"create", "connectOrCreate"} {
					if in, ok := v.(object)[kind].(object); ok {
						list = sites(site{s.call, e, kind, ed, in}, list)
					}
				}
			}
		}
	}
	return list
}

// spoil makes something wrong in a request: or it does not, where the state
// happens to allow it.
func (g *generator) spoil(req *request) {
	var all []site
	for i := range req.calls {
		c := &req.calls[i]
		if c.where != nil && g.chance(10) {
			c.where = oneOf(g, object{}, object{"and": []any{}}, object{"not": object{}}, object{"and": []any{object{}, object{"or": []any{object{}}}}})
			return
		}
		if c.input != nil {
			all = sites(site{i, c.e, c.op, nil, c.input}, all)
		}
		for _, in := range c.inputs {
			all = sites(site{i, c.e, "create", nil, in.(object)}, all)
		}
	}
	for range 10 {
		if len(all) > 0 && g.spoilAt(req, oneOf(g, all...)) {
			return
		}
	}
}

func (g *generator) spoilAt(req *request, s site) bool {
	if s.kind == "ref" {
		return g.spoilRef(req, s)
	}
	f, ed := oneOf(g, s.e.fields...), oneOf(g, s.e.edges...)
	update := s.kind == "update" || s.kind == "updateMany"
	switch g.IntN(7) {
	case 0: // a required edge is missing
		if !ed.must {
			return false
		}
		delete(s.in, ed.name)
	case 1: // a value that a validator refuses
		bad, ok := map[string]any{"username": "X", "email": "nope", "slug": "No Slug", "title": "", "rating": 5.5, "viewCount": -1.0}[f.name]
		if f.name == "name" && f.unique {
			bad, ok = "Not A Tag", true
		}
		if ok {
			s.in[f.name] = bad
		}
		return ok
	case 2: // a key that another record has
		r := g.some(s.e)
		if r == nil || !f.unique {
			return false
		}
		s.in[f.name] = r.vals[f.name]
	case 3: // null for what cannot be null
		if f.null || f.must && !update || f.immutable && update {
			return false
		}
		s.in[f.name] = nil
	case 4: // null for an edge that cannot be without
		if !ed.must {
			return false
		}
		s.in[ed.name] = nil
	case 5: // an edge that is settled from outside
		if s.edge == nil || !s.edge.inverse().one || s.edge.inverse().kind == other && g.chance(50) {
			return false
		}
		s.in[s.edge.back] = object{"id": g.id(entityOf(s.edge.inverse().to))}
	case 6: // a value of another type
		name := oneOf(g, "noSuchField", f.name)
		if f.immutable || req.calls[s.call].op == "updateMany" { // of which a scalar of our own is not read where nothing matches
			name = "noSuchField"
		}
		s.in[name] = object{"x": true}
		req.mistype(s, name)
	}
	return true
}

// mistype notes that a field has a value of another type. A literal is refused
// by GraphQL's rules, a variable is not; and what a scalar of our own refuses,
// when its field is reached.
func (req *request) mistype(s site, name string) {
	req.typo = []fault{{code: "GRAPHQL_VALIDATION_FAILED"}}
	switch {
	case strings.HasSuffix(name, "At"):
		req.typo = []fault{{code: badInput}, {code: "CONFLICT"}, {code: "NOT_FOUND"}}
	case req.calls[s.call].vars:
		req.typo = []fault{{code: badInput}}
	}
}

func (g *generator) spoilRef(req *request, s site) bool {
	names := slices.Collect(func(yield func(string) bool) {
		for name := range s.in {
			if !yield(name) {
				return
			}
		}
	})
	if len(names) != 1 {
		return false
	}
	name := names[0]
	switch g.IntN(4) {
	case 0: // nothing has this id
		clear(s.in)
		s.in["id"] = g.nothing(s.e)
	case 1: // nothing has this key
		if s.e.name == "Comment" || s.e.name == "Profile" {
			return false
		}
		clear(s.in)
		s.in[s.e.fields[0].name] = map[bool]string{true: "hidden", false: "nobody"}[g.hidden]
	case 2: // not exactly one field is set
		if clear(s.in); g.chance(50) {
			s.in["id"], s.in["create"] = s.e.name+":1", object{}
		}
		req.mistype(s, "")
	case 3: // null for the one field
		s.in[name] = nil
		req.mistype(s, "")
	}
	return true
}
