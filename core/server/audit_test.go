//go:build audit

package server

import (
	"net/http/httptest"
	"os/exec"
	"testing"
)

// The audit is a program of npm's, which `npm ci` in core/server/audit installs: the
// test is built where that has been done, with the tag audit.
func TestAudit(t *testing.T) {
	t.Parallel()
	const dir = "audit"
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
