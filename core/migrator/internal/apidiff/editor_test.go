//go:build clients

package apidiff

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
)

func printed(s *ast.Schema) string {
	var b strings.Builder
	formatter.NewFormatter(&b).FormatSchema(s)
	return b.String()
}

// editor changes a schema at random.
type editor struct {
	*rand.Rand
	t      *testing.T
	schema *ast.Schema
	n      int // of names
}

func pick[T any](e *editor, list []T) T { return list[e.IntN(len(list))] }

func (e *editor) name() string {
	e.n++
	return fmt.Sprintf("n%d", e.n)
}

// typ is a type of some kinds, or of any.
func (e *editor) typ(kinds ...ast.DefinitionKind) *ast.Definition {
	list := slices.DeleteFunc(typesOf(e.schema), func(t *ast.Definition) bool { return len(kinds) > 0 && !slices.Contains(kinds, t.Kind) })
	return pick(e, list)
}

func (e *editor) edit() {
	switch e.IntN(12) {
	case 0:
		e.types()
	case 1, 2, 3:
		e.output()
	case 4, 5:
		e.arguments()
	case 6, 7:
		e.input()
	case 8:
		e.enum()
	case 9:
		e.members()
	case 10:
		e.directive()
	default:
		e.uses()
	}
}

func (e *editor) types() {
	t := e.typ()
	switch e.IntN(4) {
	case 0:
		delete(e.schema.Types, t.Name)
	case 1:
		copied := *t
		copied.Name = "New" + t.Name
		e.schema.Types[copied.Name] = &copied
	case 2:
		t.Description = pick(e, []string{"", "Another.", "Two\nlines."})
	default:
		e.schema.Types[t.Name] = &ast.Definition{Kind: ast.Enum, Name: t.Name, Description: t.Description, EnumValues: ast.EnumValueList{{Name: "A", Description: "One."}}}
	}
}

func (e *editor) output() {
	t := e.typ(ast.Object, ast.Interface)
	f := pick(e, t.Fields)
	switch e.IntN(5) {
	case 0:
		t.Fields = slices.DeleteFunc(slices.Clone(t.Fields), func(x *ast.FieldDefinition) bool { return x == f })
	case 1:
		copied := *f
		copied.Name = e.name()
		t.Fields = append(t.Fields, &copied)
	case 2:
		f.Type = e.retyped(f.Type)
	case 3:
		f.Description = pick(e, []string{"", "Another.", "Else."})
	default:
		f.Directives = e.deprecated(f.Directives)
	}
}

// deprecated makes something so, takes that back, or says it otherwise.
func (e *editor) deprecated(list ast.DirectiveList) ast.DirectiveList {
	list = slices.DeleteFunc(slices.Clone(list), func(d *ast.Directive) bool { return d.Name == "deprecated" })
	d := &ast.Directive{Name: "deprecated"}
	switch e.IntN(3) {
	case 0:
		return list
	case 1:
		d.Arguments = ast.ArgumentList{{Name: "reason", Value: &ast.Value{Kind: ast.StringValue, Raw: pick(e, []string{"Old.", "Gone.", defaultReason})}}}
	}
	return append(list, d)
}

func (e *editor) retyped(t *ast.Type) *ast.Type {
	copied := *t
	switch e.IntN(4) {
	case 0:
		copied.NonNull = !copied.NonNull
	case 1:
		return &ast.Type{Elem: &copied, NonNull: e.IntN(2) == 0}
	case 2:
		if copied.Elem != nil {
			copied.Elem = e.retyped(copied.Elem)
		} else {
			copied.NamedType = pick(e, []string{"String", "Int", "ID", "Time"})
		}
	default:
		if copied.Elem != nil {
			return copied.Elem
		}
	}
	return &copied
}

func (e *editor) arguments() {
	var fields []*ast.FieldDefinition
	for _, t := range typesOf(e.schema) {
		for _, f := range t.Fields {
			if len(f.Arguments) > 0 {
				fields = append(fields, f)
			}
		}
	}
	if len(fields) == 0 {
		return
	}
	f := pick(e, fields)
	a := pick(e, f.Arguments)
	switch e.IntN(5) {
	case 0:
		f.Arguments = slices.DeleteFunc(slices.Clone(f.Arguments), func(x *ast.ArgumentDefinition) bool { return x == a })
	case 1:
		copied := *a
		copied.Name, copied.Type = e.name(), e.retyped(a.Type)
		f.Arguments = append(f.Arguments, &copied)
	case 2:
		a.Type = e.retyped(a.Type)
	case 3:
		a.Description = pick(e, []string{"", "Another."})
	default:
		a.DefaultValue = e.value(a.Type)
	}
}

