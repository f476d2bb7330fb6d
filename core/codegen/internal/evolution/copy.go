package evolution

import (
	"maps"
	"slices"

	"entgo.io/ent/entc/load"
	"entgo.io/ent/schema/field"
)

// copied is a schema whose names can be changed. ent changes the types of enums, too.
func copied(s *load.Schema) *load.Schema {
	c := *s
	c.Annotations = maps.Clone(s.Annotations)
	c.Fields, c.Edges, c.Indexes = nil, nil, nil
	for _, f := range s.Fields {
		own := *f
		if f.Info != nil {
			info := *f.Info
			own.Info = &info
		}
		c.Fields = append(c.Fields, &own)
	}
	for _, ed := range s.Edges {
		c.Edges = append(c.Edges, copiedEdge(ed))
	}
	for _, idx := range s.Indexes {
		own := *idx
		own.Fields, own.Edges = slices.Clone(idx.Fields), slices.Clone(idx.Edges)
		c.Indexes = append(c.Indexes, &own)
	}
	return &c
}

func copiedEdge(ed *load.Edge) *load.Edge {
	own := *ed
	if ed.Ref != nil {
		own.Ref = copiedEdge(ed.Ref)
	}
	if ed.Through != nil {
		through := *ed.Through
		own.Through = &through
	}
	return &own
}

// edgesOf are all edges that a schema declares, of those given in one both.
func edgesOf(s *load.Schema) (list []*load.Edge) {
	for _, ed := range s.Edges {
		list = append(list, ed)
		if ed.Ref != nil {
			list = append(list, ed.Ref)
		}
	}
	return list
}

func renameEntity(schemas []*load.Schema, from, to string) {
	for _, s := range schemas {
		if s.Name == from {
			s.Name = to
		}
		for _, ed := range edgesOf(s) {
			if ed.Type == from {
				ed.Type = to
			}
			if ed.Through != nil && ed.Through.T == from {
				ed.Through.T = to
			}
		}
	}
}

// renameMember gives a field or an edge another name, and all that refers to it.
func renameMember(schemas []*load.Schema, entity int, from, to string) {
	owner := schemas[entity]
	for _, f := range owner.Fields {
		if f.Name == from {
			f.Name = to
		}
	}
	swap := func(list []string) {
		for i, name := range list {
			if name == from {
				list[i] = to
			}
		}
	}
	for _, idx := range owner.Indexes {
		swap(idx.Fields)
		swap(idx.Edges)
	}
	for _, ed := range edgesOf(owner) {
		if ed.Field == from {
			ed.Field = to
		}
		if ed.Name == from {
			ed.Name = to
		}
	}
	key := field.Annotation{}.Name()
	if a, ok := owner.Annotations[key].(map[string]any); ok {
		a = maps.Clone(a)
		if ids, ok := a["ID"].([]any); ok {
			ids = slices.Clone(ids)
			for i, name := range ids {
				if name == from {
					ids[i] = to
				}
			}
			a["ID"] = ids
		}
		owner.Annotations[key] = a
	}
	for _, s := range schemas {
		for _, ed := range edgesOf(s) {
			if ed.Inverse && ed.Type == owner.Name && ed.RefName == from {
				ed.RefName = to
			}
		}
	}
}
