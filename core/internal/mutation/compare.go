package mutation

import (
	"context"
	"slices"

	"coppice/core/model"
)

// compare looks at the found records of upserts: what cannot be changed must
// be as the input has it, and of seed records only what differs is left, so
// that what is unchanged is not written.
func (s *Set) compare(ctx context.Context) error {
	byEntity := make([][]*Node, len(s.model.Entities))
	for _, n := range s.nodes {
		if n.action == upsert && n.found && (s.findByName != nil || n.fixes()) {
			byEntity[n.Entity.Index] = append(byEntity[n.Entity.Index], n)
		}
	}
	claims := s.claims()
	for i, e := range s.model.Entities {
		for part := range slices.Chunk(byEntity[i], batch) {
			if err := s.compareRecords(ctx, e, part, claims); err != nil {
				return err
			}
		}
	}
	return nil
}

// fixes reports whether an input gives anything that may have to stay as it
// is.
func (n *Node) fixes() bool {
	return slices.ContainsFunc(n.values, func(v value) bool { return v.field.Immutable || v.field == n.Entity.ID }) ||
		slices.ContainsFunc(n.edges, func(c change) bool { return c.edge.Storage == model.Own })
}

// columns are what is read of records to compare them: what inputs give.
type columns struct {
	names  []string
	fields map[*model.Field]int // where in a row
	edges  map[*model.Edge]int
}

func columnsOf(e *model.Entity, nodes []*Node) *columns {
	c := &columns{names: []string{e.ID.Column}, fields: map[*model.Field]int{e.ID: 0}, edges: map[*model.Edge]int{}}
	for _, n := range nodes {
		for i := range n.values {
			if f := n.values[i].field; c.fields[f] == 0 && f != e.ID {
				c.fields[f] = len(c.names)
				c.names = append(c.names, f.Column)
			}
		}
		for i := range n.edges {
			if ed := n.edges[i].edge; ed.Storage == model.Own && c.edges[ed] == 0 {
				c.edges[ed] = len(c.names)
				c.names = append(c.names, ed.Column)
			}
		}
	}
	return c
}

func (s *Set) compareRecords(ctx context.Context, e *model.Entity, nodes []*Node, claims claims) error {
	of := columnsOf(e, nodes)
	byID := make(map[any][]*Node, len(nodes))
	ids := make([]any, len(nodes))
	for i, n := range nodes {
		byID[n.ID] = append(byID[n.ID], n)
		ids[i] = n.ID
	}
	var earlier Effects
	if s.recall != nil && s.hooked(e) {
		var err error
		if earlier, err = s.recall(ctx, e, ids); err != nil {
			return err
		}
	}
	err := s.rows(ctx, e, of.names, s.withID(e, ids), func(row []any) error {
		id, err := e.TypedID(row[0])
		if err != nil {
			return err
		}
		for _, n := range byID[id] {
			if err := s.reduce(n, of, row, earlier); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || s.findByName == nil {
		return err
	}
	return s.reduceSets(ctx, e, nodes, claims)
}

// reduce drops what a record's row holds already.
func (s *Set) reduce(n *Node, of *columns, row []any, earlier Effects) error {
	values := n.values[:0]
	for _, v := range n.values {
		have, err := v.field.Scan(row[of.fields[v.field]])
		if err != nil {
			return err
		}
		same := v.field.Same(v.value, have) || !n.stored && n.became(earlier, v.field, v.value, have)
		fixed := v.field.Immutable || v.field == n.Entity.ID
		switch {
		case same && (s.findByName != nil || fixed):
			if v.field.Default {
				n.kept = append(n.kept, v)
			}
		case fixed:
			s.wrong(n.at(v.field.GraphQL), "%s cannot be changed once it is set.", v.field.GraphQL)
		default:
			values = append(values, v)
		}
	}
	n.values = values
	edges := n.edges[:0]
	for _, c := range n.edges {
		if c.edge.Storage == model.Own {
			same, err := c.same(row[of.edges[c.edge]])
			if err != nil {
				return err
			}
			if same {
				continue
			}
			if c.edge.Immutable && !slices.ContainsFunc(c.refs, (*ref).dangles) {
				s.wrong(c.path, "%s cannot be changed once it is set.", c.edge.GraphQL)
				continue
			}
		}
		edges = append(edges, c)
	}
	n.edges = edges
	return nil
}

// same reports whether a foreign key leads already where the change has it
// lead.
func (c *change) same(have any) (bool, error) {
	if len(c.refs) == 0 || have == nil {
		return len(c.refs) == 0 && have == nil, nil
	}
	id, err := c.edge.Target.TypedID(have)
	return err == nil && len(c.refs) == 1 && c.refs[0].existing() == id, err
}
