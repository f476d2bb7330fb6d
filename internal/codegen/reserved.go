package codegen

import (
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/entc/gen"
)

// What ent's generated Go, and ours beside it, declares for each schema: names
// that a field or an entity cannot have as well.
var (
	entityMethods  = []string{"String", "Update", "Unwrap", "MarshalGQLContext", "UnmarshalGQLContext"}
	mutationWords  = []string{"Field", "Edge", "WhereP"}
	packageWords   = []string{"Columns", "ValidColumn", "And", "Or", "Not", "ByID"}
	reservedEntity = []string{"Typed", "TypedClient", "TypedClients", "TypedBuilder", "Descriptor", "Describe", "DriverOf", "Defaults"}
)

// reserved finds names for which no Go that compiles can be generated, before
// anything is written.
func reserved(g *gen.Graph) error {
	for _, t := range g.Nodes {
		if slices.Contains(reservedEntity, t.Name) {
			return fmt.Errorf("the generated Go has a %s of its own: rename the entity %s in ent/schema, "+
				"and keep its table with entsql.Annotation{Table: %q}", t.Name, t.Name, t.Table())
		}
		taken := slices.Concat(entityMethods, mutationWords, packageWords)
		if len(t.Edges) > 0 {
			taken = append(taken, "Edges")
		}
		for _, ed := range t.Edges {
			taken = append(taken, "Query"+ed.StructField())
		}
		seen := map[string]string{}
		for _, f := range t.Fields {
			name := f.StructField()
			other, twice := seen[strings.ToLower(name)]
			switch {
			case strings.HasPrefix(f.Name, "__"):
				return fmt.Errorf("%s.%s: GraphQL keeps names that start with __ for itself: rename the field in ent/schema, "+
					"and keep its column with StorageKey(%q)", t.Name, f.Name, f.StorageKey())
			case slices.Contains(taken, name):
				return fmt.Errorf("%s.%s: the generated Go has a %s of its own: rename the field in ent/schema, "+
					"and keep its column with StorageKey(%q)", t.Name, f.Name, name, f.StorageKey())
			case twice:
				return fmt.Errorf("%s.%s: %s has the same name in Go: rename one of them in ent/schema, "+
					"and keep its column with StorageKey(%q)", t.Name, f.Name, other, f.StorageKey())
			}
			seen[strings.ToLower(name)] = f.Name
		}
	}
	return nil
}
