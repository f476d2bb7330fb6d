package codegen

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"entgo.io/ent/entc/gen"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"coppice/core/model"
)

// counting are the forms that a whole number has in the API: entgql.Type may
// ask for the other one.
var counting = map[string]model.Kind{"Int": model.Int, "BigInt": model.BigInt}

// forms are the types that a value of each kind has the form of.
var forms = map[model.Kind][]string{
	model.Bool: {"Boolean"}, model.Int: {"Int"}, model.BigInt: {"BigInt", "String", "ID"}, model.Float: {"Float"},
	model.String: {"String", "ID"}, model.Time: {"Time", "String"}, model.UUID: {"UUID", "String", "ID"}, model.Bytes: {"Base64", "String"},
	model.JSON: {"JSON"}, model.Strings: {"[String!]", "[ID!]"}, model.Ints: {"[Int!]"},
}

// ownScalars are those of the API beside GraphQL's own, each with what specifies it,
// where something does.
var ownScalars = [...]struct{ name, text, url string }{
	{"Cursor", "A point in an ordered list, to page from. Opaque: pass back what an edge or pageInfo gave.", "https://relay.dev/graphql/connections.htm"},
	{"Time", "An instant: RFC 3339. Printed in UTC with Z, to the microsecond; read with any offset.", "https://www.rfc-editor.org/rfc/rfc3339"},
	{"BigInt", "A whole number of up to 64 bits: printed as a decimal string; read from a string or an integer.", ""},
	{"UUID", "A universally unique identifier, as in RFC 9562.", "https://www.rfc-editor.org/rfc/rfc9562"},
	{"Base64", "Bytes, in the standard encoding of RFC 4648, section 4.", "https://www.rfc-editor.org/rfc/rfc4648#section-4"},
	{"JSON", "Any JSON value.", "https://www.rfc-editor.org/rfc/rfc8259"},
}

// usedScalars prints those that some sources of the schema use.
func usedScalars(sources []*ast.Source) (string, error) {
	doc, err := parser.ParseSchemas(sources...)
	if err != nil {
		return "", err
	}
	used := map[string]bool{}
	arguments := func(list ast.ArgumentDefinitionList) {
		for _, a := range list {
			used[a.Type.Name()] = true
		}
	}
	for _, d := range append(doc.Definitions, doc.Extensions...) {
		for _, f := range d.Fields {
			used[f.Type.Name()] = true
			arguments(f.Arguments)
		}
	}
	for _, d := range doc.Directives {
		arguments(d.Arguments)
	}
	var p printer
	for _, s := range ownScalars {
		if !used[s.name] {
			continue
		}
		p.describe("", s.text)
		p.line("scalar %s%s\n", s.name, either(s.url != "", " @specifiedBy(url: \""+s.url+"\")", ""))
	}
	return p.String(), nil
}

var (
	// ours are the scalars that every API has.
	ours = strings.Fields("Int Float String Boolean ID Time BigInt UUID Base64 JSON Cursor")
	// listType is a type with the brackets of a list, or without.
	listType = regexp.MustCompile(`^([_A-Za-z][_0-9A-Za-z]*|\[[_A-Za-z][_0-9A-Za-z]*!?\])$`)
)

// declaredTypes refuses types that entgql.Type gives a field and that there are
// none of, or that its values have not the form of.
func declaredTypes(all []*entity, custom *ast.SchemaDocument) error {
	for _, e := range all {
		if e.Skip.Has(model.SkipType) {
			continue
		}
		for _, f := range e.Fields {
			if f.Kind == model.Enum || slices.Contains(forms[f.Kind], f.Type) {
				continue
			}
			if err := typed(f, custom); err != nil {
				return placed(e.Type, fmt.Errorf("%s.%s: %w", e.Type.Name, f.Name, err))
			}
		}
		for _, name := range e.Implement {
			if err := implemented(e, name, custom); err != nil {
				return placed(e.Type, fmt.Errorf("%s: %w", e.Type.Name, err))
			}
		}
	}
	return nil
}

