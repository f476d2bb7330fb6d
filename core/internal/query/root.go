package query

import (
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"coppice/core/fault"
	"coppice/core/model"
)

// rootKind says how a root field is answered.
type rootKind uint8

const (
	rootTypename      rootKind = iota
	rootOne                    // one record, by a key
	rootMany                   // a list
	rootAggregate              // a list's records as a whole
	rootNode                   // one record of any entity, by its global id
	rootNodes                  // several of them
	rootWrite                  // a mutation that answers with a record
	rootWriteMany              // a mutation that answers with records
	rootDelete                 // a mutation that answers with an id
	rootCount                  // a mutation that answers with a number of records
	rootIntrospection          // __schema, __type
	rootHandWritten            // anything not generated from the entities
)

// root is a root field of an operation.
type root struct {
	output
	kind  rootKind
	field graphql.CollectedField
	path  []any
	write write            // of a mutation
	ids   []target         // of rootNodes: which level and id each stands for
	sets  map[*level][]any // of rootNodes: the ids to read on each level
	err   error            // found while planning; the field's own
	lone  bool             // of rootWrite: one statement may be all of the operation
}

// target is one of the records of rootNodes.
type target struct {
	level *level // nil for an id that names nothing
	id    any
	sub   []output
}

// rootDef is what a root field's name stands for.
type rootDef struct {
	kind   rootKind
	entity *model.Entity
	key    *model.Key // of rootOne by a unique key; nil by the id
	write  write
}

// rootDefs names the generated root fields of the query and mutation types.
func rootDefs(s *model.Schema) (query, mutation map[string]rootDef) {
	query, mutation = map[string]rootDef{"node": {kind: rootNode}, "nodes": {kind: rootNodes}}, map[string]rootDef{}
	for _, e := range s.Entities {
		if e.Skip.Has(model.SkipType) {
			continue
		}
		for _, r := range e.Roots() {
			define := func(defs map[string]rootDef, name string, def rootDef) {
				if _, taken := defs[name]; !taken { // by what is called so today
					defs[name] = def
				}
			}
			define(query, r.Single, rootDef{kind: rootOne, entity: e})
			define(query, r.Plural, rootDef{kind: rootMany, entity: e})
			define(query, r.Plural+"Aggregate", rootDef{kind: rootAggregate, entity: e})
			for _, k := range e.ShownKeys() {
				if !k.IsID() {
					define(query, r.Query(k, e), rootDef{kind: rootOne, entity: e, key: k})
				}
			}
			for name, w := range writes(r) {
				define(mutation, name, rootDef{kind: w.kind, entity: e, write: w})
			}
		}
	}
	return query, mutation
}

// plan works out an operation.
func (e *Engine) plan(op *graphql.OperationContext) *plan {
	p := e.planner(op)
	p.noteDirectives()
	defs, name := e.queries, "Query"
	if op.Operation.Operation == ast.Mutation {
		defs, name = e.mutations, "Mutation"
	}
	for _, f := range p.collect(op.Operation.SelectionSet, name) {
		r := &root{output: newOutput(f, outScalar), field: f, path: []any{f.Alias}}
		r.directives = executed(f)
		if f.Name == "__typename" {
			r.kind = rootTypename
			r.key = append(r.key, `"`+name+`"`...)
		} else if def, ok := defs[f.Name]; ok {
			r.kind, r.write, r.entity = def.kind, def.write, def.entity
			mark := len(p.plan.levels)
			p.at = append(p.at[:0], ast.PathName(f.Alias))
			if err := p.root(r, def); err != nil {
				r.err = err
				p.plan.fixed, p.plan.levels = true, p.plan.levels[:mark]
			}
		} else if name == "Query" && (f.Name == "__schema" || f.Name == "__type") {
			r.kind = rootIntrospection
		} else {
			r.kind = rootHandWritten
		}
		p.plan.roots = append(p.plan.roots, r)
	}
	p.compile(func(l *level, err error) {
		p.plan.fixed = true
		p.fail(l, err)
	})
	if e.isLone(p.plan) {
		p.plan.roots[0].lone = true
	}
	p.plan.facts, p.plan.fixed = p.reader.facts, p.plan.fixed || p.reader.fixed
	return p.plan
}

func (e *Engine) planner(op *graphql.OperationContext) *planner {
	return &planner{engine: e, op: op, plan: &plan{}, reader: e.reader(op)}
}

func (e *Engine) reader(op *graphql.OperationContext) *reader {
	return &reader{op: op.Operation, vars: op.Variables, guarded: e.guarded, indexes: e.client.Indexes()}
}

// fail puts an error found in a level on the root field that it is under.
func (p *planner) fail(l *level, err error) {
	for _, r := range p.plan.roots {
		if r.name == l.path[0] {
			r.err = both(r.err, place(l.fieldPath, err))
		}
	}
}

