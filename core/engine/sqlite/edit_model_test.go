package sqlite

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"
)

// A plan of schemas, from which tables are made as ent's generator makes them.
type (
	plannedField struct {
		name         string
		typ          field.Type
		null, unique bool
		def          any // a literal, a schema.Expr or nil
		enums        []string
	}
	// plannedEdge is a to-one edge, whose foreign key its entity holds.
	plannedEdge struct {
		column, to   string
		null, unique bool
		onDelete     schema.ReferenceOption
	}
	plannedIndex struct {
		name    string
		columns []string
		unique  bool
		where   string
	}
	plannedEntity struct {
		table   string
		id      field.Type
		fields  []plannedField
		edges   []plannedEdge
		indexes []plannedIndex
		checks  map[string]string // by name; "" is the one without
		gone    []plannedEdge     // what may be put back
	}
	plannedJoin struct {
		table, from, to string
		columns         [2]string // unless they are from_id and to_id
	}
	planned struct {
		entities []plannedEntity
		joins    []plannedJoin
	}
)

func (p planned) clone() planned {
	c := planned{joins: slices.Clone(p.joins)}
	for _, e := range p.entities {
		e.fields, e.edges, e.indexes = slices.Clone(e.fields), slices.Clone(e.edges), slices.Clone(e.indexes)
		e.gone = slices.Clone(e.gone)
		checks := map[string]string{}
		for name, expr := range e.checks {
			checks[name] = expr
		}
		e.checks = checks
		c.entities = append(c.entities, e)
	}
	return c
}

func (p planned) entity(table string) *plannedEntity {
	i := slices.IndexFunc(p.entities, func(e plannedEntity) bool { return e.table == table })
	if i < 0 {
		return nil
	}
	return &p.entities[i]
}

// takes reports that the entity has a column of a name, in any case.
func (e *plannedEntity) takes(name string) bool {
	return strings.EqualFold(name, "id") ||
		slices.ContainsFunc(e.fields, func(f plannedField) bool { return strings.EqualFold(f.name, name) }) ||
		slices.ContainsFunc(e.edges, func(g plannedEdge) bool { return strings.EqualFold(g.column, name) })
}

// mentions reports that an index or a check names a column.
func (e *plannedEntity) forget(column string) {
	e.indexes = slices.DeleteFunc(e.indexes, func(x plannedIndex) bool {
		return slices.Contains(x.columns, column) || strings.Contains(x.where, "`"+column+"`")
	})
	for name, expr := range e.checks {
		if strings.Contains(expr, "`"+column+"`") {
			delete(e.checks, name)
		}
	}
}

// tables are what ent would generate.
func (p planned) tables() []*schema.Table {
	var list []*schema.Table
	byName := map[string]*schema.Table{}
	for _, e := range p.entities {
		id := &schema.Column{Name: "id", Type: e.id, Increment: e.id == field.TypeInt}
		t := &schema.Table{Name: e.table, Columns: []*schema.Column{id}, PrimaryKey: []*schema.Column{id}}
		columns := map[string]*schema.Column{"id": id}
		for _, f := range e.fields {
			c := &schema.Column{Name: f.name, Type: f.typ, Nullable: f.null, Unique: f.unique, Default: f.def, Enums: f.enums}
			t.Columns, columns[f.name] = append(t.Columns, c), c
		}
		for _, g := range e.edges {
			c := &schema.Column{Name: g.column, Type: p.entity(g.to).id, Nullable: g.null, Unique: g.unique}
			t.Columns, columns[g.column] = append(t.Columns, c), c
			if !g.unique {
				t.Indexes = append(t.Indexes, &schema.Index{Name: e.table + "_" + g.column, Columns: []*schema.Column{c}})
			}
		}
		for _, x := range e.indexes {
			index := &schema.Index{Name: x.name, Unique: x.unique}
			for _, c := range x.columns {
				index.Columns = append(index.Columns, columns[c])
			}
			if x.where != "" {
				index.Annotation = entsql.IndexWhere(x.where)
			}
			t.Indexes = append(t.Indexes, index)
		}
		if len(e.checks) > 0 {
			t.Annotation = &entsql.Annotation{Checks: map[string]string{}}
			for name, expr := range e.checks {
				if name == "" {
					t.Annotation.Check = expr
				} else {
					t.Annotation.Checks[name] = expr
				}
			}
		}
		list, byName[e.table] = append(list, t), t
	}
	for _, e := range p.entities {
		t := byName[e.table]
		for _, g := range e.edges {
			i := slices.IndexFunc(t.Columns, func(c *schema.Column) bool { return c.Name == g.column })
			t.ForeignKeys = append(t.ForeignKeys, &schema.ForeignKey{
				Symbol: e.table + "_" + g.to + "_" + g.column, Columns: t.Columns[i : i+1 : i+1],
				RefTable: byName[g.to], RefColumns: byName[g.to].PrimaryKey, OnDelete: g.onDelete,
			})
		}
	}
	for _, j := range p.joins {
		list = append(list, j.build(byName[j.from], byName[j.to]))
	}
	return list
}

