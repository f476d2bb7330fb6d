package migrate

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"

	"coppice/core/model"
)

// kinds are the types that a column may get, by the names that ent has for them.
var kinds = sync.OnceValue(func() map[string]field.Type {
	m := map[string]field.Type{}
	for t := field.TypeInvalid + 1; t.Valid(); t++ {
		m[t.String()] = t
	}
	return m
})

// As is the SQL function coppice_as: a value as a column of another type
// stores it, or null where that is not the same value. Its arguments are the
// value, the type that its column is declared with, the new type, whether the
// new column makes numbers of what looks like one, and what an enum allows.
func As(args []driver.Value) (driver.Value, error) {
	if len(args) < 4 || args[0] == nil {
		return nil, nil //nolint:nilnil // SQL's null
	}
	from, _ := args[1].(string)
	name, _ := args[2].(string)
	to, list := kinds()[name], listKinds[name]
	if list != nil {
		to = field.TypeJSON
	}
	v, ok := converted(args[0], from, to)
	if text, is := v.([]byte); ok && is && list != nil {
		ok = list(text)
	}
	if s, text := v.(string); ok && text {
		ok = len(args) == 4 || slices.Contains(args[4:], driver.Value(s))
		if numeric, _ := args[3].(int64); numeric == 1 && looksNumeric(s) {
			ok = false
		}
	}
	if !ok {
		return nil, nil //nolint:nilnil // SQL's null
	}
	return v, nil
}

// To is the SQL function coppice_to: As, whose arguments come after the name of the
// column, as table.column, but an error where the value would not stay what it is.
func To(args []driver.Value) (driver.Value, error) {
	if len(args) < 1 {
		return nil, errors.New("coppice_to takes a column's name first")
	}
	column, args := args[0], args[1:]
	v, err := As(args)
	if err == nil && v == nil && len(args) > 2 && args[0] != nil {
		return nil, fmt.Errorf("%v: %.60q would not stay what it is as %v: change it first, or change the statement", column, fmt.Sprint(args[0]), args[2])
	}
	return v, err
}

// listKinds are the lists that a JSON column may hold, each with whether a text
// is one.
var listKinds = map[string]func([]byte) bool{
	"strings": func(text []byte) bool { return isList[string](text) },
	"ints":    func(text []byte) bool { return isList[int64](text) },
}

func isList[T any](text []byte) bool {
	var list []*T
	return json.Unmarshal(text, &list) == nil && !slices.Contains(list, nil)
}

// lists are the JSON columns that hold lists, as table.column in lower case,
// with the name of their kind.
type lists map[string]string

func listsOf(m *model.Schema) lists {
	l := lists{}
	for _, e := range m.Entities {
		for _, f := range e.Fields {
			switch f.Kind {
			case model.Strings:
				l[strings.ToLower(e.Table+"."+f.Column)] = "strings"
			case model.Ints:
				l[strings.ToLower(e.Table+"."+f.Column)] = "ints"
			}
		}
	}
	return l
}

// asCall is the call of coppice_as for a column.
func asCall(name, from, to string, c *schema.Column) string {
	numeric := 0
	if declared := c.SchemaType[dialect.SQLite]; declared != "" && makesNumbers(declared) {
		numeric = 1
	}
	call := fmt.Sprintf("coppice_as(%s, %s, %s, %d", quote(name), asText(from), asText(to), numeric)
	for _, v := range c.Enums {
		call += ", " + asText(v)
	}
	return call + ")"
}

// makesNumbers reports that SQLite makes a number of a text that looks like
// one, in a column that is declared so.
func makesNumbers(declared string) bool {
	declared = strings.ToUpper(declared)
	for _, text := range []string{"CHAR", "CLOB", "TEXT", "BLOB"} {
		if strings.Contains(declared, text) {
			return strings.Contains(declared, "INT")
		}
	}
	return true
}

func looksNumeric(s string) bool {
	_, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	return err == nil
}

