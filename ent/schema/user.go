package schema

import (
	"regexp"
	"time"

	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
)

// User is a person who reads, writes and comments.
type User struct {
	ent.Schema
}

var (
	usernameForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	emailForm    = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
)

// Annotations of User.
func (User) Annotations() []schema.Annotation {
	return []schema.Annotation{schema.Comment("A person who reads, writes and comments.")}
}

// Fields of User.
func (User) Fields() []ent.Field {
	return []ent.Field{
		field.String("username").Unique().MinLen(3).MaxLen(30).Match(usernameForm).
			Comment("The name a person signs with: lower-case letters, digits and underscores."),
		field.String("email").Unique().MaxLen(254).Match(emailForm),
		field.String("name").Optional().MaxLen(100).
			Comment("The name to show, where it differs from the username."),
		field.Enum("role").Values("READER", "AUTHOR", "ADMIN").Default("READER"),
		field.Time("created_at").Default(time.Now).Immutable(),
	}
}

// Edges of User.
func (User) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("profile", Profile.Type).Unique(),
		edge.To("posts", Post.Type),
		edge.To("comments", Comment.Type),
		edge.To("following", User.Type).Comment("The people this person follows.").
			From("followers").Comment("The people who follow this person."),
	}
}
