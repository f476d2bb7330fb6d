// Package schema is the schemas of a test: all of it had other names, which the API
// keeps.
package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"coppice/core/evolve"
)

// Account was a User, and before that a Member.
type Account struct{ ent.Schema }

// Annotations of Account.
func (Account) Annotations() []schema.Annotation {
	return []schema.Annotation{evolve.RenamedFrom("Member"), evolve.RenamedFrom("User"), evolve.KeepAs("User")}
}

// Fields of Account.
func (Account) Fields() []ent.Field {
	return []ent.Field{
		field.String("username").Unique().Annotations(evolve.RenamedFrom("login", "handle"), evolve.KeepAs("login"), evolve.KeepAs("handle")),
		field.Enum("state").Values("active", "closed").Default("active").
			Annotations(evolve.RenamedFrom("status"), evolve.KeepAs("status"), evolve.RenamedValue("new", "active"), evolve.KeepValue("new", "active")),
		field.String("secret").Sensitive().Optional().Annotations(evolve.RenamedFrom("password"), evolve.KeepAs("password")),
	}
}

// Edges of Account.
func (Account) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("articles", Article.Type).Annotations(evolve.RenamedFrom("posts"), evolve.KeepAs("posts")),
		edge.To("favourites", Article.Type).Annotations(evolve.RenamedFrom("likes"), evolve.KeepAs("likes")),
		edge.To("friends", Account.Type).Annotations(evolve.RenamedFrom("contacts"), evolve.KeepAs("contacts")),
	}
}

// Article was a Post.
type Article struct{ ent.Schema }

// Annotations of Article.
func (Article) Annotations() []schema.Annotation {
	return []schema.Annotation{evolve.RenamedFrom("Post"), evolve.KeepAs("Post")}
}

// Fields of Article.
func (Article) Fields() []ent.Field {
	return []ent.Field{
		field.String("title").NotEmpty().Annotations(evolve.RenamedFrom("headline"), evolve.KeepAs("headline")),
		// These two were exchanged: what is called lead today was the text, and the other way round.
		field.String("lead").Optional().Annotations(evolve.RenamedFrom("text")),
		field.String("text").Optional().Annotations(evolve.RenamedFrom("lead")),
		field.Strings("labels").Optional().Annotations(evolve.RenamedFrom("tags"), evolve.KeepAs("tags")),
		field.Time("published_at").Optional().Nillable().Annotations(evolve.RenamedFrom("posted_at"), evolve.KeepAs("posted_at")),
		field.Int("words").Default(0).Annotations(evolve.RenamedFrom("length"), evolve.KeepAs("length")),
	}
}

// Edges of Article.
func (Article) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("author", Account.Type).Ref("articles").Unique().Required().Annotations(evolve.RenamedFrom("writer"), evolve.KeepAs("writer")),
		edge.From("fans", Account.Type).Ref("favourites"),
	}
}

// Indexes of Article.
func (Article) Indexes() []ent.Index {
	return []ent.Index{index.Fields("title").Edges("author").Unique(), index.Fields("published_at")}
}

// Note has an order of its own, and is told by its content alone.
type Note struct{ ent.Schema }

// Annotations of Note.
func (Note) Annotations() []schema.Annotation { return []schema.Annotation{evolve.RenamedFrom("Memo")} }

// Fields of Note.
func (Note) Fields() []ent.Field {
	return []ent.Field{
		field.Text("body").Annotations(evolve.RenamedFrom("content")),
		field.Enum("kind").Values("idea", "task").Annotations(evolve.RenamedValue("thought", "idea")),
	}
}

// Edges of Note.
func (Note) Edges() []ent.Edge {
	return []ent.Edge{edge.To("of", Account.Type).Unique().Annotations(evolve.RenamedFrom("about"))}
}
