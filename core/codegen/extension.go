// Package codegen is the generator: an ent extension that adds descriptors of
// the schema to the typed client, the printer of the GraphQL schema, and the
// gqlgen plugin that joins hand-written fields to the generated ones.
package codegen

import (
	_ "embed"
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"
	"strconv"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/vektah/gqlparser/v2/ast"

	"coppice/core/codegen/internal/evolution"
	"coppice/core/model"
)

var (
	//go:embed template/descriptor.tmpl
	descriptorTemplate string
	//go:embed template/join.tmpl
	joinTemplate string
	//go:embed template/import.tmpl
	importTemplate string
	//go:embed template/edge.tmpl
	edgeTemplate string
	//go:embed template/leave.tmpl
	leaveTemplate string
)

// extension hooks into ent's generator: it indexes what the schemas left
// unindexed, and adds the descriptors that generic code works from.
type extension struct {
	entc.DefaultExtension
	home   string // the import path of the folder that holds ent and graph
	schema *model.Schema
	all    []*entity
	sdl    string
	view   *view
	joins  []join
	// renames are the names that a database may know what there is by.
	renames []evolution.Rename
	// reduced are the copies of the schemas that are read, if it is not they
	// themselves.
	reduced *reduced
	// refused tells that the schemas could be read, and cannot be served.
	refused bool
}

// prepare works out everything that can go wrong with the schemas, so that
// nothing is written where something does.
func (x *extension) prepare(g *gen.Graph) error {
	custom, err := customSources()
	if err != nil {
		return err
	}
	cfg, err := config.LoadConfig("gqlgen.yml")
	if err != nil {
		return fmt.Errorf("gqlgen.yml: %w", err)
	}
	if err := x.acyclic(g); err != nil {
		return err
	}
	return x.check(g, custom, cfg)
}

// check works out the API of the schemas and what is written by hand.
func (x *extension) check(g *gen.Graph, custom []*ast.Source, cfg *config.Config) (err error) {
	if err := reserved(g); err != nil {
		return err
	}
	if err := writable(g); err != nil {
		return err
	}
	if err := x.distinct(g); err != nil {
		return err
	}
	if err := comparableIDs(g); err != nil {
		return err
	}
	throughBoth(g)
	if x.schema, x.all, err = build(g); err != nil {
		return err
	}
	if err := x.findRenames(g); err != nil {
		return err
	}
	declared, err := fieldDirectives(custom)
	if err != nil {
		return err
	}
	for _, t := range g.Nodes {
		if err := declares(t); err != nil {
			return placed(t, err)
		}
		if err := executedDirectives(t, declared); err != nil {
			return err
		}
	}
	for _, e := range x.all {
		if err := heeded(e); err != nil {
			return placed(e.Type, err)
		}
	}
	if err := referenceClash(x.all); err != nil {
		return err
	}
	if x.sdl, err = SDL(x.schema, custom...); err != nil {
		return err
	}
	if err := clashes(x.all, x.sdl); err != nil {
		return err
	}
	x.view, err = newView(x.home, x.schema, x.all, x.sdl, custom, cfg)
	return err
}

// Hooks of the extension.
func (x *extension) Hooks() []gen.Hook {
	return []gen.Hook{func(next gen.Generator) gen.Generator {
		return gen.GenerateFunc(func(g *gen.Graph) error {
			if err := x.prepare(g); err != nil {
				x.refused = true
				return err
			}
			keepText(g.Schemas)
			taken := indexNames(g)
			for _, t := range g.Nodes {
				indexForeignKeys(t, taken)
				qualifyEnums(t)
			}
			x.joins = joins(g, taken)
			if err := next.Generate(g); err != nil {
				return err
			}
			return finish(g.Target)
		})
	}}
}

