package codegen

import (
	"fmt"
	"go/token"

	"entgo.io/ent/entc/load"
	"entgo.io/ent/schema/field"
)

// foreseen finds in schemas that ent has refused what it does not say the way
// out of. It returns nil where ent's own words have to do.
func foreseen(schemas, flag string) error {
	spec, err := (&load.Config{Path: schemas, BuildFlags: []string{flag}}).Load()
	if err != nil {
		return nil //nolint:nilerr // ent has told it
	}
	for _, s := range spec.Schemas {
		for _, f := range s.Fields {
			if err := namedInGo(f); err != nil {
				return fmt.Errorf("%s: %s.%w", file(s.Pos), s.Name, err)
			}
		}
	}
	return nil
}

// namedInGo refuses values of an enum that ent can make no constant's name of.
func namedInGo(f *load.Field) error {
	if f.Info == nil || f.Info.Type != field.TypeEnum || f.Info.RType != nil {
		return nil
	}
	for _, e := range f.Enums {
		name := e.N
		if !token.IsExported(name) || !token.IsIdentifier(name) {
			name = pascal(name)
		}
		switch {
		case e.V == "":
			return fmt.Errorf("%s: a value of an enum cannot be empty: make the field Optional, and null where it has none", f.Name)
		case !token.IsIdentifier(pascal(f.Name) + name):
			return fmt.Errorf("%s: the value %q makes no name in Go: give it one with NamedValues(%q, %q, …)", f.Name, e.V, "Name", e.V)
		}
	}
	return nil
}
