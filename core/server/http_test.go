package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestTransport(t *testing.T) {
	t.Parallel()
	const both = "application/graphql-response+json, application/json;q=0.9"
	isJSON := []string{"Content-Type", "application/json"}
	asGraphQL := []string{"Content-Type", "application/json", "Accept", mediaGraphQL}
	for name, tc := range map[string]struct {
		method, target, body string
		headers              []string
		status               int
		media                string // of the response; application/json when ""
		code                 string // of the error
		message              string // part of it
	}{
		"post":                            {body: `{"query":"{__typename}"}`, headers: isJSON, status: 200},
		"post accepting graphql-response": {body: `{"query":"{__typename}"}`, headers: asGraphQL, status: 200, media: mediaGraphQL},
		"post accepting both":             {body: `{"query":"{__typename}"}`, headers: append([]string{"Accept", both}, isJSON...), status: 200, media: mediaGraphQL},
		"post accepting anything":         {body: `{"query":"{__typename}"}`, headers: append([]string{"Accept", "*/*"}, isJSON...), status: 200},
		"post accepting HTML only":        {body: `{"query":"{__typename}"}`, headers: append([]string{"Accept", "text/html"}, isJSON...), status: 406, code: "BAD_REQUEST"},
		"post in UTF-8":                   {body: `{"query":"{__typename}"}`, headers: []string{"Content-Type", "application/json; charset=UTF-8"}, status: 200},
		"post in UTF-16":                  {body: `{"query":"{__typename}"}`, headers: []string{"Content-Type", "application/json; charset=utf-16"}, status: 415, code: "BAD_REQUEST"},
		"post without content type":       {body: `{"query":"{__typename}"}`, status: 415, code: "BAD_REQUEST"},
		"post as text":                    {body: `{"query":"{__typename}"}`, headers: []string{"Content-Type", "text/plain"}, status: 415, code: "BAD_REQUEST"},
		"post as form":                    {body: `query={__typename}`, headers: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 415, code: "BAD_REQUEST"},
		"post as multipart":               {body: "--x\r\n\r\n--x--", headers: []string{"Content-Type", "multipart/form-data; boundary=x"}, status: 415, code: "BAD_REQUEST"},
		"post as application/graphql":     {body: `{__typename}`, headers: []string{"Content-Type", "application/graphql"}, status: 415, code: "BAD_REQUEST"},
		"post compressed":                 {body: `x`, headers: append([]string{"Content-Encoding", "gzip"}, isJSON...), status: 415, code: "BAD_REQUEST"},
		"empty body":                      {headers: isJSON, status: 400, code: "BAD_REQUEST", message: "not valid JSON"},
		"cut body":                        {body: `{"query":"{__ty`, headers: isJSON, status: 400, code: "BAD_REQUEST", message: "not valid JSON"},
		"more than one value":             {body: `{"query":"{__typename}"} {}`, headers: isJSON, status: 400, code: "BAD_REQUEST", message: "at byte"},
		"invalid UTF-8":                   {body: "{\"query\":\"{__typename}\xff\"}", headers: isJSON, status: 400, code: "BAD_REQUEST", message: "UTF-8"},
		"batch":                           {body: `[{"query":"{__typename}"}]`, headers: isJSON, status: 400, code: "BAD_REQUEST", message: "Batches"},
		"a string for a body":             {body: `"{__typename}"`, headers: isJSON, status: 400, code: "BAD_REQUEST", message: "JSON object"},
		"null for a body":                 {body: `null`, headers: isJSON, status: 400, code: "BAD_REQUEST", message: "must be a JSON object"},
		"no query":                        {body: `{"qeury":"{__typename}"}`, headers: isJSON, status: 400, code: "BAD_REQUEST", message: "query is missing"},
		"query is null":                   {body: `{"query":null}`, headers: isJSON, status: 400, code: "BAD_REQUEST", message: "query is missing"},
		"query is a number":               {body: `{"query":1}`, headers: isJSON, status: 400, code: "BAD_REQUEST", message: "query must be a string"},
		"operationName is a list":         {body: `{"query":"{__typename}","operationName":[]}`, headers: isJSON, status: 400, code: "BAD_REQUEST", message: "operationName must be a string"},
		"variables are a list":            {body: `{"query":"{__typename}","variables":[7]}`, headers: isJSON, status: 400, code: "BAD_REQUEST", message: "variables must be"},
		"extensions are a string":         {body: `{"query":"{__typename}","extensions":"x"}`, headers: isJSON, status: 400, code: "BAD_REQUEST", message: "extensions must be"},
		"nulls":                           {body: `{"query":"{__typename}","operationName":null,"variables":null,"extensions":null}`, headers: isJSON, status: 200},
		"a key of another's":              {body: `{"query":"{__typename}","id":7}`, headers: isJSON, status: 200},
		"a key twice":                     {body: `{"query":"{","query":"{__typename}"}`, headers: isJSON, status: 400, code: "BAD_REQUEST", message: "query twice"},
		"a key twice by an escape":        {body: `{"query":"{__typename}","qu\u0065ry":"{__typename}"}`, headers: isJSON, status: 400, code: "BAD_REQUEST", message: "query twice"},
		"a variable twice":                {body: `{"query":"{__typename}","variables":{"a":{"b":1,"b":2}}}`, headers: isJSON, status: 400, code: "BAD_REQUEST", message: "b twice"},
		"a key in another case":           {body: `{"query":"{__typename}","QUERY":"{__typename}"}`, headers: isJSON, status: 400, code: "BAD_REQUEST", message: "QUERY is written query"},
		"variables in another case":       {body: `{"query":"{__typename}","Variables":{}}`, headers: isJSON, status: 400, code: "BAD_REQUEST", message: "written variables"},
		"a byte order mark":               {body: "\ufeff" + `{"query":"{__typename}"}`, headers: isJSON, status: 400, code: "BAD_REQUEST", message: "byte 0"},
		"too deep a body":                 {body: `{"query":"{__typename}","variables":` + strings.Repeat("[", 20_000), headers: isJSON, status: 400, code: "BAD_REQUEST", message: "JSON"},
		"compressed twice":                {body: `x`, headers: append([]string{"Content-Encoding", "identity", "Content-Encoding", "br"}, isJSON...), status: 415, code: "BAD_REQUEST"},
		"not compressed":                  {body: `{"query":"{__typename}"}`, headers: append([]string{"Content-Encoding", "Identity"}, isJSON...), status: 200},
		"two content types":               {body: `{"query":"{__typename}"}`, headers: append([]string{"Content-Type", "text/plain"}, isJSON...), status: 415, code: "BAD_REQUEST"},
		"two operations of one name":      {body: `{"query":"query A{__typename} query A{__typename}","operationName":"A"}`, headers: isJSON, status: 200, code: "GRAPHQL_VALIDATION_FAILED"},
		"extensions are kept out":         {body: `{"query":"{__typename}","extensions":{"a":{"b":1}}}`, headers: isJSON, status: 200},
		"operation by name":               {body: `{"query":"query A{__typename} mutation B{__typename}","operationName":"A"}`, headers: isJSON, status: 200},
		"operation without a name":        {body: `{"query":"query A{__typename}","operationName":""}`, headers: isJSON, status: 200},
		"operation not named of two":      {body: `{"query":"query A{__typename} query B{__typename}"}`, headers: isJSON, status: 200, code: "GRAPHQL_VALIDATION_FAILED"},
		"operation unknown":               {body: `{"query":"query A{__typename}","operationName":"C"}`, headers: asGraphQL, status: 400, media: mediaGraphQL, code: "GRAPHQL_VALIDATION_FAILED"},
		"no operation":                    {body: `{"query":""}`, headers: isJSON, status: 200, code: "GRAPHQL_VALIDATION_FAILED"},
		"document does not parse":         {body: `{"query":"{"}`, headers: isJSON, status: 200, code: "GRAPHQL_PARSE_FAILED"},
		"document does not parse, new":    {body: `{"query":"{"}`, headers: asGraphQL, status: 400, media: mediaGraphQL, code: "GRAPHQL_PARSE_FAILED"},
		"document is not valid":           {body: `{"query":"{nothing}"}`, headers: isJSON, status: 200, code: "GRAPHQL_VALIDATION_FAILED"},
		"document is not valid, new":      {body: `{"query":"{nothing}"}`, headers: asGraphQL, status: 400, media: mediaGraphQL, code: "GRAPHQL_VALIDATION_FAILED"},
		"variable does not fit":           {body: `{"query":"query($n:Int){posts(first:$n){totalCount}}","variables":{"n":"x"}}`, headers: isJSON, status: 200, code: "BAD_USER_INPUT"},
		"variable does not fit, new":      {body: `{"query":"query($n:Int){posts(first:$n){totalCount}}","variables":{"n":"x"}}`, headers: asGraphQL, status: 400, media: mediaGraphQL, code: "BAD_USER_INPUT"},
		"subscription":                    {body: `{"query":"subscription{__typename}"}`, headers: isJSON, status: 200, code: "GRAPHQL_VALIDATION_FAILED"},
		"mutation":                        {body: `{"query":"mutation{__typename}"}`, headers: isJSON, status: 200},
		"get":                             {method: "GET", target: "?query={__typename}", status: 200},
		"get with everything":             {method: "GET", target: "?query=" + url.QueryEscape(`query Q($n:Int){posts(first:$n){totalCount}}`) + `&variables={"n":1}&operationName=Q&extensions={"a":1}`, status: 200},
		"get with empty parameters":       {method: "GET", target: "?query={__typename}&variables=&operationName=&extensions=", status: 200},
		"get accepting graphql-response":  {method: "GET", target: "?query={__typename}", headers: []string{"Accept", mediaGraphQL}, status: 200, media: mediaGraphQL},
		"get as a browser does":           {method: "GET", target: "?query={__typename}", headers: []string{"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}, status: 200},
		"get of a mutation":               {method: "GET", target: "?query=mutation{__typename}", status: 405, code: "BAD_REQUEST", message: "POST"},
		"get of a named mutation":         {method: "GET", target: "?query=" + url.QueryEscape("query A{__typename} mutation B{__typename}") + "&operationName=B", status: 405, code: "BAD_REQUEST"},
		"get without query":               {method: "GET", status: 400, code: "BAD_REQUEST", message: "query is missing"},
		"get with bad variables":          {method: "GET", target: "?query={__typename}&variables={", status: 400, code: "BAD_REQUEST", message: "variables"},
		"get with two variables":          {method: "GET", target: "?query={__typename}&variables={}{}", status: 400, code: "BAD_REQUEST", message: "variables"},
		"get with bad extensions":         {method: "GET", target: "?query={__typename}&extensions=7", status: 400, code: "BAD_REQUEST", message: "extensions"},
		"get badly encoded":               {method: "GET", target: "?query=%zz", status: 400, code: "BAD_REQUEST", message: "encoded"},
		"get with a parameter twice":      {method: "GET", target: "?query={__typename}&query={__typename}", status: 400, code: "BAD_REQUEST", message: "query is given twice"},
		"get in another case":             {method: "GET", target: "?query={__typename}&Query={__typename}", status: 400, code: "BAD_REQUEST", message: "Query is written query"},
		"get with a variable twice":       {method: "GET", target: `?query={__typename}&variables={"a":1,"a":2}`, status: 400, code: "BAD_REQUEST", message: "variables"},
		"get with half a character":       {method: "GET", target: "?query=" + url.QueryEscape(`{post(id:"\ud800"){id}}`), status: 400, code: "BAD_REQUEST", message: "surrogate"},
		"get with half in a variable":     {method: "GET", target: "?query={__typename}&variables=" + url.QueryEscape(`{"a":"\ud800"}`), status: 400, code: "BAD_REQUEST", message: "variables"},
		"get in invalid UTF-8, a later":   {method: "GET", target: "?query={__typename}&x=1&x=%ff", status: 400, code: "BAD_REQUEST", message: "UTF-8"},
		"get in invalid UTF-8":            {method: "GET", target: "?query=%ff", status: 400, code: "BAD_REQUEST", message: "UTF-8"},
		"put":                             {method: "PUT", body: `{"query":"{__typename}"}`, headers: isJSON, status: 405, code: "BAD_REQUEST"},
		"delete":                          {method: "DELETE", status: 405, code: "BAD_REQUEST"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := &testExecution{}
			h, _ := newTestHandler(t, Defaults(), e)
			if tc.method == "" {
				tc.method = http.MethodPost
			}
			if tc.media == "" {
				tc.media = mediaJSON
			}
			w := sendRequest(h, tc.method, "/graphql"+tc.target, tc.body, tc.headers...)
			if w.Code != tc.status {
				t.Errorf("status %d, want %d", w.Code, tc.status)
			}
			if got, want := w.Header().Get("Content-Type"), tc.media+"; charset=utf-8"; got != want {
				t.Errorf("content type %q, want %q", got, want)
			}
			r := readReply(t, w.Body)
			if r.code() != tc.code {
				t.Errorf("code %q, want %q", r.code(), tc.code)
			}
			if tc.message != "" && !strings.Contains(r.Errors[0].Message, tc.message) {
				t.Errorf("message %q lacks %q", r.Errors[0].Message, tc.message)
			}
			if executed := e.ran.Load() != nil; executed != (tc.code == "") {
				t.Errorf("executed is %t", executed)
			}
			if (r.Data != nil) != (tc.code == "") {
				t.Errorf("data is %s", r.Data)
			}
			if strings.HasPrefix(tc.code, "GRAPHQL") && (len(r.Errors[0].Locations) == 0 || r.Errors[0].Locations[0].Line < 1) {
				t.Error("the error has no location")
			}
		})
	}
}

func TestMethodsAreTold(t *testing.T) {
	t.Parallel()
	h, _ := newTestHandler(t, Defaults(), &testExecution{})
	if w := sendRequest(h, "OPTIONS", "/graphql", ""); w.Code != 204 || w.Header().Get("Allow") != allowedMethods || w.Body.Len() > 0 {
		t.Errorf("OPTIONS: %d %v", w.Code, w.Header())
	}
	if w := sendRequest(h, "PATCH", "/graphql", ""); w.Header().Get("Allow") != allowedMethods {
		t.Errorf("PATCH: %v", w.Header())
	}
	if w := sendRequest(h, "GET", "/graphql?query=mutation{__typename}", ""); w.Header().Get("Allow") != "POST" {
		t.Errorf("GET of a mutation: %v", w.Header())
	}
}

func TestNumbersInVariablesKeepTheirDigits(t *testing.T) {
	t.Parallel()
	e := &testExecution{}
	h, _ := newTestHandler(t, Defaults(), e)
	w := postQuery(t, h, `query($c: Cursor, $id: ID!) { posts(after: $c) { totalCount } post(id: $id) { id } }`, `{"c":9007199254740993,"id":9007199254740993}`)
	if r := readReply(t, w.Body); len(r.Errors) > 0 {
		t.Fatal(r.Errors)
	}
	if got := e.ran.Load().Variables["c"]; got != json.Number("9007199254740993") {
		t.Errorf("own scalar: %#v", got)
	}
	if got := e.ran.Load().Variables["id"]; got != "9007199254740993" {
		t.Errorf("ID: %#v", got)
	}
}

func TestBodySize(t *testing.T) {
	t.Parallel()
	body := `{"query":"{__typename}"}`
	for name, tc := range map[string]struct {
		limit   int
		chunked bool
		status  int
		actual  float64
	}{
		"at the limit":          {limit: len(body), status: 200},
		"over it":               {limit: len(body) - 1, status: 413, actual: float64(len(body))},
		"at the limit, chunked": {limit: len(body), chunked: true, status: 200},
		"over it, chunked":      {limit: len(body) - 1, chunked: true, status: 413, actual: float64(len(body))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := Defaults()
			opts.MaxBody = tc.limit
			h, _ := newTestHandler(t, opts, &testExecution{})
			r, err := http.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			if tc.chunked {
				r.ContentLength = -1
			}
			w := recordRequest(h, r)
			got := readReply(t, w.Body)
			if w.Code != tc.status {
				t.Fatalf("status %d, want %d", w.Code, tc.status)
			}
			if tc.status == 413 && (got.code() != "LIMIT_EXCEEDED" || got.Errors[0].Extensions["limit"] != float64(tc.limit) || got.Errors[0].Extensions["actual"] != tc.actual) {
				t.Errorf("%+v", got.Errors[0])
			}
		})
	}
	opts := Defaults()
	opts.MaxBody = 20
	h, _ := newTestHandler(t, opts, &testExecution{})
	if w := sendRequest(h, "GET", "/graphql?query={__typename}", ""); w.Code != 200 {
		t.Errorf("GET at the limit: %d", w.Code)
	}
	if w := sendRequest(h, "GET", "/graphql?query={__typename%20}", ""); w.Code != 414 || readReply(t, w.Body).code() != "LIMIT_EXCEEDED" {
		t.Errorf("GET over the limit: %d", w.Code)
	}
}

