package server

import (
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"coppice/core/model"
)

// need is what a field of an operation asks of an entity's records, as far as an
// index could serve it. Names are those of the ent schema.
type need struct {
	entity       *model.Entity
	equal        []string // fields and edges that one value is asked of
	among        []string // fields that one of several values is asked of
	between      []string // fields that a range is asked of
	alternatives []*need  // of which one has to be met
	unserved     []string // conditions that no index serves, by their names in the API
	order        []string // fields to order by, before the id
	desc         []bool   // of those, which descend
	unordered    string   // why no index gives the order, or ""
	group        []string
	ungrouped    string // why no index gives the groups, or ""
	parent       bool   // the records are those of a parent
	edge         string // the edge that leads to the parent, where it has a name
	exists       string // the condition on an edge that asks for them, or ""
}

// needs are those of one field, by entity.
type needs map[*model.Entity][]*need

// needsAt are the needs of the field at a response path; none where there is no
// such field, as for what a hand-written field reads.
func needsAt(m *model.Schema, op *graphql.OperationContext, path []any) needs {
	var f *ast.Field
	var set ast.SelectionSet
	if op != nil && op.Operation != nil {
		set = op.Operation.SelectionSet
	}
	for _, step := range path {
		name, ok := step.(string)
		if !ok {
			continue
		}
		if f = selected(set, name); f == nil {
			return nil
		}
		set = f.SelectionSet
	}
	if f == nil || f.Definition == nil {
		return nil
	}
	of := needs{}
	of.field(m, f, op.Variables)
	return of
}

// selected is the field of an alias in a selection: a list's records are
// reached through its edges and their nodes.
func selected(set ast.SelectionSet, alias string) *ast.Field {
	var inner []ast.SelectionSet
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			if sel.Alias == alias {
				return sel
			}
			if sel.Name == "edges" || sel.Name == "node" {
				inner = append(inner, sel.SelectionSet)
			}
		case *ast.InlineFragment:
			inner = append(inner, sel.SelectionSet)
		case *ast.FragmentSpread:
			if sel.Definition != nil {
				inner = append(inner, sel.Definition.SelectionSet)
			}
		}
	}
	for _, set := range inner {
		if f := selected(set, alias); f != nil {
			return f
		}
	}
	return nil
}

func (of needs) field(m *model.Schema, f *ast.Field, vars map[string]any) {
	t := f.Definition.Type.Name()
	e := m.Entity(t)
	for _, suffix := range []string{"Connection", "Aggregate"} {
		if e == nil {
			e = m.Entity(strings.TrimSuffix(t, suffix))
		}
	}
	if f.ObjectDefinition != nil { // a list over an edge with fields of its own has types of its own
		if source := m.Entity(f.ObjectDefinition.Name); e == nil && source != nil && source.Edge(f.Name) != nil {
			e = source.Edge(f.Name).Target
		}
	}
	for _, other := range m.Entities { // those that answer with a number
		if e == nil && (f.Name == other.Many("update") || f.Name == other.Many("delete")) {
			e = other
		}
	}
	if e == nil {
		return
	}
	n := of.add(e)
	if f.ObjectDefinition != nil {
		if source := m.Entity(f.ObjectDefinition.Name); source != nil && source.Edge(f.Name) != nil {
			n.under(source.Edge(f.Name))
		}
	}
	args := f.ArgumentMap(vars)
	if where, ok := args["where"].(map[string]any); ok {
		of.where(n, where)
	}
	for _, o := range listed(args["orderBy"]) {
		term, _ := o.(map[string]any)
		n.orderBy(term)
	}
	for _, g := range listed(args["groupBy"]) {
		name, _ := g.(string)
		n.groupBy(e.Group(name))
	}
}

func (of needs) add(e *model.Entity) *need {
	n := &need{entity: e}
	of[e] = append(of[e], n)
	return n
}

// unordered are the same needs without their orders.
func (of needs) unordered() needs {
	all := needs{}
	for e, list := range of {
		for _, n := range list {
			plain := *n
			plain.order, plain.desc, plain.unordered = nil, nil, ""
			all[e] = append(all[e], &plain)
		}
	}
	return all
}

