package mutation

import (
	"context"
	"fmt"
	"reflect"

	"entgo.io/ent/dialect/sql"

	"coppice/core/model"
)

// countOn moves the numbers that the database counts for an entity past the ids that
// new records give, before these are written: an id is never given twice.
func (s *Set) countOn(ctx context.Context, e *model.Entity, nodes []*Node) error {
	if !e.Counted {
		return nil
	}
	highest := int64(0)
	for _, n := range nodes {
		for i := range n.values {
			if v := &n.values[i]; v.field == e.ID && v.value != nil {
				id, err := v.inGo()
				if err != nil {
					return n.misread(e.ID, err)
				}
				highest = max(highest, whole(id))
			}
		}
	}
	if highest == 0 {
		return nil
	}
	return s.countPast(ctx, e, highest)
}

// whole is an id of any of Go's types for whole numbers.
func whole(id any) int64 {
	v := reflect.ValueOf(id)
	if v.CanUint() {
		return int64(v.Uint()) // what may be given leaves as many to count on with
	}
	return v.Int()
}

// countPast lets the next number be more than highest. While it looks how far they are
// and moves them, nobody takes one, so that they never go back.
func (s *Set) countPast(ctx context.Context, e *model.Entity, highest int64) error {
	words := s.words()
	if words.Behind == "" {
		return nil
	}
	quote := func(name string) string { return "'" + name + "'" }
	ask := func(query string) (found bool, err error) {
		var rows sql.Rows
		if err := s.client.Driver().Query(ctx, words.Bind(query), []any{highest}, &rows); err != nil {
			return false, fmt.Errorf("mutation: %w", err)
		}
		for rows.Next() {
			found = true
		}
		if err := rows.Err(); err != nil {
			return false, fmt.Errorf("mutation: %w", err)
		}
		if err := rows.Close(); err != nil {
			return false, fmt.Errorf("mutation: %w", err)
		}
		return found, nil
	}
	behind, err := ask(words.Behind.With(quote(e.Table), quote(e.ID.Column)))
	if err != nil || !behind {
		return err
	}
	if err := s.client.Driver().Exec(ctx, words.Lock.With(`"`+e.Table+`"`), []any{}, nil); err != nil {
		return fmt.Errorf("mutation: %w", err)
	}
	_, err = ask(words.Advance.With(quote(e.Table), quote(e.ID.Column)))
	return err
}
