// Package evolve has the words by which a schema says what it was called before, so
// that renaming loses nothing: neither what a database holds nor, for as long as a
// project likes, what the clients of its API say.
//
//	func (Account) Annotations() []schema.Annotation {
//		return []schema.Annotation{evolve.RenamedFrom("User"), evolve.KeepAs("User")}
//	}
//	field.String("title").Annotations(evolve.RenamedFrom("headline"), evolve.KeepAs("headline"))
//	edge.To("posts", Post.Type).Annotations(evolve.RenamedFrom("articles"))
//	field.Enum("status").Values("open", "closed").Annotations(evolve.RenamedValue("new", "open"), evolve.KeepValue("new", "open"))
//
// RenamedFrom and RenamedValue are for databases: they may go when each has been
// opened since. KeepAs and KeepValue are for clients: they may go when none says the
// old name any more. Neither needs the other.
package evolve

import (
	"slices"

	"entgo.io/ent/schema"
)

// Value is a value of an enum field that was called something else.
type Value struct {
	From string `json:"from"` // as it was stored
	To   string `json:"to"`   // as it is stored now
}

// Annotation is what a schema says of the names that something had. Several of one
// entity, field or edge are one.
type Annotation struct {
	From       []string `json:"from,omitempty"`        // names before this one, the oldest first
	Keep       []string `json:"keep,omitempty"`        // names that the API has still
	Values     []Value  `json:"values,omitempty"`      // values that rows had, the oldest first
	KeepValues []Value  `json:"keep_values,omitempty"` // values that the API takes still
}

// AnnotationName is the name that ent keeps an Annotation under.
const AnnotationName = "CoppiceEvolve"

// Name implements schema.Annotation.
func (Annotation) Name() string { return AnnotationName }

// Merge implements schema.Merger.
func (a Annotation) Merge(other schema.Annotation) schema.Annotation {
	var b Annotation
	switch other := other.(type) {
	case Annotation:
		b = other
	case *Annotation:
		if other != nil {
			b = *other
		}
	}
	a.From = slices.Concat(a.From, b.From)
	a.Keep = slices.Concat(a.Keep, b.Keep)
	a.Values = slices.Concat(a.Values, b.Values)
	a.KeepValues = slices.Concat(a.KeepValues, b.KeepValues)
	return a
}

// RenamedFrom says what an entity, a field or an edge was called in its schema before:
// the entity by the name of its Go type (User, not users), a field or edge by its first
// argument. Where something was renamed more than once, each name is given, the oldest
// first; a database may have been left at any of them. Tables, columns and all that is
// named after them follow, with every row, value and id; what has a name of its own on
// disk, by StorageKey or entsql.Annotation, keeps it.
func RenamedFrom(names ...string) Annotation { return Annotation{From: names} }

// KeepAs says by which older names the API knows an entity, a field or an edge still,
// deprecated, with the same data: a field's or edge's wherever the API derives
// something from its name, in types, inputs, filters, orders, groups, keys and seed
// files; an entity's in the fields of Query and Mutation, and in the ids that were given
// out under it. Names of types (PostWhereInput) have no second name in GraphQL: an
// operation that declares variables of them, or a fragment on them, has to say the new
// one, and so does what reads __typename. While a required field is kept so, its create
// input is nullable in the API, since either name will do; one of them is required all
// the same. Who gives both is refused.
func KeepAs(names ...string) Annotation { return Annotation{Keep: names} }

// RenamedValue says, among the annotations of an enum field, that a value was stored
// under another name before: rows that have it follow.
func RenamedValue(from, to string) Annotation { return Annotation{Values: []Value{{from, to}}} }

// KeepValue says, among the annotations of an enum field, that the API takes an older
// value still, deprecated, for the one that it is now. It never gives it out.
func KeepValue(from, to string) Annotation { return Annotation{KeepValues: []Value{{from, to}}} }
