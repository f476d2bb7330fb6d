package database

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	atlas "ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
)

// modifyType refuses another type of a column that holds something. With
// ?loss=allow it is converted as far as it goes, and the rest becomes null.
func (r *reviewer) modifyType(t *atlas.Table, c *atlas.ModifyColumn) {
	from := strings.ToLower(c.From.Type.Raw)
	to, err := sqlite.FormatType(c.To.Type.Type)
	if from == "json" && to == "text" { // ent stores JSON as bytes
		r.after = append(r.after, fmt.Sprintf("UPDATE %s SET %s = CAST(%s AS TEXT)", quote(t.Name), quote(c.To.Name), quote(c.To.Name)))
	}
	if r.fail(err) || widens(from, to) {
		return
	}
	column := r.columns[t.Name][c.To.Name]
	misfit := misfits(column)
	if !r.target.loss {
		if misfit == "" {
			misfit = quote(c.To.Name) + " IS NOT NULL"
		}
		if n := r.count("SELECT COUNT(*) FROM %s WHERE %s IS NOT NULL", quote(t.Name), quote(c.To.Name)); n > 0 {
			r.refuse("%s.%s is %s in the database and %s in the schema, and %d rows hold a value that may not survive%s: "+
				"give the new field another name and copy what should stay, or convert as far as it goes with sqlite:%s?loss=allow",
				t.Name, c.To.Name, from, to, n, r.example(t.Name, c.To.Name, misfit), r.target.name)
		}
		return
	}
	if misfit == "" {
		return
	}
	if column.Nullable {
		r.clear(t.Name, c.To.Name, misfit)
	} else if n := r.count("SELECT COUNT(*) FROM %s WHERE %s", quote(t.Name), misfit); n > 0 {
		r.refuse("%s.%s is %s in the database and %s in the schema, and %d rows hold a value that cannot be converted%s: make the field "+
			"Optional for these to become null, or change them first, as by UPDATE %s SET %s = … WHERE %s",
			t.Name, c.To.Name, from, to, n, r.example(t.Name, c.To.Name, misfit), quote(t.Name), quote(c.To.Name), misfit)
	}
}

// widens reports whether SQLite keeps each value of one type in the other.
func widens(from, to string) bool {
	switch to {
	case "text":
		return from != "blob"
	case "real":
		return from == "integer"
	case "integer":
		return from == "bool"
	default:
		return from == to
	}
}

// narrowed looks for values from a time when a column had a wider type that is
// stored alike, or an enum more values.
func (r *reviewer) narrowed(tables []*schema.Table) {
	for _, t := range tables {
		for _, c := range t.Columns {
			var as, what, instead string
			switch {
			case len(c.Enums) > 0:
				as, what, instead = "text", "no longer one of "+strings.Join(c.Enums, ", "), asText(c.Enums[0])
			case c.Type.Integer() && c.Type != field.TypeInt && c.Type != field.TypeInt64:
				as, what, instead = "integer", "no "+c.Type.String(), "…"
			case c.Type == field.TypeFloat32:
				as, what, instead = "real", "no float32", "…"
			}
			misfit := misfits(c)
			if as == "" || misfit == "" || t.View || r.declared(t.Name, c.Name) != as { // another type is seen as a change
				continue
			}
			if r.target.loss && c.Nullable {
				r.clear(t.Name, c.Name, misfit)
				continue
			}
			if n := r.count("SELECT COUNT(*) FROM %s WHERE %s", quote(t.Name), misfit); n > 0 {
				r.refuse("%d rows of %s have a %s that is %s%s: put the field back as it was%s, or change them first, as by "+
					"UPDATE %s SET %s = %s WHERE %s", n, t.Name, c.Name, what, r.example(t.Name, c.Name, misfit), r.orLoss(c),
					quote(t.Name), quote(c.Name), instead, misfit)
			}
		}
	}
}

// orLoss is the way out that a column has which may be null.
func (r *reviewer) orLoss(c *schema.Column) string {
	if !c.Nullable {
		return ""
	}
	return ", let them become null with sqlite:" + r.target.name + "?loss=allow"
}

