package query_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

// object is an input object, in the order in which it is written.
type object []member

type member struct {
	name  string
	value any
}

func (o object) plain() map[string]any {
	m := map[string]any{}
	for _, p := range o {
		m[p.name] = normalized(p.value)
	}
	return m
}

func normalized(v any) any {
	switch v := v.(type) {
	case object:
		return v.plain()
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = normalized(e)
		}
		return list
	default:
		return v
	}
}

// literal writes a value where a type is wanted, some of it as variables where
// that may be.
func (m *maker) literal(t *ast.Type, v any, variables bool) string {
	if variables && m.one(5) {
		return m.variable(t, v)
	}
	list, isList := v.([]any)
	switch {
	case v == nil:
		return "null"
	case isList && len(list) == 1 && list[0] != nil && m.one(3):
		return m.literal(t.Elem, list[0], false)
	case isList:
		parts := make([]string, len(list))
		for i, e := range list {
			parts[i] = m.literal(t.Elem, e, variables)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	def := m.schema.Types[t.Name()]
	switch v := v.(type) {
	case object:
		parts := make([]string, len(v))
		for i, p := range v {
			parts[i] = p.name + ": " + m.literal(def.Fields.ForName(p.name).Type, p.value, variables)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case string:
		if def.Kind == ast.Enum {
			return v
		}
		w := &text{}
		w.string(v)
		return w.String()
	default:
		b, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		return string(b)
	}
}

// variable declares a variable for a value, or one that is left out.
func (m *maker) variable(t *ast.Type, v any) string {
	name := m.name("v")
	def := "$" + name + ": " + t.String()
	switch {
	case !t.NonNull && v != nil && m.one(6) && !strings.Contains(t.Name(), "Order"):
		// Left out: so is what it stands for. Without an order, its cursors
		// would be wrong.
	case m.one(6):
		def += " = " + m.literal(t, v, false)
	default:
		if v != nil && m.one(6) {
			def += " = " + m.literal(t, v, false) // overridden
		}
		m.vars[name] = normalized(v)
	}
	m.defs = append(m.defs, def)
	return "$" + name
}

// page makes up the arguments of a list.
func (m *maker) page(kind string) (args object) {
	orderBy := m.orderBy(kind)
	if m.one(3) {
		args = append(args, member{"first", int64(m.IntN(8))})
	} else if m.one(3) {
		args = append(args, member{"last", int64(m.IntN(8))})
	}
	if len(orderBy) > 0 {
		args = append(args, member{"orderBy", orderBy})
	}
	ts := terms(kind, normalized(orderBy))
	for _, name := range []string{"after", "before"} {
		if m.one(5) {
			args = append(args, member{name, cursorText(kind, ts, valuesOf(ts, m.record(kind)))})
		}
	}
	if m.one(2) {
		args = append(args, member{"where", m.where(kind, 0)})
	}
	if m.wrong && m.one(2) {
		m.wrong = false
		args = m.spoil(kind, args)
	}
	m.Shuffle(len(args), func(i, j int) { args[i], args[j] = args[j], args[i] })
	return args
}

// spoil puts something wrong among a list's arguments.
func (m *maker) spoil(kind string, args object) object {
	drop := func(names ...string) {
		args = slices.DeleteFunc(args, func(p member) bool { return slices.Contains(names, p.name) })
	}
	switch m.IntN(6) {
	case 0:
		drop("first", "last")
		return append(args, member{"first", int64(1)}, member{"last", int64(2)})
	case 1:
		drop("first", "last")
		return append(args, member{[]string{"first", "last"}[m.IntN(2)], []any{int64(1001), int64(-1)}[m.IntN(2)]})
	case 2:
		drop("after", "before")
		return append(args, member{"after", "bm9uc2Vuc2U"})
	case 3:
		drop("before", "orderBy", "after")
		ts := terms(kind, []any{map[string]any{"field": "ID", "direction": "DESC"}})
		return append(args, member{"before", cursorText(kind, ts, valuesOf(ts, m.record(kind)))})
	case 4:
		drop("where", "after", "before") // what is wrong with those would be told first
		return append(args, member{"where", object{{"or", []any{object{}, object{{"idGT", "Nobody:1"}}}}}})
	default:
		drop("where", "after", "before")
		field := map[string]string{"Profile": "bio", "Tag": "name"}[kind]
		if field == "" {
			return append(args, member{"where", object{{"createdAtLT", "yesterday"}}})
		}
		return append(args, member{"where", object{{field, nil}}})
	}
}

func (m *maker) orderBy(kind string) []any {
	known := orders(kind)
	var names []string
	for name := range known {
		names = append(names, name)
	}
	slices.Sort(names)
	return m.some(4, func() any {
		o := object{{"field", names[m.IntN(len(names))]}}
		if m.one(2) {
			o = append(o, member{"direction", []string{"ASC", "DESC"}[m.IntN(2)]})
		}
		if m.one(3) {
			o = append(o, member{"nulls", []any{"FIRST", "LAST", nil}[m.IntN(3)]})
		}
		return o
	})
}

func (m *maker) grouping(kind string) (args object) {
	keys := groupKeys(kind)
	var names []string
	for name := range keys {
		names = append(names, name)
	}
	slices.Sort(names)
	if m.one(2) {
		args = append(args, member{"where", m.where(kind, 0)})
	}
	if !m.one(3) {
		args = append(args, member{"groupBy", m.some(4, func() any { return names[m.IntN(len(names))] })})
	}
	if m.one(4) {
		args = append(args, member{"first", int64(m.IntN(5))})
	}
	return args
}

// where makes up a filter. Conditions that stand twice in an object are one.
func (m *maker) where(kind string, depth int) object {
	def := m.schema.Types[kind+"WhereInput"]
	var o object
	for range m.IntN(3) + (1 - min(depth, 1)) {
		f := def.Fields[m.IntN(len(def.Fields))]
		if m.one(4) {
			f = def.Fields[m.IntN(3)] // not, and, or
		} else if m.one(8) {
			f = def.Fields[3+m.IntN(4)] // ids
		}
		if slices.ContainsFunc(o, func(p member) bool { return p.name == f.Name }) {
			continue
		}
		edge, isEdge := strings.CutPrefix(f.Name, "has")
		edge, with := strings.CutSuffix(edge, "With")
		switch {
		case f.Type.NamedType == def.Name:
			o = append(o, member{f.Name, m.where(kind, depth+1)})
		case f.Type.Name() == def.Name && !isEdge:
			o = append(o, member{f.Name, m.some(4, func() any { return m.where(kind, depth+1) })})
		case isEdge && with:
			edge = strings.ToLower(edge[:1]) + edge[1:]
			target := kinds[kind].one[edge] + kinds[kind].many[edge]
			o = append(o, member{f.Name, m.some(3, func() any { return m.where(target, depth+1) })})
		case f.Type.NamedType == "Boolean":
			o = append(o, member{f.Name, m.one(2)})
		case strings.HasSuffix(f.Name, "Nil"):
		default:
			o = append(o, member{f.Name, m.operand(kind, f)})
		}
	}
	return o
}

func (m *maker) operand(kind string, f *ast.FieldDefinition) any {
	field, op := split(kind, f.Name)
	value := func() any { return m.like(kind, field) }
	switch {
	case field == "id" && strings.HasPrefix(op, "G"), field == "id" && strings.HasPrefix(op, "L"):
		value = func() any { return m.record(kind).global() }
	case field == "id":
		value = func() any { return m.id(kind) }
	}
	if f.Type.Elem != nil {
		return m.some(5, value)
	}
	v := value()
	if s, ok := v.(string); ok && strings.ContainsAny(op, "Pxa") && op != "" { // a part of a text
		runes := []rune(s)
		from := m.IntN(len(runes) + 1)
		to := from + m.IntN(len(runes)-from+1)
		switch op {
		case "HasPrefix":
			from = 0
		case "HasSuffix":
			to = len(runes)
		}
		if s = string(runes[from:to]); m.one(2) && strings.HasSuffix(op, "Fold") {
			s = strings.ToUpper(s)
		}
		return s
	}
	return v
}

// like is a value as some record has it in a field.
func (m *maker) like(kind, field string) any {
	for range 20 {
		switch v := comparable1(m.record(kind).fields[field]).(type) {
		case nil:
		case time.Time:
			if m.one(2) {
				v = v.In(time.FixedZone("", 5400))
			}
			return v.Format("2006-01-02T15:04:05.999999Z07:00")
		default:
			return v
		}
	}
	if kinds[kind].fields[field] != "text" {
		panic(fmt.Sprintf("no record of %s has a %s", kind, field))
	}
	return "none"
}
