package query

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"coppice/core/fault"
	"coppice/core/model"
)

const hexDigits = "0123456789abcdef"

// appendString writes a JSON string (RFC 8259, section 7). Bytes that are not
// UTF-8 become the replacement character.
func appendString(buf []byte, s string) []byte {
	buf = append(buf, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			buf = append(buf, s[start:i]...)
			switch c {
			case '"', '\\':
				buf = append(buf, '\\', c)
			case '\n':
				buf = append(buf, '\\', 'n')
			case '\r':
				buf = append(buf, '\\', 'r')
			case '\t':
				buf = append(buf, '\\', 't')
			default:
				buf = append(buf, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			}
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			buf = append(buf, s[start:i]...)
			buf = append(buf, "\ufffd"...)
			start = i + 1
		}
		i += size
	}
	buf = append(buf, s[start:]...)
	return append(buf, '"')
}

func appendInt(buf []byte, n int64) []byte { return strconv.AppendInt(buf, n, 10) }

func appendBool(buf []byte, b bool) []byte { return strconv.AppendBool(buf, b) }

// timeLayouts are the forms in which times may be kept as text: first that of
// the constructor's package, then what other programs may have written.
var timeLayouts = []string{"2006-01-02 15:04:05-07:00", time.RFC3339, "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04",
	"2006-01-02T15:04", "2006-01-02"}

// isStored reports whether a text is a time as the constructor's package keeps
// it: in UTC, to the microsecond, without zeros at the end of the fraction.
func isStored(s string) bool {
	const form = "0000-00-00 00:00:00"
	n := len(s) - len("+00:00")
	if n < len(form) || n > len(form)+len(".000000") || s[n:] != "+00:00" || n > len(form) && (s[n-1] == '0' || s[n-1] == '.') {
		return false
	}
	for i := range n {
		digit := s[i] >= '0' && s[i] <= '9'
		switch {
		case i == len(form):
			if s[i] != '.' {
				return false
			}
		case i > len(form) || form[i] == '0':
			if !digit {
				return false
			}
		case s[i] != form[i]:
			return false
		}
	}
	return true
}

// appendStored writes an instant, given as text, as appendTime does.
func appendStored(buf []byte, s string) []byte {
	if isStored(s) {
		buf = append(append(buf, '"'), s[:10]...)
		buf = append(append(buf, 'T'), s[11:len(s)-6]...)
		return append(buf, 'Z', '"')
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return appendTime(buf, t)
		}
	}
	return appendString(buf, s)
}

// appendTime writes an instant in RFC 3339, UTC, to the microsecond.
func appendTime(buf []byte, t time.Time) []byte {
	buf = append(buf, '"')
	buf = t.UTC().Truncate(time.Microsecond).AppendFormat(buf, "2006-01-02T15:04:05.999999Z07:00")
	return append(buf, '"')
}

// foreign is the error of a value that another program wrote, and that is none of
// its field's.
type foreign struct{ value, rule string }

// Error tells the value, and what the field's are.
func (f *foreign) Error() string { return f.value + ", and " + f.rule }

// named is what a value is called in an error: its entity and field, or what it is made
// of, and the record's id where that is selected.
func (out *output) named(outs []output, cells []any) string {
	name := out.field.GraphQL
	if out.entity != nil && name != "" {
		name = out.entity.Name + "." + name
	}
	if out.function != "" {
		return "The " + out.function + " of " + name
	}
	for _, other := range outs {
		if other.kind == outID {
			if id := cells[other.col]; id != nil {
				return name + " of " + other.entity.GlobalID(idText(id))
			}
		}
	}
	return name
}

// inRange reports whether a time is one that RFC 3339 can write.
func inRange(t time.Time) bool {
	year := t.UTC().Year()
	return year >= 0 && year <= 9999
}

// isInfinite reports whether a text is one of PostgreSQL's times without an end.
func isInfinite(s string) bool { return s == "infinity" || s == "-infinity" }

// notNumber is what PostgreSQL calls a float that JSON has no number for.
func notNumber(v float64) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case v > 0:
		return "Infinity"
	}
	return "-Infinity"
}

