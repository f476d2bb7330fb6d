// Package schema is the schemas of a test: mixins, indexes, views and annotations.
package schema

import (
	"context"
	"strings"
	"time"

	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/dialect/sql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"entgo.io/ent/schema/mixin"

	"coppice/ent/hook"
	"coppice/ent/intercept"
	"coppice/ent/privacy"
)

// timed gives an entity its times.
type timed struct{ mixin.Schema }

// Fields of timed.
func (timed) Fields() []ent.Field {
	return []ent.Field{
		field.Time("created_at").Default(time.Now).Immutable(),
		field.Time("updated_at").Default(time.Now).UpdateDefault(time.Now),
	}
}

// Indexes of timed.
func (timed) Indexes() []ent.Index { return []ent.Index{index.Fields("created_at")} }

// owned gives an entity an owner.
type owned struct{ mixin.Schema }

// Edges of owned.
func (owned) Edges() []ent.Edge {
	return []ent.Edge{edge.To("owner", Artist.Type).Unique()}
}

// trimmed takes the blanks off an entity's name before it is written.
type trimmed struct{ mixin.Schema }

// Hooks of trimmed.
func (trimmed) Hooks() []ent.Hook {
	return []ent.Hook{hook.On(func(next ent.Mutator) ent.Mutator {
		return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
			if v, ok := m.Field("name"); ok {
				if err := m.SetField("name", strings.TrimSpace(v.(string))); err != nil {
					return nil, err
				}
			}
			return next.Mutate(ctx, m)
		})
	}, ent.OpCreate|ent.OpUpdate|ent.OpUpdateOne)}
}

// hiding keeps what is marked as hidden from every query.
type hiding struct{ mixin.Schema }

// Fields of hiding.
func (hiding) Fields() []ent.Field {
	return []ent.Field{field.Bool("hidden").Default(false).Annotations(entgql.Skip(entgql.SkipMutationCreateInput, entgql.SkipMutationUpdateInput))}
}

// Interceptors of hiding.
func (hiding) Interceptors() []ent.Interceptor {
	return []ent.Interceptor{intercept.TraverseFunc(func(_ context.Context, q intercept.Query) error {
		q.WhereP(sql.FieldEQ("hidden", false))
		return nil
	})}
}

// wary lets nobody write a record with a forbidden name.
type wary struct{ mixin.Schema }

// Policy of wary.
func (wary) Policy() ent.Policy {
	return privacy.Policy{
		Mutation: privacy.MutationPolicy{privacy.MutationRuleFunc(func(_ context.Context, m ent.Mutation) error {
			if v, ok := m.Field("name"); ok && v == "forbidden" {
				return privacy.Denyf("this name is forbidden")
			}
			return privacy.Skip
		}), privacy.AlwaysAllowRule()},
		Query: privacy.QueryPolicy{privacy.AlwaysAllowRule()},
	}
}
