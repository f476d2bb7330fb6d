// Package sdl is the schema of an API as text: how it is read from its files, what of
// it clients are told, and which one was last served from a database, which the
// database keeps.
package sdl

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
)

// executed are the directives of a schema that something acts upon: the engine,
// validation and introspection.
var executed = map[string]bool{"skip": true, "include": true, "deprecated": true, "specifiedBy": true, "oneOf": true}

// Load parses an API's schema from all its files, *.graphql. Directives that nobody
// executes are no part of it: those that gqlparser adds, such as @defer, and those
// that tell gqlgen how to generate code.
func Load(files fs.FS) (*ast.Schema, error) {
	sources, err := read(files)
	if err != nil {
		return nil, err
	}
	return parse(sources...)
}

// Parse parses a schema from its text, as Load does.
func Parse(text string) (*ast.Schema, error) {
	return parse(&ast.Source{Name: "schema.graphql", Input: text})
}

// Join is the text of an API's schema in all its files.
func Join(files fs.FS) (string, error) {
	sources, err := read(files)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, s := range sources {
		b.WriteString(strings.TrimSuffix(s.Input, "\n") + "\n")
	}
	return b.String(), nil
}

func read(files fs.FS) ([]*ast.Source, error) {
	names, err := fs.Glob(files, "*.graphql")
	if err != nil {
		return nil, err
	}
	sources := make([]*ast.Source, len(names))
	for i, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		sources[i] = &ast.Source{Name: "graph/" + name, Input: string(text)}
	}
	return sources, nil
}

func parse(sources ...*ast.Source) (*ast.Schema, error) {
	schema, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		return nil, fmt.Errorf("read the API's schema: %w", err)
	}
	for name := range schema.Directives {
		if !executed[name] {
			delete(schema.Directives, name)
		}
	}
	return schema, nil
}

// Tell leaves in a schema only those directives that clients are told of by
// introspection, too.
func Tell(schema *ast.Schema) {
	for _, def := range schema.Types {
		def.Directives = told(def.Directives)
		for _, f := range def.Fields {
			f.Directives = told(f.Directives)
			for _, arg := range f.Arguments {
				arg.Directives = told(arg.Directives)
			}
		}
		for _, v := range def.EnumValues {
			v.Directives = told(v.Directives)
		}
	}
	schema.SchemaDirectives = nil
}

func told(list ast.DirectiveList) ast.DirectiveList {
	return slices.DeleteFunc(list, func(d *ast.Directive) bool { return !executed[d.Name] })
}

// Print prints a schema as one text.
func Print(schema *ast.Schema) string {
	var b strings.Builder
	formatter.NewFormatter(&b).FormatSchema(schema)
	return b.String()
}
