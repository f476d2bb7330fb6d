package conformance

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"coppice/core/fault"
)

// hostile makes up arguments that are right by type, or not, and whose values
// are at the ends of what anybody sends.
type hostile struct {
	*world
	*rand.Rand
	size    int            // values that an argument may still get, more or less
	answers map[string]int // answers by code
}

// codes are those that a client can bring about.
var codes = []fault.Code{fault.ValidationFailed, fault.BadUserInput, fault.NotFound, fault.Conflict, fault.LimitExceeded, fault.Forbidden}

// inner are words that only come from within.
var inner = regexp.MustCompile(`(?i)sqlite|sql:|sql logic|constraint failed|no such (table|column)|runtime error|interface conversion|goroutine|strconv\.|json: |time: |\bent/|%!|<nil>|syntax error`)

var word = regexp.MustCompile(`^[A-Za-z_]\w*$`)

// Whatever the arguments of a root field are, no answer is INTERNAL, and none
// speaks in the words of a library.
func (open Opener) testInputs(t *testing.T) {
	t.Parallel()
	h := &hostile{world: newWorld(open.serve(t)), Rand: rand.New(rand.NewPCG(20261128, 1)), answers: map[string]int{}}
	n := 3000
	if testing.Short() {
		n = 300
	}
	for range n {
		operation := []string{"query", "mutation"}[h.IntN(2)]
		fields := h.types[map[string]string{"query": "Query", "mutation": "Mutation"}[operation]].Fields
		if len(fields) == 0 {
			continue
		}
		f := fields[h.IntN(len(fields))]
		h.size = 1 + h.IntN(40)
		var declared, passed []string
		vars := object{}
		for _, arg := range f.Args {
			if arg.Type.Kind != "NON_NULL" && h.IntN(2) == 0 {
				continue
			}
			v := h.value(arg.Type, 0)
			if h.IntN(3) == 0 {
				passed = append(passed, arg.Name+": "+literal(h.types, arg.Type, v))
				continue
			}
			declared, passed = append(declared, "$"+arg.Name+": "+arg.Type.String()), append(passed, arg.Name+": $"+arg.Name)
			vars[arg.Name] = v
		}
		head, args := operation, ""
		if len(declared) > 0 {
			head += "(" + strings.Join(declared, ", ") + ")"
		}
		if len(passed) > 0 {
			args = "(" + strings.Join(passed, ", ") + ")"
		}
		h.judge(head+" { "+f.Name+args+h.selected(f.Type)+" }", vars)
	}
	for _, code := range []string{"ok", "BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED", "NOT_FOUND"} {
		if h.answers[code] < n/100 {
			h.Errorf("of %d requests: %v", n, h.answers)
		}
	}
}

// judge sends a request and holds what is said of it.
func (h *hostile) judge(query string, vars object) {
	_, errs := h.send(query, vars)
	if len(errs) == 0 {
		h.answers["ok"]++
	}
	for _, e := range errs {
		h.answers[e.Extensions.Code]++
		if e.Extensions.Code == string(fault.Internal) && strings.HasPrefix(query, "mutation") && slices.ContainsFunc(h.entities(), h.hooked) {
			continue // what a hook returns is its author's
		}
		if !slices.Contains(codes, fault.Code(e.Extensions.Code)) || inner.MatchString(e.Message) || len(e.Message) > 1000 {
			text, _ := json.Marshal(vars)
			h.Errorf("%s: %.1500s (%s at %v)\n%.1500s\n%.1500s", e.Extensions.Code, e.Message, e.Extensions.Field, e.Path, query, text)
		}
	}
}

func (h *hostile) selected(t typeRef) string {
	for t.OfType != nil {
		t = *t.OfType
	}
	if kind := h.types[t.Name].Kind; kind == "SCALAR" || kind == "ENUM" {
		return ""
	}
	return " { __typename }"
}

