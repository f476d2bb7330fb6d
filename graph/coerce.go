package graph

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"coppice/core/fault"
)

// inputCount says how many input objects a value holds, and how deep.
type inputCount struct{ count, depth int }

// valueMisfit is a value that its type does not take: where it stands in a
// variable, and what is wrong with it, to complete a sentence that starts with
// the place.
type valueMisfit struct{ path, text string }

// in puts the misfit into a field or a position of a list. Paths are built on
// the way out of an error, so that a value that fits costs none.
func (m *valueMisfit) in(name string) *valueMisfit {
	m.path = joinPath(name, m.path)
	return m
}

// coerce turns the variables of a request into what the operation's types
// take: strings, bools, int64 for Int, float64 for Float, strings for ID and
// enums, maps and lists; values of the schema's own scalars stay as JSON has
// them, with numbers as json.Number. An error is BAD_USER_INPUT at the argument
// that the variable stands in. It also tells what input objects each variable
// holds.
//
// It stands in for gqlparser's VariableValues, which takes numbers for
// strings, strings for numbers and enums in any case, leaves @oneOf unchecked,
// and names variables rather than arguments.
func (h *httpHandler) coerce(op *validOperation, given map[string]any) (vars map[string]any, held map[string]inputCount, err error) {
	vars = make(map[string]any, len(op.definition.VariableDefinitions))
	for _, def := range op.definition.VariableDefinitions {
		c := variableCoercion{schema: h.schema, names: h.names}
		v, ok, wrong := c.variable(def, given)
		path := op.survey.pathOf(def.Variable, false)
		if wrong == nil && ok && v == nil {
			// A variable with a default may be declared nullable and stand
			// where null may not; that shows only once null is given.
			if place := op.survey.pathOf(def.Variable, true); place != "" {
				path, wrong = place, &valueMisfit{text: "must not be null"}
			}
		}
		if wrong != nil {
			path = joinPath(path, wrong.path)
			return nil, nil, fault.Input(path, "%s %s", path, sentence(wrong.text))
		}
		if !ok {
			continue
		}
		vars[def.Variable] = v
		if c.held.count > 0 {
			if held == nil {
				held = map[string]inputCount{}
			}
			held[def.Variable] = c.held
		}
	}
	return vars, held, nil
}

// variableCoercion coerces one variable.
type variableCoercion struct {
	schema *ast.Schema
	names  *suggester
	depth  int
	held   inputCount
}

// variable is the value of a variable; ok is false for one that was left out.
func (c *variableCoercion) variable(def *ast.VariableDefinition, given map[string]any) (v any, ok bool, wrong *valueMisfit) {
	v, ok = given[def.Variable]
	switch {
	case !ok && def.DefaultValue != nil:
		var err error
		if v, err = def.DefaultValue.Value(nil); err != nil {
			return nil, false, &valueMisfit{text: "is beyond what its type can hold"}
		}
	case !ok && def.Type.NonNull:
		return nil, false, &valueMisfit{text: "is required"}
	case !ok:
		return nil, false, nil
	}
	v, wrong = c.value(def.Type, v)
	return v, true, wrong
}

// value coerces a value to a type.
func (c *variableCoercion) value(t *ast.Type, v any) (any, *valueMisfit) {
	if v == nil {
		if t.NonNull {
			return nil, &valueMisfit{text: "must not be null"}
		}
		return v, nil
	}
	if t.Elem != nil {
		return c.list(t.Elem, v)
	}
	switch def := c.schema.Types[t.NamedType]; def.Kind {
	case ast.InputObject:
		return c.object(def, v)
	case ast.Enum:
		if s, ok := v.(string); ok && def.EnumValues.ForName(s) != nil {
			return s, nil
		}
		return nil, &valueMisfit{text: "must be one of " + joinNames(def.EnumValues, func(e *ast.EnumValueDefinition) string { return e.Name })}
	default:
		return coerceScalar(def.Name, v)
	}
}

// list coerces a list, or one value in place of a list of it.
func (c *variableCoercion) list(elem *ast.Type, v any) (any, *valueMisfit) {
	list, ok := v.([]any)
	if !ok {
		one, wrong := c.value(elem, v)
		return []any{one}, wrong
	}
	for i, e := range list {
		var wrong *valueMisfit
		if list[i], wrong = c.value(elem, e); wrong != nil {
			return nil, wrong.in(strconv.Itoa(i))
		}
	}
	return list, nil
}

