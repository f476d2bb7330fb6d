//go:build postgres

package query_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"coppice/core/internal/enginetest"
)

// Where pages hold all that there is, their rows are the total, and nothing is counted;
// a longer one is counted again. Whatever came before, the totals are those that there
// are.
func TestWhatAPageHoldsIsNotCounted(t *testing.T) {
	t.Parallel()
	url := enginetest.Postgres(t)
	a := openOn(t, url).blog()
	tell(t, url, `INSERT INTO users (username, email, role, created_at) SELECT 'of_' || i, i || '@example.org', 'READER', now() FROM generate_series(0, 12) i`,
		`INSERT INTO posts (slug, title, body, status, view_count, created_at, updated_at, user_posts)
			SELECT 'of-' || i || '-' || k, 't', 'b', 'DRAFT', 0, now(), now(), (SELECT id FROM users WHERE username = 'of_' || i) FROM generate_series(0, 12) i, generate_series(1, i) k`)
	for args, counts := range map[string]int{"first: $n": 0, "first: 5": 0, "last: $n": 0, "last: 1": 1, "first: 0": 1} {
		for _, more := range []string{"", "pageInfo { hasNextPage hasPreviousPage }"} {
			if more != "" && args == "last: 1" { // which reads one more
				counts = 0
			}
			query := `query($u: String!, $n: Int!) { posts(` + args + `, where: {hasAuthorWith: [{username: $u}], viewCountLT: $n}) {
				totalCount ` + more + ` edges { node { createdAt author { username } } } } }`
			random := rand.New(rand.NewPCG(14, 4))
			for i := range 200 {
				n := random.IntN(13)
				if i < 20 {
					n %= 2
				}
				res := a.do(query, map[string]any{"u": fmt.Sprint("of_", n), "n": 5})
				if !strings.Contains(string(res.Data), fmt.Sprintf(`"totalCount":%d,`, n)) {
					t.Fatalf("%s %s: of %d: %s %v", args, more, n, res.Data, res.Errors)
				}
				if counted := strings.Count(strings.Join(res.statements(), ""), "count(*)"); i == 19 && counted != counts {
					t.Errorf("%s %s: %d counted", args, more, counted)
				}
			}
		}
	}
}
