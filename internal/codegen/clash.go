package codegen

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"coppice/internal/model"
)

// clashes finds what the generated schema would hold twice: a type that an
// entity's name claims though another has it, or a field whose name is also
// what the API derives from another field or edge.
func clashes(s *model.Schema, sdl string) error {
	doc, err := parser.ParseSchema(&ast.Source{Name: "graph/ent.graphql", Input: sdl})
	if err != nil {
		return fmt.Errorf("the API's schema: %w", err)
	}
	if err := rootClash(s); err != nil {
		return err
	}
	owner := map[string]string{}
	for _, builtin := range []string{"Int", "Float", "String", "Boolean", "ID", "Query", "Mutation", "Subscription"} {
		owner[builtin] = "GraphQL itself"
	}
	for _, d := range doc.Definitions {
		mine := ownerOf(s, d.Name)
		if other, ok := owner[d.Name]; ok && !isRoot(d.Name) || ok && s.Entity(d.Name) != nil {
			return fmt.Errorf("the type %s is wanted by %s and by %s: rename the entity in ent/schema, "+
				"and keep its table with entsql.Annotation{Table: …}", d.Name, other, mine)
		}
		owner[d.Name] = mine
		if err := fieldClash(d, mine); err != nil {
			return err
		}
	}
	return nil
}

// rootClash finds query fields that two entities want.
func rootClash(s *model.Schema) error {
	owner := map[string]string{"node": "the API itself", "nodes": "the API itself"}
	for _, e := range s.Entities {
		if e.Skip.Has(model.SkipType) {
			continue
		}
		names := []string{e.Single, e.Plural, e.Plural + "Aggregate"}
		for _, k := range e.Keys {
			names = append(names, k.Query)
		}
		for _, name := range names {
			if other, ok := owner[name]; ok {
				return fmt.Errorf("the query field %s is wanted by %s and by the entity %s: rename the entity in ent/schema, "+
					"and keep its table with entsql.Annotation{Table: …}, or name its list with entgql.QueryField", name, other, e.Name)
			}
			owner[name] = "the entity " + e.Name
		}
	}
	return nil
}

// ownerOf is the entity whose name a type's name starts with: the longest.
func ownerOf(s *model.Schema, name string) string {
	best := ""
	for _, e := range s.Entities {
		trimmed := strings.TrimPrefix(strings.TrimPrefix(name, "Create"), "Update")
		if (strings.HasPrefix(name, e.Name) || strings.HasPrefix(trimmed, e.Name)) && len(e.Name) > len(best) {
			best = e.Name
		}
	}
	if best == "" {
		return "the API itself"
	}
	return "the entity " + best
}

func fieldClash(d *ast.Definition, owner string) error {
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
