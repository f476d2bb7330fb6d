package codegen

import (
	"fmt"
	"go/types"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"entgo.io/ent/dialect"
	"entgo.io/ent/entc/gen"
	"entgo.io/ent/entc/load"
	"entgo.io/ent/schema/field"
	"golang.org/x/tools/go/packages"
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

// comparableIDs refuses ids of a Go type whose values are not told apart by what they
// hold: ent's typed client, and ours, find records by their ids.
func comparableIDs(g *gen.Graph) error {
	for _, t := range g.Nodes {
		if t.ID != nil && t.ID.Type.RType != nil && !byValue(t.ID.Type.RType) {
			return placed(t, fmt.Errorf("%s.%s: two values of its Go type %s that hold the same are not equal by ==, since there is a pointer, an interface or a list in it: "+
				"give ids a type of numbers, texts, arrays, or structs of these", t.Name, t.ID.Name, t.ID.Type.Ident))
		}
	}
	return nil
}

// byValue reports whether == compares what values of a type hold. What cannot be found
// out the compiler tells.
func byValue(t *field.RType) bool {
	if t.Kind != reflect.Struct {
		return t.Kind != reflect.Pointer && t.Kind != reflect.Slice && t.Kind != reflect.Map && t.Kind != reflect.Interface
	}
	list, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedImports | packages.NeedTypes | packages.NeedExportFile}, t.PkgPath)
	if err != nil || len(list) != 1 || list[0].Types == nil {
		return true
	}
	name, _, _ := strings.Cut(t.Name, "[")
	of := list[0].Types.Scope().Lookup(name)
	return of == nil || holds(of.Type())
}

// holds reports whether a type holds its values itself.
func holds(t types.Type) bool {
	if n, ok := t.(*types.Named); ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "unique" {
		return true // handles are equal where what they stand for is
	}
	if _, ok := t.(*types.TypeParam); ok {
		return true // or not: which it is stands elsewhere
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return true
	case *types.Array:
		return holds(u.Elem())
	case *types.Struct:
		for f := range u.Fields() {
			if !holds(f.Type()) {
				return false
			}
		}
		return true
	default:
		return false
	}
}

// standard reports a package of Go's own library, by its path.
func (x *extension) standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return first != x.home && !strings.Contains(first, ".")
}

// keepText gives texts of a Go type of their own a column of text in SQLite
// where the schema names no type for it, or one such as decimal(10,2): SQLite
// would make floats of what it takes for numbers, and lose digits.
func keepText(schemas []*load.Schema) {
	for _, s := range schemas {
		for _, f := range s.Fields {
			name, named := f.SchemaType[dialect.SQLite]
			if !written(f) || named && !inexact(name) || !named && f.Info.Type != field.TypeOther {
				continue
			}
			if f.SchemaType == nil {
				f.SchemaType = map[string]string{}
			}
			f.SchemaType[dialect.SQLite] = "text"
		}
	}
}

// written reports whether a field's Go type settles what text is stored.
func written(f *load.Field) bool {
	switch {
	case f.Info.Type == field.TypeOther:
		return true
	case f.Info.Type == field.TypeString && f.Info.RType != nil:
		return f.ValueScanner || f.Info.RType.Kind != reflect.String
	default:
		return false
	}
}

// inexact reports whether SQLite makes floats of texts that look like numbers
// in a column of a type, by its rules (https://sqlite.org/datatype3.html,
// section 3.1).
func inexact(name string) bool {
	for _, part := range []string{"INT", "CHAR", "CLOB", "TEXT", "BLOB"} {
		if strings.Contains(strings.ToUpper(name), part) {
			return false
		}
	}
	return true
}
