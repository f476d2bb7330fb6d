package server

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// fromOrigin sends a request as a browser does for a page of an origin.
func fromOrigin(h http.Handler, method, target, origin, body string, headers ...string) *httptest.ResponseRecorder {
	return sendRequest(h, method, target, body, append([]string{"Origin", origin, "Sec-Fetch-Site", "cross-site", "Content-Type", "application/json"}, headers...)...)
}

func TestPagesOfAllowedOriginsAreAnswered(t *testing.T) {
	t.Parallel()
	const ours = "https://app.example.com"
	const write = `{"query":"mutation{createTag(input:{name:\"x\"}){id}}"}`
	for name, tc := range map[string]struct {
		origins []string
		origin  string
		want    string // Access-Control-Allow-Origin, "" where the request is refused
	}{
		"none is allowed":        {nil, ours, ""},
		"one is":                 {[]string{ours}, ours, ours},
		"one of two":             {[]string{"http://localhost:3000", ours}, "http://localhost:3000", "http://localhost:3000"},
		"its default port":       {[]string{"https://App.Example.com:443"}, ours, ours},
		"its scheme":             {[]string{ours}, "http://app.example.com", ""},
		"its port":               {[]string{ours}, ours + ":8443", ""},
		"a subdomain":            {[]string{ours}, "https://x.app.example.com", ""},
		"a name that ends alike": {[]string{ours}, "https://evilapp.example.com", ""},
		"a name that goes on":    {[]string{ours}, ours + ".evil.example", ""},
		"an application's":       {[]string{"capacitor://localhost"}, "capacitor://localhost", "capacitor://localhost"},
		"nobody's":               {[]string{ours}, "null", ""},
		"any":                    {[]string{"*"}, "https://what.example", "*"},
		"any, nobody's too":      {[]string{"*"}, "null", "*"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := Defaults()
			opts.Origins = tc.origins
			routes, _ := newServer(t, opts)
			for _, body := range []string{write, `{`, `{"query":"{nothing}"}`} {
				w := fromOrigin(routes, "POST", "/graphql", tc.origin, body)
				if got := w.Header().Get("Access-Control-Allow-Origin"); got != tc.want || (w.Code == http.StatusForbidden) != (tc.want == "") {
					t.Errorf("%s: %d, allowed %q", body, w.Code, got)
				}
				credentials := w.Header().Get("Access-Control-Allow-Credentials") == "true"
				if credentials != (tc.want != "" && tc.want != "*") {
					t.Errorf("%s: credentials are %t", body, credentials)
				}
				if exposed := w.Header().Get("Access-Control-Expose-Headers"); (tc.want != "") != strings.Contains(exposed, "X-Request-Id") {
					t.Errorf("%s: exposed %q", body, exposed)
				}
				if varies := slices.Contains(w.Header()["Vary"], "Origin"); varies != (len(tc.origins) > 0) {
					t.Errorf("%s: Vary is %q", body, w.Header()["Vary"])
				}
			}
			r := readReply(t, postQuery(t, routes, `{tags{totalCount}}`, "").Body)
			if ran := strings.Contains(string(r.Data), `:1`); ran != (tc.want != "") {
				t.Errorf("the mutation ran is %t: %s", ran, r.Data)
			}
		})
	}
}

