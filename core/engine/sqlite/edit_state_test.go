package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"coppice/core/engine/migrate"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
)

// content is all that a file holds, but for the record of its schemas.
type content struct {
	made   []string              // sqlite_master
	rows   map[string][]rowState // by table, by rowid
	values map[string][]map[string]any
}

// rowState is a row as SQL would write it.
type rowState string

// rawly opens a file as another program would.
func rawly(t *testing.T, url string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(url, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func contentOf(t *testing.T, url string) content {
	t.Helper()
	db := rawly(t, url)
	defer db.Close()
	c := content{rows: map[string][]rowState{}, values: map[string][]map[string]any{}}
	c.made = all[string](t, db, "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master WHERE name <> 'coppice_schema' AND name NOT LIKE 'sqlite_stat%' ORDER BY type, name")
	for _, table := range all[string](t, db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'coppice_schema' AND name NOT LIKE 'sqlite_stat%' ORDER BY name") {
		columns := all[string](t, db, "SELECT name FROM pragma_table_info(?)", table)
		plain, quoted := make([]string, len(columns)), make([]string, len(columns))
		for i, name := range columns {
			plain[i], quoted[i] = "+"+quote(name), "quote("+quote(name)+")"
		}
		for _, row := range all[string](t, db, "SELECT "+strings.Join(quoted, " || ', ' || ")+" FROM "+quote(table)+" ORDER BY rowid") {
			c.rows[table] = append(c.rows[table], rowState(row))
		}
		c.values[table] = valuesOf(t, db, columns, "SELECT "+strings.Join(plain, ", ")+" FROM "+quote(table)+" ORDER BY rowid")
	}
	return c
}

func valuesOf(t *testing.T, db *sql.DB, columns []string, query string) (list []map[string]any) {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), query)
	if err != nil {
		t.Fatal(query, err)
	}
	defer rows.Close()
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(query, err)
		}
		row := map[string]any{}
		for i, name := range columns {
			row[name] = values[i]
		}
		list = append(list, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(query, err)
	}
	return list
}

// difference is the first thing in which two contents differ, or "".
func (c content) difference(other content) string {
	if !slices.Equal(c.made, other.made) {
		return fmt.Sprintf("made is\n%s\nnot\n%s", strings.Join(other.made, "\n"), strings.Join(c.made, "\n"))
	}
	for _, table := range slices.Sorted(maps.Keys(c.rows)) {
		if !slices.Equal(c.rows[table], other.rows[table]) {
			return fmt.Sprintf("%s holds\n%s\nnot\n%s", table, other.rows[table], c.rows[table])
		}
	}
	return ""
}

// insertRow adds a row with random values, where they break nothing.
func insertRow(r *rand.Rand, db contextExecer, e plannedEntity, ids func(table string) []any) error {
	columns, values := []string{}, []any{}
	add := func(name string, v any) { columns, values = append(columns, quote(name)), append(values, v) }
	switch e.id {
	case field.TypeString:
		add("id", fmt.Sprint("k", r.IntN(100)))
	case field.TypeUUID:
		add("id", plannedValues(r, field.TypeUUID, nil))
	}
	for _, f := range e.fields {
		if f.null && r.IntN(3) == 0 || f.def != nil && r.IntN(3) == 0 {
			continue
		}
		add(f.name, plannedValues(r, f.typ, f.enums))
	}
	for _, g := range e.edges {
		list := ids(g.to)
		if g.null && r.IntN(3) == 0 || len(list) == 0 {
			continue
		}
		add(g.column, list[r.IntN(len(list))])
	}
	query := "INSERT INTO " + quote(e.table) + " DEFAULT VALUES"
	if len(columns) > 0 {
		query = fmt.Sprintf("INSERT INTO %s (%s) VALUES (?%s)", quote(e.table), strings.Join(columns, ", "), strings.Repeat(", ?", len(columns)-1))
	}
	_, err := db.ExecContext(context.Background(), query, values...)
	return err
}

type contextExecer interface {
	contextQuerier
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}

// stir adds rows and takes some away; what would break a rule is left out.
func stir(t *testing.T, r *rand.Rand, db contextExecer, p planned) {
	t.Helper()
	ids := func(table string) []any { return all[any](t, db, "SELECT +id FROM "+quote(table)) }
	for _, e := range p.entities {
		for range r.IntN(5) {
			_ = insertRow(r, db, e, ids)
		}
		if list := ids(e.table); len(list) > 0 && r.IntN(2) == 0 {
			_, _ = db.ExecContext(t.Context(), "DELETE FROM "+quote(e.table)+" WHERE id = ?", list[len(list)-1-r.IntN(min(2, len(list)))])
		}
	}
	for _, j := range p.joins {
		from, to := ids(j.from), ids(j.to)
		for range min(2, len(from), len(to)) {
			_, _ = db.ExecContext(t.Context(), "INSERT INTO "+quote(j.table)+" VALUES (?, ?)", from[r.IntN(len(from))], to[r.IntN(len(to))])
		}
	}
}

