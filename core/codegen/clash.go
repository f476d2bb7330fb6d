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
		for _, f := range e.Fields {
			names = append(names, f.GraphQL, f.OrderName())
		}
		for _, ed := range e.Entity.Edges {
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
		names := []string{"query " + e.Single, "query " + e.Plural, "query " + e.Plural + "Aggregate"}
		for _, k := range e.Keys {
			if !k.IsID() {
				names = append(names, "query "+k.Query)
			}
		}
		if !e.View {
			for _, verb := range []string{"create", "update", "delete"} {
				names = append(names, "mutation "+verb+e.Name, "mutation "+e.Many(verb))
			}
		}
		for _, name := range names {
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
	for _, f := range e.Fields {
		if f.GraphQL == name {
			list = append(list, "the field "+f.Name)
		}
	}
	for _, ed := range e.Entity.Edges {
		if ed.GraphQL == name {
			list = append(list, "the edge "+ed.Name)
		}
	}
	if len(list) < 2 {
		return "a field or edge of " + e.Type.Name + " has the name that the API derives from another"
	}
	return strings.Join(list, " and ") + " of " + e.Type.Name + " are called so in the API"
}
