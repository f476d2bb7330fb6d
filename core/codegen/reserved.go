package codegen

import (
	"fmt"
	"go/token"
	"slices"
	"strings"

	"entgo.io/ent/entc/gen"
	"entgo.io/ent/entc/load"
	"entgo.io/ent/schema/field"
)

// What ent's generated Go, and ours beside it, declares for each schema: names
// that a field or an entity cannot have as well.
var (
	entityMethods = strings.Fields("String Update Unwrap MarshalGQLContext UnmarshalGQLContext")
	mutationWords = strings.Fields("Field Edge WhereP")
	packageWords  = strings.Fields("Columns ValidColumn And Or Not ByID")
	// typeWords are what the typed client declares whatever the entities.
	typeWords = strings.Fields("Coppice Describe Defaults " +
		"AggregateFunc As Asc Client Count Debug Desc Driver Hook Interceptor Log Max Mean Min MutateFunc Mutation Mutator Op Option OrderFunc Policy Query Sum Value " +
		"Tx QueryContext Querier QuerierFunc InterceptFunc Traverser TraverseFunc Committer CommitFunc CommitHook " +
		"Rollbacker RollbackFunc RollbackHook ValidationError NotFoundError NotSingularError NotLoadedError ConstraintError " +
		"NewClient Open FromContext NewContext TxFromContext NewTxContext MaskNotFound IsValidationError IsNotFound " +
		"IsNotSingular IsNotLoaded IsConstraintError OpCreate OpDelete OpDeleteOne OpUpdate OpUpdateOne ErrTxStarted")
	// packageNames are the packages that the generated Go imports under their
	// own name, and those that it has beside those of the entities.
	packageNames = strings.Fields("ent sql sqlgraph sqljson stdsql json schema reflect sync io log coppicemodel coppicerecord main " +
		"migrate runtime enttest predicate hook privacy intercept internal")
	// shadowing are the variables and functions of the generated Go, ent's and
	// ours, that stand where it refers to the package of an entity.
	shadowing = strings.Fields("assign columns ctx defaults edges err fields functions grbuild hooks id ids init interceptors inters leading name nodeids ok own saved sbuild scoped selector values")
	// clientMethods are those of the client and of a transaction, which hold each
	// entity under its name as well.
	clientMethods = strings.Fields("BeginTx Close Commit ExecContext Intercept Mutate OnCommit OnRollback Rollback Use")
)

// reserved finds names for which no Go that compiles can be generated, before
// anything is written.
func reserved(g *gen.Graph) error {
	types := map[string]string{}
	for _, name := range typeWords {
		types[name] = ""
	}
	for _, t := range g.Nodes {
		if err := reservedTypes(g, t, types); err != nil {
			return placed(t, err)
		}
		if err := reservedFields(t); err != nil {
			return placed(t, err)
		}
	}
	return nil
}

// reservedTypes notes the types that an entity brings, with its name.
func reservedTypes(g *gen.Graph, t *gen.Type, types map[string]string) error {
	if !graphQLName.MatchString(t.Name) {
		return fmt.Errorf("%s: this is no name in GraphQL, nor is its table one that ent makes Go of: name the entity with letters of English, digits and _ only", t.Name)
	}
	if t.PackageDir() == "descriptor" {
		return fmt.Errorf("the generated Go has a file descriptor.go of its own: %s", renameEntity(g, t))
	}
	if slices.Contains(shadowing, t.PackageDir()) || len(t.PackageDir()) == 1 {
		return fmt.Errorf("the generated Go has variables called %s, where it would refer to the package of %s: %s", t.PackageDir(), t.Name, renameEntity(g, t))
	}
	if slices.Contains(clientMethods, t.Name) {
		return fmt.Errorf("the client that is generated has a method %s of its own: %s", t.Name, renameEntity(g, t))
	}
	if slices.Contains(packageNames, t.PackageDir()) {
		return fmt.Errorf("the generated Go has a package %s of its own: %s", t.PackageDir(), renameEntity(g, t))
	}
	for _, name := range typeNames(t) {
		switch other, twice := types[name]; {
		case twice && other == "":
			return fmt.Errorf("the generated Go has a %s of its own: %s", name, renameEntity(g, t))
		case twice && other != t.Name:
			return fmt.Errorf("the generated Go would hold %s twice, for %s and for %s: %s", name, other, t.Name, renameEntity(g, t))
		}
		types[name] = t.Name
	}
	return nil
}

