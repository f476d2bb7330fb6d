package graph_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"coppice/ent"
	"coppice/ent/schema"
	"coppice/graph"
	"coppice/graph/model"
	"coppice/internal/database"

	"coppice/core/engine"
	"coppice/core/server"
)

type roleKey struct{}

// auth lets those see a field who have its role; a note's owner sees its parent.
func auth(ctx context.Context, obj any, next graphql.Resolver, role model.Role) (any, error) {
	if note, ok := obj.(*ent.Note); ok && role == model.RoleOwner && note.Title == "reply" {
		return next(ctx)
	}
	switch has, _ := ctx.Value(roleKey{}).(string); {
	case has == "ADMIN" || has == "READER" && role == model.RoleReader:
		return next(ctx)
	case has == "MUTE":
		return nil, nil
	}
	return nil, &gqlerror.Error{Message: "Only for " + role.String() + ".", Extensions: map[string]any{"code": "FORBIDDEN"}}
}

func open(t *testing.T) (http.Handler, *ent.Client) {
	t.Helper()
	client, err := database.Open(t.Context(), engine.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "test.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	api := graph.API(client, graph.Config{
		Resolvers:  &graph.Resolver{Greet: func(name string) string { return "Hello " + name }},
		Directives: graph.DirectiveRoot{Auth: auth},
	})
	opts := server.Defaults()
	opts.Middleware = append(opts.Middleware, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), roleKey{}, r.Header.Get("Role"))))
		})
	})
	h, err := server.New(api, opts)
	if err != nil {
		t.Fatal(err)
	}
	return h, client
}

func TestDirectivesNeedAnImplementation(t *testing.T) {
	_, client := open(t)
	_, err := server.New(graph.API(client, graph.Config{Resolvers: &graph.Resolver{}}), server.Defaults())
	if err == nil || !strings.Contains(err.Error(), "@auth has no implementation") {
		t.Error(err)
	}
}

func TestHome(t *testing.T) {
	h, client := open(t)
	parent := client.Note.Create().SetTitle("first").SetSecret("s").SaveX(t.Context())
	client.Note.Create().SetTitle("reply").SetParent(parent).SaveX(t.Context())
	for _, c := range []struct{ role, query, want string }{
		{"READER", `{ notes { edges { node { title } } } }`, `{"data":{"notes":{"edges":[{"node":{"title":"first"}},{"node":{"title":"reply"}}]}}}`},
		{"", `{ greeting notes { totalCount } }`, `"message":"Only for READER.","path":["notes"]`},
		{"ADMIN", `{ noteByTitle(title: "first") { secret mood diary replies { edges { node { secret parent { title } } } } } vault }`,
			`{"data":{"noteByTitle":{"secret":"s","mood":"GOOD","diary":"","replies":{"edges":[{"node":{"secret":"","parent":{"title":"first"}}}]}},"vault":"1.00"}}`},
		{"", `{ noteByTitle(title: "first") { title secret } }`, `"message":"Only for ADMIN.","path":["noteByTitle","secret"]`},
		{"", `{ noteByTitle(title: "first") { title secret } }`, `"data":{"noteByTitle":{"title":"first","secret":null}}`},
		{"", `{ noteByTitle(title: "first") { mood } }`, `"data":{"noteByTitle":null}`},
		{"", `{ noteByTitle(title: "first") { replies { totalCount } } }`, `"path":["noteByTitle","replies"]`},
		{"MUTE", `{ a: noteByTitle(title: "first") { secret parent { id } } }`, `{"data":{"a":{"secret":null,"parent":null}}}`},
		{"", `{ noteByTitle(title: "reply") { parent { title } } }`, `{"data":{"noteByTitle":{"parent":{"title":"first"}}}}`},
		{"", `{ noteByTitle(title: "first") { diary } }`, `"path":["noteByTitle","diary"]`},
		{"", `{ vault }`, `"path":["vault"]`},
		{"", `{ greeting }`, `{"data":{"greeting":"Hello world"}}`},
		{"", `{ noteByTitle(title: "first") { price(of: "1.25") } }`, `{"data":{"noteByTitle":{"price":"2.50"}}}`},
		{"", `{ noteByTitle(title: "first") { price(of: "much") } }`, `"message":"of is not valid: money is written as 12.50."`},
		{"", `{ noteByTitle(title: "first") { price(of: "much") } }`, `"code":"BAD_USER_INPUT"`},
		{"", `mutation { createNote(input: {title: "closed"}) { id } }`, `"message":"This note is closed."`},
		{"ADMIN", `mutation { deleteNote(id: "Note:1") }`, `{"data":{"deleteNote":"Note:1"}}`},
		{"ADMIN", `{ notes { totalCount } noteByTitle(title: "reply") { parent { title } } }`, `{"data":{"notes":{"totalCount":1},"noteByTitle":{"parent":null}}}`},
	} {
		body, _ := json.Marshal(map[string]string{"query": c.query})
		r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(string(body)))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Role", c.role)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		text, _ := io.ReadAll(w.Body)
		if !strings.Contains(string(text), c.want) {
			t.Errorf("%s: %s\n%s", c.role, c.query, text)
		}
	}
	if n := client.Note.Query().CountX(schema.SkipSoftDelete(t.Context())); n != 2 {
		t.Errorf("%d notes are left", n)
	}
}
