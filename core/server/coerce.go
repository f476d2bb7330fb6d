package server

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"coppice/core/fault"
	"coppice/core/model"
)

// inputCount says how many input objects a value holds, how deep, and what the
// conditions among them come to.
type inputCount struct {
	count, depth int
	asked        conditionCount
}

// valueMisfit is a value that its type does not take: where it stands in a
// variable, and what is wrong with it, to complete a sentence that starts with
// the place.
type valueMisfit struct{ path, text string }

// misfits are what is wrong with a value.
type misfits []valueMisfit

// in puts the misfits into a field or a position of a list. Paths are built on
// the way out of an error, so that a value that fits costs none.
func (ms misfits) in(name string) misfits {
	for i := range ms {
		ms[i].path = joinPath(name, ms[i].path)
	}
	return ms
}

// coerced is the variables of a request as the operation's types take them.
type coerced struct {
	vars  map[string]any
	held  map[string]inputCount // what input objects each variable holds
	unfit []string              // variables whose value was refused as a whole, and that are left out
	wrong []error               // all that was refused, each BAD_USER_INPUT at the argument that the variable stands in
}

// coerce turns the variables of a request into what the operation's types
// take: strings, bools, int64 for Int, float64 for Float, strings for ID and
// enums, maps and lists; values of the schema's own scalars stay as JSON has
// them, with numbers as json.Number. In the place of what does not fit stands a
// model.Unfit.
//
// It stands in for gqlparser's VariableValues, which takes numbers for
// strings, strings for numbers and enums in any case, leaves @oneOf unchecked,
// and names variables rather than arguments.
func (h *httpHandler) coerce(op *validOperation, given map[string]any) coerced {
	out := coerced{vars: make(map[string]any, len(op.definition.VariableDefinitions))}
	for _, def := range op.definition.VariableDefinitions {
		c := variableCoercion{schema: h.schema, model: h.model, names: h.names, left: maxErrors - len(out.wrong)}
		v, ok, wrong := c.variable(def, given)
		path := op.survey.pathOf(def.Variable, false)
		if len(wrong) == 0 && ok && v == nil {
			// A variable with a default may be declared nullable and stand
			// where null may not; that shows only once null is given.
			if place := op.survey.pathOf(def.Variable, true); place != "" {
				path = place
				v, wrong = c.unfit("must not be null")
			}
		}
		for _, m := range wrong {
			at := joinPath(path, m.path)
			out.wrong = append(out.wrong, fault.Input(at, "%s %s", at, sentence(m.text)))
		}
		switch {
		case model.IsUnfit(v):
			out.unfit = append(out.unfit, def.Variable)
			continue
		case !ok:
			continue
		}
		out.vars[def.Variable] = v
		if c.held.count > 0 {
			if out.held == nil {
				out.held = map[string]inputCount{}
			}
			out.held[def.Variable] = c.held
		}
	}
	return out
}

// variableCoercion coerces one variable.
type variableCoercion struct {
	schema *ast.Schema
	model  *model.Schema
	names  *suggester
	depth  int
	held   inputCount
	left   int // how many more misfits are told
}

// unfit stands in for a value that does not fit.
func (c *variableCoercion) unfit(text string) (any, misfits) {
	if c.left <= 0 {
		return model.Unfit{}, nil
	}
	c.left--
	return model.Unfit{}, misfits{{text: text}}
}

// variable is the value of a variable; ok is false for one that was left out.
func (c *variableCoercion) variable(def *ast.VariableDefinition, given map[string]any) (v any, ok bool, wrong misfits) {
	v, ok = given[def.Variable]
	switch {
	case !ok && def.DefaultValue != nil:
		v = constant(def.DefaultValue)
	case !ok && def.Type.NonNull:
		v, wrong = c.unfit("is required")
		return v, false, wrong
	case !ok:
		return nil, false, nil
	}
	v, wrong = c.value(def.Type, v)
	return v, true, wrong
}

// constant is a literal without variables as JSON would have it, with numbers as
// json.Number.
func constant(v *ast.Value) any {
	switch v.Kind {
	case ast.ObjectValue:
		m := make(map[string]any, len(v.Children))
		for _, child := range v.Children {
			m[child.Name] = constant(child.Value)
		}
		return m
	case ast.ListValue:
		list := make([]any, len(v.Children))
		for i, child := range v.Children {
			list[i] = constant(child.Value)
		}
		return list
	case ast.IntValue, ast.FloatValue:
		return json.Number(v.Raw)
	case ast.NullValue:
		return nil
	case ast.BooleanValue:
		return v.Raw == "true"
	case ast.EnumValue:
		if model.IsNumeral(v.Raw) {
			return json.Number(v.Raw)
		}
		return v.Raw
	default:
		return v.Raw
	}
}

