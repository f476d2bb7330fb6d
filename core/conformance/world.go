package conformance

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"

	"coppice/core/internal/fake"
	"coppice/core/model"
	"coppice/core/record"
)

// count is how many records of an entity the drive begins with.
const count = 5

// entry is a record of the API: what it was made from, and how it read last.
type entry struct {
	id  string
	out object
}

// world is an API filled with made-up records.
type world struct {
	*api
	rand    *rand.Rand
	makers  map[*model.Entity]*fake.Maker
	made    map[*model.Entity]int // numbers given out, for values that must differ
	records map[*model.Entity][]*entry
	busy    map[*model.Entity]bool // being made, to see circles
}

func newWorld(a *api) *world {
	w := &world{
		api: a, rand: rand.New(rand.NewPCG(20261123, 4)), makers: map[*model.Entity]*fake.Maker{}, made: map[*model.Entity]int{},
		records: map[*model.Entity][]*entry{}, busy: map[*model.Entity]bool{},
	}
	w.unmade = unmade(w.client.Project, w.entities())
	for _, e := range w.entities() {
		for len(w.records[e]) < count && w.creatable(e) {
			if w.create(e) == nil {
				w.giveUp(e)
			}
		}
	}
	return w
}

// entities lists what the API shows.
func (a *api) entities() []*model.Entity {
	var list []*model.Entity
	for _, e := range a.schema.Entities {
		if !e.Skip.Has(model.SkipType) {
			list = append(list, e)
		}
	}
	return list
}

func (a *api) creatable(e *model.Entity) bool {
	return !e.View && !e.Skip.Has(model.SkipCreate) && !a.unmade[e]
}

// unmade are the entities of which no record can be made up, since validators
// refuse whatever is tried, and those that need one.
func unmade(project *record.Project, entities []*model.Entity) map[*model.Entity]bool {
	all := map[*model.Entity]bool{}
	for _, e := range entities {
		if e.View {
			continue
		}
		var failed *fake.Error
		if _, err := fake.New(e, 1, fake.Check(project, e)); errors.As(err, &failed) && failed.Room == 0 {
			all[e] = true
		}
	}
	return needing(entities, all)
}

// needing are some entities, and those that need one of them.
func needing(entities []*model.Entity, all map[*model.Entity]bool) map[*model.Entity]bool {
	for more := true; more; {
		more = false
		for _, e := range entities {
			if !all[e] && slices.ContainsFunc(e.Edges, func(ed *model.Edge) bool { return ed.Required && all[ed.Target] }) {
				all[e], more = true, true
			}
		}
	}
	return all
}

// drawn is more records of one entity than the drive makes.
const drawn = 1000

// maker makes up values for an entity's fields; those that tell records apart
// differ in each.
func (w *world) maker(e *model.Entity) *fake.Maker {
	w.Helper()
	m := w.makers[e]
	if m == nil {
		var apart []*model.Field
		for _, k := range e.Keys {
			if i := slices.IndexFunc(k.Parts, func(p model.Part) bool { return p.Field != nil && p.Field.Kind == model.String }); len(k.Parts) > 1 && i >= 0 {
				apart = append(apart, k.Parts[i].Field)
			}
		}
		var err error
		for n := drawn; n > 0; n /= 8 { // of some values there are few
			if m, err = fake.New(e, n, fake.Check(w.client.Project, e), apart...); err == nil {
				break
			}
		}
		if err != nil {
			w.Fatal(err)
		}
		w.makers[e] = m
	}
	return m
}

// value makes up a value of a field: another one for each n.
func (w *world) value(e *model.Entity, f *model.Field, n int) any {
	w.Helper()
	return w.maker(e).Value(f, w.rand, n)
}

// fields makes up an input: everything that is asked for, and of what is not,
// something now and then.
func (w *world) fields(e *model.Entity, input string, sparse bool) object {
	w.Helper()
	n := w.made[e]
	w.made[e]++
	in := object{}
	for _, f := range w.inputs(e, input) {
		if needed := !f.Nullable && !f.Default; needed || !sparse {
			in[f.GraphQL] = w.value(e, f, n)
		}
	}
	return in
}

