package query_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"coppice/core/server"
)

// Nothing is read any more once what was read is more than the answer may hold.
func TestReadingStopsAtTheLargestAnswer(t *testing.T) {
	t.Parallel()
	const limit = 4 << 20
	a := openSQLite(t, func(o *server.Options) { o.MaxAnswer, o.Timeout = limit, 0 }).blog()
	for _, s := range []string{
		`INSERT INTO posts (id, slug, title, body, status, view_count, created_at, updated_at, user_posts)
			WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 100)
			SELECT 1000 + n, 'big-' || n, n || hex(zeroblob(524288)), 'b', 'DRAFT', n, '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', 1 + n % 2 FROM n`,
		`INSERT INTO comments (id, body, created_at, post_comments, user_comments)
			WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20)
			SELECT 1000 + n, hex(zeroblob(524288)), '2026-01-01 00:00:00+00:00', 1001, 1 FROM n`,
	} {
		if _, err := a.client.ExecContext(context.Background(), s); err != nil {
			t.Fatal(err)
		}
	}
	ids := make([]any, 100)
	same := make([]any, 100)
	for i := range ids {
		ids[i], same[i] = fmt.Sprintf("Post:%d", 1001+i), "Post:1001"
	}
	for name, c := range map[string]struct {
		query, path string
		vars        map[string]any
		rows        int // the most that one statement gives
	}{
		"page":            {`{ posts(first: 100, where: {viewCountGT: 0}) { totalCount edges { node { title } } } }`, "posts", nil, 5},
		"cursors":         {`{ posts(first: 100, orderBy: [{field: TITLE}]) { edges { cursor } } }`, "posts", nil, 11},
		"page from below": {`{ posts(last: 100) { pageInfo { hasPreviousPage } edges { node { title } } } }`, "posts", nil, 5},
		"edge":            {`{ users { edges { node { posts(first: 100) { edges { node { title } } } } } } }`, "users.edges.node.posts", nil, 11},
		"each edge alone": {`{ posts(first: 100, where: {viewCountGT: 0}) { edges { node { comments(last: 3) { pageInfo { hasPreviousPage } edges { node { body } } } } } }
			b: posts(where: {hasComments: true}) { edges { node { comments { edges { node { body } } } } } } }`, "b.edges.node.comments", nil, 100},
		"to-one edge": {`{ comments(where: {idGT: "Comment:1000"}) { edges { node { post { title } } } } }`, "comments", nil, 5},
		"nodes":       {`query($ids: [ID!]!) { nodes(ids: $ids) { ... on Post { title } } }`, "nodes", map[string]any{"ids": ids}, 5},
		"one, often":  {`query($ids: [ID!]!) { nodes(ids: $ids) { ... on Post { title } } }`, "nodes.3", map[string]any{"ids": same}, 1},
		"aliases":     {`{ post(id: "Post:1001") { a: title b: title c: title d: title e: title } }`, "post", nil, 1},
		"aggregate":   {`{ postsAggregate(groupBy: [TITLE]) { count key { title } } }`, "postsAggregate", nil, 12},
		"roots":       {`{ a: post(id: "Post:1001") { title } b: post(id: "Post:1002") { title } c: posts(where: {viewCountGT: 90}) { edges { node { title } } } }`, "c", nil, 3},
		"mutation": {`mutation { updateUser(id: "User:1", input: {name: "new"}) { posts(first: 100) { edges { node { title } } } } }`,
			"updateUser.posts", nil, 11},
		"hand-written": {`mutation { publishPost(id: "Post:1") { author { posts(first: 100) { edges { node { title } } } } } }`,
			"publishPost.author.posts", nil, 11},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res := a.do(c.query, c.vars)
			if len(res.Errors) != 1 || string(res.Data) != "null" {
				t.Fatalf("%d errors, %.100s", len(res.Errors), res.Data)
			}
			e := res.Errors[0]
			if e.Extensions.Code != "LIMIT_EXCEEDED" || !strings.Contains(e.Message, "size of the answer") || pathOf(e.Path) != c.path {
				t.Errorf("%s at %s: %s", e.Extensions.Code, pathOf(e.Path), e.Message)
			}
			if e.Extensions.Limit != limit || e.Extensions.Actual <= limit || e.Extensions.Actual > limit+3<<20 {
				t.Errorf("limit %d, actual %d", e.Extensions.Limit, e.Extensions.Actual)
			}
			for _, s := range res.Extensions.SQL.Statements {
				if s.Rows > c.rows {
					t.Errorf("%d rows of %.200s", s.Rows, s.SQL)
				}
			}
		})
	}
}

// What is read and not answered with counts for nothing: a record beyond the page, and
// what hangs on it.
func TestWhatIsNotInTheAnswerIsNotCounted(t *testing.T) {
	t.Parallel()
	a := openSQLite(t, func(o *server.Options) { o.MaxAnswer, o.Timeout = 3<<20, 0 }).blog()
	if _, err := a.client.ExecContext(context.Background(), `UPDATE posts SET title = hex(zeroblob(700000))`); err != nil {
		t.Fatal(err)
	}
	if _, err := a.client.ExecContext(context.Background(), `UPDATE users SET name = hex(zeroblob(800000)) WHERE id > 1`); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{
		`{ posts(first: 2) { pageInfo { hasNextPage } edges { node { title } } } }`,
		`{ posts(last: 2) { pageInfo { hasPreviousPage } edges { node { title } } } }`,
		`{ users(first: 1) { edges { node { posts(first: 2) { pageInfo { hasNextPage } edges { node { title } } } } } } }`,
		`{ users(first: 1) { edges { node { posts(last: 2) { totalCount pageInfo { hasPreviousPage } edges { node { title } } } } } } }`,
		`{ users(first: 1) { pageInfo { hasNextPage } edges { node { posts(first: 2) { edges { node { title } } } } } } }`,
		`{ users(last: 2) { pageInfo { hasPreviousPage } edges { node { posts(first: 1) { pageInfo { hasNextPage } edges { node { title tags(first: 1) { pageInfo { hasNextPage } edges { node { name } } } } } } } } } }`,
		`{ user(id: "User:1") { posts(last: 2) { pageInfo { hasPreviousPage } edges { node { slug tags(last: 1) { pageInfo { hasPreviousPage } edges { node { name posts(first: 1) { pageInfo { hasNextPage } edges { node { title } } } } } } } } } } }`,
	} {
		if res := a.ok(query, nil); len(res.Data) > 3<<20 {
			t.Errorf("%d bytes", len(res.Data))
		}
	}
}

func pathOf(path []any) string {
	parts := make([]string, len(path))
	for i, p := range path {
		parts[i] = fmt.Sprint(p)
	}
	return strings.Join(parts, ".")
}
