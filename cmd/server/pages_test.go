//go:build pages

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The pages that this binary embeds work on the example, in a browser; see
// core/server/pages_browser_test.go.
func TestPagesInABrowser(t *testing.T) {
	t.Parallel()
	if _, err := pages.Open("pages/manifest.json"); err != nil {
		t.Fatalf("there are no pages to test: go run ./cmd/pages builds them (%v)", err)
	}
	db := "sqlite:" + filepath.Join(t.TempDir(), "test.db")
	if out, err := exec.CommandContext(t.Context(), "go", "run", "../seed", "--quiet", "--db", db).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	url, end := startServer(t, db)
	for _, args := range [][]string{
		{"--test", "--test-name-pattern=first|wide|narrow", "test/playground.test.mjs", "test/split.test.mjs"},
		{"--test", "test/data.test.mjs"},
	} {
		cmd := exec.CommandContext(t.Context(), "node", args...)
		cmd.Dir, cmd.Env = filepath.Join("..", "..", "core", "server", "web"), append(os.Environ(), "COPPICE="+url)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
	if code := end(); code != 0 {
		t.Errorf("the exit code is %d", code)
	}
}
