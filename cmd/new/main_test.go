package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"coppice"
)

// A new project tests itself, serves and seeds, and holds few files to read.
func TestNewProjectWorks(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "lending")
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"-module", "example.com/lending", dir}, &stdout, &stderr); code != 0 || !strings.Contains(stdout.String(), dir) {
		t.Fatalf("exit code %d\n%s%s", code, &stdout, &stderr)
	}
	generated := "// Code generated"
	var written []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if first, _, _ := strings.Cut(string(text), "\n"); !strings.HasPrefix(strings.Replace(first, "#", "//", 1), generated) && !strings.Contains(path, "/internal/schema.go") {
			written = append(written, path)
		}
		return err
	})
	if err != nil || len(written) >= 25 {
		t.Errorf("%d files are to be read: %s %v", len(written), written, err)
	}
	runIn(t, dir, "go", "vet", "./...")
	runIn(t, dir, "go", "test", fmt.Sprintf("-short=%t", testing.Short()), "./...")
	if out := runIn(t, dir, "go", "run", "./cmd/seed"); !strings.Contains(out, "items") {
		t.Errorf("the seeder says %s", out)
	}
	// The program that builds the pages is the library's, and says so where it cannot.
	builder := filepath.Join(t.TempDir(), "pages")
	runIn(t, dir, "go", "build", "-o", builder, "coppice/cmd/pages")
	if out := runIn(t, dir, "env", "PATH="+t.TempDir(), builder); !strings.Contains(out, "there is no node here") {
		t.Errorf("without Node, the builder of the pages says %s", out)
	}
	before, err := os.ReadFile(filepath.Join(dir, "graph/ent.graphql"))
	if err != nil {
		t.Fatal(err)
	}
	runIn(t, dir, "go", "generate", "./...")
	after, err := os.ReadFile(filepath.Join(dir, "graph/ent.graphql"))
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("generating again changes the schema, %v", err)
	}
}

func runIn(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS="+os.Getenv("GOFLAGS")+" -trimpath -buildvcs=false")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func TestWhatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "notes.txt"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no module":            {[]string{"x"}, 2, "-module is missing"},
		"a bad module":         {[]string{"-module", "a b", "x"}, 2, "-module: malformed"},
		"our own":              {[]string{"-module", "coppice/x", "x"}, 2, "Coppice's own"},
		"no folder":            {[]string{"-module", "example.com/x"}, 2, "there must be one folder"},
		"an unknown flag":      {[]string{"-force", "x"}, 2, "-force"},
		"a folder with a file": {[]string{"-module", "example.com/x", full}, 1, "is not empty: it holds notes.txt"},
		"a file":               {[]string{"-module", "example.com/x", filepath.Join(full, "notes.txt")}, 1, "name a new folder"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stderr bytes.Buffer
			if code := run(t.Context(), c.args, &bytes.Buffer{}, &stderr); code != c.code || !strings.Contains(stderr.String(), c.says) {
				t.Errorf("exit code %d: %s", code, &stderr)
			}
		})
	}
	if _, err := os.Stat("x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("x was written: %v", err)
	}
}

// A project that cannot be generated leaves no trace.
func TestFailureLeavesNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	there, dir := t.TempDir(), filepath.Join(t.TempDir(), "new")
	for _, d := range []string{there, dir} {
		p := &project{module: "example.com/x", dir: d, library: filepath.Join("..", "..")}
		if err := p.write(ctx, coppice.Files()); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	}
	entries, err := os.ReadDir(there)
	if err != nil || len(entries) > 0 {
		t.Errorf("%v is left: %v", entries, err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the new folder is left: %v", err)
	}
}
