package query

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// introspection writes what is asked of the schema. Unlike gqlgen's, it ends as
// soon as the answer is too long or nobody waits for it.
type introspection struct {
	*writer
	ctx    context.Context
	schema *ast.Schema
	fields map[metaPlace][]metaSelection
}

// metaPlace is a place in the document where a type of the schema's is asked.
type metaPlace struct {
	first ast.Selection
	name  string
}

// metaSelection is a field that is asked there.
type metaSelection struct {
	graphql.CollectedField
	key        []byte // the response key as JSON, with its colon
	deprecated bool   // what is deprecated is asked for as well
}

// metaObject is a part of the schema. A field of it is nil, a string, a bool, a
// list of strings, a metaObject or a list of these.
type metaObject interface {
	typename() string
	field(s *ast.Schema, name string, deprecated bool) any
}

// introspect answers __schema and __type.
func (w *writer) introspect(ctx context.Context, root *root) bool {
	m := &introspection{writer: w, ctx: ctx, schema: w.run.engine.schema, fields: map[metaPlace][]metaSelection{}}
	if root.field.Name == "__schema" {
		return m.value(metaSchema{}, root.field)
	}
	name, _ := root.field.ArgumentMap(w.run.vars)["name"].(string)
	return m.value(typeOf(m.schema.Types[name]), root.field)
}

// value writes a value of a field; ok is false when the answer ends here.
func (m *introspection) value(v any, f graphql.CollectedField) (ok bool) {
	switch v := v.(type) {
	case string:
		m.buf = appendString(m.buf, v)
	case bool:
		m.buf = appendBool(m.buf, v)
	case []string:
		return writeList(m, v, f)
	case []metaObject:
		return writeList(m, v, f)
	case metaObject:
		return m.object(v, f.Selections)
	default:
		m.buf = append(m.buf, "null"...)
	}
	return true
}

func writeList[T any](m *introspection, list []T, f graphql.CollectedField) bool {
	m.buf = append(m.buf, '[')
	for i, v := range list {
		if i > 0 {
			m.buf = append(m.buf, ',')
		}
		if !m.value(v, f) {
			return false
		}
	}
	m.buf = append(m.buf, ']')
	return true
}

func (m *introspection) object(o metaObject, set ast.SelectionSet) bool {
	if err := m.ctx.Err(); err != nil {
		m.fail(err)
		return false
	}
	m.buf = append(m.buf, '{')
	for i, f := range m.collect(o.typename(), set) {
		if i > 0 {
			m.buf = append(m.buf, ',')
		}
		m.buf = append(m.buf, f.key...)
		if f.Name == "__typename" {
			m.buf = appendString(m.buf, o.typename())
			continue
		}
		if !m.value(o.field(m.schema, f.Name, f.deprecated), f.CollectedField) {
			return false
		}
	}
	m.buf = append(m.buf, '}')
	return !m.full()
}

// collect is the fields asked of a type in one place: the same for each value.
func (m *introspection) collect(name string, set ast.SelectionSet) []metaSelection {
	key := metaPlace{set[0], name}
	fields, known := m.fields[key]
	if !known {
		for _, f := range graphql.CollectFields(m.run.op, set, []string{name}) {
			s := metaSelection{CollectedField: f, key: append(appendString(nil, f.Alias), ':')}
			s.deprecated, _ = f.ArgumentMap(m.run.vars)["includeDeprecated"].(bool)
			fields = append(fields, s)
		}
		m.fields[key] = fields
	}
	return fields
}

