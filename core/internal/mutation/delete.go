package mutation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"

	"coppice/core/fault"
	"coppice/core/model"
	"coppice/core/record"
)

// Delete removes the record with an own id in ent's Go type. Association rows
// go with it; what else still leads to it decides, as the schema says.
func Delete(ctx context.Context, client *record.Client, e *model.Entity, id any) error {
	s := NewSet(client)
	if err := s.there(ctx, e, id); err != nil {
		return err
	}
	if err := s.spared(ctx, e, []any{id}, "id"); err != nil {
		return err
	}
	err := s.record(e).Delete(ctx, client, id)
	var foreign *fault.ForeignKey
	switch {
	case err == nil:
		return nil
	case record.IsNotFound(err):
		lost := e.Missing("id", e.GlobalID(fmt.Sprint(id))).At("id")
		lost.Cause = err
		return lost
	case errors.As(err, &foreign):
		return s.needed(ctx, e, []any{id}, "id", err)
	default:
		return refusedDelete(err, e, "id")
	}
}

// refusedDelete is what a trigger says of a record that was to go; other errors
// it leaves as they are.
func refusedDelete(err error, e *model.Entity, field string) error {
	var trigger *fault.Trigger
	if errors.As(err, &trigger) {
		return trigger.Of(e.Name).At(field)
	}
	return err
}

// there makes sure of a record that may be hidden that it is not.
func (s *Set) there(ctx context.Context, e *model.Entity, id any) error {
	if !s.guarded(ctx, e) {
		return nil
	}
	seen, err := s.Visible(ctx, e, []any{id})
	if err == nil && !seen[id] {
		err = e.Missing("id", e.GlobalID(fmt.Sprint(id)))
	}
	return refusedAt(err, "id")
}

// refusedAt is an error that, where no argument is named yet, names the one at
// which a record was asked for.
func refusedAt(err error, field string) error {
	var f *fault.Error
	if errors.As(err, &f) && f.Field == "" {
		return f.At(field)
	}
	return err
}

// needed names the edges that still lead to records that were to be deleted.
func (s *Set) needed(ctx context.Context, e *model.Entity, ids []any, field string, cause error) error {
	var names, edges []string
	for _, other := range s.model.Entities {
		for _, ed := range other.Edges {
			if ed.Storage != model.Own || ed.Target != e || !ed.OnDelete.Keeps() {
				continue
			}
			n := 0
			led := among(ed.Column, ids)
			err := s.rows(ctx, other, []string{other.ID.Column}, match{columns: led.columns, where: func(sel *sql.Selector) {
				led.where(sel)
				sel.Limit(1)
			}}, func([]any) error {
				n++
				return nil
			})
			if err == nil && n > 0 {
				edges = append(edges, other.Name+"."+ed.GraphQL)
				if !slices.Contains(names, other.Plural) {
					names = append(names, other.Plural)
				}
			}
		}
	}
	message := "Cannot delete this " + e.Name + ": other records still refer to it."
	if stray, err := Stray(ctx, s.client, e, ids); len(edges) == 0 && err == nil && stray != "" {
		message = "Cannot delete this " + e.Name + ": " + stray
	}
	if len(edges) > 0 {
		message = "Cannot delete this " + e.Name + ": " + strings.Join(names, " and ") + " still refer to it (" + strings.Join(edges, ", ") + "). Delete or reassign them first."
	}
	return &fault.Error{Code: fault.Conflict, Field: field, Cause: cause, Message: message}
}
