package model

import (
	"bytes"
	"database/sql/driver"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Parse reads a value of the field as a GraphQL literal or variable or a seed
// file gives it: nil excepted, a string, a boolean, any number, a list or a
// map. The result is, by kind: string, bool, int64 (uint64 for an unsigned
// field), float64, time.Time in UTC and whole microseconds, uuid.UUID, []byte,
// and for JSON and the lists a json.RawMessage. The error completes a sentence
// that starts with the field's name.
func (f *Field) Parse(v any) (any, error) {
	if f.Input != nil {
		return f.input(v)
	}
	return f.parsePlainly(v)
}

// parsePlainly is Parse for a field whose Go type has no say.
func (f *Field) parsePlainly(v any) (any, error) {
	switch f.Kind {
	case String:
		s, ok := v.(string)
		if !ok {
			return nil, errors.New("must be a string")
		}
		if err := checkText(s); err != nil {
			return nil, err
		}
		return s, nil
	case Enum:
		return f.parseEnum(v)
	case Bool:
		b, ok := v.(bool)
		if !ok {
			return nil, errors.New("must be true or false")
		}
		return b, nil
	case Int, BigInt:
		return f.parseInt(v)
	case Float:
		return f.parseFloat(v)
	case Time:
		return parseTime(v)
	case UUID:
		s, _ := v.(string)
		id, err := uuid.Parse(s)
		if err != nil {
			return nil, errors.New("must be a UUID such as 123e4567-e89b-12d3-a456-426614174000")
		}
		return id, nil
	case Bytes:
		s, ok := v.(string)
		b, err := base64.StdEncoding.DecodeString(s)
		if !ok || err != nil {
			return nil, errors.New("must be a string of Base64")
		}
		return b, nil
	default:
		return f.parseJSON(v)
	}
}

func (f *Field) parseEnum(v any) (any, error) {
	s, _ := v.(string)
	names := make([]string, 0, len(f.Enums))
	for _, e := range f.Enums {
		if e.Name == s {
			return e.Value, nil
		}
		if !e.Former {
			names = append(names, e.Name)
		}
	}
	return nil, fmt.Errorf("must be one of %s", strings.Join(names, ", "))
}

func (f *Field) parseInt(v any) (any, error) {
	var s string
	switch v := v.(type) {
	case json.Number:
		s = v.String()
	case int, int64, uint64:
		s = fmt.Sprint(v)
	case float64:
		s = strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		if f.Kind == BigInt {
			s = v
		}
	}
	bits := f.Bits
	if f.Kind == Int && bits > 32 {
		bits = 32
	}
	if f.Unsigned {
		// No driver takes more than a signed integer of 64 bits holds.
		most := min(uint64(math.MaxUint64)>>(64-bits), math.MaxInt64)
		n, err := strconv.ParseUint(s, 10, bits)
		if err != nil || n > most {
			return nil, fmt.Errorf("must be a whole number from 0 to %d", most)
		}
		return n, nil
	}
	n, err := strconv.ParseInt(s, 10, bits)
	if err != nil {
		limit := int64(math.MaxInt64) >> (64 - bits)
		return nil, fmt.Errorf("must be a whole number from %d to %d", -limit-1, limit)
	}
	return n, nil
}

// parseFloat reads a number as it is stored: that of a float32 is one that a
// float32 holds.
func (f *Field) parseFloat(v any) (any, error) {
	n, err := float(v)
	if err != nil || f.Bits != 32 {
		return n, err
	}
	narrow := float64(float32(n))
	if math.IsInf(narrow, 0) {
		return nil, fmt.Errorf("must be a number from -%[1]g to %[1]g", float32(math.MaxFloat32))
	}
	return narrow, nil
}

// float reads any number that is one.
func float(v any) (float64, error) {
	n := math.NaN()
	switch v := v.(type) {
	case float64:
		n = v
	case int64:
		n = float64(v)
	case int:
		n = float64(v)
	case uint64:
		n = float64(v)
	case json.Number:
		if parsed, err := v.Float64(); err == nil {
			n = parsed
		}
	}
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return 0, errors.New("must be a number")
	}
	return n, nil
}

// ParseOperand is Parse for a value to compare with, which may be one that the field
// cannot hold.
func (f *Field) ParseOperand(v any) (any, error) {
	if n, err := float(v); err == nil && f.Kind == Float && math.Abs(n) > math.MaxFloat32 {
		return n, nil
	}
	return f.Parse(v)
}

func parseTime(v any) (any, error) {
	if t, ok := v.(time.Time); ok {
		return t.UTC().Truncate(time.Microsecond), nil
	}
	s, _ := v.(string)
	t, err := time.Parse(time.RFC3339Nano, strings.ToUpper(s))
	if err != nil {
		return nil, errors.New("must be a time in RFC 3339 such as 2026-11-23T15:04:05Z")
	}
	if y := t.UTC().Year(); y < 0 || y > 9999 {
		return nil, errors.New("must be a time whose year in UTC is 0 to 9999")
	}
	return t.UTC().Truncate(time.Microsecond), nil
}

// Scan brings a column's value, as a driver gives it, into the form of Parse.
func (f *Field) Scan(v any) (any, error) {
	if b, ok := v.([]byte); ok && f.Kind != Bytes {
		v = string(b)
	}
	if f.OwnStorage {
		return f.scanCoded(v), nil
	}
	switch v := v.(type) {
	case nil:
		return nil, nil //nolint:nilnil // a NULL has no other form
	case int64:
		switch {
		case f.Kind == Bool:
			return v != 0, nil
		case f.Unsigned:
			return uint64(v), nil
		case f.Kind == Float:
			return float64(v), nil
		}
		return v, nil
	case time.Time:
		return v.UTC().Truncate(time.Microsecond), nil
	case string:
		switch f.Kind {
		case Time:
			return scanTime(v)
		case UUID:
			return uuid.Parse(v)
		case Float: // a decimal
			return strconv.ParseFloat(v, 64)
		case Int, BigInt:
			return f.parseInt(json.Number(v))
		case JSON, Strings, Ints:
			return json.RawMessage(v), nil
		}
		return v, nil
	default:
		return v, nil
	}
}

// scanCoded brings what the database made of a text that a Go type stores, such
// as a number in a column of numbers, back into the form of that type.
func (f *Field) scanCoded(v any) any {
	var text string
	switch v := v.(type) {
	case int64:
		text = strconv.FormatInt(v, 10)
	case float64:
		text = strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return v
	}
	if typed, err := f.Go(text); err == nil {
		if valuer, ok := typed.(driver.Valuer); ok {
			if s, err := valuer.Value(); err == nil && reflect.TypeOf(s) == reflect.TypeFor[string]() {
				return s
			}
		}
	}
	return text
}

// scanTime reads a time that the database holds as text.
func scanTime(s string) (any, error) {
	for _, layout := range []string{"2006-01-02 15:04:05.999999999-07:00", time.RFC3339Nano, "2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC().Truncate(time.Microsecond), nil
		}
	}
	return nil, fmt.Errorf("model: %q is not a time", s)
}

// Equal reports whether two values in the form of Parse are the same.
func Equal(a, b any) bool {
	switch a := a.(type) {
	case time.Time:
		b, ok := b.(time.Time)
		return ok && a.Equal(b)
	case []byte:
		b, ok := b.([]byte)
		return ok && bytes.Equal(a, b)
	case json.RawMessage:
		b, ok := b.(json.RawMessage)
		return ok && sameJSON(a, b)
	default:
		return a == b
	}
}
