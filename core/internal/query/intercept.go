package query

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// printed is what middleware is given for a root field that stands in the answer
// already.
type printed struct{ text []byte }

// MarshalGQL implements graphql.Marshaler.
func (w printed) MarshalGQL(out io.Writer) { _, _ = out.Write(w.text) }

// intercepted runs a root field with the operation's root-field middleware around
// it, which may give another answer. Hand-written fields have it from gqlgen.
func (w *writer) intercepted(ctx context.Context, root *root) (ok bool) {
	w.ctx = ctx
	answer := w.root
	if len(root.directives) > 0 && root.kind != rootHandWritten {
		answer = w.rootDirected
	}
	if !w.run.engine.RootFields || root.kind == rootHandWritten || root.kind == rootTypename {
		return answer(ctx, root)
	}
	mark, errs := len(w.buf), len(w.errs)
	ctx = graphql.WithResponseContext(ctx, w.run.engine.keepError, w.run.op.RecoverFunc)
	ctx = graphql.WithRootFieldContext(ctx, &graphql.RootFieldContext{Object: root.field.ObjectDefinition.Name, Field: root.field})
	m := w.run.op.RootResolverMiddleware(ctx, func(ctx context.Context) graphql.Marshaler {
		w.buf, w.errs = w.buf[:mark], w.errs[:errs] // of an earlier call
		if ok = answer(ctx, root); !ok {
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

// executed are the directives of a field's definition that are executed around it:
// those that the specification does not define.
func executed(f graphql.CollectedField) ast.DirectiveList {
	if f.Definition == nil || len(f.Definition.Directives) == 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(f.Definition.Directives), func(d *ast.Directive) bool { return d.Name == "deprecated" })
}

func (w *writer) rootDirected(ctx context.Context, root *root) bool {
	w.at = append(w.at[:0], step{name: root.name, index: -1})
	return w.directed(ctx, root.directives, nil, func(ctx context.Context) bool { return w.root(ctx, root) })
}

// directed writes a generated field with directives around it, as gqlgen has them:
// the last is the outermost, and each may refuse the field or make it null.
func (w *writer) directed(ctx context.Context, list ast.DirectiveList, record any, write func(context.Context) bool) (ok bool) {
	mark, errs, at := len(w.buf), len(w.errs), slices.Clone(w.at)
	next := graphql.Resolver(func(ctx context.Context) (any, error) {
		w.buf, w.errs, w.at = w.buf[:mark], w.errs[:errs], append(w.at[:0], at...)
		if ok = write(ctx); !ok {
			return nil, nil //nolint:nilnil // a resolver's null
		}
		return printed{w.buf[mark:]}, nil
	})
	for _, d := range list {
		inner := next
		next = func(ctx context.Context) (any, error) {
			return w.run.engine.custom.Directive(ctx, w.run.op, d, record, inner)
		}
	}
	v, err := next(ctx)
	w.at = append(w.at[:0], at...)
	if _, same := v.(printed); same && err == nil {
		return ok
	}
	w.buf = w.buf[:mark]
	switch {
	case err != nil:
		e := w.run.engine.keepError(ctx, err)
		e.Path = w.path()
		w.errs = append(w.errs, e)
	case v != nil:
		w.fail(fmt.Errorf("a directive answers %s with a %T: it may leave the answer, make it null or refuse it", w.path(), v))
	}
	return false
}

// composite writes a field that is more than a value.
func (w *writer) composite(out *output, res *result, row int) bool {
	if out.guard == nil {
		return w.compose(out, res, row)
	}
	var record any
	if row < len(res.records) {
		record = res.records[row]
	}
	return w.directed(w.ctx, out.directives, record, func(context.Context) bool { return w.compose(out, res, row) }) || w.null(len(w.buf), out.nonNull)
}
