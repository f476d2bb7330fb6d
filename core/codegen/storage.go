package codegen

import (
	"reflect"
	"strings"

	"entgo.io/ent/dialect"
	"entgo.io/ent/entc/load"
	"entgo.io/ent/schema/field"
)

// keepText gives texts of a Go type of their own a column of text in SQLite
// where the schema names no type for it, or one such as decimal(10,2): SQLite
// would make floats of what it takes for numbers, and lose digits.
func keepText(schemas []*load.Schema) {
	for _, s := range schemas {
		for _, f := range s.Fields {
			name, named := f.SchemaType[dialect.SQLite]
			if !written(f) || named && !inexact(name) || !named && f.Info.Type != field.TypeOther {
				continue
			}
			if f.SchemaType == nil {
				f.SchemaType = map[string]string{}
			}
			f.SchemaType[dialect.SQLite] = "text"
		}
	}
}

// written reports whether a field's Go type settles what text is stored.
func written(f *load.Field) bool {
	switch {
	case f.Info.Type == field.TypeOther:
		return true
	case f.Info.Type == field.TypeString && f.Info.RType != nil:
		return f.ValueScanner || f.Info.RType.Kind != reflect.String
	default:
		return false
	}
}

// inexact reports whether SQLite makes floats of texts that look like numbers
// in a column of a type, by its rules (https://sqlite.org/datatype3.html,
// section 3.1).
func inexact(name string) bool {
	for _, part := range []string{"INT", "CHAR", "CLOB", "TEXT", "BLOB"} {
		if strings.Contains(strings.ToUpper(name), part) {
			return false
		}
	}
	return true
}
