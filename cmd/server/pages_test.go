//go:build pages

package main

import (
	"io"
	"net/http"
	"net/http/httptest"
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
	allowed, stranger := emptySite(t), emptySite(t)
	url, end := startServer(t, db, "--cors-origins", allowed)
	for _, args := range [][]string{
		{"--test-name-pattern=first|wide|narrow", "test/playground.test.mjs", "test/split.test.mjs"},
		{"test/data.test.mjs", "test/export.test.mjs", "test/delete.test.mjs", "test/write.test.mjs", "test/origins.test.mjs"},
	} {
		if testing.Short() && args[0] == "test/data.test.mjs" {
			continue // the library's tests drive these pages
		}
		cmd := exec.CommandContext(t.Context(), "node", append([]string{"--test", "--test-concurrency=1"}, args...)...)
		cmd.Dir, cmd.Env = filepath.Join("..", "..", "core", "server", "web"), append(os.Environ(), "COPPICE="+url, "ALLOWED="+allowed, "STRANGER="+stranger)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
	if code := end(); code != 0 {
		t.Errorf("the exit code is %d", code)
	}
}

// emptySite is the origin of another site, all of whose pages are empty.
func emptySite(t *testing.T) string {
	t.Helper()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!doctype html><html lang=en><title>Elsewhere</title>")
	}))
	t.Cleanup(site.Close)
	return site.URL
}
