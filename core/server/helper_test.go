package server

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/query"
)

// testReply is a response as a client reads it.
type testReply struct {
	Data   json.RawMessage
	Errors []struct {
		Message    string
		Path       []any
		Locations  []struct{ Line, Column int }
		Extensions map[string]any
	}
	Extensions map[string]json.RawMessage
}

// code is the code of the first error, or "".
func (r testReply) code() string { return r.extension("code") }

// field is the argument at fault of the first error, or "".
func (r testReply) field() string { return r.extension("field") }

func (r testReply) extension(name string) string {
	if len(r.Errors) == 0 {
		return ""
	}
	s, _ := r.Errors[0].Extensions[name].(string)
	return s
}

func readReply(t *testing.T, body io.Reader) testReply {
	t.Helper()
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	var r testReply
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatalf("response is no JSON: %v\n%s", err, text)
	}
	return r
}

// testExecution answers in the engine's place, and keeps what it was asked.
type testExecution struct {
	ran atomic.Pointer[graphql.OperationContext]
	do  func(context.Context, *graphql.OperationContext) *graphql.Response
}

func (e *testExecution) run(ctx context.Context, op *graphql.OperationContext, _ *query.Plans) *graphql.Response {
	e.ran.Store(op)
	if e.do != nil {
		return e.do(ctx, op)
	}
	return &graphql.Response{Data: []byte(`{"ok":true}`)}
}

// newTestHandler returns a handler on the project's schema that e executes
// for, and its log.
func newTestHandler(t testing.TB, opts Options, e *testExecution) (*httpHandler, *bytes.Buffer) {
	t.Helper()
	schema, err := loadSchema(blog.API(nil).Schema)
	if err != nil {
		t.Fatal(err)
	}
	log := &bytes.Buffer{}
	opts.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h, err := newHandler(ent.Coppice(), schema, opts)
	if err != nil {
		t.Fatal(err)
	}
	h.execute = e.run
	return h, log
}

// postQuery sends an operation with variables, given as JSON or "".
func postQuery(t testing.TB, h http.Handler, query, variables string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	body := map[string]any{"query": query}
	if variables != "" {
		body["variables"] = json.RawMessage(variables)
	}
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return sendRequest(h, http.MethodPost, "/graphql", string(text), append([]string{"Content-Type", "application/json"}, headers...)...)
}

func sendRequest(h http.Handler, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	addHeaders(r, headers)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// newRequest is a GET request with headers, each a name and a value.
func newRequest(target string, headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, target, http.NoBody)
	addHeaders(r, headers)
	return r
}

func addHeaders(r *http.Request, headers []string) {
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
}

func recordRequest(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
