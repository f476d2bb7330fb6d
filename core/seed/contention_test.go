package seed

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"coppice/core/engine"
	"coppice/core/internal/enginetest"
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/fixture/blog/ent/user"
	"coppice/core/server"
)

// meddling lets somebody else change what a load is about to update, the first time it
// does: where transactions run beside each other, that one has to be tried again.
func meddling(t *testing.T, url string) (c *ent.Client, tries *int) {
	t.Helper()
	c, other, tries := openAt(t, url), openAt(t, url), new(int)
	c.User.Use(func(next ent.Mutator) ent.Mutator {
		return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
			if m.Op().Is(ent.OpUpdateOne) {
				if *tries++; *tries == 1 && enginetest.OnPostgres() {
					other.User.Update().Where(user.Username("ann")).SetName("of another").ExecX(context.WithoutCancel(ctx))
				}
			}
			return next.Mutate(ctx, m)
		})
	})
	return c, tries
}

// What the database refuses since others wrote beside it is done again as a whole, and
// counts once.
func TestRefusedIsTriedAgain(t *testing.T) {
	t.Parallel()
	before := write(t, map[string]string{"users.yaml": people})
	after := write(t, map[string]string{
		"users.yaml": "- { username: ann, email: ann@example.org, name: Ann }\n- { username: bob, email: bob@example.org }\n- { username: cid, email: cid@example.org, following: [{ username: ann }] }\n",
		"posts.yaml": "- { slug: p, title: P, body: b, author: { username: cid } }\n",
		"comments.jsonl": strings.Repeat(`{"body":"same","author":{"username":"ann"},"post":{"slug":"p"},"parent":{"$key":"a"}}`+"\n", 3) +
			`{"$key":"a","body":"first","author":{"username":"bob"},"post":{"slug":"p"}}` + "\n",
	})
	for name, most := range map[string]int{"at once": 1000, "in parts": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, tries := meddling(t, enginetest.URL(t))
			mustLoadIn(t, c, most, before)
			s := mustLoadIn(t, c, most, after)
			want := map[string]Count{"users": {Created: 1, Updated: 1, Unchanged: 1}, "posts": {Created: 1}, "comments": {Created: 4}}
			if fmt.Sprint(s.Entities) != fmt.Sprint(want) {
				t.Errorf("got %v, want %v", s.Entities, want)
			}
			if n := c.User.Query().Where(user.Name("Ann")).CountX(t.Context()); n != 1 {
				t.Errorf("%d are called as the file says", n)
			}
			if n := c.Comment.Query().CountX(t.Context()); n != 4 {
				t.Errorf("there are %d comments", n)
			}
			if enginetest.OnPostgres() && *tries != 2 {
				t.Errorf("it was tried %d times", *tries)
			}
			for table, n := range mustLoadIn(t, c, most, after).Entities {
				if n.Created+n.Updated > 0 {
					t.Errorf("%s: a second run does %+v", table, n)
				}
			}
		})
	}
}

// mutate runs a mutation of the API, and returns its errors as JSON.
func mutate(t *testing.T, api http.Handler, query string) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query})
	if err != nil {
		t.Error(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	var res struct{ Errors json.RawMessage }
	if err := json.Unmarshal(w.Body.Bytes(), &res); err != nil {
		t.Errorf("%v in %s", err, w.Body)
	}
	return string(res.Errors)
}

// A load and clients of the API that write into the same tables, and the same records,
// all get on.
func TestLoadBesideTheAPI(t *testing.T) {
	t.Parallel()
	var users, posts strings.Builder
	for i := range 300 {
		fmt.Fprintf(&users, "{\"username\":\"user_%d\",\"email\":\"user_%d@example.org\",\"name\":\"of the file\"}\n", i, i)
	}
	for i := range 900 {
		fmt.Fprintf(&posts, "{\"slug\":\"post-%d\",\"title\":\"P\",\"body\":\"b\",\"author\":{\"username\":\"user_%d\"},\"tags\":[{\"connectOrCreate\":{\"name\":\"tag-%d\"}}]}\n", i, i%300, i%7)
	}
	dir := write(t, map[string]string{"users.jsonl": users.String(), "posts.jsonl": posts.String()})
	for name, most := range map[string]int{"at once": 10_000, "in parts": 100} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := enginetest.URL(t)
			c := openAt(t, url)
			opts := server.Defaults()
			opts.Logger, opts.Timeout = slog.New(slog.DiscardHandler), 0 // a slow machine is no failure here
			client, err := blog.Open(t.Context(), engine.Config{URL: url})
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			api, err := server.New(blog.API(client), opts)
			if err != nil {
				t.Fatal(err)
			}
			var wrote atomic.Int64
			var wait sync.WaitGroup
			over := make(chan struct{})
			for w := range 3 {
				wait.Go(func() {
					for i := 0; ; i++ {
						select {
						case <-over:
							return
						default:
						}
						errs := mutate(t, api, fmt.Sprintf(`mutation { a: upsertUser(by: USERNAME, input: {username: "user_%[1]d", email: "user_%[1]d@example.org", name: "of the API"}) { id }
							b: createPost(input: {slug: "api-%[2]d-%[3]d", title: "t", body: "", author: {username: "user_%[1]d"}, tags: [{connectOrCreate: {name: "tag-%[4]d"}}]}) { id } }`,
							i%300, w, i, i%7))
						if errs != "" {
							t.Errorf("the API: %s", errs)
							return
						}
						wrote.Add(1)
					}
				})
			}
			for range 2 {
				if _, err := loadIn(t.Context(), c, most, Options{}, dir); err != nil {
					t.Error(err)
				}
			}
			close(over)
			wait.Wait()
			if n := c.User.Query().CountX(t.Context()); n != 300 {
				t.Errorf("there are %d users", n)
			}
			if n := c.Post.Query().CountX(t.Context()); n != 900+int(wrote.Load()) || wrote.Load() == 0 {
				t.Errorf("there are %d posts, of which the API made %d", n, wrote.Load())
			}
		})
	}
}
