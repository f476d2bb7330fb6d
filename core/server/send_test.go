package server

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// A client that asks and does not read keeps its request, and nothing else of the
// server, no longer than the request may take.
func TestAnswersThatNobodyReadsEnd(t *testing.T) {
	t.Parallel()
	const size = 64 << 20 // more than the system holds for a connection
	h, _ := newTestHandler(t, Options{
		MaxBody: 1000, MaxTokens: 100, MaxDepth: 5, MaxComplexity: 1000, MaxAliases: 1, MaxInputs: 1, PageSize: 1, PageMax: 1, Timeout: 200 * time.Millisecond,
	}, &testExecution{do: func(context.Context, *graphql.OperationContext) *graphql.Response {
		return &graphql.Response{Data: []byte(`"` + strings.Repeat("x", size) + `"`)}
	}})
	ended := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		close(ended)
	}))
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET /graphql?query={__typename} HTTP/1.1\r\nHost: localhost\r\n\r\n")
	<-ended // without anybody having read a byte
	if n, _ := io.Copy(io.Discard, conn); n >= size {
		t.Errorf("%d bytes were sent", n)
	}
}

// deadlineWriter notes when the deadline of writing was set, and to what.
type deadlineWriter struct {
	*httptest.ResponseRecorder
	deadline time.Time
	written  int // bytes before
	ended    bool
}

func (w *deadlineWriter) SetWriteDeadline(t time.Time) error {
	if t.IsZero() { // what follows on this connection has a time of its own
		w.ended = w.Flushed
		return nil
	}
	w.deadline, w.written = t, w.Body.Len()
	return nil
}

func TestTheTimeToSendIsWhatIsLeft(t *testing.T) {
	t.Parallel()
	for name, timeout := range map[string]time.Duration{"none": 0, "an hour": time.Hour, "over": time.Nanosecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := Defaults()
			opts.Timeout = timeout
			h, _ := newTestHandler(t, opts, &testExecution{})
			w := &deadlineWriter{ResponseRecorder: httptest.NewRecorder()}
			before := time.Now()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/graphql?query={__typename}", nil))
			after := time.Now()
			switch bound := timeout + sendTime; {
			case timeout == 0 && !w.deadline.IsZero():
				t.Errorf("deadline %v", w.deadline)
			case timeout == 0:
			case !w.ended:
				t.Error("the deadline stays on the connection")
			case w.written > 0 || w.deadline.Before(before.Add(bound)) || w.deadline.After(after.Add(bound)):
				t.Errorf("deadline %v after %d bytes", w.deadline.Sub(before), w.written)
			}
		})
	}
}
