// Package schema is the schemas of a test: every kind of id.
package schema

import (
	"crypto/rand"
	"time"

	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"

	"coppice/ent/schema/key"
)

// Plain has ent's own id.
type Plain struct{ ent.Schema }

// Fields of Plain.
func (Plain) Fields() []ent.Field { return []ent.Field{field.String("name")} }

// Edges of Plain.
func (Plain) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("wide", Wide.Type).Unique(), edge.To("chosen", Chosen.Type).Unique(), edge.To("words", Word.Type),
		edge.To("tokens", Token.Type), edge.To("marked", Marked.Type), edge.To("smalls", Small.Type), edge.To("stamped", Stamped.Type),
	}
}

// Wide has an int64 id that the database makes.
type Wide struct{ ent.Schema }

// Fields of Wide.
func (Wide) Fields() []ent.Field {
	return []ent.Field{field.Int64("id"), field.String("name").Optional()}
}

// Edges of Wide.
func (Wide) Edges() []ent.Edge { return []ent.Edge{edge.From("plains", Plain.Type).Ref("wide")} }

// Chosen has an id that its author gives.
type Chosen struct{ ent.Schema }

// Fields of Chosen.
func (Chosen) Fields() []ent.Field {
	return []ent.Field{field.Int("id").Positive().Immutable(), field.String("name").Optional()}
}

// Edges of Chosen.
func (Chosen) Edges() []ent.Edge {
	return []ent.Edge{edge.From("plains", Plain.Type).Ref("chosen"), edge.To("friends", Chosen.Type)}
}

// Word has a text for an id.
type Word struct{ ent.Schema }

// Fields of Word.
func (Word) Fields() []ent.Field {
	return []ent.Field{field.String("id").NotEmpty().MaxLen(30), field.String("name").Optional()}
}

// Edges of Word.
func (Word) Edges() []ent.Edge { return []ent.Edge{edge.From("plains", Plain.Type).Ref("words")} }

// Token has a UUID for an id.
type Token struct{ ent.Schema }

// Fields of Token.
func (Token) Fields() []ent.Field {
	return []ent.Field{field.UUID("id", uuid.UUID{}).Default(uuid.New), field.String("name").Optional()}
}

// Edges of Token.
func (Token) Edges() []ent.Edge {
	return []ent.Edge{edge.From("plains", Plain.Type).Ref("tokens"), edge.To("next", Token.Type).Unique().From("previous").Unique()}
}

// Marked has an id of a Go type of its own.
type Marked struct{ ent.Schema }

// Fields of Marked.
func (Marked) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").GoType(key.Key("")).DefaultFunc(func() key.Key { return key.Key("K" + rand.Text()) }).Unique(),
		field.String("name").Optional(),
	}
}

// Edges of Marked.
func (Marked) Edges() []ent.Edge { return []ent.Edge{edge.From("plains", Plain.Type).Ref("marked")} }

// Small has a small unsigned id, kept in a column of another name.
type Small struct{ ent.Schema }

// Fields of Small.
func (Small) Fields() []ent.Field {
	return []ent.Field{field.Uint32("id").StorageKey("small_id"), field.String("name").Optional()}
}

// Edges of Small.
func (Small) Edges() []ent.Edge {
	return []ent.Edge{edge.From("plains", Plain.Type).Ref("smalls"), edge.To("tokens", Token.Type)}
}

// Stamped makes its own ids of a number type.
type Stamped struct{ ent.Schema }

// Fields of Stamped.
func (Stamped) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("id").GoType(key.Stamp(0)).DefaultFunc(func() key.Stamp { return key.Stamp(time.Now().UnixNano()) }),
		field.String("name").Optional(),
	}
}

// Port and Ship need each other in a circle, and their authors choose their ids.
type Port struct{ ent.Schema }

// Fields of Port.
func (Port) Fields() []ent.Field {
	return []ent.Field{field.String("id").NotEmpty(), field.String("name").Default("none")}
}

// Edges of Port.
func (Port) Edges() []ent.Edge {
	return []ent.Edge{edge.To("flagship", Ship.Type).Unique(), edge.To("ships", Ship.Type)}
}

// Ship has a home.
type Ship struct{ ent.Schema }

// Fields of Ship.
func (Ship) Fields() []ent.Field {
	return []ent.Field{field.UUID("id", uuid.UUID{}).Default(uuid.New), field.Int("decks").Default(1), field.String("name").Optional()}
}

// Edges of Ship.
func (Ship) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("home", Port.Type).Ref("ships").Unique().Required(), edge.To("sister", Ship.Type).Unique(),
		edge.To("crew", Sailor.Type),
	}
}

// Sailor has a UUID, and may be of a ship and lead another one.
type Sailor struct{ ent.Schema }

// Fields of Sailor.
func (Sailor) Fields() []ent.Field {
	return []ent.Field{field.UUID("id", uuid.UUID{}).Default(uuid.New), field.Time("at").Default(time.Now).UpdateDefault(time.Now)}
}

// Edges of Sailor.
func (Sailor) Edges() []ent.Edge {
	return []ent.Edge{edge.From("ship", Ship.Type).Ref("crew").Unique(), edge.To("leads", Ship.Type).Unique(), edge.To("mates", Sailor.Type)}
}
