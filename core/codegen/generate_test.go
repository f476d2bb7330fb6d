package codegen_test

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// module is a copy of this module in a folder of its own.
type module struct {
	*testing.T
	dir string
}

func copyModule(t *testing.T) *module {
	t.Helper()
	m := &module{T: t, dir: t.TempDir()}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		switch {
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules" || d.Name() == "bin"):
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(m.dir, rel), 0o755)
		case strings.Contains(d.Name(), ".db"):
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(m.dir, rel), b, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// run runs the go command and returns what it printed. What the copies have in
// common is compiled once for all, since no path of theirs is in it.
func (m *module) run(args ...string) (string, error) {
	cmd := exec.CommandContext(m.Context(), "go", args...)
	cmd.Dir = m.dir
	cmd.Env = append(os.Environ(), "GOFLAGS="+os.Getenv("GOFLAGS")+" -trimpath -buildvcs=false")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// generator is cmd/generate, built once for all copies of the module.
var generator = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "generator")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "generate")
	out, err := exec.Command("go", "build", "-o", name, "coppice/cmd/generate").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, out)
	}
	return name, err
})

func TestMain(m *testing.M) {
	name, err := generator()
	m.Run()
	if err == nil {
		_ = os.RemoveAll(filepath.Dir(name))
	}
}

// tryGenerate generates and returns what was printed.
func (m *module) tryGenerate() (string, error) {
	m.Helper()
	name, err := generator()
	if err != nil {
		m.Fatal(err)
	}
	cmd := exec.CommandContext(m.Context(), name)
	cmd.Dir = m.dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (m *module) generate() {
	m.Helper()
	if out, err := m.tryGenerate(); err != nil {
		m.Fatalf("generate: %v\n%s", err, out)
	}
}

func (m *module) build() {
	m.Helper()
	// All that depends on the schemas; linking the commands would tell nothing more.
	if out, err := m.run("build", "./ent/...", "./graph/...", "./seed", "./internal/..."); err != nil {
		m.Fatalf("build: %v\n%s", err, out)
	}
}

func (m *module) write(name, content string) {
	m.Helper()
	if err := os.WriteFile(filepath.Join(m.dir, name), []byte(content), 0o644); err != nil {
		m.Fatal(err)
	}
}

func (m *module) read(name string) string {
	m.Helper()
	b, err := os.ReadFile(filepath.Join(m.dir, name))
	if err != nil {
		m.Fatal(err)
	}
	return string(b)
}

// tree is the content of every file below ent and graph.
func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, dir := range []string{"ent", "graph"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			rel, _ := filepath.Rel(root, path)
			files[rel] = string(b)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func (m *module) same(want map[string]string, when string) {
	m.Helper()
	got := tree(m.T, m.dir)
	for name := range want {
		if got[name] != want[name] {
			m.Errorf("%s: %s differs or is missing", when, name)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			m.Errorf("%s: %s is left over", when, name)
		}
	}
}

const book = `package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
)

// Book is a book.
type Book struct{ ent.Schema }

// Fields of Book.
func (Book) Fields() []ent.Field {
	return []ent.Field{field.String("title").Unique(), field.Int("pages").Optional()}
}

// Edges of Book.
func (Book) Edges() []ent.Edge {
	return []ent.Edge{edge.To("owner", User.Type).Unique().Required(), edge.To("readers", User.Type)}
}
`

// Generating is slow, so that one copy of the module goes through a life: G1,
// G2 and G4 of the traps.
func TestTheSchemaGrowsAndShrinksCleanly(t *testing.T) {
	t.Parallel()
	m := copyModule(t)
	want := tree(t, m.dir)
	m.generate()
	m.same(want, "generating what is committed")

	m.write("ent/schema/book.go", book)
	m.generate()
	m.build()
	sdl := m.read("graph/ent.graphql")
	for _, part := range []string{"type Book implements Node", `bookByTitle("Its title." title: String!): Book`, "input CreateBookInput", "owner: User!", "BOOKS"} {
		if strings.Contains(sdl, part) == (part == "BOOKS") {
			t.Errorf("the grown schema and %q", part)
		}
	}
	if !strings.Contains(m.read("ent/migrate/schema.go"), `"book_book_owner"`) {
		t.Error("the foreign key of Book.owner has no index")
	}

	m.write("ent/schema/book.go", strings.NewReplacer(`"title"`, `"name"`, `, field.Int("pages").Optional()`, "").Replace(book))
	m.generate()
	m.build()
	if sdl := m.read("graph/ent.graphql"); !strings.Contains(sdl, "bookByName") || strings.Contains(sdl, " pages: ") {
		t.Error("a renamed and a removed field are not followed")
	}

	if err := os.Remove(filepath.Join(m.dir, "ent/schema/book.go")); err != nil {
		t.Fatal(err)
	}
	m.generate()
	m.build()
	m.same(want, "after removing what was added")
}

// G3: what the generator cannot serve is an error that names it.
func TestWhatCannotBeServedIsAnError(t *testing.T) {
	t.Parallel()
	m := copyModule(t)
	want := tree(t, m.dir)
	m.write("graph/bad.graphql", "extend type Query {\n  recent: PostConnection!\n}\n")
	out, err := m.tryGenerate()
	if err == nil || !strings.Contains(out, "graph/bad.graphql:2: Query.recent") || !strings.Contains(out, "PostConnection") {
		t.Errorf("%v\n%s", err, out)
	}
	m.remove("graph/bad.graphql")
	m.same(want, "after an error")
	m.write("graph/bad.graphql", "extend type Post { title: String! }\n")
	if out, err := m.tryGenerate(); err == nil || !strings.Contains(out, "title") {
		t.Errorf("a field twice: %v\n%s", err, out)
	}
}