// texts are what a text, or anything that is written as one, may be.
var texts = []string{
	"", " ", "x", "\x00", "a\x00b", "\u202e", "\ufeff", "'; DROP TABLE users; --", "%", "_", "\\", "\"", strings.Repeat("ä", 3000), "null", "true", "0", "-1",
	"9223372036854775807", "9223372036854775808", "-9223372036854775809", "18446744073709551616", "1e999", "0x10", "NaN", "2026-11-28T00:00:00Z",
	"0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999+23:59", "10000-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "00000000-0000-0000-0000-000000000000", "AAAA", "====", "eyJ9", "{", "[1,",
	":1", "User:", "User:x", "Nobody:1",
}

// numbers are what a number may be.
var numbers = []any{
	0, -1, 1, 126, 127, 128, 254, 255, 256, 32766, 32767, 32768, 65534, 65535, 65536, 2147483646, 4294967294, 4294967295, 4294967296, 2147483647, 2147483648, -2147483649, json.Number("9007199254740993"), json.Number("9223372036854775807"), json.Number("9223372036854775808"),
	json.Number("1e400"), json.Number("-1e400"), json.Number("1.5"), json.Number("-0.0"), json.Number("1e-400"), json.Number("99999999999999999999999999999999"),
}

// value is one for a type, in one case of eight null or one of another type.
func (h *hostile) value(t typeRef, depth int) any {
	h.size--
	switch {
	case t.Kind == "NON_NULL":
		return h.value(*t.OfType, depth)
	case h.IntN(8) == 0:
		return []any{nil, nil, nil, texts[h.IntN(len(texts))], numbers[h.IntN(len(numbers))], true, []any{}, object{}, object{"x": 1}}[h.IntN(9)]
	case t.Kind == "LIST":
		list := make([]any, h.IntN(4))
		for i := range list {
			list[i] = h.value(*t.OfType, depth)
		}
		return list
	}
	switch s := h.types[t.Name]; s.Kind {
	case "ENUM":
		if len(s.EnumValues) > 0 && h.IntN(8) > 0 {
			return s.EnumValues[h.IntN(len(s.EnumValues))].Name
		}
		return "NONE_OF_THEM"
	case "INPUT_OBJECT":
		return h.object(s, depth)
	default:
		return h.scalar(t.Name)
	}
}

func (h *hostile) object(s shape, depth int) object {
	in := object{}
	for _, f := range s.InputFields {
		required := f.Type.Kind == "NON_NULL" && f.DefaultValue == nil
		if required && h.IntN(20) > 0 || h.size > 0 && depth < 6 && h.IntN(len(s.InputFields)+2) < 3 {
			in[f.Name] = h.value(f.Type, depth+1)
		}
	}
	if h.IntN(40) == 0 {
		in["unknown"] = 1
	}
	return in
}

// scalar is a value for a scalar: in a third of all cases the id of a record.
func (h *hostile) scalar(name string) any {
	switch {
	case name == "ID" && h.IntN(3) > 0:
		if e := h.entities()[h.IntN(len(h.entities()))]; len(h.records[e]) > 0 {
			return h.records[e][h.IntN(len(h.records[e]))].id
		}
	case name == "Boolean":
		return h.IntN(2) == 0
	case name == "JSON" && h.IntN(2) == 0:
		return object{"a\x00": []any{numbers[h.IntN(len(numbers))], object{"b": texts[h.IntN(len(texts))]}}}
	case (name == "Int" || name == "Float" || name == "BigInt") && h.IntN(4) > 0:
		return numbers[h.IntN(len(numbers))]
	}
	return texts[h.IntN(len(texts))]
}

// literal writes a value as a document does.
func literal(types map[string]shape, t typeRef, v any) string {
	for t.Kind == "NON_NULL" {
		t = *t.OfType
	}
	switch v := v.(type) {
	case nil:
		return "null"
	case []any:
		of := t
		if t.OfType != nil {
			of = *t.OfType
		}
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = literal(types, of, x)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case object:
		var parts []string
		for name, x := range v {
			var of typeRef
			for _, f := range types[t.Name].InputFields {
				if f.Name == name {
					of = f.Type
				}
			}
			if word.MatchString(name) {
				parts = append(parts, name+": "+literal(types, of, x))
			}
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, ", ") + "}"
	case string:
		if types[t.Name].Kind == "ENUM" && word.MatchString(v) {
			return v
		}
		text, _ := json.Marshal(v)
		return string(text)
	default:
		return fmt.Sprint(v)
	}
}
