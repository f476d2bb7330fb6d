// Package schema is the schemas of a test: what a write must not break.
package schema

import (
	"time"

	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Account has fields that the database minds.
type Account struct{ ent.Schema }

// Annotations of Account.
func (Account) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Checks(map[string]string{"level_allowed": "level <> 13"})}
}

// Fields of Account.
func (Account) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").Unique(),
		field.String("nick").Optional().Nillable().Annotations(entsql.Default("x")),
		field.Float32("weight").Optional(),
		field.Float("ratio").Optional(),
		field.Int("level").Default(0),
	}
}

// Edges of Account.
func (Account) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("spouse", Account.Type).Unique(),
		edge.To("friends", Account.Type).Through("friendships", Friendship.Type),
		edge.To("peers", Account.Type).Through("peerings", Peering.Type),
		edge.To("plain", Account.Type),
		edge.To("invoices", Invoice.Type),
		edge.To("tweets", Tweet.Type).Through("account_tweets", AccountTweet.Type),
	}
}

// Friendship is an edge schema with an id of its own.
type Friendship struct{ ent.Schema }

// Fields of Friendship.
func (Friendship) Fields() []ent.Field {
	return []ent.Field{field.Time("since").Default(time.Now), field.Int("account_id"), field.Int("friend_id")}
}

// Edges of Friendship.
func (Friendship) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("account", Account.Type).Unique().Required().Field("account_id"),
		edge.To("friend", Account.Type).Unique().Required().Field("friend_id"),
	}
}

// Indexes of Friendship.
func (Friendship) Indexes() []ent.Index {
	return []ent.Index{index.Fields("account_id", "friend_id").Unique()}
}

// Peering is an edge schema whose id is composed of its ends.
type Peering struct{ ent.Schema }

// Annotations of Peering.
func (Peering) Annotations() []schema.Annotation {
	return []schema.Annotation{field.ID("account_id", "peer_id")}
}

// Fields of Peering.
func (Peering) Fields() []ent.Field {
	return []ent.Field{field.Int("account_id"), field.Int("peer_id"), field.Int("stars").Default(3)}
}

// Edges of Peering.
func (Peering) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("account", Account.Type).Unique().Required().Field("account_id"),
		edge.To("peer", Account.Type).Unique().Required().Field("peer_id"),
	}
}

// Invoice stays with its account.
type Invoice struct{ ent.Schema }

// Fields of Invoice.
func (Invoice) Fields() []ent.Field { return []ent.Field{field.String("number").Unique()} }

// Edges of Invoice.
func (Invoice) Edges() []ent.Edge {
	return []ent.Edge{edge.From("account", Account.Type).Ref("invoices").Unique().Required().Immutable()}
}

// Tweet belongs to one account, through an edge schema.
type Tweet struct{ ent.Schema }

// Fields of Tweet.
func (Tweet) Fields() []ent.Field { return []ent.Field{field.String("text")} }

// Edges of Tweet.
func (Tweet) Edges() []ent.Edge {
	return []ent.Edge{edge.From("account", Account.Type).Ref("tweets").Through("tweet_accounts", AccountTweet.Type)}
}

// AccountTweet is an edge schema that a tweet has once.
type AccountTweet struct{ ent.Schema }

// Fields of AccountTweet.
func (AccountTweet) Fields() []ent.Field {
	return []ent.Field{field.Time("at").Default(time.Now), field.Int("account_id"), field.Int("tweet_id")}
}

// Edges of AccountTweet.
func (AccountTweet) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("account", Account.Type).Unique().Required().Field("account_id"),
		edge.To("tweet", Tweet.Type).Unique().Required().Field("tweet_id"),
	}
}

// Indexes of AccountTweet.
func (AccountTweet) Indexes() []ent.Index { return []ent.Index{index.Fields("tweet_id").Unique()} }

// Shelf stays for as long as it holds a volume.
type Shelf struct{ ent.Schema }

// Fields of Shelf.
func (Shelf) Fields() []ent.Field { return []ent.Field{field.String("name").Unique()} }

// Edges of Shelf.
func (Shelf) Edges() []ent.Edge {
	return []ent.Edge{edge.To("volumes", Volume.Type).Annotations(entsql.OnDelete(entsql.Restrict))}
}

// Volume stands on a shelf.
type Volume struct{ ent.Schema }

// Fields of Volume.
func (Volume) Fields() []ent.Field { return []ent.Field{field.String("title").Unique()} }

// Edges of Volume.
func (Volume) Edges() []ent.Edge {
	return []ent.Edge{edge.From("shelf", Shelf.Type).Ref("volumes").Unique()}
}
