package codegen

import (
	"fmt"
	"go/token"
	"reflect"
	"strconv"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/entc/gen"
)

// verbatim refuses what ent writes into Go as it stands, and no Go would be.
type verbatim struct {
	owners map[string]*gen.Type // by table
	tables map[string]string    // by the table's name in Go
}

func writable(g *gen.Graph) error {
	v := &verbatim{owners: map[string]*gen.Type{}, tables: map[string]string{}}
	for _, t := range g.Nodes {
		v.owners[t.Table()] = t
		if err := placed(t, spelled(t)); err != nil {
			return err
		}
		for _, e := range t.Edges {
			if e.M2M() && v.owners[e.Rel.Table] == nil {
				v.owners[e.Rel.Table] = t
			}
		}
	}
	tables, err := g.Tables()
	if err != nil {
		return err
	}
	for _, table := range tables {
		if err := v.table(table); err != nil {
			return placed(v.owners[table.Name], fmt.Errorf("%s: %w", v.owners[table.Name].Name, err))
		}
	}
	return nil
}

// spelled refuses the columns of edges, and the defaults of enums, that ent makes
// no Go of.
func spelled(t *gen.Type) error {
	for _, fk := range t.ForeignKeys {
		if name := fk.Field.Name; !fk.UserDefined && !token.IsIdentifier(name) && !token.IsKeyword(name) {
			return fmt.Errorf("%s: the column %q of the edge %s makes no name in Go, which ent needs: give it one of letters, digits and _ "+
				"with StorageKey(edge.Column(…)), or declare the column as a field and name that with Field(…)", t.Name, name, fk.Edge.Name)
		}
	}
	for _, f := range t.Fields {
		if f.IsEnum() && f.Default && f.HasGoType() && f.Type.RType != nil && f.Type.RType.Kind != reflect.String {
			return fmt.Errorf("%s.%s: ent writes the default of an enum as a constant of text, and %s is none: leave Default out, "+
				"and set the value in a hook, or make the Go type a string", t.Name, f.Name, f.Type)
		}
	}
	return nil
}

func (v *verbatim) table(t *schema.Table) error {
	name := pascal(t.Name)
	switch other, twice := v.tables[name]; {
	case !plain(t.Name) || !token.IsIdentifier(name):
		return fmt.Errorf("the table %q makes no name in Go, which ent needs: name it with letters, digits and _, no digit first", t.Name)
	case twice:
		return fmt.Errorf("the tables %q and %q would both be %s in Go: name one otherwise", other, t.Name, name)
	}
	v.tables[name] = t.Name
	if !text(t.Comment) {
		return unwritable("the comment of the table "+t.Name, t.Comment)
	}
	for _, c := range t.Columns {
		if err := column(c); err != nil {
			return err
		}
	}
	for _, x := range t.Indexes {
		if !plain(x.Name) {
			return unwritable("the name of the index over "+x.Columns[0].Name, x.Name)
		}
	}
	for _, fk := range t.ForeignKeys {
		if !plain(fk.Symbol) {
			return unwritable("the symbol of a foreign key", fk.Symbol)
		}
	}
	if a := t.Annotation; a != nil {
		for key := range a.Checks {
			if !plain(key) {
				return unwritable("the name of a check", key)
			}
		}
	}
	return nil
}

func column(c *schema.Column) error {
	if !plain(c.Name) {
		return unwritable("the column", c.Name)
	}
	for _, value := range c.Enums {
		if !plain(value) {
			return unwritable("a value of the enum "+c.Name, value)
		}
	}
	if !text(c.Comment) {
		return unwritable("the comment of "+c.Name, c.Comment)
	}
	switch d := c.Default.(type) {
	case schema.Expr:
		if !text(string(d)) {
			return unwritable("the default of "+c.Name, string(d))
		}
	case map[string]schema.Expr:
		for _, expr := range d {
			if !text(string(expr)) {
				return unwritable("the default of "+c.Name, string(expr))
			}
		}
	}
	return nil
}

// text reports whether something is a text in Go when it stands between
// quotation marks; plain, whether that text is itself.
func text(s string) bool {
	_, err := strconv.Unquote(`"` + s + `"`)
	return err == nil
}

func plain(s string) bool {
	read, err := strconv.Unquote(`"` + s + `"`)
	return err == nil && read == s
}

func unwritable(what, s string) error {
	return fmt.Errorf("%s, %q, holds a quotation mark, a backslash or a line break, and ent writes it into Go as it stands: write it without", what, s)
}
