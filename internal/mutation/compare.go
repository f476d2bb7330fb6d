package mutation

import (
	"context"
	"slices"

	"entgo.io/ent/dialect/sql"

	"coppice/internal/fault"
	"coppice/internal/model"
)

// compare looks at the found records of upserts: what cannot be changed must
// be as the input has it, and of seed records only what differs is left, so
// that what is unchanged is not written.
func (s *Set) compare(ctx context.Context) error {
	byEntity := map[*model.Entity][]*Node{}
	for _, n := range s.nodes {
		if n.action == upsert && n.found {
			byEntity[n.Entity] = append(byEntity[n.Entity], n)
		}
	}
	claims := s.claims()
	for _, e := range s.model.Entities {
		for part := range slices.Chunk(byEntity[e], batch) {
			if err := s.compareRecords(ctx, e, part, claims); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Set) compareRecords(ctx context.Context, e *model.Entity, nodes []*Node, claims claims) error {
	columns := []string{e.ID.Column}
	for _, f := range e.Fields {
		columns = append(columns, f.Column)
	}
	for _, ed := range e.Edges {
		if ed.Storage == model.Own {
			columns = append(columns, ed.Column)
		}
	}
	byID := map[any][]*Node{}
	ids := make([]any, len(nodes))
	for i, n := range nodes {
		byID[n.ID] = append(byID[n.ID], n)
		ids[i] = n.ID
	}
	err := s.rows(ctx, e, columns, sql.FieldIn(e.ID.Column, ids...), func(row []any) error {
		id, err := e.TypedID(row[0])
		if err != nil {
			return err
		}
		for _, n := range byID[id] {
			if err := s.reduce(n, row[1:]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || s.known == nil {
		return err
	}
	return s.reduceSets(ctx, e, nodes, claims)
}

// reduce drops what a record's row holds already.
func (s *Set) reduce(n *Node, row []any) error {
	have := map[*model.Field]any{}
	for i, f := range n.Entity.Fields {
		v, err := f.Scan(row[i])
		if err != nil {
			return err
		}
		have[f] = v
	}
	var values []value
	for _, v := range n.values {
		same := v.field == n.Entity.ID || model.Equal(v.value, have[v.field])
		if same && (s.known != nil || v.field.Immutable || v.field == n.Entity.ID) {
			n.kept = append(n.kept, v)
			continue
		}
		if v.field.Immutable {
			return fault.Input(n.Path.At(v.field.GraphQL).String(), "%s cannot be changed once it is set.", v.field.GraphQL)
		}
		values = append(values, v)
	}
	n.values = values
	at := len(n.Entity.Fields)
	own := map[*model.Edge]any{}
	for _, ed := range n.Entity.Edges {
		if ed.Storage != model.Own {
			continue
		}
		if row[at] != nil {
			id, err := ed.Target.TypedID(row[at])
			if err != nil {
				return err
			}
			own[ed] = id
		}
		at++
	}
	var edges []change
	for _, c := range n.edges {
		if c.edge.Storage == model.Own {
			ids := c.existing()
			same := len(ids) == 1 && ids[0] == own[c.edge] || len(c.refs) == 0 && own[c.edge] == nil
			if same {
				continue
			}
			if c.edge.Immutable {
				return fault.Input(c.path.String(), "%s cannot be changed once it is set.", c.edge.GraphQL)
			}
		}
		edges = append(edges, c)
	}
	n.edges = edges
	return nil
}
