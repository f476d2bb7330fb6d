package schema

import (
	"time"

	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

type User struct{ ent.Schema }

func (User) Fields() []ent.Field {
	return []ent.Field{
		field.String("handle").Unique().NotEmpty().MaxLen(30),
		field.Int("age").Optional(), field.String("name").Default("Unknown"),
		field.Int("followers_count").Default(0),
	}
}

func (User) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("friends", User.Type).Through("friendships", Friendship.Type),
		edge.To("following", User.Type).Through("follows_out", Follow.Type).From("followers"),
		edge.To("liked_tweets", Tweet.Type).Through("likes", Like.Type),
		edge.To("tweets", Tweet.Type).Through("user_tweets", UserTweet.Type),
		edge.To("groups", Group.Type).Through("memberships", Membership.Type),
		edge.To("blocked", User.Type).StorageKey(edge.Table("blocks"), edge.Columns("who", "whom")),
		edge.To("card", Card.Type).Unique(),
	}
}

type Friendship struct{ ent.Schema }

func (Friendship) Fields() []ent.Field {
	return []ent.Field{field.Int("weight").Default(1), field.Time("created_at").Default(time.Now), field.Int("user_id").Immutable(), field.Int("friend_id").Immutable()}
}

func (Friendship) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("user", User.Type).Required().Unique().Immutable().Field("user_id"),
		edge.To("friend", User.Type).Required().Unique().Immutable().Field("friend_id"),
	}
}

func (Friendship) Indexes() []ent.Index {
	return []ent.Index{index.Fields("created_at"), index.Fields("user_id", "friend_id").Unique()}
}

type Follow struct{ ent.Schema }

func (Follow) Annotations() []schema.Annotation {
	return []schema.Annotation{field.ID("user_id", "follower_id")}
}

func (Follow) Fields() []ent.Field {
	return []ent.Field{field.Int("user_id"), field.Int("follower_id"), field.Bool("muted").Default(false), field.Time("since").Default(time.Now).Immutable()}
}

func (Follow) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("follower", User.Type).Required().Unique().Field("follower_id"),
		edge.To("user", User.Type).Required().Unique().Field("user_id"),
	}
}

type Like struct{ ent.Schema }

func (Like) Annotations() []schema.Annotation {
	return []schema.Annotation{field.ID("user_id", "tweet_id"), entgql.Skip(entgql.SkipOrderField)}
}

func (Like) Fields() []ent.Field {
	return []ent.Field{field.Time("liked_at").Default(time.Now), field.Int("user_id"), field.Int("tweet_id")}
}

func (Like) Edges() []ent.Edge {
	return []ent.Edge{edge.To("user", User.Type).Unique().Required().Field("user_id"), edge.To("tweet", Tweet.Type).Unique().Required().Field("tweet_id")}
}

type Tweet struct{ ent.Schema }

func (Tweet) Fields() []ent.Field {
	return []ent.Field{field.Text("text").MaxLen(280), field.Int("likes_count").Optional(), field.String("cursor").Optional(), field.String("node").Optional()}
}

func (Tweet) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("liked_users", User.Type).Ref("liked_tweets").Through("likes", Like.Type),
		edge.From("user", User.Type).Ref("tweets").Through("tweet_user", UserTweet.Type).Comment("The uniqueness is enforced on the edge schema"),
		edge.To("tags", Hashtag.Type).Through("tweet_tags", TweetTag.Type),
		edge.To("media", Media.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.To("replies", Tweet.Type).From("in_reply_to").Unique(),
	}
}

type UserTweet struct{ ent.Schema }

func (UserTweet) Fields() []ent.Field {
	return []ent.Field{field.Time("created_at").Default(time.Now), field.Int("user_id"), field.Int("tweet_id")}
}

func (UserTweet) Edges() []ent.Edge {
	return []ent.Edge{edge.To("user", User.Type).Unique().Required().Field("user_id"), edge.To("tweet", Tweet.Type).Unique().Required().Field("tweet_id")}
}

func (UserTweet) Indexes() []ent.Index {
	return []ent.Index{index.Fields("tweet_id").Unique()}
}

type Hashtag struct{ ent.Schema }

func (Hashtag) Fields() []ent.Field { return []ent.Field{field.String("value").Unique()} }
func (Hashtag) Edges() []ent.Edge {
	return []ent.Edge{edge.From("tweets", Tweet.Type).Ref("tags").Through("tweet_tags", TweetTag.Type), edge.To("groups", Group.Type).Through("group_tags", GroupTag.Type)}
}

type Group struct{ ent.Schema }

func (Group) Fields() []ent.Field { return []ent.Field{field.String("name").Default("Unknown")} }
func (Group) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("users", User.Type).Ref("groups").Through("memberships", Membership.Type),
		edge.From("tags", Hashtag.Type).Ref("groups").Through("group_tags", GroupTag.Type),
	}
}

type GroupTag struct{ ent.Schema }

func (GroupTag) Fields() []ent.Field { return []ent.Field{field.Int("tag_id"), field.Int("group_id")} }
func (GroupTag) Edges() []ent.Edge {
	return []ent.Edge{edge.To("tag", Hashtag.Type).Unique().Required().Field("tag_id"), edge.To("group", Group.Type).Unique().Required().Field("group_id")}
}

type Membership struct{ ent.Schema }

func (Membership) Fields() []ent.Field {
	return []ent.Field{
		field.Time("joined_at").Default(time.Now), field.Enum("role").Values("MEMBER", "ADMIN").Default("MEMBER"),
		field.Int("user_id"), field.Int("group_id"), field.Int("inviter_id").Optional(),
	}
}

func (Membership) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("user", User.Type).Unique().Required().Field("user_id"),
		edge.To("group", Group.Type).Unique().Required().Field("group_id"),
		edge.To("inviter", User.Type).Unique().Field("inviter_id"),
	}
}

func (Membership) Indexes() []ent.Index {
	return []ent.Index{index.Fields("user_id", "group_id").Unique().StorageKey("one_membership")}
}
