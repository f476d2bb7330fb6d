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

	"coppice/core/codegen/internal/evolution"
	"coppice/core/model"
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

// earlier is the oldest name of a field or an edge, and those that the API keeps.
func earlier(as gen.Annotations) (was string, kept []model.Kept, err error) {
	a, err := evolution.Of(as)
	if len(a.From) > 0 {
		was = a.From[0]
	}
	for _, name := range a.Keep {
		kept = append(kept, model.Kept{Name: name, GraphQL: camel(name)})
	}
	return was, kept, err
}

// earlierValues adds what an enum's values were to them, and the values that the API
// takes still.
func earlierValues(list []model.EnumValue, f *gen.Field) ([]model.EnumValue, error) {
	a, err := evolution.Of(f.Annotations)
	for i := range list {
		for _, v := range slices.Backward(a.Values) {
			if v.To == list[i].Value {
				list[i].Was = v.From // the oldest stays
			}
		}
	}
	for _, v := range a.KeepValues {
		name := v.From
		if !enumName(name) {
			name = legal(name)
		}
		list = append(list, model.EnumValue{Name: name, Value: v.To, Former: true})
	}
	return list, err
}

// former sets the older names of an entity, of which the API has one of its own where
// an annotation gives it, and of its keys.
func (e *entity) former(own string) error {
	a, err := evolution.Of(e.Type.Annotations)
	if len(a.From) > 0 && own == "" {
		e.Was = a.From[0]
	}
	for _, name := range a.Keep {
		old := &entity{Entity: &model.Entity{Name: name}}
		old.named()
		e.Former = append(e.Former, model.Former{Name: name, Single: old.Single, Plural: old.Plural, Several: old.Several})
	}
	for _, k := range e.Keys {
		if !k.IsID() {
			e.formerKeys(k)
		}
	}
	return err
}

// formerKeys names a key after the older names of its members, in each combination.
func (e *entity) formerKeys(k *model.Key) {
	was, all := make([]string, len(k.Parts)), [][]string{nil}
	for i, p := range k.Parts {
		today, kept := p.Name(), []model.Kept(nil)
		switch {
		case p.Field != nil:
			was[i], kept = p.Field.Was, p.Field.Kept
		default:
			was[i], kept = p.Edge.Was, p.Edge.Kept
		}
		if was[i] != "" {
			was[i] = camel(was[i])
		} else {
			was[i] = today
		}
		var more [][]string
		for _, names := range all {
			more = append(more, append(names[:len(names):len(names)], today))
			for _, old := range kept {
				more = append(more, append(names[:len(names):len(names)], old.GraphQL))
			}
		}
		all = more
	}
	if name := e.key(was).Name; name != k.Name {
		k.Was = name
	}
	for _, names := range all[1:] {
		old := e.key(names)
		old.For = k.Name
		e.KeptKeys = append(e.KeptKeys, old)
	}
}

// renames are the names that a database may know the schemas' tables, columns and values
// by.
func (x *extension) findRenames(g *gen.Graph) (err error) {
	if err := evolution.Check(g); err != nil {
		return err
	}
	if x.renames, err = evolution.Disk(g); err != nil {
		return err
	}
	for _, e := range x.all {
		for _, r := range x.renames {
			if r.Table == e.Table && r.Column == "" {
				e.WasTables = append(e.WasTables, r.From)
			}
		}
	}
	return nil
}

// call is an older name of an entity, or of a field or edge of it, in the API.
type call struct{ Entity, Name, From string }

// calls lists the older names of what the API has, which the seeder's ledger may know
// it by.
func (x *extension) calls() (list []call, err error) {
	for _, e := range x.all {
		a, err := evolution.Of(e.Type.Annotations)
		if err != nil {
			return nil, err
		}
		for _, from := range a.From {
			if e.Was != "" {
				list = append(list, call{e.Name, "", from})
			}
		}
		for _, f := range e.Fields {
			a, err := evolution.Of(e.Go[f].Annotations)
			if err != nil {
				return nil, err
			}
			for _, from := range a.From {
				list = append(list, call{e.Name, f.GraphQL, camel(from)})
			}
		}
	}
	return list, nil
}
