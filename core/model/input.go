package model

import (
	"context"
	"database/sql/driver"
	"fmt"
	"reflect"
)

// A Go type may read what clients write by itself, as gqlgen has it.
type (
	unmarshaler        interface{ UnmarshalGQL(v any) error }
	contextUnmarshaler interface {
		UnmarshalGQLContext(ctx context.Context, v any) error
	}
)

// Unmarshaled reads an input through the UnmarshalGQL of a field's Go type, and
// returns what the type stores of it: by stores, or by its own Value where that
// is nil.
func Unmarshaled[T any](stores func() func(T) (driver.Value, error)) func(any) (any, error) {
	return func(v any) (any, error) {
		var t T
		target := any(&t)
		if p := reflect.TypeFor[T](); p.Kind() == reflect.Pointer {
			target = reflect.New(p.Elem()).Interface()
			t, _ = target.(T)
		}
		var err error
		switch u := target.(type) {
		case unmarshaler:
			err = u.UnmarshalGQL(v)
		case contextUnmarshaler:
			err = u.UnmarshalGQLContext(context.Background(), v)
		}
		if err != nil {
			return nil, &Misread{err}
		}
		return storedForm(t, stores)
	}
}

func storedForm[T any](t T, stores func() func(T) (driver.Value, error)) (any, error) {
	var v driver.Value
	var err error
	if stores != nil {
		v, err = stores()(t)
	} else {
		v, err = driver.DefaultParameterConverter.ConvertValue(t)
	}
	switch {
	case err != nil:
		return nil, &Misread{err}
	case v == nil:
		return nil, &Misread{}
	}
	return v, nil
}

// input is a value of the field as the field's Go type reads and stores it.
func (f *Field) input(v any) (any, error) {
	if !f.named() { // else it is of whatever type its scalar takes
		var err error
		if v, err = f.parsePlainly(v); err != nil {
			return nil, err
		}
	}
	stored, err := f.Input(v)
	if err == nil {
		stored, err = f.Scan(stored)
	}
	if err != nil {
		return nil, f.quiet(err)
	}
	if f.Kind == String {
		stored = fmt.Sprint(stored)
	}
	return f.parsePlainly(stored)
}

// named reports whether the field has a scalar of its own in the API.
func (f *Field) named() bool {
	return f.Type != [...]string{String: "String", Bool: "Boolean", Int: "Int", BigInt: "BigInt", Float: "Float", Time: "Time"}[f.Kind]
}

// Part is the field as parts of its texts are compared with, and values that it
// has stored: its Go type is not asked.
func (f *Field) Part() *Field {
	if f.Input == nil {
		return f
	}
	part := *f
	part.Input = nil
	return &part
}
