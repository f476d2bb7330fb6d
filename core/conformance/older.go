package conformance

import (
	"fmt"
	"strings"

	"coppice/core/model"
)

// older uses the older names that the API has still, each beside the one of today: what
// they show is the same, and what is written by one is read by the other.
func (w *world) older(e *model.Entity) {
	w.Helper()
	w.olderRoots(e)
	var names, today []string
	for _, f := range e.ShownFields() {
		if f.Now != nil && w.types[e.Name].field(f.GraphQL) {
			names, today = append(names, f.GraphQL), append(today, f.Now.GraphQL)
		}
	}
	for _, ed := range e.ShownEdges() {
		if ed.Now == nil || !w.types[e.Name].field(ed.GraphQL) {
			continue
		}
		sel := " { totalCount edges { cursor node { id } } }"
		if ed.Unique {
			sel = " { id }"
		}
		names, today = append(names, ed.GraphQL+sel), append(today, ed.Now.GraphQL+sel)
	}
	for _, r := range w.all(e) {
		for i, name := range names {
			out := w.query(e.Single, object{"id": r.id}, "{ old: "+name+" now: "+today[i]+" }").(object)
			if fmt.Sprint(out["old"]) != fmt.Sprint(out["now"]) {
				w.Errorf("%s: %s is %v, and %s %v", r.id, name, out["old"], today[i], out["now"])
			}
		}
	}
	if w.creatable(e) && !w.hooked(e) {
		w.olderInputs(e)
	}
}

// olderInputs writes by each older name, which reads under the one of today; by both it
// is refused.
func (w *world) olderInputs(e *model.Entity) {
	w.Helper()
	for _, f := range e.ShownFields() {
		if f.Now == nil || !w.types["Create"+e.Name+"Input"].input(f.GraphQL) {
			continue
		}
		in, ok := w.makeInput(e, false, nil)
		v, given := in[f.Now.GraphQL]
		if !ok || !given {
			continue
		}
		in[f.GraphQL] = v
		w.refuse(e, "create"+e.Name, object{"input": in})
		delete(in, f.Now.GraphQL)
		made, done := w.write(e, "create"+e.Name, object{"input": in}, "{ id }")
		if !done {
			continue
		}
		delete(in, f.GraphQL)
		in[f.Now.GraphQL] = v
		r := w.keep(e, made.(object)["id"].(string), in)
		if w.types["Update"+e.Name+"Input"].input(f.GraphQL) {
			w.refuse(e, "update"+e.Name, object{"id": r.id, "input": object{f.GraphQL: v, f.Now.GraphQL: v}})
			next := w.value(e, f.Now, w.made[e])
			if _, done := w.write(e, "update"+e.Name, object{"id": r.id, "input": object{f.GraphQL: next}}, "{ id }"); done {
				w.read(e, r)
				w.agrees(e, r, object{f.Now.GraphQL: next})
			}
		}
		w.olderList(e, f, r)
	}
	for _, f := range e.Fields {
		w.olderValues(e, f)
	}
	w.olderEdges(e)
}

// olderList adds to a list by its older name.
func (w *world) olderList(e *model.Entity, f *model.Field, r *entry) {
	w.Helper()
	if f.Appends && w.types["Update"+e.Name+"Input"].input(f.Prefixed("append")) {
		before, _ := r.out[f.Now.GraphQL].([]any)
		more := w.value(e, f.Now, w.made[e]).([]any)
		w.appended(e, f.Now, r, object{f.Prefixed("append"): more}, append(before[:len(before):len(before)], more...))
	}
}

// olderValues writes the older values of an enum, which are read as those of today, and
// asks by them.
func (w *world) olderValues(e *model.Entity, f *model.Field) {
	w.Helper()
	for _, v := range f.Enums {
		in, ok := w.makeInput(e, false, nil)
		if _, given := in[f.GraphQL]; !v.Former || !ok || !given || !w.types[e.Name].field(f.GraphQL) {
			continue
		}
		in[f.GraphQL] = v.Name
		made, done := w.write(e, "create"+e.Name, object{"input": in}, "{ id "+f.GraphQL+" }")
		if !done {
			continue
		}
		out := made.(object)
		if stored, err := f.Parse(out[f.GraphQL]); err != nil || stored != v.Value || out[f.GraphQL] == v.Name {
			w.Errorf("%s.%s is %v, and was given as %s", e.Name, f.GraphQL, out[f.GraphQL], v.Name)
		}
		in[f.GraphQL] = out[f.GraphQL]
		w.keep(e, out["id"].(string), in)
		if !w.types[e.Name+"WhereInput"].input(f.GraphQL) {
			continue
		}
		found := w.query(e.Plural, object{"where": object{"id": out["id"], f.GraphQL: v.Name}}, "{ totalCount }").(object)
		if fmt.Sprint(found["totalCount"]) != "1" {
			w.Errorf("%s with %s %s are %v", e.Plural, f.GraphQL, v.Name, found["totalCount"])
		}
	}
}

