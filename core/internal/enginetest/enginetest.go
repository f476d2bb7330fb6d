// Package enginetest gives tests databases of their own, on the engine that the
// environment says: what holds on one holds on each.
package enginetest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
)

// ServerVariable is the environment variable that holds the URL of a PostgreSQL server
// whose user may create databases. Where EngineVariable is postgres, tests run on it.
const (
	ServerVariable = "TEST_POSTGRES_URL"
	EngineVariable = "TEST_ENGINE"
)

// OnPostgres reports whether tests run on PostgreSQL.
func OnPostgres() bool { return os.Getenv(EngineVariable) == "postgres" }

// URL is that of a new and empty database, which is gone when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	if OnPostgres() {
		return Postgres(t)
	}
	return SQLite(t)
}

// SQLite is the URL of a new database of SQLite, for what is asked of it alone.
func SQLite(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "test.db")
}

// Postgres is the URL of a new and empty database of PostgreSQL.
func Postgres(t testing.TB) string {
	t.Helper()
	server := os.Getenv(ServerVariable)
	name := "coppice_test_" + rand.Text()
	run := func(query string) {
		t.Helper()
		ctx := context.Background() // the test's is over when it is cleaned up
		conn, err := pgx.Connect(ctx, server)
		if err != nil {
			t.Fatalf("%s: %v", ServerVariable, err)
		}
		defer func() { _ = conn.Close(ctx) }() // the statement is what matters
		if _, err := conn.Exec(ctx, query); err != nil {
			t.Fatal(err)
		}
	}
	name = pgx.Identifier{name}.Sanitize()
	run("CREATE DATABASE " + name)
	t.Cleanup(func() { run("DROP DATABASE " + name + " WITH (FORCE)") })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name[1:len(name)-1]
	return u.String()
}