// object coerces an input object in place. Fields with defaults that are left
// out stay so: whoever reads the object applies them, to literals as well.
func (c *variableCoercion) object(def *ast.Definition, v any) (any, *valueMisfit) {
	m, ok := v.(map[string]any)
	if !ok {
		return nil, &valueMisfit{text: "must be an object"}
	}
	c.depth++
	defer func() { c.depth-- }()
	c.held.count++
	c.held.depth = max(c.held.depth, c.depth)
	// In the order of the type, so that the same error is told each time.
	known := 0
	for _, f := range def.Fields {
		e, given := m[f.Name]
		if !given {
			if f.Type.NonNull && f.DefaultValue == nil {
				return nil, (&valueMisfit{text: "is required"}).in(f.Name)
			}
			continue
		}
		known++
		var wrong *valueMisfit
		if m[f.Name], wrong = c.value(f.Type, e); wrong != nil {
			return nil, wrong.in(f.Name)
		}
	}
	if known < len(m) {
		return nil, c.unknownField(def, m)
	}
	if def.Directives.ForName("oneOf") != nil && !oneOf(m) {
		return nil, &valueMisfit{text: "must give exactly one of " + joinNames(def.Fields, func(f *ast.FieldDefinition) string { return f.Name })}
	}
	return m, nil
}

// oneOf reports whether an object has one field, and a value in it.
func oneOf(m map[string]any) bool {
	for _, v := range m {
		return len(m) == 1 && v != nil
	}
	return false
}

// unknownField names the first field, by the alphabet, that the type lacks.
func (c *variableCoercion) unknownField(def *ast.Definition, m map[string]any) *valueMisfit {
	first := ""
	for name := range m {
		if def.Fields.ForName(name) == nil && (first == "" || name < first) {
			first = name
		}
	}
	text := "is not a field of " + def.Name
	if names := c.names.field(def, first); len(names) > 0 {
		text += ": did you mean " + strings.Join(names, " or ") + "?"
	}
	return (&valueMisfit{text: text}).in(first)
}

// coerceScalar coerces a value of a built-in scalar; one of the schema's own
// passes as it is, to be judged by whoever reads it. Numbers come as
// json.Number from a request, as int64 or float64 from a default value.
func coerceScalar(name string, v any) (any, *valueMisfit) {
	var ok bool
	switch name {
	case "String":
		if _, ok = v.(string); !ok {
			return nil, &valueMisfit{text: "must be a string"}
		}
	case "Boolean":
		if _, ok = v.(bool); !ok {
			return nil, &valueMisfit{text: "must be true or false"}
		}
	case "Int":
		if v, ok = coerceInt(v); !ok {
			return nil, &valueMisfit{text: fmt.Sprintf("must be a whole number from %d to %d", math.MinInt32, math.MaxInt32)}
		}
	case "Float":
		if v, ok = coerceFloat(v); !ok {
			return nil, &valueMisfit{text: "must be a number"}
		}
	case "ID":
		if v, ok = coerceID(v); !ok {
			return nil, &valueMisfit{text: "must be a string or a whole number"}
		}
	}
	return v, nil
}

// coerceInt takes 2.0 as 2, since JSON has but one kind of number.
func coerceInt(v any) (any, bool) {
	f, ok := coerceFloat(v)
	n, _ := f.(float64)
	if !ok || n != math.Trunc(n) || n < math.MinInt32 || n > math.MaxInt32 {
		return nil, false
	}
	return int64(n), true
}

func coerceFloat(v any) (any, bool) {
	switch v := v.(type) {
	case json.Number:
		f, err := v.Float64()
		return f, err == nil
	case int64:
		return float64(v), true
	case float64:
		return v, true
	default:
		return nil, false
	}
}

// coerceID takes whole numbers of any size by their digits.
func coerceID(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), !strings.ContainsAny(v.String(), ".eE")
	case int64:
		return strconv.FormatInt(v, 10), true
	default:
		return nil, false
	}
}

// sentence ends a text that does not end as one already.
func sentence(text string) string {
	if strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}

func joinNames[T any](list []T, name func(T) string) string {
	all := make([]string, len(list))
	for i, e := range list {
		all[i] = name(e)
	}
	return strings.Join(all, ", ")
}
