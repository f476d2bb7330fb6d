package server

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"coppice/core/model"
)

// firstQuery is what the playground opens with: a page of the entity that has the
// most edges, with what these lead to, in as much as this server's limits let it
// through. It is valid whatever the schemas are.
func (h *httpHandler) firstQuery() string {
	f := firstQuery{schema: h.schema, rows: min(5, h.opts.PageMax), few: min(3, h.opts.PageMax)}
	var candidates []string
	if e := f.entity(h.model); e != nil {
		candidates = []string{f.text(e, true), f.text(e, false)}
	}
	for _, text := range candidates {
		// An operation without variables is guarded as it is prepared.
		if _, errs := h.prepare(text, ""); len(errs) == 0 {
			return text
		}
	}
	return "# Press Ctrl-Enter to run this.\n{\n  __typename\n}\n"
}

// firstQuery writes queries for a schema.
type firstQuery struct {
	schema    *ast.Schema
	rows, few int // of the page, and of the pages in it
	b         strings.Builder
	depth     int
}

// How much of each kind a first query shows.
const (
	firstFields = 4
	firstEdges  = 3
	nextFields  = 2
)

// entity is the one with the most edges, and then fields, of those that can be
// listed; nil where there is none.
func (f *firstQuery) entity(m *model.Schema) *model.Entity {
	var listed []*model.Entity
	for _, e := range m.Entities {
		if f.schema.Query.Fields.ForName(e.Plural) != nil && f.schema.Types[e.Name] != nil && f.schema.Types[e.Name+"Connection"] != nil {
			listed = append(listed, e)
		}
	}
	if len(listed) == 0 {
		return nil
	}
	return slices.MaxFunc(listed, func(a, b *model.Entity) int {
		return cmp.Or(cmp.Compare(len(f.edges(a)), len(f.edges(b))), cmp.Compare(len(a.Fields), len(b.Fields)))
	})
}

// text is the query for a page of e.
func (f *firstQuery) text(e *model.Entity, withEdges bool) string {
	f.b.Reset()
	f.line("# Press Ctrl-Enter to run this.\n# Beside the answer stands what it asks of the database.")
	f.open("query First%s", e.Name)
	f.line("%s(", e.Plural)
	f.depth++
	for _, argument := range f.arguments(e) {
		f.line("%s", argument)
	}
	f.depth--
	f.open(")")
	f.line("totalCount")
	f.open("edges")
	f.open("node")
	f.fields(e, firstFields)
	if withEdges {
		for _, ed := range f.edges(e)[:min(firstEdges, len(f.edges(e)))] {
			f.edge(ed)
		}
	}
	f.close(2)
	f.open("pageInfo")
	f.line("hasNextPage")
	f.line("endCursor")
	f.close(3)
	return f.b.String()
}

// arguments are those of the page: how many, which, and in which order.
func (f *firstQuery) arguments(e *model.Entity) []string {
	args := []string{fmt.Sprintf("first: %d", f.rows)}
	list := f.schema.Query.Fields.ForName(e.Plural)
	if where := list.Arguments.ForName("where"); where != nil {
		if condition := f.condition(e, f.schema.Types[where.Type.Name()]); condition != "" {
			args = append(args, "where: { "+condition+" }")
		}
	}
	if order := list.Arguments.ForName("orderBy"); order != nil {
		if name := f.order(e, f.schema.Types[order.Type.Name()]); name != "" {
			args = append(args, "orderBy: { field: "+name+", direction: DESC }")
		}
	}
	return args
}

// condition is one on an enum, or else on a text, that lets most in; "" where there
// is neither. It holds no list, which the explorer has no form for.
func (f *firstQuery) condition(e *model.Entity, where *ast.Definition) string {
	if where == nil {
		return ""
	}
	for _, field := range e.Fields {
		name := field.GraphQL + model.NEQ.Suffix()
		values := slices.DeleteFunc(slices.Clone(field.Enums), func(v model.EnumValue) bool { return v.Former })
		if field.Kind == model.Enum && len(values) > 1 && shown(field) && where.Fields.ForName(name) != nil {
			return name + ": " + values[len(values)-1].Name
		}
	}
	for _, field := range e.Fields {
		name := field.GraphQL + model.ContainsFold.Suffix()
		if field.Kind == model.String && shown(field) && where.Fields.ForName(name) != nil {
			return name + `: "a"`
		}
	}
	return ""
}

// order is the value of an order's enum for the first time, or else the id; "" where
// it has neither.
func (f *firstQuery) order(e *model.Entity, order *ast.Definition) string {
	if order == nil || order.Fields.ForName("field") == nil {
		return ""
	}
	values := f.schema.Types[order.Fields.ForName("field").Type.Name()]
	if values == nil {
		return ""
	}
	for _, kind := range []bool{true, false} {
		for _, o := range e.Orders() {
			if o.Field != nil && o.Edge == nil && shown(o.Field) && values.EnumValues.ForName(o.Name) != nil &&
				(o.Field.Kind == model.Time) == kind && (kind || o.Field == e.ID) {
				return o.Name
			}
		}
	}
	return ""
}

// edges are those that can be followed without saying anything.
func (f *firstQuery) edges(e *model.Entity) []*model.Edge {
	t := f.schema.Types[e.Name]
	var edges []*model.Edge
	for _, ed := range e.Edges {
		if ed.Reason == "" && ed.Directive == "" && ed.Target.Directive == "" && asks(t, ed.GraphQL) && f.schema.Types[ed.To] != nil {
			edges = append(edges, ed)
		}
	}
	return edges
}

// edge writes what an edge leads to.
func (f *firstQuery) edge(ed *model.Edge) {
	if ed.Unique {
		f.open("%s", ed.GraphQL)
		f.fields(ed.Target, nextFields)
		f.close(1)
		return
	}
	f.open("%s(first: %d)", ed.GraphQL, f.few)
	f.line("totalCount")
	f.open("edges")
	f.open("node")
	f.fields(ed.Target, nextFields)
	f.close(3)
}

// fields writes the first fields of an entity that are no object or list; its id
// where it has none.
func (f *firstQuery) fields(e *model.Entity, most int) {
	t, n := f.schema.Types[e.Name], 0
	for _, field := range e.Fields {
		if n < most && field.Kind.Comparable() && shown(field) && asks(t, field.GraphQL) {
			f.line("%s", field.GraphQL)
			n++
		}
	}
	if n == 0 {
		f.line("id")
	}
}

// shown reports whether nothing speaks against showing a field.
func shown(field *model.Field) bool {
	return !field.Sensitive && field.Reason == "" && field.Directive == ""
}

// asks reports whether a type has a field that can be asked for without arguments.
func asks(t *ast.Definition, name string) bool {
	field := t.Fields.ForName(name)
	return field != nil && !slices.ContainsFunc(field.Arguments, func(a *ast.ArgumentDefinition) bool {
		return a.Type.NonNull && a.DefaultValue == nil
	})
}

func (f *firstQuery) line(format string, args ...any) {
	fmt.Fprintf(&f.b, "%s%s\n", strings.Repeat("  ", f.depth), fmt.Sprintf(format, args...))
}

func (f *firstQuery) open(format string, args ...any) {
	f.line(format+" {", args...)
	f.depth++
}

func (f *firstQuery) close(n int) {
	for range n {
		f.depth--
		f.line("}")
	}
}
