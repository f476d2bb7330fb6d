package sqlite

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"entgo.io/ent/schema/field"

	"coppice/core/record"
)

// Whatever is renamed, and retyped with it, in however many versions of the schema at
// once, all that was there reads as before under its new names, ids go on, and the file
// is as a new one.
func TestRandomRenames(t *testing.T) {
	t.Parallel()
	n := 60
	if testing.Short() {
		n = 8
	}
	if os.Getenv("COPPICE_SCALE") != "" {
		n = 1000
	}
	for i := range n {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(15, uint64(i)))
			d := &edited{t: t, r: r, url: fileURL(t), plan: newPlan(r)}
			d.start()
			run := &renaming{edited: d}
			for range 4 {
				if !run.round() {
					return
				}
			}
		})
	}
}

// renaming is a file whose names are being changed.
type renaming struct {
	*edited
	known  []record.Rename // what the schemas say
	tables map[string]string
	column map[string]map[string]string // by the table's older name
	value  map[string]map[string]string // by that and the column's
}

// round renames some things and opens the file.
func (d *renaming) round() bool {
	next := d.plan.clone()
	for i := range next.entities {
		for k := range next.entities[i].indexes {
			next.entities[i].indexes[k].columns = slices.Clone(next.entities[i].indexes[k].columns)
		}
	}
	d.tables, d.column, d.value = map[string]string{}, map[string]map[string]string{}, map[string]map[string]string{}
	if d.r.IntN(3) == 0 { // all databases have been opened since
		d.known = nil
		client, log, err := openLogging(d.t, d.url, next.tables())
		if err != nil || log != "" {
			return d.failf("without RenamedFrom: %v %s", err, log)
		}
		shut(d.t, client)
	}
	for range 1 + d.r.IntN(5) {
		[]func(*planned){d.entity, d.field, d.field, d.exchange, d.edge, d.join, d.enum, d.retype}[d.r.IntN(8)](&next)
	}
	before := contentOf(d.t, d.url)
	client, log, err := openLogging(d.t, d.url, next.tables(), d.known...)
	if err != nil {
		return d.failf("refused: %v\n%v", err, d.known)
	}
	shut(d.t, client)
	if log != "" {
		return d.failf("logged: %s", log)
	}
	if !d.kept(before, next) || !d.asFresh(next) {
		return false
	}
	made := contentOf(d.t, d.url)
	client, log, err = openLogging(d.t, d.url, next.tables(), d.known...)
	if err != nil || log != "" {
		return d.failf("the second start: %v %s", err, log)
	}
	stir(d.t, d.r, client, next)
	shut(d.t, client)
	if again := contentOf(d.t, d.url); !slices.Equal(made.made, again.made) {
		return d.failf("the second start changed\n%s\nto\n%s", made.made, again.made)
	}
	d.plan = next
	return true
}

// kept holds that each row reads as before under the new names.
func (d *renaming) kept(before content, next planned) bool {
	after := contentOf(d.t, d.url)
	for table, rows := range before.values {
		if table == "sqlite_sequence" {
			for _, row := range rows {
				name := d.now(d.tables, row["name"].(string))
				if !slices.ContainsFunc(after.values[table], func(now map[string]any) bool {
					return now["name"] == name && now["seq"] == row["seq"]
				}) {
					return d.failf("the ids of %s do not go on from %v: %v", name, row["seq"], after.values[table])
				}
			}
			continue
		}
		now := after.values[d.now(d.tables, table)]
		if len(now) != len(rows) {
			return d.failf("%s has %d rows, and had %d", table, len(now), len(rows))
		}
		for i, row := range rows {
			for name, v := range row {
				if !d.same(next, table, name, v, now[i]) {
					return false
				}
			}
		}
	}
	if len(before.values) != len(after.values) {
		return d.failf("tables are %v, and were %v", slices.Sorted(maps.Keys(after.values)), slices.Sorted(maps.Keys(before.values)))
	}
	return true
}

func (d *renaming) same(next planned, table, name string, v any, row map[string]any) bool {
	to := d.now(d.column[table], name)
	w, there := row[to]
	if text, ok := v.(string); ok {
		v = d.now(d.value[table+"."+name], text)
	}
	e := next.entity(d.now(d.tables, table))
	was, _ := d.plan.typeOf(d.plan.entity(table), name)
	is, known := next.typeOf(e, to)
	switch {
	case !there:
		return d.failf("%s.%s is gone", table, name)
	case known && !reads(was, v, is, w), !known && fmt.Sprint(v) != fmt.Sprint(w):
		return d.failf("%s.%s is %#v as %s, and was %#v as %s", table, name, w, is, v, was)
	}
	return true
}

func (d *renaming) now(names map[string]string, old string) string {
	if name, ok := names[old]; ok {
		return name
	}
	return old
}

// was is what something is called in the file.
func was(names map[string]string, now string) string {
	for old, name := range names {
		if name == now {
			return old
		}
	}
	return now
}

// say notes a renaming as a schema does: what had the names before still has had them.
func (d *renaming) say(n record.Rename) {
	same := func(o record.Rename) bool {
		return o.Table == n.Table && (o.Column == "") == (n.Column == "") && o.Value == ""
	}
	for i, o := range d.known {
		switch {
		case n.Column == "" && o.Table == n.From:
			d.known[i].Table = n.Table
		case n.Column != "" && n.Value == "" && o.Table == n.Table && o.Column == n.From:
			d.known[i].Column = n.Column
		case n.Value != "" && o.Table == n.Table && o.Column == n.Column && o.Value == n.From:
			d.known[i].Value = n.Value
		}
	}
	d.known = slices.DeleteFunc(d.known, func(o record.Rename) bool { // a name that comes back is no older one
		return same(o) && n.Value == "" && o.From == cmpName(n)
	})
	d.known = append(d.known, n)
	d.did = append(d.did, fmt.Sprintf("rename %+v", n))
}

