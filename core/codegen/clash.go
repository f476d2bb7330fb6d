package codegen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"coppice/core/model"
)

// clashes finds what the generated schema would hold twice: a type that an
// entity's name claims though another has it, or a field whose name is also
// what the API derives from another field or edge.
func clashes(all []*entity, sdl string) error {
	if err := unnamed(all); err != nil {
		return err
	}
	doc, err := parser.ParseSchema(&ast.Source{Name: "graph/ent.graphql", Input: sdl})
	if err != nil {
		return fmt.Errorf("the API's schema: %w", err)
	}
	if err := rootClash(all); err != nil {
		return err
	}
	if err := sharedEnums(all); err != nil {
		return err
	}
	seen := map[string]bool{}
	of := nameUses(all)
	for _, d := range doc.Definitions {
		own := func(c nameUse) bool { return c.what == "" }
		if seen[d.Name] || builtin(d.Name) && slices.ContainsFunc(of[d.Name], own) {
			return twice(all, d.Name, of[d.Name])
		}
		seen[d.Name] = true
		if err := fieldClash(d, of[d.Name]); err != nil {
			return err
		}
	}
	return nil
}

// unnamed finds names that an entgql annotation gives and GraphQL does not allow.
func unnamed(all []*entity) error {
	for _, e := range all {
		names := []string{e.Name, e.Plural}
		for _, f := range e.Former {
			names = append(names, f.Name)
		}
		for _, f := range e.ShownFields() {
			names = append(names, f.GraphQL, f.OrderName())
		}
		for _, ed := range e.ShownEdges() {
			names = append(names, ed.GraphQL)
		}
		for _, name := range names {
			if !graphQLName.MatchString(name) {
				return placed(e.Type, fmt.Errorf("%s: %q is no name in GraphQL, which has letters of English, digits and _ only, and no digit first: "+
					"rename what is called so in ent/schema", e.Type.Name, name))
			}
		}
	}
	return nil
}

// sharedEnums finds fields that have one enum by entgql.Type, but not one set
// of values.
func sharedEnums(all []*entity) error {
	values, owner := map[string][]model.EnumValue{}, map[string]string{}
	for _, e := range all {
		if e.Skip.Has(model.SkipType) {
			continue
		}
		for _, f := range e.Fields {
			if f.Kind != model.Enum {
				continue
			}
			if owner[f.Type] == "" {
				values[f.Type], owner[f.Type] = f.Enums, e.Type.Name+"."+f.Name
			}
			if !slices.Equal(values[f.Type], f.Enums) {
				return placed(e.Type, fmt.Errorf("%s.%s: the enum %s is that of %s too, which has other values: give one of them another name with entgql.Type",
					e.Type.Name, f.Name, f.Type, owner[f.Type]))
			}
		}
	}
	return nil
}

// rootClash finds root fields that two entities want.
func rootClash(all []*entity) error {
	owner := map[string]string{"query node": "the API itself", "query nodes": "the API itself"}
	for _, e := range all {
		if e.Skip.Has(model.SkipType) {
			continue
		}
		for _, name := range rootNames(e.Entity) {
			if other, ok := owner[name]; ok {
				kind, name, _ := strings.Cut(name, " ")
				list := ""
				if strings.HasPrefix(name, e.Plural) {
					list = ", or only its list, with entgql.QueryField(…)"
				}
				return placed(e.Type, fmt.Errorf("the %s field %s is wanted by %s and by %s: %s%s", kind, name, other, nameUse{e, ""}, renameType(all, e), list))
			}
			owner[name] = nameUse{e, ""}.String()
		}
	}
	return nil
}

// rootNames are the names that an entity has among the root fields, older ones included.
func rootNames(e *model.Entity) (names []string) {
	for _, r := range e.Roots() {
		names = append(names, "query "+r.Single, "query "+r.Plural, "query "+r.Plural+"Aggregate")
		for _, k := range e.ShownKeys() {
			if !k.IsID() {
				names = append(names, "query "+r.Query(k, e))
			}
		}
		if e.View {
			continue
		}
		for _, verb := range []string{"create", "update", "delete"} {
			names = append(names, "mutation "+verb+r.Name, "mutation "+r.Many(verb))
		}
	}
	return names
}

func fieldClash(d *ast.Definition, of []nameUse) error {
	where := func(err error) error { return err }
	if len(of) > 0 {
		where = func(err error) error { return placed(of[0].entity.Type, err) }
	}
	seen := map[string]bool{}
	names := make([]string, 0, len(d.Fields)+len(d.EnumValues))
	for _, f := range d.Fields {
		names = append(names, f.Name)
	}
	for _, v := range d.EnumValues {
		names = append(names, v.Name)
	}
	for _, name := range names {
		if seen[name] {
			return where(fmt.Errorf("%s would hold %s twice: %s; rename one of them in ent/schema, and keep its column with StorageKey", d.Name, name, called(of, name)))
		}
		if strings.HasPrefix(name, "__") {
			return where(fmt.Errorf("%s.%s: GraphQL keeps names that start with __ for itself; rename it in ent/schema", d.Name, name))
		}
		seen[name] = true
	}
	return nil
}

// called says which fields and edges of an entity the API gives a name, else
// that it derives the name from one.
func called(of []nameUse, name string) string {
	if len(of) == 0 {
		return "the API derives it from two names of the schemas"
	}
	e, list := of[0].entity, []string{}
	if name == "id" {
		list = append(list, "the id")
	}
	for _, f := range e.ShownFields() {
		if f.GraphQL == name {
			list = append(list, either(f.Now == nil, "the field "+f.Name, "what evolve.KeepAs keeps of the field "+f.Current().Name))
		}
	}
	for _, ed := range e.ShownEdges() {
		if ed.GraphQL == name {
			list = append(list, either(ed.Now == nil, "the edge "+ed.Name, "what evolve.KeepAs keeps of the edge "+ed.Current().Name))
		}
	}
	if len(list) < 2 {
		return "a field or edge of " + e.Type.Name + " has the name that the API derives from another"
	}
	return strings.Join(list, " and ") + " of " + e.Type.Name + " are called so in the API"
}

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
		for _, k := range e.ShownKeys() {
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
