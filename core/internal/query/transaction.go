package query

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"coppice/core/fault"
	"coppice/core/internal/retry"
	"coppice/core/internal/statement"
	"coppice/core/model"
)

// mutation runs all root fields of a mutation in one transaction: it is
// committed when each has its answer, and otherwise rolled back. That a record
// was written and may not be read is an answer.
func (r *run) mutation(ctx context.Context) (res *graphql.Response) {
	if errs := r.inputs(ctx); len(errs) > 0 {
		return &graphql.Response{Errors: errs, Data: []byte("null")}
	}
	if res := r.loneRecord(ctx); res != nil {
		return res
	}
	tx, err := r.client.Begin(statement.ForWork(ctx, r.op.RawQuery), nil)
	if err != nil {
		return r.failed(err)
	}
	r.begun = true
	ended := false
	defer func() {
		if !ended {
			_ = tx.Rollback()
		}
	}()
	r.client = tx.Client
	r.conn = r.client.Driver()
	ctx = tx.NewContext(ctx)
	res = r.answer(ctx)
	if len(res.Errors) > len(r.unread) {
		res.Data = []byte("null")
		res.Errors = slices.DeleteFunc(res.Errors, func(err *gqlerror.Error) bool { return slices.Contains(r.unread, err) })
		return res
	}
	ended = true
	if err := tx.Commit(); err != nil {
		return r.failed(err)
	}
	return res
}

// mutate runs a root field of a mutation and writes its answer.
func (w *writer) mutate(ctx context.Context, root *root) bool {
	fail := func(err error) bool {
		w.fail(err)
		return false
	}
	if w.run.traced {
		ctx = statement.At(ctx, root.path)
	}
	if w.run.made {
		return w.written(root, []any{w.run.results[root.level.index].row(0)[root.col]}, nil)
	}
	at := slices.Index(w.run.plan.roots, root)
	ids, err := root.write.apply(ctx, w.run.changes[at])
	if err != nil {
		w.refuse(err)
		if madeForClients(err) {
			w.examine(ctx, at+1)
		}
		return false
	}
	w.run.changed()
	switch root.kind {
	case rootDelete:
		w.buf = appendString(w.buf, root.entity.GlobalID(idText(ids[0])))
		return true
	case rootCount:
		w.buf = appendInt(w.buf, int64(len(ids)))
		return true
	}
	hidden := error(fault.New(fault.Forbidden, "This was written, but you may not see it."))
	if err := w.run.loadWritten(ctx, root, ids); err != nil {
		if w.run.statements.levels[root.level.index].err == nil {
			return fail(err)
		}
		hidden = err
	}
	return w.written(root, ids, hidden)
}

// loadWritten reads the records that a mutation wrote: where they lie, as long as that
// is known of each, else by their ids.
func (r *run) loadWritten(ctx context.Context, root *root, ids []any) error {
	places, ok := statement.ProgressOf(ctx).Places(root.entity.Table, ids)
	if ok {
		r.placed = true
		err := r.load(ctx, root.level, listOf(r.engine.dialect, places...))
		r.placed = false
		if err != nil || r.results[root.level.index].n == len(places) {
			return err
		}
	}
	return r.load(ctx, root.level, listOf(r.engine.dialect, ids...))
}

// written writes the records that a mutation wrote, in the order of its
// inputs. Of those that may not be read, hidden says why.
func (w *writer) written(root *root, ids []any, hidden error) bool {
	res := &w.run.results[root.level.index]
	rows := make(map[string]int, res.n)
	for i := range res.n {
		rows[idText(res.row(i)[root.col])] = i
	}
	many := root.kind == rootWriteMany
	if many {
		w.buf = append(w.buf, '[')
	}
	for i, id := range ids {
		w.at = w.at[:1]
		if many {
			w.element(i)
		}
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		row, ok := rows[idText(id)]
		if !ok && !w.named(root, id, hidden) || ok && !w.object(root.sub, res, row) {
			return false
		}
	}
	if many {
		w.buf = append(w.buf, ']')
	}
	return true
}

// named writes of a record that may not be read what its writer knows: which it
// is. ok is false when a field that cannot be null is asked as well.
func (w *writer) named(root *root, id any, hidden error) (ok bool) {
	w.buf = append(w.buf, '{')
	depth := len(w.at)
	for i := range root.sub {
		out := &root.sub[i]
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.buf = append(w.buf, out.key...)
		switch out.kind {
		case outTypename:
		case outID:
			w.buf = appendString(w.buf, root.entity.GlobalID(idText(id)))
		default:
			w.enter(out.name)
			w.withhold(hidden)
			w.at = w.at[:depth]
			if !w.null(len(w.buf), out.nonNull) {
				return false
			}
		}
	}
	w.buf = append(w.buf, '}')
	return true
}

// literal reads the arguments of a field whose plan does not depend on them.
func literal(f graphql.CollectedField, op *graphql.OperationContext) any {
	r := &reader{op: op.Operation, vars: op.Variables}
	return unwrap(resolve(r.arguments(f.Field), op.Variables))
}

