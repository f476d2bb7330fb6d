// Package query is the read path: it reads a request's selection as a tree,
// loads each level with one statement, and writes the answer from the rows.
package query

import (
	"context"
	"fmt"

	stdsql "database/sql"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"coppice/core/fault"
	"coppice/core/internal/dialect"
	"coppice/core/internal/retry"
	"coppice/core/internal/statement"
	"coppice/core/model"
	"coppice/core/record"
)

// Engine executes the operations of the API.
type Engine struct {
	client    *record.Client
	schema    *ast.Schema
	model     *model.Schema
	records   []record.Entity
	limits    Limits
	custom    record.Custom
	dialect   *dialect.Dialect
	queries   map[string]rootDef
	mutations map[string]rootDef
	retries   retries
	// replicated tells that queries may read from elsewhere than what is written to.
	replicated bool

	// RootFields lets the operation's root-field middleware see the generated
	// fields, too.
	RootFields bool
}

// New returns an engine that reads and writes through client, and answers
// questions about schema.
func New(client *record.Client, schema *ast.Schema, limits Limits, custom record.Custom) *Engine {
	e := &Engine{
		client: client, schema: schema, model: client.Model, records: client.Entities, limits: limits, custom: custom,
		dialect: dialect.Of(client.Driver().Dialect()), retries: retries{retry.For(client.Driver()), retry.NewTurns()},
	}
	if d, ok := client.Driver().(interface{ Replicated() bool }); ok {
		e.replicated = d.Replicated()
	}
	e.queries, e.mutations = rootDefs(e.model)
	return e
}

// guarded reports whether ent must see each query of an entity.
func (e *Engine) guarded(m *model.Entity) bool { return e.records[m.Index].Guarded(e.client) }

// Execute runs an operation that has been parsed and validated, and returns
// its response. Its plan is taken from and put among those kept of it, unless
// that is nil.
func (e *Engine) Execute(ctx context.Context, op *graphql.OperationContext, kept *Plans) *graphql.Response {
	plan := e.planned(op, kept)
	return e.retries.run(ctx, op.Operation.Operation, plan, func() (*graphql.Response, bool) { return e.once(ctx, op, plan) })
}

// once runs an operation once. It has begun when its transaction had.
func (e *Engine) once(ctx context.Context, op *graphql.OperationContext, plan *plan) (res *graphql.Response, begun bool) {
	r := &run{engine: e, plan: plan, op: op, client: e.client, vars: op.Variables, results: plan.borrow(),
		traced: statement.FromContext(ctx) != nil, read: &tally{limit: e.limits.Answer}}
	defer plan.giveBack(r.results)
	if op.Operation.Operation == ast.Mutation {
		return r.mutation(ctx), r.begun
	}
	return r.queryOperation(ctx), r.begun
}

// failed is the response when no root field could run; the error stands at the
// first.
func (r *run) failed(err error) *graphql.Response {
	f := fault.From(err)
	e := &gqlerror.Error{Err: f, Message: f.Message}
	if len(r.plan.roots) > 0 {
		e.Path = ast.Path{ast.PathName(r.plan.roots[0].name)}
	}
	return &graphql.Response{Errors: gqlerror.List{e}, Data: []byte("null")}
}

// queryOperation answers a query, from one snapshot of the database where it
// takes more than one statement.
func (r *run) queryOperation(ctx context.Context) *graphql.Response {
	if r.engine.replicated {
		ctx = statement.OnReplica(ctx)
	}
	if r.plan.statements() < 2 {
		r.conn = r.client.Driver()
		return r.answer(r.client.NewContext(ctx))
	}
	tx, err := r.client.Begin(statement.ForWork(ctx, r.op.RawQuery), &stdsql.TxOptions{ReadOnly: true})
	if err != nil {
		return r.failed(err)
	}
	r.client = tx.Client
	r.conn = r.client.Driver()
	if !r.engine.RootFields {
		r.last = r.plan.last()
	}
	res := r.answer(r.client.NewContext(ctx))
	if err := tx.Rollback(); err != nil && ctx.Err() == nil {
		return r.failed(fmt.Errorf("query: end the snapshot: %w", err))
	}
	return res
}

// statements is how many statements the plan takes at the most.
func (p *plan) statements() int {
	n := 0
	for _, l := range p.levels {
		if !l.joined {
			n++
		}
		if l.total && l.rows && l.edge == nil && !l.together || len(l.customs) > 0 {
			n++
		}
	}
	for _, r := range p.roots {
		if r.kind == rootHandWritten {
			n += 2
		}
	}
	return n
}

// last is the edge's level whose statement is the last one, if it runs; nil where none
// is sure to be.
func (p *plan) last() *level {
	var last *level
	for _, l := range p.levels {
		if len(l.customs) > 0 {
			return nil
		}
	}
	for _, root := range p.roots {
		if len(root.directives) > 0 || root.kind == rootHandWritten {
			return nil
		}
		last = nil
		if root.kind == rootOne || root.kind == rootMany {
			last = root.level.deepest()
		}
	}
	if last == nil || last.edge == nil {
		return nil
	}
	return last
}

