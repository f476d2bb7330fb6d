// Package schema is the schemas of a test: names and indexes that meet others
// of the project's own making.
package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Maker has a field that is unique twice over, and fields with the names that
// the API derives from its edges.
type Maker struct{ ent.Schema }

// Fields of Maker.
func (Maker) Fields() []ent.Field {
	return []ent.Field{
		field.String("uri").Unique(), field.String("code"), field.String("region"),
		field.Int("events_count").Default(0),
		field.Time("opened_at").Optional(), field.Int("opened_at_day").Default(1), field.String("house_name").Default("none"),
		field.String("label").Optional(), field.String("table").Optional(), field.Int("field_id").Optional(), field.String("hooks").Optional(),
		field.String("policy").Optional(), field.String("order_option").Optional(),
	}
}

// Edges of Maker.
func (Maker) Edges() []ent.Edge {
	return []ent.Edge{edge.To("events", Event.Type), edge.To("house", House.Type).Unique(), edge.To("friends", Maker.Type)}
}

// Indexes of Maker.
func (Maker) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("uri").Unique(), index.Fields("code", "region").Unique(), index.Fields("region", "code").Unique(),
		// The names that an index of ours would have.
		index.Fields("code").StorageKey("maker_maker_house"), index.Fields("region").StorageKey("Maker_Friends_friend_id"),
	}
}

// House keeps its makers: none of them can be left without it.
type House struct{ ent.Schema }

// Fields of House.
func (House) Fields() []ent.Field { return []ent.Field{field.String("name").Unique()} }

// Edges of House.
func (House) Edges() []ent.Edge {
	return []ent.Edge{edge.To("rooms", Room.Type).Annotations(entsql.OnDelete(entsql.Restrict))}
}

// Room belongs to a house.
type Room struct{ ent.Schema }

// Fields of Room.
func (Room) Fields() []ent.Field { return []ent.Field{field.Int("number").Unique()} }

// Edges of Room.
func (Room) Edges() []ent.Edge {
	return []ent.Edge{edge.From("house", House.Type).Ref("rooms").Unique().Required()}
}

// Event has foreign keys that are fields, with indexes of their own.
type Event struct{ ent.Schema }

// Fields of Event.
func (Event) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").Unique(), field.Int("maker_id").Optional(), field.Int("room_id").Optional().Nillable(),
		field.Int("parent_id").Optional(), field.Bool("gone").Default(false),
	}
}

// Edges of Event.
func (Event) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("maker", Maker.Type).Ref("events").Field("maker_id").Unique(), edge.To("room", Room.Type).Field("room_id").Unique(),
		edge.To("children", Event.Type).From("parent").Field("parent_id").Unique(),
	}
}

// Indexes of Event.
func (Event) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("maker_id"), index.Fields("room_id").Annotations(entsql.IndexWhere("NOT gone")),
		index.Fields("name", "gone").StorageKey("event_parent_id"), index.Edges("maker").Fields("name"),
	}
}

// OAuth2Client starts with a letter that is a word of its own.
type OAuth2Client struct{ ent.Schema }

// Fields of OAuth2Client.
func (OAuth2Client) Fields() []ent.Field { return []ent.Field{field.String("client_id").Unique()} }

// URL is an initialism.
type URL struct{ ent.Schema }

// Fields of URL.
func (URL) Fields() []ent.Field { return []ent.Field{field.String("path").Unique()} }

// Keys is a plural already.
type Keys struct{ ent.Schema }

// Fields of Keys.
func (Keys) Fields() []ent.Field { return []ent.Field{field.String("name").Unique()} }

// Series is its own plural, and says what its list is called.
type Series struct{ ent.Schema }

// Annotations of Series.
func (Series) Annotations() []schema.Annotation {
	return []schema.Annotation{entgql.QueryField("seriesSlice")}
}

// Fields of Series.
func (Series) Fields() []ent.Field { return []ent.Field{field.String("name").Unique()} }

// Slot has unique indexes of kinds that are no key of the API, and one that an
// edge begins.
type Slot struct{ ent.Schema }

// Fields of Slot.
func (Slot) Fields() []ent.Field {
	return []ent.Field{
		field.Int("house_no"), field.Int("number").Default(0), field.Bytes("digest").Optional().Unique(), field.String("label").Optional(),
		field.Bool("gone").Default(false), field.Bytes("left").Optional(), field.Bytes("right").Optional(), field.String("hush").Sensitive().Optional(),
		field.JSON("box", map[string]int{}).Optional(),
	}
}

// Edges of Slot.
func (Slot) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("house", House.Type).Field("house_no").Unique().Required(), edge.To("maker", Maker.Type).Unique(), edge.To("event", Event.Type).Unique(),
	}
}

// Indexes of Slot.
func (Slot) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("house_no", "number").Unique(), index.Edges("maker").Fields("label").Unique(),
		index.Fields("label").Edges("house").Unique().Annotations(entsql.IndexWhere("NOT gone")),
		index.Fields("left", "right").Unique(), index.Fields("hush").Edges("event").Unique(),
	}
}
