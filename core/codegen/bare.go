package codegen

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// withoutSchemas has the Go command see the typed client without the import of
// the schemas: schemas that use what is generated would import themselves. It
// returns a build flag; see -overlay of go build. The files it takes are in dir.
func withoutSchemas(target, dir string) (string, error) {
	abs, err := filepath.Abs(filepath.Join(target, "runtime.go"))
	if err != nil {
		return "", err
	}
	instead, list := filepath.Join(dir, "runtime.go"), filepath.Join(dir, "overlay.json")
	replace := map[string]string{}
	if _, err := os.Stat(abs); err == nil {
		replace[abs] = instead
	}
	b, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	return "-overlay=" + list, errors.Join(os.WriteFile(instead, []byte("package "+filepath.Base(target)+"\n"), 0o600), os.WriteFile(list, b, 0o600))
}

// bare copies the schemas, and what they import of the module, reduced to what
// needs no generated code: without hooks, interceptors and policies. The copies
// lie in folders below dir, which is in the module; it returns the schemas'.
func bare(module, target, schemas, dir string) (string, error) {
	out, err := exec.Command("go", "list", "-deps", "-e", "-json=ImportPath,Dir,GoFiles,Imports", "./"+schemas).Output()
	if err != nil {
		return "", fmt.Errorf("list what the schemas import: %w", err)
	}
	generated := func(path string) bool {
		return (path == module+"/"+target || strings.HasPrefix(path, module+"/"+target+"/")) &&
			path != module+"/"+schemas && !strings.HasPrefix(path, module+"/"+schemas+"/")
	}
	copies := map[string]string{} // by import path, the copy's
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p struct {
			ImportPath, Dir  string
			GoFiles, Imports []string
		}
		if err := dec.Decode(&p); err != nil {
			return "", fmt.Errorf("list what the schemas import: %w", err)
		}
		needs := func(path string) bool { return generated(path) || copies[path] != "" }
		if !strings.HasPrefix(p.ImportPath, module+"/") || generated(p.ImportPath) || !slices.ContainsFunc(p.Imports, needs) {
			continue
		}
		to := filepath.Join(dir, "p"+strconv.Itoa(len(copies)), filepath.Base(p.Dir))
		copies[p.ImportPath] = module + "/" + filepath.ToSlash(to)
		if err := barePackage(p.Dir, to, p.GoFiles, generated, copies); err != nil {
			return "", err
		}
	}
	path := copies[module+"/"+schemas]
	if path == "" {
		return "", errors.New("the schemas use no generated code")
	}
	return "./" + strings.TrimPrefix(path, module+"/"), nil
}

func barePackage(from, to string, names []string, generated func(string) bool, copies map[string]string) error {
	fset := token.NewFileSet()
	files := make([]*ast.File, len(names))
	before := make([]map[string]bool, len(names))
	for i, name := range names {
		var err error
		if files[i], err = parser.ParseFile(fset, filepath.Join(from, name), nil, 0); err != nil {
			return err
		}
		before[i] = qualifiers(files[i])
	}
	strip(files, generated)
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for i, f := range files {
		dropImports(f, before[i], generated)
		for _, spec := range f.Imports {
			if path, ok := copies[importPath(spec)]; ok {
				if spec.Name == nil {
					spec.Name = ast.NewIdent(importNames(spec)[0])
				}
				spec.Path.Value = strconv.Quote(path)
			}
		}
		var b bytes.Buffer
		if err := format.Node(&b, fset, f); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, names[i]), b.Bytes(), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// strip takes out of a package's files the methods that ent reads at run time
// only, what names a generated package, and what names any of that.
func strip(files []*ast.File, generated func(string) bool) {
	gone := map[string]bool{}
	for again := true; again; {
		again = false
		for _, f := range files {
			banned := map[string]bool{}
			for _, spec := range f.Imports {
				if generated(importPath(spec)) {
					for _, name := range importNames(spec) {
						banned[name] = true
					}
				}
			}
			n := len(f.Decls)
			f.Decls = slices.DeleteFunc(f.Decls, func(d ast.Decl) bool {
				if imports, ok := d.(*ast.GenDecl); ok && imports.Tok == token.IMPORT || !runtimeOnly(d) && !refers(d, banned, gone) {
					return false
				}
				for _, name := range declaredNames(d) {
					gone[name] = true
				}
				return true
			})
			again = again || len(f.Decls) < n
		}
	}
}

// runtimeOnly reports a method that the generator needs to know the number of
// results of, and nothing else.
func runtimeOnly(d ast.Decl) bool {
	fn, ok := d.(*ast.FuncDecl)
	return ok && fn.Recv != nil && slices.Contains([]string{"Hooks", "Interceptors", "Policy"}, fn.Name.Name)
}

// refers reports whether a declaration names a package that is banned, or
// something of its own package that is gone.
func refers(d ast.Decl, banned, gone map[string]bool) bool {
	found := false
	ast.Inspect(d, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && x.Obj == nil {
				found = found || banned[x.Name] || gone[x.Name]
				return false
			}
		case *ast.Ident:
			found = found || gone[n.Name]
		}
		return !found
	})
	return found
}

// declaredNames are the names that a declaration brings to its package; a
// method brings none.
func declaredNames(d ast.Decl) []string {
	var names []string
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil && d.Name.Name != "init" {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, spec.Name.Name)
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					names = append(names, name.Name)
				}
			}
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "_" })
}

// qualifiers are the names that a file qualifies others by.
func qualifiers(f *ast.File) map[string]bool {
	used := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok {
				used[x.Name] = true
			}
		}
		return true
	})
	return used
}

// dropImports takes out of a file the generated packages, and those that it
// no longer uses.
func dropImports(f *ast.File, before map[string]bool, generated func(string) bool) {
	after := qualifiers(f)
	drop := func(spec *ast.ImportSpec) bool {
		if generated(importPath(spec)) {
			return true
		}
		names := importNames(spec)
		in := func(used map[string]bool) bool {
			return slices.ContainsFunc(names, func(name string) bool { return used[name] })
		}
		return in(before) && !in(after)
	}
	for _, d := range f.Decls {
		if imports, ok := d.(*ast.GenDecl); ok && imports.Tok == token.IMPORT {
			imports.Specs = slices.DeleteFunc(imports.Specs, func(s ast.Spec) bool { return drop(s.(*ast.ImportSpec)) })
		}
	}
	f.Decls = slices.DeleteFunc(f.Decls, func(d ast.Decl) bool {
		imports, ok := d.(*ast.GenDecl)
		return ok && imports.Tok == token.IMPORT && len(imports.Specs) == 0
	})
}

func importPath(spec *ast.ImportSpec) string {
	path, _ := strconv.Unquote(spec.Path.Value) // the parser has seen that it is one
	return path
}

// importNames are the names that a file may use an import by: the one given,
// else those that its path suggests.
func importNames(spec *ast.ImportSpec) []string {
	if spec.Name != nil {
		return []string{spec.Name.Name}
	}
	parts := strings.Split(importPath(spec), "/")
	last := parts[len(parts)-1]
	names := []string{last, strings.TrimPrefix(last, "go-"), strings.TrimSuffix(last, ".go"), strings.TrimSuffix(last, "-go")}
	if base, _, ok := strings.Cut(last, "."); ok { // gopkg.in/yaml.v3
		names = append(names, base)
	}
	if len(parts) > 1 && len(last) > 1 && last[0] == 'v' && strings.Trim(last[1:], "0123456789") == "" {
		names = append(names, parts[len(parts)-2])
	}
	return names
}
