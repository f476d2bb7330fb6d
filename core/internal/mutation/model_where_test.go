package mutation_test

import (
	"slices"
	"strings"
)

// meetsOne tells whether a record meets one condition: of those that the
// generator makes.
func (st *state) meetsOne(r *record, name string, v any) bool {
	switch name {
	case "not":
		return !st.meets(r, v.(object))
	case "and":
		return !slices.ContainsFunc(v.([]any), func(v any) bool { return !st.meets(r, v.(object)) })
	case "or":
		return slices.ContainsFunc(v.([]any), func(v any) bool { return st.meets(r, v.(object)) })
	case "id":
		return v == r.global()
	case "idIn":
		return slices.Contains(v.([]any), any(r.global()))
	}
	if has, ok := strings.CutPrefix(name, "has"); ok {
		return st.meetsEdge(r, has, v)
	}
	if f, ok := strings.CutSuffix(name, "IsNil"); ok {
		return (r.vals[f] == nil) == v.(bool)
	}
	if f, ok := strings.CutSuffix(name, "In"); ok {
		return slices.Contains(v.([]any), r.vals[f])
	}
	return canon(r.e.field(name), v) == r.vals[name]
}

func (st *state) meetsEdge(r *record, name string, v any) bool {
	name, with := strings.CutSuffix(name, "With")
	targets := st.targets(r.e.edge(strings.ToLower(name[:1])+name[1:]), r.mid)
	if !with {
		return (len(targets) > 0) == v.(bool)
	}
	return slices.ContainsFunc(targets, func(mid int) bool {
		return !slices.ContainsFunc(v.([]any), func(v any) bool { return !st.meets(st.get(mid), v.(object)) })
	})
}
