//go:build postgres

package postgres_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5"

	"coppice/core/engine"
	"coppice/core/fault"
	"coppice/core/internal/enginetest"
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/server"
)

func open(t testing.TB, url string) *ent.Client {
	t.Helper()
	client, err := blog.Open(t.Context(), engine.Config{URL: url, LockWait: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return client
}

// admin runs statements on a database by the driver alone.
func admin(t testing.TB, url string, queries ...string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, q := range queries {
		if _, err := conn.Exec(ctx, q); err != nil {
			t.Fatal(q, err)
		}
	}
}

// Whatever keeps a database from being opened is told with the way out, and the
// password is not.
func TestWhatCannotBeOpenedIsTold(t *testing.T) {
	t.Parallel()
	base, err := url.Parse(enginetest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	change := func(f func(u *url.URL)) string {
		u := *base
		u.User = url.UserPassword(base.User.Username(), "s3cret")
		f(&u)
		return u.String()
	}
	param := func(name, value string) func(*url.URL) {
		return func(u *url.URL) { u.RawQuery = url.Values{name: {value}}.Encode() }
	}
	for name, c := range map[string]struct {
		url  string
		want string
	}{
		"host":     {change(func(u *url.URL) { u.Host = "no.such.host.invalid:5432" }), "no host of this name is known"},
		"port":     {change(func(u *url.URL) { u.Host = "127.0.0.1:1" }), "nothing answers there"},
		"database": {change(func(u *url.URL) { u.Path = "/no_such_database" }), "createdb no_such_database"},
		"role":     {change(func(u *url.URL) { u.User = url.UserPassword("nobody_here", "s3cret") }), "does not let this user in"},
		"schema":   {change(param("search_path", "no_such_schema")), "the schema of search_path does not exist"},
		"TLS":      {change(param("sslmode", "verify-full")), "do not agree on encryption"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := blog.Open(t.Context(), engine.Config{URL: c.url})
			if err == nil {
				_ = client.Close()
				t.Fatal("it was opened")
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%v\nwant %s", err, c.want)
			}
			if name != "TLS" && strings.Contains(err.Error(), "TLS") {
				t.Errorf("the cause is that of another try: %v", err)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("several lines: %v", err)
			}
		})
	}
}

// Several that open a new database at once find one schema.
func TestOneMakesTheSchemaAndTheOthersWait(t *testing.T) {
	t.Parallel()
	rounds := 20
	if testing.Short() {
		rounds = 4
	}
	for range rounds {
		url := enginetest.Postgres(t)
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				client, err := blog.Open(t.Context(), engine.Config{URL: url})
				if err != nil {
					t.Error(err)
					return
				}
				defer client.Close()
				if _, err := client.User.Query().Count(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		client := open(t, url)
		db, err := blog.DB(client)
		if err != nil {
			t.Fatal(err)
		}
		var n int
		if err := db.QueryRow("SELECT count(*) FROM coppice_schema").Scan(&n); err != nil || n != 1 {
			t.Errorf("%d schemas were applied: %v", n, err)
		}
	}
}

// A statement that fails in a transaction leaves it as it was, and what broke a rule
// is known by its columns and its row.
func TestAFailedStatementLeavesItsTransaction(t *testing.T) {
	t.Parallel()
	client, ctx := open(t, enginetest.Postgres(t)), t.Context()
	client.User.Create().SetUsername("ada").SetEmail("ada@example.org").SaveX(ctx)
	tx, err := client.Tx(ctx)
	if err != nil {
		t.Fatal(err)
	}
	tx.User.Create().SetUsername("bob").SetEmail("bob@example.org").SaveX(ctx)
	_, err = tx.User.CreateBulk(
		tx.User.Create().SetUsername("cyd").SetEmail("cyd@example.org"),
		tx.User.Create().SetUsername("dan").SetEmail("ada@example.org"),
		tx.User.Create().SetUsername("eve").SetEmail("eve@example.org")).Save(ctx)
	var unique *fault.Unique
	if !errors.As(err, &unique) || unique.Table != "users" || fmt.Sprint(unique.Columns) != "[email]" || unique.Row != 1 {
		t.Errorf("%v, %+v", err, unique)
	}
	if !ent.IsConstraintError(err) {
		t.Errorf("ent does not take %v for a constraint's", err)
	}
	err = tx.Post.Create().SetSlug("s").SetTitle("t").SetBody("b").SetAuthorID(99).Exec(ctx)
	if !errors.As(err, new(*fault.ForeignKey)) {
		t.Errorf("a key that leads nowhere: %v", err)
	}
	tx.User.Create().SetUsername("fay").SetEmail("fay@example.org").SaveX(ctx)
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if names := client.User.Query().Order(ent.Asc("id")).Select("username").StringsX(ctx); fmt.Sprint(names) != "[ada bob fay]" {
		t.Errorf("there are %v", names)
	}
}

// A request that ends ends its statement on the server, and one that is forgotten
// keeps no transaction.
func TestTheEndOfARequestReachesTheServer(t *testing.T) {
	t.Parallel()
	client := open(t, enginetest.Postgres(t))
	db, err := blog.DB(client)
	if err != nil {
		t.Fatal(err)
	}
	client.User.Create().SetUsername("ada").SetEmail("ada@example.org").SaveX(t.Context())
	running := func(state string) (n int) {
		if err := db.QueryRow("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = $1 AND pid <> pg_backend_pid()", state).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err = client.User.Query().Where(func(s *sql.Selector) { s.Where(sql.ExprP("pg_sleep(60) IS NULL")) }).All(ctx)
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 5*time.Second {
		t.Errorf("after %s: %v", time.Since(start), err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	if _, err := client.Tx(ctx); err != nil {
		t.Fatal(err)
	}
	cancel()
	deadline := time.Now().Add(10 * time.Second)
	for running("active")+running("idle in transaction") > 0 {
		if time.Now().After(deadline) {
			t.Fatal("statements or transactions are left on the server")
		}
	}
}

// Who only reads hears nothing of a server that lets all of its connections go, and
// whoever writes then is served again.
func TestLostConnectionsAreMadeAgain(t *testing.T) {
	t.Parallel()
	url := enginetest.Postgres(t)
	client := open(t, url)
	api := serve(t, client)
	if res := api(`mutation { createUser(input: {username: "ada", email: "a@x.org"}) { id } }`); res != `{"data":{"createUser":{"id":"User:1"}}}` {
		t.Fatal(res)
	}
	for i := range 10 {
		admin(t, url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
		if res := api(`{ users { totalCount edges { node { username posts { totalCount } } } } }`); res != `{"data":{"users":{"totalCount":1,"edges":[{"node":{"username":"ada","posts":{"totalCount":0}}}]}}}` {
			t.Fatal(i, res)
		}
		admin(t, url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
		if res := api(fmt.Sprintf(`mutation { updateUser(id: "User:1", input: {name: "%d"}) { name } }`, i)); res != fmt.Sprintf(`{"data":{"updateUser":{"name":"%d"}}}`, i) {
			t.Fatal(i, res)
		}
		admin(t, url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
		if res := api(fmt.Sprintf(`mutation { createTag(input: {name: "%d"}) { name } }`, i)); res != fmt.Sprintf(`{"data":{"createTag":{"name":"%d"}}}`, i) {
			t.Fatal(i, res)
		}
	}
}

// serve is the API of a client, as a function from a query to the answer.
func serve(t testing.TB, client *ent.Client) func(query string) string {
	t.Helper()
	h := newHandler(t, client)
	return func(query string) string {
		body, err := json.Marshal(map[string]string{"query": query})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return strings.TrimSpace(w.Body.String())
	}
}

func newHandler(t testing.TB, client *ent.Client) http.Handler {
	t.Helper()
	opts := server.Defaults()
	opts.Logger, opts.Timeout, opts.Dev = slog.New(slog.DiscardHandler), time.Minute, true
	h, err := server.New(blog.API(client), opts)
	if err != nil {
		t.Fatal(err)
	}
	return h
}
