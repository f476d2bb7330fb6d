package mutation_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

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
	Errors []answerError
}

type answerError struct {
	Message    string
	Path       []any
	Extensions struct{ Code, Field string }
}

// memory is a database that nobody else opens.
func memory(t testing.TB) string {
	if enginetest.OnPostgres() {
		return enginetest.Postgres(t)
	}
	return "sqlite::memory:"
}

func file(t testing.TB) string { return enginetest.URL(t) }

// open serves a new database. What the server would log goes nowhere: the
// tests read the answers.
func open(t testing.TB, url string) *api {
	t.Helper()
	client, err := blog.Open(context.Background(), engine.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	a := &api{TB: t, client: client}
	t.Cleanup(a.close)
	opts := server.Defaults()
	opts.Logger = slog.New(slog.DiscardHandler)
	opts.Timeout = 0 // a slow machine is no failure here
	if a.handler, err = server.New(blog.API(client), opts); err != nil {
		t.Fatal(err)
	}
	return a
}

// close closes the database, if it is open yet.
func (a *api) close() {
	if a.client == nil {
		return
	}
	if err := a.client.Close(); err != nil {
		a.Error(err)
	}
	a.client = nil
}

// do runs a request and returns its response.
func (a *api) do(query string, vars map[string]any) answer {
	a.Helper()
	return a.read(a.send(a.body(query, vars)))
}

// body is a request as it goes over the wire.
func (a *api) body(query string, vars map[string]any) []byte {
	a.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": vars})
	if err != nil {
		a.Fatal(err)
	}
	return body
}

// send has the server answer a body.
func (a *api) send(body []byte) []byte {
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, r)
	return w.Body.Bytes()
}

func (a *api) read(body []byte) answer {
	a.Helper()
	var res answer
	if err := json.Unmarshal(body, &res); err != nil {
		a.Fatalf("%v in %s", err, body)
	}
	return res
}

// ok runs a request that must not fail, and reads its data into dest.
func (a *api) ok(dest any, query string, vars map[string]any) bool {
	a.Helper()
	res := a.do(query, vars)
	for _, e := range res.Errors {
		a.Errorf("%s: %s (%s)\n%s", e.Extensions.Code, e.Message, e.Extensions.Field, query)
		return false
	}
	if dest == nil {
		return true
	}
	if err := json.Unmarshal(res.Data, dest); err != nil {
		a.Errorf("%v in %s", err, res.Data)
		return false
	}
	return true
}

// rows reads everything that a statement selects.
func (a *api) rows(query string) [][]any {
	a.Helper()
	rows, err := a.client.QueryContext(context.Background(), query)
	if err != nil {
		a.Fatal(err)
	}
	defer func() {
		if err := rows.Close(); err != nil {
			a.Error(err)
		}
	}()
	columns, err := rows.Columns()
	if err != nil {
		a.Fatal(err)
	}
	var all [][]any
	for rows.Next() {
		row, dest := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			dest[i] = &row[i]
		}
		if err := rows.Scan(dest...); err != nil {
			a.Fatal(err)
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		a.Fatal(err)
	}
	return all
}