// noteDirectives makes the plan depend on the variables that decide what is
// selected.
func (p *planner) noteDirectives() {
	var visit func(ast.SelectionSet)
	directives := func(ds ast.DirectiveList) {
		for _, d := range ds {
			for _, a := range d.Arguments {
				if a.Value.Kind == ast.Variable {
					p.reader.note(a.Value.Raw)
				}
			}
		}
	}
	visit = func(set ast.SelectionSet) {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.Field:
				directives(s.Directives)
				visit(s.SelectionSet)
			case *ast.InlineFragment:
				directives(s.Directives)
				visit(s.SelectionSet)
			case *ast.FragmentSpread:
				directives(s.Directives)
			}
		}
	}
	visit(p.op.Operation.SelectionSet)
	for _, f := range p.op.Doc.Fragments {
		visit(f.SelectionSet)
	}
}

func (p *planner) root(r *root, def rootDef) (err error) {
	l := &level{entity: def.entity, path: r.path, rows: true}
	switch def.kind {
	case rootDelete, rootCount:
		return nil
	case rootMany:
		p.level(l)
		r.level = l
		r.sub, err = p.connection(l, r.field)
		return err
	case rootAggregate:
		p.level(l)
		r.level = l
		return p.aggregate(r, l)
	case rootNode:
		id, _ := p.reader.arguments(r.field.Field).get("id")
		return p.nodes(r, list{id})
	case rootNodes:
		ids, _ := p.reader.arguments(r.field.Field).get("ids")
		ids = p.reader.value(ids)
		if _, ok := ids.(list); !ok {
			ids = list{ids}
		}
		return p.nodes(r, ids.(list))
	case rootWrite, rootWriteMany:
		l.given = true
		r.col = l.at(column{name: l.entity.ID.Column})
	default:
		l.unique = def.key
		l.key = lookup(l, def.key, p.reader.arguments(r.field.Field))
	}
	p.level(l)
	r.level = l
	r.sub, err = p.object(l, r.field.Selections)
	return err
}

// lookup reads the record with an id or another unique key.
func lookup(l *level, k *model.Key, args object) func(*builder) error {
	if k == nil {
		id, _ := args.get("id")
		return func(b *builder) error {
			return b.idCondition(l.entity, model.EQ, l.entity.Table, id, "id")
		}
	}
	return func(b *builder) error {
		for i, part := range k.Parts {
			if i > 0 {
				b.raw(" AND ")
			}
			v, _ := args.get(part.Name())
			if part.Field != nil {
				b.field(l.entity.Table, part.Field).raw(" = ")
				if err := b.argument(part.Field, v, part.Name(), nil); err != nil {
					return err
				}
				continue
			}
			b.leads(l.entity.Table, part.Edge, v)
		}
		return nil
	}
}

// leads writes the condition that a foreign key leads to the record that a
// global id names, which must not be hidden.
func (b *builder) leads(table string, ed *model.Edge, v any) {
	arg := func() {
		if s, ok := v.(slot); ok {
			b.Arg(&binding{name: s.name, parse: func(v any) (any, error) {
				id, _ := ed.Target.ParseID(v)
				return id, nil
			}})
			return
		}
		id, _ := ed.Target.ParseID(v)
		b.Arg(id)
	}
	b.column(table, ed.Column)
	if !b.hides(ed.Target) {
		b.raw(" = ")
		arg()
		return
	}
	t := b.alias()
	b.raw(" IN (SELECT ").column(t, ed.Target.ID.Column).raw(" FROM ").table(ed.Target, t).raw(" WHERE ")
	b.column(t, ed.Target.ID.Column).raw(" = ")
	arg()
	b.asked = ed.GraphQL
	b.visible(" AND ", ed.Target, t)
	b.asked = ""
	b.raw(")")
}

// nodes plans the reading of records by their global ids: one level for each
// entity among them.
func (p *planner) nodes(r *root, ids list) error {
	p.plan.fixed = true
	levels := map[*model.Entity]*target{}
	r.sets = map[*level][]any{}
	for i, v := range ids {
		v = p.reader.value(v)
		if v == nil {
			return fault.Input(at("ids", i), "null is not an id.")
		}
		e, id := p.engine.model.Resolve(fmt.Sprint(v))
		if e == nil || e.Skip.Has(model.SkipType) {
			r.ids = append(r.ids, target{})
			continue
		}
		t := levels[e]
		if t == nil {
			l := p.level(&level{entity: e, path: r.path, rows: true})
			l.given = true
			l.at(column{name: e.ID.Column})
			sub, err := p.object(l, r.field.Selections)
			if err != nil {
				return err
			}
			t = &target{level: l, sub: sub}
			levels[e] = t
		}
		r.ids = append(r.ids, target{level: t.level, id: id, sub: t.sub})
		r.sets[t.level] = append(r.sets[t.level], id)
	}
	return nil
}
