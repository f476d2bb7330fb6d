package query_test

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// maker makes up valid operations over the schema.
type maker struct {
	*rand.Rand
	world
	schema    *ast.Schema
	names     int
	defs      []string
	vars      map[string]any // of the request
	fragments []string
	wrong     bool // one argument is still to be spoiled
	size      int  // fields that may still follow, more or less
}

// operation makes up one with its variables. One in twelve has something wrong
// with it.
func operation(r *rand.Rand, w world, schema *ast.Schema) (doc string, vars map[string]any) {
	m := &maker{Rand: r, world: w, schema: schema, vars: map[string]any{}, size: 4 + r.IntN(30)}
	m.wrong = m.one(12)
	body := m.selection("Query", 0)
	head := "query"
	if len(m.defs) > 0 {
		head += "(" + strings.Join(m.defs, ", ") + ")"
	}
	return head + " " + body + "\n" + strings.Join(m.fragments, "\n"), m.vars
}

// one is true one time in n.
func (m *maker) one(n int) bool { return m.IntN(n) == 0 }

func (m *maker) name(prefix string) string {
	m.names++
	return fmt.Sprint(prefix, m.names)
}

// scope is a place in the answer, in which response keys must not clash.
type scope struct {
	keys    map[string]bool
	aliased bool // every field needs an alias of its own
}

// selection makes up a selection set on a type.
func (m *maker) selection(name string, depth int) string {
	return m.set(name, depth, &scope{keys: map[string]bool{}})
}

// set makes up a selection set that is merged into a scope.
func (m *maker) set(name string, depth int, s *scope) string {
	def := m.schema.Types[name]
	var parts []string
	for range 1 + m.IntN(3+depth%2) {
		switch small := m.size < 0; {
		case small && len(parts) > 0:
			return "{ " + strings.Join(parts, " ") + " }"
		case m.one(8) && !small:
			parts = append(parts, "..."+m.condition(def)+m.directive()+" "+m.set(name, depth, s))
		case m.one(10) && !small:
			fragment := m.name("F")
			// It may be spread anywhere, so it clashes with nothing.
			body := m.set(name, depth, &scope{keys: map[string]bool{}, aliased: true})
			m.fragments = append(m.fragments, "fragment "+fragment+" on "+name+" "+body)
			parts = append(parts, "..."+fragment+m.directive())
			if m.one(3) {
				parts = append(parts, "..."+fragment)
			}
		case name == "Node" && m.one(2):
			kind := m.kind()
			parts = append(parts, "... on "+kind+m.directive()+" "+m.set(kind, depth, &scope{keys: map[string]bool{}, aliased: true}))
		default:
			parts = append(parts, m.field(def, depth, s))
		}
	}
	return "{ " + strings.Join(parts, " ") + " }"
}

// condition is a type condition that holds, or none.
func (m *maker) condition(def *ast.Definition) string {
	switch {
	case m.one(2):
		return ""
	default:
		return " on " + def.Name
	}
}

func (m *maker) directive() string {
	if !m.one(6) {
		return ""
	}
	name := []string{"skip", "include"}[m.IntN(2)]
	return " @" + name + "(if: " + m.literal(ast.NonNullNamedType("Boolean", nil), m.one(2), true) + ")"
}

func (m *maker) kind() string {
	return []string{"User", "Post", "Comment", "Tag", "Profile"}[m.IntN(5)]
}

// field makes up a field, with its arguments and what is selected on it.
func (m *maker) field(def *ast.Definition, depth int, s *scope) string {
	m.size--
	f := m.choose(def, depth)
	if f == nil {
		return m.head("__typename", "", s) + m.directive()
	}
	args := m.arguments(def.Name, f)
	head := m.head(f.Name, args, s)
	t := m.schema.Types[f.Type.Name()]
	if t.IsLeafType() {
		return head + m.directive()
	}
	next := depth
	if kinds[t.Name].fields != nil || t.Name == "Node" {
		next++
	}
	// What is asked of one place, twice.
	sub := &scope{keys: map[string]bool{}}
	text := head + m.directive() + " " + m.set(t.Name, next, sub)
	if m.one(10) {
		text += " " + head + " " + m.set(t.Name, next, &scope{keys: sub.keys, aliased: true})
	}
	return text
}

// choose picks a field that is not too deep; nil for the name of the type.
func (m *maker) choose(def *ast.Definition, depth int) *ast.FieldDefinition {
	for range 8 {
		f := def.Fields[m.IntN(len(def.Fields))]
		t := m.schema.Types[f.Type.Name()]
		switch {
		case strings.HasPrefix(f.Name, "__"), m.size < 0 && depth > 0 && len(f.Arguments) > 0, depth >= 3 && kinds[t.Name].fields != nil, depth >= 3 && strings.HasSuffix(t.Name, "Connection"):
		case m.one(25):
			return nil
		default:
			return f
		}
	}
	return nil
}

// head is a field's alias, name and arguments, under a key that is free.
func (m *maker) head(name, args string, s *scope) string {
	if s.aliased || s.keys[name] || m.one(6) {
		return m.name("a") + ": " + name + args
	}
	s.keys[name] = true
	return name + args
}

// arguments makes up the arguments of a field.
func (m *maker) arguments(on string, f *ast.FieldDefinition) string {
	kind := strings.TrimSuffix(strings.TrimSuffix(f.Type.Name(), "Connection"), "Aggregate")
	given := object{}
	switch {
	case len(f.Arguments) == 0:
		return ""
	case strings.HasSuffix(f.Type.Name(), "Connection"):
		given = m.page(kind)
	case strings.HasSuffix(f.Type.Name(), "Aggregate"):
		given = m.grouping(kind)
	case f.Name == "nodes":
		given = object{{"ids", m.some(5, func() any { return m.id(m.kind()) })}}
	case f.Name == "node":
		given = object{{"id", m.id(m.kind())}}
	case f.Name == "excerpt":
		if m.one(2) {
			given = object{{"words", []any{int64(m.IntN(4)), nil}[m.IntN(2)]}}
		}
	case on == "Query" && f.Arguments[0].Name == "id":
		given = object{{"id", m.id(kind)}}
	case f.Arguments[0].Name == "user":
		given = object{{"user", m.id("User")}}
	default:
		given = object{{f.Arguments[0].Name, m.like(kind, f.Arguments[0].Name)}}
	}
	var parts []string
	for _, a := range given {
		parts = append(parts, a.name+": "+m.literal(f.Arguments.ForName(a.name).Type, a.value, true))
	}
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// id is the id of some record, mostly of a kind, and mostly of one that is.
func (m *maker) id(kind string) any {
	switch m.IntN(12) {
	case 0:
		return kind + ":" + fmt.Sprint(1000+m.IntN(9))
	case 1:
		return "nonsense"
	case 2:
		kind = m.kind()
	}
	return m.record(kind).global()
}

func (m *maker) record(kind string) *rec { return m.world[kind][m.IntN(len(m.world[kind]))] }

// some is a list of up to n-1 values.
func (m *maker) some(n int, value func() any) []any {
	list := make([]any, m.IntN(n))
	for i := range list {
		list[i] = value()
	}
	return list
}
