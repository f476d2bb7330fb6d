package schema

import (
	"regexp"

	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
)

// Tag is a subject that posts are filed under.
type Tag struct {
	ent.Schema
}

var tagForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Annotations of Tag.
func (Tag) Annotations() []schema.Annotation {
	return []schema.Annotation{schema.Comment("A subject that posts are filed under.")}
}

// Fields of Tag.
func (Tag) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").Unique().MaxLen(40).Match(tagForm),
	}
}

// Edges of Tag.
func (Tag) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("posts", Post.Type).Ref("tags"),
	}
}
