package server

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/graph"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/introspection"
)

func introspectingServer(t *testing.T, change func(*Options)) func(query string) testReply {
	t.Helper()
	opts := Defaults()
	opts.Introspection = true
	if change != nil {
		change(&opts)
	}
	routes, _ := newServer(t, opts)
	return func(query string) testReply { return readReply(t, postQuery(t, routes, query, "").Body) }
}

// Tools ask for the whole schema with this query. gqlgen answers it too: but for
// what the specification says otherwise, the two agree.
func TestIntrospectionTellsTheWholeSchema(t *testing.T) {
	t.Parallel()
	ask := introspectingServer(t, nil)
	got := ask(introspection.NewQuery(introspection.QueryOptions{OneOf: true}))
	if len(got.Errors) > 0 {
		t.Fatal(got.Errors)
	}
	schema, err := loadSchema(blog.API(nil).Schema)
	if err != nil {
		t.Fatal(err)
	}
	h, _ := newTestHandler(t, Options{Introspection: true, PageSize: 1, PageMax: 1, MaxDepth: 15, MaxComplexity: 1, MaxAliases: 1, MaxTokens: 10_000, MaxInputDepth: 1, MaxInputs: 1}, &testExecution{})
	op, errs := h.prepare(introspection.NewQuery(introspection.QueryOptions{OneOf: true}), "")
	if errs != nil {
		t.Fatal(errs)
	}
	ctx := &graphql.OperationContext{Doc: op.document, Operation: op.definition, RecoverFunc: recoveredError,
		ResolverMiddleware:     func(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) },
		RootResolverMiddleware: func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler { return next(ctx) }}
	es := graph.NewExecutableSchema(graph.Config{Schema: schema, Resolvers: &graph.Resolver{}})
	answer := es.Exec(graphql.WithResponseContext(graphql.WithOperationContext(t.Context(), ctx), graphql.DefaultErrorPresenter, recoveredError))
	var ours, theirs map[string]any
	if err := json.Unmarshal(got.Data, &ours); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(answer(graphql.WithOperationContext(t.Context(), ctx)).Data, &theirs); err != nil {
		t.Fatal(err)
	}
	// The specification has null where a kind of type has no such list.
	var specified func(v any)
	specified = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				specified(e)
			}
		case map[string]any:
			for name, e := range v {
				if list, ok := e.([]any); ok && len(list) == 0 && name != "args" || name == "isOneOf" && v["kind"] != "INPUT_OBJECT" {
					v[name] = nil
				}
				specified(v[name])
			}
		}
	}
	specified(ours)
	specified(theirs)
	if !reflect.DeepEqual(ours, theirs) {
		a, _ := json.MarshalIndent(ours, "", " ")
		b, _ := json.MarshalIndent(theirs, "", " ")
		la, lb := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
		for i := range min(len(la), len(lb)) {
			if la[i] != lb[i] {
				t.Fatalf("line %d: %s\nwant %s", i, strings.Join(la[max(0, i-9):i+1], "\n"), lb[i])
			}
		}
		t.Error("one goes on for longer")
	}
}

func TestIntrospectionOfParts(t *testing.T) {
	t.Parallel()
	ask := introspectingServer(t, nil)
	for query, want := range map[string]string{
		`{ __type(name: "Nothing") { name } }`: `{"__type":null}`,
		`{ a: __type(name: "Post") { kind n: name __typename ...F fields { name @skip(if: true) __typename } } } fragment F on __Type { ofType { name } inputFields { name } }`:                        ``,
		`query($n: String = "UserRef") { __type(name: $n) { isOneOf fields { name } possibleTypes { name } } }`:                                                                                        `{"__type":{"isOneOf":true,"fields":null,"possibleTypes":null}}`,
		`{ time: __type(name: "Time") { specifiedByURL } big: __type(name: "BigInt") { specifiedByURL } post: __type(name: "Post") { specifiedByURL isOneOf } unused: __type(name: "UUID") { name } }`: `{"time":{"specifiedByURL":"https://www.rfc-editor.org/rfc/rfc3339"},"big":{"specifiedByURL":null},"post":{"specifiedByURL":null,"isOneOf":null},"unused":null}`,
		`{ __schema { description subscriptionType { name } queryType { name } } }`:                                                                                                                    `{"__schema":{"description":null,"subscriptionType":null,"queryType":{"name":"Query"}}}`,
		`{ __schema { directives { name } } }`:                                                         `{"__schema":{"directives":[{"name":"deprecated"},{"name":"include"},{"name":"oneOf"},{"name":"skip"},{"name":"specifiedBy"}]}}`,
		`{ __type(name: "Node") { possibleTypes { name } interfaces { name } } posts { totalCount } }`: ``,
	} {
		r := ask(query)
		if len(r.Errors) > 0 || want != "" && string(r.Data) != want {
			t.Errorf("%s: %+v %s", query, r.Errors, r.Data)
		}
	}
}

