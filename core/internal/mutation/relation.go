package mutation

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"

	"coppice/core/fault"
	"coppice/core/model"
	"coppice/core/record"
)

// relation is a row of an association table that holds more than its two ends.
type relation struct {
	node     *Node
	change   *change
	ref      *ref
	from, to any
	with     []value
}

// ends tells relations of one edge apart.
type ends struct{ from, to any }

// relate writes the relations that have fields of their own: new ones where
// that is left to us, and what is said of others.
func (s *Set) relate(ctx context.Context) error {
	lists := map[*model.Edge][]*relation{}
	for _, n := range s.nodes {
		if n.action == connect && n.found || n.Hidden || n.discarded() {
			continue
		}
		for i := range n.edges {
			if c := &n.edges[i]; len(c.edge.Fields) > 0 && c.mode != remove {
				lists[c.edge] = c.relations(n, lists[c.edge])
			}
		}
	}
	for _, e := range s.model.Entities {
		for _, ed := range e.Edges {
			for part := range slices.Chunk(lists[ed], batch) {
				if err := s.relateAll(ctx, ed, part); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// relations adds those that a change names to a list, each once.
func (c *change) relations(n *Node, list []*relation) []*relation {
	at := map[ends]*relation{}
	add := func(r *ref, from, to any) {
		if known := at[ends{from, to}]; known != nil {
			known.with = append(known.with, r.with...)
			return
		}
		rel := &relation{n, c, r, from, to, slices.Clone(r.with)}
		at[ends{from, to}] = rel
		list = append(list, rel)
	}
	for _, r := range c.refs {
		to := argument(r)
		add(r, n.ID, to)
		if opposite(c.edge) == c.edge {
			add(r, to, n.ID)
		}
	}
	return list
}

func (s *Set) relateAll(ctx context.Context, ed *model.Edge, list []*relation) error {
	from := make([]any, len(list))
	for i, rel := range list {
		from[i] = rel.from
	}
	have, err := s.related(ctx, ed, from)
	if err != nil {
		return err
	}
	fresh := map[string][]*row{}
	for _, rel := range list {
		if stored := have[ends{rel.from, rel.to}]; stored != nil {
			if err := s.restateRelation(ctx, rel, stored); err != nil {
				return err
			}
			continue
		}
		r, err := s.row(rel)
		if err != nil {
			return err
		}
		columns := strings.Join(r.columns, "\x00")
		fresh[columns] = append(fresh[columns], r)
		rel.node.Updated = rel.node.found
	}
	for _, rows := range fresh {
		if err := s.insertRows(ctx, ed, rows, list[0].node); err != nil {
			return err
		}
	}
	return nil
}

// related reads the relations of some records over an edge, with what they hold.
func (s *Set) related(ctx context.Context, ed *model.Edge, from []any) (map[ends][]any, error) {
	have := map[ends][]any{}
	t := sql.Table(ed.Table)
	columns := []string{t.C(ed.From), t.C(ed.Ref)}
	for _, f := range ed.Fields {
		columns = append(columns, t.C(f.Column))
	}
	sel := sql.Dialect(s.client.Driver().Dialect()).Select(columns...).From(t)
	query, args := sel.Where(sql.In(t.C(ed.From), from...)).Query()
	query = s.client.Indexes().Read(s.words(), query, ed.Table, ed.From, ed.Ref)
	err := s.query(ctx, query, args, len(columns), func(row []any) error {
		from, err := ed.Source.TypedID(row[0])
		if err != nil {
			return err
		}
		to, err := ed.Target.TypedID(row[1])
		if err != nil {
			return err
		}
		values := make([]any, len(ed.Fields))
		for i, f := range ed.Fields {
			if values[i], err = f.Scan(row[2+i]); err != nil {
				return err
			}
		}
		have[ends{from, to}] = values
		return nil
	})
	return have, err
}

// news lists what is said of a relation that holds something else.
func news(ed *model.Edge, with []value, stored []any) []value {
	var list []value
	for _, v := range with {
		if at := slices.Index(ed.Fields, v.field); !v.field.Same(v.value, stored[at]) {
			list = append(list, v)
		}
	}
	return list
}

// restateRelation changes what a relation holds.
func (s *Set) restateRelation(ctx context.Context, rel *relation, stored []any) error {
	ed := rel.change.edge
	list := news(ed, rel.with, stored)
	if len(list) == 0 {
		return nil
	}
	update := sql.Dialect(s.client.Driver().Dialect()).Update(ed.Table)
	for i := range list {
		v := &list[i]
		if v.field.Immutable && !rel.node.Created {
			return fault.Input(rel.ref.path.At(v.field.GraphQL).String(), "%s cannot be changed once it is set.", v.field.GraphQL)
		}
		to, err := v.stored()
		if err != nil {
			return err
		}
		if to == nil {
			update.SetNull(v.field.Column)
		} else {
			update.Set(v.field.Column, to)
		}
	}
	query, args := update.Where(sql.And(sql.EQ(ed.From, rel.from), sql.EQ(ed.Ref, rel.to))).Query()
	if err := s.client.Driver().Exec(ctx, query, args, nil); err != nil {
		return s.explain(ctx, fmt.Errorf("mutation: %w", err), []*Node{rel.node})
	}
	rel.node.Updated = rel.node.found
	return nil
}

// row is a new row of an association table.
type row struct {
	columns []string
	values  []any
}

// row is the row of a new relation: what is said of it, else the defaults.
func (s *Set) row(rel *relation) (*row, error) {
	ed := rel.change.edge
	r := &row{[]string{ed.From, ed.Ref}, []any{rel.from, rel.to}}
	defaults, err := s.client.Defaults(ed.Table)
	if err != nil {
		return nil, err
	}
	given := map[*model.Field]*value{}
	for i := range rel.with {
		given[rel.with[i].field] = &rel.with[i]
	}
	for _, f := range ed.Fields {
		var to any
		if v := given[f]; v != nil {
			if to, err = v.stored(); err != nil {
				return nil, err
			}
		} else {
			at := -1
			for i, spec := range defaults {
				if spec.Column == f.Column {
					at = i
				}
			}
			switch {
			case at >= 0 && f.Kind.Comparable() || at >= 0 && f.Kind == model.Bytes:
				to = defaults[at].Value
			case at >= 0:
				if to, err = jsonOf(defaults[at].Value); err != nil {
					return nil, err
				}
			case demanded(f):
				return nil, fault.Input(rel.ref.path.At(f.GraphQL).String(), "%s is required.", f.GraphQL)
			default:
				continue // what the database has for it
			}
		}
		r.columns, r.values = append(r.columns, f.Column), append(r.values, to)
	}
	return r, nil
}

// stored is a value as a statement takes it; nil for null.
func (v *value) stored() (any, error) {
	if v.value == nil {
		return nil, nil //nolint:nilnil // a NULL has no other form
	}
	typed, err := v.inGo()
	if err != nil {
		return nil, err
	}
	if !v.field.Kind.Comparable() && v.field.Kind != model.Bytes {
		return jsonOf(typed)
	}
	if _, ok := typed.(driver.Valuer); ok {
		return typed, nil
	}
	return v.value, nil
}

func jsonOf(v any) (any, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("mutation: %w", err)
	}
	return json.RawMessage(raw), nil
}

// insertRows writes rows that have the same columns.
func (s *Set) insertRows(ctx context.Context, ed *model.Edge, rows []*row, n *Node) error {
	for part := range evenly(rows, max(1, bulkParameters/len(rows[0].columns))) {
		insert := sql.Dialect(s.client.Driver().Dialect()).Insert(ed.Table).Columns(part[0].columns...)
		for _, r := range part {
			insert.Values(r.values...)
		}
		query, args := insert.Query()
		if err := s.client.Driver().Exec(ctx, query, args, nil); err != nil {
			return s.explain(ctx, fmt.Errorf("mutation: %w", err), []*Node{n})
		}
	}
	return nil
}

// beside reads what stands beside a reference: the fields of the relation
// itself, which an association table holds. It returns them, and the reference
// that is left.
func (d *decoding) beside(c *change, v any, path *Path) (with []value, rest any) {
	m, ok := v.(map[string]any)
	if !ok || len(c.edge.Fields) == 0 || c.mode == remove {
		return nil, v
	}
	left := maps.Clone(m)
	for _, f := range c.edge.Fields {
		given, ok := m[f.GraphQL]
		delete(left, f.GraphQL)
		switch at := path.At(f.GraphQL); {
		case ok && d.unfit(given):
		case ok && given == nil && !f.Nullable:
			d.wrong(at, "%s cannot be null.", f.GraphQL)
		case ok && given == nil:
			with = append(with, value{field: f})
		case ok:
			parsed, err := f.Parse(given)
			if err != nil {
				d.fault(refusal(at, f, err))
				continue
			}
			with = append(with, value{field: f, value: parsed})
		case d.node.action == create && demanded(f):
			d.wrong(at, "%s is required.", f.GraphQL)
		}
	}
	return with, left
}

// demanded reports whether a new relation cannot do without a value of its
// field.
func demanded(f *model.Field) bool { return !f.Nullable && !f.Default && !f.DatabaseDefault }

// demanding reports whether a relation cannot be made without values of its own.
func demanding(ed *model.Edge) bool { return slices.ContainsFunc(ed.Fields, demanded) }

// validateRelations notes what the validators of edges' own schemas refuse of
// what stands beside a node's references.
func (s *Set) validateRelations(n *Node) {
	for i := range n.edges {
		c := &n.edges[i]
		for _, r := range c.refs {
			for j := range r.with {
				if v := &r.with[j]; v.value != nil {
					s.validateRelation(c, r, v)
				}
			}
		}
	}
}

func (s *Set) validateRelation(c *change, r *ref, v *value) {
	beside := &Node{Entity: c.edge.Target, Path: r.path}
	typed, err := v.inGo()
	if err != nil {
		s.fault(beside.misread(v.field, err))
		return
	}
	err = s.client.ValidateRelation(c.edge.Table, v.field.Name, typed)
	var invalid record.Invalid
	if !errors.As(err, &invalid) {
		return
	}
	s.wrong(r.path.At(v.field.GraphQL), "%s %s.", v.field.GraphQL, reason(invalid, !v.field.Sensitive))
}
