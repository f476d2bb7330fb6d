package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"
)

// Menu is in another one, or in none: then its foreign key has a default that
// names no menu.
type Menu struct{ ent.Schema }

// Fields of Menu.
func (Menu) Fields() []ent.Field {
	return []ent.Field{
		field.String("title"), field.Int("parent_id").Optional().Default(0), field.UUID("look_id", uuid.UUID{}).Optional().Nillable().Default(uuid.New),
		field.Int("rank").Optional().Default(7), field.Int("next_no").Optional().Annotations(entsql.Default("0")),
	}
}

// Edges of Menu.
func (Menu) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("children", Menu.Type).From("parent").Field("parent_id").Unique(), edge.To("look", Look.Type).Field("look_id").Unique(),
		edge.To("previous", Menu.Type).From("next").Field("next_no").Unique(),
	}
}

// Look is of several menus.
type Look struct{ ent.Schema }

// Fields of Look.
func (Look) Fields() []ent.Field {
	return []ent.Field{field.UUID("id", uuid.UUID{}).Default(uuid.New), field.String("name").Unique()}
}

// Edges of Look.
func (Look) Edges() []ent.Edge {
	return []ent.Edge{edge.From("menus", Menu.Type).Ref("look"), edge.To("best", Menu.Type).Unique()}
}
