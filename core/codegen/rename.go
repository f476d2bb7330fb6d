package codegen

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/entc/gen"
	"entgo.io/ent/entc/load"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// another is a name like one that is taken, which none of the others has.
func another(name string, others ...string) string {
	for _, more := range []string{"Record", "Entity", "Item"} {
		if !slices.Contains(others, name+more) {
			return name + more
		}
	}
	return name + "Of" + name
}

// renameGo says how a schema gets another name in Go and keeps those that it has
// elsewhere: its table, unless that is "", and its type in the API.
func renameGo(name, pos, table string, others []string) string {
	var keep []string
	if table != "" {
		keep = append(keep, fmt.Sprintf("entsql.Annotation{Table: %q}", table))
	}
	if !apiHas(name) {
		keep = append(keep, fmt.Sprintf("entgql.Type(%q)", name))
	}
	way := fmt.Sprintf("rename the type %s in %s, as to %s", name, file(pos), another(name, others...))
	if len(keep) > 0 {
		way += ", and keep its other names with " + strings.Join(keep, " and ") + " among its annotations"
	}
	return way
}

// renameEntity is the way out for an entity whose name the generated Go has.
func renameEntity(g *gen.Graph, t *gen.Type) string {
	others, table := make([]string, len(g.Nodes)), t.Table()
	for i, other := range g.Nodes {
		others[i] = other.Name
		if other != t && other.Table() == t.Table() {
			table = ""
		}
	}
	return renameGo(t.Name, t.Pos(), table, others)
}

// renameType says how an entity gets another name in the API alone.
func renameType(all []*entity, e *entity) string {
	others := make([]string, len(all))
	for i, other := range all {
		others[i] = other.Name
	}
	return fmt.Sprintf("give the schema in %s another name in the API, as with entgql.Type(%q) among its annotations",
		file(e.Type.Pos()), another(e.Name, others...))
}

// apiHas reports whether every API has a type of this name.
func apiHas(name string) bool {
	if builtin(name) {
		return true
	}
	doc, err := parser.ParseSchema(&ast.Source{Input: common})
	return err != nil || doc.Definitions.ForName(name) != nil || name == "Nodes"
}

// unnamable is the error of a schema whose name ent refuses, since Go or ent has
// it; nil where there is none. Others are for ent to tell.
func unnamable(path string, flags []string) error {
	spec, err := (&load.Config{Path: path, BuildFlags: flags}).Load()
	if err != nil {
		return nil //nolint:nilerr // ent has told it already
	}
	names := make([]string, len(spec.Schemas))
	for i, s := range spec.Schemas {
		names[i] = s.Name
	}
	var wrong []error
	for _, s := range spec.Schemas {
		if gen.ValidSchemaName(s.Name) == nil {
			continue
		}
		table := s.Config.Table
		if a := (entsql.Annotation{}); s.Annotations[a.Name()] != nil {
			m, _ := s.Annotations[a.Name()].(map[string]any)
			if named, ok := m["table"].(string); ok {
				table = named
			}
		}
		if table == "" {
			table = snake(plural(s.Name))
		}
		wrong = append(wrong, fmt.Errorf("%s: Go or ent has the name %s, or its package's, %s, for itself: %s",
			file(s.Pos), s.Name, strings.ToLower(s.Name), renameGo(s.Name, s.Pos, table, names)))
	}
	return errors.Join(wrong...)
}

// file is the place where a schema is written: its file and line.
func file(pos string) string { return "ent/schema/" + filepath.Base(pos) }

// placed has an error begin with the place where the schema at fault is written.
func placed(t *gen.Type, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", file(t.Pos()), err)
}
