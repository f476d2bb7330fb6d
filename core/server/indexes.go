package server

import (
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql/schema"

	"coppice/core/model"
)

// columns are those of the index that would find the records of a need, in its
// order: what is compared for equality, then the order or else a range. There
// are none where no index would find them.
func (n *need) columns() []string {
	columns := slices.Concat(n.equal, n.among)
	switch {
	case len(columns)+len(n.between) == 0:
		return nil
	case len(n.among) == 0 && len(n.between) == 0 && n.unordered == "" && !n.parent:
		columns = slices.Concat(columns, n.order, n.group)
	case len(n.between) > 0:
		columns = append(columns, n.between[0])
	}
	unique := columns[:0]
	for _, c := range columns {
		if !slices.Contains(unique, c) {
			unique = append(unique, c)
		}
	}
	return unique
}

// arms reports whether each of the alternatives could be found by an index.
func (n *need) arms() bool {
	return len(n.alternatives) > 0 && !slices.ContainsFunc(n.alternatives, func(arm *need) bool { return len(arm.columns()) == 0 })
}

// file is where an entity's schema stands.
func file(e *model.Entity) string { return "ent/schema/" + strings.ToLower(e.Name) + ".go" }

// line says which index to add where. In an index of ent's the edges come after
// the fields; where one has to come before, its foreign key has to be a field.
func (n *need) line(columns []string) string {
	e := n.entity
	var fields, edges []string
	mixed := false
	for _, name := range columns {
		if e.EntField(name) != nil {
			mixed = mixed || len(edges) > 0
			fields = append(fields, fmt.Sprintf("%q", name))
		} else {
			edges = append(edges, fmt.Sprintf("%q", name))
		}
	}
	if mixed {
		for _, name := range columns {
			if e.EntField(name) == nil {
				return childLine(e, name, slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return c == name }))
			}
		}
	}
	call := "index"
	if len(fields) > 0 {
		call += ".Fields(" + strings.Join(fields, ", ") + ")"
	}
	if len(edges) > 0 {
		call += ".Edges(" + strings.Join(edges, ", ") + ")"
	}
	return fmt.Sprintf("add to Indexes() in %s: %s", file(e), call+n.descending(columns))
}

// descending is what an index needs beside its columns where an order runs both
// ways: one that runs one way can be read backwards as well.
func (n *need) descending(columns []string) string {
	var names []string
	for i, name := range n.order {
		if n.desc[i] && slices.Contains(columns, name) {
			names = append(names, fmt.Sprintf("%q", name))
		}
	}
	if len(names) == 0 || len(names) == len(n.order) {
		return ""
	}
	return ".Annotations(entsql.DescColumns(" + strings.Join(names, ", ") + "))"
}

// childLine says which index begins with the foreign key of an edge. ent would
// put it behind the fields, unless it is a field itself.
func childLine(e *model.Entity, edge string, rest []string) string {
	column := edge + "_id"
	if ed := e.EntEdge(edge); ed != nil && ed.Column != "" {
		if ed.Column != column {
			column = fmt.Sprintf("%s_id, with StorageKey(%q)", edge, ed.Column)
		}
	}
	names := []string{fmt.Sprintf("%q", edge+"_id")}
	for _, name := range rest {
		if e.EntField(name) == nil {
			name += "_id"
		}
		names = append(names, fmt.Sprintf("%q", name))
	}
	return fmt.Sprintf("in %s, make the foreign key of %s a field, %s, name it on the edge with Field(%q), and add to Indexes(): index.Fields(%s)",
		file(e), edge, column, edge+"_id", strings.Join(names, ", "))
}

// indexed reports whether the schema declares an index that begins with some
// fields and edges already.
func (a *adviser) indexed(e *model.Entity, names []string) bool {
	columns := make([]string, len(names))
	for i, name := range names {
		if f := e.EntField(name); f != nil {
			columns[i] = f.Column
		} else if ed := e.EntEdge(name); ed != nil {
			columns[i] = ed.Column
		}
	}
	for _, t := range a.project.Tables {
		if t.Name != e.Table {
			continue
		}
		for _, c := range t.Columns { // a unique column has an index that is not listed
			if c.Unique && slices.Contains(columns, c.Name) {
				return true
			}
		}
		for _, index := range t.Indexes {
			if len(index.Columns) < len(columns) {
				continue
			}
			if slices.EqualFunc(columns, index.Columns[:len(columns)], func(name string, c *schema.Column) bool { return c.Name == name }) {
				return true
			}
		}
	}
	return false
}
