package codegen_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// However the last generation ended, the next one ends at the same tree.
func TestGeneratingMendsWhatIsBroken(t *testing.T) {
	t.Parallel()
	m := newBlog(t)
	want := tree(t, m.dir)
	for _, c := range []struct {
		name   string
		damage func()
	}{
		{"killed while the schemas were loaded", func() {
			m.write("ent/runtime.go", "// +build tools\n"+m.read("ent/runtime.go"))
		}},
		{"killed while it wrote", func() {
			m.write("ent/post.go", m.read("ent/post.go")[:100])
			m.write("graph/generated.go", m.read("graph/generated.go")[:100])
			m.write("graph/custom_gen.go", "")
		}},
		{"only the schemas are left", func() {
			m.remove("graph/generated.go", "graph/custom_gen.go", "graph/model/models_gen.go", "graph/ent.graphql")
			entries, err := os.ReadDir(filepath.Join(m.dir, "ent"))
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				if e.Name() != "schema" {
					m.remove("ent/" + e.Name())
				}
			}
		}},
		{"a merge left its marks", func() {
			m.write("ent/mutation.go", "<<<<<<< ours\n"+m.read("ent/mutation.go")+">>>>>>> theirs\n")
		}},
	} {
		c.damage()
		m.generate()
		m.same(want, c.name)
	}
	m.build()
}

// Schemas may use the generated code, in hooks and policies; then that must
// build for them to be read, and is first made again from its last schemas.
func TestGeneratingMendsWhatTheSchemasNeed(t *testing.T) {
	t.Parallel()
	m := newModule(t)
	m.adopt("testdata/schemas/shape")
	m.generate()
	want := tree(t, m.dir)
	m.write("ent/mutation.go", "<<<<<<< ours\n"+m.read("ent/mutation.go")+">>>>>>> theirs\n")
	m.write("ent/hook/hook.go", "")
	m.generate()
	m.same(want, "after a merge left its marks")
}

const shelf = `package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
)

// Shelf is where books stand.
type Shelf struct{ ent.Schema }

// Fields of Shelf.
func (Shelf) Fields() []ent.Field {
	return []ent.Field{field.Enum("place").Values("CELLAR", "ATTIC").Optional(), field.Int("order").Default(1)}
}

// Edges of Shelf.
func (Shelf) Edges() []ent.Edge {
	return []ent.Edge{edge.To("books", Book.Type), edge.To("above", Shelf.Type).Unique().From("below").Unique()}
}
`

// Fields, edges, enum values, entities and files come, are renamed and go, in
// one step or in many, and nothing is left over.
func TestTheSchemaChangesOverTime(t *testing.T) {
	t.Parallel()
	m := newBlog(t)
	want := tree(t, m.dir)
	m.write("ent/schema/book.go", book)
	m.write("ent/schema/shelf.go", shelf)
	m.write("graph/book.graphql", "extend type Book {\n  shout: String!\n}\n")
	m.generate()
	m.build()
	if stub := m.read("graph/book.resolvers.go"); !strings.Contains(stub, "Shout(") {
		t.Errorf("the stub is\n%s", stub)
	}

	m.remove("ent/schema/shelf.go")
	m.write("ent/schema/furniture.go", strings.NewReplacer(`"ATTIC"`, `"LOFT", "HALL"`, `"order"`, `"position"`, `"books"`, `"volumes"`, "Shelf", "Rack").Replace(shelf))
	m.generate()
	m.build()
	sdl := m.read("graph/ent.graphql")
	for _, gone := range []string{"Shelf", "ATTIC", "books: ", "order: Int"} {
		if part := sdl[strings.Index(sdl, "type Rack "):strings.Index(sdl, "enum RackOrderField")]; strings.Contains(part, gone) {
			t.Errorf("%s is still there", gone)
		}
	}

	// What is written by hand for an entity that goes fails as what it is.
	m.remove("ent/schema/book.go", "ent/schema/furniture.go")
	out, err := m.tryGenerate()
	if err == nil || !strings.Contains(out, "graph/book.graphql:1: there is no type Book to extend") {
		t.Errorf("an extension of nothing: %v\n%s", err, out)
	}
	m.remove("graph/book.graphql")
	out, err = m.tryGenerate()
	if err == nil {
		out, err = m.run("build", "./...")
	}
	if err == nil || !strings.Contains(out, "book.resolvers.go") {
		t.Errorf("a resolver of nothing: %v\n%s", err, out)
	}
	for _, generated := range []string{"ent/", "generated.go", "custom_gen.go"} {
		for line := range strings.Lines(out) {
			if strings.HasPrefix(line, generated) || strings.HasPrefix(line, "graph/"+generated) {
				t.Errorf("generated code fails: %s", line)
			}
		}
	}
	m.remove("graph/book.resolvers.go")
	m.generate()
	m.build()
	m.same(want, "after all that went")
}
