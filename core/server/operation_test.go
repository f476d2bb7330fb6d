package server

import (
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/core/internal/fixture/blog"
)

// writeFiles fills a new folder.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const (
	tagsFile  = "query Tags { tags { totalCount } }\nmutation NewTag($name: String!) { createTag(input: { name: $name }) { name } }\n"
	nameless  = "{ posts { totalCount } }\n"
	codegens  = "query Users { users { totalCount } }"
	relays    = "query RelayQuery(\n  $first: Int\n) {\n  posts(first: $first) {\n    totalCount\n  }\n}\n"
	apollos   = "query Posts {\n  posts {\n    totalCount\n    __typename\n  }\n}"
	secondSet = "query Users { users { totalCount __typename } }"
)

// storedOperations are in the forms that clients' tools write.
func storedOperations(t *testing.T) string {
	t.Helper()
	return writeFiles(t, map[string]string{
		"tags.graphql":             tagsFile,
		"more/nameless.graphql":    nameless,
		"persisted-documents.json": `{"sha256:` + sum(codegens) + `": "` + codegens + `", "5f3c6d1a": "` + secondSet + `"}`,
		"relay.json":               `{"8dca5c9bc9ae2a1b6e7c0a1d2c3b4a59": ` + quoteJSON(relays) + `}`,
		"apollo.json": `{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [
			{"id": "` + sum(apollos) + `", "name": "Posts", "type": "query", "body": ` + quoteJSON(apollos) + `}]}`,
		"later.json":     `{"sha256:abc": "query Later { users { totalCount } }"}`,
		"notes.txt":      "{",
		".hidden/x.json": "{",
	})
}

func quoteJSON(text string) string { return `"` + strings.ReplaceAll(text, "\n", `\n`) + `"` }

func TestOnlyStoredOperationsAreAnswered(t *testing.T) {
	t.Parallel()
	opts := Defaults()
	opts.Persisted = persistedOnly + storedOperations(t)
	routes, _ := newServer(t, opts)
	for name, tc := range map[string]struct {
		body string
		want string // of the data, or the code
	}{
		"by the hash of a file":         {strings.Replace(byHash(sum(tagsFile), ""), "{", `{"operationName":"Tags",`, 1), `{"tags":{"totalCount":0}}`},
		"an operation of it":            {strings.Replace(byHash(sum(tagsFile), ""), "{", `{"operationName":"NewTag","variables":{},`, 1), "BAD_USER_INPUT"},
		"none of its operations":        {byHash(sum(tagsFile), ""), "GRAPHQL_VALIDATION_FAILED"},
		"one without a name":            {byHash(sum(nameless), ""), `{"posts":{"totalCount":0}}`},
		"by its name":                   {`{"operationName":"Tags"}`, `{"tags":{"totalCount":0}}`},
		"by codegen's hash":             {`{"documentId":"` + sum(codegens) + `"}`, `{"users":{"totalCount":0}}`},
		"with the hash's kind":          {`{"documentId":"sha256:` + sum(codegens) + `"}`, `{"users":{"totalCount":0}}`},
		"by codegen's, Apollo's way":    {byHash(sum(codegens), ""), `{"users":{"totalCount":0}}`},
		"with it, of another's text":    {`{"documentId":"sha256:abc"}`, `{"users":{"totalCount":0}}`},
		"without it":                    {`{"documentId":"abc"}`, `{"users":{"totalCount":0}}`},
		"by another kind of hash":       {`{"documentId":"5f3c6d1a"}`, `{"users":{"totalCount":0,"__typename":"UserConnection"}}`},
		"by Relay's id":                 {`{"doc_id":"8dca5c9bc9ae2a1b6e7c0a1d2c3b4a59","variables":{"first":1}}`, `{"posts":{"totalCount":0}}`},
		"by an id":                      {`{"id":"8dca5c9bc9ae2a1b6e7c0a1d2c3b4a59","query":null}`, `{"posts":{"totalCount":0}}`},
		"by the hash of Relay's text":   {byHash(sum(relays), ""), `{"posts":{"totalCount":0}}`},
		"by Apollo's id":                {byHash(sum(apollos), ""), `{"posts":{"totalCount":0,"__typename":"PostConnection"}}`},
		"by the name in a manifest":     {`{"operationName":"Posts"}`, `{"posts":{"totalCount":0,"__typename":"PostConnection"}}`},
		"by its document":               {`{"query":"` + codegens + `"}`, `{"users":{"totalCount":0}}`},
		"by it without the line's end":  {`{"query":"` + strings.TrimSpace(nameless) + `"}`, `{"posts":{"totalCount":0}}`},
		"by its document and its hash":  {byHash(sum(codegens), codegens), `{"users":{"totalCount":0}}`},
		"another document":              {`{"query":"{ tags { totalCount } }"}`, "FORBIDDEN"},
		"another, under a known name":   {`{"query":"query Tags { users { totalCount } }","operationName":"Tags"}`, "FORBIDDEN"},
		"another, under a known hash":   {byHash(sum(codegens), "{ tags { totalCount } }"), "BAD_REQUEST"},
		"introspection":                 {`{"query":"{ __schema { queryType { name } } }"}`, "FORBIDDEN"},
		"an unknown hash":               {byHash(sum("x"), ""), "FORBIDDEN"},
		"an unknown hash of a document": {byHash(sum("{__typename}"), "{__typename}"), "FORBIDDEN"},
		"an unknown id":                 {`{"id":"x"}`, "FORBIDDEN"},
		"an unknown name":               {`{"operationName":"Nothing"}`, "FORBIDDEN"},
		"a name that two have":          {`{"operationName":"Users"}`, "BAD_REQUEST"},
		"two of them":                   {`{"id":"5f3c6d1a","documentId":"` + sum(codegens) + `"}`, "BAD_REQUEST"},
		"one by two names":              {`{"id":"` + sum(codegens) + `","documentId":"` + sum(codegens) + `"}`, `{"users":{"totalCount":0}}`},
		"nothing":                       {`{}`, "BAD_REQUEST"},
		"another version":               {strings.Replace(byHash(sum(codegens), ""), `"version":1`, `"version":2`, 1), "BAD_REQUEST"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := readReply(t, postJSON(routes, tc.body).Body)
			if got := string(r.Data) + r.code(); got != tc.want {
				t.Errorf("%s %+v, want %s", r.Data, r.Errors, tc.want)
			}
		})
	}
	for target, want := range map[string]string{
		"operationName=Tags": `{"tags":{"totalCount":0}}`, "documentId=" + sum(codegens): `{"users":{"totalCount":0}}`, "id=5f3c6d1a&id=x": "FORBIDDEN",
		"doc_id=8dca5c9bc9ae2a1b6e7c0a1d2c3b4a59&variables=" + url.QueryEscape(`{"first":0}`): `{"posts":{"totalCount":0}}`,
		"query=" + url.QueryEscape(codegens):                                                  `{"users":{"totalCount":0}}`, "query={__typename}": "FORBIDDEN",
		"operationName=NewTag&variables=" + url.QueryEscape(`{"name":"x"}`): "BAD_REQUEST",
	} {
		r := readReply(t, sendRequest(routes, "GET", "/graphql?"+target, "").Body)
		if got := string(r.Data) + r.code(); got != want {
			t.Errorf("GET %s: %s %+v", target, r.Data, r.Errors)
		}
	}
	if w := postJSON(routes, `{"id":"x"}`, "Accept", mediaGraphQL); w.Code != 403 {
		t.Errorf("status %d", w.Code)
	}
}

