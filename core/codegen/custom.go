package codegen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/codegen/config"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"coppice/core/model"
)

// customCheck finds what the hand-written graph/*.graphql ask for that nothing
// would answer. Its errors name the file and the line, and what to write
// instead; they come before anything is generated.
type customCheck struct {
	schema    *model.Schema
	custom    *ast.SchemaDocument
	generated *ast.SchemaDocument
	models    config.TypeMap // the Go types that gqlgen.yml names
	fields    map[string]*ast.Position

	implemented map[string]config.DirectiveConfig // in gqlgen.yml
}

func checkCustom(s *model.Schema, generated string, custom *ast.SchemaDocument, cfg *config.Config) error {
	doc, err := parser.ParseSchema(&ast.Source{Name: "graph/ent.graphql", Input: generated})
	if err != nil {
		return fmt.Errorf("the API's schema: %w", err)
	}
	c := &customCheck{schema: s, custom: custom, generated: doc, models: cfg.Models, fields: map[string]*ast.Position{}, implemented: cfg.Directives}
	if len(cfg.AutoBind) > 0 {
		c.models = nil // gqlgen looks for Go types by itself
	}
	if blocks := slices.Concat(custom.Schema, custom.SchemaExtension); len(blocks) > 0 {
		return at(blocks[0].Position, "a schema block cannot be written by hand: the API's roots are Query and Mutation; remove it")
	}
	for _, d := range custom.Definitions {
		if err := c.definition(d); err != nil {
			return err
		}
	}
	for _, d := range custom.Extensions {
		if err := c.extension(d); err != nil {
			return err
		}
	}
	return c.directives()
}

// at is an error at a place in a hand-written file.
func at(pos *ast.Position, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", pos.Src.Name, pos.Line, fmt.Sprintf(format, args...))
}

func (c *customCheck) definition(d *ast.Definition) error {
	switch generated := c.generated.Definitions.ForName(d.Name); {
	case d.Name == "Subscription":
		return subscription(d)
	case generated != nil && (isRoot(d.Name) || c.schema.Entity(d.Name) != nil):
		return at(d.Position, "%[1]s is generated already: add fields to it with extend type %[1]s { … }", d.Name)
	case generated != nil:
		return at(d.Position, "%s is generated already: give this type another name", d.Name)
	case c.custom.Definitions.ForName(d.Name) != d:
		return at(d.Position, "%s is written twice: remove one, or make it extend %s %s { … }", d.Name, keyword(d.Kind), d.Name)
	}
	for _, name := range d.Interfaces {
		if c.custom.Definitions.ForName(name) == nil && c.generated.Definitions.ForName(name) != nil {
			return at(d.Position, "%s cannot implement %s: only what is generated does, so that nothing would answer node(id) with it; "+
				"give it fields of its own", d.Name, name)
		}
	}
	for _, name := range d.Types {
		if c.schema.Entity(name) != nil {
			return at(d.Position, "the union %s cannot have the entity %s: make it a type of its own with a nullable field for each, "+
				"type %s { %s: %s … }", d.Name, name, d.Name, strings.ToLower(name[:1])+name[1:], name)
		}
	}
	return c.fieldsOf(d)
}

func subscription(d *ast.Definition) error {
	return at(d.Position, "subscriptions are not served: remove Subscription, and make what it told a field of Query that clients ask again, "+
		"extend type Query { … }")
}

func keyword(kind ast.DefinitionKind) string {
	switch kind {
	case ast.InputObject:
		return "input"
	case ast.Object:
		return "type"
	default:
		return strings.ToLower(string(kind))
	}
}

