package mutation_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// row is a record as the database has it.
type row struct {
	id   int
	vals []any // of the entity's fields
	to   []int // of the edges that the row holds
}

// dump is the whole content of a database.
type dump struct {
	rows  map[*entity][]*row
	lines []string // the same as text, sorted
	// hidden is the text of the part that interceptors hide.
	hidden []string
}

// dumpSQL reads all tables in one statement.
var dumpSQL = func() string {
	var parts []string
	for _, e := range entities {
		columns := []string{"'" + e.name + "'", asText("id")}
		for _, f := range e.fields {
			columns = append(columns, asText(f.sql()))
		}
		for _, ed := range e.edges {
			if ed.kind == own {
				columns = append(columns, asText(ed.column))
			}
		}
		parts = append(parts, selectOf(e.table, columns))
	}
	for _, j := range joins {
		parts = append(parts, selectOf(j[0], []string{"'" + j[0] + "'", asText(j[1]), asText(j[2])}))
	}
	return strings.Join(parts, " UNION ALL ")
}()

func selectOf(table string, columns []string) string {
	for len(columns) < 13 {
		columns = append(columns, "NULL")
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + table
}

func asText(column string) string { return "CAST(" + column + " AS TEXT)" }

func (a *api) dump() dump {
	d := dump{rows: map[*entity][]*row{}}
next:
	for _, cells := range a.rows(dumpSQL) {
		kind := cells[0].(string)
		for _, e := range entities {
			if e.name == kind {
				d.add(e, cells)
				continue next
			}
		}
		line := fmt.Sprint(kind, " ", cells[1], " ", cells[2])
		if strings.Contains(line, " -") {
			d.hidden = append(d.hidden, line)
			continue
		}
		d.lines = append(d.lines, line)
	}
	slices.Sort(d.lines)
	return d
}

func (d *dump) add(e *entity, cells []any) {
	r := &row{id: number(cells[1])}
	cells = cells[2:]
	for i, f := range e.fields {
		r.vals = append(r.vals, stored(f, cells[i]))
	}
	cells = cells[len(e.fields):]
	for _, ed := range e.edges {
		if ed.kind != own {
			continue
		}
		r.to, cells = append(r.to, number(cells[0])), cells[1:]
	}
	if r.id < 0 {
		d.hidden = append(d.hidden, r.line(e))
		return
	}
	d.rows[e] = append(d.rows[e], r)
	d.lines = append(d.lines, r.line(e))
}

// number is the number that a text is, 0 where it is null.
func number(v any) int {
	text, _ := v.(string)
	n, err := strconv.Atoi(text)
	if err != nil && v != nil {
		panic(err)
	}
	return n
}

func stored(f *field, v any) any {
	if t, ok := v.(time.Time); ok { // what the driver makes of the first column of a name
		return t.UTC().Format(timeForm)
	}
	text, ok := v.(string)
	switch {
	case !ok:
		return v
	case f.name == "viewCount" || f.name == "rating":
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			panic(err)
		}
		return n
	case strings.HasSuffix(f.name, "At"):
		t, err := time.Parse("2006-01-02 15:04:05.999999-07:00", text)
		if err != nil {
			t, err = time.Parse("2006-01-02 15:04:05.999999-07", text) // as PostgreSQL writes it
		}
		if err != nil {
			panic(err)
		}
		return t.UTC().Format(timeForm)
	case f.name == "links":
		return strings.ReplaceAll(text, `", "`, `","`) // as PostgreSQL writes it
	}
	return v
}

func (r *row) line(e *entity) string {
	rec := &record{e: e, id: r.id, vals: map[string]any{}, to: map[string]int{}}
	for i, f := range e.fields {
		rec.vals[f.name] = r.vals[i]
	}
	i := 0
	for _, ed := range e.edges {
		if ed.kind == own {
			rec.to[ed.name] = r.to[i]
			i++
		}
	}
	return rec.line(func(id int) int { return id })
}

