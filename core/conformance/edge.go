package conformance

import (
	"maps"
	"slices"
	"strings"

	"coppice/core/internal/fake"
	"coppice/core/model"
)

// edges sets, adds to, takes from and clears each edge, and looks at it from
// both sides.
func (w *world) edges(e *model.Entity) {
	w.Helper()
	input := w.types["Update"+e.Name+"Input"]
	for _, ed := range e.Edges {
		if !w.creatable(e) || !w.creatable(ed.Target) || !input.input(ed.GraphQL) || !w.types[e.Name].field(ed.GraphQL) {
			continue
		}
		if ed.Inverse != nil && ed.Inverse.Immutable {
			continue // what is there leads to its record for good
		}
		if !ed.Unique && (once(e, ed.By) || once(ed.Target, ed.By) || once(e, ed.Target)) {
			continue // what stands between the two lets one of them be there once
		}
		r, x, y := w.create(e), w.create(ed.Target), w.create(ed.Target)
		if r == nil || x == nil || y == nil {
			continue
		}
		w.read(e, r) // which another may have been given to meanwhile
		to := func(there *entry) object { return w.beside(ed, object{"id": there.id}) }
		bound := ed.Inverse != nil && ed.Inverse.Required // what it leads to cannot be let go
		if bound && !ed.Unique {
			w.lead(e, ed, r, object{ed.Prefixed("add"): []any{to(x)}}, with(ends(r, ed), x.id)...)
		} else {
			w.lead(e, ed, r, object{ed.GraphQL: list(ed, to(x))}, x.id)
		}
		switch {
		case ed.Unique && bound:
		case ed.Unique:
			w.lead(e, ed, r, object{ed.GraphQL: object{"id": y.id}}, y.id)
		default:
			both := with(ends(r, ed), y.id)
			for range 2 {
				ref := to(y)
				w.lead(e, ed, r, object{ed.Prefixed("add"): []any{ref}}, both...)
				w.relationsHold(e, ed, r, ref)
			}
		}
		switch {
		case bound || ed.Required:
		case ed.Unique:
			w.lead(e, ed, r, object{ed.GraphQL: nil})
		default:
			w.lead(e, ed, r, object{ed.Prefixed("remove"): []any{object{"id": x.id}}}, y.id)
			w.lead(e, ed, r, object{ed.GraphQL: []any{to(x)}}, x.id)
			w.lead(e, ed, r, object{ed.GraphQL: []any{}})
		}
	}
	w.nested(e)
}

// once reports whether no two records of another entity may lead to the same one.
func once(e, other *model.Entity) bool {
	return other != nil && slices.ContainsFunc(other.Keys, func(k *model.Key) bool {
		return len(k.Parts) == 1 && k.Parts[0].Edge != nil && k.Parts[0].Edge.Target == e
	})
}

func with(ids []string, id string) []string {
	if slices.Contains(ids, id) {
		return ids
	}
	return append(ids, id)
}

// lead updates a record and checks where an edge then leads.
func (w *world) lead(e *model.Entity, ed *model.Edge, r *entry, in object, want ...string) {
	w.Helper()
	if _, done := w.write(e, "update"+e.Name, object{"id": r.id, "input": in}, "{ id }"); done {
		w.leads(e, ed, r, want...)
	}
}

func (w *world) leads(e *model.Entity, ed *model.Edge, r *entry, want ...string) {
	w.Helper()
	w.read(e, r)
	slices.Sort(want)
	if got := ends(r, ed); !slices.Equal(got, want) {
		w.wrong(e, "%s.%s leads to %v, not to %v", r.id, ed.GraphQL, got, want)
	}
	if ed.Inverse == nil || !w.types[ed.To].field(ed.Inverse.GraphQL) {
		return
	}
	for _, id := range want {
		there := &entry{id: id}
		w.read(ed.Target, there)
		if !slices.Contains(ends(there, ed.Inverse), r.id) {
			w.wrong(e, "%s.%s leads to %s, whose %s does not lead back", r.id, ed.GraphQL, id, ed.Inverse.GraphQL)
		}
	}
}

// nested makes, for each edge that a create can set, a record together with
// one that the edge leads to.
func (w *world) nested(e *model.Entity) {
	w.Helper()
	for _, ed := range e.Edges {
		if !w.creatable(e) || !w.creatable(ed.Target) || !w.types["Create"+e.Name+"Input"].input(ed.GraphQL) || !w.types[e.Name].field(ed.GraphQL) {
			continue
		}
		inner := w.fields(ed.Target, "Create"+ed.To+"Input", false)
		if !w.required(ed.Target, inner, ed.Inverse) {
			continue
		}
		in, ok := w.makeInput(e, false, ed)
		if !ok {
			continue
		}
		in[ed.GraphQL] = list(ed, w.beside(ed, object{"create": inner}))
		made, done := w.write(e, "create"+e.Name, object{"input": in}, "{ id }")
		if !done {
			continue
		}
		r := w.keep(e, made.(object)["id"].(string), in)
		led := ends(r, ed)
		if len(led) != 1 {
			w.wrong(e, "%s.%s leads to %v, not to one", r.id, ed.GraphQL, led)
			continue
		}
		w.leads(e, ed, r, led...)
		w.keep(ed.Target, led[0], inner)
	}
}

// beside gives a reference what the edge's own schema asks for.
func (w *world) beside(ed *model.Edge, ref object) object {
	w.Helper()
	if len(ed.Fields) == 0 {
		return ref
	}
	m, err := fake.Relation(w.client.Project, ed, drawn)
	if err != nil {
		w.Fatal(err)
	}
	with := maps.Clone(ref)
	for _, f := range m.Fields() {
		if demanded := !f.Nullable && !f.Default; w.types[ed.List()+"Ref"].input(f.GraphQL) && (demanded || w.rand.IntN(2) == 0) && !f.Immutable {
			with[f.GraphQL] = m.Value(f, w.rand, 0)
		}
	}
	return with
}

// relationsHold compares what the relations of a record hold with what was written beside
// the references, by the ids of what they lead to.
func (w *world) relationsHold(e *model.Entity, ed *model.Edge, r *entry, refs ...object) {
	w.Helper()
	var names []string
	for _, f := range ed.Fields {
		if w.types[ed.List()+"Edge"].field(f.GraphQL) {
			names = append(names, f.GraphQL)
		}
	}
	if len(names) == 0 {
		return
	}
	out := w.query(e.Single, object{"id": r.id}, "{ r: "+ed.GraphQL+"(first: 1000) { edges { node { id } "+strings.Join(names, " ")+" } } }").(object)
	for _, edge := range out["r"].(object)["edges"].([]any) {
		for _, ref := range refs {
			if ref["id"] != edge.(object)["node"].(object)["id"] {
				continue
			}
			for _, f := range ed.Fields {
				if sent, given := ref[f.GraphQL]; given && slices.Contains(names, f.GraphQL) && !w.same(f, sent, edge.(object)[f.GraphQL]) {
					w.wrong(e, "%s.%s.%s was given %v and is %v", e.Name, ed.GraphQL, f.GraphQL, sent, edge.(object)[f.GraphQL])
				}
			}
		}
	}
}
