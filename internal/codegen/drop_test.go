package codegen_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// adopt replaces the module's schemas and what is written by hand for them by
// those of a folder.
func (m *module) adopt(from string) {
	m.Helper()
	m.remove("ent/schema", "seed/data", "graph/post.graphql", "graph/post.resolvers.go")
	if err := os.Mkdir(filepath.Join(m.dir, "seed/data"), 0o755); err != nil {
		m.Fatal(err)
	}
	m.write("seed/data/.keep", "")
	if err := os.CopyFS(filepath.Join(m.dir, "ent/schema"), os.DirFS(from)); err != nil {
		m.Fatal(err)
	}
	for _, own := range []string{"graph", "internal/conformance"} {
		name := filepath.Base(own)
		if _, err := os.Stat(filepath.Join(m.dir, "ent/schema", name)); err != nil {
			continue
		}
		if err := os.CopyFS(filepath.Join(m.dir, own), os.DirFS(filepath.Join(from, name))); err != nil {
			m.Fatal(err)
		}
		m.remove("ent/schema/" + name)
	}
}

// What a write must not break is told by schemas with tests of their own.
func TestAWriteBreaksNoRule(t *testing.T) {
	t.Parallel()
	m := copyModule(t)
	m.adopt("testdata/rule")
	m.generate()
	if out, err := m.run("test", "-count=1", "-run", "TestRules", "./internal/conformance"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func (m *module) remove(names ...string) {
	m.Helper()
	for _, name := range names {
		if err := os.RemoveAll(filepath.Join(m.dir, name)); err != nil {
			m.Fatal(err)
		}
	}
}

// Any schemas drop in: those of each group of testdata are generated from,
// built, and driven over HTTP by the conformance tests.
func TestAnySchemaDropsIn(t *testing.T) {
	t.Parallel()
	groups, err := filepath.Glob("testdata/schemas/*")
	if err != nil || len(groups) == 0 {
		t.Fatal(groups, err)
	}
	for _, group := range groups {
		t.Run(filepath.Base(group), func(t *testing.T) {
			t.Parallel()
			m := copyModule(t)
			m.adopt(group)
			m.generate()
			first := tree(t, m.dir)
			if out, err := m.run("test", "-count=1", "./internal/conformance"); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			m.generate()
			m.same(first, "generating once more")
		})
	}
}

// What no Go or GraphQL can be generated for is refused before anything is
// written, with what to rename.
func TestNamesThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	m := copyModule(t)
	want := tree(t, m.dir)
	for name, c := range map[string]struct{ schema, says string }{
		"a field that is a method":       {entity("Gadget", `field.String("string")`), `Gadget.string: the generated Go has a String of its own: rename the field`},
		"a field that is a predicate":    {entity("Gadget", `field.String("and")`), `Gadget.and`},
		"two fields of one name in Go":   {entity("Gadget", `field.String("url"), field.String("URL")`), `Gadget.URL: url has the same name in Go`},
		"an entity that the API has":     {entity("Node", `field.String("x")`), "rename the entity in ent/schema"},
		"an entity that GraphQL has":     {entity("Subscription", `field.String("x")`), "rename the entity in ent/schema"},
		"an entity of the generated Go":  {entity("Typed", `field.String("x")`), "rename the entity Typed"},
		"an entity that another implies": {entity("PostConnection", `field.String("x")`), "PostConnection"},
		"a field that another implies":   {entity("Gadget", `field.Int("size"), field.Int("sizeIn")`), "sizeIn"},
		"a field that GraphQL keeps":     {entity("Gadget", `field.String("__x")`), "__x"},
		"a view without an id":           {"package schema\n\nimport \"entgo.io/ent\"\n\n// Gadget is a view.\ntype Gadget struct{ ent.View }\n", "Gadget: the API tells records apart"},
		"a name that the example has":    {entity("Users", `field.String("x")`), "Users"},
		"two schemas that are no Go":     {"package schema\n\ntype Gadget struct{ ent.Schema \n", "gadget.go"},
	} {
		m.write("ent/schema/gadget.go", c.schema)
		out, err := m.tryGenerate()
		if err == nil || !strings.Contains(out, c.says) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		m.remove("ent/schema/gadget.go")
		delete(want, "ent/schema/gadget.go")
		m.same(want, name)
	}
	m.generate()
	m.same(want, "after all that was refused")
}

func entity(name, fields string) string {
	return strings.NewReplacer("NAME", name, "FIELDS", fields).Replace(`package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
)

// NAME is an entity.
type NAME struct{ ent.Schema }

// Fields of NAME.
func (NAME) Fields() []ent.Field { return []ent.Field{FIELDS} }
`)
}
