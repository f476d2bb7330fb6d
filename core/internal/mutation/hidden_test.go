package mutation_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"entgo.io/ent/dialect/sql"

	"coppice/core/internal/fixture/blog/ent/intercept"
)

// hiddenRows are records that interceptors hide, which their ids are below zero
// for, and that lead to each other.
var hiddenRows = []string{
	`INSERT INTO users (id, username, email, role, created_at) VALUES (-1, 'hidden', 'hidden@example.org', 'READER', '2026-01-01 00:00:00.000000+00:00')`,
	`INSERT INTO posts (id, slug, title, body, status, view_count, created_at, updated_at, user_posts)
		VALUES (-1, 'hidden', 'hidden', '', 'DRAFT', 0, '2026-01-01 00:00:00.000000+00:00', '2026-01-01 00:00:00.000000+00:00', -1)`,
	`INSERT INTO comments (id, body, created_at, post_comments, user_comments) VALUES (-1, 'hidden', '2026-01-01 00:00:00.000000+00:00', -1, -1)`,
	`INSERT INTO tags (id, name) VALUES (-1, 'hidden')`,
	`INSERT INTO post_tags (post_id, tag_id) VALUES (-1, -1)`,
}

// entangle ties what is hidden to some of what is not.
func (r *runner) entangle(g *rand.Rand) {
	r.Helper()
	pick := func(table string) string {
		return fmt.Sprintf("(SELECT id FROM %s WHERE id > 0 AND id %% 3 = %d)", table, g.IntN(3))
	}
	for _, s := range []string{
		`INSERT INTO post_tags (post_id, tag_id) SELECT id, -1 FROM posts WHERE id IN ` + pick("posts") + ` ON CONFLICT DO NOTHING`,
		`INSERT INTO post_tags (post_id, tag_id) SELECT -1, id FROM tags WHERE id IN ` + pick("tags") + ` ON CONFLICT DO NOTHING`,
		`INSERT INTO user_following (user_id, follower_id) SELECT id, -1 FROM users WHERE id IN ` + pick("users") + ` ON CONFLICT DO NOTHING`,
		`INSERT INTO user_following (user_id, follower_id) SELECT -1, id FROM users WHERE id IN ` + pick("users") + ` ON CONFLICT DO NOTHING`,
		`UPDATE comments SET comment_replies = (SELECT max(id) FROM comments WHERE id IN ` + pick("comments") + `) WHERE id = -1`,
	} {
		if _, err := r.client.ExecContext(r.Context(), s); err != nil {
			r.Fatal(err)
		}
	}
}

// TestHiddenRecordsAreAsIfTheyWereNot sends random requests to a database that
// holds hidden records besides, members of visible records' sets among them.
// Each does what the model says, which does not know of these, and leaves them
// and their places as they are.
func TestHiddenRecordsAreAsIfTheyWereNot(t *testing.T) {
	t.Parallel()
	runs := 12
	if testing.Short() {
		runs = 3
	}
	for i := range runs {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			r := newRunner(t, memory(t))
			r.client.Intercept(intercept.TraverseFunc(func(_ context.Context, q intercept.Query) error {
				q.WhereP(sql.FieldGT("id", 0))
				return nil
			}))
			for _, s := range hiddenRows {
				if _, err := r.client.ExecContext(t.Context(), s); err != nil {
					t.Fatal(err)
				}
			}
			g := &generator{Rand: rand.New(rand.NewPCG(*seed, uint64(1000+i))), hidden: true}
			for n := 0; n < runLength; {
				g.st = r.st
				req := g.request()
				if !sendable(evaluate(r.st, req)) {
					continue
				}
				n++
				r.entangle(g.Rand)
				before := r.dump()
				problem := r.try(req)
				if problem == "" {
					problem = moved(before, r.dump())
				}
				if problem != "" {
					t.Fatalf("seed %d, run %d, request %d: %s\n%s", *seed, i, n, problem, listing([]request{req}))
				}
			}
			t.Log(r.tally)
		})
	}
}

// moved tells what of the hidden part is not as it was: its records, and their
// places beside such as are still there.
func moved(before, after dump) string {
	gone := func(line string) bool {
		kind, rest, _ := strings.Cut(line, " ")
		var a, b int
		if _, err := fmt.Sscan(rest, &a, &b); err != nil || a < 0 && b < 0 {
			return false
		}
		e := map[bool]map[string]string{
			true:  {"post_tags": "Post", "user_following": "User"},
			false: {"post_tags": "Tag", "user_following": "User"},
		}[a > 0][kind]
		return !slices.ContainsFunc(after.rows[entityOf(e)], func(r *row) bool { return r.id == max(a, b) })
	}
	for _, line := range before.hidden {
		reply, parent, _ := strings.Cut(line, " parent=")
		switch {
		case slices.Contains(after.hidden, line), gone(line):
		case parent != "" && slices.Contains(after.hidden, reply) &&
			!slices.ContainsFunc(after.rows[entityOf("Comment")], func(r *row) bool { return fmt.Sprint(r.id) == parent }):
		default:
			return "what is hidden is not as it was:\n" + diff(before.hidden, after.hidden)
		}
	}
	return ""
}