func cmpName(n record.Rename) string {
	if n.Column != "" {
		return n.Column
	}
	return n.Table
}

func note(m map[string]map[string]string, key, old, name string) {
	if m[key] == nil {
		m[key] = map[string]string{}
	}
	m[key][was(m[key], old)] = name
}

// unused is a name that nothing has had.
func (d *renaming) unused(prefix string) string {
	d.did = append(d.did, "")
	return fmt.Sprintf("%s_%d", strings.SplitN(prefix, "_n", 2)[0]+"_n", len(d.did))
}

func (d *renaming) entity(p *planned) {
	old := anyEntity(d.r, p).table
	name := d.unused(old)
	renameTable(p, old, name)
	d.tables[was(d.tables, old)] = name
	d.say(record.Rename{Table: name, From: old})
}

func (d *renaming) join(p *planned) {
	if len(p.joins) == 0 {
		return
	}
	j := &p.joins[0]
	old := j.table
	if d.r.IntN(2) == 0 {
		j.table = d.unused(old)
		d.tables[was(d.tables, old)] = j.table
		d.say(record.Rename{Table: j.table, From: old})
	}
	i := d.r.IntN(2)
	column := j.columns[i]
	if column == "" {
		column = []string{"from_id", "to_id"}[i]
	}
	j.columns[i] = d.unused("end")
	note(d.column, was(d.tables, j.table), column, j.columns[i])
	d.say(record.Rename{Table: j.table, Column: j.columns[i], From: column})
}

// call gives a column of an entity another name, wherever the plan has it.
func (e *plannedEntity) call(old, name string) {
	for i := range e.fields {
		if e.fields[i].name == old {
			e.fields[i].name = name
		}
	}
	for i := range e.edges {
		if e.edges[i].column == old {
			e.edges[i].column = name
		}
	}
	for i := range e.indexes {
		x := &e.indexes[i]
		for k, c := range x.columns {
			if c == old {
				x.columns[k] = name
			}
		}
		x.where = strings.ReplaceAll(x.where, "`"+old+"`", "`"+name+"`")
	}
	for k, expr := range e.checks {
		e.checks[k] = strings.ReplaceAll(expr, "`"+old+"`", "`"+name+"`")
	}
}

func (d *renaming) called(e *plannedEntity, old, name string) {
	e.call(old, name)
	note(d.column, was(d.tables, e.table), old, name)
	d.say(record.Rename{Table: e.table, Column: name, From: old})
}

func (d *renaming) field(p *planned) {
	if e, f := anyField(d.r, p); f != nil {
		d.called(e, f.name, d.unused(f.name))
	}
}

func (d *renaming) edge(p *planned) {
	if e, g := anyEdge(d.r, p); g != nil {
		d.called(e, g.column, d.unused("edge"))
	}
}

// exchange lets two fields have each other's names. That can be said once between two
// starts, and not of one that has had other names.
func (d *renaming) exchange(p *planned) {
	e := anyEntity(d.r, p)
	had := func(name string) bool {
		return slices.ContainsFunc(d.known, func(o record.Rename) bool { return o.Table == e.table && (o.Column == name || o.From == name) })
	}
	if len(e.fields) < 2 || had(e.fields[0].name) || had(e.fields[1].name) {
		return
	}
	a, b := e.fields[0].name, e.fields[1].name
	e.call(a, "\x00")
	e.call(b, a)
	e.call("\x00", b)
	table := was(d.tables, e.table)
	x, y := was(d.column[table], a), was(d.column[table], b)
	if d.column[table] == nil {
		d.column[table] = map[string]string{}
	}
	d.column[table][x], d.column[table][y] = b, a
	d.known = append(d.known, record.Rename{Table: e.table, Column: b, From: a}, record.Rename{Table: e.table, Column: a, From: b})
	d.did = append(d.did, fmt.Sprintf("exchange %s and %s of %s", a, b, e.table))
}

func (d *renaming) enum(p *planned) {
	e, f := anyField(d.r, p)
	if f == nil || f.typ != field.TypeEnum || f.def != nil {
		return
	}
	f.enums = slices.Clone(f.enums)
	i := d.r.IntN(len(f.enums))
	old := f.enums[i]
	f.enums[i] = d.unused("v")
	table := was(d.tables, e.table)
	note(d.value, table+"."+was(d.column[table], f.name), old, f.enums[i])
	d.say(record.Rename{Table: e.table, Column: f.name, Value: f.enums[i], From: old})
}

// retype lets a number be a wider one, or a text.
func (d *renaming) retype(p *planned) {
	e, f := anyField(d.r, p)
	if f == nil || f.unique || f.def != nil || len(e.checks)+len(e.indexes) > 0 {
		return
	}
	switch f.typ {
	case field.TypeInt8, field.TypeUint16:
		f.typ = field.TypeInt64
	case field.TypeInt64:
		f.typ = field.TypeString
	default:
		return
	}
	d.did = append(d.did, "retype "+e.table+"."+f.name)
}
