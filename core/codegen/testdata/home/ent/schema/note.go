// Package schema is what a user of ent and gqlgen brings along.
package schema

import (
	"context"
	"time"

	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/dialect/sql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/mixin"
	"github.com/vektah/gqlparser/v2/ast"

	gen "coppice/ent"
	"coppice/ent/hook"
	"coppice/ent/intercept"

	"coppice/core/fault"
)

func auth(role string) entgql.Directive {
	return entgql.NewDirective("auth", &ast.Argument{Name: "role", Value: &ast.Value{Raw: role, Kind: ast.EnumValue}})
}

// SoftDelete is the mixin of ent's documentation.
type SoftDelete struct{ mixin.Schema }

// Fields of SoftDelete.
func (SoftDelete) Fields() []ent.Field {
	return []ent.Field{field.Time("delete_time").Optional()}
}

type skipKey struct{}

// SkipSoftDelete lets deleted records be seen.
func SkipSoftDelete(ctx context.Context) context.Context {
	return context.WithValue(ctx, skipKey{}, true)
}

// Interceptors of SoftDelete.
func (d SoftDelete) Interceptors() []ent.Interceptor {
	return []ent.Interceptor{intercept.TraverseFunc(func(ctx context.Context, q intercept.Query) error {
		if skip, _ := ctx.Value(skipKey{}).(bool); !skip {
			d.P(q)
		}
		return nil
	})}
}

// Hooks of SoftDelete.
func (d SoftDelete) Hooks() []ent.Hook {
	return []ent.Hook{hook.On(func(next ent.Mutator) ent.Mutator {
		return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
			mx, ok := m.(interface {
				SetOp(ent.Op)
				Client() *gen.Client
				SetDeleteTime(time.Time)
				WhereP(...func(*sql.Selector))
			})
			if skip, _ := ctx.Value(skipKey{}).(bool); skip || !ok {
				return next.Mutate(ctx, m)
			}
			d.P(mx)
			mx.SetOp(ent.OpUpdate)
			mx.SetDeleteTime(time.Now())
			return mx.Client().Mutate(ctx, m)
		})
	}, ent.OpDeleteOne|ent.OpDelete)}
}

// P adds the condition that a record is not deleted.
func (d SoftDelete) P(w interface{ WhereP(...func(*sql.Selector)) }) {
	w.WhereP(sql.FieldIsNull(d.Fields()[0].Descriptor().Name))
}

// Note is a note.
type Note struct{ ent.Schema }

// Annotations of Note.
func (Note) Annotations() []schema.Annotation {
	return []schema.Annotation{entgql.QueryField().Directives(auth("READER"))}
}

// Mixin of Note.
func (Note) Mixin() []ent.Mixin { return []ent.Mixin{SoftDelete{}} }

// Fields of Note.
func (Note) Fields() []ent.Field {
	return []ent.Field{
		field.String("title").Unique(),
		field.String("secret").Optional().Annotations(entgql.Directives(auth("ADMIN"))),
		field.Enum("mood").Values("GOOD", "BAD").Default("GOOD").Annotations(entgql.Directives(auth("ADMIN"))),
	}
}

// Edges of Note.
func (Note) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("replies", Note.Type).Annotations(entgql.Directives(auth("ADMIN"))).From("parent").Unique().Annotations(entgql.Directives(auth("OWNER"))),
	}
}

// Hooks of Note.
func (Note) Hooks() []ent.Hook {
	return []ent.Hook{func(next ent.Mutator) ent.Mutator {
		return hook.NoteFunc(func(ctx context.Context, m *gen.NoteMutation) (ent.Value, error) {
			if title, _ := m.Title(); title == "closed" {
				return nil, fault.New(fault.Conflict, "This note is closed.")
			}
			return next.Mutate(ctx, m)
		})
	}}
}
