package codegen

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/templates"
)

var (
	//go:embed template/bridge.gotpl
	bridgeTemplate string
	//go:embed template/stub.gotpl
	stubTemplate string
	//go:embed template/resolver.gotpl
	resolverTemplate string
)

// plugin takes the place of gqlgen's resolver plugin. It writes the bridge
// from the generated part of the API to gqlgen's execution of the hand-written
// part, and a stub for each resolver that nobody has written yet.
type plugin struct{ view *view }

// Name is that of the plugin it replaces.
func (*plugin) Name() string { return "resolvergen" }

// bridge is what the templates are given.
type bridge struct {
	*codegen.Data
	// Client is the import path of the typed client.
	Client string
	// Executed lists the directives that a project implements.
	Executed []*codegen.Directive
	// Batched lists the entities with hand-written fields.
	Batched codegen.Objects
	// Resolved lists all objects that have resolvers.
	Resolved codegen.Objects
	// Placeholder reports whether the query type is not extended by hand.
	Placeholder bool
	// Missing lists the resolvers to write stubs for.
	Missing []*codegen.Field
}

// GenerateCode writes the bridge and the missing stubs.
func (p *plugin) GenerateCode(data *codegen.Data) error {
	b := &bridge{Data: data, Client: p.view.home + "/ent", Placeholder: p.view.custom.Extensions.ForName("Query") == nil}
	for _, d := range data.Directives() {
		if !d.SkipRuntime && d.Implementation == nil {
			b.Executed = append(b.Executed, d)
		}
	}
	slices.SortFunc(b.Executed, func(a, c *codegen.Directive) int { return strings.Compare(a.Name, c.Name) })
	for _, o := range data.Objects {
		if o.HasResolvers() {
			b.Resolved = append(b.Resolved, o)
		}
		if p.view.schema.Entity(o.Name) != nil {
			b.Batched = append(b.Batched, o)
		}
	}
	dir := data.Config.Exec.Dir()
	if err := render(data, bridgeFile, bridgeTemplate, b, true); err != nil {
		return err
	}
	if err := p.resolver(b, dir); err != nil {
		return err
	}
	return p.stubs(b, dir)
}

func render(data *codegen.Data, file, template string, content any, generated bool) error {
	err := templates.Render(templates.Options{
		PackageName: data.Config.Exec.Package, Filename: file, Template: template, Data: content,
		Packages: data.Config.Packages, GeneratedHeader: generated,
	})
	if err != nil {
		return fmt.Errorf("codegen: %s: %w", file, err)
	}
	return nil
}

// resolver writes the type that resolvers are methods of, where there is none.
func (*plugin) resolver(b *bridge, dir string) error {
	declared, err := declarations(dir)
	if err != nil || declared["Resolver"] {
		return err
	}
	return render(b.Data, filepath.Join(dir, "resolver.go"), resolverTemplate, b, false)
}

// stubs writes a file of stubs for each hand-written GraphQL file that has
// resolvers missing. A file that exists is never touched.
func (p *plugin) stubs(b *bridge, dir string) error {
	have, err := declarations(dir)
	if err != nil {
		return err
	}
	bySource := map[string][]*codegen.Field{}
	for _, o := range b.Resolved {
		for _, f := range o.Fields {
			if !f.IsResolver || o.Name == "Query" && b.Placeholder || have[templates.LcFirst(o.Name)+"Resolver."+f.GoFieldName] {
				continue
			}
			source := p.sourceOf(o.Name, f.Name)
			bySource[source] = append(bySource[source], f)
		}
	}
	for source, missing := range bySource {
		base := strings.TrimSuffix(filepath.Base(source), ".graphql")
		file := filepath.Join(dir, base+".resolvers.go")
		if _, err := os.Stat(file); err == nil {
			file = filepath.Join(dir, base+"_"+strings.ToLower(missing[0].Name)+".resolvers.go")
		}
		b.Missing = missing
		if err := render(b.Data, file, stubTemplate, b, false); err != nil {
			return err
		}
	}
	return nil
}

// sourceOf is the hand-written file that declares a field.
func (p *plugin) sourceOf(object, field string) string {
	for _, d := range slices.Concat(p.view.custom.Definitions, p.view.custom.Extensions) {
		if d.Name != object {
			continue
		}
		if f := d.Fields.ForName(field); f != nil && f.Position != nil {
			return f.Position.Src.Name
		}
	}
	return "resolver.graphql"
}

// declarations lists the types and methods of a folder's Go files: a method by
// its receiver and name.
func declarations(dir string) (map[string]bool, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, fmt.Errorf("codegen: %w", err)
	}
	have := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") { // no resolver stands in a test
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("codegen: %w", err)
		}
		for _, d := range file.Decls {
			if types, ok := d.(*ast.GenDecl); ok && types.Tok == token.TYPE {
				for _, spec := range types.Specs {
					have[spec.(*ast.TypeSpec).Name.Name] = true
				}
			}
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil {
				continue
			}
			t := fn.Recv.List[0].Type
			if star, ok := t.(*ast.StarExpr); ok {
				t = star.X
			}
			if id, ok := t.(*ast.Ident); ok {
				have[id.Name+"."+fn.Name.Name] = true
			}
		}
	}
	return have, nil
}
