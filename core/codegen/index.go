package codegen

import (
	"strconv"
	"strings"

	"entgo.io/ent/entc/gen"
)

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
