package query

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"coppice/core/engine"
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/fixture/blog/ent/intercept"
	"coppice/core/internal/fixture/blog/ent/post"
	"coppice/core/internal/fixture/blog/ent/user"
	"coppice/core/internal/statement"
	"coppice/core/record"
)

// bench is an engine over a database with some hundred records.
type bench struct {
	testing.TB
	engine *Engine
	schema *ast.Schema
}

func newBench(t testing.TB) *bench {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := context.Background()
	client, err := blog.Open(ctx, engine.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "bench.db")})
	must(err)
	t.Cleanup(func() { must(client.Close()) })
	tx, err := client.Tx(ctx)
	must(err)
	for _, s := range []string{
		`INSERT INTO users (id, username, email, role, created_at) SELECT n, 'user_' || n, 'u' || n || '@example.org', 'READER',
			'2026-01-01 00:00:00.' || (123456 + n) || '+00:00' FROM n WHERE n <= 50`,
		`INSERT INTO posts (id, slug, title, body, status, view_count, created_at, updated_at, user_posts) SELECT 1000 + n, 'post-' || n, 'Title ' || n,
			'', 'DRAFT', 0, '2026-01-01 00:00:00.' || (123456 + n * 7) || '+00:00', '2026-01-01 00:00:00+00:00', 1 + n % 50 FROM n`,
		`INSERT INTO comments (id, body, created_at, post_comments, user_comments) SELECT 1000 + n, 'Body ' || n, '2026-01-01 00:00:00+00:00',
			1001 + n / 3, 1 + n % 50 FROM n`,
		`INSERT INTO tags (id, name) SELECT n, 'tag-' || n FROM n WHERE n <= 20`,
		`INSERT INTO post_tags (post_id, tag_id) SELECT 1000 + n, 1 + n % 20 FROM n`,
	} {
		_, err = tx.Client().ExecContext(ctx, strings.Replace(s, " SELECT", " WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 500) SELECT", 1))
		must(err)
	}
	must(tx.Commit())
	var files []*ast.Source
	for _, name := range []string{"ent", "post"} {
		text, err := os.ReadFile("../fixture/blog/graph/" + name + ".graphql")
		must(err)
		files = append(files, &ast.Source{Name: name, Input: string(text)})
	}
	schema, err := gqlparser.LoadSchema(files...)
	must(err)
	return &bench{TB: t, engine: New(ent.Coppice().Of(client), schema, Limits{PageSize: 50, PageMax: 1000, Answer: 16 << 20}, record.Custom{}), schema: schema}
}

// works are the queries that the project's figures are about.
var works = map[string]string{
	"q1": `{ posts(first: 20, orderBy: [{field: CREATED_AT, direction: DESC}]) {
		edges { node { id title createdAt author { id username } } } pageInfo { hasNextPage endCursor } } }`,
	"q2": `{ users(first: 10) { edges { node { id username posts(first: 5) { totalCount edges { node { id title
		tags { edges { node { name } } } comments(first: 3) { edges { node { id body author { username } } } } } } } } } } }`,
	"q3": `query($u: String!) { userByUsername(username: $u) { id username name email role createdAt } }`,
	"q4": `query($u: String!) { posts(first: 20, where: {hasAuthorWith: [{username: $u}]}, orderBy: [{field: CREATED_AT, direction: DESC}]) {
		totalCount edges { node { id title createdAt } } } }`,
}

func (b *bench) operation(doc string) *graphql.OperationContext {
	b.Helper()
	parsed, errs := gqlparser.LoadQueryWithRules(b.schema, doc, nil)
	if errs != nil {
		b.Fatal(errs)
	}
	return &graphql.OperationContext{Doc: parsed, Operation: parsed.Operations[0], Variables: map[string]any{"u": "user_7"}}
}

func (b *bench) answer(ctx context.Context, op *graphql.OperationContext, kept *Plans) []byte {
	b.Helper()
	res := b.engine.Execute(ctx, op, kept)
	if len(res.Errors) > 0 {
		b.Fatal(res.Errors)
	}
	return res.Data
}

