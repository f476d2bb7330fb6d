package conformance

import (
	"slices"

	"coppice/core/model"
)

// updates changes each field that can be changed, clears each that may be
// null, and is refused what may not.
func (w *world) updates(e *model.Entity) {
	w.Helper()
	input := "Update" + e.Name + "Input"
	if !e.Updates() || !w.creatable(e) {
		return
	}
	if len(w.records[e]) == 0 {
		return
	}
	r := w.records[e][0]
	in := w.fields(e, input, false)
	w.update(e, r, in)
	for _, f := range w.inputs(e, input) {
		if f.Nullable {
			w.update(e, r, object{f.GraphQL: nil})
			continue
		}
		w.refuse(e, "update"+e.Name, object{"id": r.id, "input": object{f.GraphQL: nil}})
	}
	w.update(e, r, w.fields(e, input, false))
	w.appends(e, r)
	if e.Skip.Has(model.SkipWhere) {
		return
	}
	in = w.fields(e, input, false)
	for _, ed := range e.Edges { // of an entity that has nothing else to change
		if len(in) == 0 && !ed.Unique && w.types[input].input(ed.GraphQL) {
			in[ed.Prefixed("add")] = []any{}
		}
		if len(in) > 0 || !ed.Unique || !w.types[input].input(ed.GraphQL) {
			continue
		}
		if there, ok := r.out[ed.GraphQL].(object); ok {
			in[ed.GraphQL] = object{"id": there["id"]}
		} else if !ed.Required {
			in[ed.GraphQL] = nil
		}
	}
	if len(in) > 0 {
		n, done := w.write(e, e.Many("update"), object{"where": object{"idIn": []any{r.id}}, "input": in}, "")
		if !done {
			return
		}
		if n != jsonNumber(1) {
			w.Errorf("%s changes %v", e.Many("update"), n)
		}
		w.read(e, r)
		w.agrees(e, r, in)
	}
}

// inKey reports whether a field is part of a unique key, so that a value of
// its own may collide.
func inKey(e *model.Entity, f *model.Field) bool {
	return slices.ContainsFunc(e.Keys, func(k *model.Key) bool {
		return slices.ContainsFunc(k.Parts, func(p model.Part) bool { return p.Field == f })
	})
}

func (w *world) update(e *model.Entity, r *entry, in object) {
	w.Helper()
	if len(in) == 0 {
		return
	}
	if _, done := w.write(e, "update"+e.Name, object{"id": r.id, "input": in}, "{ id }"); done {
		w.read(e, r)
		w.agrees(e, r, in)
	}
}

// appends adds to the end of each JSON list.
func (w *world) appends(e *model.Entity, r *entry) {
	w.Helper()
	for _, f := range e.Fields {
		if !w.types["Update"+e.Name+"Input"].input(f.Prefixed("append")) || !f.Appends {
			continue
		}
		before, _ := r.out[f.GraphQL].([]any)
		more := w.value(e, f, w.made[e])
		w.appended(e, f, r, object{f.Prefixed("append"): more}, append(slices.Clone(before), more.([]any)...))
		w.update(e, r, object{f.GraphQL: more, f.Prefixed("append"): []any{}})
		w.appended(e, f, r, object{f.GraphQL: more, f.Prefixed("append"): more}, append(slices.Clone(more.([]any)), more.([]any)...))
		if !f.Kind.List() {
			w.refuse(e, "update"+e.Name, object{"id": r.id, "input": object{f.Prefixed("append"): object{"x": 1}}})
		}
	}
}

// appended changes a record and compares a list with what it then has to be.
func (w *world) appended(e *model.Entity, f *model.Field, r *entry, in object, want []any) {
	w.Helper()
	if _, done := w.write(e, "update"+e.Name, object{"id": r.id, "input": in}, "{ id }"); !done {
		return
	}
	w.read(e, r)
	if !w.same(f, want, r.out[f.GraphQL]) {
		w.wrong(e, "%s of %s after %v is %v, not %v", f.GraphQL, r.id, in, r.out[f.GraphQL], want)
	}
}

// counts makes records with ids that are given and ids that the database
// counts, in one go.
func (w *world) counts(e *model.Entity) {
	w.Helper()
	if !e.Counted || !w.creatable(e) {
		return
	}
	var list []any
	for i := range 5 {
		in, ok := w.makeInput(e, false, nil)
		if !ok {
			return
		}
		if i%2 == 0 {
			delete(in, "id")
		} else { // far from those that are counted
			in["id"] = w.value(e, e.ID, drawn-1-w.made[e])
		}
		list = append(list, in)
	}
	made, done := w.write(e, e.Many("create"), object{"inputs": list}, "{ id }")
	if !done {
		return
	}
	for i, in := range list {
		w.keep(e, made.([]any)[i].(object)["id"].(string), in.(object))
	}
	// Behind the largest id of its type there would be none to count on with.
	in, ok := w.makeInput(e, false, nil)
	if !ok {
		return
	}
	largest := uint64(1)<<(e.ID.Bits-1) - 1
	if e.ID.Unsigned && e.ID.Bits < 64 {
		largest = uint64(1)<<e.ID.Bits - 1
	}
	in["id"] = largest
	w.refuse(e, "create"+e.Name, object{"input": in})
}

