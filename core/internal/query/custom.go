package query

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"entgo.io/ent/dialect/sql"
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"coppice/core/fault"
	"coppice/core/internal/mutation"
	"coppice/core/model"
)

// custom is a hand-written field on the records of a level.
type custom struct {
	field graphql.CollectedField
	id    int // the column of the record's id
	// guards tells that it is the field of an edge with directives: what is wanted
	// is the typed record that they are given.
	guards bool
}

// answer is what a hand-written field gave for one record: nil for null, and
// errors with their paths below the field.
type answer struct {
	json []byte
	errs gqlerror.List
}

func (p *planner) custom(l *level, f graphql.CollectedField) *custom {
	c := &custom{field: f, id: l.at(column{name: l.entity.ID.Column})}
	l.customs = append(l.customs, c)
	return c
}

// resolveCustom answers the hand-written fields of a level's records: the
// records are loaded as typed entities once, and each field is asked once.
func (r *run) resolveCustom(ctx context.Context, l *level, res *result) error {
	if len(l.customs) == 0 || res.n == 0 {
		return nil
	}
	records, err := r.entities(ctx, l.entity, res, l.customs[0].id)
	if err != nil {
		return err
	}
	res.custom = map[*custom][]answer{}
	res.records = records
	for _, c := range l.customs {
		if c.guards {
			continue
		}
		res.custom[c] = r.ask(ctx, func(ctx context.Context) []graphql.Marshaler {
			return r.engine.custom.Field(ctx, r.op, l.entity.Name, c.field, records)
		}, len(records))
	}
	return nil
}

// ask runs hand-written resolvers and prints what they return. It is printed
// twice: the first time to learn which records are in it, so that these can be
// loaded together.
func (r *run) ask(ctx context.Context, resolve func(context.Context) []graphql.Marshaler, n int) []answer {
	ctx = graphql.WithResponseContext(ctx, r.engine.keepError, r.op.RecoverFunc)
	rd := &rendering{run: r, wanted: map[wantKey]*want{}}
	answers := make([]answer, n)
	list := resolve(model.NewContext(ctx, rd.render))
	out := &bounded{ctx: ctx, limit: r.engine.limits.Answer}
	for i, m := range list {
		if m != nil && i < n {
			out.print(m)
		}
	}
	out.buf = out.buf[:0]
	if err := rd.load(ctx); err != nil {
		rd.broken = true
		graphql.AddError(ctx, err)
	}
	for i, m := range list {
		if m == nil || i >= n {
			continue
		}
		rd.failed = false
		start := len(out.buf)
		out.print(m)
		if text := out.buf[start:]; !rd.failed && string(text) != "null" {
			answers[i].json = text
		}
	}
	if out.err != nil {
		return []answer{{errs: gqlerror.List{gqlerror.Wrap(out.err)}}}
	}
	for _, err := range graphql.GetErrors(ctx) {
		i := 0
		if len(err.Path) > 0 {
			if index, ok := err.Path[0].(ast.PathIndex); ok && int(index) < n {
				i = int(index)
				err.Path = err.Path[1:]
			}
		}
		answers[i].errs = append(answers[i].errs, err)
	}
	return answers
}

// bounded is what hand-written fields print, up to the length of an answer and
// for as long as somebody waits for it.
type bounded struct {
	buf   []byte
	ctx   context.Context
	limit int
	err   error
}

// endPrint ends the printing of a value that gqlgen would print to its end.
type endPrint struct{}

// Write implements io.Writer.
func (b *bounded) Write(p []byte) (int, error) {
	if b.err = b.ctx.Err(); b.err == nil && len(b.buf)+len(p) > b.limit {
		b.err = fault.Limit("size of the answer in bytes", b.limit, len(b.buf)+len(p))
	}
	if b.err != nil {
		panic(endPrint{})
	}
	b.buf = append(b.buf, p...)
	return len(p), nil
}