// said is a text, or null where there is none.
func said(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// deprecation answers what is asked of something that may be deprecated.
func deprecation(list ast.DirectiveList, name string) any {
	d := list.ForName("deprecated")
	switch {
	case name == "isDeprecated":
		return d != nil
	case d == nil:
		return nil
	}
	if reason := d.Arguments.ForName("reason"); reason != nil {
		return reason.Value.Raw
	}
	return "No longer supported"
}

// visible is a list without what is deprecated, unless that is asked for.
func visible[T any](list []T, deprecated bool, of func(T) ast.DirectiveList, to func(T) metaObject) []metaObject {
	objects := make([]metaObject, 0, len(list))
	for _, v := range list {
		if deprecated || of(v).ForName("deprecated") == nil {
			objects = append(objects, to(v))
		}
	}
	return objects
}

func typesOf(defs []*ast.Definition) []metaObject {
	types := make([]metaObject, len(defs))
	for i, def := range defs {
		types[i] = metaType{def: def}
	}
	return types
}

func typeOf(def *ast.Definition) any {
	if def == nil {
		return nil
	}
	return metaType{def: def}
}

type metaSchema struct{}

func (metaSchema) typename() string { return "__Schema" }

func (metaSchema) field(s *ast.Schema, name string, _ bool) any {
	switch name {
	case "description":
		return said(s.Description)
	case "queryType":
		return typeOf(s.Query)
	case "mutationType":
		return typeOf(s.Mutation)
	case "subscriptionType":
		return typeOf(s.Subscription)
	case "types":
		defs := make([]*ast.Definition, 0, len(s.Types))
		for _, def := range s.Types {
			defs = append(defs, def)
		}
		slices.SortFunc(defs, func(a, b *ast.Definition) int { return cmp.Compare(a.Name, b.Name) })
		return typesOf(defs)
	default:
		list := make([]metaObject, 0, len(s.Directives))
		for _, d := range s.Directives {
			list = append(list, metaDirective{d})
		}
		slices.SortFunc(list, func(a, b metaObject) int { return cmp.Compare(a.(metaDirective).Name, b.(metaDirective).Name) })
		return list
	}
}

// metaType is a named type, or one of a list or without null.
type metaType struct {
	def  *ast.Definition
	list *ast.Type
}

func metaTypeOf(s *ast.Schema, t *ast.Type) metaType {
	if t.NonNull || t.Elem != nil {
		return metaType{list: t}
	}
	return metaType{def: s.Types[t.NamedType]}
}

func (metaType) typename() string { return "__Type" }

func (t metaType) field(s *ast.Schema, name string, deprecated bool) any {
	if t.list != nil {
		return t.wrapping(s, name)
	}
	d := t.def
	composite := d.Kind == ast.Object || d.Kind == ast.Interface
	switch {
	case name == "kind":
		return string(d.Kind)
	case name == "name":
		return d.Name
	case name == "description":
		return said(d.Description)
	case name == "specifiedByURL" && d.Kind == ast.Scalar && d.Directives.ForName("specifiedBy") != nil:
		return d.Directives.ForName("specifiedBy").Arguments.ForName("url").Value.Raw
	case name == "isOneOf" && d.Kind == ast.InputObject:
		return d.Directives.ForName("oneOf") != nil
	case name == "fields" && composite:
		fields := slices.DeleteFunc(slices.Clone(d.Fields), func(f *ast.FieldDefinition) bool { return strings.HasPrefix(f.Name, "__") })
		return visible(fields, deprecated, func(f *ast.FieldDefinition) ast.DirectiveList { return f.Directives }, func(f *ast.FieldDefinition) metaObject { return metaField{f} })
	case name == "inputFields" && d.Kind == ast.InputObject:
		return visible(d.Fields, deprecated, func(f *ast.FieldDefinition) ast.DirectiveList { return f.Directives }, func(f *ast.FieldDefinition) metaObject {
			return metaInput{f.Name, f.Description, f.Type, f.DefaultValue, f.Directives}
		})
	case name == "interfaces" && composite:
		defs := make([]*ast.Definition, len(d.Interfaces))
		for i, name := range d.Interfaces {
			defs[i] = s.Types[name]
		}
		return typesOf(defs)
	case name == "possibleTypes" && d.IsAbstractType():
		return typesOf(s.GetPossibleTypes(d))
	case name == "enumValues" && d.Kind == ast.Enum:
		return visible(d.EnumValues, deprecated, func(v *ast.EnumValueDefinition) ast.DirectiveList { return v.Directives }, func(v *ast.EnumValueDefinition) metaObject { return metaEnumValue{v} })
	}
	return nil
}

func (t metaType) wrapping(s *ast.Schema, name string) any {
	switch {
	case name == "kind" && t.list.NonNull:
		return "NON_NULL"
	case name == "kind":
		return "LIST"
	case name == "ofType" && t.list.NonNull:
		inner := *t.list
		inner.NonNull = false
		return metaTypeOf(s, &inner)
	case name == "ofType":
		return metaTypeOf(s, t.list.Elem)
	}
	return nil
}

type metaField struct{ *ast.FieldDefinition }

func (metaField) typename() string { return "__Field" }

func (f metaField) field(s *ast.Schema, name string, deprecated bool) any {
	switch name {
	case "name":
		return f.Name
	case "description":
		return said(f.Description)
	case "args":
		return argumentsOf(f.Arguments, deprecated)
	case "type":
		return metaTypeOf(s, f.Type)
	default:
		return deprecation(f.Directives, name)
	}
}

func argumentsOf(list ast.ArgumentDefinitionList, deprecated bool) []metaObject {
	return visible(list, deprecated, func(a *ast.ArgumentDefinition) ast.DirectiveList { return a.Directives }, func(a *ast.ArgumentDefinition) metaObject {
		return metaInput{a.Name, a.Description, a.Type, a.DefaultValue, a.Directives}
	})
}

// metaInput is an argument, or a field of an input object.
type metaInput struct {
	name, description string
	of                *ast.Type
	value             *ast.Value
	directives        ast.DirectiveList
}

func (metaInput) typename() string { return "__InputValue" }

func (i metaInput) field(s *ast.Schema, name string, _ bool) any {
	switch {
	case name == "name":
		return i.name
	case name == "description":
		return said(i.description)
	case name == "type":
		return metaTypeOf(s, i.of)
	case name == "defaultValue" && i.value != nil:
		return i.value.String()
	case name == "defaultValue":
		return nil
	default:
		return deprecation(i.directives, name)
	}
}

type metaEnumValue struct{ *ast.EnumValueDefinition }

func (metaEnumValue) typename() string { return "__EnumValue" }

func (v metaEnumValue) field(_ *ast.Schema, name string, _ bool) any {
	switch name {
	case "name":
		return v.Name
	case "description":
		return said(v.Description)
	default:
		return deprecation(v.Directives, name)
	}
}

type metaDirective struct{ *ast.DirectiveDefinition }

func (metaDirective) typename() string { return "__Directive" }

func (d metaDirective) field(_ *ast.Schema, name string, deprecated bool) any {
	switch name {
	case "name":
		return d.Name
	case "description":
		return said(d.Description)
	case "isRepeatable":
		return d.IsRepeatable
	case "args":
		return argumentsOf(d.Arguments, deprecated)
	default:
		locations := make([]string, len(d.Locations))
		for i, l := range d.Locations {
			locations[i] = string(l)
		}
		return locations
	}
}
