// Package schema is the schemas of a test: names that are hard to use.
package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
)

// Person has an irregular plural and names with initialisms.
type Person struct{ ent.Schema }

// Fields of Person.
func (Person) Fields() []ent.Field {
	return []ent.Field{
		field.String("url").Optional(), field.String("apiID").Unique(), field.String("http_url").Optional(), field.String("userUUID").Optional(),
		field.Int("x").Default(0), field.Int("x1_y2").Default(1), field.String("HTTPCode").Optional(), field.String("CamelCase").Optional(),
	}
}

// Edges of Person.
func (Person) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("children", Person.Type).From("parent").Unique(), edge.To("orders", Order.Type),
		edge.To("series", Series.Type), edge.To("apiKeys", Key.Type),
	}
}

// Category has a plural in -ies.
type Category struct{ ent.Schema }

// Fields of Category.
func (Category) Fields() []ent.Field { return []ent.Field{field.String("name").Unique()} }

// Series is its own plural.
type Series struct{ ent.Schema }

// Fields of Series.
func (Series) Fields() []ent.Field { return []ent.Field{field.String("name").Unique()} }

// Edges of Series.
func (Series) Edges() []ent.Edge { return []ent.Edge{edge.From("people", Person.Type).Ref("series")} }

// Order is also what orders lists.
type Order struct{ ent.Schema }

// Fields of Order. They have names that Go, GraphQL, SQL or the API use.
func (Order) Fields() []ent.Field {
	return []ent.Field{
		field.String("type"), field.String("query").Optional(), field.String("mutation").Optional(), field.String("node").Optional(),
		field.String("after").Optional(), field.String("before").Optional(), field.Int("first").Optional(), field.Int("last").Optional(),
		field.String("where").Optional(), field.Int("count").Optional(), field.String("key").Optional(), field.String("func").Optional(),
		field.String("range").Optional(), field.String("select").Optional(), field.String("group").Optional(), field.String("table").Optional(),
		field.String("input").Optional(), field.String("by").Optional(), field.String("true").Optional(), field.String("interface").Optional(),
		field.Int("sum").Optional(), field.Int("max").Optional(), field.String("order").Optional(), field.String("default").Optional(),
		field.String("create").Optional(), field.String("total_count").Optional(), field.String("page_info").Optional(), field.String("cursor").Optional(),
		field.String("ctx").Optional(), field.String("err").Optional(),
		field.String("from").Optional(), field.String("values").Optional(), field.String("index").Optional(), field.String("_parent").Optional(),
		field.String("typename").Optional(), field.String("direction").Optional(), field.String("limit").Optional(), field.String("offset").Optional(),
	}
}

// Edges of Order.
func (Order) Edges() []ent.Edge {
	return []ent.Edge{edge.From("owner", Person.Type).Ref("orders").Unique(), edge.To("groups", Group.Type)}
}

// Group is also what groups aggregates.
type Group struct{ ent.Schema }

// Fields of Group.
func (Group) Fields() []ent.Field { return []ent.Field{field.String("name").Unique()} }

// Edges of Group.
func (Group) Edges() []ent.Edge { return []ent.Edge{edge.From("orders", Order.Type).Ref("groups")} }

// Key is also what an upsert goes by.
type Key struct{ ent.Schema }

// Fields of Key.
func (Key) Fields() []ent.Field {
	return []ent.Field{field.String("key").Unique(), field.Int("id_number").Unique()}
}

// Connection is also what pages are made of.
type Connection struct{ ent.Schema }

// Fields of Connection.
func (Connection) Fields() []ent.Field { return []ent.Field{field.String("host").Optional()} }

// Edges of Connection.
func (Connection) Edges() []ent.Edge { return []ent.Edge{edge.To("peer", Connection.Type).Unique()} }

// HTTPRequest starts with an initialism.
type HTTPRequest struct{ ent.Schema }

// Fields of HTTPRequest.
func (HTTPRequest) Fields() []ent.Field { return []ent.Field{field.String("URI").Optional()} }

// Edges of HTTPRequest.
func (HTTPRequest) Edges() []ent.Edge { return []ent.Edge{edge.To("replies", HTTPReply.Type)} }

// HTTPReply does too.
type HTTPReply struct{ ent.Schema }

// Fields of HTTPReply.
func (HTTPReply) Fields() []ent.Field { return []ent.Field{field.Int("status").Default(200)} }