// deepest is the level that is read last of those below one, or itself.
func (l *level) deepest() *level {
	last := l
	if l.joined {
		last = nil
	}
	for _, c := range l.children {
		if d := c.deepest(); d != nil {
			last = d
		}
	}
	return last
}

// answer runs the root fields one after the other and writes the response.
func (r *run) answer(ctx context.Context) *graphql.Response {
	// As long as the last answer, with some to spare, it need not grow.
	last := r.plan.length.Load()
	w := &writer{run: r, buf: make([]byte, 0, max(512, last+last/8))}
	w.buf = append(w.buf, '{')
	ok := true
	for i, root := range r.plan.roots {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.buf = append(w.buf, root.key...)
		mark := len(w.buf)
		if !w.intercepted(ctx, root) && !w.null(mark, root.nonNull) {
			ok = false
			if len(w.errs) > len(r.unread) && r.stops() {
				break
			}
		}
		if w.full() {
			break
		}
	}
	if w.over != nil {
		w.errs, ok = gqlerror.List{w.over}, false
	}
	res := &graphql.Response{Errors: w.errs}
	if !ok {
		res.Data = []byte("null")
		return res
	}
	w.buf = append(w.buf, '}')
	res.Data = w.buf
	r.plan.length.Store(int64(len(w.buf)))
	return res
}

// stops reports whether an error ends the operation: a mutation's does, since
// none of it will be kept.
func (r *run) stops() bool { return r.op.Operation.Operation == ast.Mutation }

// root runs one root field and writes its value; ok is false when it has none.
func (w *writer) root(ctx context.Context, root *root) (ok bool) {
	w.at = w.at[:0]
	w.enter(root.name)
	fail := func(err error) bool {
		w.fail(err)
		return false
	}
	if root.err != nil {
		return fail(root.err)
	}
	r := w.run
	switch root.kind {
	case rootTypename:
		return true
	case rootHandWritten:
		return w.handWritten(ctx, root)
	case rootIntrospection:
		return w.introspect(ctx, root)
	case rootNode, rootNodes:
		return w.nodes(ctx, root)
	case rootAggregate:
		return w.aggregates(ctx, root)
	case rootWrite, rootWriteMany, rootDelete, rootCount:
		return w.mutate(ctx, root)
	}
	if err := r.check(root.level); err != nil {
		return fail(err)
	}
	if err := r.load(ctx, root.level, nil); err != nil {
		return fail(err)
	}
	res := &r.results[root.level.index]
	if root.kind == rootMany {
		return w.connection(&root.output, res, 0)
	}
	if res.n == 0 {
		return w.null(len(w.buf), false)
	}
	return w.object(root.sub, res, 0)
}

// check sees that the variables of a level and all below it are right.
func (r *run) check(l *level) error {
	for _, c := range l.checks {
		if _, err := c.parse(r.vars[c.name]); err != nil {
			return place(l.fieldPath, err)
		}
	}
	for _, child := range l.children {
		if err := r.check(child); err != nil {
			return err
		}
	}
	return nil
}

// handWritten answers a root field that is not generated from the entities. It
// comes as an object that holds the field alone, or null where that cannot be.
func (w *writer) handWritten(ctx context.Context, root *root) bool {
	a := w.run.ask(ctx, func(ctx context.Context) []graphql.Marshaler {
		return []graphql.Marshaler{w.run.engine.custom.Root(ctx, w.run.op, root.field)}
	}, 1)[0]
	w.errs = append(w.errs, a.errs...)
	prefix := len(root.key) + 1
	if len(a.json) <= prefix {
		return false
	}
	w.buf = append(w.buf, a.json[prefix:len(a.json)-1]...)
	return true
}

// nodes answers node and nodes.
func (w *writer) nodes(ctx context.Context, root *root) bool {
	places := map[*level]map[string]int{}
	for _, l := range w.run.plan.levels {
		ids, ok := root.sets[l]
		if !ok {
			continue
		}
		places[l] = map[string]int{}
		res := &w.run.results[l.index]
		if err := w.run.load(ctx, l, listOf(w.run.engine.dialect, ids...)); err != nil {
			if w.run.statements.levels[l.index].err == nil {
				w.fail(err)
				return false
			}
			res.err = err
		}
		for i := range res.n {
			places[l][fmt.Sprint(res.row(i)[0])] = i
		}
	}
	if root.kind == rootNodes {
		w.buf = append(w.buf, '[')
	}
	for i, t := range root.ids {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.at = w.at[:1]
		if root.kind == rootNodes {
			w.element(i)
		}
		mark := len(w.buf)
		if t.level != nil && w.run.results[t.level.index].err != nil {
			w.fail(w.run.results[t.level.index].err)
			w.null(mark, false)
			continue
		}
		row, ok := places[t.level][fmt.Sprint(t.id)]
		if !ok || !w.object(t.sub, &w.run.results[t.level.index], row) {
			w.null(mark, false)
		}
	}
	if root.kind == rootNodes {
		w.buf = append(w.buf, ']')
	}
	return true
}
