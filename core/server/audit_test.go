//go:build audit

package server

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
)

// requireModules fails unless npm's modules of a folder's programs are there. The
// tests that need them are built where they are, with the tag audit.
func requireModules(t *testing.T, folder string) {
	t.Helper()
	if _, err := os.Stat(folder + "/node_modules"); err != nil {
		t.Fatalf("The tests with the tag audit need npm's modules: run npm ci in core/server/%s.", folder)
	}
}

func audit(t *testing.T, program, path string) {
	t.Helper()
	requireModules(t, "audit")
	opts := Defaults()
	opts.Introspection = true
	routes, _ := newServer(t, opts)
	server := httptest.NewServer(routes)
	defer server.Close()
	cmd := exec.CommandContext(t.Context(), "node", program, server.URL+path)
	cmd.Dir = "audit"
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}

func TestAudit(t *testing.T) {
	t.Parallel()
	audit(t, "audit.mjs", "/graphql")
}

// graphql-js reads the schema's file back to the types that introspection tells of.
func TestSchemaFile(t *testing.T) {
	t.Parallel()
	audit(t, "schema.mjs", "")
}
