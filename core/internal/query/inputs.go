package query

import (
	"context"
	"errors"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"coppice/core/fault"
	"coppice/core/internal/mutation"
	"coppice/core/model"
)

// maxErrors is how many errors of a mutation are told.
const maxErrors = 20

// refuse notes what is wrong with the inputs of the field where the writer is:
// each error once, and no more than are told.
func (w *writer) refuse(err error) {
	for _, part := range byPlace(err) {
		var at *placed
		if errors.As(part, &at) {
			part = at.err
		}
		for _, f := range fault.All(part) {
			switch {
			case len(w.errs) >= maxErrors || w.reported(f):
			case at != nil:
				w.fail(place(at.path, f))
			default:
				w.fail(f)
			}
		}
	}
}

// reported reports whether the same was told of the same field before.
func (w *writer) reported(f *fault.Error) bool {
	return slices.ContainsFunc(w.errs, func(err *gqlerror.Error) bool {
		var other *fault.Error
		return errors.As(err, &other) && other.Code == f.Code && other.Field == f.Field && other.Message == f.Message &&
			err.Path.String() == w.path().String()
	})
}

// inputs reads the arguments of all mutation fields, before any of them writes,
// and tells all that is wrong with them.
func (r *run) inputs(ctx context.Context) gqlerror.List {
	w := &writer{run: r}
	r.changes, r.conn = make([]*change, len(r.plan.roots)), r.client.Driver()
	for i, root := range r.plan.roots {
		w.at = append(w.at[:0], step{name: root.name, index: -1})
		if root.err != nil {
			w.refuse(root.err)
		}
		if root.write.apply == nil {
			continue
		}
		c, err := r.change(root)
		r.changes[i] = c
		if err = both(err, c.set.Validate()); root.kind == rootCount {
			err = certain(err)
		}
		if err != nil {
			w.refuse(err)
		}
	}
	if len(w.errs) > 0 {
		w.examine(ctx, 0)
	}
	return w.errs
}

// certain leaves of what is wrong with the input of many records what is wrong
// even if there are none: it refers to nothing for nobody then, and nothing is
// there twice.
func certain(err error) error {
	if err == nil {
		return nil
	}
	var left []error
	for _, f := range fault.All(err) {
		if f.Code != fault.NotFound && f.Code != fault.Conflict {
			left = append(left, f)
		}
	}
	return errors.Join(left...)
}

// change reads the arguments of one mutation field. The error may be several,
// joined.
func (r *run) change(root *root) (*change, error) {
	c := &change{run: r, write: root.write, entity: root.entity, path: root.path, set: mutation.NewSet(r.client)}
	var ok bool
	if c.args, ok = literal(root.field, r.op).(map[string]any); !ok {
		return c, errors.New("query: arguments are not an object")
	}
	return c, root.write.read(c)
}

// examine tells what else is wrong with the mutation fields from one on, of
// which none is to be written. Of what an earlier field may change nothing is
// known.
func (w *writer) examine(ctx context.Context, from int) {
	r := w.run
	changed := map[*model.Entity]bool{}
	for i, root := range r.plan.roots {
		c := r.changes[i]
		if root.kind == rootHandWritten {
			return
		}
		if c == nil {
			continue
		}
		if i >= from && !slices.ContainsFunc(c.set.Reads(), func(e *model.Entity) bool { return changed[e] }) {
			w.at = append(w.at[:0], step{name: root.name, index: -1})
			c.set.Through(r.client)
			err := c.set.Examine(ctx)
			if root.kind == rootCount && (len(changed) > 0 || !c.concerns(ctx)) {
				err = certain(err)
			}
			if err != nil && madeForClients(err) {
				w.refuse(err)
			}
		}
		if root.kind == rootDelete || root.kind == rootCount && len(c.nodes) == 0 || c.set.Hooked() {
			return
		}
		for _, e := range c.set.Writes() {
			changed[e] = true
		}
	}
}

// madeForClients reports whether an error was made for a client.
func madeForClients(err error) bool {
	return !slices.ContainsFunc(fault.All(err), func(f *fault.Error) bool { return f.Code == fault.Internal })
}

// Inspect tells what is wrong with the arguments of a mutation whose variables
// were refused, beyond what they were refused for: where that stood, the
// variables hold a model.Unfit.
func (e *Engine) Inspect(ctx context.Context, op *graphql.OperationContext) gqlerror.List {
	p := &planner{engine: e, op: op, plan: &plan{}, reader: &reader{op: op.Operation, vars: op.Variables}}
	for _, f := range p.collect(op.Operation.SelectionSet, "Mutation") {
		root := &root{output: newOutput(f, outScalar), field: f, kind: rootHandWritten}
		if def, ok := e.mutations[f.Name]; ok {
			root.kind, root.write, root.entity = def.kind, def.write, def.entity
		}
		p.plan.roots = append(p.plan.roots, root)
	}
	r := &run{engine: e, plan: p.plan, op: op, client: e.client, vars: op.Variables}
	errs := r.inputs(ctx)
	if len(errs) > 0 {
		return errs
	}
	w := &writer{run: r}
	w.examine(ctx, 0)
	return w.errs
}

// placed is an error with the path of the field at fault. What is found while
// planning, or by a statement that answers for many records, is of no one
// element of a list, so that the path has no positions.
type placed struct {
	path ast.Path
	err  error
}

// Error is the error's own text.
func (p *placed) Error() string { return p.err.Error() }

// Unwrap returns the error.
func (p *placed) Unwrap() error { return p.err }

// place puts an error at a field, unless it has its place.
func place(path ast.Path, err error) error {
	if err == nil || len(path) == 0 || errors.As(err, new(*placed)) {
		return err
	}
	return &placed{path: path, err: err}
}

// enter goes into a field of the selection that is planned. What it returns goes
// back.
func (p *planner) enter(name string) (leave func()) {
	depth := len(p.at)
	p.at = append(p.at, ast.PathName(name))
	return func() { p.at = p.at[:depth] }
}

// here is the path of the field that is planned.
func (p *planner) here() ast.Path { return append(ast.Path(nil), p.at...) }

// byPlace is the errors that were joined to one, where they have places of
// their own.
func byPlace(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || !errors.As(err, new(*placed)) {
		return []error{err}
	}
	var list []error
	for _, part := range joined.Unwrap() {
		list = append(list, byPlace(part)...)
	}
	return list
}
