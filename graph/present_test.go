package graph

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/privacy"
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"coppice/core/fault"
)

// failing answers with one error at a path, and no data but null.
func failing(err error) *testExecution {
	return &testExecution{do: func(context.Context, *graphql.OperationContext) *graphql.Response {
		e := gqlerror.WrapPath(ast.Path{ast.PathName("posts"), ast.PathIndex(2)}, err)
		e.Locations = []gqlerror.Location{{Line: 1, Column: 3}}
		return &graphql.Response{Data: []byte("null"), Errors: gqlerror.List{e}}
	}}
}

func TestErrorsOfAnExecution(t *testing.T) {
	t.Parallel()
	const secret = "driver: SELECT * FROM secrets"
	for name, tc := range map[string]struct {
		err        error
		extensions string // but for the requestId
		message    string
		logged     bool
	}{
		"a fault":         {fault.Input("input.title", "input.title must not be empty."), `{"code":"BAD_USER_INPUT","field":"input.title"}`, "must not be empty", false},
		"a fault wrapped": {fmt.Errorf("apply: %w", fault.New(fault.NotFound, "There is no such post.").At("id")), `{"code":"NOT_FOUND","field":"id"}`, "no such post", false},
		"a fault with a cause": {&fault.Error{Code: fault.Conflict, Message: "That slug is taken.", Field: "input.slug", Cause: errors.New(secret)},
			`{"code":"CONFLICT","field":"input.slug"}`, "slug is taken", false},
		"a lock":          {&fault.Locked{Cause: errors.New(secret)}, `{"code":"UNAVAILABLE","retryAfterMs":1000}`, "busy", false},
		"no database":     {&fault.Unreachable{Cause: errors.New(secret)}, `{"code":"UNAVAILABLE","retryAfterMs":1000}`, "cannot be reached", false},
		"a policy":        {fmt.Errorf("ent: %w", privacy.Denyf(secret)), `{"code":"FORBIDDEN"}`, "not allowed", false},
		"something else":  {fmt.Errorf("scan: %w", errors.New(secret)), `{"code":"INTERNAL"}`, "Something went wrong", true},
		"a driver's":      {sql.ErrTxDone, `{"code":"INTERNAL"}`, "Something went wrong", true},
		"an internal one": {&fault.Error{Code: fault.Internal, Message: "x", Cause: errors.New(secret)}, `{"code":"INTERNAL"}`, "Something went wrong", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, log := newTestHandler(t, Defaults(), failing(tc.err))
			w := postQuery(t, h, `{ posts { totalCount } }`, "")
			text := w.Body.String()
			for _, leak := range []string{secret, "sql:", "ent:", "scan:"} {
				if strings.Contains(text, leak) {
					t.Errorf("%q is in %s", leak, text)
				}
			}
			r := readReply(t, strings.NewReader(text))
			e := r.Errors[0]
			id, _ := e.Extensions["requestId"].(string)
			delete(e.Extensions, "requestId")
			if got, _ := json.Marshal(e.Extensions); string(got) != tc.extensions {
				t.Errorf("extensions %s, want %s", got, tc.extensions)
			}
			if !strings.Contains(e.Message, tc.message) {
				t.Errorf("message %q lacks %q", e.Message, tc.message)
			}
			if fmt.Sprint(e.Path) != "[posts 2]" || len(e.Locations) != 1 || string(r.Data) != "null" {
				t.Errorf("path %v, locations %v, data %s", e.Path, e.Locations, r.Data)
			}
			if logged := log.Len() > 0; logged != tc.logged || logged != (id != "") || w.Header().Get("X-Request-Id") != id {
				t.Errorf("log %q, id %q, header %q", log, id, w.Header().Get("X-Request-Id"))
			}
			if tc.logged && !regexp.MustCompile(`level=ERROR .*requestId=`+id).Match(log.Bytes()) {
				t.Errorf("log is %s", log)
			}
		})
	}
}

func TestErrorsThatResolversReport(t *testing.T) {
	t.Parallel()
	e := &testExecution{do: func(ctx context.Context, _ *graphql.OperationContext) *graphql.Response {
		graphql.AddError(ctx, fault.New(fault.Forbidden, "Only editors may do this."))
		graphql.AddError(ctx, &gqlerror.Error{Message: "Too many drafts.", Extensions: map[string]any{"code": "TOO_MANY_DRAFTS"}})
		graphql.AddErrorf(ctx, "a pointer was nil")
		graphql.RegisterExtension(ctx, "cost", 7)
		return &graphql.Response{Data: []byte(`{"a":1}`)}
	}}
	h, _ := newTestHandler(t, Defaults(), e)
	r := readReply(t, postQuery(t, h, `{ posts { totalCount } }`, "").Body)
	var codes []string
	for _, err := range r.Errors {
		codes = append(codes, err.Extensions["code"].(string))
	}
	if got := strings.Join(codes, " "); got != "FORBIDDEN TOO_MANY_DRAFTS INTERNAL" {
		t.Errorf("codes are %s", got)
	}
	if strings.Contains(r.Errors[2].Message, "pointer") || string(r.Data) != `{"a":1}` || string(r.Extensions["cost"]) != "7" {
		t.Errorf("got %+v", r)
	}
}