// inputs lists the fields that an input type has.
func (w *world) inputs(e *model.Entity, input string) []*model.Field {
	var list []*model.Field
	for _, f := range append([]*model.Field{e.ID}, e.Fields...) {
		if w.types[input].input(f.GraphQL) && slices.Contains(w.maker(e).Fields(), f) {
			list = append(list, f)
		}
	}
	return list
}

// create makes a record with all it needs, or nil where a rule of the project
// refuses each that is tried. Every second one has its required fields only.
func (w *world) create(e *model.Entity) *entry {
	w.Helper()
	w.busy[e] = true
	defer delete(w.busy, e)
	for range tries {
		in, ok := w.makeInput(e, w.made[e]%3 == 1, nil)
		if !ok {
			return nil
		}
		field, args, sel := "create"+e.Name, object{"input": in}, "{ id }"
		if many := w.made[e]%2 != 0; many {
			field, args = e.Many("create"), object{"inputs": []any{in}}
		}
		made, done := w.write(e, field, args, sel)
		if list, ok := made.([]any); ok {
			made = list[0]
		}
		if done {
			return w.keep(e, made.(object)["id"].(string), in)
		}
	}
	return nil
}

// makeInput makes up an input for a record with all it needs, but for the edge that
// implies where it is nested; not ok where that cannot be made.
func (w *world) makeInput(e *model.Entity, sparse bool, implied *model.Edge) (in object, ok bool) {
	w.Helper()
	in = w.fields(e, "Create"+e.Name+"Input", sparse)
	return in, w.required(e, in, implied)
}

// required gives an input the edges it cannot do without, but for the one
// that implies where it is nested. It reports whether there is something for each
// to lead to.
func (w *world) required(e *model.Entity, in object, implied *model.Edge) bool {
	w.Helper()
	for _, ed := range e.Edges {
		if ed.Default && !ed.Required && ed != implied && w.types["Create"+e.Name+"Input"].input(ed.GraphQL) {
			in[ed.GraphQL] = nil // the default may name nothing
		}
		if !ed.Required || ed == implied || !w.types["Create"+e.Name+"Input"].input(ed.GraphQL) {
			continue
		}
		ref, ok := w.needed(e, ed)
		if !ok {
			return false
		}
		in[ed.GraphQL] = list(ed, w.beside(ed, ref))
	}
	return true
}

// needed refers to something that a required edge may lead to.
func (w *world) needed(e *model.Entity, ed *model.Edge) (ref object, ok bool) {
	w.Helper()
	if w.busy[ed.Target] {
		nested := w.fields(ed.Target, "Create"+ed.To+"Input", true)
		return object{"create": nested}, w.required(ed.Target, nested, ed.Inverse)
	}
	var there *entry
	oneToOne := ed.Unique && ed.Inverse != nil && ed.Inverse.Unique
	if oneToOne || ed.Storage == model.Other || tellsApart(e, ed) { // it is no other's
		there = w.create(ed.Target)
	} else {
		there = w.pick(ed.Target, w.made[e])
	}
	if there == nil {
		return nil, false
	}
	return object{"id": there.id}, true
}

// tellsApart reports whether an edge leads elsewhere from each record: a unique
// key has no text to differ in, and this edge before others.
func tellsApart(e *model.Entity, ed *model.Edge) bool {
	return slices.ContainsFunc(e.Keys, func(k *model.Key) bool {
		first := slices.IndexFunc(k.Parts, func(p model.Part) bool { return p.Edge != nil })
		text := func(p model.Part) bool { return p.Field != nil && p.Field.Kind == model.String }
		return first >= 0 && k.Parts[first].Edge == ed && !slices.ContainsFunc(k.Parts, text)
	})
}

// list is references as an edge takes them.
func list(ed *model.Edge, refs ...any) any {
	if ed.Unique {
		return refs[0]
	}
	return refs
}

