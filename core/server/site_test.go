package server

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// loopbackHosts are those of dev mode.
var loopbackHosts = []string{"localhost", "127.0.0.0/8", "::1"}

func TestOnlyAllowedHostsAreAnswered(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "localhost:8080": true, "LOCALHOST:1": true, "localhost.": true, "localhost.:80": true,
		"127.0.0.1": true, "127.0.0.1:8080": true, "127.9.9.9": true, "[::1]": true, "[::1]:8080": true, "[0:0::1]": true, "[::ffff:127.0.0.1]": true,
		"": false, "evil.example": false, "evil.example:8080": false, "localhost.evil.example": false, "xlocalhost": false, "127.0.0.1.evil.example": false,
		"0.0.0.0": false, "127.1": false, "2130706433": false, "[::]": false, "[::2]": false, "[::1": false, "::1": true, "localhost:80:90": false,
		"localhost:x": false, "evil@localhost": false, "localhost/x": false, "localhost..": false, "[localhost]": true, "10.0.0.1": false,
	} {
		e := &testExecution{}
		opts := Defaults()
		opts.Hosts = loopbackHosts
		h, _ := newTestHandler(t, opts, e)
		for _, method := range []string{"GET", "POST", "OPTIONS"} {
			r := httptest.NewRequest(method, "/graphql?query={__typename}", strings.NewReader(`{"query":"{__typename}"}`))
			r.Header.Set("Content-Type", "application/json")
			r.Host = host
			w := recordRequest(h, r)
			if (w.Code != http.StatusForbidden) != want || !want && (readReply(t, w.Body).code() != "FORBIDDEN" || e.ran.Load() != nil) {
				t.Errorf("%s with host %q: %d %s", method, host, w.Code, w.Body)
			}
		}
	}
}

// The host is that of the request line, where it has one: so the specification
// of HTTP says.
func TestTheHostOfAnAbsoluteRequestCounts(t *testing.T) {
	t.Parallel()
	opts := Defaults()
	opts.Hosts = loopbackHosts
	for line, want := range map[string]int{
		"GET http://evil.example/graphql?query={__typename} HTTP/1.1\r\nHost: localhost\r\n\r\n":     403,
		"GET http://localhost/graphql?query={__typename} HTTP/1.1\r\nHost: evil.example\r\n\r\n":     200,
		"GET http://LOCALHOST.:1/graphql?query={__typename} HTTP/1.1\r\nHost: localhost\r\n\r\n":     200,
		"GET /graphql?query={__typename} HTTP/1.0\r\n\r\n":                                           403,
		"OPTIONS http://evil.example/graphql HTTP/1.1\r\nHost: localhost\r\n\r\n":                    403,
		"GET http://u:p@localhost/graphql?query={__typename} HTTP/1.1\r\nHost: evil.example\r\n\r\n": 200,
	} {
		h, _ := newTestHandler(t, opts, &testExecution{})
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(line)))
		if err != nil {
			t.Fatal(err)
		}
		if w := recordRequest(h, r); w.Code != want {
			t.Errorf("%q: %d", line, w.Code)
		}
	}
}

func TestOtherSitesAreNotLetIn(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		host    string
		headers []string
		want    bool
	}{
		"no browser":                 {"localhost:8080", nil, true},
		"the page of the server":     {"localhost:8080", []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://localhost:8080"}, true},
		"typed by hand":              {"localhost:8080", []string{"Sec-Fetch-Site", "none"}, true},
		"behind a proxy":             {"10.0.0.7", []string{"Sec-Fetch-Site", "same-origin", "Origin", "https://api.example.com"}, true},
		"another site":               {"localhost:8080", []string{"Sec-Fetch-Site", "cross-site"}, false},
		"another port":               {"localhost:8080", []string{"Sec-Fetch-Site", "same-site"}, false},
		"what nobody knows":          {"localhost:8080", []string{"Sec-Fetch-Site", "SAME-ORIGIN"}, false},
		"said twice":                 {"localhost:8080", []string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Site", "cross-site"}, false},
		"an older browser":           {"localhost:8080", []string{"Origin", "http://localhost:8080"}, true},
		"upper case":                 {"LOCALHOST:8080", []string{"Origin", "http://localhost:8080"}, true},
		"the port of the scheme":     {"api.example.com:443", []string{"Origin", "https://api.example.com"}, true},
		"an older one, another site": {"localhost:8080", []string{"Origin", "https://evil.example"}, false},
		"an older one, another port": {"localhost:8080", []string{"Origin", "http://localhost:3000"}, false},
		"no origin to tell":          {"localhost:8080", []string{"Origin", "null"}, false},
		"an empty origin":            {"localhost:8080", []string{"Origin", ""}, false},
		"by hand, from elsewhere":    {"localhost:8080", []string{"Sec-Fetch-Site", "none", "Origin", "https://evil.example"}, false},
		"a name that starts alike":   {"localhost", []string{"Origin", "http://localhost.evil.example"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := Defaults()
			opts.Dev = true
			routes, _ := newServer(t, opts)
			for _, target := range []string{"GET /graphql?query={__typename}", "POST /graphql", "OPTIONS /graphql", "GET /"} {
				method, path, _ := strings.Cut(target, " ")
				r := httptest.NewRequest(method, path, strings.NewReader(`{"query":"mutation{createTag(input:{name:\"x\"}){id}}"}`))
				r.Host = tc.host
				r.Header.Set("Content-Type", "application/json")
				for i := 0; i < len(tc.headers); i += 2 {
					r.Header.Add(tc.headers[i], tc.headers[i+1])
				}
				w := recordRequest(routes, r)
				if (w.Code != http.StatusForbidden) != tc.want {
					t.Errorf("%s: %d %s", target, w.Code, w.Body)
				}
				for header := range w.Header() {
					if strings.HasPrefix(header, "Access-Control-") {
						t.Errorf("%s answers with %s", target, header)
					}
				}
			}
			r := readReply(t, sendRequest(routes, "POST", "/graphql", `{"query":"{tags{totalCount}}"}`, "Content-Type", "application/json").Body)
			if written := strings.Contains(string(r.Data), `:1`); written != tc.want {
				t.Errorf("the mutation ran is %t: %s", written, r.Data)
			}
			// Whoever watches over the server knows it by its address.
			if w := sendRequest(routes, "GET", "/healthz", "", tc.headers...); w.Code != http.StatusOK {
				t.Errorf("health: %d", w.Code)
			}
		})
	}
}