// learn gives the model's new records the ids of the rows that they are, and
// what the clock gave, its values. It tells what does not go together.
func (st *state) learn(d dump, began time.Time) string {
	known := map[*entity]map[int]bool{}
	for _, e := range entities {
		known[e] = map[int]bool{}
	}
	for _, r := range st.recs {
		known[r.e][r.id] = true
	}
	for st.identify(d, known, st.led) || st.identify(d, known, st.alone) || st.identify(d, known, st.alike) {
	}
	for i, r := range st.recs {
		if r.id == 0 {
			return "no row is the new " + r.line(func(mid int) int { return st.get(mid).id })
		}
		for _, f := range r.e.fields {
			if now, ok := r.vals[f.name].(clock); ok {
				if problem := st.read(i, f, d, now, began); problem != "" {
					return problem
				}
			}
		}
	}
	return ""
}

// identify finds the row of one new record.
func (st *state) identify(d dump, known map[*entity]map[int]bool, way func(*record, dump, map[int]bool) int) bool {
	for _, r := range st.recs {
		if r.id != 0 {
			continue
		}
		if id := way(r, d, known[r.e]); id != 0 {
			r.id, known[r.e][id] = id, true
			return true
		}
	}
	return false
}

// led finds the row of a new record that a record leads to whose row is known.
func (st *state) led(r *record, d dump, known map[int]bool) int {
	for _, from := range st.recs {
		row := d.row(from.e, from.id)
		if row == nil {
			continue
		}
		i := 0
		for _, ed := range from.e.edges {
			if ed.kind != own {
				continue
			}
			if from.to[ed.name] == r.mid && !known[row.to[i]] {
				return row.to[i]
			}
			i++
		}
	}
	return 0
}

// alone finds the row that only can be that of a new record.
func (st *state) alone(r *record, d dump, known map[int]bool) int {
	id := 0
	for _, row := range d.rows[r.e] {
		if !known[row.id] && st.like(r, row) {
			if id != 0 {
				return 0
			}
			id = row.id
		}
	}
	return id
}

// alike finds a row that can be that of a new record: what a request makes
// several times over cannot be told apart.
func (st *state) alike(r *record, d dump, known map[int]bool) int {
	for _, row := range d.rows[r.e] {
		if !known[row.id] && st.like(r, row) {
			return row.id
		}
	}
	return 0
}

// like reports whether a row has the values of a new record and leads to where
// it does, as far as that is known.
func (st *state) like(r *record, row *row) bool {
	for i, f := range r.e.fields {
		if _, ok := r.vals[f.name].(clock); !ok && r.vals[f.name] != row.vals[i] {
			return false
		}
	}
	i := 0
	for _, ed := range r.e.edges {
		if ed.kind != own {
			continue
		}
		to := r.to[ed.name]
		if (to == 0) != (row.to[i] == 0) || to != 0 && st.get(to).id != 0 && st.get(to).id != row.to[i] {
			return false
		}
		i++
	}
	return true
}

func (d dump) row(e *entity, id int) *row {
	for _, row := range d.rows[e] {
		if row.id == id && id != 0 {
			return row
		}
	}
	return nil
}

// read takes over a time that the server's clock gave, if it can be one.
func (st *state) read(i int, f *field, d dump, now clock, began time.Time) string {
	r := st.recs[i]
	row := d.row(r.e, r.id)
	if row == nil {
		return r.global() + " is gone"
	}
	v := row.vals[slices.Index(r.e.fields, f)]
	text, _ := v.(string)
	if _, err := time.Parse(timeForm, text); err != nil {
		return fmt.Sprintf("%s of %s is %v, not a time", f.name, r.global(), v)
	}
	fresh := text >= began.UTC().Format(timeForm) && text <= time.Now().UTC().Format(timeForm)
	if !fresh && now.fresh {
		return fmt.Sprintf("%s of %s is %v, not the time of this request", f.name, r.global(), v)
	}
	st.edit(r.mid).vals[f.name] = v
	return ""
}
