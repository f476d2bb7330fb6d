// Package enginetest gives tests databases of their own, on the engine that the
// environment says: what holds on one holds on each.
package enginetest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
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

// Content is all that a database holds, as text: the bytes of a file of SQLite, and
// what stands beside it, or each table and row of PostgreSQL. It is "" where there is
// none, or nothing in it.
func Content(t testing.TB, target string) string {
	t.Helper()
	var b strings.Builder
	if file, ok := strings.CutPrefix(target, "sqlite:"); ok {
		entries, err := os.ReadDir(filepath.Dir(file))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			text, err := os.ReadFile(filepath.Join(filepath.Dir(file), e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "%s\n%s\n", e.Name(), text)
		}
		return b.String()
	}
	conn, err := pgx.Connect(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }() // it was only read
	list := func(query string) []string {
		t.Helper()
		rows, err := conn.Query(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		return texts
	}
	for _, table := range list("SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'v') ORDER BY 1") {
		fmt.Fprintln(&b, table)
		for _, row := range list("SELECT r::text FROM " + pgx.Identifier{table}.Sanitize() + " r ORDER BY 1") {
			fmt.Fprintln(&b, row)
		}
	}
	return b.String()
}

// Postgres is the URL of a new and empty database of PostgreSQL.
func Postgres(t testing.TB) string {
	t.Helper()
	server := os.Getenv(ServerVariable)
	if server == "" { // from which the driver would make a server that nobody named
		t.Fatalf("%s names no server of PostgreSQL", ServerVariable)
	}
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
