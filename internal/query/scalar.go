package query

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"coppice/internal/model"
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

// stored is the form in which the constructor's package keeps times as text.
const stored = "2006-01-02 15:04:05.999999999-07:00"

// appendTime writes an instant, given as a time or as the text of one, in
// RFC 3339, UTC, to the microsecond.
func appendTime[T string | time.Time](buf []byte, v T) []byte {
	t, ok := any(v).(time.Time)
	if !ok {
		s := any(v).(string)
		if n := len(s); n >= 25 && n <= 32 && s[10] == ' ' && s[n-6:] == "+00:00" {
			buf = append(buf, '"')
			buf = append(buf, s[:10]...)
			buf = append(buf, 'T')
			buf = append(buf, s[11:n-6]...)
			return append(buf, 'Z', '"')
		}
		var err error
		for _, layout := range []string{stored, time.RFC3339Nano, "2006-01-02 15:04:05", "2006-01-02"} {
			if t, err = time.Parse(layout, s); err == nil {
				break
			}
		}
		if err != nil {
			return appendString(buf, s)
		}
	}
	buf = append(buf, '"')
	buf = t.UTC().Truncate(time.Microsecond).AppendFormat(buf, "2006-01-02T15:04:05.999999Z07:00")
	return append(buf, '"')
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
		return appendFloat(buf, v)
	case model.Time:
		switch v := v.(type) {
		case time.Time:
			return appendTime(buf, v), nil
		case string:
			return appendTime(buf, v), nil
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
	return buf, fmt.Errorf("%s holds %v, which is none of its values", f.Name, v)
}

func appendInteger(buf []byte, f *model.Field, v any) ([]byte, error) {
	n, ok := v.(int64)
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
		return buf, fmt.Errorf("%s holds %d, which does not fit an Int of 32 bits", f.Name, n)
	}
	return appendInt(buf, n), nil
}

func appendFloat(buf []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return buf, fmt.Errorf("%v is not a number that JSON has", v)
		}
		return strconv.AppendFloat(buf, v, 'g', -1, 64), nil
	case int64:
		return appendInt(buf, v), nil
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
