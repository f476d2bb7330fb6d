package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice"
)

// What the README shows of a service that mounts the API builds, with what stands
// around it there.
func TestReadmesServiceBuilds(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Add it to a service\n")
	_, code, _ := strings.Cut(section, "```go\n")
	code, _, found := strings.Cut(code, "```")
	if !found || strings.Count(code, "\n") > 16 {
		t.Fatalf("the section shows %d lines:\n%s", strings.Count(code, "\n"), code)
	}
	dir := filepath.Join(t.TempDir(), "lending")
	p := &project{module: "example.com/lending", dir: dir, library: filepath.Join("..", "..")}
	if err := p.write(t.Context(), coppice.Files()); err != nil {
		t.Fatal(err)
	}
	service := `package service

import (
	"context"
	"log/slog"
	"net/http"

	"coppice/core/engine"
	"coppice/core/server"

	"example.com/lending/ent"
	"example.com/lending/graph"
	"example.com/lending/internal/database"
)

func authenticated(next http.Handler) http.Handler { return next }

func listMembers(http.ResponseWriter, *http.Request, *ent.Client) {}

func mount(ctx context.Context, mux *http.ServeMux, logger *slog.Logger) error {
` + code + `
	return http.ListenAndServe("127.0.0.1:0", mux)
}

var _ = mount
`
	if err := os.Mkdir(filepath.Join(dir, "service"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "service", "service.go"), []byte(service), 0o600); err != nil {
		t.Fatal(err)
	}
	runIn(t, dir, "go", "vet", "./service")
}
