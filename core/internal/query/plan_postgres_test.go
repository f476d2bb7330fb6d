//go:build postgres

package query_test

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"golang.org/x/tools/txtar"

	"coppice/core/internal/enginetest"
)

// rowsOfPostgres makes records from one number to another in each table, which refer
// to records that may come later.
const rowsOfPostgres = `SET session_replication_role = replica;
	INSERT INTO users (id, username, email, role, created_at) SELECT i, 'user_' || i, i || '@example.org', 'READER', '2024-01-01Z'::timestamptz + i * interval '1 min'
		FROM generate_series({from} / 10, {to} / 10) i;
	INSERT INTO posts (id, slug, title, body, status, published_at, view_count, created_at, updated_at, user_posts)
		SELECT i, 'post-' || i, 'A post', repeat('word ', 60), (ARRAY['DRAFT', 'PUBLISHED'])[1 + i % 2], t, i % 1000, t, t, i % 1000
		FROM generate_series({from}, {to}) i, LATERAL (SELECT '2024-01-01Z'::timestamptz + i * interval '1 min' AS t) times;
	INSERT INTO comments (id, body, created_at, post_comments, user_comments) SELECT i, 'A comment', now(), i % 10000, i % 1000
		FROM generate_series(2 * {from}, 2 * {to} + 1) i;
	INSERT INTO tags (id, name) SELECT i, 'tag-' || i FROM generate_series({from} / 10, {to} / 10) i;
	INSERT INTO post_tags (post_id, tag_id) SELECT i, 1 + (i * 7 + k * 31) % 1000 FROM generate_series({from}, {to}) i, generate_series(1, 2) k;
	RESET session_replication_role`

// believed are states that what PostgreSQL believes of tables may be in: what is done
// after thirty rows of each, and after all.
var believed = map[string]struct{ early, late string }{
	"nothing":         {},
	"of today":        {late: "ANALYZE"},
	"of thirty rows":  {early: "ANALYZE"},
	"forged as few":   {late: "ANALYZE; UPDATE pg_class SET reltuples = 30, relpages = 1 WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"},
	"forged as many":  {late: "ANALYZE; UPDATE pg_class SET reltuples = 100000000 WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"},
	"forged as dense": {early: "ANALYZE", late: "UPDATE pg_class SET reltuples = 100000, relpages = 1 WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"},
}

// TestNoStatisticsReadWholeTables holds that what an index serves is read by it,
// whatever PostgreSQL believes of the tables.
func TestNoStatisticsReadWholeTables(t *testing.T) {
	t.Parallel()
	queries := []string{
		`{ posts(first: 20, orderBy: [{field: CREATED_AT, direction: DESC}]) { edges { node { id title createdAt author { id username } } } pageInfo { hasNextPage endCursor } } }`,
		`{ users(first: 10) { edges { node { id username posts(first: 5) { totalCount edges { node { id title tags { edges { node { name } } }
			comments(first: 3) { edges { node { id body author { username } } } } } } } } } } }`,
		`{ userByUsername(username: "user_7") { id username name email role createdAt } }`,
		`{ posts(first: 20, where: {hasAuthorWith: [{username: "user_7"}]}, orderBy: [{field: CREATED_AT, direction: DESC}]) { totalCount edges { node { id title createdAt } } } }`,
		`{ posts(last: 5) { edges { node { slug author { username } tags(last: 1) { totalCount edges { node { name } } } } } } }`,
		`{ nodes(ids: ["Post:7", "User:8", "Post:9"]) { id ... on Post { author { username } } } }`,
	}
	for _, name := range []string{"three-levels", "page-with-author", "filtered-over-an-edge", "one-by-key"} {
		ar, err := txtar.ParseFile(filepath.Join("testdata", name+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		queries = append(queries, string(section(ar, "query")))
	}
	whole := regexp.MustCompile(`Seq Scan on (posts|users|comments|post_tags)\b`)
	for name, state := range believed {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := enginetest.Postgres(t)
			a := openOn(t, url)
			conn, err := pgx.Connect(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close(t.Context())
			grow := func(from, to string) string {
				return strings.NewReplacer("{from}", from, "{to}", to).Replace(rowsOfPostgres)
			}
			for _, q := range []string{"ALTER DATABASE " + pgx.Identifier{conn.Config().Database}.Sanitize() + " SET track_counts = off", grow("0", "299"), state.early,
				grow("300", "10000"), state.late} {
				for one := range strings.SplitSeq(q, ";") {
					if _, err := conn.Exec(t.Context(), one); err != nil {
						t.Fatalf("%s: %v", one, err)
					}
				}
			}
			for _, query := range queries {
				for _, s := range a.ok(query, nil).Extensions.SQL.Statements {
					if plan := strings.Join(s.Plan, "\n"); whole.MatchString(plan) {
						t.Errorf("%s\n%s\n%s", query, s.SQL, plan)
					}
				}
			}
		})
	}
}

// TestLimitsInVariablesStandInTheText holds that a page of a usual length is planned
// once on a connection, also where a variable says how long it is.
func TestLimitsInVariablesStandInTheText(t *testing.T) {
	t.Parallel()
	a := openOn(t, enginetest.Postgres(t)).blog()
	for _, query := range []string{
		`query($n: Int!) { users(first: 2) { edges { node { posts(first: $n, where: {viewCountGTE: 0, titleContains: "The"}) { edges { node { slug } } } } } } }`,
		`query($n: Int!, $s: String!) { posts(first: $n, where: {slugGT: $s}, orderBy: [{field: TITLE}]) { totalCount edges { node { slug author { username } } } } }`,
		`query($n: Int!) { users(last: 2) { edges { node { posts(last: $n, orderBy: [{field: COMMENTS_COUNT}]) { totalCount edges { node { slug } } } } } } }`,
	} {
		for n, inText := range map[int]bool{2: true, 100: true, 333: false, 1000: true} {
			vars := map[string]any{"n": n, "s": "a"}
			res := a.ok(query, vars)
			sqls := strings.Join(res.statements(), "\n")
			if got := regexp.MustCompile(`LIMIT \$`).MatchString(sqls); got == inText {
				t.Errorf("%d: %s", n, sqls)
			}
			literal := strings.ReplaceAll(strings.ReplaceAll(query, "$n: Int!, ", ""), "query($n: Int!)", "")
			want := a.ok(strings.ReplaceAll(literal, "$n", strconv.Itoa(n)), map[string]any{"s": "a"})
			if string(res.Data) != string(want.Data) {
				t.Errorf("%d of a variable: %s\nas it stands: %s", n, res.Data, want.Data)
			}
		}
	}
}
