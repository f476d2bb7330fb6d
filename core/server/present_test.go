package server

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
		"a full disk":          {&fault.Full{Cause: errors.New(secret)}, `{"code":"UNAVAILABLE","retryAfterMs":1000}`, "no room", false},
		"no database":          {&fault.Unreachable{Cause: errors.New(secret)}, `{"code":"UNAVAILABLE","retryAfterMs":1000}`, "cannot be reached", false},
		"a policy":             {fmt.Errorf("ent: %w", privacy.Deny), `{"code":"FORBIDDEN"}`, "You are not allowed to do this.", false},
		"a policy's words":     {fmt.Errorf(secret+": %w", privacy.Denyf("sign in %s", "first")), `{"code":"FORBIDDEN"}`, "sign in first", false},
		"a deny among others":  {errors.Join(errors.New(secret), fmt.Errorf("query: %w", privacy.Denyf("sign in first"))), `{"code":"FORBIDDEN"}`, "sign in first", false},
		"a fault among others": {errors.Join(errors.New(secret), fmt.Errorf("ent: %w", fault.New(fault.Conflict, "It is closed."))), `{"code":"CONFLICT"}`, "It is closed.", false},
		"something else":       {fmt.Errorf("scan: %w", errors.New(secret)), `{"code":"INTERNAL"}`, "Something went wrong", true},
		"a driver's":           {sql.ErrTxDone, `{"code":"INTERNAL"}`, "Something went wrong", true},
		"an internal one":      {&fault.Error{Code: fault.Internal, Message: "x", Cause: errors.New(secret)}, `{"code":"INTERNAL"}`, "Something went wrong", true},
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

// Who held a lock is for the log; a developer is told as well.
func TestAProcessIsNamedInDevModeOnly(t *testing.T) {
	t.Parallel()
	locked := &fault.Locked{Holder: "sqlite3 (process 4711)", Waited: time.Second, Cause: errors.New("x")}
	for name, err := range map[string]error{"plain": locked, "in a fault": fault.From(locked)} {
		for _, dev := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, dev %t", name, dev), func(t *testing.T) {
				t.Parallel()
				opts := Defaults()
				opts.Dev = dev
				h, log := newTestHandler(t, opts, failing(err))
				text := postQuery(t, h, `{ posts { totalCount } }`, "").Body.String()
				if !strings.Contains(text, "UNAVAILABLE") || !strings.Contains(text, "busy with another write") {
					t.Errorf("got %s", text)
				}
				if strings.Contains(text, "sqlite3") != dev || strings.Contains(text, "4711") != dev {
					t.Errorf("got %s", text)
				}
				if !strings.Contains(log.String(), locked.Holder) {
					t.Errorf("the log is %s", log)
				}
			})
		}
	}
}

func TestErrorsThatResolversReport(t *testing.T) {
	t.Parallel()
	e := &testExecution{do: func(ctx context.Context, _ *graphql.OperationContext) *graphql.Response {
		graphql.AddError(ctx, fault.New(fault.Forbidden, "Only editors may do this."))
		graphql.AddError(ctx, &gqlerror.Error{Message: "Too many drafts.", Extensions: map[string]any{"code": "TOO_MANY_DRAFTS"}})
		graphql.AddErrorf(ctx, "a pointer was nil")
		graphql.AddError(ctx, &gqlerror.Error{Message: "Come back on Monday.", Extensions: map[string]any{"day": 1}})
		graphql.AddError(ctx, &gqlerror.Error{Err: errors.New("a pointer was nil"), Message: "Too late.", Extensions: map[string]any{"code": "TOO_LATE"}})
		graphql.RegisterExtension(ctx, "cost", 7)
		return &graphql.Response{Data: []byte(`{"a":1}`)}
	}}
	h, _ := newTestHandler(t, Defaults(), e)
	r := readReply(t, postQuery(t, h, `{ posts { totalCount } }`, "").Body)
	var codes []string
	for _, err := range r.Errors {
		codes = append(codes, err.Extensions["code"].(string))
	}
	if got := strings.Join(codes, " "); got != "FORBIDDEN TOO_MANY_DRAFTS INTERNAL INTERNAL TOO_LATE" {
		t.Errorf("codes are %s", got)
	}
	if r.Errors[3].Message != "Come back on Monday." || r.Errors[3].Extensions["day"] != 1.0 || r.Errors[3].Extensions["requestId"] == nil {
		t.Errorf("an error without a code: %+v", r.Errors[3])
	}
	if r.Errors[4].Message != "Too late." {
		t.Errorf("an error with a cause: %+v", r.Errors[4])
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
