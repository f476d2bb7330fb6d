package mutation_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// The model: records, rows of association tables, and what a request makes of
// them, worked out from the contract alone: the state that the request asks
// for is put together first, and then looked at as a whole.

// enum is an enum value, which literals print without quotes.
type enum string

// object is an input object.
type object = map[string]any

// record is a record. It is never changed once another state can see it.
type record struct {
	e    *entity
	mid  int // the model's own number
	id   int // the database's, once it is known
	vals map[string]any
	to   map[string]int // by edge that the record's own row holds; no entry for null
}

func (r *record) clone() *record {
	c := *r
	c.vals, c.to = maps.Clone(r.vals), maps.Clone(r.to)
	return &c
}

func (r *record) global() string { return fmt.Sprintf("%s:%d", r.e.name, r.id) }

type pair struct {
	table string
	a, b  int
}

// state is the content of a database.
type state struct {
	recs  []*record // ascending by mid
	joins map[pair]bool
	last  int // the greatest mid ever given
}

func (st *state) clone() *state {
	return &state{recs: slices.Clone(st.recs), joins: maps.Clone(st.joins), last: st.last}
}

func (st *state) at(mid int) (int, bool) {
	return slices.BinarySearchFunc(st.recs, mid, func(r *record, mid int) int { return r.mid - mid })
}

func (st *state) get(mid int) *record {
	if i, ok := st.at(mid); ok {
		return st.recs[i]
	}
	return nil
}

// edit returns a record to be changed.
func (st *state) edit(mid int) *record {
	i, _ := st.at(mid)
	st.recs[i] = st.recs[i].clone()
	return st.recs[i]
}

func (st *state) remove(mid int) {
	i, _ := st.at(mid)
	st.recs = slices.Delete(slices.Clone(st.recs), i, i+1)
}

func (st *state) of(e *entity) []*record {
	var list []*record
	for _, r := range st.recs {
		if r.e == e {
			list = append(list, r)
		}
	}
	return list
}

// find returns the record with a value of a unique field.
func (st *state) find(e *entity, key string, value any) *record {
	for _, r := range st.recs {
		if r.e == e && r.vals[key] == value {
			return r
		}
	}
	return nil
}

// global returns the record with a global id.
func (st *state) global(e *entity, id string) *record {
	for _, r := range st.recs {
		if r.e == e && r.global() == id {
			return r
		}
	}
	return nil
}

// leading lists the records whose own edge leads to a record.
func (st *state) leading(e *entity, edge string, mid int) []int {
	var list []int
	for _, r := range st.recs {
		if r.e == e && r.to[edge] == mid {
			list = append(list, r.mid)
		}
	}
	return list
}

// targets lists what an edge of a record leads to.
func (st *state) targets(ed *edge, mid int) []int {
	switch ed.kind {
	case own:
		if to := st.get(mid).to[ed.name]; to != 0 {
			return []int{to}
		}
		return nil
	case other:
		return st.leading(entityOf(ed.to), ed.back, mid)
	}
	var list []int
	for p := range st.joins {
		from, to := p.a, p.b
		if ed.flip {
			from, to = to, from
		}
		if p.table == ed.table && from == mid {
			list = append(list, to)
		}
	}
	slices.Sort(list)
	return list
}

// call is one mutation field.
type call struct {
	op           string // create, createMany, update, updateMany, delete, deleteMany, upsert
	e            *entity
	by           string // of an upsert
	id           string
	where, input object
	inputs       []any
	vars         bool // arguments go in variables
}

// request is a mutation.
type request struct {
	calls []call
	typo  []fault // where a value does not fit its type: what this may be
}

// fault is an error that the answer may carry; where field is empty, any.
type fault struct{ code, field string }

// outcome is what a request must lead to.
type outcome struct {
	state   *state
	faults  []fault // only such; none for success
	certain []fault // that are told whatever else is wrong
	typo    bool    // the faults are those of a value that does not fit; there may be others
	shapes  []string
	answers [][]int // of each call: the records answered with
}

// evaluate tells what a request must lead to.
func evaluate(st *state, req request) outcome {
	if req.typo != nil {
		return outcome{state: st, faults: req.typo, typo: true}
	}
	out := outcome{state: st.clone()}
	for _, c := range req.calls {
		ev := &eval{st: out.state.clone(), before: out.state, call: c, shapes: map[string]bool{},
			made: map[string]*node{}, connected: map[string]bool{}, gone: map[string]bool{}, asked: map[string]bool{}, renames: map[string]bool{}, shadows: map[string]bool{}, claims: map[slot][]claim{},
			adds: map[pair]bool{}, drops: map[pair]bool{}}
		answer := ev.run()
		out.shapes = append(out.shapes, slices.Sorted(maps.Keys(ev.shapes))...)
		out.certain = append(out.certain, ev.certain...)
		if len(ev.faults) > 0 {
			out.faults = append(out.faults, ev.faults...)
			continue // the others are told as well
		}
		out.answers = append(out.answers, answer)
		out.state = ev.st
	}
	if len(out.faults) > 0 {
		out.state = st
	}
	return out
}

// canon is a value as the database's content is compared.
func canon(f *field, v any) any {
	switch v := v.(type) {
	case string:
		if strings.HasSuffix(f.name, "At") {
			t, err := time.Parse(time.RFC3339Nano, v)
			if err != nil {
				panic(err)
			}
			return t.UTC().Format(timeForm)
		}
		return v
	case enum:
		return string(v)
	case []any:
		b, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		return string(b)
	}
	return v
}

const timeForm = "2006-01-02 15:04:05.000000"

// lines tells the whole content of a state, by the database's ids.
func (st *state) lines() []string {
	var lines []string
	for _, r := range st.recs {
		lines = append(lines, r.line(func(mid int) int { return st.get(mid).id }))
	}
	for p := range st.joins {
		lines = append(lines, fmt.Sprint(p.table, " ", st.get(p.a).id, " ", st.get(p.b).id))
	}
	slices.Sort(lines)
	return lines
}

func (r *record) line(id func(int) int) string {
	var b strings.Builder
	b.WriteString(r.global())
	for _, f := range r.e.fields {
		fmt.Fprintf(&b, " %s=%v", f.name, r.vals[f.name])
	}
	for _, ed := range r.e.edges {
		if to := r.to[ed.name]; to != 0 {
			fmt.Fprintf(&b, " %s=%d", ed.name, id(to))
		}
	}
	return b.String()
}
