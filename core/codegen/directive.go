package codegen

import (
	"fmt"
	"slices"
	"strings"

	"entgo.io/contrib/entgql"
	"entgo.io/ent/entc/gen"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"coppice/core/model"
)

// builtInDirectives are those of a schema that the specification defines: what
// the API does with them, and where they may stand, is its own.
var builtInDirectives = []string{"deprecated", "oneOf", "specifiedBy", "skip", "include"}

// runLocations are where gqlgen runs directives.
var runLocations = []ast.DirectiveLocation{
	ast.LocationFieldDefinition, ast.LocationArgumentDefinition, ast.LocationInputFieldDefinition, ast.LocationInputObject, ast.LocationObject,
}

// gqlgenDirectives tell gqlgen how to generate the Go of hand-written types.
var gqlgenDirectives = []string{
	config.DirGoModel, config.DirGoField, config.DirGoExtraField, config.DirGoTag, config.DirGoEnum, config.DirInlineArguments,
}

// fieldDirectives are the directives that hand-written files declare for fields:
// the project implements them.
func fieldDirectives(custom []*ast.Source) (map[string]bool, error) {
	doc, err := parser.ParseSchemas(custom...)
	if err != nil {
		return nil, fmt.Errorf("the API's schema: %w", err)
	}
	declared := map[string]bool{}
	for _, d := range doc.Directives {
		if slices.Contains(d.Locations, ast.LocationFieldDefinition) && !slices.Contains(gqlgenDirectives, d.Name) && !slices.Contains(builtInDirectives, d.Name) {
			declared[d.Name] = true
		}
	}
	return declared, nil
}

// unexecuted says of a directive that nothing executes it, and what to do.
func unexecuted(name, remove string) string {
	return fmt.Sprintf("nothing executes the directive @%s: %s, and do what it is for in a hook, an interceptor or a policy of the schema, "+
		"or in the resolver of a field written by hand", name, remove)
}

// executedDirectives refuses the directives that an entity's annotations ask
// for and nothing executes: all but @deprecated and those that are declared for
// fields, on what the API has as a field.
func executedDirectives(t *gen.Type, declared map[string]bool) error {
	place := func(member string) string {
		return file(t.Pos()) + ": " + t.Name + member
	}
	a, err := annotation(t.Annotations)
	if err != nil {
		return fmt.Errorf("%s: %w", t.Name, err)
	}
	if err := onlyExecuted(a.Directives, nil, place(""), "a type cannot be deprecated: deprecate its fields"); err != nil {
		return err
	}
	if a.QueryField != nil {
		if err := onlyExecuted(a.QueryField.Directives, declared, place("'s query field"), ""); err != nil {
			return err
		}
	}
	check := func(member string, as gen.Annotations, undeprecated string) error {
		a, err := annotation(as)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", t.Name, member, err)
		}
		may := declared
		if undeprecated != "" {
			may = nil
		}
		return onlyExecuted(a.Directives, may, place("."+member), undeprecated)
	}
	for _, f := range slices.Concat([]*gen.Field{t.ID}, t.Fields) {
		reason := ""
		switch {
		case f == nil:
			continue
		case f.Name == "id":
			reason = "the id cannot be deprecated: each entity has one"
		case f.IsEdgeField():
			reason = "the API has this foreign key as its edge: deprecate that"
		}
		if err := check(f.Name, f.Annotations, reason); err != nil {
			return err
		}
	}
	for _, e := range t.Edges {
		if err := check(e.Name, e.Annotations, ""); err != nil {
			return err
		}
	}
	return nil
}

// onlyExecuted refuses directives but for those declared and @deprecated, and that
// too where there is a reason why it cannot be.
func onlyExecuted(list []entgql.Directive, declared map[string]bool, place, undeprecated string) error {
	for _, d := range list {
		switch {
		case declared[d.Name]:
		case d.Name != "deprecated":
			remove := "take it out of the entgql annotation"
			if declared != nil {
				remove += ", or declare it for FIELD_DEFINITION in a file graph/*.graphql"
			}
			return fmt.Errorf("%s: %s", place, unexecuted(d.Name, remove))
		case undeprecated != "":
			return fmt.Errorf("%s: %s", place, undeprecated)
		}
	}
	return nil
}

