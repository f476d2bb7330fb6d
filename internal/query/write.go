package query

import (
	"context"

	"coppice/core/fault"
	"coppice/internal/model"
	"coppice/internal/mutation"
)

// write is what a generated mutation field does. It returns the ids of the
// records that were written, in ent's Go type; how many there are is the
// answer of a field that answers with a count.
type write struct {
	kind  rootKind
	apply func(ctx context.Context, w *change) ([]any, error)
}

// change is one call of a write.
type change struct {
	run    *run
	entity *model.Entity
	args   map[string]any
}

// writes names an entity's generated mutation fields.
func writes(e *model.Entity) map[string]write {
	m := map[string]write{}
	if e.View {
		return m
	}
	creates, updates, filters := !e.Skip.Has(model.SkipCreate), !e.Skip.Has(model.SkipUpdate), !e.Skip.Has(model.SkipWhere)
	if creates {
		m["create"+e.Name] = write{rootWrite, createOne}
		m[e.Many("create")] = write{rootWriteMany, createMany}
	}
	if updates {
		m["update"+e.Name] = write{rootWrite, updateOne}
	}
	if updates && filters {
		m[e.Many("update")] = write{rootCount, updateMany}
	}
	if e.Upserts() {
		m["upsert"+e.Name] = write{rootWrite, upsertOne}
	}
	m["delete"+e.Name] = write{rootDelete, deleteOne}
	if filters {
		m[e.Many("delete")] = write{rootCount, deleteMany}
	}
	return m
}

func top(name string) *mutation.Path { return (*mutation.Path)(nil).At(name) }

func (c *change) input() map[string]any {
	m, _ := c.args["input"].(map[string]any)
	return m
}

// ownID reads a mutation's id argument.
func (c *change) ownID() (any, error) {
	id, ok := c.entity.ParseID(c.args["id"])
	if !ok {
		return nil, fault.New(fault.NotFound, "There is no such %s.", c.entity.Name).At("id")
	}
	return c.entity.ID.Go(id)
}

// apply writes a set and returns the ids of the given nodes of it.
func apply(ctx context.Context, s *mutation.Set, nodes ...*mutation.Node) ([]any, error) {
	if err := s.Apply(ctx); err != nil {
		return nil, err
	}
	ids := make([]any, len(nodes))
	for i, n := range nodes {
		ids[i] = n.ID
	}
	return ids, nil
}

func createOne(ctx context.Context, c *change) ([]any, error) {
	s := mutation.NewSet(c.run.client)
	n, err := s.Create(c.entity, c.input(), top("input"))
	if err != nil {
		return nil, err
	}
	return apply(ctx, s, n)
}

func createMany(ctx context.Context, c *change) ([]any, error) {
	inputs, ok := c.args["inputs"].([]any)
	if !ok {
		inputs = []any{c.args["inputs"]}
	}
	s := mutation.NewSet(c.run.client)
	nodes := make([]*mutation.Node, len(inputs))
	for i, v := range inputs {
		input, _ := v.(map[string]any)
		n, err := s.Create(c.entity, input, top("inputs").Index(i))
		if err != nil {
			return nil, err
		}
		nodes[i] = n
	}
	return apply(ctx, s, nodes...)
}

func updateOne(ctx context.Context, c *change) ([]any, error) {
	id, err := c.ownID()
	if err != nil {
		return nil, err
	}
	s := mutation.NewSet(c.run.client)
	n, err := s.Update(c.entity, id, c.input(), top("input"))
	if err != nil {
		return nil, err
	}
	return apply(ctx, s, n)
}

func upsertOne(ctx context.Context, c *change) ([]any, error) {
	var by *model.Key
	for _, k := range c.entity.Keys {
		if k.Enum == c.args["by"] {
			by = k
		}
	}
	if by == nil {
		return nil, fault.Input("by", "%s has no such key.", c.entity.Name)
	}
	s := mutation.NewSet(c.run.client)
	n, err := s.Upsert(c.entity, by, c.input(), top("input"))
	if err != nil {
		return nil, err
	}
	return apply(ctx, s, n)
}

func deleteOne(ctx context.Context, c *change) ([]any, error) {
	id, err := c.ownID()
	if err != nil {
		return nil, err
	}
	return []any{id}, mutation.Delete(ctx, c.run.client, c.entity, id)
}

func updateMany(ctx context.Context, c *change) ([]any, error) {
	ids, err := c.matching(ctx)
	if err != nil || len(ids) == 0 {
		return ids, err
	}
	return ids, mutation.UpdateMany(ctx, c.run.client, c.entity, ids, c.input(), top("input"))
}

func deleteMany(ctx context.Context, c *change) ([]any, error) {
	ids, err := c.matching(ctx)
	if err != nil || len(ids) == 0 {
		return ids, err
	}
	return ids, mutation.DeleteMany(ctx, c.run.client, c.entity, ids)
}

// matching lists the ids of the records that meet the where argument, which
// must ask for something.
func (c *change) matching(ctx context.Context) ([]any, error) {
	r := c.run
	where, _ := plain(c.args["where"]).(object)
	p := r.engine.planner(r.op)
	p.plan.fixed = true
	if p.reader.empty(where) {
		return nil, fault.Input("where", "Without a condition this would change every %s. To mean all, say where: { not: { idIn: [] } }.", c.entity.Name)
	}
	e := c.entity
	l := p.level(&level{entity: e, path: []any{}, rows: true, columns: []column{{name: e.ID.Column}}})
	l.key = func(b *builder) error { return b.filter(e, e.Table, where, "where") }
	var err error
	p.compile(func(_ *level, wrong error) { err = wrong })
	if err != nil {
		return nil, err
	}
	sub := r.of(p.plan)
	if err := sub.load(ctx, l, nil); err != nil {
		return nil, err
	}
	ids := make([]any, sub.results[0].n)
	for i := range ids {
		v, err := e.TypedID(sub.results[0].row(i)[0])
		if err != nil {
			return nil, err
		}
		ids[i] = v
	}
	return ids, nil
}
