package server

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// answering is a handler that answers every operation with data of so many bytes.
func answering(t testing.TB, opts Options, size int) *httpHandler {
	t.Helper()
	return answeringWith(t, opts, []byte(`"`+strings.Repeat("so many words ", size)[:size-2]+`"`))
}

func answeringWith(t testing.TB, opts Options, data []byte) *httpHandler {
	t.Helper()
	h, _ := newTestHandler(t, opts, &testExecution{do: func(context.Context, *graphql.OperationContext) *graphql.Response {
		return &graphql.Response{Data: data}
	}})
	return h
}

func gunzip(t *testing.T, body []byte) string {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestLongAnswersAreCompressed(t *testing.T) {
	t.Parallel()
	const around = len(`{"data":}`)
	off := Defaults()
	off.Compress = false
	for name, tc := range map[string]struct {
		opts   Options
		size   int
		method string
		accept []string
		want   bool
	}{
		"long":                 {Defaults(), compressFrom - around + 1, "GET", []string{"gzip"}, true},
		"a large one":          {Defaults(), 4 << 20, "GET", []string{"gzip, deflate, br, zstd"}, true},
		"just not long":        {Defaults(), compressFrom - around, "GET", []string{"gzip"}, false},
		"not asked":            {Defaults(), 4096, "GET", nil, false},
		"for none":             {Defaults(), 4096, "GET", []string{""}, false},
		"another coding":       {Defaults(), 4096, "GET", []string{"br"}, false},
		"refused":              {Defaults(), 4096, "GET", []string{"gzip;q=0"}, false},
		"refused to the third": {Defaults(), 4096, "GET", []string{"gzip; q=0.000, *"}, false},
		"any":                  {Defaults(), 4096, "GET", []string{"*"}, true},
		"any other":            {Defaults(), 4096, "GET", []string{"br;q=1, *;q=0.1"}, true},
		"in two headers":       {Defaults(), 4096, "GET", []string{"br", "GZIP;Q=0.5"}, true},
		"by its old name":      {Defaults(), 4096, "GET", []string{"x-gzip"}, true},
		"rather not":           {Defaults(), 4096, "GET", []string{"identity, gzip;q=0.5"}, false},
		"rather":               {Defaults(), 4096, "GET", []string{"identity;q=0.5, gzip"}, true},
		"no weight":            {Defaults(), 4096, "GET", []string{"gzip;q=x"}, false},
		"no number":            {Defaults(), 4096, "GET", []string{"gzip;q=NaN"}, false},
		"a name like it":       {Defaults(), 4096, "GET", []string{"gzipped"}, false},
		"no body":              {Defaults(), 4096, "HEAD", []string{"gzip"}, false},
		"switched off":         {off, 4096, "GET", []string{"gzip"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(tc.method, "/graphql?query={__typename}", nil)
			r.Header["Accept-Encoding"] = tc.accept
			w := recordRequest(answering(t, tc.opts, tc.size), r)
			body, header := w.Body.Bytes(), w.Header()
			if got := header.Get("Content-Encoding") == "gzip"; got != tc.want {
				t.Fatalf("compressed: %t, %v", got, header)
			}
			if tc.want {
				if len(body) > tc.size/2 || header.Get("Content-Length") != "" {
					t.Errorf("%d bytes, Content-Length %q", len(body), header.Get("Content-Length"))
				}
				body = []byte(gunzip(t, body))
			} else if header.Get("Content-Length") != fmt.Sprint(tc.size+around) {
				t.Errorf("Content-Length %q", header.Get("Content-Length"))
			}
			if len(body) != tc.size+around || !bytes.HasPrefix(body, []byte(`{"data":"so many`)) {
				t.Errorf("%d bytes: %.30s", len(body), body)
			}
			if got := slices.Equal(header["Vary"], []string{"Accept-Encoding"}); got != tc.opts.Compress {
				t.Errorf("Vary is %q", header["Vary"])
			}
		})
	}
}

// Over a database and a connection: Go's client asks for gzip by itself.
func TestAnswersArriveWhole(t *testing.T) {
	t.Parallel()
	routes, _ := newServer(t, Defaults())
	server := httptest.NewServer(routes)
	defer server.Close()
	var inputs []string
	for i := range 200 {
		inputs = append(inputs, fmt.Sprintf(`{name: "tag-%d"}`, i))
	}
	const read = `{ tags(first: 200) { edges { node { id name } } } }`
	if got := post(t, server.URL, `mutation { createTags(inputs: [`+strings.Join(inputs, ",")+`]) { name } }`); !strings.HasSuffix(got, `{"name":"tag-199"}]}}`) {
		t.Errorf("%.200s", got)
	}
	want := postQuery(t, routes, read, "").Body.String()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 10 {
				if got := post(t, server.URL, read); got != want {
					t.Errorf("%.200s", got)
				}
			}
		})
	}
	all.Wait()
	for _, err := range []string{`{ nothing }`, strings.Repeat(`{ nothing `, 200)} { // short, and long
		if got := post(t, server.URL, err); !strings.HasPrefix(got, `{"errors":[`) {
			t.Errorf("%.200s", got)
		}
	}
}

