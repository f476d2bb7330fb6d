package codegen

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
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

// reduced are copies of the schemas, and of what they import of the module,
// without what needs generated code.
type reduced struct {
	path   string            // the copies of the schemas, as ent takes them
	copies map[string]string // by import path of what was copied
}

// original is the package that another is the copy of, or "".
func (r *reduced) original(path string) string {
	for from, to := range r.copies {
		if to == path {
			return from
		}
	}
	return ""
}

// inOriginals has an error name what was copied instead of the copy: both have the
// same lines.
func (r *reduced) inOriginals(err error, module string) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	for from, to := range r.copies {
		text = strings.ReplaceAll(text, to, from)
		text = strings.ReplaceAll(text, filepath.FromSlash(strings.TrimPrefix(to, module+"/")), filepath.FromSlash(strings.TrimPrefix(from, module+"/")))
	}
	return errors.New(text)
}

// imported is what the go command says of a package of the module.
type imported struct {
	ImportPath, Dir  string
	GoFiles, Imports []string
	Error            *struct{ Pos, Err string }
}

// missing tells of a package that the go command does not find outside of the module. Its
// words depend on its flags, and not all say what to do.
func (p *imported) missing(module string) error {
	if p.Error == nil || p.ImportPath == module || strings.HasPrefix(p.ImportPath, module+"/") { // what is generated comes yet
		return nil
	}
	return fmt.Errorf("%s: the package %s is not found: run go get %[2]s, if go.mod lacks its module (%s)", p.Error.Pos, p.ImportPath, strings.Join(strings.Fields(p.Error.Err), " "))
}

// generatedOf tells the generated packages of a module from those of the schemas.
func generatedOf(module, target, schemas string) func(path string) bool {
	under := func(path, folder string) bool {
		return path == module+"/"+folder || strings.HasPrefix(path, module+"/"+folder+"/")
	}
	return func(path string) bool { return under(path, target) && !under(path, schemas) }
}

// needing lists the packages of the module that need generated code, of those
// that the schemas import and the schemas' own, each behind what it imports.
func needing(module, schemas string, generated func(string) bool) ([]imported, error) {
	out, err := exec.Command("go", "list", "-deps", "-e", "-json=ImportPath,Dir,GoFiles,Imports,Error", "./"+schemas).Output()
	if err != nil {
		return nil, fmt.Errorf("list what the schemas import: %w", err)
	}
	var list []imported
	var missing []error
	found := map[string]bool{}
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p imported
		if err := dec.Decode(&p); err != nil {
			return nil, fmt.Errorf("list what the schemas import: %w", err)
		}
		missing = append(missing, p.missing(module))
		needs := func(path string) bool { return generated(path) || found[path] }
		if strings.HasPrefix(p.ImportPath, module+"/") && !generated(p.ImportPath) && slices.ContainsFunc(p.Imports, needs) {
			found[p.ImportPath] = true
			list = append(list, p)
		}
	}
	return list, errors.Join(missing...)
}

// bare copies the schemas, and what they import of the module, reduced to what
// needs no generated code: without hooks, interceptors and policies. The copies
// lie in folders below dir, which is in the module. Schemas that need none are
// not copied.
func bare(module, target, schemas, dir string) (*reduced, error) {
	generated := generatedOf(module, target, schemas)
	list, err := needing(module, schemas, generated)
	if err != nil {
		return nil, err
	}
	r := &reduced{copies: map[string]string{}}
	for i, p := range list {
		to := filepath.Join(dir, "p"+strconv.Itoa(i), filepath.Base(p.Dir))
		r.copies[p.ImportPath] = module + "/" + filepath.ToSlash(to)
		if err := barePackage(p.Dir, to, p.GoFiles, generated, r.copies); err != nil {
			return nil, err
		}
	}
	if path, ok := r.copies[module+"/"+schemas]; ok {
		r.path = "./" + strings.TrimPrefix(path, module+"/")
	}
	return r, nil
}

func barePackage(from, to string, names []string, generated func(string) bool, copies map[string]string) error {
	fset := token.NewFileSet()
	files, sources := make([]*ast.File, len(names)), make([]*source, len(names))
	before := make([]map[string]bool, len(names))
	for i, name := range names {
		b, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return err
		}
		if files[i], err = parser.ParseFile(fset, filepath.Join(from, name), b, parser.ParseComments); err != nil {
			return err
		}
		sources[i] = &source{text: b, base: fset.File(files[i].Package)}
		for _, c := range files[i].Comments { // what they embed is not copied
			sources[i].blank(c)
		}
		before[i] = qualifiers(files[i])
	}
	strip(files, sources, generated)
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for i, f := range files {
		dropImports(f, sources[i], before[i], generated)
		for _, spec := range f.Imports {
			if path, ok := copies[importPath(spec)]; ok {
				name := ""
				if spec.Name == nil {
					name = importNames(spec)[0] + " "
				}
				sources[i].replace(spec.Path, name+strconv.Quote(path))
			}
		}
		if err := os.WriteFile(filepath.Join(to, names[i]), sources[i].edited(), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// strip takes out of a package's files the methods that ent reads at run time
// only, what names a generated package, and what names any of that.
func strip(files []*ast.File, sources []*source, generated func(string) bool) {
	gone := map[string]bool{}
	for again := true; again; {
		again = false
		for i, f := range files {
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
				sources[i].blank(d)
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
