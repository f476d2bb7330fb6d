package fake

import (
	"encoding"
	"encoding/json"
	"iter"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"time"

	"coppice/core/model"
)

// generator makes a part of a JSON value.
type generator func(*rand.Rand, int) any

// documents lists ways to make a JSON value: what decodes to the field's Go
// type, and then plainer ones.
func documents(f *model.Field) iter.Seq[candidate] {
	yields := func(yield func(candidate) bool, g generator) bool { return yield(candidate{make: g}) }
	words := wordsOf(f.Name)
	return func(yield func(candidate) bool) {
		if f.Kind == model.Strings {
			for _, c := range append(meant(singular(words)), texted()...) {
				if !yields(yield, list(c.make, 1, 4)) || !yields(yield, list(c.make, 1, 1)) || !yields(yield, list(c.make, 3, 3)) {
					return
				}
			}
			_ = yields(yield, list(nil, 0, 0))
			return
		}
		if f.Kind == model.Ints {
			for c := range integers(f, nothing) {
				if !yields(yield, list(c.make, 1, 4)) {
					return
				}
			}
			_ = yields(yield, list(nil, 0, 0))
			return
		}
		if t, ok := typeOf(f); ok && !yields(yield, settled(f, shape(t, words, nil))) {
			return
		}
		for _, g := range []generator{object, list(texted()[0].make, 1, 3), texted()[0].make, fixedly(json.Number("1")),
			fixedly(true), fixedly(map[string]any{}), list(nil, 0, 0)} {
			if !yields(yield, settled(f, g)) {
				return
			}
		}
	}
}

// texted is the forms of texts that are tried within values.
func texted() []candidate {
	cs := byName()["tag"]
	for _, name := range []string{"url", "email", "name", "uuid", "username", "country_code", "sku"} {
		cs = append(cs[:len(cs):len(cs)], byName()[name]...)
	}
	return append(cs, pattern{chars(lower, 4)}.candidate(), pattern{chars(upper, 3)}.candidate(), pattern{chars("123456789", 4)}.candidate())
}

// singular turns the last of some words from plural to singular.
func singular(words []string) []string {
	last := len(words) - 1
	switch word := words[last]; {
	case strings.HasSuffix(word, "ies"):
		words[last] = strings.TrimSuffix(word, "ies") + "y"
	case !strings.HasSuffix(word, "ss"):
		words[last] = strings.TrimSuffix(word, "s")
	}
	return words
}

func fixedly(v any) generator { return func(*rand.Rand, int) any { return v } }

// list makes a list of some values, none twice where they can be compared.
func list(element generator, low, high int) generator {
	return func(r *rand.Rand, n int) any {
		values := make([]any, 0, high)
		for range low + pick(r, high-low+1) {
			v := element(r, n)
			text, isText := v.(string)
			twice := false
			for _, other := range values {
				twice = twice || isText && other == text
			}
			if !twice || len(values) < low {
				values = append(values, v)
			}
		}
		return values
	}
}

// object makes an object of no particular type.
func object(r *rand.Rand, _ int) any {
	p := pooled()
	return map[string]any{
		"name": oneOf(r, p.title), "color": oneOf(r, p.color), "size": json.Number(oneOf(r, p.number)), "active": pick(r, 2) == 1,
	}
}

// typeOf is the Go type that a field's JSON decodes to; ok is false for one
// that holds any value.
func typeOf(f *model.Field) (reflect.Type, bool) {
	v, err := f.Go(json.RawMessage("null"))
	t := reflect.TypeOf(v)
	return t, err == nil && t != nil && t != reflect.TypeFor[json.RawMessage]()
}

// settled makes values as they are after a trip through the field's Go type:
// with what the type adds, and without what it does not know. So they compare
// equal to what is read back.
func settled(f *model.Field, g generator) generator {
	return func(r *rand.Rand, n int) any {
		v := g(r, n)
		raw, err := f.Parse(v)
		if err != nil {
			return v
		}
		typed, err := f.Go(raw)
		if err != nil {
			return v
		}
		text, err := json.Marshal(typed)
		if err != nil {
			return v
		}
		dec := json.NewDecoder(strings.NewReader(string(text)))
		dec.UseNumber()
		var back any
		if dec.Decode(&back) != nil || back == nil {
			return v
		}
		return back
	}
}

