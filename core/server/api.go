package server

import (
	"context"
	"io/fs"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"coppice/core/internal/query"
	"coppice/core/record"
)

// API is an API to serve, as a project's generated package graph makes it.
type API struct {
	Client *record.Client // reads and writes the database; the caller's to close
	Schema fs.FS          // holds the files of the GraphQL schema, *.graphql
	// Custom returns what answers the hand-written fields of the whole schema.
	Custom func(*ast.Schema) Custom
}

// Custom answers hand-written fields, through gqlgen.
type Custom = query.Custom

// Batch asks a hand-written field of each of an entity's records, in a context
// from which gqlgen learns that they belong together. Generated code calls it.
func Batch[T any](ctx context.Context, entity string, records []any, ask func(context.Context, T) graphql.Marshaler) []graphql.Marshaler {
	return query.Batch(ctx, entity, records, ask)
}
