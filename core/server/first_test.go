package server

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"coppice/core/engine"
	"coppice/core/internal/fixture/rule"
	"coppice/core/model"
	"coppice/core/record"
)

func TestTheFirstQueryRuns(t *testing.T) {
	t.Parallel()
	client, err := rule.Open(t.Context(), engine.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "test.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	opts := Defaults()
	opts.Dev, opts.Logger = true, slog.New(slog.DiscardHandler)
	rules, err := New(rule.API(client), opts)
	if err != nil {
		t.Fatal(err)
	}
	query := sendRequest(rules, "GET", "/assets/first.graphql", "").Body.String()
	if r := readReply(t, postQuery(t, rules, query, "").Body); len(r.Errors) > 0 || !strings.HasPrefix(string(r.Data), `{"accounts":{"totalCount":0`) {
		t.Errorf("%s\n%+v", query, r)
	}

	blogs := devServer(t, nil, nil)
	query = sendRequest(blogs, "GET", "/assets/first.graphql", "").Body.String()
	if r := readReply(t, postQuery(t, blogs, query, "").Body); len(r.Errors) > 0 || !strings.HasPrefix(string(r.Data), `{"users":{"totalCount":0`) {
		t.Errorf("%s\n%+v", query, r)
	}
	for _, want := range []string{"first: 5", "roleNEQ: ADMIN", "field: CREATED_AT, direction: DESC", "profile {", "posts(first: 3) {"} {
		if !strings.Contains(query, want) {
			t.Errorf("it lacks %q:\n%s", want, query)
		}
	}
}

// Where the limits are low, the first query asks for less.
func TestTheFirstQueryKeepsToTheLimits(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		limit func(*Options)
		want  string
		not   string
	}{
		"pages of two":     {func(o *Options) { o.PageSize, o.PageMax = 2, 2 }, "posts(first: 2)", "first: 5"},
		"four levels":      {func(o *Options) { o.MaxDepth = 4 }, "users(", "posts("},
		"one level":        {func(o *Options) { o.MaxDepth = 1 }, "__typename", "users("},
		"twenty records":   {func(o *Options) { o.MaxComplexity = 20 }, "users(", "posts("},
		"as little as can": {func(o *Options) { o.MaxComplexity, o.MaxTokens, o.MaxInputs = 1, 10, 1 }, "__typename", "users("},
	} {
		opts := Defaults()
		opts.Dev = true
		tc.limit(&opts)
		h, _ := newServer(t, opts)
		query := sendRequest(h, "GET", "/assets/first.graphql", "").Body.String()
		if r := readReply(t, postQuery(t, h, query, "").Body); len(r.Errors) > 0 || !strings.Contains(query, tc.want) || strings.Contains(query, tc.not) {
			t.Errorf("%s:\n%s\n%+v", name, query, r.Errors)
		}
	}
}

// Whatever the schemas lack, there is a first query.
func TestTheFirstQueryDoesWithLittle(t *testing.T) {
	t.Parallel()
	page := `type PageInfo { hasNextPage: Boolean! endCursor: String }
		type TotalEdge { node: Total } type TotalConnection { totalCount: Int! edges: [TotalEdge!]! pageInfo: PageInfo! } `
	total := func() *model.Entity {
		return &model.Entity{
			Name: "Total", Table: "totals", Single: "total", Plural: "totals", View: true, ID: &model.Field{Name: "id", GraphQL: "id", Column: "id", Kind: model.Int},
			Fields: []*model.Field{
				{Name: "kind", GraphQL: "kind", Column: "kind", Kind: model.Enum, Enums: []model.EnumValue{{Name: "A"}, {Name: "B"}}},
				{Name: "secret", GraphQL: "secret", Column: "secret", Kind: model.String, Sensitive: true},
				{Name: "old", GraphQL: "old", Column: "old", Kind: model.String, Reason: "gone"},
				{Name: "made", GraphQL: "made", Column: "made", Kind: model.JSON},
			},
		}
	}
	for name, tc := range map[string]struct {
		sdl      string
		entities []*model.Entity
		want     string
	}{
		"no entity":            {`type Query { hello: String }`, nil, "__typename"},
		"an entity left out":   {`type Query { hello: String }`, []*model.Entity{total()}, "__typename"},
		"no where, no order":   {page + `type Total { id: ID! kind: String } type Query { totals(first: Int): TotalConnection! }`, []*model.Entity{total()}, "kind\n"},
		"no field to show":     {page + `type Total { id: ID! old: String made: String } type Query { totals(first: Int): TotalConnection! }`, []*model.Entity{total()}, "id\n"},
		"a field with demands": {page + `type Total { id: ID! kind(of: Int!): String } type Query { totals(first: Int): TotalConnection! }`, []*model.Entity{total()}, "id\n"},
		"a where without it": {page + `input TotalWhereInput { id: ID } type Total { id: ID! kind: String }
			type Query { totals(first: Int, where: TotalWhereInput): TotalConnection! }`, []*model.Entity{total()}, "kind\n"},
	} {
		schema, err := gqlparser.LoadSchema(&ast.Source{Input: tc.sdl})
		if err != nil {
			t.Fatal(err)
		}
		h, err := newHandler(&record.Project{Model: model.New(tc.entities...)}, schema, Defaults())
		if err != nil {
			t.Fatal(err)
		}
		query := h.firstQuery()
		if _, errs := h.prepare(query, ""); len(errs) > 0 || !strings.Contains(query, tc.want) || strings.Contains(query, "where") {
			t.Errorf("%s: %v\n%s", name, errs, query)
		}
	}
}