// listed is a list, or one value in place of a list of it.
func listed(v any) []any {
	if list, ok := v.([]any); ok || v == nil {
		return list
	}
	return []any{v}
}

// under notes that the records are those that an edge leads to.
func (n *need) under(ed *model.Edge) {
	n.parent = true
	if ed.Storage == model.Other && ed.Inverse != nil {
		n.edge = ed.Inverse.Name
	}
}

// where notes the conditions of an input.
func (of needs) where(n *need, where map[string]any) {
	for name, v := range where {
		if v == nil {
			continue
		}
		switch name {
		case "not":
			n.unserved = append(n.unserved, name)
		case "and":
			for _, o := range listed(v) {
				if inner, ok := o.(map[string]any); ok {
					of.where(n, inner)
				}
			}
		case "or":
			for _, o := range listed(v) {
				if inner, ok := o.(map[string]any); ok {
					arm := &need{entity: n.entity}
					of.where(arm, inner)
					n.alternatives = append(n.alternatives, arm)
				}
			}
		default:
			if c, ok := n.entity.Condition(name); ok {
				of.condition(n, c, v)
			}
		}
	}
	slices.Sort(n.equal) // a map has no order, and the same advice is to be given each time
	slices.Sort(n.among)
	slices.Sort(n.between)
	slices.Sort(n.unserved)
}

func (of needs) condition(n *need, c model.Condition, v any) {
	if ed := c.Edge; ed != nil {
		if !c.With && ed.Storage == model.Own {
			n.among = append(n.among, ed.Name)
		} else if v == false {
			n.unserved = append(n.unserved, c.Name)
		}
		inner := of.add(ed.Target)
		inner.under(ed)
		inner.exists = c.Name
		if c.With {
			for _, o := range listed(v) {
				if where, ok := o.(map[string]any); ok {
					of.where(inner, where)
				}
			}
		}
		return
	}
	own := c.Field != n.entity.ID // an id needs no further index
	switch c.Op {
	case model.EQ, model.In, model.GT, model.GTE, model.LT, model.LTE:
		if !own {
			return
		}
	}
	switch c.Op {
	case model.EQ:
		n.equal = append(n.equal, c.Field.Name)
	case model.In:
		n.among = append(n.among, c.Field.Name)
	case model.GT, model.GTE, model.LT, model.LTE:
		n.between = append(n.between, c.Field.Name)
	case model.IsNil, model.NotNil:
		if (v == true) == (c.Op == model.IsNil) {
			n.equal = append(n.equal, c.Field.Name)
		} else {
			n.between = append(n.between, c.Field.Name)
		}
	default:
		n.unserved = append(n.unserved, c.Name)
	}
}

func (n *need) orderBy(term map[string]any) {
	name, _ := term["field"].(string)
	by, ok := n.entity.Order(name)
	desc := term["direction"] == "DESC"
	switch {
	case !ok || by.Edge == nil && by.Field == n.entity.ID:
		return
	case by.Edge != nil && by.Field == nil:
		n.unordered = "counts are worked out for each record"
		return
	case by.Edge != nil && (by.Edge.Storage != model.Own || by.Field != by.Edge.Target.ID):
		n.unordered = "the values of another entity are looked up for each record"
		return
	}
	nullable := by.Field.Nullable
	n.desc = append(n.desc, desc)
	if by.Edge != nil {
		nullable = !by.Edge.Required
		n.order = append(n.order, by.Edge.Name)
	} else {
		n.order = append(n.order, by.Field.Name)
	}
	if at := term["nulls"]; nullable && at != nil && (at == "LAST") != desc {
		n.unordered = "an index has its nulls at the other end"
	}
}

func (n *need) groupBy(g *model.Group) {
	switch {
	case g == nil:
	case g.Bucket != model.NoBucket:
		n.ungrouped = "what a time falls into is worked out for each record"
	case g.Edge != nil && g.Edge.Storage == model.Own:
		n.group = append(n.group, g.Edge.Name)
	case g.Edge != nil:
		n.ungrouped = "the other record is looked up for each"
	default:
		n.group = append(n.group, g.Field.Name)
	}
}
