package server

import (
	"context"
	"errors"
	"maps"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"coppice/core/fault"
	"coppice/core/model"
)

// refusals is all that is wrong with a request's variables: what does not fit
// its type, the limit that they exceed, if any, and, of a mutation, what else
// is wrong with its inputs.
func (c *httpCall) refusals(op *validOperation, in coerced, limit error) gqlerror.List {
	list := rejectionOf(errors.Join(append(in.wrong, limit)...))
	list = list[:min(len(list), maxErrors)]
	var f *fault.Error
	if errors.As(limit, &f) && f.Code != fault.BadUserInput { // of pages that are too large the rest can be told
		return list
	}
	if op.definition.Operation != ast.Mutation || c.h.inspect == nil {
		return list
	}
	ctx := c.r.Context()
	if c.h.opts.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.h.opts.Timeout)
		defer cancel()
	}
	vars := maps.Clone(in.vars)
	for _, name := range in.unfit {
		vars[name] = model.Unfit{}
	}
	also := c.h.inspect(ctx, &graphql.OperationContext{
		Doc: op.document, Operation: op.definition, Variables: vars, DisableIntrospection: !c.h.opts.Introspection, RecoverFunc: recoveredError,
	})
	list = append(list, c.presentErrors(ctx, also)...)
	return list[:min(len(list), maxErrors)]
}
