package server

import (
	"embed"
	"fmt"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

//go:embed *.graphql
var schemaFiles embed.FS

// executedDirectives are those of a schema that something acts upon: the engine,
// validation and introspection.
var executedDirectives = map[string]bool{"skip": true, "include": true, "deprecated": true, "specifiedBy": true, "oneOf": true}

// loadSchema parses the API's schema from all its files. Directives that nobody
// executes are no part of it: those that gqlparser adds, such as @defer, and
// those that tell gqlgen how to generate code.
func loadSchema() (*ast.Schema, error) {
	entries, err := schemaFiles.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("graph: %w", err)
	}
	files := make([]*ast.Source, len(entries))
	for i, entry := range entries {
		text, err := schemaFiles.ReadFile(entry.Name())
		if err != nil {
			return nil, fmt.Errorf("graph: %w", err)
		}
		files[i] = &ast.Source{Name: "graph/" + entry.Name(), Input: string(text)}
	}
	schema, err := gqlparser.LoadSchema(files...)
	if err != nil {
		return nil, fmt.Errorf("graph: %w", err)
	}
	for name := range schema.Directives {
		if !executedDirectives[name] {
			delete(schema.Directives, name)
		}
	}
	return schema, nil
}
