package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
)

// Shelf has a sign, or none.
type Shelf struct{ ent.Schema }

// Edges of Shelf.
func (Shelf) Edges() []ent.Edge { return []ent.Edge{edge.To("sign", Sign.Type).Unique()} }

// Sign has nothing but the shelf that it may hang on.
type Sign struct{ ent.Schema }

// Edges of Sign.
func (Sign) Edges() []ent.Edge {
	return []ent.Edge{edge.From("shelf", Shelf.Type).Ref("sign").Unique()}
}