// pick returns a record of an entity, made if there is none, or nil where none
// can be.
func (w *world) pick(e *model.Entity, n int) *entry {
	w.Helper()
	for len(w.records[e]) < 2 && w.create(e) != nil {
	}
	if len(w.records[e]) == 0 {
		return nil
	}
	return w.records[e][n%len(w.records[e])]
}

// keep reads a record that was made from an input, and compares.
func (w *world) keep(e *model.Entity, id string, in object) *entry {
	w.Helper()
	r := &entry{id: id}
	w.records[e] = append(w.records[e], r)
	w.read(e, r)
	w.agrees(e, r, in)
	return r
}

// agrees compares a record with the input that it was written from.
func (w *world) agrees(e *model.Entity, r *entry, in object) {
	w.Helper()
	for _, f := range append([]*model.Field{e.ID}, e.Fields...) {
		sent, given := in[f.GraphQL]
		got, shown := r.out[f.GraphQL]
		if f == e.ID && given {
			global, _ := r.out["id"].(string)
			_, got, _ = strings.Cut(global, ":")
			if e.ID.Kind == model.Int {
				got = jsonNumber(got)
			}
		}
		switch {
		case !shown:
		case given && sent != nil && (got == nil || !w.same(f, sent, got)):
			w.wrong(e, "%s.%s was given %v and is %v", e.Name, f.GraphQL, sent, got)
		case given && sent == nil && got != nil:
			w.wrong(e, "%s.%s was cleared and is %v", e.Name, f.GraphQL, got)
		case !given && got == nil && !f.Nullable:
			w.Errorf("%s.%s is null", e.Name, f.GraphQL)
		}
	}
}

// selection asks for everything that a record shows: its fields, the fields of
// what its to-one edges lead to, and the ids at the end of its to-many edges.
func (w *world) selection(e *model.Entity, edges bool) string {
	var b strings.Builder
	b.WriteString("{ __typename id")
	for _, f := range e.Fields {
		if w.types[e.Name].field(f.GraphQL) {
			b.WriteString(" " + f.GraphQL)
		}
	}
	for _, ed := range e.Edges {
		switch {
		case !edges || !w.types[e.Name].field(ed.GraphQL):
		case ed.Unique:
			b.WriteString(" " + ed.GraphQL + w.selection(ed.Target, false))
		default:
			b.WriteString(" " + ed.GraphQL + "(first: 1000) { totalCount edges { node { id } } }")
		}
	}
	return b.String() + " }"
}

// read reads a record again.
func (w *world) read(e *model.Entity, r *entry) {
	w.Helper()
	out, ok := w.query(e.Single, object{"id": r.id}, w.selection(e, true)).(object)
	if !ok {
		w.Fatalf("%s is not there", r.id)
	}
	r.out = out
}

// all reads every record of an entity.
func (w *world) all(e *model.Entity) []*entry {
	w.Helper()
	page := w.query(e.Plural, object{"first": 1000}, "{ totalCount edges { node "+w.selection(e, true)+" } }").(object)
	var list []*entry
	for _, edge := range page["edges"].([]any) {
		node := edge.(object)["node"].(object)
		list = append(list, &entry{id: node["id"].(string), out: node})
	}
	if got := page["totalCount"].(interface{ String() string }).String(); got != jsonNumber(len(list)).String() {
		w.Errorf("%s: %d records, and a totalCount of %s", e.Plural, len(list), got)
	}
	return list
}

// ends lists the ids that an edge of a record leads to.
func ends(r *entry, ed *model.Edge) []string {
	v, ok := r.out[ed.Current().GraphQL].(object)
	if !ok {
		return nil
	}
	if ed.Unique {
		return []string{v["id"].(string)}
	}
	var ids []string
	for _, edge := range v["edges"].([]any) {
		ids = append(ids, edge.(object)["node"].(object)["id"].(string))
	}
	slices.Sort(ids)
	return ids
}
