package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// library is the module path of Coppice.
const library = "coppice"

// used are the modules that a new project's own files and generated code import.
var used = []string{library, "entgo.io/ent", "github.com/99designs/gqlgen", "github.com/vektah/gqlparser/v2"}

// own are the files that a new project does not share with this one. A file of Go
// has one more extension here, so that it is none of this package.
//
//go:embed all:template
var own embed.FS

// project is a project to write.
type project struct {
	module  string // its module path
	dir     string
	library string // the folder of Coppice
}

// write writes the project, with what is generated of it. On an error the folder
// is as it was.
func (p *project) write(ctx context.Context, shared fs.FS) (err error) {
	entries, err := os.ReadDir(p.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: name a new folder", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s is not empty: it holds %s; name a new folder", p.dir, entries[0].Name())
	}
	before := errors.Is(err, fs.ErrNotExist)
	defer func() {
		if err != nil {
			err = errors.Join(err, p.clear(before))
		}
	}()
	templates, err := fs.Sub(own, "template")
	if err != nil {
		return err
	}
	if err := errors.Join(p.copy(shared), p.copy(templates)); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "run", "./cmd/generate")
	cmd.Dir = p.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("generate the project: %w\n%s", err, out)
	}
	return nil
}

// clear removes what was written; and the folder, where it was not there before.
func (p *project) clear(all bool) error {
	if all {
		return os.RemoveAll(p.dir)
	}
	entries, err := os.ReadDir(p.dir)
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(p.dir, e.Name())))
	}
	return err
}

// copy writes files, in the words of the project.
func (p *project) copy(files fs.FS) error {
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		to := filepath.Join(p.dir, strings.TrimSuffix(filepath.FromSlash(name), ".tmpl"))
		if name == "go.mod" {
			text, err = p.goMod(text)
		} else if name != "go.sum" {
			text = p.translate(text)
		}
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		return os.WriteFile(to, text, 0o644)
	})
}

// translate puts the project's import paths in the place of this one's; those of
// the library stay.
func (p *project) translate(text []byte) []byte {
	for _, room := range []string{"ent", "graph", "seed", "internal/database", "migrations"} {
		for _, end := range []string{`"`, `/`, "."} {
			text = bytes.ReplaceAll(text, []byte(library+"/"+room+end), []byte(p.module+"/"+room+end))
		}
	}
	return bytes.ReplaceAll(text, []byte("$MODULE"), []byte(p.module))
}

// goMod is the project's go.mod, made from the library's: it requires the library
// where it lies, and what that requires.
func (p *project) goMod(text []byte) ([]byte, error) {
	f, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(p.dir)
	if err != nil {
		return nil, err
	}
	from, err := filepath.Abs(p.library)
	if err != nil {
		return nil, err
	}
	if rel, err := filepath.Rel(abs, from); err == nil {
		from = rel
	}
	err = errors.Join(f.AddModuleStmt(p.module), f.AddRequire(library, "v0.0.0"), f.AddReplace(library, "", filepath.ToSlash(from), ""))
	if err != nil {
		return nil, err
	}
	for _, r := range f.Require {
		r.Indirect = !slices.Contains(used, r.Mod.Path)
	}
	f.SetRequireSeparateIndirect(f.Require)
	f.Cleanup()
	return f.Format()
}
