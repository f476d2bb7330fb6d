package model

import "slices"

// Kept is an older name that the API has still for a field or an edge.
type Kept struct {
	Name    string // as it was in the ent schema: created_at
	GraphQL string // as the API has it: createdAt
}

// Former are older names that the API has still for an entity: those of its root
// fields, and that which the global ids begin with that were given out under it.
type Former struct{ Name, Single, Plural, Several string }

// Root is one set of names of an entity's root fields.
type Root struct {
	*Entity        // with these names, and for all else as it is
	Reason  string // why they are deprecated; "" for the names of today
}

// keep makes a field of each older name, which reads and is written as the one of
// today.
func (e *Entity) keep() {
	e.keptFields, e.keptEdges = nil, nil
	for _, f := range e.Fields {
		for _, k := range f.Kept {
			old := *f
			old.Name, old.GraphQL, old.Now, old.Kept, old.Reason = k.Name, k.GraphQL, f, nil, renamed(f.GraphQL)
			e.keptFields = append(e.keptFields, &old)
		}
	}
	for _, ed := range e.Edges {
		for _, k := range ed.Kept {
			old := *ed
			old.Name, old.GraphQL, old.Now, old.Kept, old.Reason = k.Name, k.GraphQL, ed, nil, renamed(ed.GraphQL)
			e.keptEdges = append(e.keptEdges, &old)
		}
	}
}

func renamed(to string) string { return "Renamed to " + to + "." }

// ShownFields are the entity's fields as the API shows them: those of today, and then
// those of older names.
func (e *Entity) ShownFields() []*Field {
	return append(e.Fields[:len(e.Fields):len(e.Fields)], e.keptFields...)
}

// ShownEdges are the entity's edges as the API shows them: those of today, and then
// those of older names.
func (e *Entity) ShownEdges() []*Edge {
	return append(e.Edges[:len(e.Edges):len(e.Edges)], e.keptEdges...)
}

// ShownKeys are the entity's unique keys as the API shows them: those of today, and
// then those of older names.
func (e *Entity) ShownKeys() []*Key {
	return append(e.Keys[:len(e.Keys):len(e.Keys)], e.KeptKeys...)
}

// Current is the field itself, where this one is an older name of it.
func (f *Field) Current() *Field {
	if f != nil && f.Now != nil {
		return f.Now
	}
	return f
}

// Current is the edge itself, where this one is an older name of it.
func (e *Edge) Current() *Edge {
	if e != nil && e.Now != nil {
		return e.Now
	}
	return e
}

// Current is the key itself, where this one is an older name of it.
func (k *Key) Current() *Key {
	if k != nil && k.Now != nil {
		return k.Now
	}
	return k
}

// Roots are the names of the entity's root fields: those of today, and then older ones
// as far as they differ.
func (e *Entity) Roots() []Root {
	list := []Root{{Entity: e}}
	for _, f := range e.Former {
		old := *e
		old.Name, old.Single, old.Plural, old.Several = f.Name, f.Single, f.Plural, f.Several
		list = append(list, Root{&old, renamed(e.Name)})
	}
	return list
}

// Query is the field of Query that finds a record by a key of the entity's.
func (r Root) Query(k *Key, of *Entity) string { return r.Single + k.Query[len(of.Single):] }

// Origin is the entity's oldest name: what is known by it stays known whatever the
// entity is called.
func (e *Entity) Origin() string { return either(e.Was, e.Name) }

// Origin is the field's oldest name in the ent schema.
func (f *Field) Origin() string { return either(f.Was, f.Name) }

// Origin is the edge's oldest name in the ent schema.
func (e *Edge) Origin() string { return either(e.Was, e.Name) }

// Origin is the key's oldest name.
func (k *Key) Origin() string { return either(k.Was, k.Name) }

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// OriginOf is the oldest name of a value of the field.
func (f *Field) OriginOf(v any) any {
	if s, ok := v.(string); ok && f.Kind == Enum {
		for _, e := range f.Enums {
			if e.Value == s && !e.Former && e.Was != "" {
				return e.Was
			}
		}
	}
	return v
}

// Evolved reports whether anything in the schema has had another name.
func (s *Schema) Evolved() bool { return s.evolved }

func (e *Entity) evolved() bool {
	return e.Was != "" || slices.ContainsFunc(e.Fields, func(f *Field) bool {
		return f.Was != "" || slices.ContainsFunc(f.Enums, func(v EnumValue) bool { return v.Was != "" })
	}) || slices.ContainsFunc(e.Edges, func(ed *Edge) bool { return ed.Was != "" })
}
