package migrator_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"

	"coppice/core/engine"
	"coppice/core/engine/migrate"
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
}

type column struct {
	name     string
	kind     field.Type
	nullable bool
	def      any    // the database's
	leads    *table // by a foreign key
}

type idx struct {
	name, column string
	unique       bool
}

func (d *draft) name(prefix string) string {
	d.next++
	return fmt.Sprintf("%s%d", prefix, d.next)
}

var columnKinds = []field.Type{field.TypeString, field.TypeInt, field.TypeInt32, field.TypeFloat64, field.TypeBool, field.TypeTime}

// build is the draft as ent has schemas.
func (d *draft) build() []*schema.Table {
	made := map[*table]*schema.Table{}
	for _, t := range d.tables {
		s := schema.NewTable(t.name).AddPrimary(&schema.Column{Name: "id", Type: field.TypeInt, Increment: true})
		for _, c := range t.columns {
			s.AddColumn(&schema.Column{Name: c.name, Type: c.kind, Nullable: c.nullable, Default: c.def})
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
	switch n := d.rand.IntN(12); {
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
		c.kind, c.def = pickOf(d.rand, columnKinds), nil
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
		i := &idx{d.name("idx"), c.name, d.rand.IntN(3) == 0}
		t.indexes = append(t.indexes, i)
		return fmt.Sprintf("index %s.%s unique %t", t.name, c.name, i.unique)
	default:
		c := &column{name: d.name("ref"), kind: field.TypeInt, nullable: true, leads: pickOf(d.rand, d.tables)}
		t.columns = append(t.columns, c)
		return fmt.Sprintf("%s.%s leads to %s", t.name, c.name, c.leads.name)
	}
}

func (d *draft) newColumn() *column {
	c := &column{name: d.name("col"), kind: pickOf(d.rand, columnKinds), nullable: d.rand.IntN(3) > 0}
	if !c.nullable && d.rand.IntN(3) > 0 {
		switch c.kind {
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
	n := d.rand.IntN(100)
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
	case field.TypeTime:
		return fmt.Sprintf("'2026-01-%02d 10:00:00+00:00'", 1+n%28)
	}
	return fmt.Sprint(n)
}

// rows are the rows of all tables, as text, by table and id: column=value.
func (d *desk) rows(tables []*schema.Table) map[string]map[string]string {
	d.Helper()
	driver, err := d.open(migrate.Off)
	if err != nil {
		d.Fatal(err)
	}
	defer func() { _ = driver.Close() }()
	db, err := engine.DB(driver)
	if err != nil {
		d.Fatal(err)
	}
	all := map[string]map[string]string{}
	for _, t := range tables {
		rows, err := db.QueryContext(d.Context(), "SELECT * FROM "+t.Name)
		if err != nil {
			d.Fatal(err)
		}
		names, err := rows.Columns()
		if err != nil {
			d.Fatal(err)
		}
		for rows.Next() {
			cells := make([]any, len(names))
			into := make([]any, len(names))
			for i := range cells {
				into[i] = &cells[i]
			}
			if err := rows.Scan(into...); err != nil {
				d.Fatal(err)
			}
			id := ""
			for i, n := range names {
				if n == "id" {
					id = fmt.Sprint(cells[i])
				}
			}
			for i, n := range names {
				key := t.Name + " " + id
				if all[key] == nil {
					all[key] = map[string]string{}
				}
				all[key][n] = fmt.Sprint(cells[i])
			}
		}
		if err := rows.Close(); err != nil {
			d.Fatal(err)
		}
	}
	return all
}

// kept compares what is in both, but for a column that was edited.
func kept(before, after map[string]map[string]string, edit string) string {
	keys := make([]string, 0, len(before))
	for key := range before {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys {
		table, _, _ := strings.Cut(key, " ")
		if after[key] == nil {
			if strings.Contains(edit, "drop table "+table) {
				continue
			}
			return key + " is gone"
		}
		for name, was := range before[key] {
			now, there := after[key][name]
			if there && now != was && !strings.HasPrefix(edit, table+"."+name+" ") {
				return fmt.Sprintf("%s.%s was %s and is %s", key, name, was, now)
			}
		}
	}
	return ""
}

// Random edits of random schemas over random rows, each as a file: after it the database
// is what the schemas say, with all that was there; or it is refused, and nothing is
// changed.
func TestRandomEditsThroughFiles(t *testing.T) {
	t.Parallel()
	rounds, edits := 3, 12
	if os.Getenv("COPPICE_SCALE") != "" {
		rounds, edits = 20, 25
	}
	for round := range rounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			t.Parallel()
			d := &draft{rand: rand.New(rand.NewPCG(42, uint64(round)))}
			k := newDesk(t)
			d.addTable()
			d.addTable()
			for at := range edits {
				if !k.step(d, at) || t.Failed() {
					return
				}
			}
		})
	}
}

// step makes one edit, and brings the database there. It reports whether another can be
// made: not after a change of which only the first of two files could be applied.
func (d *desk) step(s *draft, at int) bool {
	d.Helper()
	was, tables, edit := s.clone(), d.shelf.random, "begin"
	if at > 0 {
		edit = s.edit()
	}
	before := map[string]map[string]string{}
	if at > 0 {
		before = d.rows(tables)
	}
	d.shelf.random = s.build()
	out, code := d.run("diff", fmt.Sprintf("edit_%d", at))
	done := code == 0
	if done {
		d.unlock()
		out, code = d.run("up")
		done = code == 0
	}
	if !done {
		if strings.Contains(out, "do not lead") {
			d.Errorf("%d %s: %s", at, edit, out)
		}
		if state, _ := d.run("status"); strings.Contains(out, "applied ") || strings.Contains(state, "broken off") {
			if diff := kept(before, d.rows(d.shelf.random), edit); diff != "" {
				d.Errorf("%d %s was done in part (%s): %s", at, edit, out, diff)
			}
			return false
		}
		s.tables, d.shelf.random = was, tables
		d.takeBack(at)
		if diff := kept(before, d.rows(tables), ""); diff != "" {
			d.Errorf("%d %s was refused (%s), and changed something: %s", at, edit, out, diff)
		}
		return true
	}
	d.lead()
	if diff := kept(before, d.rows(d.shelf.random), edit); diff != "" {
		d.Errorf("%d %s: %s\n%s", at, edit, diff, out)
	}
	if d.Failed() {
		d.Errorf("%d %s\n%s", at, edit, out)
		return false
	}
	for _, t := range s.tables {
		for range 2 {
			d.insert(s, t)
		}
	}
	return true
}

// insert adds a row, unless its values are taken.
func (d *desk) insert(s *draft, t *table) {
	d.Helper()
	var names, values []string
	for _, c := range t.columns {
		names, values = append(names, c.name), append(values, s.value(c))
	}
	where := "1 = 1"
	for _, i := range t.indexes {
		if i.unique {
			at := slices.Index(names, i.column)
			if values[at] != "NULL" {
				where += fmt.Sprintf(" AND NOT EXISTS (SELECT 1 FROM %s WHERE %s = %s)", t.name, i.column, values[at])
			}
		}
	}
	d.query(fmt.Sprintf("INSERT INTO %s (%s) SELECT * FROM (VALUES (%s)) AS v WHERE %s", t.name, strings.Join(names, ", "), strings.Join(s.typed(t, values), ", "), where))
}

// typed are values that say their types where an engine would not know them.
func (d *draft) typed(t *table, values []string) []string {
	list := slices.Clone(values)
	for i, c := range t.columns {
		as := map[field.Type]string{field.TypeString: "text", field.TypeInt: "bigint", field.TypeInt32: "integer", field.TypeFloat64: "double precision", field.TypeBool: "boolean", field.TypeTime: "timestamptz"}[c.kind]
		if os.Getenv("TEST_ENGINE") == "postgres" {
			list[i] = "CAST(" + values[i] + " AS " + as + ")"
		}
	}
	return list
}

// unlock lets the last files lose what they lose.
func (d *desk) unlock() {
	d.Helper()
	files, err := filepath.Glob(filepath.Join(d.dir, "*", "*.sql"))
	if err != nil {
		d.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			d.Fatal(err)
		}
		if !strings.Contains(string(text), "coppice:allow") {
			if out, code := d.run("status"); code == 0 && strings.Contains(out, "pending  "+filepath.Base(f)) {
				if err := os.WriteFile(f, append(text, "\n-- coppice:allow destructive\n"...), 0o644); err != nil {
					d.Fatal(err)
				}
			}
		}
	}
	d.must("check", "--rehash")
}

// takeBack removes the files of an edit that was refused.
func (d *desk) takeBack(at int) {
	d.Helper()
	files, err := filepath.Glob(filepath.Join(d.dir, "*", fmt.Sprintf("*_edit_%d*.sql", at)))
	if err != nil {
		d.Fatal(err)
	}
	out := d.must("status")
	for _, f := range files {
		if strings.Contains(out, "pending  "+filepath.Base(f)) {
			if err := os.Remove(f); err != nil {
				d.Fatal(err)
			}
		}
	}
	d.must("check", "--rehash")
}
