// Package schema is the schemas of a test: every kind of edge.
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

// Person is at one end of most edges.
type Person struct{ ent.Schema }

// Fields of Person.
func (Person) Fields() []ent.Field {
	return []ent.Field{field.String("name").Unique(), field.Int("home_id").Optional()}
}

// Edges of Person.
func (Person) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("passport", Passport.Type).Unique(),
		edge.To("spouse", Person.Type).Unique(),
		edge.To("friends", Person.Type),
		edge.To("following", Person.Type).From("followers"),
		edge.To("children", Person.Type).From("parent").Unique(),
		edge.To("next", Person.Type).Unique().From("previous").Unique(),
		edge.To("home", City.Type).Unique().Field("home_id"),
		edge.To("birthplace", City.Type).Unique().Required().Immutable(),
		edge.To("visited", City.Type).StorageKey(edge.Table("visits"), edge.Columns("visitor", "place")),
		edge.To("clubs", Club.Type).Through("memberships", Membership.Type),
		edge.To("liked", City.Type).Through("likes", Like.Type),
		edge.To("teams", Team.Type).Through("seats", Seat.Type),
		edge.To("rivals", Person.Type).Through("rivalries", Rivalry.Type),
		edge.To("pets", Pet.Type).Annotations(entsql.OnDelete(entsql.Cascade)).Comment("What they keep."),
		edge.To("lent", Pet.Type).StorageKey(edge.Column("lender")),
	}
}

// Passport belongs to one person.
type Passport struct{ ent.Schema }

// Fields of Passport.
func (Passport) Fields() []ent.Field { return []ent.Field{field.String("number").Unique()} }

// Edges of Passport.
func (Passport) Edges() []ent.Edge {
	return []ent.Edge{edge.From("owner", Person.Type).Ref("passport").Unique().Required()}
}

// City is led to by several edges.
type City struct{ ent.Schema }

// Fields of City.
func (City) Fields() []ent.Field { return []ent.Field{field.String("name")} }

// Edges of City.
func (City) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("inhabitants", Person.Type).Ref("home"),
		edge.From("natives", Person.Type).Ref("birthplace").Immutable(),
		edge.From("visitors", Person.Type).Ref("visited"),
		edge.From("fans", Person.Type).Ref("liked").Through("likes", Like.Type),
		edge.To("twins", City.Type),
	}
}

// Club has members through an edge schema with an id of its own.
type Club struct{ ent.Schema }

// Fields of Club.
func (Club) Fields() []ent.Field { return []ent.Field{field.String("name").Unique()} }

// Edges of Club.
func (Club) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("members", Person.Type).Ref("clubs").Through("memberships", Membership.Type),
		edge.To("mascot", Pet.Type).Unique(),
	}
}

// Membership is an edge schema.
type Membership struct{ ent.Schema }

// Fields of Membership.
func (Membership) Fields() []ent.Field {
	return []ent.Field{
		field.Time("since").Default(time.Now), field.String("role").Default("member"),
		field.Int("person_id"), field.Int("club_id"),
	}
}

// Edges of Membership.
func (Membership) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("person", Person.Type).Unique().Required().Field("person_id"),
		edge.To("club", Club.Type).Unique().Required().Field("club_id"),
	}
}

// Indexes of Membership.
func (Membership) Indexes() []ent.Index { return []ent.Index{index.Fields("role")} }

// Like is an edge schema whose id is composed of its ends.
type Like struct{ ent.Schema }

// Annotations of Like.
func (Like) Annotations() []schema.Annotation {
	return []schema.Annotation{field.ID("person_id", "city_id")}
}

// Fields of Like.
func (Like) Fields() []ent.Field {
	return []ent.Field{
		field.Time("liked_at").Default(time.Now), field.Int("stars").Default(3), field.Int("person_id"), field.Int("city_id"),
	}
}

// Edges of Like.
func (Like) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("person", Person.Type).Unique().Required().Field("person_id"),
		edge.To("city", City.Type).Unique().Required().Field("city_id"),
	}
}

// Pet has two owners, one of whom it cannot do without.
type Pet struct{ ent.Schema }

// Fields of Pet.
func (Pet) Fields() []ent.Field {
	return []ent.Field{field.String("name"), field.Int("lender_no").Optional().Nillable()}
}

// Edges of Pet.
func (Pet) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("owner", Person.Type).Ref("pets").Unique().Required(),
		edge.To("toys", Toy.Type),
		edge.To("vet", Person.Type).Unique().Field("lender_no"),
	}
}

// Toy cannot do without several pets' attention.
type Toy struct{ ent.Schema }

// Fields of Toy.
func (Toy) Fields() []ent.Field { return []ent.Field{field.String("name")} }

// Edges of Toy.
func (Toy) Edges() []ent.Edge {
	return []ent.Edge{edge.From("pets", Pet.Type).Ref("toys").Required(), edge.To("maker", Club.Type).Unique()}
}

// Team has members whose seats say more.
type Team struct{ ent.Schema }

// Fields of Team.
func (Team) Fields() []ent.Field { return []ent.Field{field.String("name").Unique()} }

// Edges of Team.
func (Team) Edges() []ent.Edge {
	return []ent.Edge{edge.From("people", Person.Type).Ref("teams").Through("seats", Seat.Type)}
}

// Seat is an edge schema that cannot be without values of its own.
type Seat struct{ ent.Schema }

// Annotations of Seat.
func (Seat) Annotations() []schema.Annotation {
	return []schema.Annotation{field.ID("person_id", "team_id")}
}

// Fields of Seat.
func (Seat) Fields() []ent.Field {
	return []ent.Field{
		field.Int("person_id"), field.Int("team_id"), field.Enum("role").Values("LEAD", "MEMBER").Comment("What they do there."),
		field.Int("rank").Min(1).Optional(), field.Time("since").Immutable().Default(time.Now), field.Strings("tags").Optional(),
		field.JSON("box", map[string]int{}).Default(map[string]int{"w": 1}), field.String("secret").Sensitive().Default("s"),
		field.Int("level").Default(1).Annotations(entsql.Default("1")), field.Bool("paid").Optional().Nillable().Default(true),
	}
}

// Edges of Seat.
func (Seat) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("person", Person.Type).Unique().Required().Field("person_id"),
		edge.To("team", Team.Type).Unique().Required().Field("team_id"),
	}
}

// Rivalry goes both ways.
type Rivalry struct{ ent.Schema }

// Annotations of Rivalry.
func (Rivalry) Annotations() []schema.Annotation {
	return []schema.Annotation{field.ID("person_id", "rival_id")}
}

// Fields of Rivalry.
func (Rivalry) Fields() []ent.Field {
	return []ent.Field{field.Int("person_id"), field.Int("rival_id"), field.Int("heat").Default(5)}
}

// Edges of Rivalry.
func (Rivalry) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("person", Person.Type).Unique().Required().Field("person_id"),
		edge.To("rival", Person.Type).Unique().Required().Field("rival_id"),
	}
}
