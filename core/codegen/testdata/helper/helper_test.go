package graph_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/ent"
	"coppice/graph"
	"coppice/internal/database"

	"coppice/core/engine"
	"coppice/core/seed"
	"coppice/core/server"
)

type object = map[string]any

// api is the project's API on a new database.
type api struct {
	*testing.T
	client  *ent.Client
	handler http.Handler
}

// fresh is a new database.
func fresh(t *testing.T) *ent.Client {
	t.Helper()
	client, err := database.Open(t.Context(), engine.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "test.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// load loads a set of seed records.
func load(t *testing.T, client *ent.Client, set *seed.Set) *seed.Summary {
	t.Helper()
	done, err := set.Load(t.Context(), ent.Coppice().Of(client), seed.Options{Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// dump writes a database out, into the folder that is returned.
func dump(t *testing.T, client *ent.Client) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "dump")
	if _, err := seed.Dump(t.Context(), ent.Coppice().Of(client), dir, seed.DumpOptions{IncludeSensitive: true}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// files are those of a folder, by name.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(text)
	}
	return all
}

func open(t *testing.T) *api {
	t.Helper()
	client := fresh(t)
	h, err := server.New(graph.API(client, graph.Config{Resolvers: &graph.Resolver{}}), server.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	return &api{t, client, h}
}

// failure is an error of the API.
type failure struct {
	Message    string
	Path       []any
	Extensions struct{ Code, Field string }
}

// send posts a request and returns the answer's data and errors.
func (a *api) send(query string, vars object) (json.RawMessage, []failure) {
	a.Helper()
	body, err := json.Marshal(object{"query": query, "variables": vars})
	if err != nil {
		a.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, r)
	var out struct {
		Data   json.RawMessage
		Errors []failure
	}
	if err := json.NewDecoder(w.Body).Decode(&out); err != nil {
		a.Fatalf("%s: %v", query, err)
	}
	return out.Data, out.Errors
}

// into runs a request that must not fail.
func (a *api) into(v any, query string, vars object) {
	a.Helper()
	data, errs := a.send(query, vars)
	if len(errs) > 0 {
		a.Fatalf("%s: %+v", query, errs)
	}
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		a.Fatalf("%s: %v in %.500s", query, err, data)
	}
}