// build is the table of a many-to-many edge.
func (j plannedJoin) build(from, to *schema.Table) *schema.Table {
	a := &schema.Column{Name: cmp.Or(j.columns[0], "from_id"), Type: from.PrimaryKey[0].Type}
	b := &schema.Column{Name: cmp.Or(j.columns[1], "to_id"), Type: to.PrimaryKey[0].Type}
	return &schema.Table{Name: j.table, Columns: []*schema.Column{a, b}, PrimaryKey: []*schema.Column{a, b},
		Indexes: []*schema.Index{{Name: j.table + "_" + b.Name, Columns: []*schema.Column{b}}},
		ForeignKeys: []*schema.ForeignKey{
			{Symbol: j.table + "_" + a.Name, Columns: []*schema.Column{a}, RefTable: from, RefColumns: from.PrimaryKey, OnDelete: schema.Cascade},
			{Symbol: j.table + "_" + b.Name, Columns: []*schema.Column{b}, RefTable: to, RefColumns: to.PrimaryKey, OnDelete: schema.Cascade},
		}}
}

var (
	plannedTypes = []field.Type{field.TypeString, field.TypeString, field.TypeInt, field.TypeInt, field.TypeInt64, field.TypeInt8, field.TypeUint16,
		field.TypeUint64, field.TypeFloat64, field.TypeFloat32, field.TypeBool, field.TypeTime, field.TypeJSON, field.TypeBytes, field.TypeUUID, field.TypeEnum}
	plannedEnums = [][]string{{"a", "b", "7"}, {"a", "b"}, {"b", "7", "it's"}, {"true", "false"}}
	plannedNames = []string{"name", "size", "order", "select", "Mixed", "code", "x"}
)