// directives refuses the directives of the hand-written files that nothing
// executes. gqlgen runs those that are declared for fields, arguments and inputs,
// around those that it answers.
func (c *customCheck) directives() error {
	for _, d := range c.custom.Directives {
		runs := slices.ContainsFunc(d.Locations, func(l ast.DirectiveLocation) bool { return slices.Contains(runLocations, l) })
		if !c.executed(d.Name, runs) {
			return at(d.Position, "%s", unexecuted(d.Name, "remove it"))
		}
	}
	for _, d := range c.custom.Definitions {
		if err := c.directivesOf(d, true); err != nil {
			return err
		}
	}
	for _, d := range c.custom.Extensions {
		if err := c.directivesOf(d, c.generated.Definitions.ForName(d.Name) == nil); err != nil {
			return err
		}
	}
	return nil
}

// directivesOf checks the directives of a type, or of an extension; own tells
// that the type is written by hand.
func (c *customCheck) directivesOf(d *ast.Definition, own bool) error {
	fields := d.Kind == ast.Object || d.Kind == ast.InputObject
	if !own && len(d.Directives) > 0 {
		return at(d.Directives[0].Position, "%s is generated, and takes no directive: nothing executes @%s on what is generated; put it on the fields written here",
			d.Name, d.Directives[0].Name)
	}
	if err := c.allExecuted(d.Directives, fields); err != nil {
		return err
	}
	for _, f := range d.Fields {
		if err := c.allExecuted(f.Directives, fields); err != nil {
			return err
		}
		for _, a := range f.Arguments {
			if err := c.allExecuted(a.Directives, fields); err != nil {
				return err
			}
		}
	}
	for _, v := range d.EnumValues {
		if err := c.allExecuted(v.Directives, false); err != nil {
			return err
		}
	}
	return nil
}

func (c *customCheck) allExecuted(list ast.DirectiveList, runs bool) error {
	for _, d := range list {
		if !c.executed(d.Name, runs) {
			return at(d.Position, "%s", unexecuted(d.Name, "remove it"))
		}
	}
	return nil
}

// executed reports whether anything acts upon a directive; runs tells whether
// it stands where gqlgen runs directives.
func (c *customCheck) executed(name string, runs bool) bool {
	return slices.Contains(builtInDirectives, name) || slices.Contains(gqlgenDirectives, name) || runs && (c.custom.Directives.ForName(name) != nil || c.implemented[name].Implementation != nil)
}

// heeded refuses what an entgql annotation of a field or an edge asks for and
// the API would pass over.
func heeded(e *entity) error {
	for _, f := range e.Fields {
		a, err := annotation(e.Go[f].Annotations)
		if err == nil {
			err = oneName(e, a)
		}
		skips := a.Skip.Is(entgql.SkipEnumField) && !a.Skip.Is(entgql.SkipType)
		switch {
		case err != nil:
		case !listType.MatchString(f.Type):
			err = fmt.Errorf("entgql.Type(%q) is no type: write a name, in brackets if it is a list", f.Type)
		case f.Kind == model.Enum && skips:
			err = fmt.Errorf("the API declares each enum itself, with the values of its schema: take entgql.SkipEnumField out, and the enum's declaration out of graph/*.graphql, if there is one")
		case a.OrderField != "" && !f.Kind.Comparable():
			err = fmt.Errorf("records have no order by a value such as this: take entgql.OrderField out")
		}
		if err != nil {
			return fmt.Errorf("%s.%s: %w", e.Type.Name, f.Name, err)
		}
	}
	for _, ed := range e.Entity.Edges {
		a, err := annotation(e.Edges[ed].Annotations)
		if err == nil {
			err = oneName(e, a)
		}
		if err == nil {
			err = edgeHeeded(e, ed, a)
		}
		if err != nil {
			return fmt.Errorf("%s.%s: %w", e.Type.Name, ed.Name, err)
		}
	}
	return nil
}

func oneName(e *entity, a *entgql.Annotation) error {
	if len(a.Mapping) < 2 {
		return nil
	}
	return fmt.Errorf("the API has one field for it: leave one of the names in entgql.MapsTo, and write the others in graph/*.graphql if they are needed, "+
		"as in extend type %s { %s: … }", e.Name, a.Mapping[1])
}

func edgeHeeded(e *entity, ed *model.Edge, a *entgql.Annotation) error {
	if a.RelayConnection && ed.Unique {
		return fmt.Errorf("an edge to one record has no pages: take entgql.RelayConnection out")
	}
	if a.OrderField == "" {
		return nil
	}
	var names []string
	for _, o := range e.Orders() {
		if o.Edge == ed {
			names = append(names, o.Name)
		}
	}
	if slices.Contains(names, a.OrderField) {
		return nil
	}
	if len(names) == 0 {
		return fmt.Errorf("there is no order by what has entgql.Skip: take entgql.OrderField out")
	}
	return fmt.Errorf("an order by an edge is named after it and what it leads to: take entgql.OrderField(%q) out; the API has %s",
		a.OrderField, strings.Join(names, ", "))
}
