package query

import (
	"cmp"
	"context"
	"errors"

	"coppice/core/fault"
	"coppice/core/internal/mutation"
	"coppice/core/model"
)

// write is what a generated mutation field does. Its arguments are read, and
// what is wrong with them told, before any field of the request writes: read
// may return several errors, joined. Apply returns the ids of the records that
// were written, in ent's Go type; how many there are is the answer of a field
// that answers with a count.
type write struct {
	kind  rootKind
	read  func(c *change) error
	apply func(ctx context.Context, c *change) ([]any, error)
}

// change is one call of a write.
type change struct {
	run    *run
	write  write
	entity *model.Entity
	args   map[string]any
	path   []any            // of the field
	set    *mutation.Set    // of what the arguments say
	nodes  []*mutation.Node // the records that are answered with
	id     any              // of updateOne and deleteOne
	where  *plan            // of updateMany and deleteMany: reads the ids of the records
}

// writes names an entity's generated mutation fields.
func writes(e model.Root) map[string]write {
	m := map[string]write{}
	if e.View {
		return m
	}
	creates, updates, filters := !e.Skip.Has(model.SkipCreate), e.Updates(), !e.Skip.Has(model.SkipWhere)
	if creates {
		m["create"+e.Name] = write{rootWrite, readCreateOne, applySet}
		m[e.Many("create")] = write{rootWriteMany, readCreateMany, applySet}
	}
	if updates {
		m["update"+e.Name] = write{rootWrite, readUpdateOne, applySet}
	}
	if updates && filters {
		m[e.Many("update")] = write{rootCount, readUpdateMany, updateMany}
	}
	if e.Upserts() {
		m["upsert"+e.Name] = write{rootWrite, readUpsertOne, applySet}
	}
	m["delete"+e.Name] = write{rootDelete, readDeleteOne, deleteOne}
	if filters {
		m[e.Many("delete")] = write{rootCount, readDeleteMany, deleteMany}
	}
	return m
}

func top(name string) *mutation.Path { return (*mutation.Path)(nil).At(name) }

// input is the argument of that name; ok is false where it has been refused.
func (c *change) input() (input map[string]any, ok bool) {
	input, ok = c.args["input"].(map[string]any)
	return input, ok
}

// ownID reads a mutation's id argument.
func (c *change) ownID() error {
	if model.IsUnfit(c.args["id"]) {
		return nil
	}
	id, ok := c.entity.ParseID(c.args["id"])
	if !ok {
		return c.entity.Missing("id", c.args["id"]).At("id")
	}
	var err error
	c.id, err = c.entity.ID.Go(id)
	return err
}

// add notes a record of the change's set.
func (c *change) add(n *mutation.Node, err error) error {
	c.nodes = append(c.nodes, n)
	return err
}

func readCreateOne(c *change) error {
	input, ok := c.input()
	if !ok {
		return nil
	}
	return c.add(c.set.Create(c.entity, input, top("input")))
}

func readCreateMany(c *change) error {
	inputs, ok := c.args["inputs"].([]any)
	if !ok {
		inputs = []any{c.args["inputs"]}
	}
	var wrong []error
	c.nodes = make([]*mutation.Node, 0, len(inputs))
	for i, v := range inputs {
		if input, ok := v.(map[string]any); ok {
			if err := c.add(c.set.Create(c.entity, input, top("inputs").Index(i))); err != nil {
				wrong = append(wrong, err)
			}
		}
	}
	return errors.Join(wrong...)
}

func readUpdateOne(c *change) error {
	err := c.ownID()
	input, ok := c.input()
	if !ok {
		return err
	}
	return both(err, c.add(c.set.Update(c.entity, c.id, input, top("input"))))
}

// both is two errors as one.
func both(a, b error) error {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	return errors.Join(a, b)
}

func readUpsertOne(c *change) error {
	var by *model.Key
	for _, k := range c.entity.ShownKeys() {
		if k.Enum == c.args["by"] {
			by = k.Current()
		}
	}
	input, ok := c.input()
	switch {
	case by == nil && model.IsUnfit(c.args["by"]), !ok:
		return nil
	case by == nil:
		return fault.Input("by", "%s has no such key.", c.entity.Name)
	}
	return c.add(c.set.Upsert(c.entity, by, input, top("input")))
}

// applySet writes the change's set.
func applySet(ctx context.Context, c *change) ([]any, error) {
	c.set.Through(c.run.client)
	if err := c.set.Apply(ctx); err != nil {
		return nil, err
	}
	ids := make([]any, len(c.nodes))
	for i, n := range c.nodes {
		ids[i] = n.ID
	}
	return ids, nil
}

func readDeleteOne(c *change) error {
	if err := c.ownID(); err != nil || c.id == nil {
		return err
	}
	c.set.Expect(c.entity, c.id, top("id"))
	return nil
}

func deleteOne(ctx context.Context, c *change) ([]any, error) {
	return []any{c.id}, mutation.Delete(ctx, c.run.client, c.entity, c.id)
}

func readUpdateMany(c *change) error {
	err := c.condition()
	input, ok := c.input()
	if !ok {
		return err
	}
	return both(err, c.add(c.set.Update(c.entity, nil, input, top("input"))))
}

func updateMany(ctx context.Context, c *change) ([]any, error) {
	ids, err := c.matching(ctx)
	if err != nil || len(ids) == 0 {
		return ids, err
	}
	input, _ := c.input()
	return ids, mutation.UpdateMany(ctx, c.run.client, c.entity, ids, input, top("input"))
}

func readDeleteMany(c *change) error { return c.condition() }

func deleteMany(ctx context.Context, c *change) ([]any, error) {
	ids, err := c.matching(ctx)
	if err != nil || len(ids) == 0 {
		return ids, err
	}
	return ids, mutation.DeleteMany(ctx, c.run.client, c.entity, ids)
}

// condition reads the where argument, which must ask for something.
func (c *change) condition() error {
	if model.IsUnfit(c.args["where"]) {
		return nil
	}
	r, e := c.run, c.entity
	where, _ := normalized(c.args["where"]).(object)
	p := r.engine.planner(r.op)
	p.plan.fixed = true
	if p.reader.empty(where) {
		return fault.Input("where", "Without a condition this would change every %s. To mean all, say where: { not: { idIn: [] } }.", e.Name)
	}
	p.level(&level{entity: e, path: c.path, rows: true, columns: []column{{name: e.ID.Column}}, where: where})
	var err error
	p.compile(func(_ *level, wrong error) { err = wrong })
	if err != nil {
		return err
	}
	c.where = p.plan
	return nil
}

// concerns reports whether any record meets the condition.
func (c *change) concerns(ctx context.Context) bool {
	if c.where == nil {
		return false
	}
	ids, err := c.matching(ctx)
	return err == nil && len(ids) > 0
}

// matching lists the ids of the records that meet the condition.
func (c *change) matching(ctx context.Context) ([]any, error) {
	sub := c.run.of(c.where)
	sub.read = nil // ids are no part of the answer
	if err := sub.load(ctx, sub.plan.levels[0], nil); err != nil {
		return nil, err
	}
	ids := make([]any, sub.results[0].n)
	for i := range ids {
		v, err := c.entity.TypedID(sub.results[0].row(i)[0])
		if err != nil {
			return nil, err
		}
		ids[i] = v
	}
	return ids, nil
}