// reads reports whether a value of one type and one of another are the same
// to whoever reads them.
func reads(from field.Type, v any, to field.Type, w any) bool {
	if v == nil || w == nil {
		return v == nil && w == nil
	}
	a, b := shown(from, v), shown(to, w)
	bits := strings.NewReplacer("true", "1", "false", "0")
	switch {
	case a == b:
		return true
	case from == field.TypeBool || to == field.TypeBool:
		return bits.Replace(a) == bits.Replace(b)
	case from == field.TypeTime || to == field.TypeTime:
		x, err := time.Parse(time.RFC3339Nano, a)
		y, other := time.Parse(time.RFC3339Nano, b)
		return err == nil && other == nil && x.Equal(y)
	case from == field.TypeUUID || to == field.TypeUUID:
		return strings.EqualFold(a, b)
	}
	return false
}

// shown is a stored value as a client sees it.
func shown(typ field.Type, v any) string {
	switch v := v.(type) {
	case int64:
		if typ == field.TypeBool {
			return strconv.FormatBool(v == 1)
		}
		return strconv.FormatInt(v, 10)
	case float64:
		bits := 64
		if typ == field.TypeFloat32 {
			bits = 32
		}
		if v == math.Trunc(v) && math.Abs(v) < 1<<63 {
			return strconv.FormatInt(int64(v), 10)
		}
		return strconv.FormatFloat(v, 'g', -1, bits)
	case []byte:
		return string(v)
	case string:
		if t, err := time.Parse(migrate.TimeLayout, v); typ == field.TypeTime && err == nil {
			return t.UTC().Format(time.RFC3339Nano)
		}
		return v
	}
	return fmt.Sprint(v)
}

// storedRight reports whether a value is stored as one of its type is.
func storedRight(typ field.Type, v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case int64:
		return typ.Integer() || typ == field.TypeBool && (v == 0 || v == 1)
	case float64:
		return typ == field.TypeFloat64 || typ == field.TypeFloat32 && v == float64(float32(v))
	case []byte:
		return typ == field.TypeBytes || typ == field.TypeJSON && !bytes.Equal(v, []byte("007"))
	case string:
		if typ == field.TypeTime {
			t, err := time.Parse(migrate.TimeLayout, v)
			return err == nil && migrate.FormatTime(t) == v
		}
		return typ == field.TypeString || typ == field.TypeEnum || typ == field.TypeUUID && v == strings.ToLower(v)
	}
	return false
}

// typeOf is the type of an entity's column; known where the schema has it.
func (p planned) typeOf(e *plannedEntity, column string) (t field.Type, known bool) {
	if e == nil {
		return 0, false
	}
	return p.typeIn(*e, column)
}

func (p planned) typeIn(e plannedEntity, column string) (t field.Type, known bool) {
	if column == "id" {
		return e.id, true
	}
	for _, f := range e.fields {
		if strings.EqualFold(f.name, column) {
			return f.typ, true
		}
	}
	for _, g := range e.edges {
		if to := p.entity(g.to); strings.EqualFold(g.column, column) && to != nil {
			return to.id, true
		}
	}
	return 0, false
}

// asFresh holds that the file has, of the schema, what a new file has.
func (d *edited) asFresh(next planned) bool {
	url := fileURL(d.t)
	client, _, err := openLogging(d.t, url, next.tables())
	if err != nil {
		d.t.Fatal(err)
	}
	shut(d.t, client)
	fresh, now := rawly(d.t, url), rawly(d.t, d.url)
	defer shut(d.t, fresh)
	defer shut(d.t, now)
	if text := all[string](d.t, now, "PRAGMA integrity_check"); !slices.Equal(text, []string{"ok"}) {
		return d.failf("rows break a rule: %v", text)
	}
	for _, t := range next.tables() {
		if n := one[int](d.t, now, "SELECT COUNT(*) FROM pragma_foreign_key_check(?)", t.Name); n > 0 {
			return d.failf("%d rows of %s lead nowhere", n, t.Name)
		}
		for _, query := range []string{
			"SELECT name || ' ' || type || ' ' || \"notnull\" || ' ' || coalesce(dflt_value, '') || ' ' || pk FROM pragma_table_info(?) ORDER BY name",
			"SELECT \"from\" || ' ' || \"table\" || ' ' || on_delete FROM pragma_foreign_key_list(?) ORDER BY 1",
			"SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ? ORDER BY sql",
		} {
			want, got := all[string](d.t, fresh, query, t.Name), all[string](d.t, now, query, t.Name)
			if strings.Contains(query, "table_info") { // what the schema no longer has stays
				got = slices.DeleteFunc(got, func(s string) bool {
					name := s[:strings.IndexByte(s, ' ')]
					return !slices.ContainsFunc(t.Columns, func(c *schema.Column) bool { return c.Name == name })
				})
			}
			if !slices.Equal(got, want) {
				return d.failf("%s is made as\n%s\nand in a new file as\n%s", t.Name, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
		checks := func(db *sql.DB) int {
			return strings.Count(one[string](d.t, db, "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", t.Name), "CHECK (")
		}
		if checks(fresh) != checks(now) {
			return d.failf("%s has %d checks, and in a new file %d", t.Name, checks(now), checks(fresh))
		}
	}
	return true
}
