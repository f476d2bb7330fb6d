//go:build postgres

package query_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"coppice/core/internal/enginetest"
	"coppice/core/server"
)

const loneCreate = `mutation { createPost(input: {slug: "lone", title: "Alone", body: "b", author: {username: "ada"}}) { slug status viewCount author { username } } }`

// kinds are the first words of the statements that a response's request ran.
func (r answer) kinds() string {
	var list []string
	for _, s := range r.Extensions.SQL.Statements {
		list = append(list, strings.Fields(s.SQL)[0])
	}
	return strings.Join(list, " ")
}

// tell runs statements on a database by the driver alone.
func tell(t *testing.T, url string, queries ...string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }() // the statements are what matters
	for _, q := range queries {
		if _, err := conn.Exec(ctx, q); err != nil {
			t.Fatal(q, err)
		}
	}
}

// A record that is made alone is looked up for, made and read by one statement, and
// what it was answered with is there.
func TestALoneRecordIsMadeAndReadByOneStatement(t *testing.T) {
	t.Parallel()
	a := openOn(t, enginetest.Postgres(t)).blog()
	res := a.want(loneCreate, `{"createPost":{"slug":"lone","status":"DRAFT","viewCount":0,"author":{"username":"ada"}}}`)
	if got := res.kinds(); got != "BEGIN WITH COMMIT" {
		t.Errorf("it took %s", got)
	}
	a.want(`{ postBySlug(slug: "lone") { title author { username } } }`, `{"postBySlug":{"title":"Alone","author":{"username":"ada"}}}`)
	res = a.want(`mutation { createTag(input: {name: "alone"}) { name } }`, `{"createTag":{"name":"alone"}}`)
	if got := res.kinds(); got != "BEGIN INSERT COMMIT" {
		t.Errorf("of its row alone it took %s", got)
	}
	a.want(`mutation { createPost(input: {slug: "second-alone", title: "t", body: "b", author: {username: "ada"}}) { __typename } }`, `{"createPost":{"__typename":"Post"}}`)
	a.want(`mutation { createPost(input: {slug: "third-alone", title: "t", body: "b", author: {username: "ada"}, rating: 1.5}) { viewCount rating status } }`,
		`{"createPost":{"viewCount":0,"rating":1.5,"status":"DRAFT"}}`)
	user := a.ok(`{ userByUsername(username: "bob") { id } }`, nil)
	id := strings.Split(string(user.Data), `"`)[5]
	res = a.want(`mutation { createPost(input: {slug: "by-id", title: "t", body: "b", author: {id: "`+id+`"}}) { author { username } } }`,
		`{"createPost":{"author":{"username":"bob"}}}`)
	if got := res.kinds(); got != "BEGIN WITH COMMIT" {
		t.Errorf("with an id it took %s", got)
	}
	for _, s := range res.Extensions.SQL.Statements {
		if len(s.Advice) > 0 || strings.HasPrefix(s.SQL, "WITH") && (s.Rows != 1 || len(s.Plan) == 0) {
			t.Errorf("%s is shown with %d rows, the plan %v and the advice %v", s.SQL, s.Rows, s.Plan, s.Advice)
		}
	}
}

// What is wrong with it is told at its field, as elsewhere, and nothing of it is kept.
func TestWhatIsWrongWithALoneRecordIsToldAtItsField(t *testing.T) {
	t.Parallel()
	a := openOn(t, enginetest.Postgres(t)).blog()
	create := func(slug, author string) string {
		return fmt.Sprintf(`mutation { createPost(input: {slug: %q, title: "t", body: "b", author: {%s}}) { id } }`, slug, author)
	}
	a.refuse(create("one", `username: "ada"`), "CONFLICT", "input.slug")
	a.refuse(create("none", `username: "nobody"`), "NOT_FOUND", "input.author")
	a.refuse(create("none", `id: "User:4711"`), "NOT_FOUND", "input.author")
	a.refuse(create("Not A Slug", `username: "ada"`), "BAD_USER_INPUT", "input.slug")
	a.want(`{ posts(where: {slug: "none"}) { totalCount } }`, `{"posts":{"totalCount":0}}`)
	a.want(loneCreate, `{"createPost":{"slug":"lone","status":"DRAFT","viewCount":0,"author":{"username":"ada"}}}`)
}

