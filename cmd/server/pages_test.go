//go:build pages

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The playground that this binary embeds works on the example, in a browser; see
// core/server/pages_browser_test.go.
func TestThePlaygroundInABrowser(t *testing.T) {
	t.Parallel()
	if _, err := pages.Open("pages/manifest.json"); err != nil {
		t.Fatalf("there are no pages to test: go run ./cmd/pages builds them (%v)", err)
	}
	db := "sqlite:" + filepath.Join(t.TempDir(), "test.db")
	if out, err := exec.CommandContext(t.Context(), "go", "run", "../seed", "--quiet", "--db", db).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	url, end := startServer(t, db)
	cmd := exec.CommandContext(t.Context(), "node", "--test", "--test-name-pattern=first|wide|narrow", "test/playground.test.mjs")
	cmd.Dir, cmd.Env = filepath.Join("..", "..", "core", "server", "web"), append(os.Environ(), "COPPICE="+url)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if code := end(); code != 0 {
		t.Errorf("the exit code is %d", code)
	}
}