// typeNames is what an entity brings to the typed client's package.
func typeNames(t *gen.Type) []string {
	names := []string{t.Name, "Type" + t.Name, t.ClientName(), "New" + t.ClientName(), t.QueryName(), t.Name + "GroupBy", t.Name + "Select"}
	if list := plural(t.Name); list != t.Name {
		names = append(names, list)
	}
	if len(t.Edges) > 0 {
		names = append(names, t.Name+"Edges")
	}
	if !t.HasCompositeID() {
		names = append(names, "Parse"+t.Name+"ID")
	}
	if t.IsView() {
		return names
	}
	return append(names, t.MutationName(), t.CreateName(), t.CreateBulkName(), t.UpdateName(), t.UpdateOneName(), t.DeleteName(), t.DeleteOneName())
}

func reservedFields(t *gen.Type) error {
	if id := t.ID; id != nil && id.UserDefined {
		k := id.Type.Type
		if !k.Integer() && k != field.TypeString && k != field.TypeUUID && k != field.TypeOther {
			return fmt.Errorf("%s.id: an id is a whole number, a text or a UUID, not a %s: give the field another name in ent/schema, "+
				"and keep its column with StorageKey(%q)", t.Name, k, id.StorageKey())
		}
	}
	taken := slices.Concat(entityMethods, mutationWords, packageWords)
	if len(t.Edges) > 0 {
		taken = append(taken, "Edges")
	}
	for _, ed := range t.Edges {
		taken = append(taken, "Query"+ed.StructField())
		if !graphQLName.MatchString(ed.Name) {
			return fmt.Errorf("%s.%s: this is no name in GraphQL, which has letters of English, digits and _ only, and no digit first: "+
				"rename the edge in ent/schema, and keep its column or table with StorageKey", t.Name, ed.Name)
		}
	}
	seen := map[string]string{}
	for _, f := range t.Fields {
		name := f.StructField()
		other, twice := seen[strings.ToLower(name)]
		keep := fmt.Sprintf("and keep its column with StorageKey(%q)", f.StorageKey())
		switch {
		case !graphQLName.MatchString(f.Name):
			return fmt.Errorf("%s.%s: this is no name in GraphQL, which has letters of English, digits and _ only, and no digit first: "+
				"rename the field in ent/schema, %s", t.Name, f.Name, keep)
		case strings.HasPrefix(f.Name, "__"):
			return fmt.Errorf("%s.%s: GraphQL keeps names that start with __ for itself: rename the field in ent/schema, %s", t.Name, f.Name, keep)
		case slices.Contains(taken, name):
			return fmt.Errorf("%s.%s: the generated Go has a %s of its own: rename the field in ent/schema, %s", t.Name, f.Name, name, keep)
		case twice:
			return fmt.Errorf("%s.%s: %s has the same name in Go: rename one of them in ent/schema, %s", t.Name, f.Name, other, keep)
		}
		seen[strings.ToLower(name)] = f.Name
	}
	return nil
}

// foreseen finds in schemas that ent has refused what it does not say the way
// out of. It returns nil where ent's own words have to do.
func foreseen(schemas, flag string) error {
	spec, err := (&load.Config{Path: schemas, BuildFlags: []string{flag}}).Load()
	if err != nil {
		return nil //nolint:nilerr // ent has told it
	}
	for _, s := range spec.Schemas {
		for _, f := range s.Fields {
			if err := namedInGo(f); err != nil {
				return fmt.Errorf("%s: %s.%w", file(s.Pos), s.Name, err)
			}
		}
	}
	return nil
}

// namedInGo refuses values of an enum that ent can make no constant's name of.
func namedInGo(f *load.Field) error {
	if f.Info == nil || f.Info.Type != field.TypeEnum || f.Info.RType != nil {
		return nil
	}
	for _, e := range f.Enums {
		name := e.N
		if !token.IsExported(name) || !token.IsIdentifier(name) {
			name = pascal(name)
		}
		switch {
		case e.V == "":
			return fmt.Errorf("%s: a value of an enum cannot be empty: make the field Optional, and null where it has none", f.Name)
		case !token.IsIdentifier(pascal(f.Name) + name):
			return fmt.Errorf("%s: the value %q makes no name in Go: give it one with NamedValues(%q, %q, …)", f.Name, e.V, "Name", e.V)
		}
	}
	return nil
}