// plannedValues are what a field may hold, as ent hands it over.
func plannedValues(r *rand.Rand, typ field.Type, enums []string) any {
	pick := func(list ...any) any { return list[r.IntN(len(list))] }
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	switch typ {
	case field.TypeString:
		if r.IntN(2) == 0 {
			return pick("7", "0", "1", "-3", "2.5", "true", "false", "2026-01-02T03:04:05Z", "2026-01-02T05:04:05.123456+02:00", "[1]", "a", "b")
		}
		return pick("007", " 7", "1e2", "1.10", "9007199254740993", "99999999999999999999", "", "it's; DROP", "{\"a\":1.10}", "2026-02-30T00:00:00Z", "0.30000000000000004",
			"123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000", "2026-01-02T03:04:05.1234567Z", "70000", "é")
	case field.TypeEnum:
		return enums[r.IntN(len(enums))]
	case field.TypeInt8:
		return pick(int64(0), int64(1), int64(7), int64(-100))
	case field.TypeUint16:
		return pick(int64(0), int64(1), int64(7), int64(60000))
	case field.TypeUint64:
		return pick(int64(0), int64(1), int64(7), int64(9007199254740993))
	case field.TypeInt, field.TypeInt64:
		return pick(int64(0), int64(1), int64(7), int64(-1), int64(300), int64(70000), int64(9007199254740993), int64(1)<<62)
	case field.TypeFloat64:
		return pick(0.0, 1.0, 2.5, 0.1, 3.0, 1e300, 9007199254740992.0, 0.30000000000000004, -1.0)
	case field.TypeFloat32:
		return pick(0.0, 1.0, 2.5, float64(float32(0.1)))
	case field.TypeBool:
		return r.IntN(2) == 0
	case field.TypeTime:
		return pick(at, at.Add(time.Microsecond), at.AddDate(0, r.IntN(9), 0), at.AddDate(-500, 0, 0))
	case field.TypeJSON:
		return []byte(pick(`[1]`, `{"a":1.10}`, `7`, `"x"`, `null`).(string))
	case field.TypeBytes:
		return []byte(pick("abc", "7", "\x00\xff", "").(string))
	case field.TypeUUID:
		return uuid.NewSHA1(uuid.Nil, []byte{byte(r.IntN(5))}).String()
	}
	panic(typ)
}

// newField is any field.
func newField(r *rand.Rand, name string) plannedField {
	f := plannedField{name: name, typ: plannedTypes[r.IntN(len(plannedTypes))], null: r.IntN(2) == 0, unique: r.IntN(5) == 0}
	f.reset(r)
	return f
}

// reset gives a field what its type needs.
func (f *plannedField) reset(r *rand.Rand) {
	f.enums, f.def = nil, nil
	if f.typ == field.TypeEnum {
		f.enums = plannedEnums[r.IntN(len(plannedEnums))]
	}
	if r.IntN(4) > 0 {
		return
	}
	switch f.typ {
	case field.TypeString:
		f.def = []any{"x", "7", "it's", schema.Expr("lower('Q')")}[r.IntN(4)]
	case field.TypeEnum:
		f.def = f.enums[0]
	case field.TypeInt, field.TypeInt64, field.TypeInt8:
		f.def = 7
	case field.TypeFloat64:
		f.def = 2.5
	case field.TypeBool:
		f.def = true
	}
}

// newEdge is any to-one edge.
func newEdge(r *rand.Rand, p planned, column string) plannedEdge {
	g := plannedEdge{column: column, to: p.entities[r.IntN(len(p.entities))].table, null: r.IntN(3) > 0, unique: r.IntN(4) == 0}
	g.act(r)
	return g
}

// act gives an edge what happens when its target goes.
func (g *plannedEdge) act(r *rand.Rand) {
	actions := []schema.ReferenceOption{schema.NoAction, schema.Cascade, schema.Restrict}
	if g.null {
		actions = append(actions, schema.SetNull, schema.SetNull)
	}
	g.onDelete = actions[r.IntN(len(actions))]
}

// newPlan is any schema.
func newPlan(r *rand.Rand) planned {
	var p planned
	for i := range 2 + r.IntN(2) {
		e := plannedEntity{table: []string{"things", "Groups", "order"}[i], id: field.TypeInt, checks: map[string]string{}}
		if r.IntN(6) == 0 {
			e.id = []field.Type{field.TypeString, field.TypeUUID}[r.IntN(2)]
		}
		for _, i := range r.Perm(len(plannedNames))[:1+r.IntN(4)] {
			e.fields = append(e.fields, newField(r, plannedNames[i]))
		}
		p.entities = append(p.entities, e)
	}
	for i := range p.entities {
		for n := range r.IntN(3) {
			p.entities[i].edges = append(p.entities[i].edges, newEdge(r, p, fmt.Sprintf("things_e%d", n)))
		}
	}
	if r.IntN(2) == 0 {
		p.joins = append(p.joins, plannedJoin{table: "things_of", from: "things", to: p.entities[r.IntN(len(p.entities))].table})
	}
	return p
}
