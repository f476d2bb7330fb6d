package codegen

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"entgo.io/ent/entc/gen"
)

// acyclic refuses fields whose Go type lies in a package that needs generated
// code: that would need the package in turn, for the type.
func (x *extension) acyclic(g *gen.Graph) error {
	var needing []imported
	var err error
	for _, t := range g.Nodes {
		for _, f := range t.Fields {
			if !strings.HasPrefix(f.Type.PkgPath, x.home+"/") {
				continue
			}
			from := f.Type.PkgPath
			if x.reduced != nil {
				from = x.reduced.original(from)
			} else if needing == nil {
				if needing, err = x.needing(g); err != nil {
					return err
				}
			}
			if x.reduced != nil && from != "" || slices.ContainsFunc(needing, func(p imported) bool { return p.ImportPath == from }) {
				return placed(t, fmt.Errorf("%s.%s: its Go type %s is of the package %s, which imports generated code, and that would import the package for the type: "+
					"move the type to a package of its own that imports none, ent/schema/%stype say",
					t.Name, f.Name, f.Type.Ident, strings.TrimPrefix(from, x.home+"/"), strings.ToLower(path.Base(t.PackageDir()))))
			}
		}
	}
	return nil
}

// needing lists the packages of the schemas that need generated code.
func (x *extension) needing(g *gen.Graph) ([]imported, error) {
	schemas := filepath.ToSlash(filepath.Join(g.Target, "schema"))
	list, err := needing(x.home, schemas, generatedOf(x.home, g.Target, schemas))
	if list == nil {
		list = []imported{}
	}
	return list, err
}

// distinct refuses Go types of fields whose package has the name of another that
// generated code imports.
func (x *extension) distinct(g *gen.Graph) error {
	schemas := x.home + "/" + filepath.ToSlash(filepath.Join("ent", "schema"))
	paths := map[string]string{}
	for _, t := range g.Nodes {
		for _, f := range t.Fields {
			at, name := f.Type.PkgPath, f.Type.PkgName
			if at == "" || at == schemas {
				continue
			}
			other := paths[name]
			if !x.standard(at) && (hasImport(name) || slices.Contains(packageNames, name)) {
				other = "a package of Go's or ent's own"
			}
			if other != "" && other != at {
				return placed(t, fmt.Errorf("%s.%s: its Go type is of the package %s, and the generated code imports another by the name %s, %s: "+
					"rename one of the packages, or move its types", t.Name, f.Name, at, name, other))
			}
			paths[name] = at
		}
	}
	return nil
}

// standard reports a package of Go's own library, by its path.
func (x *extension) standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return first != x.home && !strings.Contains(first, ".")
}
