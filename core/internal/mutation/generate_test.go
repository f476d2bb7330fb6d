package mutation_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// generator makes up requests that suit a state.
type generator struct {
	*rand.Rand
	st     *state
	seq    int                  // makes values new
	fresh  map[*entity][]object // create inputs of the call in the making
	hidden bool                 // what is not there may be there, and hidden
}

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func oneOf[T any](g *generator, list ...T) T { return list[g.IntN(len(list))] }

// request makes up a request: mostly one that should succeed.
func (g *generator) request() request {
	var req request
	for range oneOf(g, 1, 1, 1, 1, 2, 3) {
		req.calls = append(req.calls, g.call())
	}
	if g.chance(22) {
		g.spoil(&req)
	}
	return req
}

func (g *generator) call() call {
	ops := []string{"create", "create", "createMany", "update", "update", "update", "updateMany", "upsert", "upsert", "delete", "deleteMany"}
	c := call{op: oneOf(g, ops...), e: oneOf(g, entities...), vars: g.chance(50)}
	g.fresh = map[*entity][]object{}
	if len(g.st.recs) > 70 && g.chance(60) {
		c.op, c.e = oneOf(g, "delete", "deleteMany"), oneOf(g, entityOf("Comment"), c.e)
	}
	if c.op == "upsert" && !c.e.keyed() {
		c.e = oneOf(g, entities[:4]...)
	}
	switch c.op {
	case "create":
		c.input = g.create(c.e, nil, 0)
	case "createMany":
		c.inputs = []any{}
		for range g.IntN(4) {
			c.inputs = append(c.inputs, g.create(c.e, nil, 1))
		}
	case "update":
		c.id = g.id(c.e)
		c.input = g.update(c.e, g.st.global(c.e, c.id))
	case "updateMany":
		c.where, c.input = g.where(c.e, 0), g.update(c.e, nil)
		for _, f := range c.e.fields {
			if f.unique && g.chance(80) || f.name == "body" && c.e.name == "Comment" {
				delete(c.input, f.name)
			}
		}
	case "delete":
		c.id = g.id(c.e)
		if free := g.free(c.e); len(free) > 0 && g.chance(60) {
			c.id = oneOf(g, free...).global()
		}
	case "deleteMany":
		c.where = g.where(c.e, 0)
		if free := g.free(c.e); len(free) > 0 && g.chance(60) {
			c.where = object{"idIn": g.ids(free)}
		}
	case "upsert":
		c.input, c.by = g.upsert(c.e)
	}
	return c
}

// free lists records that nothing needs.
func (g *generator) free(e *entity) []*record {
	needed := map[int]bool{}
	for _, r := range g.st.recs {
		for edge, to := range r.to {
			needed[to] = needed[to] || r.e.edge(edge).must
		}
	}
	return slices.DeleteFunc(g.st.of(e), func(r *record) bool { return needed[r.mid] })
}

func (g *generator) ids(list []*record) []any {
	ids := []any{}
	for _, r := range list {
		if g.chance(40) {
			ids = append(ids, r.global())
		}
	}
	return ids
}

// some returns a record, or nil where there is none.
func (g *generator) some(e *entity) *record {
	if list := g.st.of(e); len(list) > 0 {
		return oneOf(g, list...)
	}
	return nil
}

func (g *generator) id(e *entity) string {
	if r := g.some(e); r != nil && g.chance(98) {
		return r.global()
	}
	return g.nothing(e)
}

// nothing makes up an id that no record of the entity has.
func (g *generator) nothing(e *entity) string {
	if e.name != "User" && g.chance(20) {
		return "User:1"
	}
	if g.hidden && g.chance(60) {
		return e.name + ":-1"
	}
	return oneOf(g, e.name+":99999", "Nothing:1", "", "junk")
}

// where makes up a condition.
func (g *generator) where(e *entity, depth int) object {
	switch n := g.IntN(12); {
	case n < 4 || depth > 2:
		return object{"idIn": g.ids(g.st.of(e))}
	case n == 4:
		return object{"id": g.id(e)}
	case n == 5:
		return object{"not": g.where(e, depth+1)}
	case n == 6:
		return object{oneOf(g, "and", "or"): []any{g.where(e, depth+1), g.where(e, depth+1)}}
	case n == 7 && g.chance(30):
		return object{"not": object{"idIn": []any{}}}
	case n < 10:
		ed := oneOf(g, e.edges...)
		if g.chance(50) {
			return object{prefixed("has", ed.name): g.chance(50)}
		}
		return object{prefixed("has", ed.name) + "With": []any{g.where(entityOf(ed.to), depth+1)}}
	}
	for _, f := range e.fields {
		if f.unique {
			if r := g.some(e); r != nil {
				return object{f.name + "In": []any{r.vals[f.name], "no-such"}}
			}
		}
		if f.null {
			return object{f.name + "IsNil": g.chance(50)}
		}
	}
	return object{"idIn": []any{g.id(e)}}
}

// value makes up a value for a field.
func (g *generator) value(f *field, e *entity) any {
	if f.unique {
		return g.unique(e, f)
	}
	g.seq++
	switch f.name {
	case "status":
		return enum(oneOf(g, "DRAFT", "PUBLISHED", "ARCHIVED"))
	case "role":
		return enum(oneOf(g, "READER", "AUTHOR", "ADMIN"))
	case "links":
		return oneOf(g, []any{}, []any{"a"}, []any{"b", "ü \"q\""})
	case "viewCount":
		return float64(g.IntN(1000))
	case "rating":
		return oneOf(g, 0, 1.5, 4.25, 5.0)
	case "publishedAt", "createdAt", "updatedAt":
		return fmt.Sprintf("20%02d-01-02T03:04:05.%06d%s", g.IntN(40), g.IntN(1000), oneOf(g, "Z", "+02:00", "-11:30"))
	}
	return oneOf(g, "", "ein ", "日本 '") + fmt.Sprint(f.name, g.seq)
}

// unique makes up a value for a key: one that is free, now and then again
// after its record has gone, or rarely one that is not.
func (g *generator) unique(e *entity, f *field) any {
	if r := g.some(e); r != nil && g.chance(2) {
		return r.vals[f.name]
	}
	for {
		g.seq++
		v := fmt.Sprint(strings.ToLower(e.name[:1]), g.seq%150+100)
		if f.name == "email" {
			v += "@example.org"
		}
		if g.st.find(e, f.name, v) == nil {
			return v
		}
	}
}

// create makes up a create input; implied is the edge that leads back to the
// record it is nested in.
func (g *generator) create(e *entity, implied *edge, depth int) object {
	in := object{}
	for _, f := range e.fields {
		switch {
		case f.must || g.chance(25):
			in[f.name] = g.value(f, e)
		case f.null && g.chance(10):
			in[f.name] = nil
		}
	}
	g.fresh[e] = append(g.fresh[e], in)
	for _, ed := range e.edges {
		switch {
		case ed == implied && (ed.one || g.chance(90)):
		case ed.must:
			in[ed.name] = g.ref(ed, depth)
		case ed.kind == own && g.chance(10):
			in[ed.name] = nil
		case g.chance(30 - 8*depth):
			g.edge(in, ed, ed.name, depth)
		}
	}
	return in
}

// edge makes up what an input says about an edge.
func (g *generator) edge(in object, ed *edge, name string, depth int) {
	if ed.one {
		in[name] = g.ref(ed, depth)
		return
	}
	list := []any{}
	for range oneOf(g, 1, 1, 2, 3) {
		list = append(list, g.ref(ed, depth))
	}
	if g.chance(10) {
		list = append(list, list[0])
	}
	in[name] = list
}
