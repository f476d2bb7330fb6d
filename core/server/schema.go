package server

import (
	"fmt"
	"io/fs"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// executedDirectives are those of a schema that something acts upon: the engine,
// validation and introspection.
var executedDirectives = map[string]bool{"skip": true, "include": true, "deprecated": true, "specifiedBy": true, "oneOf": true}

// loadSchema parses the API's schema from all its files. Directives that nobody
// executes are no part of it: those that gqlparser adds, such as @defer, and
// those that tell gqlgen how to generate code.
func loadSchema(files fs.FS) (*ast.Schema, error) {
	names, err := fs.Glob(files, "*.graphql")
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	sources := make([]*ast.Source, len(names))
	for i, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("server: %w", err)
		}
		sources[i] = &ast.Source{Name: "graph/" + name, Input: string(text)}
	}
	schema, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	for name := range schema.Directives {
		if !executedDirectives[name] {
			delete(schema.Directives, name)
		}
	}
	return schema, nil
}
