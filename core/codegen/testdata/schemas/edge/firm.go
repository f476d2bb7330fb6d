package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
)

// Gadget cannot do without its box, though the box has the foreign key.
type Gadget struct{ ent.Schema }

// Fields of Gadget.
func (Gadget) Fields() []ent.Field { return []ent.Field{field.String("name")} }

// Edges of Gadget.
func (Gadget) Edges() []ent.Edge {
	return []ent.Edge{edge.To("box", Box.Type).Unique().Required(), edge.To("parts", Part.Type).Required()}
}

// Box may be empty.
type Box struct{ ent.Schema }

// Fields of Box.
func (Box) Fields() []ent.Field {
	return []ent.Field{field.Int("row"), field.String("label").Unique()}
}

// Edges of Box.
func (Box) Edges() []ent.Edge {
	return []ent.Edge{edge.From("gadget", Gadget.Type).Ref("box").Unique()}
}

// Part may be a spare, of which no gadget is told.
type Part struct{ ent.Schema }

// Fields of Part.
func (Part) Fields() []ent.Field { return []ent.Field{field.String("code")} }