// Clients that leave in the middle of an answer leave nothing behind in the writers
// that the next answers use.
func TestClientsThatLeaveSpoilNoAnswer(t *testing.T) {
	t.Parallel()
	h := answering(t, Defaults(), 8<<20)
	var ended sync.WaitGroup
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer ended.Done()
		h.ServeHTTP(w, r)
	}))
	defer server.Close()
	const request = "GET /graphql?query={__typename} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n"
	for range 20 {
		ended.Add(1)
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, request); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(conn, make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
		conn.Close()
	}
	ended.Wait()
	for range 4 {
		r := httptest.NewRequest("GET", "/graphql?query={__typename}", nil)
		r.Header.Set("Accept-Encoding", "gzip")
		w := recordRequest(h, r)
		if got := gunzip(t, w.Body.Bytes()); len(got) != 8<<20+len(`{"data":}`) {
			t.Errorf("%d bytes", len(got))
		}
	}
}

// One that takes an answer and does not read it keeps its request, and the writer,
// no longer than the request may take.
func TestCompressedAnswersThatNobodyReadsEnd(t *testing.T) {
	t.Parallel()
	const size = 32 << 20 // more than the system holds for a connection, and no shorter in gzip
	noise := make([]byte, size)
	random := rand.NewChaCha8([32]byte{1})
	if _, err := random.Read(noise); err != nil {
		t.Fatal(err)
	}
	opts := Defaults()
	opts.Timeout = 200 * time.Millisecond
	h := answeringWith(t, opts, noise)
	ended := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		close(ended)
	}))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET /graphql?query={__typename} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n")
	<-ended // without anybody having read a byte
	if n, _ := io.Copy(io.Discard, conn); n >= size {
		t.Errorf("%d bytes were sent", n)
	}
}

// discard is a writer of an answer that nobody keeps.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) WriteHeader(int)             {}
func (d discard) Write(p []byte) (int, error) { return len(p), nil }

// records is data as lists of records are, of so many bytes.
func records(size int) []byte {
	words := strings.Fields("one constructor opens the database and the server seeder tests and programs of your own call it where none needs any other")
	random := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `{"node":{"id":"Post:%d","createdAt":"2026-11-%02dT%02d:%02d:%02dZ","author":{"username":"user%d"},"body":"`,
			i, 1+random.IntN(28), random.IntN(24), random.IntN(60), random.IntN(60), random.IntN(1000))
		for range 30 {
			b.WriteString(words[random.IntN(len(words))] + " ")
		}
		b.WriteString(`"}},`)
	}
	return b.Bytes()[:size]
}

// What an answer costs beside what it would cost plain.
func BenchmarkCompress(b *testing.B) {
	for _, size := range []int{2 << 10, 20 << 10, 1 << 20} {
		for _, accept := range []string{"identity", "gzip"} {
			b.Run(fmt.Sprintf("%dKiB/%s", size>>10, accept), func(b *testing.B) {
				h := answeringWith(b, Defaults(), records(size))
				r := httptest.NewRequest("GET", "/graphql?query={__typename}", nil)
				r.Header.Set("Accept-Encoding", accept)
				b.ReportAllocs()
				for b.Loop() {
					h.ServeHTTP(discard{http.Header{}}, r)
				}
			})
		}
	}
}
