package model

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

var errNUL = errors.New("must not contain the character NUL (U+0000)")

// checkText reports what no text may contain.
func checkText(s string) error {
	switch {
	case !utf8.ValidString(s):
		return errors.New("is not valid UTF-8")
	case strings.IndexByte(s, 0) >= 0:
		return errNUL
	default:
		return nil
	}
}

// checkTexts is checkText of all the texts in a JSON value, its keys included.
func checkTexts(v any) error {
	switch v := v.(type) {
	case string:
		return checkText(v)
	case []any:
		for _, e := range v {
			if err := checkTexts(e); err != nil {
				return err
			}
		}
	case map[string]any:
		for name, e := range v {
			if err := checkText(name); err != nil {
				return fmt.Errorf("has a key that %w", err)
			}
			if err := checkTexts(e); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *Field) parseJSON(v any) (any, error) {
	if f.Kind.List() {
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		element := &Field{Kind: String}
		if f.Kind == Ints {
			element = &Field{Kind: Int, Bits: 32}
		}
		for i, e := range list {
			if e == nil {
				return nil, fmt.Errorf("must not hold null (position %d)", i)
			}
			if _, err := element.Parse(e); err != nil {
				return nil, fmt.Errorf("position %d %w", i, err)
			}
		}
		v = list
	}
	if err := checkTexts(v); err != nil {
		return nil, err
	}
	b := &bytes.Buffer{}
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, errors.New("must be a JSON value")
	}
	return json.RawMessage(bytes.TrimSpace(b.Bytes())), nil
}

// Decode converts parsed JSON to a field's Go type. Numbers that a float64 does
// not print as they were written become a json.Number where the type leaves
// them open, and are refused where it cannot hold them.
func Decode[T any](v any) (any, error) {
	raw, ok := v.(json.RawMessage)
	if !ok {
		return nil, fmt.Errorf("unexpected %T for JSON", v)
	}
	var t T
	unmarshal := json.Unmarshal
	digits := mostDigits(raw)
	if digits > floatDigits {
		unmarshal = unmarshalExactly
	}
	if err := unmarshal(raw, &t); err != nil {
		if !FromLibrary(err) {
			return nil, &Misread{err}
		}
		return nil, errShape
	}
	// Go reads it back as JSON is usually read: then all of it must fit.
	if digits > floatDigits && json.Unmarshal(raw, new(T)) != nil {
		return nil, errors.New("holds a number that is too large")
	}
	if digits > narrowDigits {
		if lost := lostNumber(raw, t); lost != "" {
			return nil, fmt.Errorf("cannot hold the number %s exactly", lost)
		}
	}
	return t, nil
}

var errShape = errors.New("does not have the shape that this field takes")

// unmarshalExactly is json.Unmarshal, but it keeps the digits of numbers.
func unmarshalExactly(raw []byte, dest any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	return dec.Decode(dest)
}

// The digits of an integer that any float64 holds, and that any number type of
// Go holds that takes numbers with a fraction.
const (
	floatDigits  = 15
	narrowDigits = 6
)

// mostDigits is the length of the longest number in a JSON text. One that a
// float64 would not print as it stands there counts as longer than those that
// it holds.
func mostDigits(raw []byte) int {
	most := 0
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c == '"':
			i = endOfString(raw, i)
		case c == '-' || c >= '0' && c <= '9':
			end := i + 1
			for end < len(raw) && strings.IndexByte("0123456789+-.eE", raw[end]) >= 0 {
				end++
			}
			length := min(end-i, floatDigits)
			if !floatPrintsSame(string(raw[i:end])) {
				length = floatDigits + 1
			}
			most = max(most, length)
			i = end
		default:
			i++
		}
	}
	return most
}

// endOfString is the position behind a JSON string that begins at start.
func endOfString(raw []byte, start int) int {
	for i := start + 1; i < len(raw); i++ {
		switch raw[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(raw)
}

func floatPrintsSame(number string) bool {
	if len(number) <= floatDigits && number != "-0" && !strings.ContainsAny(number, ".eE") {
		return true
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return false
	}
	printed, err := json.Marshal(n)
	return err == nil && string(printed) == number
}

// lostNumber is the first number in a JSON text that a Go value read from it
// holds another number for, or "".
func lostNumber(raw []byte, typed any) string {
	held, err := json.Marshal(typed)
	if err != nil {
		return ""
	}
	var before, after any
	if unmarshalExactly(raw, &before) != nil || unmarshalExactly(held, &after) != nil {
		return ""
	}
	return differentNumber(before, after)
}

func differentNumber(before, after any) string {
	switch before := before.(type) {
	case json.Number:
		if n, ok := after.(json.Number); ok && decimal(before.String()) != decimal(n.String()) {
			return before.String()
		}
	case []any:
		list, _ := after.([]any)
		for i := range min(len(before), len(list)) {
			if lost := differentNumber(before[i], list[i]); lost != "" {
				return lost
			}
		}
	case map[string]any:
		m, _ := after.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(before)) {
			if lost := differentNumber(before[name], member(m, name)); lost != "" {
				return lost
			}
		}
	}
	return ""
}

// member is the value of a name, which Go types take in any case.
func member(m map[string]any, name string) any {
	if v, ok := m[name]; ok {
		return v
	}
	for other, v := range m {
		if strings.EqualFold(other, name) {
			return v
		}
	}
	return nil
}

// IsNumeral reports whether a token of GraphQL or JSON, which is no string, is a
// number.
func IsNumeral(token string) bool {
	return token != "" && (token[0] == '-' || token[0] >= '0' && token[0] <= '9')
}

// decimal is a JSON number in a form that is the same for equal numbers.
func decimal(number string) string {
	mantissa, power, _ := strings.Cut(strings.ToLower(number), "e")
	exponent := 0
	if power != "" {
		var err error
		if exponent, err = strconv.Atoi(power); err != nil {
			return number
		}
	}
	sign := ""
	if rest, negative := strings.CutPrefix(mantissa, "-"); negative {
		sign, mantissa = "-", rest
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	exponent -= len(fraction)
	short := strings.TrimRight(digits, "0")
	if short == "" {
		return "0"
	}
	return sign + short + "e" + strconv.Itoa(exponent+len(digits)-len(short))
}

// sameJSON reports whether two JSON texts say the same: whatever the order of
// keys and the space between, with the same digits.
func sameJSON(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var x, y any
	return unmarshalExactly(a, &x) == nil && unmarshalExactly(b, &y) == nil && reflect.DeepEqual(x, y)
}

// storedJSON is a JSON value as the field's Go type stores it.
func (f *Field) storedJSON(v any) any {
	if f.Go == nil {
		return v
	}
	typed, err := f.Go(v)
	if err != nil {
		return v
	}
	raw, err := json.Marshal(typed)
	if err != nil {
		return v
	}
	return json.RawMessage(raw)
}
