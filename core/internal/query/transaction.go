package query

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"golang.org/x/sync/semaphore"

	"coppice/core/fault"
	"coppice/core/internal/statement"
	"coppice/core/record"
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
	tx, err := r.client.Begin(ctx, nil)
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
	// turns lets a mutation that failed several times have the database to itself, as
	// far as this process goes.
	turns *semaphore.Weighted
}

const (
	everyTurn = 1 << 20 // what a mutation takes that is to run alone
	patience  = 2       // tries beside others
	firstWait = time.Millisecond
	maxWait   = 100 * time.Millisecond
)

func newRetries(client *record.Client) retries {
	r := retries{turns: semaphore.NewWeighted(everyTurn)}
	if d, ok := client.Driver().(interface{ RetryFor() time.Duration }); ok {
		r.within = d.RetryFor()
	}
	return r
}

// run runs an operation until it is answered, or others stood in its way for too long:
// then the answer says so.
func (rt *retries) run(ctx context.Context, kind ast.Operation, once func() (res *graphql.Response, begun bool)) *graphql.Response {
	if rt.within <= 0 {
		res, _ := once()
		return res
	}
	start, wait := time.Now(), firstWait
	for try := 0; ; try++ {
		res, begun, err := rt.try(ctx, kind, try, once)
		if err != nil || !again(res.Errors, kind, begun, try) || time.Since(start)+wait > rt.within {
			return res
		}
		select {
		case <-ctx.Done():
			return res
		case <-time.After(wait/2 + rand.N(wait)):
		}
		wait = min(2*wait, maxWait)
	}
}

// try runs an operation once, when it is its turn.
func (rt *retries) try(ctx context.Context, kind ast.Operation, try int, once func() (*graphql.Response, bool)) (*graphql.Response, bool, error) {
	if kind == ast.Mutation {
		n := int64(1)
		if try >= patience {
			n = everyTurn
		}
		if err := rt.turns.Acquire(ctx, n); err != nil {
			f := fault.From(&fault.Locked{Holder: "others in line", Cause: err})
			return &graphql.Response{Data: []byte("null"), Errors: gqlerror.List{{Err: f, Message: f.Message}}}, false, err
		}
		defer rt.turns.Release(n)
	}
	res, begun := once()
	return res, begun, nil
}

// keyTries is how often a mutation is tried that met a key which it does not see
// taken: by one that ran beside it, or by what a hook makes of values.
const keyTries = 3

// again reports whether an operation may be run again: nothing of it is kept, and what
// failed may do now. A query may also when its connection was lost.
func again(errs gqlerror.List, kind ast.Operation, begun bool, try int) bool {
	for _, err := range errs {
		var unique *fault.Unique
		var gone *fault.Unreachable
		switch {
		case errors.As(err, new(*fault.Retry)):
			return true
		case errors.As(err, &unique):
			if unique.Unseen && try < keyTries {
				return true
			}
		case errors.As(err, &gone):
			if kind != ast.Mutation || !begun || gone.Unbegun {
				return true
			}
		}
	}
	return false
}
