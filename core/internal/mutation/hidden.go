package mutation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"

	"coppice/core/internal/scope"
	"coppice/core/model"
	"coppice/core/record"
)

// Hiding lists the fields by whose values an interceptor or a policy hides
// records of an entity, as deleted_at.
func Hiding(ctx context.Context, client *record.Client, e *model.Entity) []*model.Field {
	return hiding(ctx, scope.New(client), e)
}

func hiding(ctx context.Context, scopes *scope.Scopes, e *model.Entity) []*model.Field {
	of := scopes.Of(ctx, e)
	if !of.Hides() || of.Err != nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(e.Fields), func(f *model.Field) bool {
		return !strings.Contains(of.Text, "`"+f.Column+"`") && !strings.Contains(of.Text, `"`+f.Column+`"`)
	})
}

// Hidden tells which of an entity's records with the given ids, in ent's Go
// type, are hidden from whoever the context is of. What an interceptor or a
// policy refuses to say hides nothing.
func Hidden(ctx context.Context, client *record.Client, e *model.Entity, ids []any) (map[any]bool, error) {
	s := &Set{client: client, model: client.Model, records: client.Entities, scopes: scope.New(client)}
	of := s.scopes.Of(ctx, e)
	if !of.Hides() || of.Err != nil {
		return nil, nil //nolint:nilnil // none is hidden
	}
	hidden := make(map[any]bool, len(ids))
	for _, id := range ids {
		hidden[id] = true
	}
	for part := range slices.Chunk(ids, batch) {
		err := s.rows(ctx, e, []string{e.ID.Column}, s.withID(e, part), func(row []any) error {
			id, err := e.TypedID(row[0])
			delete(hidden, id)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return hidden, nil
}

// leaveHidden leaves those found seed records as they are that are hidden, but
// for those whose input says itself what hides or shows them.
func (s *Set) leaveHidden(ctx context.Context) error {
	if s.findByName == nil {
		return nil
	}
	scopes := scope.New(s.client)
	found := map[*model.Entity][]*Node{}
	for _, n := range s.nodes {
		if n.found && n.action == upsert && scopes.Of(ctx, n.Entity).Hides() {
			found[n.Entity] = append(found[n.Entity], n)
		}
	}
	for e, nodes := range found {
		by := hiding(ctx, scopes, e)
		ids := make([]any, 0, len(nodes))
		for _, n := range nodes {
			if !slices.ContainsFunc(n.values, func(v value) bool { return slices.Contains(by, v.field) }) {
				ids = append(ids, n.ID)
			}
		}
		hidden, err := Hidden(ctx, s.client, e, ids)
		if err != nil {
			return err
		}
		for _, n := range nodes {
			if hidden[n.ID] {
				n.Hidden, n.values, n.edges = true, nil, nil
			}
		}
	}
	return nil
}

// dropMoot takes out the records that are not to be made, and refuses
// references to them.
func (s *Set) dropMoot() {
	gone := map[*Node]bool{}
	s.nodes = slices.DeleteFunc(s.nodes, func(n *Node) bool {
		if n.discarded() {
			gone[n] = true
		}
		return gone[n]
	})
	for _, r := range s.refs {
		if gone[r.node] && !r.node.found {
			s.fault(r.missing())
		}
	}
}

// Stray tells, as a sentence, which tables that the schemas no longer have
// still refer to records of an entity, those with the given ids or, without
// any, all; it is "" where none does.
func Stray(ctx context.Context, client *record.Client, e *model.Entity, ids []any) (string, error) {
	s := NewSet(client)
	keys, err := s.strayKeys(ctx, e.Table)
	if err != nil {
		return "", err
	}
	var reported []string
	for _, k := range keys {
		t := sql.Table(k.table)
		count := sql.Dialect(s.client.Driver().Dialect()).Select("COUNT(*)").From(t).Where(sql.NotNull(t.C(k.column)))
		if len(ids) > 0 {
			count.Where(sql.In(t.C(k.column), ids...))
		}
		query, args := count.Query()
		var n int64
		err := s.query(ctx, query, args, 1, func(row []any) error {
			n, _ = row[0].(int64)
			return nil
		})
		if err != nil {
			return "", err
		}
		if n > 0 {
			reported = append(reported, fmt.Sprintf("Table %s, which the schemas no longer have, still has %d rows that refer to it, by %s.", k.table, n, k.column))
		}
	}
	if len(reported) > 0 {
		reported = append(reported, "To let such tables go, open the database once with ?loss=allow in its URL.")
	}
	return strings.Join(reported, " "), nil
}

// strayKey is a foreign key of a table that is of no schema.
type strayKey struct{ table, column string }

// strayKeys lists those that lead to a table, and are not cleared with it.
func (s *Set) strayKeys(ctx context.Context, to string) (list []strayKey, err error) {
	words := s.words()
	if words.References == "" {
		return []strayKey{}, nil
	}
	ours := map[string]bool{}
	for _, e := range s.model.Entities {
		ours[strings.ToLower(e.Table)] = true
		for _, ed := range e.Edges {
			ours[strings.ToLower(ed.Table)] = true
		}
	}
	err = s.query(ctx, words.References, []any{to}, 2, func(row []any) error {
		k := strayKey{fmt.Sprint(row[0]), fmt.Sprint(row[1])}
		if !ours[strings.ToLower(k.table)] {
			list = append(list, k)
		}
		return nil
	})
	return list, err
}
