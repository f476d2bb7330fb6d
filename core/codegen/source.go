package codegen

import (
	"bytes"
	"cmp"
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// source is the text of a Go file that parts are taken out of, while its lines
// stay where they are: what is said of the rest names the same places.
type source struct {
	text  []byte
	base  *token.File
	edits []edit
}

// edit is a part of a text and what to write instead.
type edit struct {
	from, to int
	instead  []byte
}

func (s *source) add(n ast.Node, instead func(was []byte) []byte) {
	from, to := s.base.Offset(n.Pos()), s.base.Offset(n.End())
	s.edits = append(s.edits, edit{from, to, instead(s.text[from:to])})
}

// blank takes a part out, but for its line breaks.
func (s *source) blank(n ast.Node) {
	s.add(n, func(was []byte) []byte { return bytes.Repeat([]byte("\n"), bytes.Count(was, []byte("\n"))) })
}

// replace writes something else of one line.
func (s *source) replace(n ast.Node, text string) {
	s.add(n, func([]byte) []byte { return []byte(text) })
}

// edited is the text that is left. Of a part in which there is another that is
// edited, only the larger counts.
func (s *source) edited() []byte {
	slices.SortFunc(s.edits, func(a, b edit) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to)) })
	var out []byte
	at := 0
	for _, e := range s.edits {
		if e.from < at {
			continue
		}
		out = append(append(out, s.text[at:e.from]...), e.instead...)
		at = e.to
	}
	return append(out, s.text[at:]...)
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
func dropImports(f *ast.File, text *source, before map[string]bool, generated func(string) bool) {
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
		imports, ok := d.(*ast.GenDecl)
		if !ok || imports.Tok != token.IMPORT {
			continue
		}
		for _, spec := range imports.Specs {
			if !drop(spec.(*ast.ImportSpec)) {
				continue
			}
			if imports.Lparen.IsValid() {
				text.blank(spec)
			} else {
				text.blank(imports)
			}
		}
	}
	f.Imports = slices.DeleteFunc(f.Imports, drop)
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
