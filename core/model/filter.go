package model

import "strings"

// Op is a comparison that a where input can make on a field.
type Op uint8

// The comparisons, under the names that entgql gives them.
const (
	EQ Op = iota
	NEQ
	In
	NotIn
	GT
	GTE
	LT
	LTE
	Contains
	HasPrefix
	HasSuffix
	IsNil
	NotNil
	EqualFold
	ContainsFold
)

// Suffix is what the where input adds to the field's name for the comparison.
func (o Op) Suffix() string {
	return [...]string{"", "NEQ", "In", "NotIn", "GT", "GTE", "LT", "LTE", "Contains", "HasPrefix", "HasSuffix",
		"IsNil", "NotNil", "EqualFold", "ContainsFold"}[o]
}

// Niladic reports whether the comparison takes no value, but true or false.
func (o Op) Niladic() bool { return o == IsNil || o == NotNil }

// List reports whether the comparison takes a list of values.
func (o Op) List() bool { return o == In || o == NotIn }

// Ops lists the comparisons on the field, in the order in which they are
// shown.
func (f *Field) Ops() []Op {
	var ops []Op
	switch {
	case !f.Kind.Comparable():
	case f.Kind == Bool:
		ops = append(ops, EQ, NEQ)
	case f.Kind == Enum:
		ops = append(ops, EQ, NEQ, In, NotIn)
	default:
		ops = append(ops, EQ, NEQ, In, NotIn, GT, GTE, LT, LTE)
	}
	text := f.Kind == String && f.Type != "ID"
	if text {
		ops = append(ops, Contains, HasPrefix, HasSuffix)
	}
	if f.Nullable {
		ops = append(ops, IsNil, NotNil)
	}
	if text {
		ops = append(ops, EqualFold, ContainsFold)
	}
	return ops
}

func prefixed(prefix, name string) string {
	return prefix + strings.ToUpper(name[:1]) + name[1:]
}

// Prefixed is the field's name behind a verb: appendLinks.
func (f *Field) Prefixed(verb string) string { return prefixed(verb, f.GraphQL) }

// Prefixed is the edge's name behind a verb: addTags.
func (e *Edge) Prefixed(verb string) string { return prefixed(verb, e.GraphQL) }

// List is what the types of the edge's pages, and of the references that it is
// written by, are named after: PersonLiked where it has fields of its own, else
// the entity that it leads to.
func (e *Edge) List() string {
	if e.Now != nil {
		return e.Now.List()
	}
	if len(e.Fields) == 0 {
		return e.To
	}
	return e.Prefixed(e.Source.Name)
}

// Field returns the edge's own field of a GraphQL name, or nil.
func (e *Edge) Field(name string) *Field {
	for _, f := range e.Fields {
		if f.GraphQL == name {
			return f
		}
	}
	return nil
}

// Has is the name of the condition that the edge leads somewhere: hasTags.
func (e *Edge) Has() string { return e.Prefixed("has") }

// Order is one field of an entity's order enum: a field of its own, the count
// of a to-many edge, or a field of what a to-one edge leads to.
type Order struct {
	Name  string
	Field *Field // nil for a count
	Edge  *Edge  // nil for a field of the entity's own
}

// Orders lists what the entity's records can be ordered by. Where a field of
// its own has the name of an order by an edge, EVENTS_COUNT say, the edge's is
// EVENTS_EDGE_COUNT.
func (e *Entity) Orders() []Order {
	var os []Order
	own := map[string]bool{}
	for _, f := range append([]*Field{e.ID}, e.ShownFields()...) {
		if f.ordered() {
			os = append(os, Order{Name: f.OrderName(), Field: f})
			own[f.OrderName()] = true
		}
	}
	name := func(ed *Edge, of string) string {
		if short := UpperSnake(ed.Name) + "_" + of; !own[short] {
			return short
		}
		return UpperSnake(ed.Name) + "_EDGE_" + of
	}
	for _, ed := range e.ShownEdges() {
		if ed.Skip.Has(SkipOrder) || ed.Target.Skip.Has(SkipType) {
			continue
		}
		if !ed.Unique {
			os = append(os, Order{Name: name(ed, "COUNT"), Edge: ed})
			continue
		}
		for _, f := range append([]*Field{ed.Target.ID}, ed.Target.ShownFields()...) {
			if f.ordered() {
				os = append(os, Order{Name: name(ed, f.OrderName()), Field: f, Edge: ed})
			}
		}
	}
	return os
}

// Reason says why an order is deprecated, or "".
func (o Order) Reason() string { return reason(o.Field, o.Edge) }

// Reason says why a condition is deprecated, or "".
func (c Condition) Reason() string { return reason(c.Field, c.Edge) }

// reason is that of an older name of a field or an edge.
func reason(f *Field, ed *Edge) string {
	switch {
	case ed != nil && ed.Now != nil:
		return ed.Reason
	case f != nil && f.Now != nil:
		return f.Reason
	default:
		return ""
	}
}

// current is the order by the names of today, which an older name stands for.
func (o Order) current(e *Entity) Order {
	if o.Reason() == "" {
		return o
	}
	f, ed := o.Field.Current(), o.Edge.Current()
	for _, other := range e.Orders() {
		if other.Field == f && other.Edge == ed {
			return other
		}
	}
	return Order{Name: o.Name, Field: f, Edge: ed}
}

func (f *Field) ordered() bool {
	// One that has a name of its own in orders kept that when it was renamed.
	return f.Kind.Comparable() && !f.Sensitive && !f.Skip.Has(SkipOrder) && (f.Now == nil || f.Order == "")
}

// OrderName is the field's name in an order enum: CREATED_AT.
func (f *Field) OrderName() string {
	if f.Order != "" {
		return f.Order
	}
	return UpperSnake(f.Name)
}

// UpperSnake is an ent name as an enum value.
func UpperSnake(name string) string {
	var b strings.Builder
	lower := false
	for _, r := range name {
		if r >= 'A' && r <= 'Z' && lower {
			b.WriteByte('_')
		}
		lower = r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
		b.WriteRune(r)
	}
	return strings.ToUpper(b.String())
}

// Condition is one field of an entity's where input: a comparison of a field,
// or the question whether an edge leads somewhere.
type Condition struct {
	Name  string
	Field *Field
	Op    Op
	Edge  *Edge // nil for a comparison
	With  bool  // the edge must lead to a record that meets conditions
}

// Conditions lists the fields of the entity's where input, but for not, and
// and or.
func (e *Entity) Conditions() []Condition {
	var cs []Condition
	for _, f := range append([]*Field{e.ID}, e.ShownFields()...) {
		if f.Sensitive || f.Skip.Has(SkipWhere) {
			continue
		}
		for _, op := range f.Ops() {
			cs = append(cs, Condition{Name: f.GraphQL + op.Suffix(), Field: f, Op: op})
		}
	}
	for _, ed := range e.ShownEdges() {
		if !ed.Skip.Has(SkipWhere) && !ed.Target.Skip.Has(SkipWhere) {
			cs = append(cs, Condition{Name: ed.Has(), Edge: ed}, Condition{Name: ed.Has() + "With", Edge: ed, With: true})
		}
	}
	return cs
}

// Condition returns the condition of a name.
func (e *Entity) Condition(name string) (Condition, bool) {
	c, ok := e.conditions[name]
	return c, ok
}

// Order returns what a value of the entity's order enum stands for.
func (e *Entity) Order(name string) (Order, bool) {
	o, ok := e.orders[name]
	return o, ok
}