// olderEdges leads an edge somewhere by its older names, and back to where it led.
func (w *world) olderEdges(e *model.Entity) {
	w.Helper()
	for _, ed := range e.ShownEdges() {
		if ed.Now == nil || len(ed.Fields) > 0 || !w.types["Update"+e.Name+"Input"].input(ed.GraphQL) || !w.types[e.Name].field(ed.Now.GraphQL) || !w.creatable(ed.Target) {
			continue
		}
		r, to := w.create(e), w.create(ed.Target)
		if r == nil || to == nil {
			continue
		}
		ref := object{"id": to.id}
		w.refuse(e, "update"+e.Name, object{"id": r.id, "input": object{ed.GraphQL: list(ed, ref), ed.Now.GraphQL: list(ed, ref)}})
		inputs := []object{{ed.GraphQL: list(ed, ref)}}
		if !ed.Unique && (ed.Inverse == nil || !ed.Inverse.Required) {
			inputs = append(inputs, object{ed.Prefixed("remove"): []any{ref}}, object{ed.Prefixed("add"): []any{ref}})
		}
		for i, in := range inputs {
			if _, done := w.write(e, "update"+e.Name, object{"id": r.id, "input": in}, "{ id }"); !done {
				break
			}
			w.read(e, r)
			if led := strings.Join(ends(r, ed), " "); (led == to.id) != (i != 1) {
				w.wrong(e, "%s.%s after %v is %q", e.Name, ed.Now.GraphQL, in, led)
			}
		}
	}
}

// olderRoots uses the root fields that an entity had under other names, and ids that
// were given out then.
func (w *world) olderRoots(e *model.Entity) {
	w.Helper()
	all := w.all(e)
	for _, r := range e.Roots()[1:] {
		for _, known := range all {
			_, own, _ := strings.Cut(known.id, ":")
			old := object{"id": r.Name + ":" + own}
			if out, _ := w.query(r.Single, old, "{ id }").(object); out["id"] != known.id {
				w.Errorf("%s of %v is %v", r.Single, old, out)
			}
			if out, _ := w.query("node", old, "{ id __typename }").(object); out["id"] != known.id || out["__typename"] != e.Name {
				w.Errorf("node of %v is %v", old, out)
			}
		}
		page := w.query(r.Plural, object{"first": 1000}, "{ totalCount }").(object)
		rows := w.query(r.Plural+"Aggregate", nil, "{ count }").([]any)
		if n := fmt.Sprint(len(all)); fmt.Sprint(page["totalCount"]) != n || fmt.Sprint(rows[0].(object)["count"]) != n {
			w.Errorf("%s are %v and %v, not %s", r.Plural, page, rows, n)
		}
		for _, k := range e.ShownKeys() {
			if w.types["Query"].field(r.Query(k, e)) && len(all) > 0 {
				w.olderKey(r, k, e, all)
			}
		}
		if w.creatable(e) && !w.hooked(e) {
			w.olderWrites(r, e)
		}
	}
}

func (w *world) olderKey(r model.Root, k *model.Key, e *model.Entity, all []*entry) {
	w.Helper()
	for _, known := range all {
		args := object{}
		for i, p := range k.Parts {
			v := known.out[k.Current().Parts[i].Name()]
			if o, ok := v.(object); ok {
				v = o["id"]
			}
			if v != nil {
				args[p.Name()] = v
			}
		}
		if len(args) < len(k.Parts) {
			continue
		}
		if found, _ := w.query(r.Query(k, e), args, "{ id }").(object); found["id"] != known.id {
			w.Errorf("%s(%v) finds %v, not %s", r.Query(k, e), args, found, known.id)
		}
		return
	}
}

func (w *world) olderWrites(r model.Root, e *model.Entity) {
	w.Helper()
	in, ok := w.makeInput(e, false, nil)
	if !ok {
		return
	}
	made, done := w.write(e, "create"+r.Name, object{"input": in}, "{ id }")
	if !done {
		return
	}
	known := w.keep(e, made.(object)["id"].(string), in)
	_, own, _ := strings.Cut(known.id, ":")
	old := r.Name + ":" + own
	if e.Updates() {
		change := w.fields(e, "Update"+e.Name+"Input", false)
		if _, done := w.write(e, "update"+r.Name, object{"id": old, "input": change}, "{ id }"); done {
			w.read(e, known)
			w.agrees(e, known, change)
		}
		if !e.Skip.Has(model.SkipWhere) {
			if n, done := w.write(e, r.Many("update"), object{"where": object{"id": old}, "input": w.fields(e, "Update"+e.Name+"Input", false)}, ""); done && fmt.Sprint(n) != "1" {
				w.Errorf("%s changes %v", r.Many("update"), n)
			}
		}
	}
	if e.Upserts() {
		for _, k := range e.ShownKeys() {
			again, ok := w.makeInput(e, false, nil)
			if !ok || k.Now == nil || !w.linkKey(e, k.Now, again) {
				continue
			}
			if out, done := w.write(e, "upsert"+r.Name, object{"by": k.Enum, "input": again}, "{ id }"); done {
				w.keep(e, out.(object)["id"].(string), again)
			}
		}
		if again, ok := w.makeInput(e, false, nil); ok && w.linkKey(e, e.Keys[0], again) {
			if out, done := w.write(e, "upsert"+r.Name, object{"by": e.Keys[0].Enum, "input": again}, "{ id }"); done {
				w.keep(e, out.(object)["id"].(string), again)
			}
		}
	}
	if more, ok := w.makeInput(e, false, nil); ok {
		if out, done := w.write(e, r.Many("create"), object{"inputs": []any{more}}, "{ id }"); done && !e.Skip.Has(model.SkipWhere) {
			id := out.([]any)[0].(object)["id"]
			if n, done := w.write(e, r.Many("delete"), object{"where": object{"id": id}}, ""); done && fmt.Sprint(n) != "1" {
				w.Errorf("%s deletes %v", r.Many("delete"), n)
			}
		}
	}
	if last := w.create(e); last != nil {
		_, own, _ := strings.Cut(last.id, ":")
		if _, done := w.write(e, "delete"+r.Name, object{"id": r.Name + ":" + own}, ""); done {
			w.records[e] = without(w.records[e], last)
		}
	}
}

func without(list []*entry, r *entry) (left []*entry) {
	for _, other := range list {
		if other != r {
			left = append(left, other)
		}
	}
	return left
}
