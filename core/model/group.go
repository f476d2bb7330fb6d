package model

// Bucket is a calendar period that times are grouped by, in UTC.
type Bucket uint8

// The buckets.
const (
	NoBucket Bucket = iota
	Day
	Month
	Year
)

// Group is one value of an entity's group enum: a field, a to-one edge, or a
// calendar bucket of a time.
type Group struct {
	Name   string // in the enum: CREATED_AT_DAY
	Key    string // in the key: createdAtDay
	Field  *Field // nil for an edge
	Edge   *Edge
	Bucket Bucket
}

// Reason says why a group is deprecated, or "".
func (g *Group) Reason() string { return reason(g.Field, g.Edge) }

// Type is the GraphQL type of the group's value.
func (g *Group) Type() string {
	switch {
	case g.Edge != nil:
		return "ID"
	case g.Bucket != NoBucket:
		return "String"
	default:
		return g.Field.Type
	}
}

// buildGroups lists the entity's groups. Where a field of its own has the name
// of a calendar bucket, CREATED_AT_DAY say, the bucket is CREATED_AT_CALENDAR_DAY.
func (e *Entity) buildGroups() []*Group {
	var gs []*Group
	own := map[string]bool{}
	for _, f := range e.ShownFields() {
		own[UpperSnake(f.Name)] = true
	}
	bucket := func(f *Field, upper, camel string, b Bucket) {
		g := &Group{Name: UpperSnake(f.Name) + "_" + upper, Key: f.GraphQL + camel, Field: f, Bucket: b}
		if own[g.Name] {
			g.Name, g.Key = UpperSnake(f.Name)+"_CALENDAR_"+upper, f.GraphQL+"Calendar"+camel
		}
		gs = append(gs, g)
	}
	for _, f := range e.ShownFields() {
		if f.Sensitive || f.Skip.Has(SkipType) {
			continue
		}
		switch f.Kind {
		case Enum, Bool, String, Int, BigInt:
			gs = append(gs, &Group{Name: UpperSnake(f.Name), Key: f.GraphQL, Field: f})
		case Time:
			bucket(f, "DAY", "Day", Day)
			bucket(f, "MONTH", "Month", Month)
			bucket(f, "YEAR", "Year", Year)
		}
	}
	for _, ed := range e.ShownEdges() {
		if ed.Unique && !ed.Skip.Has(SkipType) && !ed.Target.Skip.Has(SkipType) {
			gs = append(gs, &Group{Name: UpperSnake(ed.Name), Key: ed.GraphQL, Edge: ed})
		}
	}
	return gs
}

// Groups lists what the entity's records can be grouped by.
func (e *Entity) Groups() []*Group { return e.groups }

// Group returns the group of a name in the enum, or nil.
func (e *Entity) Group(name string) *Group {
	for _, g := range e.groups {
		if g.Name == name {
			return g
		}
	}
	return nil
}

// Aggregated lists the fields that an aggregate function is offered for: sum
// and avg for the numeric ones, min and max for all that are comparable.
func (e *Entity) Aggregated(function string) []*Field {
	var fs []*Field
	for _, f := range e.ShownFields() {
		if f.Sensitive || f.Skip.Has(SkipType) || !f.Kind.Comparable() {
			continue
		}
		if function == "min" || function == "max" || f.Kind.Numeric() {
			fs = append(fs, f)
		}
	}
	return fs
}

// AggregateType is the GraphQL type of an aggregate function's value.
func (f *Field) AggregateType(function string) string {
	switch {
	case function == "avg", function == "sum" && f.Kind == Float:
		return "Float"
	case function == "sum":
		return "BigInt"
	default:
		return f.Type
	}
}
