package query

import (
	"encoding/json"
	"slices"
	"sort"

	"github.com/vektah/gqlparser/v2/ast"

	"coppice/core/fault"
	"coppice/core/internal/index"
	"coppice/core/model"
)

// Arguments are read into a tree of these: an object in the order of its
// writing, a list, a slot, nil, or a scalar as the parser or the JSON decoder
// gives it.
type (
	object []pair
	pair   struct {
		name  string
		value any
	}
	list []any
	// slot stands for a variable whose value does not change which
	// statements are needed, only what is bound to them.
	slot struct{ name string }
)

// fact is something that a plan took for granted about a variable.
type fact struct {
	name  string
	state any // absent, nil, present, or a boolean's value
}

type state uint8

const (
	absent state = iota
	present
)

// reader reads arguments for one plan, and notes what the plan depends on.
type reader struct {
	op    *ast.OperationDefinition
	vars  map[string]any
	facts []fact
	fixed bool // the plan holds for these variables only
	// guarded tells whether something may hide records of an entity.
	guarded func(*model.Entity) bool
	indexes index.Tables
}

// hides reports whether what a to-one edge leads to may be hidden.
func (r *reader) hides(ed *model.Edge) bool {
	return r.guarded(ed.Target) || ed.By != nil && r.guarded(ed.By)
}

func stateOf(vars map[string]any, name string) any {
	switch v, ok := vars[name]; {
	case !ok:
		return absent
	case v == nil:
		return nil
	default:
		if b, ok := v.(bool); ok {
			return b
		}
		return present
	}
}

func (r *reader) note(name string) any {
	s := stateOf(r.vars, name)
	if f := (fact{name, s}); !slices.Contains(r.facts, f) {
		r.facts = append(r.facts, f)
	}
	return s
}

// read evaluates v; ok is false for a variable that was not given.
func (r *reader) read(v *ast.Value) (value any, ok bool) {
	switch v.Kind {
	case ast.Variable:
		return r.variable(v.Raw)
	case ast.ObjectValue:
		o := make(object, 0, len(v.Children))
		for _, c := range v.Children {
			if cv, ok := r.read(c.Value); ok {
				o = append(o, pair{c.Name, cv})
			}
		}
		return o, true
	case ast.ListValue:
		l := make(list, 0, len(v.Children))
		for _, c := range v.Children {
			cv, _ := r.read(c.Value)
			l = append(l, cv)
		}
		return l, true
	case ast.NullValue:
		return nil, true
	case ast.IntValue, ast.FloatValue:
		return number(v), true
	case ast.EnumValue:
		if model.IsNumeral(v.Raw) { // more than the parser holds
			return json.Number(v.Raw), true
		}
		return v.Raw, true
	default:
		scalar, err := v.Value(nil)
		if err != nil {
			return v.Raw, true
		}
		return scalar, true
	}
}

// number is the value of a numeric literal: with all its digits, but where a
// scalar of GraphQL's own says how many there are.
func number(v *ast.Value) any {
	if v.Definition != nil && v.Definition.BuiltIn {
		if n, err := v.Value(nil); err == nil {
			return n
		}
	}
	return json.Number(v.Raw)
}

func (r *reader) variable(name string) (any, bool) {
	def := r.op.VariableDefinitions.ForName(name)
	switch r.note(name) {
	case absent:
		return nil, false
	case nil:
		return nil, true
	}
	if def != nil && def.Type.Elem == nil && def.Definition != nil && def.Definition.Kind != ast.InputObject {
		if _, isBool := r.vars[name].(bool); !isBool {
			return slot{name}, true
		}
		return r.vars[name], true
	}
	r.fixed = true
	return normalized(r.vars[name]), true
}

// value is what a slot stands for, and any other value itself. Whoever calls
// it makes the plan depend on the value.
func (r *reader) value(v any) any {
	if s, ok := v.(slot); ok {
		r.fixed = true
		return normalized(r.vars[s.name])
	}
	return v
}

// refused is the model.Unfit that a value is, or stands for.
func (r *reader) refused(v any) any {
	if s, ok := v.(slot); ok {
		return r.vars[s.name]
	}
	return v
}

// normalized brings a decoded variable into the form of read.
func normalized(v any) any {
	switch v := v.(type) {
	case map[string]any:
		o := make(object, 0, len(v))
		for name, c := range v {
			o = append(o, pair{name, normalized(c)})
		}
		sort.Slice(o, func(i, j int) bool { return o[i].name < o[j].name })
		return o
	case []any:
		l := make(list, len(v))
		for i, c := range v {
			l[i] = normalized(c)
		}
		return l
	default:
		return v
	}
}

// unwrap is the inverse of plain.
func unwrap(v any) any {
	switch v := v.(type) {
	case object:
		m := make(map[string]any, len(v))
		for _, p := range v {
			m[p.name] = unwrap(p.value)
		}
		return m
	case list:
		l := make([]any, len(v))
		for i, c := range v {
			l[i] = unwrap(c)
		}
		return l
	default:
		return v
	}
}

func (o object) get(name string) (any, bool) {
	for _, p := range o {
		if p.name == name {
			return p.value, true
		}
	}
	return nil, false
}

// objects reads an argument that is a list of objects, or one in its place.
func (r *reader) objects(v any, path string) ([]object, error) {
	l, ok := v.(list)
	if !ok {
		l = list{v}
	}
	os := make([]object, len(l))
	for i, e := range l {
		o, ok := r.value(e).(object)
		if !ok && !model.IsUnfit(e) {
			return nil, fault.Input(at(path, i), "An object is wanted here.")
		}
		os[i] = o
	}
	return os, nil
}

// arguments reads a field's arguments by name; what was not given is missing.
func (r *reader) arguments(f *ast.Field) object {
	o := make(object, 0, len(f.Arguments))
	for _, a := range f.Arguments {
		if v, ok := r.read(a.Value); ok {
			o = append(o, pair{a.Name, v})
		}
	}
	for _, d := range f.Definition.Arguments {
		if _, given := o.get(d.Name); !given && d.DefaultValue != nil {
			if v, ok := r.read(d.DefaultValue); ok {
				o = append(o, pair{d.Name, v})
			}
		}
	}
	return o
}
