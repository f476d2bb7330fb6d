//go:build pages

package server

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"coppice/core/engine"
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/grove"
	"coppice/core/internal/fixture/rule"
	"coppice/core/pages"
	"coppice/core/record"
)

// The browser is driven by programs of npm's, which `npm ci` in core/server/web
// installs, and is a Chromium of the system: the tests are built where both are, with
// the tag pages. With -short each page is opened on one of the fixtures.
func TestPagesInABrowser(t *testing.T) {
	t.Chdir("../..") // where pages are built, as `make run` does it
	if code := pages.Run(t.Context(), os.Stderr, os.Stderr); code != 0 {
		t.Fatal("the pages cannot be built")
	}
	files := os.DirFS(filepath.Join("cmd", "server"))
	blogs := func(ctx context.Context, cfg engine.Config) (record.API, error) {
		client, err := blog.Open(ctx, cfg)
		return blog.API(client), err
	}
	rules := func(ctx context.Context, cfg engine.Config) (record.API, error) {
		client, err := rule.Open(ctx, cfg)
		return rule.API(client), err
	}
	groves := func(ctx context.Context, cfg engine.Config) (record.API, error) {
		client, err := grove.Open(ctx, cfg)
		return grove.API(client), err
	}
	allowed, stranger := emptySite(t), emptySite(t)
	for name, c := range map[string]struct {
		open  func(context.Context, engine.Config) (record.API, error)
		small bool
		args  []string
	}{
		"blog":           {blogs, false, []string{"test/playground.test.mjs", "test/split.test.mjs", "test/blog.test.mjs"}},
		"rule":           {rules, false, []string{"--test-name-pattern=first|wide", "test/playground.test.mjs", "test/split.test.mjs"}},
		"blog, data":     {blogs, false, []string{"test/data.test.mjs", "test/export.test.mjs"}},
		"rule, data":     {rules, false, []string{"test/data.test.mjs", "test/export.test.mjs"}},
		"blog, writes":   {blogs, false, []string{"test/delete.test.mjs", "test/write.test.mjs"}},
		"rule, writes":   {rules, false, []string{"test/delete.test.mjs", "test/write.test.mjs"}},
		"grove, writes":  {groves, false, []string{"test/delete.test.mjs", "test/write.test.mjs"}},
		"blog, origins":  {blogs, false, []string{"test/origins.test.mjs"}},
		"rule, origins":  {rules, false, []string{"test/origins.test.mjs"}},
		"blog, no build": {blogs, true, []string{"test/small.test.mjs"}},
		"rule, no build": {rules, true, []string{"test/small.test.mjs"}},
	} {
		if testing.Short() && !slices.Contains([]string{"rule", "blog, data", "rule, writes", "blog, origins", "rule, no build"}, name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			api, err := c.open(t.Context(), engine.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "test.db")})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = api.Client.Close() }()
			opts := Defaults()
			opts.Dev, opts.Introspection, opts.Logger = true, true, slog.New(slog.DiscardHandler)
			opts.Origins = []string{allowed}
			if !c.small {
				opts.Pages = files
			}
			routes, err := New(api, opts)
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(routes)
			defer server.Close()
			cmd := exec.CommandContext(t.Context(), "node", append([]string{"--test", "--test-concurrency=1"}, c.args...)...)
			cmd.Dir, cmd.Env = filepath.Join("core", "server", "web"), append(os.Environ(), "COPPICE="+server.URL, "ALLOWED="+allowed, "STRANGER="+stranger)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
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