// Templates of the extension.
func (x *extension) Templates() []*gen.Template {
	funcs := map[string]any{
		"entities":  func() []*entity { return x.all },
		"literal":   literal,
		"joins":     func() []join { return x.joins },
		"views":     views,
		"renames":   func() []evolution.Rename { return x.renames },
		"calls":     x.calls,
		"defaults":  defaults,
		"leaves":    leaves,
		"quote":     strconv.Quote,
		"imports":   func(g *gen.Graph) map[string]string { return imports(g, x.all) },
		"idImports": idImports,
	}
	return []*gen.Template{
		gen.MustParse(gen.NewTemplate("descriptor").Funcs(funcs).Parse(descriptorTemplate)),
		gen.MustParse(gen.NewTemplate("migrate/join").Funcs(funcs).Parse(joinTemplate)),
		gen.MustParse(gen.NewTemplate("import/additional/json").Funcs(funcs).Parse(importTemplate)),
		gen.MustParse(gen.NewTemplate("dialect/sql/defedge").Parse(edgeTemplate)),
		gen.MustParse(gen.NewTemplate("leave").Funcs(funcs).Parse(leaveTemplate)),
	}
}

// qualifyEnums names the enums of an entity as its package is called where
// another package has that name. ent forgets this.
func qualifyEnums(t *gen.Type) {
	for _, f := range t.Fields {
		if f.IsEnum() && !f.HasGoType() {
			f.Type.Ident = t.Package() + "." + pascal(f.Name)
		}
	}
}

// defaults reports whether each record of a type has a value that only Go
// knows a default for: a new column of it has to be filled.
func defaults(t *gen.Type) bool {
	return !t.IsView() && slices.ContainsFunc(t.Fields, func(f *gen.Field) bool {
		return f.Default && (!f.Optional || t.HasCompositeID()) && !f.IsEdgeField()
	})
}

// leaves reports whether records of a type may be without something that there
// is a default for: an input may say null of it.
func leaves(t *gen.Type) bool {
	return !t.IsView() && slices.ContainsFunc(t.Fields, func(f *gen.Field) bool {
		return f.Optional && (f.Default || hasDatabaseDefault(f.Annotations))
	})
}

// definition is a view and what it selects, by dialect.
type definition struct {
	Name string
	As   map[string]string
}

// views lists the views whose schemas say what they select.
func views(g *gen.Graph) []definition {
	var list []definition
	for _, t := range g.Nodes {
		a := t.EntSQL()
		if !t.IsView() || a == nil || a.ViewAs == "" && len(a.ViewFor) == 0 {
			continue
		}
		as := maps.Clone(a.ViewFor)
		if a.ViewAs != "" {
			as = map[string]string{"": a.ViewAs}
		}
		list = append(list, definition{t.Table(), as})
	}
	return list
}

// imports lists the packages that the descriptors refer to, by path and name:
// the enums' and those of fields with a Go type of their own. What ent's own
// import template brings, with what is added to it, is left out.
func imports(g *gen.Graph, all []*entity) map[string]string {
	paths := map[string]string{}
	for _, e := range withAssociations(all) {
		if !e.View || len(e.Type.EnumFields()) > 0 {
			paths[e.Type.Config.Package+"/"+e.Type.PackageDir()] = e.Type.Package()
		}
		for _, f := range e.Go {
			if f.Type.PkgPath != "" && f.Type.PkgPath != "encoding/json" && !hasImport(path.Base(f.Type.PkgPath)) {
				paths[f.Type.PkgPath] = f.Type.PkgName
			}
		}
	}
	for path := range idImports(g) {
		delete(paths, path)
	}
	return paths
}

// idImports lists the packages that the ids of an edge's other end, or of a
// graph's entities, are from, by path and name. Scope is what ent gives a template:
// one of the two, or that in a struct of ent's own.
func idImports(scope any) map[string]string {
	var types []*gen.Type
	of := reflect.Indirect(reflect.ValueOf(scope))
	if edges := of.FieldByName("Edges"); edges.IsValid() {
		for _, e := range edges.Interface().([]*gen.Edge) {
			types = append(types, e.Type)
		}
	} else {
		types = of.FieldByName("Nodes").Interface().([]*gen.Type)
	}
	paths := map[string]string{}
	for _, t := range types {
		if t.HasOneFieldID() && t.ID.Type.PkgPath != "" && !hasImport(path.Base(t.ID.Type.PkgPath)) {
			paths[t.ID.Type.PkgPath] = t.ID.Type.PkgName
		}
	}
	return paths
}
