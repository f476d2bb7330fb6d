//go:build audit

package server

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
)

// The audits are programs of npm's, which `npm ci` in core/server/audit installs: the
// tests are built where that has been done, with the tag audit.
func audit(t *testing.T, program, path string) {
	t.Helper()
	if _, err := os.Stat("audit/node_modules"); err != nil {
		t.Fatalf("The audits are not installed: run npm ci in core/server/audit. (%v)", err)
	}
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
