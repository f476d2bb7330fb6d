package codegen_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// copyRoot copies this module, with its history left out.
func copyRoot(t *testing.T) *module {
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

// Another domain takes the place of the example's schemas, data and hand-written
// fields, and nothing else changes: every test builds, and the application's
// run. With COPPICE_SCALE all others run as well. With -short what is built is the
// application: the library imports nothing of it, which core/internal/house holds,
// and is vetted where it is.
func TestAnotherDomainTakesThePlaceOfTheExample(t *testing.T) {
	t.Parallel()
	m := copyRoot(t)
	m.remove("ent/schema", "seed/data", "graph/post.graphql", "graph/post.resolvers.go")
	m.copyAs("coppice", "testdata/schemas/shape", "ent/schema")
	m.copyAs("coppice", "testdata/schemas/shape/graph", "graph")
	m.remove("ent/schema/graph", "ent/schema/test")
	m.generate()
	if out, err := m.run("vet", "./..."); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	tests := []string{"test", "./graph", "./cmd/server", "./cmd/seed", "./internal/...", "./seed"}
	if os.Getenv("COPPICE_SCALE") != "" {
		tests = []string{"test", "-short", "./..."}
		for _, args := range [][]string{{"init", "--quiet"}, {"add", "--all"}} { // of what git is told, a test asks it
			git := exec.Command("git", args...)
			git.Dir = m.dir
			if out, err := git.CombinedOutput(); err != nil {
				t.Fatalf("git %v: %v\n%s", args, err, out)
			}
		}
	}
	if out, err := m.run(tests...); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
