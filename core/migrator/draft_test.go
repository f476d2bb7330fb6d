package migrator_test

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"

	"coppice/core/internal/enginetest"
)

// draft is a schema that random edits are made to.
type draft struct {
	rand   *rand.Rand
	next   int // names are given once
	tables []*table
}

type table struct {
	name    string
	columns []*column
	indexes []*idx
	checks  []*check
}

// check is a rule of the database about a column.
type check struct{ name, column, expr string }

type column struct {
	name     string
	kind     field.Type
	nullable bool
	def      any      // the database's
	leads    *table   // by a foreign key
	values   []string // of an enum
}

type idx struct {
	name, column string
	unique       bool
	where        string // of a partial one
}

func (d *draft) name(prefix string) string {
	d.next++
	return fmt.Sprintf("%s%d", prefix, d.next)
}

var columnKinds = []field.Type{field.TypeString, field.TypeInt, field.TypeInt32, field.TypeFloat64, field.TypeBool, field.TypeTime, field.TypeUUID, field.TypeEnum}

// build is the draft as ent has schemas.
func (d *draft) build() []*schema.Table {
	made := map[*table]*schema.Table{}
	for _, t := range d.tables {
		s := schema.NewTable(t.name).AddPrimary(&schema.Column{Name: "id", Type: field.TypeInt, Increment: true})
		for _, c := range t.columns {
			s.AddColumn(&schema.Column{Name: c.name, Type: c.kind, Nullable: c.nullable, Default: c.def, Enums: c.values})
		}
		if len(t.checks) > 0 {
			s.Annotation = &entsql.Annotation{Checks: map[string]string{}}
			for _, c := range t.checks {
				s.Annotation.Checks[c.name] = c.expr
			}
		}
		made[t] = s
	}
	var list []*schema.Table
	for _, t := range d.tables {
		s := made[t]
		for _, c := range t.columns {
			if c.leads != nil {
				s.AddForeignKey(&schema.ForeignKey{Symbol: t.name + "_" + c.name, Columns: []*schema.Column{columnOf(s, c.name)}, RefTable: made[c.leads], RefColumns: made[c.leads].PrimaryKey, OnDelete: schema.SetNull})
			}
		}
		for _, i := range t.indexes {
			s.AddIndex(i.name, i.unique, []string{i.column})
			if i.where != "" {
				s.Indexes[len(s.Indexes)-1].Annotation = entsql.IndexWhere(i.where)
			}
		}
		list = append(list, s)
	}
	return list
}

func columnOf(t *schema.Table, name string) *schema.Column {
	for _, c := range t.Columns {
		if c.Name == name {
			return c
		}
	}
	panic(name)
}

// clone is a copy to go back to.
func (d *draft) clone() []*table {
	at := map[*table]*table{}
	var list []*table
	for _, t := range d.tables {
		n := &table{name: t.name}
		at[t] = n
		for _, c := range t.columns {
			copied := *c
			n.columns = append(n.columns, &copied)
		}
		for _, i := range t.indexes {
			copied := *i
			n.indexes = append(n.indexes, &copied)
		}
		n.checks = slices.Clone(t.checks)
		list = append(list, n)
	}
	for _, t := range list {
		for _, c := range t.columns {
			if c.leads != nil {
				c.leads = at[c.leads]
			}
		}
	}
	return list
}

