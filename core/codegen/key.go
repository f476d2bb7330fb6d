package codegen

import (
	"slices"
	"strconv"
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
		names := make([]string, len(parts))
		for i, p := range parts {
			names[i] = p.Name()
		}
		k := e.key(names)
		k.Parts = parts
		keys = append(keys, k)
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

// key is a key of members of these names.
func (e *entity) key(names []string) *model.Key {
	var enums, query []string
	for _, name := range names {
		enums = append(enums, upper(name))
		query = append(query, pascal(snake(name)))
	}
	return &model.Key{
		Name:  camel(snake(strings.Join(names, "_and_"))),
		Enum:  strings.Join(enums, "_AND_"),
		Query: e.Single + "By" + strings.Join(query, "And"),
		Of:    names,
	}
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

// indexNames collects the names that a database has for the tables, indexes and
// unique columns of the schemas, in lower case: SQLite and PostgreSQL keep all of
// them in one scope.
func indexNames(g *gen.Graph) map[string]bool {
	taken := map[string]bool{}
	add := func(name string) { taken[strings.ToLower(name)] = true }
	for _, t := range g.Nodes {
		add(t.Table())
		for _, idx := range t.Indexes {
			add(idx.Name)
		}
		for _, f := range t.Fields {
			if f.Unique {
				add(t.Table() + "_" + f.StorageKey() + "_key")
			}
		}
		for _, e := range t.Edges {
			if e.M2M() {
				add(e.Rel.Table)
			}
		}
	}
	return taken
}

// free returns the name, or the first numbered one that nothing has yet, and
// takes it.
func free(taken map[string]bool, name string) string {
	chosen := name
	for n := 2; taken[strings.ToLower(chosen)]; n++ {
		chosen = name + "_" + strconv.Itoa(n)
	}
	taken[strings.ToLower(chosen)] = true
	return chosen
}

// indexForeignKeys gives each foreign key of t an index of its own, unless an
// index or a unique constraint already starts with its column. It works on
// columns, since a foreign key may belong to an edge that only the other
// schema declares.
func indexForeignKeys(t *gen.Type, taken map[string]bool) {
	if t.IsView() {
		return
	}
	for _, fk := range t.ForeignKeys {
		column := fk.Field.StorageKey()
		if !fk.UserDefined {
			column = fk.Field.Name
		}
		covered := fk.Edge.O2O() || fk.UserDefined && fk.Field.Unique
		for _, idx := range t.Indexes {
			covered = covered || len(idx.Columns) > 0 && strings.EqualFold(idx.Columns[0], column) && !partial(idx)
		}
		if !covered {
			name := free(taken, strings.ToLower(t.Name)+"_"+column)
			t.Indexes = append(t.Indexes, &gen.Index{Name: name, Columns: []string{column}})
		}
	}
}

// join is an association table whose second column needs an index: the primary
// key serves look-ups from the first column only.
type join struct {
	Table string // the Go name of its description
	Index string // the index's name
}

// joins lists the association tables.
func joins(g *gen.Graph, taken map[string]bool) []join {
	var list []join
	seen := map[string]bool{}
	for _, t := range g.Nodes {
		for _, e := range t.Edges {
			if e.M2M() && e.Through == nil && !e.IsInverse() && !seen[e.Rel.Table] {
				seen[e.Rel.Table] = true
				list = append(list, join{pascal(e.Rel.Table) + "Table", free(taken, e.Rel.Table+"_"+e.Rel.Columns[1])})
			}
		}
	}
	return list
}