// appendValue writes a column's value as its field prints it.
func appendValue(buf []byte, f *model.Field, v any) ([]byte, error) {
	if v == nil {
		return append(buf, "null"...), nil
	}
	switch f.Kind {
	case model.Enum:
		return appendEnum(buf, f, v)
	case model.Bool:
		switch v := v.(type) {
		case bool:
			return appendBool(buf, v), nil
		case int64:
			return appendBool(buf, v != 0), nil
		}
	case model.Int, model.BigInt:
		return appendInteger(buf, f, v)
	case model.Float:
		return appendFloat(buf, f, v)
	case model.Time:
		switch v := v.(type) {
		case time.Time:
			if !inRange(v) {
				return buf, &foreign{v.UTC().Format(time.RFC3339), "a Time is of the years 0 to 9999"}
			}
			return appendTime(buf, v), nil
		case string:
			if isInfinite(v) {
				return buf, &foreign{v, "a Time is of the years 0 to 9999"}
			}
			return appendStored(buf, v), nil
		}
	case model.Bytes:
		if b, ok := v.([]byte); ok {
			buf = append(buf, '"')
			buf = base64.StdEncoding.AppendEncode(buf, b)
			return append(buf, '"'), nil
		}
	case model.JSON, model.Strings, model.Ints:
		return appendJSON(buf, v)
	}
	if f.OwnStorage {
		var err error
		if v, err = f.Scan(v); err != nil {
			return buf, err
		}
	}
	switch v := v.(type) {
	case string:
		return appendString(buf, v), nil
	case []byte:
		return appendString(buf, string(v)), nil
	}
	return buf, fmt.Errorf("a column of %s holds a %T", f.Name, v)
}

func appendEnum(buf []byte, f *model.Field, v any) ([]byte, error) {
	s, ok := v.(string)
	if b, isBytes := v.([]byte); isBytes {
		s, ok = string(b), true
	}
	for i := range f.Enums {
		if ok && f.Enums[i].Value == s {
			buf = append(buf, '"')
			buf = append(buf, f.Enums[i].Name...)
			return append(buf, '"'), nil
		}
	}
	if !ok {
		return buf, fmt.Errorf("%s holds a %T, which is none of its values", f.Name, v)
	}
	return buf, &foreign{fault.Quote(s), "that is none of its values"}
}

func appendInteger(buf []byte, f *model.Field, v any) ([]byte, error) {
	n, ok := v.(int64)
	if text, decimal := v.(string); decimal { // of a column of decimals
		var err error
		n, err = strconv.ParseInt(text, 10, 64)
		if f.Kind == model.BigInt && errors.Is(err, strconv.ErrRange) { // a sum
			return appendString(buf, text), nil
		}
		ok = err == nil
	}
	if !ok {
		return buf, fmt.Errorf("a column of %s holds a %T", f.Name, v)
	}
	if f.Kind == model.BigInt {
		buf = append(buf, '"')
		if f.Unsigned {
			buf = strconv.AppendUint(buf, uint64(n), 10)
		} else {
			buf = appendInt(buf, n)
		}
		return append(buf, '"'), nil
	}
	if n < math.MinInt32 || n > math.MaxInt32 {
		return buf, &foreign{strconv.FormatInt(n, 10), "an Int is of 32 bits"}
	}
	return appendInt(buf, n), nil
}

func appendFloat(buf []byte, f *model.Field, v any) ([]byte, error) {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return buf, &foreign{notNumber(v), "a Float is a finite number"}
		}
		if f.Bits == 32 && math.Abs(v) <= math.MaxFloat32 {
			return strconv.AppendFloat(buf, v, 'g', -1, 32), nil
		}
		return strconv.AppendFloat(buf, v, 'g', -1, 64), nil
	case int64:
		return appendInt(buf, v), nil
	case string: // of a column of decimals
		n, err := strconv.ParseFloat(v, 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			return buf, fmt.Errorf("a column of floats holds a text")
		}
		return appendFloat(buf, f, n)
	default:
		return buf, fmt.Errorf("a column of floats holds a %T", v)
	}
}

func appendJSON(buf []byte, v any) ([]byte, error) {
	b, ok := v.([]byte)
	if s, isString := v.(string); isString {
		b, ok = []byte(s), true
	}
	if !ok || !json.Valid(b) {
		return buf, fmt.Errorf("a column of JSON does not hold JSON")
	}
	return append(buf, b...), nil
}

// idText is the text of a record's own id, as its global id holds it.
func idText(id any) string {
	if b, ok := id.([]byte); ok {
		return string(b)
	}
	return fmt.Sprint(id)
}
