package query_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"coppice/core/engine"
	"coppice/core/internal/enginetest"
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/server"
)

// api is the whole API over a database of its own.
type api struct {
	testing.TB
	client  *ent.Client
	handler http.Handler
}

// answer is a response.
type answer struct {
	Data   json.RawMessage
	Errors []struct {
		Message    string
		Path       []any
		Extensions struct {
			Code, Field   string
			Limit, Actual int
		}
	}
	Extensions struct {
		SQL struct {
			Statements []struct {
				SQL  string
				Args []any
				Rows int
				Path []any
				Plan []string

				Advice []string
			}
		}
	}
}

func open(t testing.TB, change ...func(*server.Options)) *api {
	t.Helper()
	return openOn(t, enginetest.URL(t), change...)
}

// openSQLite is open for what SQLite alone is asked.
func openSQLite(t testing.TB, change ...func(*server.Options)) *api {
	t.Helper()
	return openOn(t, enginetest.SQLite(t), change...)
}

func openOn(t testing.TB, url string, change ...func(*server.Options)) *api {
	t.Helper()
	return openWaiting(t, url, 0, change...)
}

// openWaiting is openOn with a bound of its own for the wait for locks.
func openWaiting(t testing.TB, url string, lockWait time.Duration, change ...func(*server.Options)) *api {
	t.Helper()
	client, err := blog.Open(context.Background(), engine.Config{URL: url, LockWait: lockWait})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	opts := server.Defaults()
	opts.Dev, opts.Introspection = true, true
	for _, c := range change {
		c(&opts)
	}
	h, err := server.New(blog.API(client), opts)
	if err != nil {
		t.Fatal(err)
	}
	return &api{TB: t, client: client, handler: h}
}

// do runs a request and returns its response.
func (a *api) do(query string, vars map[string]any) answer {
	a.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": vars})
	if err != nil {
		a.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Explain", "plan")
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, r)
	var res answer
	if err := json.Unmarshal(w.Body.Bytes(), &res); err != nil {
		a.Fatalf("%v in %s", err, w.Body)
	}
	return res
}

// ok runs a request that must not fail, and returns its data.
func (a *api) ok(query string, vars map[string]any) answer {
	a.Helper()
	res := a.do(query, vars)
	for _, e := range res.Errors {
		a.Fatalf("%s: %s at %v (%s)\n%s", e.Extensions.Code, e.Message, e.Path, e.Extensions.Field, query)
	}
	return res
}

// want runs a request and compares its data.
func (a *api) want(query, data string) answer {
	a.Helper()
	res := a.ok(query, nil)
	if got := string(res.Data); got != data {
		a.Errorf("%s\n got %s\nwant %s", query, got, data)
	}
	return res
}

// refuse runs a request that must fail with a code at a field.
func (a *api) refuse(query, code, field string) answer {
	a.Helper()
	res := a.do(query, nil)
	switch {
	case len(res.Errors) != 1:
		a.Errorf("%s\n got %d errors, data %s", query, len(res.Errors), res.Data)
	case res.Errors[0].Extensions.Code != code || res.Errors[0].Extensions.Field != field:
		a.Errorf("%s\n got %s at %q: %s\nwant %s at %q", query, res.Errors[0].Extensions.Code, res.Errors[0].Extensions.Field,
			res.Errors[0].Message, code, field)
	case strings.Contains(res.Errors[0].Message, "ent:") || strings.Contains(res.Errors[0].Message, "SQL"):
		a.Errorf("%s\ntells too much: %s", query, res.Errors[0].Message)
	}
	return res
}

// statements lists the SQL that a response's request ran, transactions left
// out.
func (r answer) statements() []string {
	var list []string
	for _, s := range r.Extensions.SQL.Statements {
		switch strings.ToUpper(strings.Fields(s.SQL)[0]) {
		case "BEGIN", "COMMIT", "ROLLBACK":
		default:
			list = append(list, s.SQL)
		}
	}
	return list
}

// blog fills a database: three users, with posts whose ratings repeat and are
// partly null, tags and comments.
func (a *api) blog() *api {
	a.Helper()
	a.ok(`mutation {
		a: createUser(input: {username: "ada", email: "ada@example.org", name: "Ada"}) { id }
		b: createUser(input: {username: "bob", email: "bob@example.org", following: [{username: "ada"}]}) { id }
		c: createUser(input: {username: "cyd", email: "cyd@example.org", following: [{username: "ada"}, {username: "bob"}],
			profile: {create: {bio: "here", links: ["https://example.org"]}}}) { id }
	}`, nil)
	posts := []struct{ slug, author, more string }{
		{"one", "ada", `rating: 4.5, tags: [{connectOrCreate: {name: "go"}}, {connectOrCreate: {name: "sql"}}],
			comments: [{create: {body: "first", author: {username: "bob"}}}, {create: {body: "second", author: {username: "cyd"}}}]`},
		{"two", "ada", `rating: 3, tags: [{name: "go"}], publishedAt: "2026-01-02T03:04:05.678901+02:00"`},
		{"three", "bob", `tags: [{name: "sql"}], comments: [{create: {body: "third", author: {username: "ada"}}}]`},
		{"four", "bob", `rating: 3, status: PUBLISHED, publishedAt: "2026-01-01T00:00:00Z"`},
		{"five", "ada", ``},
		{"six", "cyd", `rating: 4.5, viewCount: 7`},
	}
	for _, p := range posts {
		a.ok(`mutation { createPost(input: {slug: "`+p.slug+`", title: "The `+p.slug+`", body: "b", author: {username: "`+p.author+`"}, `+p.more+`}) { id } }`, nil)
	}
	return a
}