// clear makes null what a column cannot hold, once the tables are changed.
func (r *reviewer) clear(table, column, misfit string) {
	r.after = append(r.after, fmt.Sprintf("UPDATE %s SET %s = NULL WHERE %s", quote(table), quote(column), misfit))
}

// example names a value that meets a condition, unless it is to stay secret.
func (r *reviewer) example(table, column, where string) string {
	if r.err != nil || slices.Contains(r.secrets[strings.ToLower(table)], strings.ToLower(column)) {
		return ""
	}
	var v string
	err := r.tx.QueryRowContext(r.ctx, fmt.Sprintf("SELECT substr(quote(%s), 1, 60) FROM %s WHERE %s LIMIT 1",
		quote(column), quote(table), where)).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) || r.fail(err) {
		return ""
	}
	return ", such as " + v
}

// declared is the type of a column in the file, or "" where there is none.
func (r *reviewer) declared(table, column string) string {
	var t string
	if r.err == nil {
		err := r.tx.QueryRowContext(r.ctx, "SELECT lower(type) FROM pragma_table_info(?) WHERE name = ?", table, column).Scan(&t)
		if !errors.Is(err, sql.ErrNoRows) {
			r.fail(err)
		}
	}
	return t
}

// misfits is the condition that a value, converted as SQLite does for the
// column's type, is none of that type; it is "" where that cannot be told.
func misfits(c *schema.Column) string {
	if c == nil || c.SchemaType[dialect.SQLite] != "" {
		return ""
	}
	name := quote(c.Name)
	number := "CAST(" + name + " AS NUMERIC)"
	whole := "CAST(" + number + " AS INTEGER)"
	var fits string
	switch t := c.Type; {
	case t.Integer():
		fits = whole + " = " + name
		if least, most := bounds(t); least != math.MinInt64 || most != math.MaxInt64 {
			fits += fmt.Sprintf(" AND %s BETWEEN %d AND %d", whole, least, most)
		}
	case t == field.TypeFloat64:
		fits = number + " = " + name
	case t == field.TypeFloat32:
		fits = fmt.Sprintf("%s = %s AND abs(%s) <= %g", number, name, number, math.MaxFloat32)
	case t == field.TypeBool:
		fits = fmt.Sprintf("%s = %s AND %s IN (0, 1)", number, name, number)
	case t == field.TypeEnum && len(c.Enums) > 0:
		values := make([]string, len(c.Enums))
		for i, v := range c.Enums {
			values[i] = asText(v)
		}
		fits = name + " IN (" + strings.Join(values, ", ") + ")"
	case t == field.TypeString:
		fits = "typeof(" + name + ") <> 'blob'"
	case t == field.TypeTime:
		fits = fmt.Sprintf("%s GLOB '????-??-?? ??:??:??*+00:00' AND datetime(%s) IS NOT NULL", name, name)
	case t == field.TypeUUID:
		digit := "[0-9a-fA-F]"
		fits = fmt.Sprintf("%s GLOB '%s'", name, strings.Join([]string{strings.Repeat(digit, 8), strings.Repeat(digit, 4),
			strings.Repeat(digit, 4), strings.Repeat(digit, 4), strings.Repeat(digit, 12)}, "-"))
	case t == field.TypeJSON:
		fits = "json_valid(CAST(" + name + " AS TEXT))" // ent stores it as bytes
	default:
		return ""
	}
	return fmt.Sprintf("%s IS NOT NULL AND NOT (%s)", name, fits)
}

// bounds are the least and the most of a type of integers, as SQLite stores
// them: it has no more than 64 bits with a sign.
func bounds(t field.Type) (least, most int64) {
	switch t {
	case field.TypeInt8:
		return math.MinInt8, math.MaxInt8
	case field.TypeInt16:
		return math.MinInt16, math.MaxInt16
	case field.TypeInt32:
		return math.MinInt32, math.MaxInt32
	case field.TypeUint8:
		return 0, math.MaxUint8
	case field.TypeUint16:
		return 0, math.MaxUint16
	case field.TypeUint32:
		return 0, math.MaxUint32
	case field.TypeUint, field.TypeUint64:
		return 0, math.MaxInt64
	default:
		return math.MinInt64, math.MaxInt64
	}
}

// asText is a text as SQL writes it.
func asText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
