package migrate

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"

	atlas "ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
	"entgo.io/ent/schema/field"
)

// FillBatch is how many rows are looked up at a time to be filled.
const FillBatch = 1000

// fillNewColumns gives the rows there are what the schema's Go gives a new record: the
// values of columns that are new and required, and that only Go knows a default
// for. It returns the changes to make in place of the given ones.
func (r *reviewer) fillNewColumns(t *atlas.Table, changes []atlas.Change) []atlas.Change {
	known := r.values(t.Name)
	var columns []string
	filled := make([]atlas.Change, len(changes))
	for i, c := range changes {
		filled[i] = c
		add, ok := c.(*atlas.AddColumn)
		if !ok || !required(add.C) {
			continue
		}
		if _, ok := known[add.C.Name]; !ok {
			continue
		}
		as, err := sqlite.FormatType(add.C.Type.Type)
		if r.fail(err) {
			return changes
		}
		// SQLite adds no required column without a default of its own: the
		// column becomes required when its values are there.
		r.exec(fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s %s NULL", quote(t.Name), quote(add.C.Name), as))
		from, kind := *add.C, *add.C.Type
		kind.Null, from.Type = true, &kind
		filled[i] = &atlas.ModifyColumn{From: &from, To: add.C, Change: atlas.ChangeNull}
		columns = append(columns, add.C.Name)
		r.fresh[t.Name+"."+add.C.Name], r.moved[t.Name] = true, true
	}
	switch {
	case len(columns) == 0:
	case r.target.Rows:
		r.fillAll(t.Name, columns)
	default:
		r.fillRows(t.Name, columns)
	}
	return filled
}

// fillAll is fillRows as a statement that knows no row.
func (r *reviewer) fillAll(table string, columns []string) {
	first, second := r.values(table), r.values(table)
	for _, name := range columns {
		c := r.columns[table][name]
		as := ""
		switch one, err := literal(first[name]); {
		case c.Type == field.TypeTime:
			as = "strftime('%Y-%m-%d %H:%M:%S+00:00', 'now')"
		case c.Type == field.TypeUUID && !reflect.DeepEqual(first[name], second[name]):
			as = "(SELECT substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-4' || substr(h, 14, 3) || '-a' || substr(h, 18, 3) || '-' || substr(h, 21) FROM (SELECT lower(hex(randomblob(16))) AS h, " + quote(table) + "._rowid_))"
		case err != nil || !reflect.DeepEqual(first[name], second[name]):
			r.refuse("%s.%s is new and required, and only Go knows its values, each another: make the field Optional in this step, fill it, and require it in the next", table, name)
			continue
		default:
			as = one
		}
		r.exec(fmt.Sprintf("UPDATE %s SET %s = %s WHERE %[2]s IS NULL", quote(table), quote(name), as))
	}
}

// required reports that a row cannot be without the column, and that the
// database has no value for it.
func required(c *atlas.Column) bool { return !c.Type.Null && c.Default == nil }

// fillRows asks for values for each row anew: of what is unique, like a token,
// each has its own.
func (r *reviewer) fillRows(table string, columns []string) {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = quote(c) + " = ?"
	}
	set := fmt.Sprintf("UPDATE %s SET %s WHERE _rowid_ = ?", quote(table), strings.Join(list, ", "))
	next := fmt.Sprintf("SELECT _rowid_ FROM %s WHERE _rowid_ >= ? ORDER BY _rowid_ LIMIT %d", quote(table), FillBatch)
	for from := int64(math.MinInt64); r.err == nil; {
		ids := r.numbers(next, from)
		for _, id := range ids {
			values, args := r.values(table), make([]any, 0, len(columns)+1)
			for _, c := range columns {
				args = append(args, values[c])
			}
			r.exec(set, append(args, id)...)
		}
		if len(ids) < FillBatch || ids[len(ids)-1] == math.MaxInt64 {
			return
		}
		from = ids[len(ids)-1] + 1
	}
}

// values are what the schema's defaults give a new record, by column.
func (r *reviewer) values(table string) map[string]any {
	values := map[string]any{}
	if r.defaults == nil || r.err != nil {
		return values
	}
	fields, err := r.defaults(table)
	if r.fail(err) {
		return values
	}
	for _, f := range fields {
		values[f.Column] = f.Value
		if f.Type == field.TypeJSON { // as ent's own INSERT does
			text, err := json.Marshal(f.Value)
			r.fail(err)
			values[f.Column] = json.RawMessage(text)
		}
	}
	return values
}
