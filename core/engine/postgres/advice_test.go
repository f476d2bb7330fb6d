//go:build postgres

package postgres_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"coppice/core/internal/enginetest"
)

// What reads all of a table, or sorts it, comes with the line for the schema; what an
// index serves comes with none.
func TestPlansComeWithAdvice(t *testing.T) {
	t.Parallel()
	url := enginetest.Postgres(t)
	client := open(t, url)
	admin(t, url,
		`INSERT INTO users (username, email, role, created_at) SELECT 'user_' || n, n || '@x.org', 'READER', now() FROM generate_series(1, 1000) n`,
		`INSERT INTO posts (slug, title, body, status, view_count, created_at, updated_at, user_posts) SELECT 'post-' || n, 'Title ' || n, repeat('word ', 40),
			'DRAFT', n % 977, now() - n * interval '1 minute', now(), 1 + n % 1000 FROM generate_series(1, 10000) n`,
		`ANALYZE`)
	handler := newHandler(t, client)
	for query, want := range map[string]string{
		`{ posts(first: 5, orderBy: [{field: VIEW_COUNT}]) { edges { node { title author { username } } } } }`: `index.Fields("view_count")`,
		`{ posts(first: 5, where: {title: "Title 7"}) { totalCount edges { node { slug } } } }`:                `index.Fields("title")`,
		`{ postsAggregate(groupBy: [VIEW_COUNT]) { key { viewCount } count } }`:                                `index.Fields("view_count")`,
		`{ posts(first: 5, where: {bodyContains: "x"}) { totalCount } }`:                                       "no index can serve bodyContains",
		`{ posts(first: 5, orderBy: [{field: CREATED_AT}]) { edges { node { title author { username } } } } }`: "",
		`{ users(first: 5) { edges { node { username posts(first: 3) { edges { node { title } } } } } } }`:     "",
		`{ postBySlug(slug: "post-7") { title author { username posts(first: 2) { totalCount } } } }`:          "",
		`{ posts(first: 5, where: {hasAuthorWith: [{username: "user_7"}]}) { edges { node { title } } } }`:     "sorts what it found of posts by its id",
	} {
		body, err := json.Marshal(map[string]string{"query": query})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Explain", "plan")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		var answer struct {
			Extensions struct {
				SQL struct {
					Statements []struct{ Plan, Advice []string }
				}
			}
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || len(answer.Extensions.SQL.Statements) == 0 {
			t.Fatal(err, w.Body)
		}
		var said, plan []string
		for _, s := range answer.Extensions.SQL.Statements {
			said, plan = append(said, s.Advice...), append(plan, s.Plan...)
		}
		advice := strings.Join(said, "\n")
		if want == "" && advice != "" || strings.Contains(advice, "each parent") || !strings.Contains(advice, want) {
			t.Errorf("%s\nadvice %q, want %q\n%s", query, advice, want, strings.Join(plan, "\n"))
		}
	}
}