// resolve fills in the slots of an argument.
func resolve(v any, vars map[string]any) any {
	switch v := v.(type) {
	case slot:
		return normalized(vars[v.name])
	case object:
		for i := range v {
			v[i].value = resolve(v[i].value, vars)
		}
		return v
	case list:
		for i := range v {
			v[i] = resolve(v[i], vars)
		}
		return v
	default:
		return v
	}
}

// retries runs operations again that the database refused because of others that ran
// beside them.
type retries struct {
	within time.Duration // zero where the engine lets no two stand in each other's way
	turns  *retry.Turns
}

// run runs an operation until it is answered, or others stood in its way for too long:
// then the answer says so.
func (rt *retries) run(ctx context.Context, kind ast.Operation, p *plan, once func() (res *graphql.Response, begun bool)) (res *graphql.Response) {
	_ = retry.Run(ctx, rt.within, func(try int) bool { // the last answer tells
		if kind == ast.Mutation && rt.within > 0 {
			giveBack, err := rt.turns.Take(ctx, try, &p.contention)
			if err != nil {
				f := fault.From(&fault.Locked{Holder: "others in line", Cause: err})
				res = &graphql.Response{Data: []byte("null"), Errors: gqlerror.List{{Err: f, Message: f.Message}}}
				return false
			}
			defer giveBack()
		}
		var begun bool
		res, begun = once()
		if p.changesMany() && slices.ContainsFunc(res.Errors, func(err *gqlerror.Error) bool { return errors.As(err, new(*fault.Retry)) }) {
			p.contention.Refused()
		}
		return again(res.Errors, kind, begun, try)
	})
	return res
}

// changesMany reports whether a field of the plan writes to what a condition finds.
func (p *plan) changesMany() bool {
	return slices.ContainsFunc(p.roots, func(r *root) bool { return r.kind == rootCount })
}

// again reports whether an operation may be run again: nothing of it is kept, and what
// failed may do now. A query may also when its connection was lost.
func again(errs gqlerror.List, kind ast.Operation, begun bool, try int) bool {
	return slices.ContainsFunc(errs, func(err *gqlerror.Error) bool {
		var gone *fault.Unreachable
		return retry.Refused(err, try) || errors.As(err, &gone) && (kind != ast.Mutation || !begun || gone.Unbegun)
	})
}

// loneRecord answers a mutation whose one field makes one record, and asks for no more
// than stands in its row and in those that its foreign keys lead to, by one statement
// that is all of the transaction. It is nil where that cannot be, or did not come about:
// then nothing was written, and what is wrong is found the ordinary way.
func (r *run) loneRecord(ctx context.Context) *graphql.Response {
	if !r.makesOne() {
		return nil
	}
	root := r.plan.roots[0]
	insert, args, ok := r.changes[0].set.Lone(ctx)
	if !ok {
		return nil
	}
	r.prepare(ctx)
	of := &r.statements.levels[root.level.index]
	text := of.made
	if text.text == "" || len(text.args) > 0 {
		return nil
	}
	text.text = of.making + insert + text.text
	text.args = args
	if r.traced {
		ctx = statement.At(ctx, root.path)
	}
	res := &r.results[root.level.index]
	*res = root.level.result(res)
	if root.level.returns() {
		res.width++ // that its texts may be answered
	}
	err := r.query(statement.Whole(ctx), &text, nil, res, rowTally{})
	var gone *fault.Unreachable
	switch {
	case ctx.Err() != nil && err != nil, errors.As(err, new(*fault.Locked)), errors.As(err, &gone) && !gone.Unbegun:
		r.begun = true
		return r.failed(err)
	case err != nil || res.n != 1: // or a key names nothing
		return nil
	}
	if err := r.below(ctx, root.level); err != nil {
		return r.failed(err)
	}
	r.made = true
	return r.answer(ctx)
}

// makesOne reports whether the plan is one of loneRecord's.
func (r *run) makesOne() bool {
	return len(r.plan.roots) == 1 && r.plan.roots[0].lone && !r.engine.RootFields && !slices.ContainsFunc(r.plan.named, r.engine.guarded)
}

// isLone reports whether a plan can be one of loneRecord's, by what does not change.
func (e *Engine) isLone(p *plan) bool {
	if e.dialect.Making == "" || len(p.roots) != 1 {
		return false
	}
	root := p.roots[0]
	if root.kind != rootWrite || len(root.directives) > 0 || root.level == nil {
		return false
	}
	for _, l := range p.levels {
		if l != root.level && !l.joined || len(l.customs) > 0 {
			return false
		}
	}
	return most(root.sub, e.limits.Answer) > 0 && sure(root.sub, false)
}

// sure reports whether fields can be answered with whatever a record holds: nothing
// may turn out wrong once it is written. Of other records less is sure: their values
// may be of any program.
func sure(outs []output, other bool) bool {
	for i := range outs {
		switch out := &outs[i]; out.kind {
		case outTypename, outID:
		case outScalar:
			kinds := []model.Kind{model.String, model.Bool, model.BigInt, model.UUID}
			if !other {
				kinds = append(kinds, model.Enum, model.Int, model.Float, model.Time)
			}
			if out.field.OwnStorage || !slices.Contains(kinds, out.field.Kind) {
				return false
			}
		case outOne:
			if len(out.directives) > 0 || !sure(out.sub, true) {
				return false
			}
		default:
			return false
		}
	}
	return true
}
