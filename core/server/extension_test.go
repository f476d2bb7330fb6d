package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/apollotracing"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"coppice/core/internal/fixture/blog/ent"
)

// gqlgen's own extensions run unchanged.
func TestGqlgensExtensionsRun(t *testing.T) {
	t.Parallel()
	opts := Defaults()
	opts.Extensions = []graphql.HandlerExtension{apollotracing.Tracer{}, extension.FixedComplexityLimit(6)}
	h, _ := newServer(t, opts)
	r := readReply(t, postQuery(t, h, `{ users { edges { node { name } } } }`, "").Body)
	var tracing struct {
		Version   int
		StartTime string
		Duration  int64
	}
	if err := json.Unmarshal(r.Extensions["tracing"], &tracing); err != nil || tracing.Version != 1 || tracing.Duration <= 0 || strings.HasPrefix(tracing.StartTime, "0001") {
		t.Errorf("%+v %v", tracing, err)
	}
	r = readReply(t, postQuery(t, h, `{ users { edges { node { name username email id createdAt } } } }`, "").Body)
	if r.code() != "COMPLEXITY_LIMIT_EXCEEDED" || r.Data != nil {
		t.Errorf("%+v", r)
	}
}

// tracer notes where it is called.
type tracer struct {
	name string
	seen *[]string
}

func (x tracer) note(format string, args ...any) {
	*x.seen = append(*x.seen, x.name+" "+fmt.Sprintf(format, args...))
}

func (tracer) ExtensionName() string { return "tracer" }

func (tracer) Validate(schema graphql.ExecutableSchema) error {
	if schema.Schema().Types["Post"] == nil {
		return errors.New("there are no posts")
	}
	return nil
}

func (x tracer) MutateOperationParameters(_ context.Context, raw *graphql.RawParams) *gqlerror.Error {
	x.note("parameters")
	raw.Query = strings.ReplaceAll(raw.Query, "everybody", "users")
	return nil
}

func (x tracer) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	x.note("context")
	if op.Operation.Name == "Secret" {
		return gqlerror.Errorf("not for you")
	}
	return nil
}

func (x tracer) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	x.note("operation")
	return next(ctx)
}

func (x tracer) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	graphql.RegisterExtension(ctx, x.name, "was here")
	res := next(ctx)
	x.note("response %d", len(res.Errors))
	return res
}

func (x tracer) InterceptRootField(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	f := graphql.GetRootFieldContext(ctx)
	x.note("root %s.%s", f.Object, f.Field.Name)
	switch f.Field.Alias {
	case "forbidden":
		graphql.AddError(ctx, errForbidden)
		return graphql.Null
	case "other":
		return graphql.MarshalString("another answer")
	}
	return next(ctx)
}

func (x tracer) InterceptField(ctx context.Context, next graphql.Resolver) (any, error) {
	x.note("field %s", graphql.GetFieldContext(ctx).Field.Name)
	return next(ctx)
}

var errForbidden = errors.New("no")

// Each hook of an extension is called in its order, the first extension outermost,
// for generated fields and for those that are written by hand.
func TestExtensionsSeeEachOperation(t *testing.T) {
	t.Parallel()
	var seen []string
	opts := Defaults()
	opts.Extensions = []graphql.HandlerExtension{tracer{"a", &seen}, tracer{"b", &seen}}
	h, client := newServer(t, opts)
	client.User.Create().SetUsername("ann").SetEmail("ann@example.org").SaveX(t.Context())
	for query, want := range map[string]string{
		`{ everybody { totalCount } }`:                                               `{"users":{"totalCount":1}}`,
		`{ other: users { totalCount } }`:                                            `{"other":"another answer"}`,
		`{ forbidden: userByUsername(username: "ann") { id } users { totalCount } }`: `{"forbidden":null,"users":{"totalCount":1}}`,
	} {
		seen = nil
		r := readReply(t, postQuery(t, h, query, "").Body)
		if string(r.Data) != want || string(r.Extensions["a"]) != `"was here"` || (len(r.Errors) > 0) != strings.Contains(query, "forbidden") {
			t.Errorf("%s: %+v", query, r)
		}
		if want := []string{"a parameters", "b parameters", "a context", "b context", "a operation", "b operation", "a root Query"}; len(seen) < 7 || strings.Join(want, ",") != strings.Join(slices.Concat(seen[:6], []string{seen[6][:12]}), ",") {
			t.Errorf("%s: %q", query, seen)
		}
	}
	seen = nil
	if r := readReply(t, postQuery(t, h, `query Secret { users { totalCount } }`, "").Body); r.code() != "BAD_REQUEST" || r.Errors[0].Message != "not for you" {
		t.Errorf("%+v", r)
	}
	r := readReply(t, postQuery(t, h, `mutation { createPost(input: {slug: "a", title: "A", body: "b", author: {username: "ann"}}) { excerpt } }`, "").Body)
	if string(r.Data) != `{"createPost":{"excerpt":"b"}}` || !slices.Contains(seen, "a root Mutation.createPost") || !slices.Contains(seen, "b field excerpt") {
		t.Errorf("%+v %q", r, seen)
	}
	r = readReply(t, postQuery(t, h, `mutation { createTag(input: {name: "kept"}) { id } forbidden: createTag(input: {name: "gone"}) { id } }`, "").Body)
	if n := client.Tag.Query().CountX(t.Context()); n != 0 || string(r.Data) != "null" || r.code() != "INTERNAL" {
		t.Errorf("%d tags are left of a mutation that middleware refused: %+v", n, r)
	}
}