// TestWorksUseIndexes counts the statements of each work, and sees that each
// reads a table by an index, or along its key as far as its page goes.
func TestWorksUseIndexes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, want := range map[string]int{"q1": 1, "q2": 4, "q3": 1, "q4": 2} {
		r := &statement.Recorder{Plans: true}
		b.answer(statement.NewContext(t.Context(), r), b.operation(works[name]), &Plans{})
		n := 0
		for _, s := range r.Statements() {
			if len(s.Plan) == 0 { // a transaction's begin and end
				continue
			}
			n++
			plan := strings.Join(s.Plan, "\n")
			for _, step := range s.Plan {
				step = strings.TrimSpace(step)
				if !strings.HasPrefix(step, "SCAN") || strings.HasPrefix(step, "SCAN "+parents) ||
					strings.HasPrefix(step, "SCAN "+chosen) || strings.HasPrefix(step, "SCAN (subquery") || strings.Contains(step, "INDEX") {
					continue
				}
				if step == "SCAN users" && plan == step && strings.Contains(s.SQL, "LIMIT") {
					continue // a page in the order of the key: no further than the page
				}
				t.Errorf("%s: %s\nscans a table:\n%s", name, s.SQL, plan)
			}
		}
		if n != want {
			t.Errorf("%s takes %d statements, want %d", name, n, want)
		}
	}
}

// TestAllocationsPerRow bounds what one more row costs: the driver's copies of
// its values, and hardly more. It counts allocations, so it has the process to
// itself.
func TestAllocationsPerRow(t *testing.T) {
	b := newBench(t)
	for doc, want := range map[string]float64{
		`{ posts(first: %d, orderBy: [{field: CREATED_AT, direction: DESC}]) { edges { node { id title createdAt author { id username } } } } }`: 10,
		`{ comments(first: %d) { edges { node { id body } } } }`:                                                                                 4,
	} {
		per := func(rows int) float64 {
			op, kept := b.operation(fmt.Sprintf(doc, rows)), &Plans{}
			return testing.AllocsPerRun(50, func() { b.answer(t.Context(), op, kept) })
		}
		few, many := per(20), per(200)
		if got := (many - few) / 180; got > want {
			t.Errorf("%s\n%.1f allocations a row, want %.0f at most", doc, got, want)
		} else {
			t.Logf("%.1f allocations a row, %.0f for a page of 20", got, few)
		}
	}
}

