package query

import (
	"bytes"
	"context"
	"io"

	"github.com/99designs/gqlgen/graphql"
)

// printed is what middleware is given for a root field that stands in the answer
// already.
type printed struct{ text []byte }

// MarshalGQL implements graphql.Marshaler.
func (w printed) MarshalGQL(out io.Writer) { _, _ = out.Write(w.text) }

// intercepted runs a root field with the operation's root-field middleware around
// it, which may give another answer. Hand-written fields have it from gqlgen.
func (w *writer) intercepted(ctx context.Context, root *root) (ok bool) {
	if !w.run.engine.RootFields || root.kind == rootForeign || root.kind == rootTypename {
		return w.root(ctx, root)
	}
	mark, errs := len(w.buf), len(w.errs)
	ctx = graphql.WithResponseContext(ctx, w.run.engine.keepError, w.run.op.RecoverFunc)
	ctx = graphql.WithRootFieldContext(ctx, &graphql.RootFieldContext{Object: root.field.ObjectDefinition.Name, Field: root.field})
	m := w.run.op.RootResolverMiddleware(ctx, func(ctx context.Context) graphql.Marshaler {
		w.buf, w.errs = w.buf[:mark], w.errs[:errs] // of an earlier call
		if ok = w.root(ctx, root); !ok {
			return graphql.Null
		}
		return printed{w.buf[mark:]}
	})
	w.errs = append(w.errs, graphql.GetErrors(ctx)...)
	if _, same := m.(printed); same {
		return ok
	}
	w.buf = w.buf[:mark]
	var other bytes.Buffer
	if m != nil {
		m.MarshalGQL(&other)
	}
	if text := other.Bytes(); len(text) > 0 && string(text) != "null" {
		w.buf = append(w.buf, text...)
		return true
	}
	return false
}
