package schema

import (
	"time"

	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/mixin"
	"github.com/google/uuid"
)

// SoftTime has times.
type stamps struct{ mixin.Schema }

func (stamps) Fields() []ent.Field {
	return []ent.Field{field.Time("added_at").Default(time.Now), field.UUID("uuid", uuid.UUID{}).Default(uuid.New)}
}

// TweetTag is an edge schema with an id of its own.
type TweetTag struct{ ent.Schema }

func (TweetTag) Mixin() []ent.Mixin { return []ent.Mixin{stamps{}} }

func (TweetTag) Fields() []ent.Field {
	return []ent.Field{field.UUID("id", uuid.UUID{}).Default(uuid.New), field.Int("tag_id"), field.Int("tweet_id")}
}

func (TweetTag) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("tag", Hashtag.Type).Unique().Required().Field("tag_id"),
		edge.To("tweet", Tweet.Type).Unique().Required().Field("tweet_id"),
	}
}

// Card belongs to one user.
type Card struct{ ent.Schema }

func (Card) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Annotation{Table: "card", Charset: "utf8mb4", Collation: "utf8mb4_general_ci"}}
}

func (Card) Fields() []ent.Field {
	return []ent.Field{field.String("number").Immutable().Default("unknown").NotEmpty(), field.String("name").Optional(), field.Time("expired").Optional(), field.Int("owner_id").Optional()}
}

func (Card) Edges() []ent.Edge {
	return []ent.Edge{edge.From("owner", User.Type).Ref("card").Unique().Field("owner_id")}
}

// Media of tweets.
type Media struct{ ent.Schema }

func (Media) Fields() []ent.Field {
	return []ent.Field{field.String("url").NotEmpty(), field.Bytes("blob").Optional().NotEmpty()}
}

func (Media) Edges() []ent.Edge {
	return []ent.Edge{edge.From("tweet", Tweet.Type).Ref("media").Unique()}
}