func typed(f *model.Field, custom *ast.SchemaDocument) error {
	name := strings.Trim(f.Type, "[!]")
	d := custom.Definitions.ForName(name)
	switch {
	case slices.Contains(ours, name):
		return fmt.Errorf("its values have not the form of %s: take entgql.Type out, or write one of %s", f.Type, strings.Join(forms[f.Kind], ", "))
	case d == nil:
		return fmt.Errorf("there is no type %[1]s, which entgql.Type gives it: add the line scalar %[1]s to a file graph/*.graphql, or take entgql.Type out", name)
	case d.Kind != ast.Scalar:
		return at(d.Position, "%[1]s cannot be the type of a stored field, which is read and written as one value: make it scalar %[1]s, or take entgql.Type out", name)
	}
	return nil
}

// implemented refuses an interface that there is none of, or that has fields
// which an entity has not.
func implemented(e *entity, name string, custom *ast.SchemaDocument) error {
	d := custom.Definitions.ForName(name)
	switch {
	case d == nil:
		return fmt.Errorf("there is no interface %s, which entgql.Implements names: write it in a file graph/*.graphql, interface %s { … }", name, name)
	case d.Kind != ast.Interface:
		return at(d.Position, "%s is no interface, and entgql.Implements names it as one", name)
	}
	has := []string{"id"}
	for _, f := range e.Fields {
		if !f.Skip.Has(model.SkipType) && !f.Sensitive {
			has = append(has, f.GraphQL)
		}
	}
	for _, ed := range e.Entity.Edges {
		if !ed.Skip.Has(model.SkipType) {
			has = append(has, ed.GraphQL)
		}
	}
	for _, ext := range custom.Extensions {
		for _, f := range ext.Fields {
			if ext.Name == e.Name {
				has = append(has, f.Name)
			}
		}
	}
	for _, f := range d.Fields {
		if !slices.Contains(has, f.Name) {
			return at(f.Position, "the interface %s has the field %s, and %s, which is to implement it, has none: "+
				"add it to the schema, or write extend type %[3]s { %[2]s: %[4]s }, or take it out here", name, f.Name, e.Name, f.Type)
		}
	}
	return nil
}

// enumValues names the values of an enum: as they are where GraphQL allows
// that, else in upper case, after ent's name for the value.
func enumValues(e *entity, f *gen.Field) ([]model.EnumValue, error) {
	var list []model.EnumValue
	api, constant := map[string]string{}, map[string]string{}
	for _, v := range f.Enums {
		name := v.Value
		if !enumName(name) {
			name = legal(strings.TrimPrefix(v.Name, f.StructField()))
		}
		if strings.HasPrefix(name, "__") {
			return nil, fmt.Errorf("%s.%s: GraphQL keeps names that start with __ for itself, so that the value %q needs another: %s",
				e.Type.Name, f.Name, v.Value, nameValues(f))
		}
		if other, twice := api[name]; twice {
			return nil, fmt.Errorf("%s.%s: the values %q and %q would both be %s in the API: %s",
				e.Type.Name, f.Name, other, v.Value, name, nameValues(f))
		}
		// A Go type of the schema's own has constants of its own.
		if other, twice := constant[v.Name]; twice && !f.HasGoType() {
			return nil, fmt.Errorf("%s.%s: the values %q and %q would both be %s in Go: %s",
				e.Type.Name, f.Name, other, v.Value, v.Name, nameValues(f))
		}
		api[name], constant[v.Name] = v.Value, v.Value
		list = append(list, model.EnumValue{Name: name, Value: v.Value})
	}
	return earlierValues(list, f)
}

func nameValues(f *gen.Field) string {
	if f.HasGoType() {
		return "change one of them in its Go type"
	}
	return "give each a name of its own with NamedValues(name, value, …)"
}

// enumName reports whether a text can be an enum's value in GraphQL.
func enumName(s string) bool {
	return graphQLName.MatchString(s) && s != "true" && s != "false" && s != "null"
}

var notInNames = regexp.MustCompile(`[^_0-9A-Za-z]`)

// legal makes a name in upper case of whatever text.
func legal(s string) string {
	s = upper(notInNames.ReplaceAllString(s, "_"))
	if !graphQLName.MatchString(s) {
		s = "_" + s
	}
	return s
}
