package model

import (
	"database/sql/driver"
	"reflect"
)

// Same reports whether two values of the field, in the form of Parse, are the
// same: of texts and JSON that a Go type stores, whether the type says so.
func (f *Field) Same(a, b any) bool {
	if Equal(a, b) {
		return true
	}
	if a == nil || b == nil {
		return false
	}
	if !f.Kind.Comparable() && f.Kind != Bytes {
		return Equal(f.storedJSON(a), f.storedJSON(b))
	}
	if !f.OwnStorage {
		return false
	}
	x, err := f.Go(a)
	if err != nil {
		return false
	}
	y, err := f.Go(b)
	return err == nil && sameTyped(x, y)
}

// sameTyped compares two values of one Go type by its Equal or Cmp method, else
// by what each stores.
func sameTyped(a, b any) bool {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	for name, equal := range map[string]func(reflect.Value) bool{
		"Equal": func(v reflect.Value) bool { return v.Kind() == reflect.Bool && v.Bool() },
		"Cmp":   func(v reflect.Value) bool { return v.Kind() == reflect.Int && v.Int() == 0 },
	} {
		m := x.MethodByName(name)
		if m.IsValid() && m.Type().NumIn() == 1 && m.Type().In(0) == y.Type() && m.Type().NumOut() == 1 {
			return equal(m.Call([]reflect.Value{y})[0])
		}
	}
	v, ok := a.(driver.Valuer)
	w, also := b.(driver.Valuer)
	if !ok || !also {
		return reflect.DeepEqual(a, b)
	}
	s, err := v.Value()
	if err != nil {
		return false
	}
	t, err := w.Value()
	return err == nil && reflect.DeepEqual(s, t)
}