// upserts writes a record twice by each of its keys: it is made, then found.
func (w *world) upserts(e *model.Entity) {
	w.Helper()
	if !e.Upserts() {
		return
	}
	for _, k := range e.Keys {
		in, ok := w.makeInput(e, false, nil)
		if !ok || !w.creatable(e) {
			return
		}
		if slices.ContainsFunc(k.Parts, func(p model.Part) bool { return in[p.Name()] == nil }) {
			if !w.linkKey(e, k, in) {
				continue
			}
		}
		args := object{"by": k.Enum, "input": in}
		upserted, done := w.write(e, "upsert"+e.Name, args, "{ id }")
		if !done {
			continue
		}
		made := upserted.(object)["id"].(string)
		r := w.keep(e, made, in)
		for _, f := range w.inputs(e, "Create"+e.Name+"Input") {
			if _, ok := in[f.GraphQL]; ok && !f.Immutable && !f.Unique && !inKey(e, f) && f != e.ID {
				in[f.GraphQL] = w.value(e, f, w.made[e])
			}
		}
		again, done := w.write(e, "upsert"+e.Name, args, "{ id }")
		if !done {
			continue
		}
		if again.(object)["id"] != made {
			w.wrong(e, "upsert%s by %s makes %v beside %v", e.Name, k.Enum, again, made)
		}
		w.read(e, r)
		w.agrees(e, r, in)
	}
}

// linkKey gives an input the edges of a key.
func (w *world) linkKey(e *model.Entity, k *model.Key, in object) bool {
	w.Helper()
	for _, p := range k.Parts {
		if p.Edge == nil || in[p.Name()] != nil {
			continue
		}
		if !w.creatable(p.Edge.Target) || !w.types["Create"+e.Name+"Input"].input(p.Name()) {
			return false
		}
		there := w.create(p.Edge.Target)
		if there == nil {
			return false
		}
		in[p.Name()] = object{"id": there.id}
	}
	return !slices.ContainsFunc(k.Parts, func(p model.Part) bool { return in[p.Name()] == nil })
}

// deletes removes every record, those first that no other needs, one by one
// and many at once, and finds nothing afterwards.
func (w *world) deletes() {
	w.Helper()
	// Those last that others take along when they go.
	entities := w.entities()
	slices.SortStableFunc(entities, func(a, b *model.Entity) int { return cascades(a) - cascades(b) })
	for _, e := range entities { // before what others take along is gone
		for i := range 2 {
			if !w.creatable(e) {
				continue
			}
			if r := w.create(e); r != nil {
				w.delete(e, r, i == 1)
			}
		}
	}
	for left := -1; ; {
		now := 0
		for _, e := range entities {
			if !e.View {
				now += w.deleteSome(e)
			}
		}
		if now == 0 {
			return
		}
		if now == left && slices.ContainsFunc(entities, w.hooked) {
			return // what hooks keep, and what that needs
		}
		if now == left {
			w.Fatalf("%d records cannot be deleted", now)
		}
		left = now
	}
}

func cascades(e *model.Entity) (n int) {
	for _, ed := range e.Edges {
		if ed.Storage == model.Other && ed.OnDelete == model.Cascade {
			n++
		}
	}
	return n
}

// disconnect clears the edges whose rows are records that the API does not show.
func (w *world) disconnect(e *model.Entity, r *entry) {
	w.Helper()
	for _, ed := range e.Edges {
		if ed.Through && w.schema.Table(ed.Table) == nil && len(ends(r, ed)) > 0 {
			w.lead(e, ed, r, object{ed.GraphQL: []any{}})
		}
	}
}

// delete deletes a record, by a condition or by its id, unless another needs it.
func (w *world) delete(e *model.Entity, r *entry, many bool) {
	w.Helper()
	w.disconnect(e, r)
	field, args := "delete"+e.Name, object{"id": r.id}
	if many && !e.Skip.Has(model.SkipWhere) {
		field, args = e.Many("delete"), object{"where": object{"id": r.id}}
	}
	query, vars := w.rootQuery("mutation", field, args, "")
	if _, errs := w.send(query, vars); len(errs) > 0 {
		// Another may need it, or may have taken it along.
		if code := errs[0].Extensions.Code; code != "CONFLICT" && code != "NOT_FOUND" && !w.ruled(e, errs) {
			w.Errorf("%s of %s: %v", field, r.id, errs)
		}
		return
	}
	w.records[e] = slices.DeleteFunc(w.records[e], func(other *entry) bool { return other.id == r.id })
	if found := w.query(e.Single, object{"id": r.id}, "{ id }"); found != nil {
		w.wrong(e, "%s is there after it was deleted", r.id)
	}
}

// deleteSome deletes what it can and returns how many records it found.
func (w *world) deleteSome(e *model.Entity) int {
	w.Helper()
	all := w.all(e)
	for i, r := range all {
		w.delete(e, r, i%2 == 1)
	}
	return len(all)
}
