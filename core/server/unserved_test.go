package server

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What clients ask for that is not served gets one sentence, which says what is.
func TestWhatIsNotServedIsSaid(t *testing.T) {
	t.Parallel()
	routes, _ := newServer(t, Defaults())
	isJSON := []string{"Content-Type", "application/json"}
	socket := []string{"Connection", "keep-alive, Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}
	for name, tc := range map[string]struct {
		method, target, body string
		headers              []string
		status               int
		code, message        string
	}{
		"graphql-ws":             {"GET", "", "", append([]string{"Sec-WebSocket-Protocol", "graphql-transport-ws"}, socket...), 400, "BAD_REQUEST", unservedSocket},
		"subscriptions-ws":       {"GET", "", "", append([]string{"Sec-WebSocket-Protocol", "graphql-ws"}, socket...), 400, "BAD_REQUEST", unservedSocket},
		"a socket and a query":   {"GET", "?query={__typename}", "", append([]string{"Upgrade", "WebSocket"}, socket[:2]...), 400, "BAD_REQUEST", unservedSocket},
		"graphql-sse":            {"POST", "", `{"query":"subscription { posts }"}`, append([]string{"Accept", "text/event-stream"}, isJSON...), 406, "BAD_REQUEST", unservedEvents},
		"an EventSource":         {"GET", "?query=subscription{posts}", "", []string{"Accept", "text/event-stream"}, 406, "BAD_REQUEST", unservedEvents},
		"a query by events":      {"POST", "", `{"query":"{ __typename }"}`, append([]string{"Accept", "Text/Event-Stream; charset=utf-8"}, isJSON...), 406, "BAD_REQUEST", unservedEvents},
		"a subscription":         {"POST", "", `{"query":"subscription { posts }"}`, isJSON, 200, "GRAPHQL_VALIDATION_FAILED", unservedSubscription},
		"the new media type":     {"POST", "", `{"query":"subscription { posts }"}`, append([]string{"Accept", mediaGraphQL}, isJSON...), 400, "GRAPHQL_VALIDATION_FAILED", unservedSubscription},
		"one by GET":             {"GET", "?query=subscription{posts}", "", nil, 200, "GRAPHQL_VALIDATION_FAILED", unservedSubscription},
		"events, or else JSON":   {"POST", "", `{"query":"subscription { posts }"}`, append([]string{"Accept", "text/event-stream, application/json"}, isJSON...), 200, "GRAPHQL_VALIDATION_FAILED", unservedSubscription},
		"one beside a query":     {"POST", "", `{"query":"query A { __typename } subscription B { posts }","operationName":"A"}`, isJSON, 200, "GRAPHQL_VALIDATION_FAILED", unservedSubscription},
		"a batch":                {"POST", "", `[{"query":"{ __typename }"},{"query":"{ __typename }"}]`, isJSON, 400, "BAD_REQUEST", unservedBatch},
		"an empty batch":         {"POST", "", ` []`, isJSON, 400, "BAD_REQUEST", unservedBatch},
		"another kind of answer": {"POST", "", `{"query":"{ __typename }"}`, append([]string{"Accept", "text/html"}, isJSON...), 406, "BAD_REQUEST", "The response can be"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := sendRequest(routes, tc.method, "/graphql"+tc.target, tc.body, tc.headers...)
			r := readReply(t, w.Body)
			if w.Code != tc.status || r.code() != tc.code || len(r.Errors) != 1 || !strings.HasPrefix(r.Errors[0].Message, tc.message) || r.Data != nil {
				t.Errorf("%d %+v", w.Code, r)
			}
			if strings.HasPrefix(tc.code, "GRAPHQL") && len(r.Errors[0].Locations) != 1 {
				t.Errorf("no place: %+v", r.Errors)
			}
		})
	}
}

// A connection that was to become a socket stays one of HTTP.
func TestAConnectionOutlivesARefusedSocket(t *testing.T) {
	t.Parallel()
	routes, _ := newServer(t, Defaults())
	server := httptest.NewServer(routes)
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	read := bufio.NewReader(conn)
	for header, want := range map[string]int{"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n": 400, "Accept: */*\r\n": 200} {
		fmt.Fprintf(conn, "GET /graphql?query={__typename} HTTP/1.1\r\nHost: localhost\r\n%s\r\n", header)
		res, err := http.ReadResponse(read, nil)
		if err != nil {
			t.Fatal(err)
		}
		if reply := readReply(t, res.Body); res.StatusCode != want {
			t.Errorf("%s: %d %+v", header, res.StatusCode, reply)
		}
		res.Body.Close()
	}
}
