package server

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"coppice/core/internal/fixture/blog"
)

func TestTheSchemaIsServedAsOneFile(t *testing.T) {
	t.Parallel()
	opts := Defaults()
	opts.Introspection = true
	routes, _ := newServer(t, opts)
	w := sendRequest(routes, "GET", "/schema.graphql", "")
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	text := w.Body.String()
	read, err := gqlparser.LoadSchema(&ast.Source{Input: text})
	if err != nil {
		t.Fatal(err)
	}
	schema, err := loadSchema(blog.API(nil).Schema)
	if err != nil {
		t.Fatal(err)
	}
	for name, def := range schema.Types {
		got := read.Types[name]
		switch {
		case got == nil:
			t.Errorf("%s is missing", name)
		case got.Kind != def.Kind || got.Description != def.Description || len(got.Fields) != len(def.Fields) || len(got.EnumValues) != len(def.EnumValues) || len(got.Interfaces) != len(def.Interfaces):
			t.Errorf("%s is %+v", name, got)
		}
	}
	for _, want := range []string{"\n\texcerpt(", "type Post implements Node {", "input UserRef @oneOf {"} { // written by hand, and generated
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
}

func TestTheSchemaIsSentOnce(t *testing.T) {
	t.Parallel()
	opts := Defaults()
	opts.Introspection = true
	routes, _ := newServer(t, opts)
	plain := sendRequest(routes, "GET", "/schema.graphql", "")
	zipped := sendRequest(routes, "GET", "/schema.graphql", "", "Accept-Encoding", "gzip")
	if got := gunzip(t, zipped.Body.Bytes()); zipped.Header().Get("Content-Encoding") != "gzip" || got != plain.Body.String() || zipped.Body.Len() > len(got)/3 {
		t.Errorf("in gzip: %v, %d bytes", zipped.Header(), zipped.Body.Len())
	}
	tag, zippedTag := plain.Header().Get("ETag"), zipped.Header().Get("ETag")
	if !strings.HasPrefix(tag, `"`) || tag == zippedTag || plain.Header().Get("Vary") != "Accept-Encoding" || plain.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("%v, %s", plain.Header(), zippedTag)
	}
	for name, tc := range map[string]struct {
		headers []string
		status  int
	}{
		"the same":         {[]string{"If-None-Match", tag}, 304},
		"one of two":       {[]string{"If-None-Match", `"x", W/` + tag}, 304},
		"any":              {[]string{"If-None-Match", "*"}, 304},
		"the same in gzip": {[]string{"If-None-Match", zippedTag, "Accept-Encoding", "gzip"}, 304},
		"another":          {[]string{"If-None-Match", `"x"`}, 200},
		"another coding":   {[]string{"If-None-Match", tag, "Accept-Encoding", "gzip"}, 200},
	} {
		w := sendRequest(routes, "GET", "/schema.graphql", "", tc.headers...)
		if w.Code != tc.status || (w.Body.Len() == 0) != (tc.status == 304) || w.Header().Get("ETag") == "" {
			t.Errorf("%s: %d %v, %d bytes", name, w.Code, w.Header(), w.Body.Len())
		}
		if tc.status == 304 && w.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s: %v", name, w.Header())
		}
	}
	if w := sendRequest(routes, "HEAD", "/schema.graphql", ""); w.Code != 200 || w.Body.Len() > 0 || w.Header().Get("ETag") != tag {
		t.Errorf("HEAD: %d %v", w.Code, w.Header())
	}
	if w := sendRequest(routes, "POST", "/schema.graphql", ""); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
}

func TestWhoMayReadTheSchema(t *testing.T) {
	t.Parallel()
	const ours = "https://app.example.com"
	for name, tc := range map[string]struct {
		dev, introspection bool
		headers            []string
		status             int
	}{
		"in dev mode":          {true, false, nil, 200},
		"with introspection":   {false, true, nil, 200},
		"otherwise":            {false, false, nil, 404},
		"a page of ours":       {true, false, []string{"Origin", ours}, 200},
		"another site's":       {true, false, []string{"Origin", "https://evil.example"}, 403},
		"another site's, told": {true, false, []string{"Sec-Fetch-Site", "cross-site"}, 403},
	} {
		opts := Defaults()
		opts.Dev, opts.Introspection, opts.Origins = tc.dev, tc.introspection, []string{ours}
		routes, _ := newServer(t, opts)
		w := sendRequest(routes, "GET", "/schema.graphql", "", tc.headers...)
		if allowed := w.Header().Get("Access-Control-Allow-Origin") == ours; w.Code != tc.status || allowed != (name == "a page of ours") {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
	}
}

// What generators and the server act upon is for them: a reader of the schema knows
// no such directive.
func TestDirectivesOfOthersAreLeftOut(t *testing.T) {
	t.Parallel()
	text, err := schemaText(fstest.MapFS{
		"ent.graphql": {Data: []byte(`
"Times." scalar Time @specifiedBy(url: "https://www.rfc-editor.org/rfc/rfc3339")
directive @auth(role: String = "admin") repeatable on FIELD_DEFINITION | OBJECT | ENUM | ENUM_VALUE | INPUT_FIELD_DEFINITION | ARGUMENT_DEFINITION
type Query @auth { "With \"quotes\" and \\." a("What." b: In = { c: 1 } @auth): [E!]! @auth @deprecated(reason: "Say \"b\".") }
enum E @auth { X @auth Y @deprecated }
input In { c: Int = 2 @auth d: Time }
input One @oneOf { a: Int b: String }`)},
		"own.graphql": {Data: []byte(`extend type Query @auth { one(one: One): Int @auth(role: "x") }`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, "auth") {
		t.Errorf("it knows of @auth:\n%s", text)
	}
	for _, want := range []string{`scalar Time @specifiedBy(url: "https://www.rfc-editor.org/rfc/rfc3339")`, "input One @oneOf {", `@deprecated(reason: "Say \"b\".")`, "one(one: One): Int\n", "c: Int = 2\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if _, err := gqlparser.LoadSchema(&ast.Source{Input: text}); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}
