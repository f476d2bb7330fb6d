package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
)

// Profile is what a user tells about themselves.
type Profile struct {
	ent.Schema
}

// Annotations of Profile.
func (Profile) Annotations() []schema.Annotation {
	return []schema.Annotation{schema.Comment("What a user tells about themselves.")}
}

// Fields of Profile.
func (Profile) Fields() []ent.Field {
	return []ent.Field{
		field.Text("bio").Optional().MaxLen(5000),
		field.String("location").Optional().MaxLen(100),
		field.String("website").Optional().MaxLen(500),
		field.Strings("links").Optional(),
	}
}

// Edges of Profile.
func (Profile) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("user", User.Type).Ref("profile").Unique().Required(),
	}
}