func TestNegotiate(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{
		"":                                  mediaJSON,
		"*/*":                               mediaJSON,
		"application/*":                     mediaJSON,
		"application/json":                  mediaJSON,
		"APPLICATION/JSON":                  mediaJSON,
		mediaGraphQL:                        mediaGraphQL,
		mediaGraphQL + ", */*":              mediaGraphQL,
		"*/*, " + mediaGraphQL:              mediaGraphQL,
		mediaGraphQL + ";q=0.1,*/*":         mediaJSON,
		"application/json, " + mediaGraphQL: mediaJSON,
		mediaGraphQL + "; charset=utf-8, application/json; charset=utf-8": mediaGraphQL,
		"application/json;q=0.5, " + mediaGraphQL + ";q=0.6":              mediaGraphQL,
		"application/json;q=0, */*":                                       mediaGraphQL,
		"application/json;q=0":                                            "",
		"application/json;q=x":                                            "",
		"text/html":                                                       "",
		"application/json;q=NaN":                                          "",
		"application/json;q=2":                                            "",
		"application/json;q=-1":                                           "",
		`text/x;a="b,c\",", application/json`:                             mediaJSON,
		strings.Repeat("text/x,", 1000) + "application/json":              "",
		"text/html, application/xml":                                      "",
		"text/html, application/xhtml+xml, */*;q=0.1":                     mediaJSON,
		"application/json, multipart/mixed":                               mediaJSON,
		"not a media type at all, application/json":                       mediaJSON,
		"application/graphql+json, application/json;q=0.5, application/graphql-response+json;q=0": mediaJSON,
	} {
		if got := chooseMedia([]string{accept}); got != want {
			t.Errorf("%q: %q, want %q", accept, got, want)
		}
	}
	if got := chooseMedia([]string{"text/html", mediaGraphQL}); got != mediaGraphQL {
		t.Errorf("two headers: %q", got)
	}
	if got := chooseMedia(nil); got != mediaJSON {
		t.Errorf("no header: %q", got)
	}
}

func TestDataGoesOutAsItIs(t *testing.T) {
	t.Parallel()
	h, _ := newTestHandler(t, Defaults(), &testExecution{})
	w := postQuery(t, h, "{__typename}", "")
	if got, want := w.Body.String(), `{"data":{"ok":true}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := w.Header().Get("Content-Length"); got != "20" {
		t.Errorf("Content-Length is %s", got)
	}
}

func TestHalfACharacterIsRefused(t *testing.T) {
	t.Parallel()
	for text, lone := range map[string]bool{
		``: false, `a\n\u0041`: false, `\ud83d\ude00`: false, `\ud83d`: true, `\ud83d\u0041`: true, `\ude00`: true,
		`\\ud83d`: false, `\\\ud83d`: true, `\uD83Dx`: true, `\u12`: false, `\`: false, `\ud83d\ude00\ud83d`: true,
	} {
		if got := holdsLoneSurrogate(text); got != lone {
			t.Errorf("%s: %t", text, got)
		}
	}
}
