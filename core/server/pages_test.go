package server

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"coppice/core/internal/fixture/blog"
)

// builtPages are pages as cmd/pages leaves them.
func builtPages(t *testing.T) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	var list []string
	for path, kind := range map[string]string{"index.html": "text/html; charset=utf-8", "data.html": "text/html; charset=utf-8", "assets/a-1234.js": "text/javascript; charset=utf-8"} {
		content := "content of " + path
		var packed bytes.Buffer
		zip := gzip.NewWriter(&packed)
		if _, err := io.WriteString(zip, content); err != nil {
			t.Fatal(err)
		}
		if err := zip.Close(); err != nil {
			t.Fatal(err)
		}
		stored := strings.ReplaceAll(path, "/", "-") + ".gz"
		files["pages/"+stored] = &fstest.MapFile{Data: packed.Bytes()}
		list = append(list, fmt.Sprintf(`{"path":%q,"stored":%q,"type":%q,"size":%d,"hash":"tag-of-%s"}`, path, stored, kind, len(content), stored))
	}
	files["pages/manifest.json"] = &fstest.MapFile{Data: []byte(`{"source":"x","files":[` + strings.Join(list, ",") + `]}`)}
	return files
}

// devServer is a server in dev mode, with pages.
func devServer(t *testing.T, pages fs.FS, routes func(*http.ServeMux)) http.Handler {
	t.Helper()
	opts := Defaults()
	opts.Dev, opts.Introspection, opts.Pages, opts.Routes = true, true, pages, routes
	h, _ := newServer(t, opts)
	return h
}

func TestPagesAreServedAsTheyAreStored(t *testing.T) {
	t.Parallel()
	h := devServer(t, builtPages(t), nil)
	for path, file := range map[string]string{"/": "index.html", "/data": "data.html", "/assets/a-1234.js": "assets/a-1234.js"} {
		want := "content of " + file
		packed := sendRequest(h, "GET", path, "", "Accept-Encoding", "br, gzip;q=0.5")
		zip, err := gzip.NewReader(packed.Body)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if content, err := io.ReadAll(zip); string(content) != want || packed.Header().Get("Content-Encoding") != "gzip" || err != nil {
			t.Errorf("%s, gzipped: %q %v %v", path, content, packed.Header(), err)
		}
		for _, takes := range []string{"", "identity", "br", "gzip;q=0", "*;q=0"} {
			plain := sendRequest(h, "GET", path, "", "Accept-Encoding", takes)
			if plain.Body.String() != want || plain.Header().Get("Content-Encoding") != "" || plain.Header().Get("Content-Length") != fmt.Sprint(len(want)) {
				t.Errorf("%s to a client that takes %q: %q %v", path, takes, plain.Body, plain.Header())
			}
			if plain.Header().Get("ETag") == packed.Header().Get("ETag") {
				t.Errorf("%s has one ETag for two forms", path)
			}
		}
		kept := "no-cache"
		if strings.HasPrefix(path, "/assets/") {
			kept = "public, max-age=31536000, immutable"
		}
		if got := packed.Header().Get("Cache-Control"); got != kept || packed.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s is kept by %q, varies by %q", path, got, packed.Header().Get("Vary"))
		}
		for _, tag := range []string{packed.Header().Get("ETag"), "W/" + packed.Header().Get("ETag"), `"x", ` + packed.Header().Get("ETag"), "*"} {
			if w := sendRequest(h, "GET", path, "", "Accept-Encoding", "gzip", "If-None-Match", tag); w.Code != 304 || w.Body.Len() > 0 {
				t.Errorf("%s to a client that has %s: %d", path, tag, w.Code)
			}
		}
		if w := sendRequest(h, "GET", path, "", "If-None-Match", `"other"`); w.Code != 200 {
			t.Errorf("%s to a client that has another: %d", path, w.Code)
		}
	}
}

// Every file has the policy, since a worker goes by that of its own script.
func TestPagesHaveAPolicyThatLetsNothingElseIn(t *testing.T) {
	t.Parallel()
	for _, pages := range []fs.FS{nil, builtPages(t)} {
		h := devServer(t, pages, nil)
		for _, path := range []string{"/", "/assets/a-1234.js", "/assets/small.js", "/assets/first.graphql"} {
			w := sendRequest(h, "GET", path, "")
			if w.Code != 200 {
				continue // of the other pages
			}
			policy := w.Header().Get("Content-Security-Policy")
			for _, want := range []string{"default-src 'none'", "script-src 'self';", "connect-src 'self';", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"} {
				if !strings.Contains(policy, want) {
					t.Errorf("%s: the policy lacks %s: %s", path, want, policy)
				}
			}
			if strings.Contains(policy, "unsafe-eval") || strings.Contains(policy, "http") || strings.Contains(policy, "*") {
				t.Errorf("%s: the policy is wide: %s", path, policy)
			}
			if w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("%s: headers are %v", path, w.Header())
			}
		}
	}
}