// value coerces a value to a type.
func (c *variableCoercion) value(t *ast.Type, v any) (any, misfits) {
	if v == nil {
		if t.NonNull {
			return c.unfit("must not be null")
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
		return c.unfit("must be one of " + joinNames(def.EnumValues, func(e *ast.EnumValueDefinition) string { return e.Name }))
	default:
		fit, misfit := coerceScalar(def.Name, v)
		if misfit != "" {
			return c.unfit(misfit)
		}
		return fit, nil
	}
}

// list coerces a list, or one value in place of a list of it.
func (c *variableCoercion) list(elem *ast.Type, v any) (any, misfits) {
	list, ok := v.([]any)
	if !ok {
		one, wrong := c.value(elem, v)
		return []any{one}, wrong
	}
	var wrong misfits
	for i, e := range list {
		var more misfits
		if list[i], more = c.value(elem, e); more != nil {
			wrong = append(wrong, more.in(strconv.Itoa(i))...)
		}
	}
	return list, wrong
}

// object coerces an input object in place. Fields with defaults that are left
// out stay so: whoever reads the object applies them, to literals as well.
func (c *variableCoercion) object(def *ast.Definition, v any) (any, misfits) {
	m, ok := v.(map[string]any)
	if !ok {
		return c.unfit("must be an object")
	}
	c.depth++
	defer func() { c.depth-- }()
	c.held.count++
	c.held.depth = max(c.held.depth, c.depth)
	var wrong misfits
	// In the order of the type, so that the same errors are told each time.
	known := 0
	for _, f := range def.Fields {
		e, given := m[f.Name]
		var more misfits
		switch {
		case given:
			known++
			if one, weight, ok := conditionOf(c.model, def.Name, f.Name); ok {
				one.values = weight * lengthOf(e)
				c.held.asked.add(one)
			}
			m[f.Name], more = c.value(f.Type, e)
		case f.Type.NonNull && f.DefaultValue == nil:
			known++
			m[f.Name], more = c.unfit("is required")
		}
		if more != nil {
			wrong = append(wrong, more.in(f.Name)...)
		}
	}
	if known < len(m) {
		wrong = append(wrong, c.unknown(def, m)...)
		if def.Directives.ForName("oneOf") != nil { // which one was meant is not known
			return model.Unfit{}, wrong
		}
	}
	if len(wrong) == 0 && def.Directives.ForName("oneOf") != nil && !oneOf(m) {
		return c.unfit("must give exactly one of " + joinNames(def.Fields, func(f *ast.FieldDefinition) string { return f.Name }))
	}
	return m, wrong
}

// unknown refuses the fields of an object that its type does not have.
func (c *variableCoercion) unknown(def *ast.Definition, m map[string]any) (wrong misfits) {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if def.Fields.ForName(name) == nil {
			text := "is not a field of " + def.Name
			if names := c.names.field(def, name); len(names) > 0 {
				text += ": did you mean " + strings.Join(names, " or ") + "?"
			}
			_, more := c.unfit(text)
			wrong = append(wrong, more.in(quoteShort(name))...)
			delete(m, name)
		}
	}
	return wrong
}

// oneOf reports whether an object has one field, and a value in it.
func oneOf(m map[string]any) bool {
	for _, v := range m {
		return len(m) == 1 && v != nil
	}
	return false
}

// coerceScalar coerces a value of a built-in scalar; one of the schema's own
// passes as it is, to be judged by whoever reads it. Numbers come as
// json.Number. A misfit says what is wrong.
func coerceScalar(name string, v any) (fit any, misfit string) {
	var ok bool
	switch name {
	case "String":
		if _, ok = v.(string); !ok {
			return nil, "must be a string"
		}
	case "Boolean":
		if _, ok = v.(bool); !ok {
			return nil, "must be true or false"
		}
	case "Int":
		if v, ok = coerceInt(v); !ok {
			return nil, fmt.Sprintf("must be a whole number from %d to %d", math.MinInt32, math.MaxInt32)
		}
	case "Float":
		if v, ok = coerceFloat(v); !ok {
			return nil, "must be a number"
		}
	case "ID":
		if v, ok = coerceID(v); !ok {
			return nil, "must be a string or a whole number"
		}
	}
	return v, ""
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
	n, ok := v.(json.Number)
	if !ok {
		return nil, false
	}
	f, err := n.Float64()
	return f, err == nil
}

// coerceID takes whole numbers of any size by their digits.
func coerceID(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), !strings.ContainsAny(v.String(), ".eE")
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
