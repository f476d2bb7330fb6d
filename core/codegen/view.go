package codegen

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/99designs/gqlgen/codegen/config"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"

	"coppice/core/model"
)

// view is the schema that gqlgen sees: what is written by hand in
// graph/*.graphql, and of the generated types only what that refers to. All
// else is answered without it, and needs no code of its own.
type view struct {
	home   string // the import path of the folder that holds ent and graph
	schema *model.Schema
	all    []*entity
	full   *ast.Schema // the API as clients see it
	custom *ast.SchemaDocument
	out    *ast.SchemaDocument
	models config.TypeMap
	// fields lists the hand-written fields of each entity, by its name.
	fields map[string][]string
}

var roots = []string{"Query", "Mutation"}

// newView checks the hand-written sources against the generated schema, and
// works out the view of them.
func newView(home string, s *model.Schema, all []*entity, generated string, custom []*ast.Source, cfg *config.Config) (*view, error) {
	doc, err := parser.ParseSchemas(custom...)
	if err != nil {
		return nil, fmt.Errorf("the API's schema: %w", err)
	}
	if err := checkCustom(s, generated, doc, cfg); err != nil {
		return nil, err
	}
	if err := declaredTypes(all, doc); err != nil {
		return nil, err
	}
	sources := append([]*ast.Source{{Name: "graph/ent.graphql", Input: generated}}, custom...)
	full, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		return nil, fmt.Errorf("the API's schema: %w", err)
	}
	v := &view{home: home, schema: s, all: all, full: full, custom: doc, out: &ast.SchemaDocument{}, models: config.TypeMap{}, fields: map[string][]string{}}
	v.own()
	v.refer()
	return v, nil
}

// own takes over what the hand-written sources define, extensions as types of
// their own.
func (v *view) own() {
	v.out.Definitions = append(v.out.Definitions, v.custom.Definitions...)
	v.out.Directives = v.custom.Directives
	for _, ext := range v.custom.Extensions {
		if d := v.out.Definitions.ForName(ext.Name); d != nil {
			d.Fields = append(d.Fields, ext.Fields...)
			d.EnumValues = append(d.EnumValues, ext.EnumValues...)
			d.Types = append(d.Types, ext.Types...)
			d.Interfaces = append(d.Interfaces, ext.Interfaces...)
			d.Directives = append(d.Directives, ext.Directives...)
			continue
		}
		d := *ext
		d.Interfaces = nil
		v.out.Definitions = append(v.out.Definitions, &d)
	}
	v.direct()
	for _, d := range v.out.Definitions {
		e := v.schema.Entity(d.Name)
		if e == nil {
			continue
		}
		v.bind(e)
		entry := v.models[d.Name]
		entry.Fields = map[string]config.TypeMapField{}
		for _, f := range d.Fields {
			v.fields[d.Name] = append(v.fields[d.Name], f.Name)
			if own := e.Field(f.Name); own != nil { // generated, with a directive
				entry.Fields[f.Name] = config.TypeMapField{FieldName: v.all[e.Index].Go[own.Current()].StructField()}
				continue
			}
			entry.Fields[f.Name] = config.TypeMapField{Resolver: true}
		}
		v.models[d.Name] = entry
		sort.Strings(v.fields[d.Name])
	}
	if v.out.Definitions.ForName("Query") == nil {
		// A schema must have a query; this one answers introspection only.
		v.out.Definitions = append(v.out.Definitions, &ast.Definition{Kind: ast.Object, Name: "Query", Fields: ast.FieldList{
			{Name: "placeholder", Type: ast.NamedType("Boolean", nil)},
		}})
	}
}

// direct takes over the generated fields with directives of the project's own:
// gqlgen answers them, from the typed records.
func (v *view) direct() {
	for _, e := range v.schema.Entities {
		var fields ast.FieldList
		for _, f := range e.ShownFields() {
			def := v.full.Types[e.Name]
			if def == nil || def.Fields.ForName(f.GraphQL) == nil {
				continue
			}
			own := *def.Fields.ForName(f.GraphQL)
			own.Directives = slices.DeleteFunc(slices.Clone(own.Directives), func(d *ast.Directive) bool { return d.Name == "deprecated" })
			if len(own.Directives) > 0 {
				fields = append(fields, &own)
			}
		}
		if len(fields) == 0 {
			continue
		}
		d := v.out.Definitions.ForName(e.Name)
		if d == nil {
			d = &ast.Definition{Kind: ast.Object, Name: e.Name}
			v.out.Definitions = append(v.out.Definitions, d)
		}
		d.Fields = append(d.Fields, fields...)
	}
}

func isRoot(name string) bool {
	for _, r := range roots {
		if r == name {
			return true
		}
	}
	return false
}

// bind names the Go type of an entity.
func (v *view) bind(e *model.Entity) {
	v.models[e.Name] = config.TypeMapEntry{Model: config.StringList{v.home + "/ent." + v.all[e.Index].Type.Name}}
}

// refer declares the generated types that the hand-written ones refer to.
func (v *view) refer() {
	for _, d := range v.out.Definitions {
		for _, f := range d.Fields {
			v.need(f.Type.Name())
			for _, a := range f.Arguments {
				v.need(a.Type.Name())
			}
		}
	}
}

func (v *view) need(name string) {
	def := v.full.Types[name]
	if def == nil || def.BuiltIn || v.out.Definitions.ForName(name) != nil {
		return
	}
	scalar := &ast.Definition{Kind: ast.Scalar, Name: name}
	switch {
	case v.schema.Entity(name) != nil:
		v.bind(v.schema.Entity(name))
	case def.Kind == ast.Enum:
		scalar = &ast.Definition{Kind: ast.Enum, Name: name, EnumValues: def.EnumValues}
		if goType := v.enumType(name); goType != "" {
			v.models[name] = config.TypeMapEntry{Model: config.StringList{goType}}
		}
	case def.Kind == ast.InputObject:
		v.models[name] = config.TypeMapEntry{Model: config.StringList{"github.com/99designs/gqlgen/graphql.Map"}}
	}
	v.out.Definitions = append(v.out.Definitions, scalar)
}

func (v *view) enumType(name string) string {
	for _, e := range v.all {
		for _, f := range e.Fields {
			if g := e.Go[f]; f.Kind == model.Enum && f.Type == name {
				path := g.Type.PkgPath
				if path == "" {
					path = e.Type.Config.Package + "/" + e.Type.PackageDir()
				}
				return path + "." + g.Type.Ident[strings.LastIndexByte(g.Type.Ident, '.')+1:]
			}
		}
	}
	return ""
}

// source prints the view for gqlgen.
func (v *view) source() *ast.Source {
	var b strings.Builder
	formatter.NewFormatter(&b).FormatSchemaDocument(v.out)
	return &ast.Source{Name: "custom.graphql", Input: b.String()}
}
