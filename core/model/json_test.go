package model_test

import (
	"encoding/json"
	"strings"
	"testing"

	"coppice/core/model"
)

// place is a Go type of JSON that fixes what its numbers are.
type place struct {
	Lat    float64 `json:"lat"`
	Narrow float32 `json:"narrow,omitempty"`
	Any    any     `json:"any,omitempty"`
	Count  int64   `json:"count,omitempty"`
}

var digits = []string{
	"0", "-0", "1", "-1", "1.0", "1.10", "0.1000", "1e300", "-1E-400", "1e2", "750727362669608961", "-9223372036854775809",
	"18446744073709551616", "0.1234567890123456789", "123456789012345678901234567890.5", "1e21", "100000000000000000000000",
}

// Every digit of a number is kept, whatever the Go type of the JSON around it.
func TestNumbersInJSONKeepEveryDigit(t *testing.T) {
	t.Parallel()
	for shape, decode := range map[string]func(any) (any, error){
		`%s`: model.Decode[any], ` {"a":%s}`: model.Decode[map[string]any], `[%s, 1]`: model.Decode[[]any], `[[%s]]`: model.Decode[[][]any],
		`{"b":"1.10","a":[%s]}`: model.Decode[json.RawMessage], `{"lat":1,"any":{"deep":[%s]}}`: model.Decode[place],
		`{"any":%s,"lat":0.5}`: model.Decode[*place],
	} {
		for _, number := range digits {
			text := strings.Replace(shape, "%s", number, 1)
			f := &model.Field{Kind: model.JSON, Go: decode}
			parsed, err := f.Parse(read(t, text))
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			typed, err := f.Go(parsed)
			if err != nil {
				t.Errorf("%s: %v", text, err)
				continue
			}
			stored, err := json.Marshal(typed)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(stored), number) {
				t.Errorf("%s is stored as %s", text, stored)
			}
			if !f.Same(parsed, json.RawMessage(stored)) || f.Same(parsed, json.RawMessage(strings.Replace(text, number, "7", 1))) {
				t.Errorf("%s is not the same as itself, or as another", text)
			}
		}
	}
}

func read(t *testing.T, text string) (v any) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// A Go type that cannot hold a number refuses it.
func TestNumbersThatAGoTypeCannotHoldAreRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		decode func(any) (any, error)
		text   string
		lost   string // what is told of it, or "" where it fits
	}{
		{model.Decode[place], `{"lat": 0.1234567890123456789}`, "0.1234567890123456789"},
		{model.Decode[place], `{"LAT": 750727362669608961}`, "750727362669608961"},
		{model.Decode[place], `{"lat": 1, "narrow": 0.123456789012}`, "0.123456789012"},
		{model.Decode[place], `{"lat": 1, "narrow": 0.125}`, ""},
		{model.Decode[place], `{"lat": 1e400}`, "shape"},
		{model.Decode[any], `[1e400]`, "too large"}, // what ent could not read again
		{model.Decode[map[string]any], `{"a": -1e400}`, "too large"},
		{model.Decode[json.RawMessage], `[1e400]`, ""},
		{model.Decode[place], `{"lat": 1.10}`, ""},
		{model.Decode[place], `{"lat": 100e-2, "count": 750727362669608961}`, ""},
		{model.Decode[place], `{"lat": 1, "count": 1.5}`, "shape"},
		{model.Decode[[]float64], `[1, 2.50, 9007199254740993]`, "9007199254740993"},
		{model.Decode[[]float64], `[1, 2.50, 9007199254740992]`, ""},
		{model.Decode[map[string]float64], `{"b": 1, "a": 0.30000000000000004}`, ""},
		{model.Decode[map[string]float64], `{"b": 1, "a": 0.300000000000000041}`, "0.300000000000000041"},
		{model.Decode[[]int64], `[9223372036854775807]`, ""},
		{model.Decode[[]int64], `[9223372036854775808]`, "shape"},
	} {
		_, err := test.decode(json.RawMessage(test.text))
		if (err == nil) != (test.lost == "") || err != nil && !strings.Contains(err.Error(), test.lost) {
			t.Errorf("%s: %v, want %q", test.text, err, test.lost)
		}
	}
}

// Where a type fixes how its numbers are printed, what is stored stays the same
// for the same input.
func TestWhatIsStoredIsTheSameAsWhatWasGiven(t *testing.T) {
	t.Parallel()
	f := &model.Field{Kind: model.JSON, Go: model.Decode[place]}
	given, stored := json.RawMessage(`{"lat": 1.10, "any": 2.50}`), json.RawMessage(`{"any":2.50,"lat":1.1}`)
	if !f.Same(given, stored) || f.Same(given, json.RawMessage(`{"any":2.5,"lat":1.1}`)) {
		t.Error("what was stored differs from what was given")
	}
}

// No text holds NUL, wherever in a value it stands.
func TestTextsWithNULAreRefused(t *testing.T) {
	t.Parallel()
	text := &model.Field{Kind: model.String}
	list := &model.Field{Kind: model.Strings}
	anything := &model.Field{Kind: model.JSON}
	for _, test := range []struct {
		field *model.Field
		value any
		good  bool
	}{
		{text, "a\x00b", false}, {text, "\x00", false}, {text, "a\\u0000b", true}, {text, "a\xffb", false},
		{list, "a\x00b", false}, {list, []any{"a", "\x00"}, false}, {list, []any{"a", ""}, true},
		{anything, "a\x00b", false}, {anything, map[string]any{"a\x00": 1}, false}, {anything, []any{map[string]any{"a": []any{"\x00"}}}, false},
		{anything, map[string]any{`\u0000`: `\u0000`}, true},
	} {
		if _, err := test.field.Parse(test.value); (err == nil) != test.good {
			t.Errorf("%q: %v", test.value, err)
		}
	}
	e := &model.Entity{Name: "Place", ID: &model.Field{Kind: model.String}}
	if _, ok := e.ParseID("Place:a\x00"); ok {
		t.Error("an id with NUL names something")
	}
}
