package codegen

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"coppice/core/model"
)

// clashes finds what the generated schema would hold twice: a type that an
// entity's name claims though another has it, or a field whose name is also
// what the API derives from another field or edge.
func clashes(s *model.Schema, all []*entity, sdl string) error {
	if err := unnamed(s); err != nil {
		return err
	}
	doc, err := parser.ParseSchema(&ast.Source{Name: "graph/ent.graphql", Input: sdl})
	if err != nil {
		return fmt.Errorf("the API's schema: %w", err)
	}
	if err := rootClash(s, all); err != nil {
		return err
	}
	seen := map[string]bool{}
	of := claims(s)
	for _, d := range doc.Definitions {
		if seen[d.Name] || builtin(d.Name) && s.Entity(d.Name) != nil {
			return twice(s, all, d.Name, of[d.Name])
		}
		seen[d.Name] = true
		if err := fieldClash(d, of[d.Name]); err != nil {
			return err
		}
	}
	return nil
}

// unnamed finds names that an entgql annotation gives and GraphQL does not allow.
func unnamed(s *model.Schema) error {
	for _, e := range s.Entities {
		names := []string{e.Name, e.Plural}
		for _, f := range e.Fields {
			names = append(names, f.GraphQL, f.OrderName())
		}
		for _, ed := range e.Edges {
			names = append(names, ed.GraphQL)
		}
		for _, name := range names {
			if !graphQLName.MatchString(name) {
				return fmt.Errorf("%s: %q is no name in GraphQL, which has letters of English, digits and _ only, and no digit first: "+
					"rename what is called so in ent/schema", e.Name, name)
			}
		}
	}
	return nil
}

// rootClash finds root fields that two entities want.
func rootClash(s *model.Schema, all []*entity) error {
	owner := map[string]string{"query node": "the API itself", "query nodes": "the API itself"}
	for _, e := range s.Entities {
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
				return fmt.Errorf("the %s field %s is wanted by %s and by the entity %s: %s%s", kind, name, other, e.Name,
					renameType(s, e, posOf(all, e)), list)
			}
			owner[name] = "the entity " + e.Name
		}
	}
	return nil
}

func fieldClash(d *ast.Definition, of []claim) error {
	owner := "the API"
	if len(of) > 0 {
		owner = of[0].entity.Name
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
			return fmt.Errorf("%s would hold %s twice: a field or edge of %s has the name that the API derives from another; "+
				"rename one of them in ent/schema, and keep its column with StorageKey", d.Name, name, owner)
		}
		if strings.HasPrefix(name, "__") {
			return fmt.Errorf("%s.%s: GraphQL keeps names that start with __ for itself; rename it in ent/schema", d.Name, name)
		}
		seen[name] = true
	}
	return nil
}
