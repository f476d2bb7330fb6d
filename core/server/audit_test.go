package server

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
)

// The audit is a program of npm's, which `npm ci` in core/server/audit installs. With
// COPPICE_AUDIT=1 it must be there.
func TestAudit(t *testing.T) {
	t.Parallel()
	const dir = "audit"
	if _, err := os.Stat(dir + "/node_modules"); err != nil && os.Getenv("COPPICE_AUDIT") != "1" {
		t.Skip("run `npm ci` in core/server/audit to have this tested")
	}
	opts := Defaults()
	opts.Introspection = true
	routes, _ := newServer(t, opts)
	server := httptest.NewServer(routes)
	defer server.Close()
	cmd := exec.CommandContext(t.Context(), "node", "audit.mjs", server.URL+"/graphql")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}
