package graph

import (
	"embed"
	"fmt"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

//go:embed *.graphql
var schemaFiles embed.FS

// loadSchema parses the API's schema from all its files.
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
	return schema, nil
}
