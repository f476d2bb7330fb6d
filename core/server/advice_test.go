package server

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/statement"
)

// explained runs an operation and returns the plans and the advice of its
// statements.
func explained(t *testing.T, query string) (plan, advice []string) {
	t.Helper()
	opts := Defaults()
	opts.Dev = true
	routes, _ := newServer(t, opts)
	filled := readReply(t, postQuery(t, routes, `mutation { createUser(input: {username: "ada", email: "a@example.org",
		posts: [{create: {slug: "s", title: "t", body: "b", tags: [{create: {name: "go"}}]}}]}) { id } }`, "").Body)
	if len(filled.Errors) > 0 {
		t.Fatal(filled.Errors)
	}
	r := readReply(t, postQuery(t, routes, query, "", "X-Explain", "plan").Body)
	if len(r.Errors) > 0 {
		t.Fatalf("%s: %+v", query, r.Errors)
	}
	var view sqlView
	if err := json.Unmarshal(r.Extensions["sql"], &view); err != nil {
		t.Fatal(err)
	}
	for _, s := range view.Statements {
		plan = append(plan, s.Plan...)
		advice = append(advice, s.Advice...)
	}
	return plan, advice
}

func TestAdviceIsOnWhatThePlanReadsInFull(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		query string
		want  []string // parts of the advice, each of one piece; none for no advice
	}{
		"an order of ids":             {`{ posts { edges { node { id } } } }`, nil},
		"an order by an index":        {`{ posts(orderBy: [{field: CREATED_AT, direction: DESC}]) { edges { node { id author { username } } } } }`, nil},
		"a condition":                 {`{ posts(where: {title: "x"}) { edges { node { id } } } }`, []string{`full scan of posts: add to Indexes() in ent/schema/post.go: index.Fields("title")`}},
		"a condition and an order":    {`{ posts(where: {status: PUBLISHED}, orderBy: [{field: VIEW_COUNT, direction: DESC}]) { edges { node { id } } } }`, []string{`index.Fields("status", "view_count")`}},
		"an order":                    {`{ posts(orderBy: [{field: VIEW_COUNT}]) { edges { node { id } } } }`, []string{`index.Fields("view_count")`}},
		"groups":                      {`{ postsAggregate(groupBy: [STATUS]) { count } }`, []string{`index.Fields("status")`}},
		"groups of a filter":          {`{ postsAggregate(groupBy: [STATUS], where: {rating: 3}) { count } }`, []string{`index.Fields("rating", "status")`}},
		"months":                      {`{ postsAggregate(groupBy: [CREATED_AT_MONTH]) { count } }`, []string{`no index gives these groups`}},
		"groups of an edge":           {`{ postsAggregate(groupBy: [AUTHOR]) { count } }`, nil},
		"a text":                      {`{ posts(where: {titleContainsFold: "x"}) { edges { node { id } } } }`, []string{`no index can serve titleContainsFold`}},
		"a count":                     {`{ posts { totalCount } }`, []string{`leave out totalCount`}},
		"a count of some":             {`{ posts(where: {ratingGTE: 3}) { totalCount } }`, []string{`index.Fields("rating")`}},
		"over an edge":                {`{ posts(where: {hasCommentsWith: [{body: "x"}]}) { edges { node { id } } } }`, []string{`full scan of comments: add to Indexes() in ent/schema/comment.go: index.Fields("body")`}},
		"over an edge back":           {`{ posts(where: {hasAuthorWith: [{name: "x"}]}) { edges { node { id } } } }`, []string{`in ent/schema/user.go: index.Fields("name")`, `by its id`}},
		"either":                      {`{ posts(where: {or: [{title: "x"}, {body: "y"}]}) { edges { node { id } } } }`, []string{`index.Fields("title")`, `index.Fields("body")`}},
		"either of which one is text": {`{ posts(where: {or: [{title: "x"}, {bodyContains: "y"}]}) { edges { node { id } } } }`, []string{`no index can serve each side of or`}},
		"not":                         {`{ posts(where: {not: {title: "x"}}) { edges { node { id } } } }`, []string{`no index can serve not`}},
		"counts to order by":          {`{ posts(orderBy: [{field: COMMENTS_COUNT}]) { edges { node { id } } } }`, []string{`counts are worked out for each record`}},
		"another's order":             {`{ posts(orderBy: [{field: AUTHOR_USERNAME}]) { edges { node { id } } } }`, []string{`the values of another entity are looked up`}},
		"a nested order":              {`{ users { edges { node { posts(first: 3, orderBy: [{field: CREATED_AT}]) { edges { node { id } } } } } } }`, []string{`name it on the edge with Field("author_id"), and add to Indexes(): index.Fields("author_id", "created_at")`}},
		"a nested filter":             {`{ users { edges { node { posts(first: 3, where: {status: DRAFT}) { totalCount edges { node { id } } } } } } }`, nil},
		"many to many":                {`{ tags { edges { node { posts(first: 3, orderBy: [{field: CREATED_AT}]) { edges { node { id } } } } } } }`, []string{`sorts what it found of posts for each parent`}},
		"in a fragment":               {`query { ...f } fragment f on Query { p: posts(where: {title: "x"}) { edges { node { id } } } }`, []string{`index.Fields("title")`}},
		"an update":                   {`mutation { updatePosts(where: {title: "x"}, input: {title: "y"}) }`, []string{`index.Fields("title")`}},
		"a delete":                    {`mutation { deletePosts(where: {title: "x"}) }`, []string{`index.Fields("title")`}},
		"declared already":            {`{ posts(where: {slug: "x"}) { edges { node { id } } } }`, nil},
		"two ways":                    {`{ posts(orderBy: [{field: CREATED_AT}, {field: PUBLISHED_AT, direction: DESC}]) { edges { node { id } } } }`, []string{`index.Fields("created_at", "published_at").Annotations(entsql.DescColumns("published_at"))`}},
		"several values and an order": {`{ posts(where: {statusIn: [DRAFT, PUBLISHED]}, orderBy: [{field: VIEW_COUNT}]) { edges { node { id } } } }`, []string{`index.Fields("status")`, `where each condition asks for one value`}},
		"distinct things":             {`{ users(where: {hasPosts: true}) { totalCount } }`, []string{`hasPosts asks for any at all`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan, advice := explained(t, tc.query)
			fits := len(tc.want) > 0 || len(advice) == 0
			for _, want := range tc.want {
				fits = fits && slices.ContainsFunc(advice, func(said string) bool { return strings.Contains(said, want) })
			}
			if !fits {
				t.Errorf("%s\n%s\n%s", tc.query, strings.Join(plan, "\n"), strings.Join(advice, "\n"))
			}
		})
	}
}

func TestRepetitionAdvice(t *testing.T) {
	t.Parallel()
	var list []statement.Statement
	for _, text := range []string{"BEGIN", "a", "b", "a", "COMMIT", "BEGIN IMMEDIATE", "a", "b", "COMMIT", "COMMIT", "begin", "BEGIN", "BEGIN"} {
		list = append(list, statement.Statement{SQL: text})
	}
	for i, advice := range adviseOn(list, ent.Coppice(), nil) {
		if want := i == 1; (len(advice) == 1) != want {
			t.Errorf("statement %d, %s: %q", i, list[i].SQL, advice)
		} else if want && !strings.Contains(advice[0], "runs 3 times") {
			t.Errorf("got %q", advice[0])
		}
	}
}
