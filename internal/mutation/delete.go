package mutation

import (
	"context"
	"errors"
	"strings"

	"entgo.io/ent/dialect/sql"

	"coppice/core/fault"
	"coppice/ent"
	"coppice/internal/model"
)

// Delete removes the record with an own id in ent's Go type. Association rows
// go with it; what else still leads to it decides, as the schema says.
func Delete(ctx context.Context, client *ent.Client, e *model.Entity, id any) error {
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
	case ent.IsNotFound(err):
		return &fault.Error{Code: fault.NotFound, Field: "id", Cause: err, Message: "There is no such " + e.Name + "."}
	case errors.As(err, &foreign):
		return s.needed(ctx, e, []any{id}, "id", err)
	default:
		return err
	}
}

// there makes sure of a record that may be hidden that it is not.
func (s *Set) there(ctx context.Context, e *model.Entity, id any) error {
	if !s.guarded(ctx, e) {
		return nil
	}
	seen, err := s.Visible(ctx, e, []any{id})
	if err == nil && !seen[id] {
		err = fault.New(fault.NotFound, "There is no such %s.", e.Name)
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
	var edges []string
	for _, other := range s.model.Entities {
		for _, ed := range other.Edges {
			if ed.Storage != model.Own || ed.Target != e || ed.SetNull {
				continue
			}
			n := 0
			err := s.rows(ctx, other, []string{other.ID.Column}, func(sel *sql.Selector) {
				sel.Where(sql.In(sel.C(ed.Column), ids...)).Limit(1)
			}, func([]any) error {
				n++
				return nil
			})
			if err == nil && n > 0 {
				edges = append(edges, other.Name+"."+ed.GraphQL)
			}
		}
	}
	message := "Other records still lead here."
	if len(edges) > 0 {
		message = "A " + e.Name + " that was to go is still led to by " + strings.Join(edges, " and ") + ". Delete those first, or lead them elsewhere."
	}
	return &fault.Error{Code: fault.Conflict, Field: field, Cause: cause, Message: message}
}
