package schema

import (
	"regexp"
	"time"

	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Post is an article.
type Post struct {
	ent.Schema
}

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Annotations of Post.
func (Post) Annotations() []schema.Annotation {
	return []schema.Annotation{schema.Comment("An article.")}
}

// Fields of Post.
func (Post) Fields() []ent.Field {
	return []ent.Field{
		field.String("slug").Unique().MaxLen(120).Match(slugForm).
			Comment("The post's name in an address: lower-case words joined by hyphens."),
		field.String("title").NotEmpty().MaxLen(200),
		field.Text("body").MaxLen(100_000),
		field.Enum("status").Values("DRAFT", "PUBLISHED", "ARCHIVED").Default("DRAFT"),
		field.Time("published_at").Optional().
			Comment("When the post became public; null while it never was."),
		field.Int("view_count").Default(0).NonNegative(),
		field.Float("rating").Optional().Min(0).Max(5).
			Comment("The readers' mean rating, 0 to 5; null while nobody rated."),
		field.Time("created_at").Default(time.Now).Immutable(),
		field.Time("updated_at").Default(time.Now).UpdateDefault(time.Now),
	}
}

// Edges of Post.
func (Post) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("author", User.Type).Ref("posts").Unique().Required(),
		edge.To("comments", Comment.Type),
		edge.To("tags", Tag.Type),
	}
}

// Indexes of Post. Foreign keys are indexed without being named here.
func (Post) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("created_at"),
		index.Fields("published_at"),
	}
}