// shape makes values that decode to a Go type; the words are the name of where
// they stand, and within are the structs around it.
func shape(t reflect.Type, words []string, within []reflect.Type) generator {
	if t.Kind() == reflect.Pointer {
		return shape(t.Elem(), words, within)
	}
	if g := marshaled(t); g != nil {
		return g
	}
	switch t.Kind() {
	case reflect.Struct:
		return structure(t, within)
	case reflect.Slice, reflect.Array:
		return sequence(t, words, within)
	case reflect.Map:
		return mapping(t, words, within)
	case reflect.String:
		return text(words)
	case reflect.Bool:
		return func(r *rand.Rand, _ int) any { return pick(r, 2) == 1 }
	case reflect.Float32, reflect.Float64:
		return grid{1, 100, 4}.candidate().make
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if s, ok := plausible(joined(words)); ok && s.high < 128 {
			return s.candidate().make
		}
		return span{1, 100, 1, false}.candidate().make
	default:
		return text(words)
	}
}

func text(words []string) generator {
	if cs := meant(singular(append([]string(nil), words...))); cs != nil {
		return cs[0].make
	}
	return byName()["name"][0].make
}

func sequence(t reflect.Type, words []string, within []reflect.Type) generator {
	switch {
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		for c := range binaries() {
			return c.make
		}
	case t.Kind() == reflect.Array:
		return list(shape(t.Elem(), words, within), t.Len(), t.Len())
	}
	return list(shape(t.Elem(), words, within), 1, 3)
}

func mapping(t reflect.Type, words []string, within []reflect.Type) generator {
	key, value := byName()["tag"][0].make, shape(t.Elem(), words, within)
	if t.Key().Kind() != reflect.String {
		key = shape(t.Key(), words, within)
	}
	return func(r *rand.Rand, n int) any {
		m := map[string]any{}
		for range 1 + pick(r, 3) {
			switch k := key(r, n).(type) {
			case string:
				m[k] = value(r, n)
			case json.Number:
				m[k.String()] = value(r, n)
			}
		}
		return m
	}
}

// structure makes an object of a struct's fields, but for those that hold the
// struct itself.
func structure(t reflect.Type, within []reflect.Type) generator {
	type member struct {
		name string
		make generator
	}
	var members []member
	within = append(within[:len(within):len(within)], t)
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case name == "-" || !f.IsExported() || slices.Contains(within, innermost(f.Type)):
		case f.Anonymous && name == "" && inner.Kind() == reflect.Struct:
			members = append(members, member{"", structure(inner, within)})
		case f.Type.Kind() == reflect.Chan || f.Type.Kind() == reflect.Func || f.Type.Kind() == reflect.UnsafePointer:
		default:
			if name == "" {
				name = f.Name
			}
			members = append(members, member{name, shape(f.Type, wordsOf(name), within)})
		}
	}
	return func(r *rand.Rand, n int) any {
		m := make(map[string]any, len(members))
		for _, member := range members {
			v := member.make(r, n)
			if inner, ok := v.(map[string]any); ok && member.name == "" {
				for name, v := range inner {
					m[name] = v
				}
				continue
			}
			m[member.name] = v
		}
		return m
	}
}

// innermost is what a pointer, a list or a map is of.
func innermost(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	return t
}

// marshaled makes values of a type that reads JSON or a text by itself, nil
// where it does not, or where nothing that was tried can be read.
func marshaled(t reflect.Type) generator {
	if t == reflect.TypeFor[time.Time]() {
		return clock{from: epoch, span: 2 * year, after: year}.candidate().make
	}
	p := reflect.PointerTo(t)
	if !p.Implements(reflect.TypeFor[json.Unmarshaler]()) && !p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return nil
	}
	if t == reflect.TypeFor[json.RawMessage]() {
		return object
	}
	var found generator
	try := func(g generator) bool {
		raw, err := json.Marshal(g(rand.New(share(0)), 0))
		if err == nil && json.Unmarshal(raw, reflect.New(t).Interface()) == nil {
			found = g
		}
		return found == nil
	}
	_ = try(ofVersion(4).make) && try(clock{from: epoch, span: year}.candidate().make) && try(span{1, 100, 1, false}.candidate().make) &&
		try(fixedly(true))
	if found == nil {
		forms(func(c candidate) bool { return try(c.make) })
	}
	if found == nil {
		_ = try(object) && try(list(byName()["tag"][0].make, 1, 3)) && try(fixedly(map[string]any{}))
	}
	return found
}
