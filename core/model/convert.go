package model

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"reflect"

	"entgo.io/ent/schema/field"
	"github.com/google/uuid"
)

// As passes on a value that already has the field's Go type.
func As[T any](v any) (any, error) {
	t, ok := v.(T)
	if !ok {
		return nil, fmt.Errorf("unexpected %T for %T", v, t)
	}
	return t, nil
}

// Number converts a parsed number to a field's Go type.
func Number[T ~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64](v any) (any, error) {
	switch v := v.(type) {
	case int64:
		return T(v), nil
	case uint64:
		return T(v), nil
	case float64:
		return T(v), nil
	default:
		return nil, fmt.Errorf("unexpected %T for a number", v)
	}
}

// Text converts a parsed string to a field's Go type.
func Text[T ~string](v any) (any, error) {
	s, ok := v.(string)
	if !ok {
		return nil, fmt.Errorf("unexpected %T for a string", v)
	}
	return T(s), nil
}

// Boolean converts a parsed boolean to a field's Go type.
func Boolean[T ~bool](v any) (any, error) {
	b, ok := v.(bool)
	if !ok {
		return nil, fmt.Errorf("unexpected %T for a boolean", v)
	}
	return T(b), nil
}

// Binary converts parsed bytes to a field's Go type.
func Binary[T ~[]byte](v any) (any, error) {
	b, ok := v.([]byte)
	if !ok {
		return nil, fmt.Errorf("unexpected %T for bytes", v)
	}
	return T(b), nil
}

// Scanned converts a parsed value to a field's Go type through the type's own
// Scan method (database/sql.Scanner).
func Scanned[T any](v any) (any, error) {
	if t, ok := v.(T); ok {
		return t, nil
	}
	var t T
	target := any(&t)
	if p := reflect.TypeFor[T](); p.Kind() == reflect.Pointer {
		fresh := reflect.New(p.Elem())
		t, _ = fresh.Interface().(T)
		target = fresh.Interface()
	}
	s, ok := target.(sql.Scanner)
	if !ok {
		return As[T](v)
	}
	switch u := v.(type) {
	case uint64:
		v = int64(u)
	case uuid.UUID:
		v = u.String()
	}
	if err := s.Scan(v); err != nil {
		return nil, &Misread{err}
	}
	return t, nil
}

// FromValue converts a parsed value to a field's Go type through the field's
// value scanner.
func FromValue[T any](scanner func() (field.ValueScanner, func(driver.Value) (T, error))) func(any) (any, error) {
	return func(v any) (any, error) {
		s, from := scanner()
		if err := s.Scan(v); err != nil {
			return nil, &Misread{err}
		}
		t, err := from(s)
		if err != nil {
			return nil, &Misread{err}
		}
		return t, nil
	}
}
