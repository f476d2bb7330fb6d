package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// Whatever is sent, the answer is a GraphQL response, and nothing of it is
// the server's own fault.
func FuzzRequest(f *testing.F) {
	for _, body := range []string{
		`{"query":"{__typename}"}`,
		`{"query":"query Q($n: Int = 3, $w: PostWhereInput) { posts(first: $n, where: $w) { edges { node { ...P } } } } fragment P on Post { id @skip(if: false) }","variables":{"n":2,"w":{"and":[{"titleIn":["a"]}]}},"operationName":"Q"}`,
		`{"query":"mutation($in: CreatePostInput!) { createPost(input: $in) { id } }","variables":{"in":{"slug":"a","title":"a","body":"","author":{"id":1}}}}`,
		`{"query":"{ nodes(ids: [1, \"b\"]) { id ... on Post { author { id } } } posts(where: {createdAt: 99999999999999999999}) { totalCount } }"}`,
		`{"query":"{ a: __schema { types { name } } }","extensions":{"a":1e999}}`,
		`[{"query":"{"}]`,
		"{\"query\":\"\xff\"}",
	} {
		f.Add([]byte(body), "application/json", mediaGraphQL)
	}
	h, log := newTestHandler(f, Defaults(), &testExecution{})
	f.Fuzz(func(t *testing.T, body []byte, contentType, accept string) {
		r, err := http.NewRequest(http.MethodPost, "/graphql", strings.NewReader(string(body)))
		if err != nil {
			return // no request at all
		}
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Accept", accept)
		w := recordRequest(h, r)
		if !json.Valid(w.Body.Bytes()) || w.Code >= 500 || strings.Contains(w.Body.String(), "INTERNAL") {
			t.Errorf("%d %s\n%s", w.Code, w.Body, log)
		}
	})
}

// Documents and variables alone, without the rest that makes a request.
func FuzzDocument(f *testing.F) {
	for query, variables := range map[string]string{
		`query Q($n: Int = 3, $w: [PostWhereInput!]) { posts(first: $n, where: {and: $w}) { edges { node { ...P } } } } fragment P on Post { id @skip(if: false) }`: `{"n":2,"w":{"titleIn":["a"]}}`,
		`mutation($in: CreatePostInput!) { createPost(input: $in) { id } }`:                                                                                         `{"in":{"slug":"a","title":"a","body":"","author":{"id":1}}}`,
		`{ nodes(ids: [1, "b"]) { id ... on Post { author { id } } } a: __type(name: "x") { name } }`:                                                               `{}`,
		`{ posts(where: {createdAt: 99999999999999999999, rating: 1e9, not: {}}, orderBy: {field: ID}) { totalCount } }`:                                            `null`,
		`query A($y: Boolean!) { __typename @include(if: $y) } query B { __typename }`:                                                                              `{"y":true}`,
	} {
		f.Add(query, variables)
	}
	opts := Defaults()
	opts.Introspection = true
	h, log := newTestHandler(f, opts, &testExecution{})
	f.Fuzz(func(t *testing.T, query, variables string) {
		if !json.Valid([]byte(variables)) {
			return
		}
		w := postQuery(t, h, query, variables)
		if !json.Valid(w.Body.Bytes()) || strings.Contains(w.Body.String(), "INTERNAL") {
			t.Errorf("%s\n%s", w.Body, log)
		}
	})
}