// print prints a value, unless an earlier one was too much.
func (b *bounded) print(m graphql.Marshaler) {
	defer func() {
		if v := recover(); v != nil && v != (endPrint{}) {
			panic(v)
		}
	}()
	if b.err == nil {
		m.MarshalGQL(b)
	}
}

// keepError leaves an error as it is, for the server to present.
func (e *Engine) keepError(ctx context.Context, err error) *gqlerror.Error {
	path := graphql.GetPath(ctx)
	var g *gqlerror.Error
	if errors.As(err, &g) {
		argument := argumentAt(ctx, g.Path)
		if g.Path != nil && argument == "" {
			path = g.Path
		}
		if argument != "" && !Deliberate(g) {
			err = unreadable(argument, g.Err)
			return &gqlerror.Error{Err: err, Message: fault.From(err).Message, Path: path}
		}
		if Deliberate(g) {
			kept := *g // a resolver may return one and the same each time
			kept.Path = path
			return &kept
		}
		if g.Err != nil {
			err = g.Err
		}
	}
	err = mutation.Explain(e.model, err)
	return &gqlerror.Error{Err: err, Message: fault.From(err).Message, Path: path}
}

// argumentAt is the dotted path of the argument of a hand-written field that an
// error came from, or "": the scalar of a value that it holds refused that.
func argumentAt(ctx context.Context, path ast.Path) string {
	at, fc := graphql.GetPath(ctx), graphql.GetFieldContext(ctx)
	if fc == nil || fc.Field.Field == nil || fc.Field.Definition == nil || len(path) <= len(at) || !slices.Equal(path[:len(at)], at) {
		return ""
	}
	name, ok := path[len(at)].(ast.PathName)
	if !ok || fc.Field.Definition.Arguments.ForName(string(name)) == nil {
		return ""
	}
	field := ""
	for _, step := range path[len(at):] {
		field = join(field, fmt.Sprint(step))
	}
	return field
}

// unreadable is the error of a value that a scalar refused: the scalar's own
// where that was made for the client, or in its words where they were written
// for people.
func unreadable(argument string, err error) error {
	var reported *fault.Error
	switch {
	case errors.As(err, &reported):
		return reported.At(argument)
	case err == nil || model.FromLibrary(err):
		return fault.Input(argument, "%s is not valid.", argument)
	default:
		return fault.Input(argument, "%s is not valid: %s.", argument, model.Words(err))
	}
}

// Deliberate reports whether a resolver made an error for the client to read,
// rather than that gqlgen made it of one: it has no other error within, or a
// code and words of its own.
func Deliberate(err *gqlerror.Error) bool {
	return err.Err == nil || err.Extensions["code"] != nil && err.Message != err.Err.Error()
}

// rendering prints the generated part of what hand-written resolvers return.
type rendering struct {
	run    *run
	wanted map[wantKey]*want
	loaded bool
	failed bool
	broken bool // the records could not be read, which is an error already
}

// wantKey is a place in the document that records are printed for.
type wantKey struct {
	entity string
	first  ast.Selection
}

// want is the records to print in one place.
type want struct {
	path   ast.Path // where the first of them stands
	set    ast.SelectionSet
	ids    []any
	json   map[string][]byte
	errs   map[string]gqlerror.List
	listed map[string]bool
}

