package schema

import (
	"time"

	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
)

// Comment is a remark on a post, or a reply to another remark.
type Comment struct {
	ent.Schema
}

// Annotations of Comment.
func (Comment) Annotations() []schema.Annotation {
	return []schema.Annotation{schema.Comment("A remark on a post, or a reply to another remark.")}
}

// Fields of Comment.
func (Comment) Fields() []ent.Field {
	return []ent.Field{
		field.Text("body").NotEmpty().MaxLen(10_000),
		field.Time("created_at").Default(time.Now).Immutable(),
	}
}

// Edges of Comment.
func (Comment) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("author", User.Type).Ref("comments").Unique().Required(),
		edge.From("post", Post.Type).Ref("comments").Unique().Required(),
		edge.To("replies", Comment.Type).
			From("parent").Unique().Comment("The remark this one replies to."),
	}
}
