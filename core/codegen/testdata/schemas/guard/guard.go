// Package schema is the schemas of a test: whose own rules refuse, hide and change
// what is written.
package schema

import (
	"context"
	"strings"

	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/dialect/sql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"

	gen "coppice/ent"
	"coppice/ent/hook"
	"coppice/ent/intercept"
	"coppice/ent/privacy"

	"coppice/core/fault"
)

// Ticket is nobody's to read or write without a viewer.
type Ticket struct{ ent.Schema }

// Fields of Ticket.
func (Ticket) Fields() []ent.Field { return []ent.Field{field.String("subject")} }

// Edges of Ticket.
func (Ticket) Edges() []ent.Edge { return []ent.Edge{edge.To("replies", Reply.Type)} }

// Policy of Ticket.
func (Ticket) Policy() ent.Policy {
	return privacy.Policy{
		Mutation: privacy.MutationPolicy{privacy.AlwaysDenyRule()},
		Query:    privacy.QueryPolicy{privacy.AlwaysDenyRule()},
	}
}

// Story is not seen before it is published.
type Story struct{ ent.Schema }

// Fields of Story.
func (Story) Fields() []ent.Field {
	return []ent.Field{field.String("title"), field.String("slug").Unique(), field.Bool("published"), field.Enum("mood").Values("glad", "sad")}
}

// Edges of Story.
func (Story) Edges() []ent.Edge { return []ent.Edge{edge.To("replies", Reply.Type)} }

// Interceptors of Story.
func (Story) Interceptors() []ent.Interceptor {
	return []ent.Interceptor{intercept.TraverseFunc(func(_ context.Context, q intercept.Query) error {
		q.WhereP(sql.FieldEQ("published", true), sql.FieldEQ("mood", "glad"))
		return nil
	})}
}

// Reply is to a ticket, and maybe to a story.
type Reply struct{ ent.Schema }

// Fields of Reply.
func (Reply) Fields() []ent.Field { return []ent.Field{field.Text("text")} }

// Edges of Reply.
func (Reply) Edges() []ent.Edge {
	return []ent.Edge{edge.From("ticket", Ticket.Type).Ref("replies").Unique().Required(), edge.From("story", Story.Type).Ref("replies").Unique()}
}

// Receipt is written once, and never again.
type Receipt struct{ ent.Schema }

// Fields of Receipt.
func (Receipt) Fields() []ent.Field { return []ent.Field{field.Int("amount")} }

// Edges of Receipt.
func (Receipt) Edges() []ent.Edge { return []ent.Edge{edge.To("guests", Guest.Type)} }

// Hooks of Receipt.
func (Receipt) Hooks() []ent.Hook {
	return []ent.Hook{hook.Reject(ent.OpUpdate | ent.OpUpdateOne | ent.OpDelete | ent.OpDeleteOne)}
}

// Guest has a name that a hook writes, or refuses.
type Guest struct{ ent.Schema }

// Fields of Guest.
func (Guest) Fields() []ent.Field {
	return []ent.Field{field.String("name"), field.String("shown").Optional(), field.Int("age")}
}

// Hooks of Guest.
func (Guest) Hooks() []ent.Hook {
	return []ent.Hook{hook.On(func(next ent.Mutator) ent.Mutator {
		return hook.GuestFunc(func(ctx context.Context, m *gen.GuestMutation) (ent.Value, error) {
			if age, ok := m.Age(); ok && age%3 == 0 {
				return nil, fault.New(fault.BadUserInput, "A guest of %d cannot come.", age)
			}
			if name, ok := m.Name(); ok {
				m.SetShown(strings.ToUpper(name))
			}
			return next.Mutate(ctx, m)
		})
	}, ent.OpCreate|ent.OpUpdate|ent.OpUpdateOne)}
}

// Setting is there once.
type Setting struct{ ent.Schema }

// Fields of Setting.
func (Setting) Fields() []ent.Field { return []ent.Field{field.String("title")} }

// Hooks of Setting.
func (Setting) Hooks() []ent.Hook {
	return []ent.Hook{hook.On(func(next ent.Mutator) ent.Mutator {
		return hook.SettingFunc(func(ctx context.Context, m *gen.SettingMutation) (ent.Value, error) {
			n, err := m.Client().Setting.Query().Count(ctx)
			if err != nil {
				return nil, err
			}
			if n > 0 {
				return nil, fault.New(fault.Conflict, "There is one setting already.")
			}
			return next.Mutate(ctx, m)
		})
	}, ent.OpCreate)}
}

// Booking ends after it begins, and takes no more seats than there are.
type Booking struct{ ent.Schema }

// Fields of Booking.
func (Booking) Fields() []ent.Field {
	return []ent.Field{
		field.Time("begins_at"), field.Time("ends_at"), field.Int("seats").Positive(), field.Int("most").Default(30),
		field.String("code").Optional(),
	}
}

// Annotations of Booking.
func (Booking) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Checks(map[string]string{
		"ends_later": "ends_at > begins_at", "seats_there": "seats <= most", "code_short": "length(code) = 3",
	})}
}

// Balance adds up.
type Balance struct{ ent.Schema }

// Fields of Balance.
func (Balance) Fields() []ent.Field {
	return []ent.Field{field.Int("debit"), field.Int("credit")}
}

// Annotations of Balance.
func (Balance) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Check("debit = 100000 + 7 * credit")}
}

// Store is where parcels lie.
type Store struct{ ent.Schema }

// Fields of Store.
func (Store) Fields() []ent.Field { return []ent.Field{field.String("name").Unique()} }

// Parcel is with its sender or in a store, and weighs no more than it may.
type Parcel struct{ ent.Schema }

// Fields of Parcel.
func (Parcel) Fields() []ent.Field {
	return []ent.Field{field.Float("weight").Min(0), field.Float("most").Optional(), field.Bool("urgent"), field.Time("due").Optional()}
}

// Edges of Parcel.
func (Parcel) Edges() []ent.Edge {
	return []ent.Edge{edge.To("sender", Store.Type).Unique(), edge.To("store", Store.Type).Unique()}
}

// Annotations of Parcel.
func (Parcel) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Checks(map[string]string{
		"in_one_place": "(parcel_sender IS NULL) <> (parcel_store IS NULL)", "not_too_heavy": "weight <= most",
		"urgent_is_due": "urgent = (due IS NOT NULL)",
	})}
}
