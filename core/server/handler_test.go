package server

import (
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"coppice/core/engine"
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
)

// openDatabase opens a new database for one test.
func openDatabase(t testing.TB) *ent.Client {
	t.Helper()
	client, err := blog.Open(t.Context(), engine.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "test.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return client
}

// newServer returns all routes over a new database.
func newServer(t testing.TB, opts Options) (http.Handler, *ent.Client) {
	t.Helper()
	client := openDatabase(t)
	opts.Logger = slog.New(slog.DiscardHandler)
	routes, err := New(blog.API(client), opts)
	if err != nil {
		t.Fatal(err)
	}
	return routes, client
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		dev          bool
		method, path string
		status       int
	}{
		"playground":                  {true, "GET", "/", 200},
		"playground with a query":     {true, "GET", "/?query={__typename}", 200},
		"playground outside dev mode": {false, "GET", "/", 404},
		"data outside dev mode":       {false, "GET", "/data", 404},
		"assets outside dev mode":     {false, "GET", "/assets/first.graphql", 404},
		"graphql":                     {false, "GET", "/graphql?query={__typename}", 200},
		"graphql by HEAD":             {false, "HEAD", "/graphql?query={__typename}", 200},
		"healthz":                     {false, "GET", "/healthz", 200},
		"readyz":                      {false, "GET", "/readyz", 200},
		"readyz by POST":              {false, "POST", "/readyz", 405},
		"anything else":               {true, "GET", "/favicon.ico", 404},
		"below graphql":               {true, "GET", "/graphql/x", 404},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := Defaults()
			opts.Dev = tc.dev
			routes, _ := newServer(t, opts)
			if w := sendRequest(routes, tc.method, tc.path, ""); w.Code != tc.status {
				t.Errorf("status %d, want %d: %s", w.Code, tc.status, w.Body)
			}
		})
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	routes, client := newServer(t, Defaults())
	if w := sendRequest(routes, "GET", "/readyz", ""); w.Code != 200 {
		t.Errorf("a new database: %d", w.Code)
	}
	if _, err := client.ExecContext(t.Context(), "ALTER TABLE posts DROP COLUMN rating"); err != nil {
		t.Fatal(err)
	}
	w := sendRequest(routes, "GET", "/readyz", "")
	if w.Code != 503 || strings.Contains(w.Body.String(), "rating") {
		t.Errorf("a schema without a column: %d %s", w.Code, w.Body)
	}
	if w := sendRequest(routes, "GET", "/healthz", ""); w.Code != 200 {
		t.Errorf("healthz: %d", w.Code)
	}
	closed, other := newServer(t, Defaults())
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if w := sendRequest(closed, "GET", "/readyz", ""); w.Code != 503 {
		t.Errorf("a closed database: %d", w.Code)
	}
}

// The whole way, from HTTP to the database and back.
func TestRequestsOnADatabase(t *testing.T) {
	t.Parallel()
	opts := Defaults()
	opts.Dev, opts.Introspection = true, true
	routes, _ := newServer(t, opts)
	const create = `mutation($in: CreatePostInput!) { createPost(input: $in) { title author { username } } }`
	r := readReply(t, postQuery(t, routes, create, `{"in":{"slug":"a-b","title":"A","body":"","author":{"create":{"username":"ada","email":"ada@example.org"}}}}`, "X-Explain", "sql").Body)
	if string(r.Data) != `{"createPost":{"title":"A","author":{"username":"ada"}}}` || !strings.Contains(string(r.Extensions["sql"]), "COMMIT") {
		t.Errorf("create: %+v", r)
	}
	r = readReply(t, postQuery(t, routes, `{ posts(where: {title: "A"}) { edges { node { slug } } } }`, "", "X-Explain", "plan").Body)
	if string(r.Data) != `{"posts":{"edges":[{"node":{"slug":"a-b"}}]}}` || !strings.Contains(string(r.Extensions["sql"]), `index.Fields(\"title\")`) {
		t.Errorf("query: %s %s", r.Data, r.Extensions["sql"])
	}
	r = readReply(t, postQuery(t, routes, `{ __type(name: "Post") { name } }`, "").Body)
	if string(r.Data) != `{"__type":{"name":"Post"}}` {
		t.Errorf("introspection: %+v", r)
	}
	for name, tc := range map[string]struct{ query, code, field string }{
		"a literal its own scalar refuses": {`{ posts(where: {createdAt: 99999999999999999999}) { totalCount } }`, "BAD_USER_INPUT", "where.createdAt"},
		"a cursor that is none":            {`{ posts(after: "x") { totalCount } }`, "BAD_USER_INPUT", "after"},
		"a condition of null":              {`{ posts(where: {rating: null}) { totalCount } }`, "BAD_USER_INPUT", "where.rating"},
		"a reference to nothing":           {`mutation { createPost(input: {slug: "x", title: "x", body: "", author: {username: "nobody"}}) { id } }`, "NOT_FOUND", "input.author"},
		"a key that is taken":              {`mutation { createPost(input: {slug: "a-b", title: "x", body: "", author: {username: "ada"}}) { id } }`, "CONFLICT", "input.slug"},
		"a value that a validator refuses": {`mutation { createTag(input: {name: "NO"}) { id } }`, "BAD_USER_INPUT", "input.name"},
		"an edge that is missing":          {`mutation { createPost(input: {slug: "x", title: "x", body: ""}) { id } }`, "BAD_USER_INPUT", "input.author"},
	} {
		if r := readReply(t, postQuery(t, routes, tc.query, "").Body); r.code() != tc.code || r.field() != tc.field || len(r.Errors[0].Path) == 0 {
			t.Errorf("%s: %+v", name, r.Errors)
		}
	}
}