func TestIntrospectionIsBounded(t *testing.T) {
	t.Parallel()
	const wide = `{ types { ...T fields { type { ...T ofType { ...T } fields { ...F type { ...T fields { ...F } ofType { ...T fields { ...F } } } } } } } }`
	const part = ` fragment T on __Type { kind name description } fragment F on __Field { name description args { name description type { ...T } } }`
	ask := introspectingServer(t, func(o *Options) { o.Timeout, o.MaxAnswer = time.Hour, 1<<20 })
	for name, tc := range map[string]struct {
		query         string
		limit, actual float64
	}{
		"three deep":              {`{ __schema { types { fields { type { fields { type { inputFields { name } } } } } } } }`, 0, 0},
		"four deep":               {`{ __schema { types { fields { type { fields { type { inputFields { type { interfaces { name } } } } } } } } } }`, 3, 4},
		"in fragments":            {`{ __type(name: "Post") { ...A } } fragment A on __Type { fields { type { ...B } } } fragment B on __Type { possibleTypes { ...C } } fragment C on __Type { interfaces { fields { name } } }`, 3, 4},
		"of one's own fields":     {`{ posts { edges { node { id } } } }`, 0, 0},
		"as many types by ofType": {`{ __type(name: "Post") { fields { type { ofType { ofType { ofType { ofType { ofType { name } } } } } } } } }`, 0, 0},
		"too long an answer":      {`{` + numbered(50, "a%d: __schema "+wide+" ") + `}` + part, 1 << 20, -1},
	} {
		r := ask(tc.query)
		if tc.limit == 0 {
			if len(r.Errors) > 0 {
				t.Errorf("%s: %v", name, r.Errors)
			}
			continue
		}
		if r.code() != "LIMIT_EXCEEDED" || len(r.Errors) != 1 || r.Errors[0].Extensions["limit"] != tc.limit || tc.actual > 0 && r.Errors[0].Extensions["actual"] != tc.actual {
			t.Errorf("%s: %v", name, r.Errors)
		}
	}
	late := introspectingServer(t, func(o *Options) { o.Timeout, o.MaxAnswer = time.Millisecond, 1<<31 })
	if r := late(`{` + numbered(50, "a%d: __schema "+wide+" ") + `}` + part); r.code() != "LIMIT_EXCEEDED" || !strings.Contains(r.Errors[0].Message, "longer than") {
		t.Errorf("timeout: %v", r.Errors)
	}
}

// A directive that nothing executes is neither told of nor taken.
func TestOnlyWhatIsExecutedIsADirective(t *testing.T) {
	t.Parallel()
	ask := introspectingServer(t, nil)
	for _, query := range []string{
		`{ ...F @defer } fragment F on Query { __typename }`, `{ ... @defer(if: true, label: "x") { __typename } }`, `{ posts @stream { totalCount } }`,
		`query @defer { __typename }`, `{ __typename @deprecated }`, `{ __typename @oneOf }`, `query($a: Int @deprecated) { posts(first: $a) { totalCount } }`,
	} {
		if r := ask(query); r.code() != "GRAPHQL_VALIDATION_FAILED" || r.Data != nil {
			t.Errorf("%s: %v %s", query, r.Errors, r.Data)
		}
	}
}