// converted is a stored value as another type stores it, and whether it is the
// same to whoever reads it.
func converted(v driver.Value, from string, to field.Type) (driver.Value, bool) {
	if b, ok := v.([]byte); ok && strings.HasPrefix(from, "json") && to != field.TypeJSON && to != field.TypeBytes {
		v = string(b)
	}
	switch {
	case to.Integer():
		n, ok := asInteger(v)
		least, most := bounds(to)
		return n, ok && n >= least && n <= most
	case to.Float():
		return asFloat(v, from, to)
	}
	switch to {
	case field.TypeBool:
		return asBool(v)
	case field.TypeString, field.TypeEnum:
		return asString(v, from)
	case field.TypeTime:
		return asTime(v)
	case field.TypeUUID:
		s, _ := v.(string)
		id, err := uuid.Parse(s)
		return id.String(), err == nil && len(s) == len(id.String())
	case field.TypeJSON:
		return asJSON(v, from)
	case field.TypeBytes:
		if _, ok := v.(string); ok {
			text, _ := asString(v, from)
			return []byte(text.(string)), true
		}
		b, ok := v.([]byte)
		return b, ok
	}
	return nil, false
}

func asInteger(v driver.Value) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case float64: // 2⁶³ is a float, and no int64
		n := int64(v)
		return n, v == math.Trunc(v) && v >= math.MinInt64 && v < math.MaxInt64
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		return n, err == nil && strconv.FormatInt(n, 10) == v
	}
	return 0, false
}

func asFloat(v driver.Value, from string, to field.Type) (driver.Value, bool) {
	var f float64
	switch v := v.(type) {
	case int64:
		if f = float64(v); f >= math.MaxInt64 || int64(f) != v {
			return nil, false
		}
	case float64:
		f, _ = strconv.ParseFloat(written(v, from), 64)
	case string:
		var err error
		if f, err = strconv.ParseFloat(v, 64); err != nil || !writes(f, v) {
			return nil, false
		}
	default:
		return nil, false
	}
	if to == field.TypeFloat32 {
		// It is read by its shortest text.
		narrow := float64(float32(f))
		if f != narrow && strconv.FormatFloat(narrow, 'g', -1, 32) != strconv.FormatFloat(f, 'g', -1, 64) {
			return nil, false
		}
		f = narrow
	}
	return f, !math.IsInf(f, 0)
}

// written is how a float is written, for which one of 32 bits needs less.
func written(f float64, from string) string {
	bits := 64
	if from == field.TypeFloat32.String() && f == float64(float32(f)) {
		bits = 32
	}
	format := byte('f')
	if size := math.Abs(f); f != 0 && (size < 1e-6 || size >= 1e21) { // as JSON has it
		format = 'e'
	}
	return strconv.FormatFloat(f, format, -1, bits)
}

// writes reports that a text is how a float is written.
func writes(f float64, s string) bool {
	plain := strconv.FormatFloat(f, 'f', -1, 64)
	short := strconv.FormatFloat(f, 'g', -1, 64)
	return s == plain || s == plain+".0" || s == short || s == written(f, "")
}

func asBool(v driver.Value) (driver.Value, bool) {
	switch v {
	case int64(0), 0.0, "0", "false":
		return int64(0), true
	case int64(1), 1.0, "1", "true":
		return int64(1), true
	}
	return nil, false
}

func asString(v driver.Value, from string) (driver.Value, bool) {
	switch v := v.(type) {
	case string:
		if t, err := time.Parse(TimeLayout, v); err == nil && isTime(from) {
			return t.UTC().Format(time.RFC3339Nano), true
		}
		return v, true
	case int64:
		if strings.HasPrefix(from, "bool") && (v == 0 || v == 1) {
			return strconv.FormatBool(v == 1), true
		}
		return strconv.FormatInt(v, 10), true
	case float64:
		return written(v, from), !math.IsInf(v, 0)
	case []byte:
		return string(v), utf8.Valid(v) && !slices.Contains(v, 0)
	}
	return nil, false
}

// isTime reports that a column is declared as one of times.
func isTime(declared string) bool {
	return slices.Contains([]string{"datetime", "timestamp", "date", "time"}, declared)
}

func asTime(v driver.Value) (driver.Value, bool) {
	s, _ := v.(string)
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t, err = time.Parse(TimeLayout, s)
	}
	if t = t.UTC(); err != nil || !t.Equal(t.Truncate(time.Microsecond)) || t.Year() < 0 || t.Year() > 9999 {
		return nil, false
	}
	return FormatTime(t), true
}

func asJSON(v driver.Value, from string) (driver.Value, bool) {
	if b, ok := v.([]byte); ok {
		return b, json.Valid(b)
	}
	s, ok := asString(v, from)
	if !ok {
		return nil, false
	}
	text := []byte(s.(string))
	return text, json.Valid(text) && utf8.Valid(text)
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