func pickOf[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// edit makes one edit, and says which.
func (d *draft) edit() string {
	if len(d.tables) == 0 {
		return d.addTable()
	}
	t := pickOf(d.rand, d.tables)
	var plain []*column
	for _, c := range t.columns {
		if c.leads == nil {
			plain = append(plain, c)
		}
	}
	switch n := d.rand.IntN(15); {
	case n == 12 && len(plain) > 0:
		return t.editEnum(d, plain)
	case n == 13:
		return t.editCheck(d, plain)
	case n == 0 && len(d.tables) < 5:
		return d.addTable()
	case n == 1 && len(d.tables) > 1:
		d.dropTable(t)
		return "drop table " + t.name
	case n <= 3:
		c := d.newColumn()
		t.columns = append(t.columns, c)
		return fmt.Sprintf("add %s.%s %s null %t default %v", t.name, c.name, c.kind, c.nullable, c.def)
	case n == 4 && len(t.columns) > 1:
		c := pickOf(d.rand, t.columns)
		t.drop(c)
		return "drop " + t.name + "." + c.name
	case n <= 6 && len(plain) > 0:
		c := pickOf(d.rand, plain)
		from := c.kind
		t.dropChecks(c)
		c.kind, c.def, c.values = pickOf(d.rand, columnKinds), nil, nil
		if c.kind == field.TypeEnum {
			c.values = []string{"one", "two", "10"}
		}
		return fmt.Sprintf("%s.%s from %s to %s", t.name, c.name, from, c.kind)
	case n == 7 && len(plain) > 0:
		c := pickOf(d.rand, plain)
		c.nullable = !c.nullable
		return fmt.Sprintf("%s.%s null %t", t.name, c.name, c.nullable)
	case n <= 9:
		if len(t.indexes) > 0 && d.rand.IntN(2) == 0 {
			t.indexes = t.indexes[1:]
			return "drop an index of " + t.name
		}
		c := pickOf(d.rand, t.columns)
		i := &idx{d.name("idx"), c.name, d.rand.IntN(3) == 0, pickOf(d.rand, []string{"", "", "id > 3", c.name + " IS NOT NULL"})}
		t.indexes = append(t.indexes, i)
		return fmt.Sprintf("index %s.%s unique %t", t.name, c.name, i.unique)
	default:
		c := &column{name: d.name("ref"), kind: field.TypeInt, nullable: true, leads: pickOf(d.rand, d.tables)}
		t.columns = append(t.columns, c)
		return fmt.Sprintf("%s.%s leads to %s", t.name, c.name, c.leads.name)
	}
}

// editEnum lets an enum have another value, or one less.
func (t *table) editEnum(d *draft, plain []*column) string {
	for _, c := range plain {
		if c.kind == field.TypeEnum {
			if len(c.values) > 2 {
				c.values = c.values[1:]
			} else {
				c.values = append(slices.Clone(c.values), d.name("value"))
			}
			return fmt.Sprintf("%s.%s of %v", t.name, c.name, c.values)
		}
	}
	return "nothing"
}

// editCheck adds a rule, or takes one out.
func (t *table) editCheck(d *draft, plain []*column) string {
	if len(t.checks) > 0 {
		t.checks = t.checks[1:]
		return "drop a check of " + t.name
	}
	for _, c := range plain {
		if c.kind == field.TypeInt || c.kind == field.TypeInt32 {
			k := &check{d.name("check"), c.name, fmt.Sprintf("%s >= %d", c.name, d.rand.IntN(3)*20)}
			t.checks = append(t.checks, k)
			return fmt.Sprintf("check %s of %s", k.expr, t.name)
		}
	}
	return "nothing"
}

func (t *table) dropChecks(of *column) {
	t.checks = slices.DeleteFunc(t.checks, func(c *check) bool { return c.column == of.name })
}

func (d *draft) newColumn() *column {
	c := &column{name: d.name("col"), kind: pickOf(d.rand, columnKinds), nullable: d.rand.IntN(3) > 0}
	if c.kind == field.TypeEnum {
		c.values = []string{"one", "two", "three"}
	}
	if !c.nullable && d.rand.IntN(3) > 0 {
		switch c.kind {
		case field.TypeEnum:
			c.def = "two"
		case field.TypeString:
			c.def = "it's"
		case field.TypeInt, field.TypeInt32:
			c.def = 7
		case field.TypeFloat64:
			c.def = 1.5
		case field.TypeBool:
			c.def = true
		}
	}
	return c
}

func (d *draft) addTable() string {
	t := &table{name: d.name("tab")}
	for range 1 + d.rand.IntN(3) {
		t.columns = append(t.columns, d.newColumn())
	}
	d.tables = append(d.tables, t)
	return "add table " + t.name
}

func (d *draft) dropTable(gone *table) {
	d.tables = slices.DeleteFunc(d.tables, func(t *table) bool { return t == gone })
	for _, t := range d.tables {
		for _, c := range slices.Clone(t.columns) {
			if c.leads == gone {
				t.drop(c)
			}
		}
	}
}

func (t *table) drop(gone *column) {
	t.columns = slices.DeleteFunc(t.columns, func(c *column) bool { return c == gone })
	t.indexes = slices.DeleteFunc(t.indexes, func(i *idx) bool { return i.column == gone.name })
	t.dropChecks(gone)
	if len(t.columns) == 0 {
		t.columns = append(t.columns, &column{name: gone.name + "x", kind: field.TypeInt, nullable: true})
	}
}

// value is one that a column may have, in SQL of either engine.
func (d *draft) value(c *column) string {
	switch {
	case c.leads != nil, c.nullable && d.rand.IntN(3) == 0:
		return "NULL"
	}
	n := 40 + d.rand.IntN(60) // which no check refuses
	switch c.kind {
	case field.TypeString:
		if n%2 == 0 {
			return fmt.Sprintf("'%d'", n)
		}
		return fmt.Sprintf("'text %d'", n)
	case field.TypeFloat64:
		return fmt.Sprintf("%d.5", n)
	case field.TypeBool:
		return []string{"true", "false"}[n%2]
	case field.TypeUUID:
		return fmt.Sprintf("'00000000-0000-4000-8000-0000000000%02d'", n)
	case field.TypeEnum:
		return "'" + pickOf(d.rand, c.values) + "'"
	case field.TypeTime:
		return fmt.Sprintf("'2026-01-%02d 10:00:00+00:00'", 1+n%28)
	}
	return fmt.Sprint(n)
}

// typed are values that say their types where an engine would not know them.
func (d *draft) typed(t *table, values []string) []string {
	list := slices.Clone(values)
	for i, c := range t.columns {
		as := map[field.Type]string{field.TypeString: "text", field.TypeInt: "bigint", field.TypeInt32: "integer", field.TypeFloat64: "double precision", field.TypeBool: "boolean", field.TypeTime: "timestamptz", field.TypeUUID: "uuid", field.TypeEnum: "text"}[c.kind]
		if enginetest.OnPostgres() {
			list[i] = "CAST(" + values[i] + " AS " + as + ")"
		}
	}
	return list
}