// The error presenter has the last word, and finds the error itself.
func TestErrorsArePresentedByTheProject(t *testing.T) {
	t.Parallel()
	var seen []string
	opts := Defaults()
	opts.Extensions = []graphql.HandlerExtension{tracer{"a", &seen}}
	opts.ErrorPresenter = func(ctx context.Context, err error) *gqlerror.Error {
		presented := graphql.DefaultErrorPresenter(ctx, err)
		if errors.Is(err, errForbidden) {
			presented.Message, presented.Extensions["code"] = "Ask Ann.", "ASK_ANN"
		}
		return presented
	}
	h, _ := newServer(t, opts)
	r := readReply(t, postQuery(t, h, `{ forbidden: users { totalCount } }`, "").Body)
	if r.code() != "ASK_ANN" || r.Errors[0].Message != "Ask Ann." {
		t.Errorf("%+v", r)
	}
}

// What cannot be an extension is told of at the start.
func TestExtensionsAreValidated(t *testing.T) {
	t.Parallel()
	for says, x := range map[string]graphql.HandlerExtension{"extension idle: a server.idle does none": idle{}, "extension idle: not here": idle{errors.New("not here")}} {
		opts := Defaults()
		opts.Extensions = []graphql.HandlerExtension{x}
		if _, err := New(blogAPI(t), opts); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v", err)
		}
	}
}

type idle struct{ err error }

func (idle) ExtensionName() string                     { return "idle" }
func (x idle) Validate(graphql.ExecutableSchema) error { return x.err }

// Routes, middleware and jobs of a project's own run beside the API, and end with
// it.
func TestAProjectHasRoutesMiddlewareAndJobs(t *testing.T) {
	t.Parallel()
	ended := make(chan string, 2)
	configure := func(client *ent.Client, o *Options) {
		o.Routes = func(mux *http.ServeMux) {
			mux.HandleFunc("GET /users", func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprint(w, client.User.Query().CountX(r.Context()))
			})
		}
		for _, name := range []string{"outer", "inner"} {
			o.Middleware = append(o.Middleware, func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Add("X-By", name)
					next.ServeHTTP(w, r)
				})
			})
		}
		o.Jobs = append(o.Jobs, func(ctx context.Context) error {
			<-ctx.Done()
			ended <- "job"
			return ctx.Err()
		})
	}
	url, stop := startWith(t, configure, "--db", newDatabase(t))
	res, err := http.Get(url + "/users")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if string(text) != "0" || strings.Join(res.Header["X-By"], " ") != "outer inner" {
		t.Errorf("%s %v", text, res.Header)
	}
	if code := stop(); code != 0 || <-ended != "job" {
		t.Errorf("exit code %d", code)
	}
}

// A job that fails ends the server.
func TestAJobThatFailsEndsTheServer(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	code := runBlogWith(t.Context(), func(_ *ent.Client, o *Options) {
		o.Jobs = append(o.Jobs, func(context.Context) error { return errors.New("no mail today") })
	}, []string{"--addr", "127.0.0.1:0", "--db", newDatabase(t)}, environment(), io.Discard, &stderr)
	if code != 1 || !strings.Contains(stderr.String(), "job 0 of Options.Jobs: no mail today") {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
}
