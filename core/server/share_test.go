package server

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// advised is the argument that a message says would do.
var advised = regexp.MustCompile(`; ((first|last): (\d+)|(\d+) values in ids)( on \S+)? would do\.$`)

// What is too complex is told with the list that adds most and a length that
// would do: with it the request passes, and with one more it does not.
func TestTheListThatAddsMostIsTold(t *testing.T) {
	t.Parallel()
	const deep = `{ users(first: %s) { edges { node { posts(first: %s) { edges { node { author { id } comments(first: %s) { edges { node { id } } } } } } } } } }`
	for name, tc := range map[string]struct {
		query string // %s stands where the advice goes
		said  string // at first
		vars  string // with %s in quotes likewise
		list  string // what the message says
		limit int
	}{
		"one list":                {`{ posts(first: %s) { edges { node { author { id } } } } }`, "1000", "", "posts adds most, 2000 records; first: 250 would do.", 500},
		"the inner one":           {fmt.Sprintf(deep, "10", "%s", "0"), "1000", "", "users.edges.node.posts adds most, 20000 records; first: 26 would do.", 800},
		"the innermost":           {fmt.Sprintf(deep, "10", "10", "%s"), "1000", "", "users.edges.node.posts.edges.node.comments adds most, 100000 records; first: 5 would do.", 800},
		"one around it":           {fmt.Sprintf(deep, "%s", "10", "1"), "1000", "", "users.edges.node.posts adds most, 20000 records; first: 25 on users would do.", 800},
		"one with a last":         {`{ posts(last: %s) { edges { node { author { id } } } } }`, "1000", "", "posts adds most, 2000 records; last: 250 would do.", 500},
		"an alias":                {`{ a: posts(first: 10) { edges { cursor } } b: posts(first: %s) { edges { cursor } } }`, "1000", "", "b adds most, 1000 records; first: 90 would do.", 100},
		"beside others":           {`{ post(id: 1) { id } users(first: 30) { edges { cursor } } posts(first: %s) { edges { cursor } } }`, "70", "", "posts adds most, 70 records; first: 69 would do.", 100},
		"by a variable":           {`query($n: Int) { posts(first: $n) { edges { node { author { id } } } } }`, "1000", `{"n":%s}`, "posts adds most, 2000 records; first: 250 would do.", 500},
		"in a fragment":           {`{ users(first: 10) { edges { node { ...F } } } } fragment F on User { posts(first: %s) { edges { cursor } } }`, "900", "", "users.edges.node.posts adds most, 9000 records; first: 9 would do.", 100},
		"in a fragment twice":     {`{ post(id: 1) { ...F author { posts(first: 1) { edges { node { ...F } } } } } } fragment F on Post { comments(first: %s) { edges { cursor } } }`, "900", "", "post.comments adds most, 900 records; first: 48 would do.", 100},
		"the costliest of a node": {`{ node(id: "x") { ... on Post { comments(first: 300) { edges { cursor } } } ... on User { posts(first: %s) { edges { cursor } } } } }`, "900", "", "node.posts adds most, 900 records; first: 399 would do.", 400},
		"of ids":                  {`{ nodes(ids: [%s]) { id ... on Post { author { id } } } }`, strings.Repeat(`"a",`, 60), "", "nodes adds most, 120 records; 50 values in ids would do.", 100},
		"too much to count":       {`{ users(first: %s) { edges { node { posts(first: 1000) { edges { node { comments(first: 1000) { edges { node { replies(first: 1000) { edges { node { id } } } } } } } } } } } } }`, "1000", "", "users.edges.node.posts.edges.node.comments.edges.node.replies adds most. Ask for less", 20000},
		"two of one size":         {`{ posts(first: 600) { edges { cursor } } users(first: %s) { edges { cursor } } }`, "600", "", "posts adds most, 600 records. Ask for less of it, in more than one request.", 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := Defaults()
			opts.MaxComplexity = tc.limit
			h, _ := newTestHandler(t, opts, &testExecution{})
			ask := func(value string) testReply {
				return readReply(t, postQuery(t, h, strings.ReplaceAll(tc.query, "%s", value), strings.ReplaceAll(tc.vars, "%s", value)).Body)
			}
			r := ask(tc.said)
			if r.code() != "LIMIT_EXCEEDED" || !strings.Contains(r.Errors[0].Message, " allowed. The list "+tc.list) {
				t.Fatalf("got %+v", r.Errors)
			}
			advice := advised.FindStringSubmatch(r.Errors[0].Message)
			if advice == nil {
				if !strings.HasSuffix(tc.list, "request.") && !strings.HasSuffix(tc.list, "Ask for less") {
					t.Errorf("no advice in %s", r.Errors[0].Message)
				}
				return
			}
			var n int
			if _, err := fmt.Sscan(advice[3]+advice[4], &n); err != nil {
				t.Fatal(err)
			}
			for _, over := range []int{0, 1} {
				value := fmt.Sprint(n + over)
				if advice[4] != "" {
					value = strings.Repeat(`"a",`, n+over)
				}
				if r := ask(value); (r.code() == "") != (over == 0) {
					t.Errorf("with %d: %+v", n+over, r.Errors)
				}
			}
		})
	}
}
