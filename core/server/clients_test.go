//go:build clients

package server

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/seeder"
)

// newClient returns a copy of the folder of a client in core/server/clients, for what
// its tools write, in which npm's modules are found.
func newClient(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	modules, err := filepath.Abs("clients/node_modules")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(modules); err != nil {
		t.Fatalf("The clients are not installed: run npm ci in core/server/clients. (%v)", err)
	}
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("clients", name))); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// runIn runs a program in a folder, which must succeed. The tests in node's
// programs are node's own.
func runIn(t *testing.T, dir, program string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.WaitDelay = time.Second // for what the program started
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatalf("%s %s: %v", program, strings.Join(args, " "), err)
	}
}

// newFolder makes a folder in another, and returns its path.
func newFolder(t *testing.T, dir, name string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// newBlog is the URL of a database with made-up records.
func newBlog(t *testing.T) string {
	t.Helper()
	db := newDatabase(t)
	args := []string{"--db", db, "--quiet", "--fake", "users=12,tags=8,posts=60,comments=150", "--rand", "7"}
	var stderr strings.Builder
	app := seeder.App[*ent.Client]{Project: ent.Coppice(), Open: blog.Open, Data: blog.Data()}
	if code := seeder.Run(t.Context(), args, strings.NewReader(""), io.Discard, &stderr, environment(), app); code != 0 {
		t.Fatal(stderr.String())
	}
	return db
}

// saveSchema writes what a server serves as its schema into a folder.
func saveSchema(t *testing.T, url, dir string) {
	t.Helper()
	res, err := http.Get(url + "/schema.graphql")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res.Status, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "schema.graphql"), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// The client preset's types fit what the server answers, and its persisted
// documents are operations of --persisted.
func TestClientsCodegen(t *testing.T) {
	t.Parallel()
	db, dir := newBlog(t), newClient(t, "codegen")
	url, _ := start(t, "--db", db)
	saveSchema(t, url, dir)
	runIn(t, dir, "node_modules/.bin/graphql-codegen", "--config", "codegen.mjs")
	runIn(t, dir, "node_modules/.bin/tsc", "--project", ".")
	runIn(t, dir, "node", "out/program.js", url)

	operations := newFolder(t, dir, "operations")
	if err := os.Rename(filepath.Join(dir, "src/gql/persisted-documents.json"), filepath.Join(operations, "persisted-documents.json")); err != nil {
		t.Fatal(err)
	}
	only, _ := start(t, "--db", db, "--persisted", "only:"+operations)
	runIn(t, dir, "node", "out/program.js", only, "hash")
}

// Relay pages, asks again by node, and keeps its connections up to date, and what
// its compiler persists are operations of --persisted.
func TestClientsRelay(t *testing.T) {
	t.Parallel()
	db, dir := newBlog(t), newClient(t, "relay")
	url, _ := start(t, "--db", db)
	saveSchema(t, url, dir)
	newFolder(t, dir, "__generated__")
	runIn(t, dir, "node_modules/.bin/relay-compiler", "--noWatchman")
	runIn(t, dir, "node", "Posts.js", url)

	only, _ := start(t, "--db", db, "--persisted", "only:"+filepath.Join(dir, "operations"))
	runIn(t, dir, "node", "Posts.js", only, "id")
}

// Apollo Client pages, keeps its cache by id, and sends a document once.
func TestClientsApollo(t *testing.T) {
	t.Parallel()
	url, _ := start(t, "--db", newBlog(t))
	runIn(t, newClient(t, "apollo"), "node", "apollo.mjs", url)
}

// urql's graphcache takes the schema by introspection, and keeps lists and records
// by it.
func TestClientsURQL(t *testing.T) {
	t.Parallel()
	url, _ := start(t, "--db", newBlog(t))
	runIn(t, newClient(t, "urql"), "node", "urql.mjs", url)
}

// graphql-inspector finds the schema's file without fault, and what changes in it.
func TestClientsInspector(t *testing.T) {
	t.Parallel()
	url, _ := start(t, "--db", newDatabase(t))
	dir := newClient(t, "inspector")
	saveSchema(t, url, dir)
	operations, err := filepath.Abs("clients/codegen/src/operations.ts")
	if err != nil {
		t.Fatal(err)
	}
	runIn(t, dir, "node", "inspector.mjs", "schema.graphql", operations)
}
