package record

import (
	"context"
	"io/fs"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// API is an API to serve, as a project's generated package graph makes it.
type API struct {
	Client *Client // reads and writes the database; the caller's to close
	Schema fs.FS   // holds the files of the GraphQL schema, *.graphql
	// Custom returns what answers the hand-written fields of the whole schema.
	Custom func(*ast.Schema) Custom
}

// Custom answers what is written by hand, through gqlgen. Its functions
// report errors to the response in the context, as gqlgen does.
type Custom struct {
	// Executable is gqlgen's execution of them, with the whole schema.
	Executable graphql.ExecutableSchema
	// Root answers a root field with an object that holds it alone.
	Root func(ctx context.Context, op *graphql.OperationContext, field graphql.CollectedField) graphql.Marshaler
	// Directive executes a directive around a field that is generated.
	Directive func(ctx context.Context, op *graphql.OperationContext, d *ast.Directive, record any, next graphql.Resolver) (any, error)
	// Unimplemented are the directives that there is no function for.
	Unimplemented []string
	// Field answers a field of all the given records of one entity at once:
	// as many answers as records, in their order.
	Field func(ctx context.Context, op *graphql.OperationContext, entity string, field graphql.CollectedField, records []any) []graphql.Marshaler
}

// Batch asks a hand-written field of each of an entity's records, in a context
// from which gqlgen learns that they belong together.
func Batch[T any](ctx context.Context, entity string, records []any, ask func(context.Context, T) graphql.Marshaler) []graphql.Marshaler {
	list := make([]T, len(records))
	for i, v := range records {
		list[i], _ = v.(T)
	}
	ctx = graphql.WithBatchParents(ctx, entity, list, nil)
	answers := make([]graphql.Marshaler, len(list))
	for i, v := range list {
		answers[i] = ask(graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: entity, Index: &i}), v)
	}
	return answers
}