func TestPanicsAreSurvived(t *testing.T) {
	t.Parallel()
	boom := true
	e := &testExecution{do: func(context.Context, *graphql.OperationContext) *graphql.Response {
		if boom {
			panic("a secret")
		}
		return &graphql.Response{Data: []byte(`{}`)}
	}}
	h, log := newTestHandler(t, Defaults(), e)
	w := postQuery(t, h, `{ posts { totalCount } }`, "", "Accept", mediaGraphQL)
	r := readReply(t, w.Body)
	if w.Code != http.StatusInternalServerError || r.code() != "INTERNAL" || r.Data != nil || strings.Contains(r.Errors[0].Message, "secret") {
		t.Errorf("got %d %+v", w.Code, r)
	}
	for _, want := range []string{"a secret", "present_test.go", r.extension("requestId")} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q: %s", want, log)
		}
	}
	boom = false
	if r := readReply(t, postQuery(t, h, `{ posts { totalCount } }`, "").Body); len(r.Errors) > 0 {
		t.Errorf("after the panic: %+v", r.Errors)
	}
}

func TestAnExecutionWithoutAnAnswerIsAnError(t *testing.T) {
	t.Parallel()
	e := &testExecution{do: func(context.Context, *graphql.OperationContext) *graphql.Response { return &graphql.Response{} }}
	h, _ := newTestHandler(t, Defaults(), e)
	if r := readReply(t, postQuery(t, h, `{ posts { totalCount } }`, "").Body); r.code() != "INTERNAL" {
		t.Errorf("got %+v", r)
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]func(context.Context) error{
		"the context's error": func(ctx context.Context) error { return ctx.Err() },
		"the driver's error":  func(context.Context) error { return errors.New("interrupted (9)") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := &testExecution{do: func(ctx context.Context, _ *graphql.OperationContext) *graphql.Response {
				<-ctx.Done()
				return &graphql.Response{Data: []byte("null"), Errors: gqlerror.List{gqlerror.Wrap(failure(ctx))}}
			}}
			opts := Defaults()
			opts.Timeout = 20 * time.Millisecond
			h, log := newTestHandler(t, opts, e)
			r := readReply(t, postQuery(t, h, `{ posts { totalCount } }`, "").Body)
			ext := r.Errors[0].Extensions
			if actual, _ := ext["actual"].(float64); ext["code"] != "LIMIT_EXCEEDED" || ext["limit"] != 20.0 || actual < 20 || !strings.Contains(r.Errors[0].Message, "20ms") {
				t.Errorf("got %+v", r.Errors[0])
			}
			if log.Len() > 0 {
				t.Errorf("log: %s", log)
			}
		})
	}
}

// A client that hangs up is no fault of the server's.
func TestAClientThatGoesAwayIsNotLoggedAsAnError(t *testing.T) {
	t.Parallel()
	e := &testExecution{do: func(ctx context.Context, _ *graphql.OperationContext) *graphql.Response {
		return &graphql.Response{Data: []byte("null"), Errors: gqlerror.List{gqlerror.Wrap(ctx.Err())}}
	}}
	h, log := newTestHandler(t, Defaults(), e)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/graphql?query={__typename}", nil)
	if err != nil {
		t.Fatal(err)
	}
	recordRequest(h, r)
	if strings.Contains(log.String(), "level=ERROR") || !strings.Contains(log.String(), "level=DEBUG") {
		t.Errorf("log: %s", log)
	}
}

// A response without data has a status of its own, unless it is plain JSON.
func TestStatusOfResponsesWithoutData(t *testing.T) {
	t.Parallel()
	for code, want := range map[fault.Code]int{
		fault.BadUserInput: 400, fault.LimitExceeded: 400, fault.Unauthenticated: 401, fault.Forbidden: 403,
		fault.Unavailable: 503, fault.Internal: 500,
	} {
		for _, data := range []json.RawMessage{nil, []byte("null")} {
			h, _ := newTestHandler(t, Defaults(), &testExecution{do: func(context.Context, *graphql.OperationContext) *graphql.Response {
				return &graphql.Response{Data: data, Errors: gqlerror.List{gqlerror.Wrap(fault.New(code, "x"))}}
			}})
			status := want
			if data != nil {
				status = 200
			}
			if w := postQuery(t, h, `{ __typename }`, "", "Accept", mediaGraphQL); w.Code != status {
				t.Errorf("%s with data %s: %d, want %d", code, data, w.Code, status)
			}
			if w := postQuery(t, h, `{ __typename }`, "", "Accept", mediaJSON); w.Code != 200 {
				t.Errorf("%s with data %s as plain JSON: %d", code, data, w.Code)
			}
		}
	}
}
