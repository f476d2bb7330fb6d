package codegen_test

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// module is a project in a folder of its own, as cmd/new writes it.
type module struct {
	*testing.T
	dir string
}

// home is the module path of the tests' projects.
const home = "example.com/grown"

// programs are cmd/generate and cmd/new, and a project that the latter wrote, made
// once for all tests. They lie in the folder that is returned.
var programs = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "codegen")
	if err != nil {
		return "", err
	}
	for _, args := range [][]string{
		{"go", "build", "-trimpath", "-o", dir + string(filepath.Separator), "coppice/cmd/generate", "coppice/cmd/new"},
		{filepath.Join(dir, "new"), "-module", home, filepath.Join(dir, "project")},
	} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			return dir, fmt.Errorf("%w\n%s", err, out)
		}
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	dir, err := programs()
	m.Run()
	if err == nil {
		_ = os.RemoveAll(dir)
	}
}

// generatedBlog is a project with the schemas of the blog, and what is written by
// hand for them, generated once for all tests that begin with it.
var generatedBlog = sync.OnceValues(func() (string, error) {
	made, err := programs()
	if err != nil {
		return "", err
	}
	dir, from := filepath.Join(made, "blog"), filepath.Join("..", "internal", "fixture", "blog")
	if err := emptyProject(dir); err != nil {
		return "", err
	}
	if err := copySchemas(home, filepath.Join(from, "ent", "schema"), filepath.Join(dir, "ent", "schema")); err != nil {
		return "", err
	}
	for _, name := range []string{"graph/post.graphql", "graph/post.resolvers.go"} {
		text, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return "", err
		}
		own := strings.ReplaceAll(string(text), "coppice/core/internal/fixture/blog/", home+"/")
		if err := os.WriteFile(filepath.Join(dir, name), []byte(own), 0o644); err != nil {
			return "", err
		}
	}
	if out, err := generateIn(context.Background(), dir); err != nil {
		return "", fmt.Errorf("generate: %w\n%s", err, out)
	}
	return dir, nil
})

// newBlog is a copy of the generated project of the blog.
func newBlog(t *testing.T) *module {
	t.Helper()
	dir, err := generatedBlog()
	if err != nil {
		t.Fatal(err)
	}
	m := &module{T: t, dir: t.TempDir()}
	if err := os.CopyFS(m.dir, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return m
}

// newModule is a project without an entity.
func newModule(t *testing.T) *module {
	t.Helper()
	m := &module{T: t, dir: t.TempDir()}
	if err := emptyProject(m.dir); err != nil {
		t.Fatal(err)
	}
	return m
}

// emptyProject makes a project without an entity in a folder.
func emptyProject(dir string) error {
	made, err := programs()
	if err != nil {
		return err
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return err
	}
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(made, "project"))); err != nil {
		return err
	}
	if out, err := runIn(context.Background(), dir, "go", "mod", "edit", "-replace", "coppice="+root); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return errors.Join(os.RemoveAll(filepath.Join(dir, "ent")), os.Remove(filepath.Join(dir, "seed", "data", "items.yaml")))
}

// runIn runs a program in a folder and returns what it printed. What it builds is
// not told apart by the folder, so that projects with the same files build them once.
func runIn(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "COPPICE_SCALE=", "GOFLAGS="+os.Getenv("GOFLAGS")+" -trimpath -buildvcs=false")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// generateIn runs the generator in a project.
func generateIn(ctx context.Context, dir string) (string, error) {
	made, err := programs()
	if err != nil {
		return "", err
	}
	return runIn(ctx, dir, filepath.Join(made, "generate"))
}

// copy copies a folder of schemas, in which a project goes by the name of coppice.
func (m *module) copy(from, to string) {
	m.Helper()
	m.copyAs(home, from, to)
}

func (m *module) copyAs(project, from, to string) {
	m.Helper()
	if err := copySchemas(project, from, filepath.Join(m.dir, to)); err != nil {
		m.Fatal(err)
	}
}

func copySchemas(project, from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil || d.IsDir() {
			return errors.Join(err, os.MkdirAll(filepath.Join(to, rel), 0o755))
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), inProject(project, string(text)), 0o644)
	})
}

// run runs the go command and returns what it printed.
func (m *module) run(args ...string) (string, error) { return runIn(m.Context(), m.dir, "go", args...) }

// tryGenerate generates and returns what was printed.
func (m *module) tryGenerate() (string, error) { return generateIn(m.Context(), m.dir) }

// sampled reports whether a case is run: each one generates, which is slow, so that
// -short runs some of them only.
func sampled(name string) bool {
	return !testing.Short() || crc32.ChecksumIEEE([]byte(name))%4 == 0
}

// inShort has a project's own tests run with -short where ours do.
func inShort() string { return fmt.Sprintf("-short=%t", testing.Short()) }

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
	if err := os.WriteFile(filepath.Join(m.dir, name), inProject(home, content), 0o644); err != nil {
		m.Fatal(err)
	}
}

// inProject is a text with the import paths of a project.
func inProject(module, text string) []byte {
	return []byte(strings.NewReplacer(`"coppice/ent`, `"`+module+`/ent`, `"coppice/graph`, `"`+module+`/graph`, `"coppice/internal/database`, `"`+module+`/internal/database`).Replace(text))
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
			before, after := strings.Split(want[name], "\n"), strings.Split(got[name], "\n")
			at := 0
			for at < min(len(before), len(after))-1 && before[at] == after[at] {
				at++
			}
			m.Errorf("%s: %s is missing, or differs from line %d on: %q was %q", when, name, at+1, after[at], before[at])
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
	m := newBlog(t)
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
	m := newBlog(t)
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