// value is a literal of a type, or none.
func (e *editor) value(t *ast.Type) *ast.Value {
	if e.IntN(5) == 0 {
		return nil
	}
	if !t.NonNull && e.IntN(5) == 0 {
		return &ast.Value{Kind: ast.NullValue, Raw: "null"}
	}
	if t.Elem != nil {
		list := &ast.Value{Kind: ast.ListValue}
		for range e.IntN(3) {
			if v := e.value(t.Elem); v != nil {
				list.Children = append(list.Children, &ast.ChildValue{Value: v})
			}
		}
		return list
	}
	def := e.schema.Types[t.NamedType]
	switch {
	case def == nil:
		return nil
	case def.Kind == ast.Enum:
		return &ast.Value{Kind: ast.EnumValue, Raw: pick(e, def.EnumValues).Name}
	case def.Kind == ast.InputObject:
		object := &ast.Value{Kind: ast.ObjectValue}
		for _, f := range def.Fields {
			if def := e.schema.Types[f.Type.Name()]; def == nil || def.Kind == ast.InputObject || e.IntN(3) > 0 {
				continue
			}
			if v := e.value(&ast.Type{NamedType: f.Type.NamedType, Elem: f.Type.Elem, NonNull: true}); v != nil {
				object.Children = append(object.Children, &ast.ChildValue{Name: f.Name, Value: v})
			}
		}
		return object
	}
	switch t.NamedType {
	case "Int", "ID":
		return &ast.Value{Kind: ast.IntValue, Raw: pick(e, []string{"0", "7", "12"})}
	case "Float", "BigInt":
		return &ast.Value{Kind: ast.FloatValue, Raw: pick(e, []string{"1.0", "1.5", "1e0"})}
	case "Boolean":
		return &ast.Value{Kind: ast.BooleanValue, Raw: pick(e, []string{"true", "false"})}
	}
	return &ast.Value{Kind: ast.StringValue, Raw: pick(e, []string{"a", "7", ""})}
}

// leaf is value, but for input types: graphql-js overflows over one that has itself in
// its defaults.
func (e *editor) leaf(t *ast.Type) *ast.Value {
	if def := e.schema.Types[t.Name()]; def != nil && def.Kind == ast.InputObject {
		return nil
	}
	return e.value(t)
}

func (e *editor) input() {
	t := e.typ(ast.InputObject)
	if e.IntN(3) == 0 {
		t = e.schema.Types["Place"]
	}
	if t == nil || len(t.Fields) == 0 {
		return
	}
	f := pick(e, t.Fields)
	switch e.IntN(6) {
	case 0:
		t.Fields = slices.DeleteFunc(slices.Clone(t.Fields), func(x *ast.FieldDefinition) bool { return x == f })
	case 1:
		copied := *f
		copied.Name, copied.Type = e.name(), e.retyped(f.Type)
		copied.DefaultValue = e.leaf(copied.Type)
		t.Fields = append(t.Fields, &copied)
	case 2:
		f.Type = e.retyped(f.Type)
	case 3:
		f.Description = pick(e, []string{"", "Another."})
	case 4:
		f.DefaultValue = e.leaf(f.Type)
	default:
		if t.Directives.ForName("oneOf") == nil {
			t.Directives = append(t.Directives, &ast.Directive{Name: "oneOf"})
		} else {
			t.Directives = nil
		}
	}
}

func (e *editor) enum() {
	t := e.typ(ast.Enum)
	v := pick(e, t.EnumValues)
	switch e.IntN(4) {
	case 0:
		t.EnumValues = slices.DeleteFunc(slices.Clone(t.EnumValues), func(x *ast.EnumValueDefinition) bool { return x == v })
	case 1:
		t.EnumValues = append(t.EnumValues, &ast.EnumValueDefinition{Name: strings.ToUpper(e.name()), Description: pick(e, []string{"", "New."}), Directives: e.deprecated(nil)})
	case 2:
		v.Description = pick(e, []string{"", "Another."})
	default:
		v.Directives = e.deprecated(v.Directives)
	}
}

// members changes what a union or an interface stands for.
func (e *editor) members() {
	if u := e.schema.Types["Anything"]; u != nil && e.IntN(2) == 0 {
		u.Types = pick(e, [][]string{{"Post"}, {"User", "Tag"}, {"Post", "User", "Comment"}})
		return
	}
	t := e.typ(ast.Object)
	if len(t.Interfaces) > 0 {
		t.Interfaces = nil
	} else if t.Fields.ForName("id") != nil {
		t.Interfaces = []string{"Node"}
	}
}

// directive changes what a directive is.
func (e *editor) directive() {
	d := e.schema.Directives["label"]
	switch e.IntN(6) {
	case 0:
		d.IsRepeatable = !d.IsRepeatable
	case 1:
		d.Locations = append(slices.Clone(d.Locations[:max(9, e.IntN(len(d.Locations)))]), pick(e, []ast.DirectiveLocation{"QUERY", "FIELD", "MUTATION"}))
	case 2:
		d.Description = pick(e, []string{"", "Another."})
	case 3:
		copied := *d
		copied.Name = "other"
		e.schema.Directives["other"] = &copied
	case 4:
		d.Arguments = append(d.Arguments, &ast.ArgumentDefinition{Name: e.name(), Type: pick(e, []*ast.Type{ast.NamedType("Int", nil), ast.NonNullNamedType("Int", nil)})})
	default:
		a := pick(e, d.Arguments)
		a.Type = e.retyped(a.Type)
		a.DefaultValue = e.value(a.Type)
		a.Description = pick(e, []string{"", "Another."})
	}
}

// uses puts a directive somewhere, or takes it away.
func (e *editor) uses() {
	put := func(list *ast.DirectiveList) {
		if len(*list) > 0 && e.IntN(2) == 0 {
			*list = (*list)[1:]
			return
		}
		d := &ast.Directive{Name: "label", Arguments: ast.ArgumentList{{Name: "name", Value: &ast.Value{Kind: ast.StringValue, Raw: e.name()}}}}
		*list = append(slices.Clone(*list), d)
	}
	t := e.typ()
	switch {
	case e.IntN(3) == 0 && len(t.Fields) > 0:
		f := pick(e, t.Fields)
		if len(f.Arguments) > 0 && e.IntN(2) == 0 {
			put(&pick(e, f.Arguments).Directives)
			return
		}
		put(&f.Directives)
	case e.IntN(2) == 0 && len(t.EnumValues) > 0:
		put(&pick(e, t.EnumValues).Directives)
	default:
		put(&t.Directives)
	}
}
