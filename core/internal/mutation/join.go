package mutation

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"coppice/core/model"
)

// bulkAssociation reports whether the associations of new records are written as rows,
// many records' at once: the edge has a table that holds none of the schema's
// records, and neither hooks nor validators ask to see them. What ent cannot
// write, since it needs values of its own, hooks do not see.
func (s *Set) bulkAssociation(ed *model.Edge) bool {
	switch {
	case ed.Storage != model.Join || ed.Required || ed.Inverse != nil && ed.Inverse.Required || ed.Through && len(ed.Fields) == 0:
		return false
	default:
		return demanding(ed) || !s.hooked(ed.Source)
	}
}

// associate writes the plain associations of the records that were made.
func (s *Set) associate(ctx context.Context) error {
	rows := map[*model.Edge][][2]any{}
	for _, n := range s.nodes {
		if !n.Created {
			continue
		}
		for i := range n.edges {
			c := &n.edges[i]
			if len(c.refs) == 0 || !s.bulkAssociation(c.edge) || len(c.edge.Fields) > 0 {
				continue
			}
			both := opposite(c.edge) == c.edge
			for _, r := range c.refs {
				id := argument(r)
				rows[c.edge] = append(rows[c.edge], [2]any{n.ID, id})
				if both {
					rows[c.edge] = append(rows[c.edge], [2]any{id, n.ID})
				}
			}
		}
	}
	for _, e := range s.model.Entities {
		for _, ed := range e.Edges {
			for part := range evenly(rows[ed], bulkParameters/2) {
				if err := s.join(ctx, ed, part); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// join writes rows of an association table, but for those that are there.
func (s *Set) join(ctx context.Context, ed *model.Edge, rows [][2]any) error {
	insert := sql.Dialect(s.client.Driver().Dialect()).Insert(ed.Table).Columns(ed.From, ed.Ref).OnConflict(sql.DoNothing())
	for _, row := range rows {
		insert.Values(row[0], row[1])
	}
	query, args := insert.Query()
	if err := s.client.Driver().Exec(ctx, query, args, nil); err != nil {
		return fmt.Errorf("mutation: %w", err)
	}
	return nil
}
