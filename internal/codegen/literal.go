package codegen

import (
	"fmt"
	"reflect"
	"strings"

	"entgo.io/ent/entc/gen"

	"coppice/internal/model"
)

// literal writes an entity as a Go expression, leaving out zero values.
func literal(e *entity) string {
	var b strings.Builder
	b.WriteString("&model.Entity{")
	scalars(&b, reflect.ValueOf(e.Entity).Elem())
	b.WriteString("\nID: " + fieldLiteral(e, e.ID) + ",")
	if len(e.Implement) > 0 {
		fmt.Fprintf(&b, "Implement: %#v,", e.Implement)
	}
	b.WriteString("\nFields: []*model.Field{")
	for _, f := range e.Fields {
		b.WriteString("\n" + fieldLiteral(e, f) + ",")
	}
	b.WriteString("\n},\nEdges: []*model.Edge{")
	for _, ed := range e.Entity.Edges {
		b.WriteString("\n{")
		scalars(&b, reflect.ValueOf(ed).Elem())
		b.WriteString("},")
	}
	b.WriteString("\n},\nKeys: []*model.Key{")
	for _, k := range e.Keys {
		b.WriteString("\n{")
		scalars(&b, reflect.ValueOf(k).Elem())
		fmt.Fprintf(&b, "Of: %#v},", k.Of)
	}
	b.WriteString("\n},\n}")
	return b.String()
}

func fieldLiteral(e *entity, f *model.Field) string {
	var b strings.Builder
	b.WriteString("{")
	if f == e.ID {
		b.Reset()
		b.WriteString("&model.Field{")
	}
	scalars(&b, reflect.ValueOf(f).Elem())
	if len(f.Enums) > 0 {
		b.WriteString("Enums: []model.EnumValue{")
		for _, v := range f.Enums {
			fmt.Fprintf(&b, "{Name: %q, Value: %q},", v.Name, v.Value)
		}
		b.WriteString("},")
	}
	b.WriteString("Go: " + converter(e.Go[f], f.Kind) + "}")
	return b.String()
}

// converter names the function that turns a parsed value into the field's Go
// type.
func converter(f *gen.Field, k model.Kind) string {
	fn := "model.As"
	switch k {
	case model.Int, model.BigInt, model.Float:
		fn = "model.Number"
	case model.JSON, model.Strings, model.Ints:
		fn = "model.Decode"
	case model.String, model.Enum:
		fn = "model.Text"
	case model.Bytes:
		fn = "model.Binary"
	}
	return fn + "[" + f.Type.String() + "]"
}

// scalars writes the fields of a struct that are strings, numbers and
// booleans and hold something.
func scalars(b *strings.Builder, v reflect.Value) {
	t := v.Type()
	for i := range t.NumField() {
		f := v.Field(i)
		if !t.Field(i).IsExported() || f.IsZero() || t.Field(i).Name == "Index" {
			continue
		}
		switch f.Kind() {
		case reflect.String:
			fmt.Fprintf(b, "%s: %q, ", t.Field(i).Name, f.String())
		case reflect.Bool:
			fmt.Fprintf(b, "%s: true, ", t.Field(i).Name)
		case reflect.Int:
			fmt.Fprintf(b, "%s: %d, ", t.Field(i).Name, f.Int())
		case reflect.Uint8:
			if s, ok := named[f.Type()]; ok {
				fmt.Fprintf(b, "%s: %s, ", t.Field(i).Name, s[f.Uint()])
			} else {
				fmt.Fprintf(b, "%s: %d, ", t.Field(i).Name, f.Uint())
			}
		}
	}
}

// named spells out the values of the model's enumerations.
var named = map[reflect.Type][]string{
	reflect.TypeFor[model.Kind](): {"model.String", "model.Enum", "model.Bool", "model.Int", "model.BigInt", "model.Float",
		"model.Time", "model.UUID", "model.Bytes", "model.JSON", "model.Strings", "model.Ints"},
	reflect.TypeFor[model.Storage](): {"model.Own", "model.Other", "model.Join"},
}
