package server

import (
	"context"
	"fmt"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"coppice/core/fault"
)

// extensionSet is what gqlgen's extensions do, by where they do it; the first one
// that was given is the outermost.
type extensionSet struct {
	parameters []graphql.OperationParameterMutator
	contexts   []graphql.OperationContextMutator
	operations []graphql.OperationInterceptor
	responses  []graphql.ResponseInterceptor
	roots      []graphql.RootFieldInterceptor
	fields     []graphql.FieldInterceptor
}

// newExtensions sorts extensions, each of which may validate the schema.
func newExtensions(list []graphql.HandlerExtension, schema graphql.ExecutableSchema) (*extensionSet, error) {
	s := &extensionSet{}
	for _, x := range list {
		if err := x.Validate(schema); err != nil {
			return nil, fmt.Errorf("extension %s: %w", x.ExtensionName(), err)
		}
		n := s.count()
		s.parameters = kindOf(s.parameters, x)
		s.contexts = kindOf(s.contexts, x)
		s.operations = kindOf(s.operations, x)
		s.responses = kindOf(s.responses, x)
		s.roots = kindOf(s.roots, x)
		s.fields = kindOf(s.fields, x)
		if s.count() == n {
			return nil, fmt.Errorf("extension %s: a %T does none of what gqlgen's extensions can do", x.ExtensionName(), x)
		}
	}
	return s, nil
}

func kindOf[T any](list []T, x any) []T {
	if t, ok := x.(T); ok {
		return append(list, t)
	}
	return list
}

func (s *extensionSet) count() int {
	return len(s.parameters) + len(s.contexts) + len(s.operations) + len(s.responses) + len(s.roots) + len(s.fields)
}

// changeParameters lets extensions change what was sent.
func (s *extensionSet) changeParameters(ctx context.Context, rq *requestParams, c *httpCall) *gqlerror.Error {
	if len(s.parameters) == 0 {
		return nil
	}
	raw := &graphql.RawParams{Query: rq.query, OperationName: rq.operationName, Variables: rq.variables, Extensions: rq.extensions, Headers: c.r.Header}
	raw.ReadTime.Start, raw.ReadTime.End = c.start, graphql.Now()
	// What they note of the operation, they look for in its context later.
	op := &graphql.OperationContext{RecoverFunc: recoveredError, Headers: c.r.Header, Stats: graphql.Stats{OperationStart: c.start}}
	ctx = graphql.WithOperationContext(ctx, op)
	for _, x := range s.parameters {
		if err := x.MutateOperationParameters(ctx, raw); err != nil {
			return err
		}
	}
	rq.query, rq.operationName, rq.variables, rq.extensions = raw.Query, raw.OperationName, raw.Variables, raw.Extensions
	rq.stats = &op.Stats
	return nil
}

// changeContext lets extensions change an operation, or refuse it.
func (s *extensionSet) changeContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	for _, x := range s.contexts {
		if err := x.MutateOperationContext(ctx, op); err != nil {
			return err
		}
	}
	return nil
}

// root and field are middleware of all extensions.
func (s *extensionSet) root(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	for _, x := range slices.Backward(s.roots) {
		inner := next
		next = func(ctx context.Context) graphql.Marshaler { return x.InterceptRootField(ctx, inner) }
	}
	return next(ctx)
}

func (s *extensionSet) field(ctx context.Context, next graphql.Resolver) (any, error) {
	for _, x := range slices.Backward(s.fields) {
		inner := next
		next = func(ctx context.Context) (any, error) { return x.InterceptField(ctx, inner) }
	}
	return next(ctx)
}

// around executes an operation with the extensions around it.
func (s *extensionSet) around(ctx context.Context, execute func(context.Context) *graphql.Response) *graphql.Response {
	answer := graphql.ResponseHandler(execute)
	for _, x := range slices.Backward(s.responses) {
		inner := answer
		answer = func(ctx context.Context) *graphql.Response { return x.InterceptResponse(ctx, inner) }
	}
	// A response is asked for once: what ends it, as a subscription ends, is null.
	answered := false
	once := func(ctx context.Context) *graphql.Response {
		if answered {
			return nil
		}
		answered = true
		return answer(ctx)
	}
	operate := graphql.OperationHandler(func(context.Context) graphql.ResponseHandler { return once })
	for _, x := range slices.Backward(s.operations) {
		inner := operate
		operate = func(ctx context.Context) graphql.ResponseHandler { return x.InterceptOperation(ctx, inner) }
	}
	if res := operate(ctx)(ctx); res != nil {
		return res
	}
	return &graphql.Response{}
}

// refusalBy is the answer to what an extension refused. An error without a code
// is the request's fault, as the extension judges it.
func refusalBy(err *gqlerror.Error) httpAnswer {
	presented := &gqlerror.Error{Message: err.Message, Path: err.Path, Locations: err.Locations, Extensions: map[string]any{"code": fault.BadRequest}}
	for k, v := range err.Extensions {
		presented.Extensions[k] = v
	}
	return httpAnswer{errors: gqlerror.List{presented}}
}
