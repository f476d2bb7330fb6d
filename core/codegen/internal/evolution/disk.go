package evolution

import (
	"fmt"
	"slices"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/entc/gen"
	"entgo.io/ent/entc/load"
)

// Rename is a name in a database: of a table, of a column where there is one, of a value
// of it where there is one.
type Rename struct {
	Table, Column, Value string // of today
	From                 string // which it may have there
}

// choice is a name that an entity, or a field or edge of it, might have had.
type choice struct {
	entity int
	member string // "" for the entity itself
	name   string
}

// Disk lists the names that a database may know the schemas' tables, columns and values
// by, oldest first for each. What ent names after something follows: it is asked for the
// tables of the schemas as they were.
func Disk(g *gen.Graph) ([]Rename, error) {
	entities, err := entitiesOf(g)
	if err != nil {
		return nil, err
	}
	versions, list, err := versionsOf(g, entities)
	if err != nil {
		return nil, err
	}
	if len(versions) > 0 {
		now, err := tablesOf(g, nil)
		if err != nil {
			return nil, fmt.Errorf("the tables of the schemas: %w", err)
		}
		for _, v := range versions {
			// Names of different times may not go together: then no database had them.
			if was, err := tablesOf(g, v); err == nil && alike(now, was) {
				list = compare(list, now, was)
			}
		}
	}
	return list, nil
}

// versionsOf lists the schemas as they may have been, as far as names go that others are
// made of, and the values that enums have had.
func versionsOf(g *gen.Graph, entities []Named) (versions [][]choice, values []Rename, err error) {
	var all [][]choice // for each thing its names, the oldest first, today's last
	names := func(i int, member, today string, from []string) []choice {
		var list []choice
		for _, name := range append(slices.Clone(from), today) {
			list = append(list, choice{i, member, name})
		}
		if len(from) > 0 {
			all = append(all, list)
		}
		return list
	}
	of := map[string][]choice{}
	for i, t := range g.Nodes {
		of[t.Name] = names(i, "", t.Name, entities[i].From)
	}
	for i, t := range g.Nodes {
		for _, f := range t.Fields {
			a, err := Of(f.Annotations)
			if err != nil {
				return nil, nil, err
			}
			names(i, f.Name, f.Name, a.From)
			for _, v := range a.Values {
				values = append(values, Rename{t.Table(), f.StorageKey(), v.To, v.From})
			}
		}
		for _, ed := range t.Edges {
			a, err := Of(ed.Annotations)
			if err != nil {
				return nil, nil, err
			}
			own := names(i, ed.Name, ed.Name, a.From)
			versions = append(versions, together(of[t.Name], own, of[ed.Type.Name])...)
		}
	}
	return append(generations(all), versions...), values, nil
}

// generations are all names of one age at once: how it was before several were changed
// at the same time.
func generations(all [][]choice) (list [][]choice) {
	oldest := 0
	for _, names := range all {
		oldest = max(oldest, len(names)-1)
	}
	for age := oldest; age > 0; age-- {
		var v []choice
		for _, names := range all {
			v = append(v, names[max(0, len(names)-1-age)])
		}
		list = append(list, v)
	}
	for _, names := range all {
		for _, c := range names[:len(names)-1] {
			list = append(list, []choice{c})
		}
	}
	return list
}

// together are the names of an edge and of its two ends, in each combination but the one
// of today.
func together(ends ...[]choice) (list [][]choice) {
	list = [][]choice{nil}
	for _, names := range ends {
		var more [][]choice
		for _, v := range list {
			for _, c := range names {
				more = append(more, append(v[:len(v):len(v)], c))
			}
		}
		list = more
	}
	return list[:len(list)-1]
}

// tablesOf are the tables of the schemas with other names.
func tablesOf(g *gen.Graph, names []choice) ([]*schema.Table, error) {
	schemas := make([]*load.Schema, len(g.Schemas))
	for i, s := range g.Schemas {
		schemas[i] = copied(s)
	}
	// First each to a name that nothing has, for some may be exchanged.
	for i, c := range names {
		rename(schemas, c, g.Schemas[c.entity].Name, between(i))
	}
	for i, c := range names {
		if c.member != "" {
			c.member = between(i)
		}
		rename(schemas, c, between(i), c.name)
	}
	cfg := *g.Config
	cfg.Hooks, cfg.Templates = nil, nil
	graph, err := gen.NewGraph(&cfg, schemas...)
	if err != nil {
		return nil, err
	}
	tables, err := graph.Tables()
	for _, t := range graph.Nodes {
		if t.IsView() {
			tables = append(tables, schema.NewTable(t.Table()))
		}
	}
	return tables, err
}

// between is a name that nothing has.
func between(i int) string { return fmt.Sprintf("Between%dNames", i) }

// rename gives an entity another name than the one given, or a member of one another
// than its own.
func rename(schemas []*load.Schema, c choice, from, to string) {
	if c.member == "" {
		renameEntity(schemas, from, to)
		return
	}
	renameMember(schemas, c.entity, c.member, to)
}

// alike reports whether two lists of tables differ in names only.
func alike(a, b []*schema.Table) bool {
	return slices.EqualFunc(a, b, func(a, b *schema.Table) bool { return len(a.Columns) == len(b.Columns) })
}

func compare(list []Rename, now, was []*schema.Table) []Rename {
	add := func(r Rename, today string) {
		if r.From != today && !slices.Contains(list, r) {
			list = append(list, r)
		}
	}
	for i, t := range now {
		add(Rename{Table: t.Name, From: was[i].Name}, t.Name)
		for j, c := range t.Columns {
			add(Rename{Table: t.Name, Column: c.Name, From: was[i].Columns[j].Name}, c.Name)
		}
	}
	return list
}