// Before it sends JSON, a browser asks whether it may.
func TestPreflight(t *testing.T) {
	t.Parallel()
	const ours = "https://app.example.com"
	for name, tc := range map[string]struct {
		origins []string
		hosts   []string
		origin  string
		headers string // asked for
		status  int
		allowed string
		told    string // Access-Control-Allow-Headers
	}{
		"allowed":             {[]string{ours}, nil, ours, "content-type,x-explain", 204, ours, "content-type,x-explain"},
		"clients' own":        {[]string{ours}, nil, ours, "authorization,apollo-require-preflight,x-apollo-operation-name", 204, ours, "authorization,apollo-require-preflight,x-apollo-operation-name"},
		"no headers":          {[]string{ours}, nil, ours, "", 204, ours, ""},
		"any":                 {[]string{"*"}, nil, "https://what.example", "content-type", 204, "*", "content-type"},
		"no names of headers": {[]string{ours}, nil, ours, "a b,\"c\"", 204, ours, ""},
		"too many":            {[]string{ours}, nil, ours, strings.Repeat("x-long,", 1000) + "x", 204, ours, ""},
		"not allowed":         {[]string{ours}, nil, "https://evil.example", "content-type", 403, "", ""},
		"none allowed":        {nil, nil, ours, "content-type", 403, "", ""},
		"another host":        {[]string{ours}, []string{"api.example.com"}, ours, "content-type", 403, ours, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := Defaults()
			opts.Origins, opts.Hosts = tc.origins, tc.hosts
			// What a project puts around its routes must not stand before the question.
			opts.Middleware = []func(http.Handler) http.Handler{func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Header.Get("Access-Control-Request-Method") != "" && tc.status == 204 {
						http.Error(w, "sign in", http.StatusUnauthorized)
						return
					}
					next.ServeHTTP(w, r)
				})
			}}
			routes, _ := newServer(t, opts)
			ask := []string{"Access-Control-Request-Method", "POST"}
			if tc.headers != "" {
				ask = append(ask, "Access-Control-Request-Headers", tc.headers)
			}
			w := fromOrigin(routes, "OPTIONS", "/graphql", tc.origin, "", ask...)
			h := w.Header()
			if w.Code != tc.status || h.Get("Access-Control-Allow-Origin") != tc.allowed {
				t.Fatalf("%d %v", w.Code, h)
			}
			if tc.status != 204 {
				if h.Get("Access-Control-Allow-Methods") != "" {
					t.Errorf("allowed: %v", h)
				}
				return
			}
			if h.Get("Access-Control-Allow-Methods") != "GET, HEAD, POST" || h.Get("Access-Control-Max-Age") != "7200" || h.Get("Access-Control-Allow-Headers") != tc.told || w.Body.Len() > 0 {
				t.Errorf("%v %s", h, w.Body)
			}
			if (h.Get("Access-Control-Allow-Credentials") == "true") != (tc.allowed != "*") {
				t.Errorf("credentials: %v", h)
			}
			for _, name := range []string{"Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"} {
				if !slices.Contains(h["Vary"], name) {
					t.Errorf("Vary lacks %s: %q", name, h["Vary"])
				}
			}
		})
	}
}

// What stands before the API, such as a project's authentication, refuses so that
// the page can read why.
func TestRefusalsOfMiddlewareReachThePage(t *testing.T) {
	t.Parallel()
	opts := Defaults()
	opts.Origins = []string{"https://app.example.com"}
	opts.Middleware = []func(http.Handler) http.Handler{func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "sign in", http.StatusUnauthorized) })
	}}
	routes, _ := newServer(t, opts)
	for path, want := range map[string]string{"/graphql": "https://app.example.com", "/healthz": ""} {
		w := fromOrigin(routes, "POST", path, "https://app.example.com", `{"query":"{__typename}"}`)
		if got := w.Header().Get("Access-Control-Allow-Origin"); w.Code != http.StatusUnauthorized || got != want {
			t.Errorf("%s: %d, allowed %q", path, w.Code, got)
		}
	}
}

func TestOriginsAreReadInOneSpelling(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://app.example.com": "https://app.example.com", "HTTPS://APP.example.COM:443": "https://app.example.com", "http://localhost:80": "http://localhost",
		"http://localhost:3000": "http://localhost:3000", "http://[::1]:3000": "http://[::1]:3000", "http://127.0.0.1:0080": "http://127.0.0.1",
		"capacitor://localhost": "capacitor://localhost", "https://xn--bcher-kva.example": "https://xn--bcher-kva.example",
	} {
		if got, err := normalOrigin(text); got != want || err != nil {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"https://app.example.com/":      "write https://app.example.com",
		"https://app.example.com:443/x": "write https://app.example.com",
		"https://app.example.com?x":     "write https://app.example.com",
		"https://me@app.example.com":    "write https://app.example.com",
		"app.example.com":               "https://app.example.com",
		"localhost:3000":                "http://localhost:3000",
		"https://*.example.com":         "each",
		"null":                          "cannot be told apart",
		"":                              "no origin",
		"https://":                      "no origin",
		"https://app.example.com:port":  "no origin",
		"https://app.example.com:70000": "no origin",
		"https://bücher.example":        "xn--",
		"https://app example.com":       "no origin",
	} {
		if got, err := normalOrigin(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q, %v lacks %q", text, got, err, want)
		}
	}
	if err := CheckOrigins([]string{"*", "https://app.example.com"}); err == nil || !strings.Contains(err.Error(), "leave the others out") {
		t.Errorf("any and one: %v", err)
	}
}