func (rd *rendering) render(ctx context.Context, w io.Writer, entity string, id any) error {
	fc := graphql.GetFieldContext(ctx)
	for fc.Field.Field == nil && fc.Parent != nil {
		fc = fc.Parent
	}
	set := fc.Field.Selections
	if len(set) == 0 {
		return fmt.Errorf("query: no selection on %s", entity)
	}
	key := wantKey{entity, set[0]}
	text := idText(id)
	if !rd.loaded {
		wt := rd.wanted[key]
		if wt == nil {
			wt = &want{set: set, path: graphql.GetFieldContext(ctx).Path(), json: map[string][]byte{}, errs: map[string]gqlerror.List{}, listed: map[string]bool{}}
			rd.wanted[key] = wt
		}
		if !wt.listed[text] {
			wt.listed[text] = true
			wt.ids = append(wt.ids, id)
		}
		return nil
	}
	wt := rd.wanted[key]
	if wt == nil || rd.broken { // the first printing ended before it came here
		rd.failed = true
		_, err := io.WriteString(w, "null")
		return err
	}
	for _, err := range wt.errs[text] {
		e := *err
		e.Path = append(graphql.GetFieldContext(ctx).Path(), err.Path...)
		graphql.AddError(ctx, &e)
	}
	b := wt.json[text]
	if b == nil {
		if len(wt.errs[text]) == 0 {
			graphql.AddError(ctx, fault.New(fault.Internal, "This record cannot be read."))
		}
		rd.failed = true
		b = []byte("null")
	}
	_, err := w.Write(b)
	return err
}

// load reads the wanted records, those of one place together.
func (rd *rendering) load(ctx context.Context) error {
	rd.loaded = true
	for key, wt := range rd.wanted {
		if err := rd.run.engine.print(ctx, rd.run, key.entity, wt); err != nil {
			path := wt.path
			if p := new(*placed); errors.As(err, p) {
				path = append(path[:len(path):len(path)], (*p).path...)
			}
			return &gqlerror.Error{Err: err, Message: fault.From(err).Message, Path: path}
		}
	}
	return nil
}

// print reads records of an entity by their ids and prints a selection on
// each.
func (e *Engine) print(ctx context.Context, r *run, entity string, wt *want) error {
	p := e.planner(r.op)
	p.plan.fixed = true
	l := p.level(&level{entity: e.model.Entity(entity), path: []any{}, rows: true})
	l.given = true
	id := l.at(column{name: l.entity.ID.Column})
	outs, err := p.object(l, wt.set)
	if err != nil {
		return err
	}
	p.compile(func(_ *level, wrong error) { err = cmp.Or(err, wrong) })
	if err != nil {
		return err
	}
	sub := r.of(p.plan)
	if err := sub.load(ctx, l, listOf(sub.engine.dialect, wt.ids...)); err != nil {
		return err
	}
	res := &sub.results[l.index]
	for i := range res.n {
		w := &writer{run: sub}
		text := idText(res.row(i)[id])
		if w.object(outs, res, i) {
			wt.json[text] = w.buf
		}
		wt.errs[text] = w.errs
	}
	return nil
}

// of is a run of another plan within this one.
func (r *run) of(p *plan) *run {
	return &run{engine: r.engine, plan: p, op: r.op, client: r.client, conn: r.conn, vars: r.vars, scopes: r.scopes,
		results: make([]result, len(p.levels)), traced: r.traced, read: r.read}
}

// entities loads the records of a level's rows as typed entities, in the
// rows' order; a record that stands in several rows is one entity.
func (r *run) entities(ctx context.Context, e *model.Entity, res *result, id int) ([]any, error) {
	ids := make([]any, 0, res.n)
	seen := make(map[string]bool, res.n)
	for i := range res.n {
		v := res.row(i)[id]
		if text := idText(v); !seen[text] {
			seen[text] = true
			ids = append(ids, v)
		}
	}
	rec := r.engine.records[e.Index]
	found, err := rec.Find(ctx, r.client, func(s *sql.Selector) {
		s.Where(sql.In(s.C(e.ID.Column), ids...))
	})
	if err != nil {
		return nil, fmt.Errorf("query: load %s for hand-written fields: %w", e.Table, err)
	}
	byText := make(map[string]any, len(found))
	for _, v := range found {
		byText[idText(rec.IDOf(v))] = v
	}
	records := make([]any, 0, res.n)
	for i := range res.n {
		v, ok := byText[idText(res.row(i)[id])]
		if !ok {
			return nil, fault.New(fault.Internal, "A record is gone while it was read.")
		}
		records = append(records, v)
	}
	return records, nil
}
