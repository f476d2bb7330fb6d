package query_test

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/cases"
)

// truth is a value of SQL's logic of three.
type truth int8

const (
	no truth = iota
	unknown
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// condition tells whether a record meets something.
type condition func(*rec) truth

// all joins conditions by and.
func all(cs []condition) condition {
	return func(r *rec) truth {
		t := yes
		for _, c := range cs {
			t = min(t, c(r))
		}
		return t
	}
}

// object is one of a schema's where inputs as a condition on records.
func (o *oracle) where(kind string, v any, path string) condition {
	m, ok := v.(map[string]any)
	if !ok {
		fail(path)
	}
	var cs []condition
	for name, v := range m {
		cs = append(cs, o.condition(kind, name, v, path+"."+name))
	}
	return all(cs)
}

func (o *oracle) wheres(kind string, v any, path string) (cs []condition) {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for i, v := range list {
		cs = append(cs, o.where(kind, v, path+"."+strconv.Itoa(i)))
	}
	return cs
}

func (o *oracle) condition(kind, name string, v any, path string) condition {
	if v == nil {
		fail(path)
	}
	switch name {
	case "not":
		c := o.where(kind, v, path)
		return func(r *rec) truth { return yes - c(r) }
	case "and":
		return all(o.wheres(kind, v, path))
	case "or":
		cs := o.wheres(kind, v, path)
		return func(r *rec) truth {
			t := no
			for _, c := range cs {
				t = max(t, c(r))
			}
			return t
		}
	}
	if edge, found := strings.CutPrefix(name, "has"); found {
		return o.edge(kind, edge, v, path)
	}
	field, op := split(kind, name)
	if field == "id" {
		return identity(kind, op, v, path)
	}
	return o.compare(kind, field, op, v, path)
}

// edge asks whether an edge leads to a record that meets everything.
func (o *oracle) edge(kind, name string, v any, path string) condition {
	name, with := strings.CutSuffix(name, "With")
	name = strings.ToLower(name[:1]) + name[1:]
	o.named = append(o.named, kinds[kind].one[name]+kinds[kind].many[name])
	c, want := condition(nil), true
	if with {
		c = all(o.wheres(kinds[kind].one[name]+kinds[kind].many[name], v, path))
	} else {
		c, want = all(nil), v.(bool)
	}
	return func(r *rec) truth {
		targets := r.many[name]
		if one := r.one[name]; one != nil {
			targets = []*rec{one}
		}
		return truthOf(slices.ContainsFunc(targets, func(t *rec) bool { return c(t) == yes }) == want)
	}
}

var ops = []string{"", "NEQ", "In", "NotIn", "GT", "GTE", "LT", "LTE", "Contains", "HasPrefix", "HasSuffix", "EqualFold", "ContainsFold", "IsNil", "NotNil"}

// split tells a condition's field from its operator.
func split(kind, name string) (field, op string) {
	for _, op := range ops {
		field, found := strings.CutSuffix(name, op)
		if _, known := kinds[kind].fields[field]; found && (known || field == "id") {
			return field, op
		}
	}
	panic("no condition " + name)
}

// identity compares ids, of which one that is not of this kind equals none.
func identity(kind, op string, v any, path string) condition {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	var own []any
	for _, v := range list {
		k, digits, _ := strings.Cut(v.(string), ":")
		if n, err := strconv.Atoi(digits); err == nil && k == kind {
			own = append(own, int64(n))
		} else if strings.HasPrefix(op, "G") || strings.HasPrefix(op, "L") {
			fail(path)
		}
	}
	return func(r *rec) truth { return relation(op, int64(r.id), own) }
}

func (o *oracle) compare(kind, field, op string, v any, path string) condition {
	if op == "IsNil" || op == "NotNil" {
		want := v.(bool) == (op == "IsNil")
		return func(r *rec) truth { return truthOf((r.fields[field] == nil || isNone(r.fields[field])) == want) }
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	given := make([]any, len(list))
	for i, v := range list {
		at := path
		if op == "In" || op == "NotIn" {
			at += "." + strconv.Itoa(i)
		}
		given[i] = operand(kinds[kind].fields[field], v, at)
	}
	return func(r *rec) truth {
		have := r.fields[field]
		if have == nil {
			if len(given) == 0 {
				return truthOf(op == "NotIn")
			}
			return unknown
		}
		return relation(op, comparable1(have), given)
	}
}

func isNone(v any) bool {
	list, ok := v.([]string)
	return ok && list == nil
}

// operand is a value to compare a field with.
func operand(kind string, v any, path string) any {
	switch v := v.(type) {
	case string:
		if kind == "time" {
			t, err := time.Parse(time.RFC3339, v)
			if err != nil {
				fail(path)
			}
			return t.UTC().Truncate(time.Microsecond)
		}
		return v
	case int64:
		if kind == "float" {
			return float64(v)
		}
		return v
	case float64:
		return v
	default:
		fail(path)
		return nil
	}
}

// comparable1 is a field's value in the type that operands have.
func comparable1(v any) any {
	if n, ok := v.(int); ok {
		return int64(n)
	}
	return v
}

func order(a, b any) int {
	switch a := a.(type) {
	case string:
		return strings.Compare(a, b.(string))
	case int64:
		return cmp.Compare(a, b.(int64))
	case float64:
		return cmp.Compare(a, b.(float64))
	default:
		return a.(time.Time).Compare(b.(time.Time))
	}
}

func relation(op string, have any, given []any) truth {
	is := slices.ContainsFunc(given, func(v any) bool { return order(have, v) == 0 })
	switch op {
	case "", "In":
		return truthOf(is)
	case "NEQ", "NotIn":
		return truthOf(!is)
	case "GT":
		return truthOf(order(have, given[0]) > 0)
	case "GTE":
		return truthOf(order(have, given[0]) >= 0)
	case "LT":
		return truthOf(order(have, given[0]) < 0)
	case "LTE":
		return truthOf(order(have, given[0]) <= 0)
	}
	a, b := have.(string), given[0].(string)
	switch op {
	case "Contains":
		return truthOf(strings.Contains(a, b))
	case "HasPrefix":
		return truthOf(strings.HasPrefix(a, b))
	case "HasSuffix":
		return truthOf(strings.HasSuffix(a, b))
	}
	a, b = cases.Fold().String(a), cases.Fold().String(b)
	if op == "EqualFold" {
		return truthOf(a == b)
	}
	return truthOf(strings.Contains(a, b))
}
