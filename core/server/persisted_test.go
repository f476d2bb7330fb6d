package server

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/extension"
)

func sum(text string) string {
	s := sha256.Sum256([]byte(text))
	return hex.EncodeToString(s[:])
}

// byHash is a request by Apollo's protocol, with its document or without.
func byHash(hash, query string) string {
	body := map[string]any{"extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": hash}}}
	if query != "" {
		body["query"] = query
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func postJSON(h http.Handler, body string, headers ...string) *httptest.ResponseRecorder {
	return sendRequest(h, "POST", "/graphql", body, append([]string{"Content-Type", "application/json"}, headers...)...)
}

func getHash(h http.Handler, hash string) *httptest.ResponseRecorder {
	return sendRequest(h, "GET", "/graphql?extensions="+url.QueryEscape(`{"persistedQuery":{"version":1,"sha256Hash":"`+hash+`"}}`), "")
}

// The steps of Apollo's clients: the hash, then, since it is unknown, hash and
// document, and from then on the hash alone.
func TestAutomaticPersistedQueries(t *testing.T) {
	t.Parallel()
	const query, answer = `query Tags { tags { totalCount } }`, `{"data":{"tags":{"totalCount":0}}}`
	const unknown = `{"errors":[{"message":"PersistedQueryNotFound","extensions":{"code":"PERSISTED_QUERY_NOT_FOUND"}}]}`
	routes, _ := newServer(t, Defaults())
	for _, w := range []*httptest.ResponseRecorder{postJSON(routes, byHash(sum(query), "")), getHash(routes, sum(query)), postJSON(routes, byHash(sum(query), ""), "Accept", mediaGraphQL)} {
		if w.Code != 200 || w.Body.String() != unknown {
			t.Errorf("before: %d %s", w.Code, w.Body)
		}
	}
	for _, body := range []string{byHash(sum(query), query), byHash(sum(query), ""), byHash(strings.ToUpper(sum(query)), ""), strings.Replace(byHash(sum(query), ""), `{`, `{"query":"",`, 1)} {
		if w := postJSON(routes, body); w.Code != 200 || w.Body.String() != answer {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	}
	if w := getHash(routes, sum(query)); w.Code != 200 || w.Body.String() != answer {
		t.Errorf("GET: %d %s", w.Code, w.Body)
	}
	const write = `mutation { createTag(input: { name: "x" }) { name } }`
	if w := postJSON(routes, byHash(sum(write), write)); w.Code != 200 || w.Body.String() != `{"data":{"createTag":{"name":"x"}}}` {
		t.Errorf("a mutation: %d %s", w.Code, w.Body)
	}
	if w := getHash(routes, sum(write)); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("a mutation by GET: %d %s", w.Code, w.Body)
	}
	if w := sendRequest(routes, "GET", "/graphql?query="+url.QueryEscape(`{__typename}`)+"&variables=%7B%7D&extensions="+url.QueryEscape(`{"persistedQuery":{"version":1,"sha256Hash":"`+sum(`{__typename}`)+`"}}`), ""); w.Code != 200 {
		t.Errorf("a document by GET: %d %s", w.Code, w.Body)
	}
	if w := postJSON(routes, byHash(sum(`{__typename}`), "")); w.Body.String() != `{"data":{"__typename":"Query"}}` {
		t.Errorf("after it: %s", w.Body)
	}
}

func TestWrongPersistedQueries(t *testing.T) {
	t.Parallel()
	const query = `{ tags { totalCount } }`
	routes, _ := newServer(t, Defaults())
	for name, tc := range map[string]struct {
		body, message string
	}{
		"the hash of another":   {byHash(sum("x"), query), "not the SHA-256 of the document"},
		"no hash at all":        {byHash("x", query), "64 hexadecimal digits"},
		"no hexadecimal digits": {byHash(strings.Repeat("g", 64), ""), "64 hexadecimal digits"},
		"an empty one":          {byHash("", query), "must be the hash"},
		"another version":       {strings.Replace(byHash(sum(query), query), `"version":1`, `"version":2`, 1), "Version 2 of persisted queries is not known here: send version 1."},
		"a fraction":            {strings.Replace(byHash(sum(query), query), `"version":1`, `"version":1.5`, 1), "Version 1.5"},
		"a version in quotes":   {strings.Replace(byHash(sum(query), query), `"version":1`, `"version":"1"`, 1), "version must be 1"},
		"no version":            {`{"extensions":{"persistedQuery":{"sha256Hash":"` + sum(query) + `"}}}`, "version must be 1"},
		"no hash":               {`{"extensions":{"persistedQuery":{"version":1}}}`, "must be the hash"},
		"no object":             {`{"extensions":{"persistedQuery":"x"}}`, "must be an object"},
		"null":                  {`{"extensions":{"persistedQuery":null}}`, "query is missing"},
		"an id":                 {`{"documentId":"x"}`, "--persisted only:DIR"},
	} {
		w := postJSON(routes, tc.body)
		if r := readReply(t, w.Body); w.Code != 400 || r.code() != "BAD_REQUEST" || !strings.Contains(r.Errors[0].Message, tc.message) {
			t.Errorf("%s: %d %+v", name, w.Code, r.Errors)
		}
	}
	// What cannot be answered is not kept, nor does a hash lead around a limit.
	for _, wrong := range []string{`{`, `{nothing}`, `{ posts(first: 9999999) { totalCount } }`, `{ ` + strings.Repeat("a: __typename ", 4000) + `}`, strings.Repeat("{ posts ", 20)} {
		if r := readReply(t, postJSON(routes, byHash(sum(wrong), wrong)).Body); len(r.Errors) == 0 {
			t.Errorf("%.20s is answered", wrong)
		}
		if r := readReply(t, postJSON(routes, byHash(sum(wrong), "")).Body); r.Data != nil || r.code() == "" {
			t.Errorf("%.20s: %+v", wrong, r)
		}
	}
	if r := readReply(t, postJSON(routes, byHash(sum(`{nothing}`), "")).Body); r.code() != codeNotFound {
		t.Errorf("what is not valid is kept: %+v", r)
	}
}

func TestPersistedQueriesSwitchedOff(t *testing.T) {
	t.Parallel()
	const query = `{ tags { totalCount } }`
	opts := Defaults()
	opts.Persisted = persistedOff
	routes, _ := newServer(t, opts)
	for _, media := range []string{mediaJSON, mediaGraphQL} {
		w := postJSON(routes, byHash(sum(query), ""), "Accept", media)
		if w.Code != 200 || w.Body.String() != `{"errors":[{"message":"PersistedQueryNotSupported","extensions":{"code":"PERSISTED_QUERY_NOT_SUPPORTED"}}]}` {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	if w := postJSON(routes, byHash(sum(query), query)); w.Body.String() != `{"data":{"tags":{"totalCount":0}}}` {
		t.Errorf("with its document: %s", w.Body)
	}
	if w := postJSON(routes, byHash(sum(query), "")); !strings.Contains(w.Body.String(), "NotSupported") {
		t.Errorf("after it: %s", w.Body)
	}
}

// A project that keeps the documents of several servers in one place does so by
// gqlgen's extension.
func TestGqlgensOwnPersistedQueries(t *testing.T) {
	t.Parallel()
	const query = `{ tags { totalCount } }`
	for _, mode := range []string{persistedAuto, persistedOff} {
		opts := Defaults()
		opts.Persisted = mode
		opts.Extensions = []graphql.HandlerExtension{extension.AutomaticPersistedQuery{Cache: graphql.MapCache[string]{}}}
		routes, _ := newServer(t, opts)
		for _, step := range []struct{ body, want string }{
			{byHash(sum(query), ""), "PersistedQueryNotFound"}, {byHash(sum(query), query), `"totalCount":0`}, {byHash(sum(query), ""), `"totalCount":0`},
		} {
			if w := postJSON(routes, step.body); !strings.Contains(w.Body.String(), step.want) {
				t.Errorf("%s: %s", mode, w.Body)
			}
		}
	}
}

func TestStoredTextsAreBounded(t *testing.T) {
	t.Parallel()
	s, err := newTextStore()
	if err != nil {
		t.Fatal(err)
	}
	put := func(i, length int) [sha256.Size]byte {
		text := fmt.Sprintf("%d %s", i, strings.Repeat("x", length))
		key := sha256.Sum256([]byte(text))
		s.add(key, text)
		return key
	}
	first := put(0, 10)
	long := put(1, storedLength)
	if _, ok := s.get(long); ok {
		t.Error("one that is too long is kept")
	}
	for i := range storedTexts + 10 {
		put(i+2, 10)
		s.get(first)
	}
	if n := s.kept.Len(); n != storedTexts {
		t.Errorf("%d are kept", n)
	}
	if _, ok := s.get(first); !ok {
		t.Error("what is asked for is not kept")
	}
	for i := range 100 {
		put(-i-1, storedLength-100)
		if s.bytes > storedBytes {
			t.Fatalf("%d bytes", s.bytes)
		}
	}
	total := 0
	for _, text := range s.kept.Values() {
		total += len(text)
	}
	if total != s.bytes || total < storedBytes/2 {
		t.Errorf("%d bytes are kept, %d counted", total, s.bytes)
	}
}

func TestPersistedQueriesOfManyAtOnce(t *testing.T) {
	t.Parallel()
	routes, _ := newServer(t, Defaults())
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 50 {
				query := fmt.Sprintf("{ t%d: __typename }", (i+j)%20)
				w := postJSON(routes, byHash(sum(query), ""))
				if strings.Contains(w.Body.String(), textNotFound) {
					w = postJSON(routes, byHash(sum(query), query))
				}
				if want := fmt.Sprintf(`{"data":{"t%d":"Query"}}`, (i+j)%20); w.Body.String() != want {
					t.Errorf("%s: %s", query, w.Body)
				}
			}
		})
	}
	all.Wait()
}
