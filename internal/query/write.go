package query

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"

	"coppice/ent"
	"coppice/internal/fault"
	"coppice/internal/model"
	"coppice/internal/mutation"
)

// write is what a generated mutation field does: it returns the ids of the
// records to answer with, in ent's Go type.
type write struct {
	deletes bool
	apply   func(ctx context.Context, client *ent.Client, e *model.Entity, args map[string]any) ([]any, error)
}

// writes names an entity's generated mutation fields.
func writes(e *model.Entity) map[string]write {
	m := map[string]write{}
	if e.View {
		return m
	}
	if !e.Skip.Has(model.SkipCreate) {
		m["create"+e.Name] = write{apply: createOne}
	}
	if !e.Skip.Has(model.SkipUpdate) {
		m["update"+e.Name] = write{apply: updateOne}
	}
	m["delete"+e.Name] = write{apply: deleteOne, deletes: true}
	return m
}

func input(args map[string]any) map[string]any {
	m, _ := args["input"].(map[string]any)
	return m
}

func createOne(ctx context.Context, client *ent.Client, e *model.Entity, args map[string]any) ([]any, error) {
	s := mutation.NewSet(client)
	n, err := s.Create(e, input(args), (*mutation.Path)(nil).At("input"))
	if err != nil {
		return nil, err
	}
	if err := s.Apply(ctx); err != nil {
		return nil, err
	}
	return []any{n.ID}, nil
}

// ownID reads a mutation's id argument.
func ownID(e *model.Entity, args map[string]any) (any, error) {
	id, ok := e.ParseID(args["id"])
	if !ok {
		return nil, fault.New(fault.NotFound, "There is no such %s.", e.Name).At("id")
	}
	return e.ID.Go(id)
}

func updateOne(ctx context.Context, client *ent.Client, e *model.Entity, args map[string]any) ([]any, error) {
	id, err := ownID(e, args)
	if err != nil {
		return nil, err
	}
	s := mutation.NewSet(client)
	if _, err := s.Update(e, id, input(args), (*mutation.Path)(nil).At("input")); err != nil {
		return nil, err
	}
	return []any{id}, s.Apply(ctx)
}

func deleteOne(ctx context.Context, client *ent.Client, e *model.Entity, args map[string]any) ([]any, error) {
	id, err := ownID(e, args)
	if err != nil {
		return nil, err
	}
	return []any{id}, mutation.Delete(ctx, client, e, id)
}

// mutation runs all root fields of a mutation in one transaction: it is
// committed when each has its answer, and otherwise rolled back.
func (r *run) mutation(ctx context.Context) (res *graphql.Response) {
	tx, err := r.client.Tx(ctx)
	if err != nil {
		return failed(err)
	}
	ended := false
	defer func() {
		if !ended {
			_ = tx.Rollback()
		}
	}()
	r.client = tx.Client()
	r.conn = r.client.Driver()
	ctx = ent.NewTxContext(ent.NewContext(ctx, r.client), tx)
	res = r.answer(ctx)
	if len(res.Errors) > 0 || graphql.HasFieldError(ctx, nil) || len(graphql.GetErrors(ctx)) > 0 {
		res.Data = []byte("null")
		return res
	}
	ended = true
	if err := tx.Commit(); err != nil {
		return failed(err)
	}
	return res
}

// mutate runs a root field of a mutation and writes its answer.
func (w *writer) mutate(ctx context.Context, root *root, p *place) bool {
	fail := func(err error) bool {
		w.fail(p, err)
		return false
	}
	args, ok := literal(root.field, w.run.op).(map[string]any)
	if !ok {
		return fail(errors.New("query: arguments are not an object"))
	}
	e := root.entity
	ids, err := root.write.apply(ctx, w.run.client, e, args)
	if err != nil {
		return fail(err)
	}
	if root.kind == rootDelete {
		w.buf = appendString(w.buf, e.GlobalID(idText(ids[0])))
		return true
	}
	if err := w.run.load(ctx, root.level, listOf(ids...)); err != nil {
		return fail(err)
	}
	res := &w.run.results[root.level.index]
	if res.n == 0 {
		return fail(fault.New(fault.Forbidden, "The record was written, but may not be read."))
	}
	return w.object(root.sub, res, 0, p)
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
		return plain(vars[v.name])
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
