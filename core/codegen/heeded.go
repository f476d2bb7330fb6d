package codegen

import (
	"fmt"
	"slices"
	"strings"

	"entgo.io/contrib/entgql"

	"coppice/core/model"
)

// heeded refuses what an entgql annotation of a field or an edge asks for and
// the API would pass over.
func heeded(e *entity) error {
	for _, f := range e.Fields {
		a, err := annotation(e.Go[f].Annotations)
		if err == nil {
			err = oneName(e, a)
		}
		skips := a.Skip.Is(entgql.SkipEnumField) && !a.Skip.Is(entgql.SkipType)
		switch {
		case err != nil:
		case !listType.MatchString(f.Type):
			err = fmt.Errorf("entgql.Type(%q) is no type: write a name, in brackets if it is a list", f.Type)
		case f.Kind == model.Enum && skips:
			err = fmt.Errorf("the API declares each enum itself, with the values of its schema: take entgql.SkipEnumField out, and the enum's declaration out of graph/*.graphql, if there is one")
		case a.OrderField != "" && !f.Kind.Comparable():
			err = fmt.Errorf("records have no order by a value such as this: take entgql.OrderField out")
		}
		if err != nil {
			return fmt.Errorf("%s.%s: %w", e.Type.Name, f.Name, err)
		}
	}
	for _, ed := range e.Entity.Edges {
		a, err := annotation(e.Edges[ed].Annotations)
		if err == nil {
			err = oneName(e, a)
		}
		if err == nil {
			err = edgeHeeded(e, ed, a)
		}
		if err != nil {
			return fmt.Errorf("%s.%s: %w", e.Type.Name, ed.Name, err)
		}
	}
	return nil
}

func oneName(e *entity, a *entgql.Annotation) error {
	if len(a.Mapping) < 2 {
		return nil
	}
	return fmt.Errorf("the API has one field for it: leave one of the names in entgql.MapsTo, and write the others in graph/*.graphql if they are needed, "+
		"as in extend type %s { %s: … }", e.Name, a.Mapping[1])
}

func edgeHeeded(e *entity, ed *model.Edge, a *entgql.Annotation) error {
	if a.RelayConnection && ed.Unique {
		return fmt.Errorf("an edge to one record has no pages: take entgql.RelayConnection out")
	}
	if a.OrderField == "" {
		return nil
	}
	var names []string
	for _, o := range e.Orders() {
		if o.Edge == ed {
			names = append(names, o.Name)
		}
	}
	if slices.Contains(names, a.OrderField) {
		return nil
	}
	if len(names) == 0 {
		return fmt.Errorf("there is no order by what has entgql.Skip: take entgql.OrderField out")
	}
	return fmt.Errorf("an order by an edge is named after it and what it leads to: take entgql.OrderField(%q) out; the API has %s",
		a.OrderField, strings.Join(names, ", "))
}