func (c *customCheck) extension(d *ast.Definition) error {
	generated, own := c.generated.Definitions.ForName(d.Name), c.custom.Definitions.ForName(d.Name)
	entity := c.schema.Entity(d.Name)
	switch {
	case d.Name == "Subscription":
		return subscription(d)
	case own != nil:
	case generated == nil && entity != nil:
		return at(d.Position, "%s is not in the API, since its schema has entgql.Skip: it cannot be extended", d.Name)
	case generated == nil && isRoot(d.Name):
		return at(d.Position, "there is no %[1]s to extend: no schema has any; write type %[1]s { … } instead", d.Name)
	case generated == nil:
		return at(d.Position, "there is no type %s to extend: extend an entity (%s), Query or Mutation, or define it without extend", d.Name, c.entities())
	case entity == nil && !isRoot(d.Name):
		return at(d.Position, "%s is generated and cannot be extended: extend an entity, Query or Mutation, or write a type of your own", d.Name)
	case len(d.Interfaces) > 0:
		return at(d.Position, "that %[1]s implements %[2]s is for its schema to say, so that the generated part knows: add entgql.Implements(%[3]q) "+
			"to the annotations of %[1]s in ent/schema, and leave it out here", d.Name, strings.Join(d.Interfaces, " and "), d.Interfaces[0])
	}
	return c.fieldsOf(d)
}

// entities names what can be extended, as far as that helps.
func (c *customCheck) entities() string {
	var names []string
	for _, e := range c.schema.Entities {
		if !e.Skip.Has(model.SkipType) {
			names = append(names, e.Name)
		}
	}
	if len(names) > 8 {
		names = append(names[:8], "…")
	}
	return strings.Join(names, ", ")
}

// fieldsOf checks the fields of a hand-written type or extension.
func (c *customCheck) fieldsOf(d *ast.Definition) error {
	generated := c.generated.Definitions.ForName(d.Name)
	for _, f := range d.Fields {
		name := d.Name + "." + f.Name
		if generated != nil && generated.Fields.ForName(f.Name) != nil {
			return at(f.Position, "%s is generated already: give this field another name", name)
		}
		if before := c.fields[name]; before != nil {
			return at(f.Position, "%s is written already at %s:%d: give this field another name", name, before.Src.Name, before.Line)
		}
		c.fields[name] = f.Position
		if err := c.refers(f.Type, f.Position, name); err != nil {
			return err
		}
		if held := c.implementor(f.Type.Name()); held != "" {
			return at(f.Position, "%s cannot have the type %s: it would have to hold the entity %s; make it a type of its own with a nullable field for each entity",
				name, f.Type.Name(), held)
		}
		for _, a := range f.Arguments {
			if err := c.refers(a.Type, a.Position, name+"("+a.Name+")"); err != nil {
				return err
			}
		}
	}
	return nil
}

// refers checks the type of a field or argument.
func (c *customCheck) refers(t *ast.Type, pos *ast.Position, name string) error {
	own, generated := c.custom.Definitions.ForName(t.Name()), c.generated.Definitions.ForName(t.Name())
	switch {
	case isRoot(t.Name()):
		return at(pos, "%s cannot have the type %s: a hand-written field can have an entity, a list of them, an enum, an input or a type of its own", name, t.Name())
	case own == nil && generated == nil && !builtin(t.Name()):
		return at(pos, "%s has the type %s, which there is none of: define it, or correct the name", name, t.Name())
	case generated != nil && generated.IsCompositeType() && c.schema.Entity(t.Name()) == nil:
		return at(pos, "%s cannot have the generated type %s: a hand-written field can have an entity, a list of them, an enum, an input or a type of its own", name, t.Name())
	case own != nil && own.Kind == ast.Scalar && own.Directives.ForName(config.DirGoModel) == nil && c.models != nil && !c.models.Exists(t.Name()):
		return at(pos, "the scalar %[2]s of %[1]s has no Go type: name one in gqlgen.yml, models: { %[2]s: { model: coppice/core/scalar.%[2]s } }", name, t.Name())
	}
	return nil
}

// implementor is an entity whose schema says that it implements an interface
// that is written by hand, or "".
func (c *customCheck) implementor(name string) string {
	if own := c.custom.Definitions.ForName(name); own == nil || own.Kind != ast.Interface {
		return ""
	}
	for _, e := range c.schema.Entities {
		if slices.Contains(e.Implement, name) {
			return e.Name
		}
	}
	return ""
}
