package codegen

import (
	"fmt"
	"slices"
	"strings"

	"coppice/core/model"
)

// nameUse is what an entity wants a type's name for.
type nameUse struct {
	entity *entity
	what   string // the type's part, "" for the entity's own
}

func (c nameUse) String() string {
	name := c.entity.Type.Name
	if c.entity.Name != name {
		name += " (" + c.entity.Name + " in the API)"
	}
	if c.what == "" {
		return "the entity " + name
	}
	return c.what + " of " + name
}

// derived are the types that are named after an entity, with their part.
var derived = []struct{ before, after, what string }{
	{"", "", ""}, {"", "Connection", "the page"}, {"", "Edge", "the page's edge"}, {"", "Order", "the order"},
	{"", "OrderField", "the order's field"}, {"", "WhereInput", "the filter"}, {"", "GroupBy", "the groups"},
	{"", "GroupKey", "the group key"}, {"", "Aggregate", "the aggregate"}, {"", "Sum", "the sums"}, {"", "Avg", "the averages"},
	{"", "Min", "the minima"}, {"", "Max", "the maxima"}, {"Create", "Input", "the create input"},
	{"Update", "Input", "the update input"}, {"", "Ref", "the reference"}, {"", "Key", "the upsert key"},
}

// nameUses lists what wants each type name, those of the entities' fields and
// keys included.
func nameUses(all []*entity) map[string][]nameUse {
	of := map[string][]nameUse{}
	add := func(name string, e *entity, what string) { of[name] = append(of[name], nameUse{e, what}) }
	for _, e := range all {
		if e.Skip.Has(model.SkipType) {
			continue
		}
		for _, d := range derived {
			add(d.before+e.Name+d.after, e, d.what)
		}
		for _, f := range e.Fields {
			if f.Kind == model.Enum {
				add(f.Type, e, "the enum "+f.Name)
			}
		}
		for _, ed := range e.Entity.Edges {
			if len(ed.Fields) == 0 {
				continue
			}
			for _, part := range []string{"Connection", "Edge", "Ref"} {
				add(ed.List()+part, e, "the edge "+ed.Name)
			}
		}
		for _, k := range e.Keys {
			if len(k.Parts) > 1 {
				add(keyType(e.Entity, k), e, "the unique key "+k.Name)
			}
		}
	}
	return of
}

// builtin reports whether GraphQL, or a root of every API, has a type's name.
func builtin(name string) bool {
	return slices.Contains([]string{"Int", "Float", "String", "Boolean", "ID", "Query", "Mutation", "Subscription"}, name)
}

// twice is the error that a type's name has two claims, the second of which
// may be the API's own.
func twice(all []*entity, name string, of []nameUse) error {
	owner := "the API itself"
	if builtin(name) {
		owner = "GraphQL itself"
	}
	wants := []string{owner}
	if len(of) > 1 {
		wants = nil
	}
	var e *entity // that gets another name: whose own it is, else the last
	own := false
	for _, c := range of {
		wants = append(wants, c.String())
		if c.what == "" || !own {
			e, own = c.entity, c.what == ""
		}
	}
	return placed(e.Type, fmt.Errorf("the type %s is wanted by %s: %s", name, strings.Join(wants, " and by "), renameType(all, e)))
}
