package codegen_test

import (
	"strings"
	"testing"
)

const hookOfItsOwn = `package schema

import (
	"context"
	"net/url"

	"entgo.io/ent"
	"entgo.io/ent/schema/field"

	gen "coppice/ent"
	"coppice/ent/hook"
)

// Gadget is an entity.
type Gadget struct{ ent.Schema }

// Fields of Gadget.
func (Gadget) Fields() []ent.Field { return []ent.Field{FIELD} }

// Hooks of Gadget.
func (Gadget) Hooks() []ent.Hook {
	return []ent.Hook{hook.On(func(next ent.Mutator) ent.Mutator {
		return hook.GadgetFunc(func(ctx context.Context, m *gen.GadgetMutation) (ent.Value, error) { return next.Mutate(ctx, m) })
	}, ent.OpCreate)}
}

// Box is JSON.
type Box struct{ A int }
`

// What ent refuses and what Go does are told by the schema's own place, whether
// or not generated code is needed to read it. Nothing is written.
func TestWhatEntOrGoCannotReadIsToldByItsPlace(t *testing.T) {
	t.Parallel()
	m := newBlog(t)
	want := tree(t, m.dir)
	hooked := func(field string) string { return strings.Replace(hookOfItsOwn, "FIELD", field, 1) }
	dotted := `field.Enum("x").Values("a.b")`
	const says = `: Gadget.x: the value "a.b" makes no name in Go: give it one with NamedValues`
	for name, c := range map[string]struct{ schema, says string }{
		"a value that is no name":           {entity("Gadget", dotted), "ent/schema/gadget.go:9" + says},
		"a value that is none, with a hook": {strings.Replace(hooked(dotted), "\t\"net/url\"\n", "", 1), "ent/schema/gadget.go:14" + says},
		"no Go, with a hook":                {hooked(`field.String("x")`), `ent/schema/gadget.go:5:2: "net/url" imported and not used`},
		"a module that go.mod lacks":        {strings.Replace(entity("Gadget", `field.String("x").GoType(xid.ID(""))`), "import (", "import (\n\t\"example.com/xid\"\n", 1), `ent/schema/gadget.go:4:2: the package example.com/xid is not found: run go get example.com/xid, if go.mod lacks its module (`},
		"an id that is known by a pointer":  {strings.Replace(entity("Gadget", `field.String("id").GoType(&sql.NullString{})`), "import (", "import (\n\t\"database/sql\"\n", 1), `Gadget.id: two values of its Go type *sql.NullString that hold the same are not equal by ==`},
		"an id that holds a pointer":        {strings.Replace(entity("Gadget", `field.String("id").GoType(sql.NullTime{})`), "import (", "import (\n\t\"database/sql\"\n", 1), `Gadget.id: two values of its Go type sql.NullTime that`},
		"a type beside a hook":              {hooked(`field.JSON("x", &url.URL{}), field.JSON("y", Box{})`), "ent/schema/gadget.go:15: Gadget.y: its Go type schema.Box is of the package ent/schema, which imports generated code"},
	} {
		m.write("ent/schema/gadget.go", c.schema)
		out, err := m.tryGenerate()
		if err == nil || !strings.Contains(out, c.says) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		m.remove("ent/schema/gadget.go")
		m.same(want, name)
	}
}
