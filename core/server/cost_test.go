package server

import (
	"testing"

	"coppice/core/internal/fixture/blog/ent"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

func TestComplexity(t *testing.T) {
	t.Parallel()
	opts := Defaults()
	opts.MaxComplexity = hugeCount
	h, _ := newTestHandler(t, opts, &testExecution{})
	for name, tc := range map[string]struct {
		query string
		vars  map[string]any
		want  int
	}{
		"nothing":                    {`{ __typename }`, nil, 0},
		"one record":                 {`{ post(id: 1) { id } }`, nil, 1},
		"by a unique key":            {`{ userByUsername(username: "ada") { id profile { bio } } }`, nil, 2},
		"a node":                     {`{ node(id: "x") { id } }`, nil, 1},
		"the costliest node":         {`{ node(id: "x") { ... on Post { author { id } } ... on User { posts(first: 9) { edges { node { id } } } } ... on Node { id } } }`, nil, 10},
		"nodes by their ids":         {`{ nodes(ids: ["a", "b", "c"]) { id ... on Post { author { id } } } }`, nil, 6},
		"nodes by a variable":        {`query($i: [ID!]!) { nodes(ids: $i) { id } }`, map[string]any{"i": []any{"a", "b"}}, 2},
		"a page unsaid":              {`{ posts { edges { node { id } } } }`, nil, 50},
		"a page":                     {`{ posts(first: 3) { edges { node { id } } } }`, nil, 3},
		"a last page":                {`{ posts(last: 3) { edges { node { id } } } }`, nil, 3},
		"a null page":                {`{ posts(first: null) { edges { node { id } } } }`, nil, 50},
		"an empty page":              {`{ posts(first: 0) { edges { node { id } } } }`, nil, 1},
		"a count":                    {`{ posts(first: 3) { totalCount pageInfo { hasNextPage } } }`, nil, 1},
		"edges without nodes":        {`{ posts(first: 3) { edges { cursor } } }`, nil, 3},
		"pages within pages":         {`{ users(first: 3) { edges { node { posts(first: 4) { edges { node { author { id } comments(first: 5) { edges { node { id } } } } } } } } } }`, nil, 3 + 3*(4+4*(1+5))},
		"counts within pages":        {`{ users(first: 3) { edges { node { posts { totalCount } } } } }`, nil, 6},
		"fields add up":              {`{ posts(first: 3) { edges { node { id } } } users(first: 4) { edges { node { id } } } }`, nil, 7},
		"aliases add up":             {`{ a: posts(first: 3) { edges { node { id } } } posts(first: 3) { edges { node { id } } } }`, nil, 6},
		"one field asked twice":      {`{ posts(first: 3) { edges { node { id } } } posts(first: 3) { edges { node { title author { id } } } } }`, nil, 6},
		"fragments":                  {`{ posts(first: 3) { ...A ...B } } fragment A on PostConnection { edges { node { author { id } } } } fragment B on PostConnection { edges { node { author { profile { bio } } } } }`, nil, 9},
		"skipped":                    {`query($y: Boolean!) { posts(first: 3) @skip(if: $y) { edges { node { id } } } post(id: 1) { id } }`, map[string]any{"y": true}, 1},
		"not skipped":                {`query($y: Boolean!) { posts(first: 3) @skip(if: $y) { edges { node { id } } } post(id: 1) { id } }`, map[string]any{"y": false}, 4},
		"included":                   {`query($y: Boolean!) { ...F @include(if: $y) } fragment F on Query { posts(first: 3) { edges { node { id } } } }`, map[string]any{"y": true}, 3},
		"not included":               {`query($y: Boolean!) { ... @include(if: $y) { posts(first: 3) { edges { node { id } } } } }`, map[string]any{"y": false}, 0},
		"a mutation":                 {`mutation { createTag(input: {name: "x"}) { id posts(first: 3) { edges { node { id } } } } deleteTag(id: 1) }`, nil, 4},
		"beyond what can be counted": {`{ users(first: 1000) { edges { node { posts(first: 1000) { edges { node { comments(first: 1000) { edges { node { replies(first: 1000) { edges { node { id } } } } } } } } } } } } }`, nil, hugeCount},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op, errs := h.prepare(tc.query, "")
			if errs != nil {
				t.Fatal(errs)
			}
			if got := h.complexity(op, tc.vars); got != tc.want {
				t.Errorf("got %d, want %d", got, tc.want)
			}
			if !op.survey.varying && op.survey.complexity != tc.want {
				t.Errorf("kept as %d, want %d", op.survey.complexity, tc.want)
			}
			sum := 0.0
			for _, s := range h.sharesOf(op, tc.vars) {
				sum += s.records
			}
			if sum != float64(tc.want) && tc.want != hugeCount {
				t.Errorf("the lists add up to %.0f", sum)
			}
		})
	}
}

// Fields written by hand are counted by the same rules.
func TestComplexityOfHandWrittenFields(t *testing.T) {
	t.Parallel()
	schema, err := gqlparser.LoadSchema(&ast.Source{Input: `
		type Query {
			search(text: String!, first: Int): [Post!]!
			latest: [Post!]!
			totals(first: Int): [Total!]!
			report: Report!
		}
		type Mutation { createPosts(inputs: [In!]!): [Post!]! }
		input In { title: String }
		type Post { id: ID! related(first: Int = 3): [Post!]! }
		type Total { key: Key! count: Int! }
		type Key { day: String }
		type Report { total: Total! worst: Post }
	`})
	if err != nil {
		t.Fatal(err)
	}
	h, err := newHandler(ent.Coppice(), schema, Defaults())
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int{
		`{ search(text: "", first: 4) { id } }`:                       4,
		`{ search(text: "") { id } }`:                                 1000,
		`{ latest { id } }`:                                           50,
		`{ totals(first: 2) { key { day } count } }`:                  2,
		`{ report { total { key { day } } worst { id } } }`:           3,
		`mutation { createPosts(inputs: [{title: "a"}, {}]) { id } }`: 2,
		`mutation { createPosts(inputs: {title: "a"}) { id } }`:       1,
	} {
		op, errs := h.prepare(query, "")
		if errs != nil {
			t.Fatal(errs)
		}
		if got := h.complexity(op, nil); got != want {
			t.Errorf("%s: got %d, want %d", query, got, want)
		}
	}
}

func BenchmarkGuards(b *testing.B) {
	h, _ := newTestHandler(b, Defaults(), &testExecution{})
	op, errs := h.prepare(`query($n: Int!) { users(first: $n) { edges { node { id name posts(first: 5) { edges { node { id title tags { edges { node { name } } } comments(first: 3) { edges { node { body author { name } } } } } } } } } } }`, "")
	if errs != nil {
		b.Fatal(errs)
	}
	vars := map[string]any{"n": int64(10)}
	b.ReportAllocs()
	for b.Loop() {
		if err := h.guardVariables(op, vars, nil); err != nil {
			b.Fatal(err)
		}
	}
}