// TestRunsAtOnce answers with one kept plan many times at once: a run may use
// the memory of an earlier one, but not of one that goes on.
func TestRunsAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	doc := `query($u: String!) { userByUsername(username: $u) { username posts { totalCount edges { node { title tags { edges { node { name } } } author { username } } } } } }`
	ask := func(kept *Plans, i int) string {
		op := b.operation(doc)
		op.Variables["u"] = fmt.Sprintf("user_%d", 1+i%50)
		return string(b.answer(t.Context(), op, kept))
	}
	var want []string
	for i := range 50 {
		want = append(want, ask(nil, i))
	}
	kept := &Plans{}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 60 {
				if got := ask(kept, g*7+i); got != want[(g*7+i)%50] {
					t.Errorf("got %s\nwant %s", got, want[(g*7+i)%50])
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkPlan works out an operation without a plan that is kept.
func BenchmarkPlan(b *testing.B) {
	for name, doc := range works {
		b.Run(name, func(b *testing.B) {
			e := newBench(b)
			op := e.operation(doc)
			b.ReportAllocs()
			for b.Loop() {
				e.engine.plan(op)
			}
		})
	}
}

// BenchmarkExecute runs an operation whose plan is kept.
func BenchmarkExecute(b *testing.B) {
	for name, doc := range works {
		b.Run(name, func(b *testing.B) {
			e := newBench(b)
			op, kept := e.operation(doc), &Plans{}
			b.ReportAllocs()
			for b.Loop() {
				e.answer(b.Context(), op, kept)
			}
		})
	}
}

// guard has interceptors hide some users, and posts over an edge.
func (b *bench) guard() {
	c := b.engine.client.Typed.(*ent.Client)
	c.User.Intercept(intercept.TraverseUser(func(_ context.Context, q *ent.UserQuery) error {
		q.Where(user.UsernameNEQ("user_51"))
		return nil
	}))
	c.Post.Intercept(intercept.TraversePost(func(_ context.Context, q *ent.PostQuery) error {
		q.Where(post.StatusNEQ(post.StatusARCHIVED))
		return nil
	}))
}

// TestPlansOfGuardedEntitiesAreKept asks in the names of several viewers, of
// whom each is hidden something else by the same condition: one plan and one
// text of each statement serve them all, in as many statements as without.
func TestPlansOfGuardedEntitiesAreKept(t *testing.T) {
	t.Parallel()
	for name, statements := range map[string]int{"q1": 1, "q2": 4, "q3": 1, "q4": 2} {
		b := newBench(t)
		viewer := "user_51"
		b.engine.client.Typed.(*ent.Client).User.Intercept(intercept.TraverseUser(func(_ context.Context, q *ent.UserQuery) error {
			q.Where(user.UsernameNEQ(viewer))
			return nil
		}))
		b.guard()
		op, kept := b.operation(works[name]), &Plans{}
		texts := map[string]bool{}
		for _, viewer = range []string{"user_51", "user_52", "user_53"} {
			r := &statement.Recorder{Plans: true}
			b.answer(statement.NewContext(t.Context(), r), op, kept)
			for _, s := range r.Statements() {
				if len(s.Plan) > 0 {
					texts[s.SQL] = true
				}
			}
		}
		if len(kept.list) != 1 || len(kept.list[0].list) != 2 || len(texts) != statements {
			t.Errorf("%s: %d plans, %d variants, %d texts", name, len(kept.list), len(kept.list[0].list), len(texts))
		}
	}
}

// BenchmarkGuarded runs operations whose plans are kept with interceptors on
// both entities and without, in turn, and tells how many times as long the
// former take, of each the tenth of its times that no other program disturbed.
func BenchmarkGuarded(b *testing.B) {
	for _, name := range []string{"q1", "q2", "q4"} {
		b.Run(name, func(b *testing.B) {
			open, guarded := newBench(b), newBench(b)
			guarded.guard()
			var times [2][]time.Duration
			op, kept := open.operation(works[name]), [2]*Plans{{}, {}}
			for b.Loop() {
				for i, e := range []*bench{open, guarded} {
					start := time.Now()
					e.answer(b.Context(), op, kept[i])
					times[i] = append(times[i], time.Since(start))
				}
			}
			for i := range times {
				slices.Sort(times[i])
			}
			b.ReportMetric(times[1][len(times[1])/10].Seconds()/times[0][len(times[0])/10].Seconds(), "guarded/open")
		})
	}
}

// BenchmarkWrite writes an answer from rows that are read already.
func BenchmarkWrite(b *testing.B) {
	for _, name := range []string{"q1", "q2"} {
		b.Run(name, func(b *testing.B) {
			e := newBench(b)
			op := e.operation(works[name])
			plan := e.engine.plan(op)
			r := &run{engine: e.engine, plan: plan, op: op, client: e.engine.client, conn: ent.Coppice().Driver(e.engine.client), vars: op.Variables,
				results: plan.borrow()}
			root := plan.roots[0]
			if err := r.load(b.Context(), root.level, nil); err != nil {
				b.Fatal(err)
			}
			w := &writer{run: r}
			b.ReportAllocs()
			for b.Loop() {
				w.buf = w.buf[:0]
				if !w.connection(&root.output, &r.results[root.level.index], 0) {
					b.Fatal(w.errs)
				}
			}
			if !json.Valid(w.buf) {
				b.Fatal("not JSON")
			}
		})
	}
}
