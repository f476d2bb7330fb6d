package migrate

import (
	"fmt"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
)

// TimeLayout is how times are stored. In UTC, texts of this form sort as the
// times do: a shorter fraction ends in "+", which sorts before any digit.
const TimeLayout = "2006-01-02 15:04:05.999999-07:00"

// FormatTime returns a time as it is stored.
func FormatTime(t time.Time) string {
	return t.UTC().Truncate(time.Microsecond).Format(TimeLayout)
}

// form is how the values of a column are stored, in SQL that any version of
// SQLite runs. What is stored otherwise would be found by no filter, and sort
// wrongly. Only kinds are formed of which other programs write the same value
// in other ways: another value in its place is none of the triggers' business,
// and may be on its way to another schema.
type form struct {
	column string
	odd    string // the condition of a value in another form; null has none
	fixed  string // such a value in our form, null where it has none
	takes  string // what the column takes, in words

	nullable bool
}

// formOf is the form of a column; false where there is one way to store each
// of its values.
func formOf(c *schema.Column) (form, bool) {
	v := quote(c.Name)
	f := form{column: c.Name, nullable: c.Nullable}
	own := c.SchemaType[dialect.SQLite] != ""
	switch {
	case c.Type == field.TypeTime:
		f.odd, f.fixed = oddTime(v), fixedTime(v)
		f.takes = "a time such as '2026-11-27 10:00:00+00:00'"
	case own:
		return form{}, false
	case c.Type == field.TypeBool:
		f.odd = fmt.Sprintf("%[1]s NOT IN (0, 1) AND (typeof(%[1]s) IN ('integer', 'real') OR lower(%[1]s) IN ('true', 't', 'false', 'f'))", v)
		f.fixed, f.takes = fmt.Sprintf("(typeof(%[1]s) IN ('integer', 'real') OR lower(%[1]s) IN ('true', 't'))", v), "0 or 1"
	case c.Type == field.TypeBytes:
		f.odd, f.fixed, f.takes = "typeof("+v+") <> 'blob'", "CAST("+v+" AS BLOB)", "bytes"
	case c.Type == field.TypeUUID: // a Go type of its own may store others, which it alone can read
		f.odd = fmt.Sprintf("%[1]s GLOB '????????-????-????-????-????????????' AND %[1]s <> lower(%[1]s)", v)
		f.fixed, f.takes = "lower("+v+")", "a UUID in lower case"
	default:
		return form{}, false
	}
	f.odd = fmt.Sprintf("(%s IS NOT NULL AND %s)", v, f.odd)
	return f, true
}

// of is an expression of the form over a row: NEW, in a trigger.
func (f form) of(row, expression string) string {
	return strings.ReplaceAll(expression, quote(f.column), row+"."+quote(f.column))
}

// oddTime is the condition of a time that FormatTime has not written.
func oddTime(v string) string {
	return strings.ReplaceAll("NOT (datetime(substr(?, 1, 19)) IS substr(?, 1, 19) AND (substr(?, 20) = '+00:00' OR "+
		"substr(?, 20) GLOB '.*[1-9]+00:00' AND length(?) <= 32 AND substr(?, 21, length(?) - 26) NOT GLOB '*[^0-9]*'))", "?", v)
}

// fixedTime is a time as FormatTime writes it, of the texts that name one
// instant: with T or a space, Z, an offset or none, which is UTC, as SQLite
// has it; also what Go's Time.String gives, which older programs stored.
// A number is none: it may count seconds, milliseconds or days.
func fixedTime(v string) string {
	text := "SELECT CASE instr(" + v + ", ' m=') WHEN 0 THEN trim(" + v + ") ELSE substr(" + v + ", 1, instr(" + v + ", ' m=') - 1) END AS s " +
		"WHERE typeof(" + v + ") = 'text'"
	parts := "SELECT substr(s, 1, 10) || ' ' || CASE WHEN length(s) = 10 THEN '00:00:00' WHEN substr(s, 17, 1) = ':' THEN substr(s, 12, 8) " +
		"ELSE substr(s, 12, 5) || ':00' END AS head, CASE substr(s, 17, 1) WHEN ':' THEN substr(s, 20) ELSE substr(s, 17) END AS rest " +
		"FROM (" + text + ") WHERE substr(s, 11, 1) IN ('', ' ', 'T', 't')"
	fraction := "SELECT head, rest, CASE WHEN substr(rest, 1, 1) IN ('.', ',') THEN ltrim(substr(rest, 2), '0123456789') ELSE rest END AS tail FROM (" + parts + ")"
	zone := "SELECT head, rtrim(substr(rest, 2, max(0, min(6, length(rest) - length(tail) - 1))), '0') AS digits, CASE WHEN trim(tail) IN ('', 'Z', 'z', 'UTC') THEN '' " +
		"WHEN ltrim(tail) GLOB '[+-][0-9][0-9]:[0-9][0-9]' THEN ltrim(tail) WHEN ltrim(tail) || ' ' GLOB '[+-][0-9][0-9][0-9][0-9] *' " +
		"THEN substr(ltrim(tail), 1, 3) || ':' || substr(ltrim(tail), 4, 2) END AS zone FROM (" + fraction + ")"
	return "(SELECT datetime(head || zone) || CASE digits WHEN '' THEN '' ELSE '.' || digits END || '+00:00' FROM (" + zone + ") " +
		"WHERE datetime(head) = head AND datetime(head || zone) GLOB '[0-9]*')"
}
