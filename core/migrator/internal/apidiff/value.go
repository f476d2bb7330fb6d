package apidiff

import (
	"maps"
	"reflect"
	"slices"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// defaults compares the defaults of two versions of what goes in.
func (d *differ) defaults(path, what string, from, to *ast.Type, was, is *ast.Value) {
	old, hadOne := coerce(d.from, from, was, 0)
	now, hasOne := coerce(d.to, to, is, 0)
	switch {
	case !hadOne && !hasOne || hadOne && hasOne && reflect.DeepEqual(old, now):
	case !hadOne:
		d.add(Dangerous, path, "%s is %s now where it is not given.", what, is)
	case !hasOne:
		d.add(Dangerous, path, "%s was %s where it is not given, and has no default any more.", what, was)
	default:
		d.add(Dangerous, path, "%s is %s instead of %s where it is not given.", what, is, was)
	}
}

// given reports whether something has a default.
func given(s *ast.Schema, t *ast.Type, v *ast.Value) bool {
	_, ok := coerce(s, t, v, 0)
	return ok
}

// deepest is how far defaults may lie in each other: one that fills itself in has no end.
const deepest = 50

// number is one as it is written: as a float64, whose own equality has no sign of 0.
type number string

// coerce is the value that a literal means to a type (specification, section 3.12.2),
// of kinds that compare; false where there is none, or the type does not take it.
func coerce(s *ast.Schema, t *ast.Type, v *ast.Value, depth int) (any, bool) {
	switch {
	case v == nil || v.Kind == ast.Variable || depth > deepest:
		return nil, false
	case v.Kind == ast.NullValue:
		return nil, !t.NonNull
	case t.Elem != nil:
		return coerceList(s, t.Elem, v, depth+1)
	}
	def := s.Types[t.NamedType]
	if def == nil {
		return nil, false
	}
	switch def.Kind {
	case ast.Enum:
		return v.Raw, v.Kind == ast.EnumValue && def.EnumValues.ForName(v.Raw) != nil
	case ast.InputObject:
		return coerceObject(s, def, v, depth+1)
	}
	return coerceScalar(def, v)
}

func coerceList(s *ast.Schema, elem *ast.Type, v *ast.Value, depth int) (any, bool) {
	if v.Kind != ast.ListValue { // a lone value is a list of one
		one, ok := coerce(s, elem, v, depth)
		return []any{one}, ok
	}
	list := []any{}
	for _, child := range v.Children {
		one, ok := coerce(s, elem, child.Value, depth)
		if !ok {
			return nil, false
		}
		list = append(list, one)
	}
	return list, true
}

func coerceObject(s *ast.Schema, def *ast.Definition, v *ast.Value, depth int) (any, bool) {
	if v.Kind != ast.ObjectValue {
		return nil, false
	}
	object := map[string]any{}
	for _, f := range def.Fields {
		literal := v.Children.ForName(f.Name)
		if literal == nil {
			literal = f.DefaultValue
		}
		if literal == nil {
			if f.Type.NonNull {
				return nil, false
			}
			continue
		}
		one, ok := coerce(s, f.Type, literal, depth)
		if !ok {
			return nil, false
		}
		object[f.Name] = one
	}
	if def.Directives.ForName("oneOf") != nil {
		return object, len(object) == 1 && !slices.Contains(slices.Collect(maps.Values(object)), nil)
	}
	return object, true
}

func coerceScalar(def *ast.Definition, v *ast.Value) (any, bool) {
	takes := map[string][]ast.ValueKind{
		"Int":     {ast.IntValue},
		"Float":   {ast.IntValue, ast.FloatValue},
		"String":  {ast.StringValue, ast.BlockValue},
		"Boolean": {ast.BooleanValue},
		"ID":      {ast.StringValue, ast.BlockValue, ast.IntValue},
	}
	kinds, known := takes[def.Name]
	switch {
	case known && !slices.Contains(kinds, v.Kind):
		return nil, false
	case def.Name == "ID":
		return v.Raw, true
	}
	return untyped(v), true
}

// untyped is the value of a literal as it stands, for scalars of a schema's own.
func untyped(v *ast.Value) any {
	switch v.Kind {
	case ast.IntValue, ast.FloatValue:
		f, err := strconv.ParseFloat(v.Raw, 64)
		if err != nil {
			return v.Raw
		}
		return number(strconv.FormatFloat(f, 'g', -1, 64))
	case ast.BooleanValue:
		return v.Raw == "true"
	case ast.NullValue:
		return nil
	case ast.ListValue:
		list := []any{}
		for _, child := range v.Children {
			list = append(list, untyped(child.Value))
		}
		return list
	case ast.ObjectValue:
		object := map[string]any{}
		for _, child := range v.Children {
			object[child.Name] = untyped(child.Value)
		}
		return object
	}
	return v.Raw
}
