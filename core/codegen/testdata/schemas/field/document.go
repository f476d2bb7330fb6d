// Package schema is the schemas of a test: every kind of field.
package schema

import (
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"time"

	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"

	"coppice/ent/schema/custom"
)

// Strict has a value that nobody can make up, and Needy needs one of it.
type Strict struct{ ent.Schema }

// Fields of Strict.
func (Strict) Fields() []ent.Field { return []ent.Field{field.JSON("even", custom.Even{})} }

// Needy needs a Strict.
type Needy struct{ ent.Schema }

// Edges of Needy.
func (Needy) Edges() []ent.Edge {
	return []ent.Edge{edge.To("strict", Strict.Type).Unique().Required()}
}

// Document has a field of each kind of JSON.
type Document struct{ ent.Schema }

// Fields of Document.
func (Document) Fields() []ent.Field {
	return []ent.Field{
		field.Strings("tags").Optional(),
		field.Strings("words").Default([]string{"a"}),
		field.Ints("scores").Optional(),
		field.Floats("weights").Optional(),
		field.Any("anything").Optional(),
		field.JSON("address", custom.Address{}),
		field.JSON("former", []custom.Address{}).Optional(),
		field.JSON("next", &custom.Address{}).Optional(),
		field.JSON("settings", map[string]any{}).Optional(),
		field.JSON("counts", map[string]int{}).Optional(),
		field.JSON("raw", json.RawMessage{}).Optional(),
		field.JSON("number", int(0)).Optional(),
		field.JSON("word", "").Optional(),
		field.JSON("yes", false).Optional(),
		field.JSON("site", &url.URL{}).Optional(),
		field.JSON("labels", []custom.Label{}).Optional(),
		field.JSON("longs", []int64{}).Optional(),
		field.JSON("truths", []bool{}).Optional(),
		field.JSON("mixed", []any{}).Optional(),
		field.JSON("table", [][]int{}).Optional(),
		field.JSON("moments", []time.Time{}).Optional(),
		field.JSON("tokens", []uuid.UUID{}).Default([]uuid.UUID{}),
		field.JSON("folders", []http.Dir{}).Optional(),
		field.JSON("others", []*custom.Address{}).Optional(),
		field.JSON("blob", []byte{}).Optional(),
		field.JSON("ip", net.IP{}).Optional(),
		field.JSON("even", custom.Even{}).Optional(),
		field.JSON("evens", []custom.Even{}).Optional(),
		field.JSON("best", &custom.Even{}).Default(&custom.Even{N: 3}),
	}
}
