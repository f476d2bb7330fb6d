package codegen

import (
	"slices"
	"strings"

	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/entc/gen"

	"coppice/core/model"
)

// buildKeys lists what names one record: unique fields, unique indexes, edges
// whose foreign key is unique because the relation is one to one, and an id
// that its author may choose.
func buildKeys(e *entity) []*model.Key {
	var keys []*model.Key
	add := func(parts ...model.Part) {
		if slices.ContainsFunc(keys, func(k *model.Key) bool { return sameMembers(k.Parts, parts) }) {
			return
		}
		var names, enums, query []string
		for _, p := range parts {
			names = append(names, p.Name())
			enums = append(enums, upper(p.Name()))
			query = append(query, pascal(snake(p.Name())))
		}
		keys = append(keys, &model.Key{
			Name:  camel(snake(strings.Join(names, "_and_"))),
			Enum:  strings.Join(enums, "_AND_"),
			Query: e.Single + "By" + strings.Join(query, "And"),
			Of:    names,
			Parts: parts,
		})
	}
	for _, f := range e.Fields {
		if f.Unique && !f.Sensitive && f.Kind.Comparable() {
			add(model.Part{Field: f})
		}
	}
	for _, ed := range e.Entity.Edges {
		if ed.Storage == model.Own && e.Edges[ed].O2O() {
			add(model.Part{Edge: ed})
		}
	}
	for _, idx := range e.Type.Indexes {
		if parts := indexParts(e, idx); parts != nil {
			add(parts...)
		}
	}
	if e.UserID && !e.View {
		keys = append(keys, &model.Key{Name: "id", Enum: "ID", Of: []string{"id"}, Parts: []model.Part{{Field: e.ID}}})
	}
	return keys
}

// sameMembers reports whether two keys have the same members, in whatever
// order: a field may be unique and have a unique index as well.
func sameMembers(a, b []model.Part) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(p model.Part) bool { return !slices.Contains(b, p) })
}

// indexParts is the members of a unique index, or nothing where it is no key.
func indexParts(e *entity, idx *gen.Index) []model.Part {
	if !idx.Unique || partial(idx) {
		return nil
	}
	var fields, edges []model.Part
columns:
	for _, c := range idx.Columns {
		for _, f := range e.Fields {
			if f.Column == c && !f.Sensitive && f.Kind.Comparable() {
				fields = append(fields, model.Part{Field: f})
				continue columns
			}
		}
		for _, ed := range e.Entity.Edges {
			if ed.Storage == model.Own && ed.Column == c {
				edges = append(edges, model.Part{Edge: ed})
				continue columns
			}
		}
		return nil
	}
	return append(fields, edges...)
}

// partial reports whether an index leaves rows out. What is unique among the
// others alone may be there more than once.
func partial(idx *gen.Index) bool {
	m, _ := idx.Annotations[entsql.IndexAnnotation{}.Name()].(map[string]any)
	where, _ := m["Where"].(string)
	return where != ""
}