// A server whose clients' operations it cannot answer does not start.
func TestWrongStoredOperationsStopTheStart(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"nothing":                {map[string]string{"x.txt": ""}, []string{"holds no operation"}},
		"a field that is not":    {map[string]string{"a.graphql": "query A {\n  nothing\n}"}, []string{"a.graphql:2:3: A: ", "nothing"}},
		"no GraphQL":             {map[string]string{"a.graphql": "query A {"}, []string{"a.graphql:1:", "Expected Name"}},
		"all that is wrong":      {map[string]string{"a.graphql": "query A { a }", "b.graphql": "query B { b }"}, []string{"a.graphql:1:11: A", "b.graphql:1:11: B"}},
		"a fragment alone":       {map[string]string{"a.graphql": "fragment F on Post { id }"}, []string{"a.graphql: there is no operation"}},
		"two of a name":          {map[string]string{"a.graphql": "query A { __typename }", "b.graphql": "query A { tags { totalCount } }"}, []string{"b.graphql: ", "a.graphql has an operation named A"}},
		"too deep":               {map[string]string{"a.graphql": "query A { posts " + strings.Repeat("{ edges { node { author { posts ", 5) + "{ totalCount }" + strings.Repeat("}", 21)}, []string{"a.graphql", "depth"}},
		"no JSON":                {map[string]string{"a.json": "{"}, []string{"a.json", "byte 1"}},
		"something else in JSON": {map[string]string{"a.json": `{"name": "app", "scripts": {}}`}, []string{"a.json", "/scripts is no text"}},
		"a document in it":       {map[string]string{"a.json": `{"abc": "query A { nothing }"}`}, []string{"a.json: abc:1:11: A: ", "nothing"}},
		"another manifest":       {map[string]string{"a.json": `{"format": "x", "version": 1, "operations": []}`}, []string{"a.json", `"x"`}},
		"a later version of it":  {map[string]string{"a.json": `{"format": "apollo-persisted-query-manifest", "version": 2, "operations": []}`}, []string{"a.json", "version 2"}},
		"without an id":          {map[string]string{"a.json": `{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"name": "A", "body": "query A { __typename }"}]}`}, []string{"a.json: operation 1"}},
		"of another name":        {map[string]string{"a.json": `{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": "x", "name": "B", "body": "query A { __typename }"}]}`}, []string{"a.json: x: ", `"B"`}},
		"one id of two":          {map[string]string{"a.json": `{"x": "{ __typename }"}`, "b.json": `{"x": "{ tags { totalCount } }"}`}, []string{"b.json: x: another document has this id"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := Defaults()
			opts.Logger = slog.New(slog.DiscardHandler)
			dir := writeFiles(t, tc.files)
			opts.Persisted = persistedOnly + dir
			_, err := New(blog.API(openDatabase(t)), opts)
			if err == nil {
				t.Fatal("it starts")
			}
			for _, want := range append(tc.want, dir) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v lacks %q", err, want)
				}
			}
		})
	}
}
