package conformance

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"time"

	"coppice/core/model"
)

// canonical is a value of a field, as it was sent or as it came back, in a form
// in which equal values are equal: that of ent's Go type, where Go can tell.
func (a *api) canonical(f *model.Field, v any) any {
	a.Helper()
	if v == nil {
		return nil
	}
	parsed, err := f.Parse(v)
	if err != nil {
		a.Fatalf("%s: %v does not read: %v", f.GraphQL, v, err)
	}
	if f.Go == nil {
		return parsed
	}
	typed, err := f.Go(parsed)
	if err != nil {
		a.Fatalf("%s: %v does not convert: %v", f.GraphQL, v, err)
	}
	return typed
}

// same reports whether what was sent for a field and what came back are one
// value.
func (a *api) same(f *model.Field, sent, got any) bool {
	a.Helper()
	x, y := a.canonical(f, sent), a.canonical(f, got)
	if t, ok := x.(time.Time); ok {
		u, ok := y.(time.Time)
		return ok && t.Equal(u)
	}
	if b, ok := x.([]byte); ok {
		c, ok := y.([]byte)
		return ok && bytes.Equal(b, c)
	}
	if p, ok := sent.(float64); ok && f.Kind == model.Float {
		q, _ := parsedOf(f, got).(float64)
		return math.Abs(p-q) <= math.Abs(p)*1e-6
	}
	return reflect.DeepEqual(x, y) || asJSON(x) == asJSON(y)
}

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

func parsedOf(f *model.Field, v any) any {
	p, err := f.Parse(v)
	if err != nil {
		return nil
	}
	return p
}

// compare orders two values of a field as the database does; neither is null.
func compare(f *model.Field, a, b any) int {
	switch x := parsedOf(f, a).(type) {
	case string:
		return cmp.Compare(x, parsedOf(f, b).(string))
	case bool:
		y := parsedOf(f, b).(bool)
		switch {
		case x == y:
			return 0
		case y:
			return -1
		default:
			return 1
		}
	case int64:
		return cmp.Compare(x, parsedOf(f, b).(int64))
	case uint64:
		return cmp.Compare(x, parsedOf(f, b).(uint64))
	case float64:
		return cmp.Compare(x, parsedOf(f, b).(float64))
	case time.Time:
		return x.Compare(parsedOf(f, b).(time.Time))
	default:
		return cmp.Compare(fmt.Sprint(x), fmt.Sprint(parsedOf(f, b)))
	}
}