func TestPagesAreForDevModeAlone(t *testing.T) {
	t.Parallel()
	opts := Defaults()
	opts.Pages = builtPages(t)
	h, _ := newServer(t, opts)
	for _, path := range []string{"/", "/data", "/assets/a-1234.js", "/assets/first.graphql"} {
		if w := sendRequest(h, "GET", path, ""); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestTheSmallPageServesWithoutABuild(t *testing.T) {
	t.Parallel()
	for name, pages := range map[string]fs.FS{"no folder": nil, "an empty folder": fstest.MapFS{"pages/.gitignore": {Data: []byte("*\n")}}} {
		h := devServer(t, pages, nil)
		w := sendRequest(h, "GET", "/", "")
		if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") || !strings.Contains(w.Body.String(), "make run") {
			t.Errorf("%s: %d %v %s", name, w.Code, w.Header(), w.Body)
		}
		for _, asset := range []string{"/assets/small.js", "/assets/small.css"} {
			if !strings.Contains(w.Body.String(), `"`+asset+`"`) || sendRequest(h, "GET", asset, "").Code != 200 {
				t.Errorf("%s: the page lacks %s", name, asset)
			}
		}
		if w := sendRequest(h, "GET", "/data", ""); w.Code != 404 || !strings.Contains(w.Body.String(), "make run") {
			t.Errorf("%s: /data: %d %s", name, w.Code, w.Body)
		}
	}
}

func TestABrokenBuildIsToldOfAtTheStart(t *testing.T) {
	t.Parallel()
	for name, pages := range map[string]fs.FS{
		"no JSON":     fstest.MapFS{"pages/manifest.json": {Data: []byte("{")}},
		"no file":     fstest.MapFS{"pages/manifest.json": {Data: []byte("{}")}},
		"a file lost": fstest.MapFS{"pages/manifest.json": {Data: []byte(`{"files":[{"path":"index.html","stored":"gone.gz"}]}`)}},
	} {
		opts := Defaults()
		opts.Dev, opts.Pages = true, pages
		if _, err := New(blog.API(openDatabase(t)), opts); err == nil || !strings.Contains(err.Error(), "pages: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A route of the project's own is the project's, in dev mode too; what it has for
// everything else does not take the pages' place.
func TestPagesLeaveRoutesOfTheProjectAlone(t *testing.T) {
	t.Parallel()
	own := func(patterns ...string) func(*http.ServeMux) {
		return func(mux *http.ServeMux) {
			for _, p := range patterns {
				mux.HandleFunc(p, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "own") })
			}
		}
	}
	for _, tc := range []struct {
		patterns []string
		path     string
		own      bool
	}{
		{[]string{"GET /data", "/assets/"}, "/data", true},
		{[]string{"/data"}, "/data", true},
		{[]string{"GET /{$}"}, "/", true},
		{[]string{"/", "/assets/"}, "/data", false},
		{[]string{"/", "/assets/"}, "/", false},
		{[]string{"/assets/"}, "/assets/mine.js", true},
		{[]string{"/assets/"}, "/assets/a-1234.js", false},
	} {
		h := devServer(t, builtPages(t), own(tc.patterns...))
		if w := sendRequest(h, "GET", tc.path, ""); w.Code != 200 || (w.Body.String() == "own") != tc.own {
			t.Errorf("%v: %s gives %d %s", tc.patterns, tc.path, w.Code, w.Body)
		}
	}
}

// A link leads to a page from anywhere; nothing else of another site gets one.
func TestALinkFromElsewhereLeadsToAPage(t *testing.T) {
	t.Parallel()
	opts := Defaults()
	opts.Dev, opts.Pages, opts.Hosts = true, builtPages(t), loopbackHosts
	h, _ := newServer(t, opts)
	for _, tc := range []struct {
		host, mode, dest string
		status           int
	}{
		{"localhost:8080", "navigate", "document", 200},
		{"localhost:8080", "navigate", "iframe", 403},
		{"localhost:8080", "no-cors", "script", 403},
		{"localhost:8080", "cors", "empty", 403},
		{"evil.example", "navigate", "document", 403},
	} {
		for _, path := range []string{"/", "/data", "/assets/a-1234.js"} {
			r := newRequest(path, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", tc.mode, "Sec-Fetch-Dest", tc.dest)
			r.Host = tc.host
			if w := recordRequest(h, r); w.Code != tc.status {
				t.Errorf("%+v: %s gives %d", tc, path, w.Code)
			}
		}
	}
}

// The data browser is told what introspection does not say, in the page itself, which
// has a tag of its own for that.
func TestTheDataBrowserIsToldWhoRefersToWhom(t *testing.T) {
	t.Parallel()
	files := builtPages(t).(fstest.MapFS)
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	if _, err := io.WriteString(zip, "<head></head><body></body>"); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	files["pages/data.html.gz"] = &fstest.MapFile{Data: packed.Bytes()}
	w := sendRequest(devServer(t, files, nil), "GET", "/data", "")
	if body := w.Body.String(); !strings.Contains(body, `{"of":"Comment","edge":"author","back":"comments","action":"noAction"}`) ||
		!strings.HasSuffix(body, "]}</script></head><body></body>") || w.Header().Get("Content-Length") != fmt.Sprint(len(body)) {
		t.Errorf("%v\n%s", w.Header(), body)
	}
	if tag := w.Header().Get("ETag"); strings.Contains(tag, "tag-of-data") {
		t.Errorf("the page has the tag of what it was made of: %s", tag)
	}
}
