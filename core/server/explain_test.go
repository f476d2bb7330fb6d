package server

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"coppice/core/internal/statement"
)

// traced runs two statements, as far as a recorder can tell.
func traced(plans *bool) *testExecution {
	return &testExecution{do: func(ctx context.Context, _ *graphql.OperationContext) *graphql.Response {
		res := &graphql.Response{Data: []byte("{}")}
		r := statement.FromContext(ctx)
		if r == nil {
			return res
		}
		*plans = r.Plans
		r.Add(statement.Statement{
			SQL: "SELECT 1", Duration: 1234567 * time.Nanosecond, Rows: 2, Path: []any{"posts", "author"}, Plan: []string{"SEARCH posts"},
			Args: []any{nil, true, int64(1) << 62, 1.5, math.Inf(1), "a", []byte{1, 2, 255}, time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC), uuid.UUID{}},
		})
		r.Add(statement.Statement{SQL: "COMMIT", Duration: time.Microsecond})
		return res
	}}
}

func TestSQLView(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		dev    bool
		header []string
		shown  bool
		plans  bool
		code   string
	}{
		"asked in dev mode":        {dev: true, header: []string{"X-Explain", "sql"}, shown: true},
		"with plans":               {dev: true, header: []string{"x-explain", "plan"}, shown: true, plans: true},
		"not asked":                {dev: true},
		"asked outside dev mode":   {header: []string{"X-Explain", "plan"}},
		"asked for something else": {dev: true, header: []string{"X-Explain", "yes"}, code: "BAD_REQUEST"},
		"nonsense outside dev":     {header: []string{"X-Explain", "yes"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := Defaults()
			opts.Dev = tc.dev
			var plans bool
			h, _ := newTestHandler(t, opts, traced(&plans))
			r := readReply(t, postQuery(t, h, `{ posts { totalCount } }`, "", tc.header...).Body)
			if r.code() != tc.code || (r.Extensions["sql"] != nil) != tc.shown || plans != tc.plans {
				t.Fatalf("got %+v, plans %t", r, plans)
			}
			const want = `{"totalMs":1.236,"statements":[` +
				`{"sql":"SELECT 1","args":[null,true,4611686018427387904,1.5,"+Inf","a","AQL/","2026-01-02T03:04:05.000006Z","00000000-0000-0000-0000-000000000000"],` +
				`"durationMs":1.235,"rows":2,"path":["posts","author"],"plan":["SEARCH posts"]},` +
				`{"sql":"COMMIT","args":[],"durationMs":0.001,"rows":0,"path":[]}]}`
			if got := string(r.Extensions["sql"]); tc.shown && got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// What failed is what one wants to see the SQL of.
func TestSQLViewOfAFailure(t *testing.T) {
	t.Parallel()
	opts := Defaults()
	opts.Dev = true
	h, _ := newTestHandler(t, opts, &testExecution{do: func(ctx context.Context, _ *graphql.OperationContext) *graphql.Response {
		statement.FromContext(ctx).Add(statement.Statement{SQL: "ROLLBACK"})
		return &graphql.Response{Data: []byte("null"), Errors: gqlerror.List{gqlerror.Wrap(errors.New("x"))}}
	}})
	r := readReply(t, postQuery(t, h, `mutation { __typename }`, "", "X-Explain", "sql").Body)
	if r.code() != "INTERNAL" || !strings.Contains(string(r.Extensions["sql"]), "ROLLBACK") || !json.Valid(r.Extensions["sql"]) {
		t.Errorf("got %+v", r)
	}
}