// An answer that would be too long is refused, and what it would be of is not kept:
// the length is seen before it is committed.
func TestALoneRecordWhoseAnswerIsTooLongIsNotKept(t *testing.T) {
	t.Parallel()
	url := enginetest.Postgres(t)
	a := openOn(t, url, func(o *server.Options) { o.MaxAnswer = 4000 }).blog()
	tell(t, url, `UPDATE users SET name = repeat('long ', 10000) WHERE username = 'ada'`)
	const query = `mutation { createPost(input: {slug: "lone", title: "t", body: "b", author: {username: "ada"}}) { slug author { name } } }`
	res := a.do(query, nil)
	if len(res.Errors) != 1 || res.Errors[0].Extensions.Code != "LIMIT_EXCEEDED" {
		t.Errorf("%v", res.Errors)
	}
	res = a.do(`mutation { createPost(input: {slug: "lone", title: "t", body: "`+strings.Repeat("long ", 1000)+`", author: {username: "ada"}}) { body } }`, nil)
	if len(res.Errors) != 1 || res.Errors[0].Extensions.Code != "LIMIT_EXCEEDED" {
		t.Errorf("of its own text: %v", res.Errors)
	}
	a.want(`{ posts(where: {slug: "lone"}) { totalCount } }`, `{"posts":{"totalCount":0}}`)
}

// What a trigger makes of it is in the answer.
func TestALoneRecordIsAnsweredAsTriggersLeaveIt(t *testing.T) {
	t.Parallel()
	url := enginetest.Postgres(t)
	openOn(t, url).blog()
	tell(t, url,
		`CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE posts SET view_count = 7 WHERE id = NEW.id; RETURN NULL; END $$`,
		`CREATE TRIGGER late AFTER INSERT ON posts FOR EACH ROW EXECUTE FUNCTION late()`)
	openOn(t, url).want(loneCreate, `{"createPost":{"slug":"lone","status":"DRAFT","viewCount":7,"author":{"username":"ada"}}}`)
}

// Of several that make the same record at once one does, and who was told so finds it.
func TestOfTheSameLoneRecordOneIsMade(t *testing.T) {
	t.Parallel()
	a := openOn(t, enginetest.Postgres(t)).blog()
	for round := range 20 {
		var mu sync.Mutex
		var made, refused int
		var group sync.WaitGroup
		for range 6 {
			group.Go(func() {
				res := a.do(fmt.Sprintf(`mutation { createPost(input: {slug: "round-%d", title: "t", body: "b", author: {username: "ada"}}) { id } }`, round), nil)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case len(res.Errors) == 0:
					made++
				case res.Errors[0].Extensions.Code == "CONFLICT" && res.Errors[0].Extensions.Field == "input.slug":
					refused++
				default:
					t.Errorf("%v", res.Errors)
				}
			})
		}
		group.Wait()
		if made != 1 || refused != 5 {
			t.Errorf("%d were made, %d refused", made, refused)
		}
	}
	a.want(`{ posts(where: {slugHasPrefix: "round-"}) { totalCount } }`, `{"posts":{"totalCount":20}}`)
}

// A lone record that waits for another transaction ends with its request, or after the
// wait for locks, once; then its connection serves others, and nothing is there of it.
func TestALoneRecordThatWaitsEndsInTime(t *testing.T) {
	t.Parallel()
	url := enginetest.Postgres(t)
	a := openWaiting(t, url, 500*time.Millisecond).blog()
	holder, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = holder.Close(context.Background()) }() // it was only to hold
	tx, err := holder.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `INSERT INTO posts (slug, title, body, status, view_count, created_at, updated_at, user_posts) VALUES ('lone', 't', 'b', 'DRAFT', 0, now(), now(), 1)`); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	a.refuse(loneCreate, "UNAVAILABLE", "")
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it waited %s", took)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", strings.NewReader(`{"query": `+strconv.Quote(loneCreate)+`}`))
		r.Header.Set("Content-Type", "application/json")
		a.handler.ServeHTTP(httptest.NewRecorder(), r)
	}()
	for waiting := 0; waiting == 0; {
		if err := tx.QueryRow(t.Context(), "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) OR NOT granted AND locktype = 'transactionid'").Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	<-done
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	a.want(`{ posts(where: {slug: "lone"}) { totalCount } }`, `{"posts":{"totalCount":0}}`)
	for range 40 { // as many as have each connection, and more
		a.want(`{ userByUsername(username: "ada") { username } }`, `{"userByUsername":{"username":"ada"}}`)
	}
	a.want(loneCreate, `{"createPost":{"slug":"lone","status":"DRAFT","viewCount":0,"author":{"username":"ada"}}}`)
}

// BenchmarkLone measures the making of a lone record, from the request to the answer.
func BenchmarkLone(b *testing.B) {
	a := openOn(b, enginetest.Postgres(b)).blog()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/graphql", strings.NewReader(fmt.Sprintf(
			`{"query": "mutation($slug: String!) { createPost(input: {slug: $slug, title: \"t\", body: \"b\", author: {username: \"ada\"}}) { id slug createdAt author { id username } } }", "variables": {"slug": "bench-%d"}}`, n)))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		a.handler.ServeHTTP(w, r)
		if strings.Contains(w.Body.String(), `"errors"`) {
			b.Fatal(w.Body)
		}
	}
}
