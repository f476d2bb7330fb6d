package codegen

import (
	"fmt"
	"reflect"
	"strings"

	"entgo.io/ent/entc/gen"

	"coppice/core/model"
)

// literal writes an entity as a Go expression, leaving out zero values.
func literal(e *entity) string {
	var b strings.Builder
	b.WriteString("&coppicemodel.Entity{")
	scalars(&b, reflect.ValueOf(e.Entity).Elem())
	b.WriteString("\nID: " + fieldLiteral(e, e.ID) + ",")
	if len(e.Implement) > 0 {
		fmt.Fprintf(&b, "Implement: %#v,", e.Implement)
	}
	if len(e.WasTables) > 0 {
		fmt.Fprintf(&b, "WasTables: %#v,", e.WasTables)
	}
	older(&b, "Former", e.Former)
	b.WriteString("\nFields: []*coppicemodel.Field{")
	for _, f := range e.Fields {
		b.WriteString("\n" + fieldLiteral(e, f) + ",")
	}
	b.WriteString("\n},\nEdges: []*coppicemodel.Edge{")
	for _, ed := range e.Entity.Edges {
		b.WriteString("\n{")
		scalars(&b, reflect.ValueOf(ed).Elem())
		older(&b, "Kept", ed.Kept)
		if len(ed.Fields) > 0 {
			b.WriteString("Fields: []*coppicemodel.Field{")
			for _, f := range ed.Fields {
				b.WriteString("\n" + fieldLiteral(e.associated[ed], f) + ",")
			}
			b.WriteString("\n},")
		}
		b.WriteString("},")
	}
	b.WriteString("\n},")
	keyLiterals(&b, "Keys", e.Keys)
	if len(e.KeptKeys) > 0 {
		keyLiterals(&b, "KeptKeys", e.KeptKeys)
	}
	b.WriteString("\n}")
	return b.String()
}

func keyLiterals(b *strings.Builder, name string, keys []*model.Key) {
	b.WriteString("\n" + name + ": []*coppicemodel.Key{")
	for _, k := range keys {
		b.WriteString("\n{")
		scalars(b, reflect.ValueOf(k).Elem())
		fmt.Fprintf(b, "Of: %#v},", k.Of)
	}
	b.WriteString("\n},")
}

// older writes a list of older names, if there are any.
func older[T model.Kept | model.Former](b *strings.Builder, name string, list []T) {
	if len(list) > 0 {
		b.WriteString(strings.ReplaceAll(fmt.Sprintf("%s: %#v,", name, list), "model.", "coppicemodel."))
	}
}

func fieldLiteral(e *entity, f *model.Field) string {
	var b strings.Builder
	b.WriteString("{")
	if f == e.ID {
		b.Reset()
		b.WriteString("&coppicemodel.Field{")
	}
	scalars(&b, reflect.ValueOf(f).Elem())
	if len(f.Enums) > 0 {
		b.WriteString("Enums: []coppicemodel.EnumValue{")
		for _, v := range f.Enums {
			b.WriteString("{")
			scalars(&b, reflect.ValueOf(v))
			b.WriteString("},")
		}
		b.WriteString("},")
	}
	older(&b, "Kept", f.Kept)
	b.WriteString("Go: " + converter(e, e.Go[f], f.Kind))
	if readsInput(e.Go[f], f.Kind) {
		b.WriteString(", Input: " + inputReader(e, e.Go[f]))
	}
	b.WriteString("}")
	return b.String()
}

// converter names the function that turns a parsed value into the field's Go
// type.
func converter(e *entity, f *gen.Field, k model.Kind) string {
	fn := "coppicemodel.As"
	switch {
	case f.HasValueScanner():
		return "coppicemodel.FromValue[" + f.Type.String() + "](func() (field.ValueScanner, func(driver.Value) (" + f.Type.String() + ", error)) {\n" +
			"s := " + e.Type.Package() + ".ValueScanner." + f.StructField() + "\n" +
			"return s.ScanValue(), s.FromValue\n})"
	case own(f, k):
		return "coppicemodel.Scanned[" + f.Type.String() + "]"
	}
	switch k {
	case model.Int, model.BigInt, model.Float:
		fn = "coppicemodel.Number"
	case model.JSON, model.Strings, model.Ints:
		fn = "coppicemodel.Decode"
	case model.String, model.Enum:
		fn = "coppicemodel.Text"
	case model.Bool:
		fn = "coppicemodel.Boolean"
	case model.Bytes:
		fn = "coppicemodel.Binary"
	}
	return fn + "[" + f.Type.String() + "]"
}

// readsInput reports whether a field's Go type reads what clients write by
// itself, as gqlgen's custom scalars do.
func readsInput(f *gen.Field, k model.Kind) bool {
	switch k {
	case model.String, model.Bool, model.Int, model.BigInt, model.Float, model.Time:
	default:
		return false // an enum has its names, and JSON a form of its own
	}
	if !f.HasGoType() || f.Name == "id" {
		return false
	}
	_, plain := f.Type.RType.Methods["UnmarshalGQL"]
	_, context := f.Type.RType.Methods["UnmarshalGQLContext"]
	return plain || context
}

// inputReader names the function that reads what clients write for such a field.
func inputReader(e *entity, f *gen.Field) string {
	stores := "nil"
	if f.HasValueScanner() {
		stores = "func() func(" + f.Type.String() + ") (driver.Value, error) { return " + e.Type.Package() + ".ValueScanner." + f.StructField() + ".Value }"
	}
	return "coppicemodel.Unmarshaled[" + f.Type.String() + "](" + stores + ")"
}

// own reports whether a field's Go type reads and writes its column itself.
func own(f *gen.Field, k model.Kind) bool {
	return f.HasValueScanner() || f.HasGoType() && !f.IsJSON() && !basic(f.Type.RType.Kind, k)
}

// basic reports whether values of a Go kind can be converted from what the
// model's kind is parsed to.
func basic(g reflect.Kind, k model.Kind) bool {
	switch k {
	case model.String, model.Enum:
		return g == reflect.String
	case model.Int, model.BigInt, model.Float:
		return g >= reflect.Int && g <= reflect.Uint64 || g == reflect.Float32 || g == reflect.Float64
	case model.Bool:
		return g == reflect.Bool
	case model.Bytes:
		return g == reflect.Slice
	default:
		return false
	}
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
	reflect.TypeFor[model.Kind](): {"coppicemodel.String", "coppicemodel.Enum", "coppicemodel.Bool", "coppicemodel.Int", "coppicemodel.BigInt", "coppicemodel.Float",
		"coppicemodel.Time", "coppicemodel.UUID", "coppicemodel.Bytes", "coppicemodel.JSON", "coppicemodel.Strings", "coppicemodel.Ints"},
	reflect.TypeFor[model.Storage](): {"coppicemodel.Own", "coppicemodel.Other", "coppicemodel.Join"},
	reflect.TypeFor[model.Action]():  {"coppicemodel.NoAction", "coppicemodel.Restrict", "coppicemodel.Cascade", "coppicemodel.SetNull", "coppicemodel.SetDefault"},
}
