//go:build postgres

package postgres_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"coppice/core/internal/enginetest"
)

// A value that its column cannot hold, though the schema takes it, is BAD_USER_INPUT at
// its field, whether the server refuses it or the driver.
func TestAValueThatItsColumnCannotHoldIsToldAtItsField(t *testing.T) {
	t.Parallel()
	url := enginetest.Postgres(t)
	open(t, url)
	admin(t, url, `ALTER TABLE posts ALTER COLUMN title TYPE varchar(5) COLLATE "C"`, `ALTER TABLE posts ALTER COLUMN view_count TYPE smallint`,
		`INSERT INTO users (username, email, role, created_at) VALUES ('ada', 'ada@x.org', 'READER', now())`)
	handler := newHandler(t, open(t, url))
	ask := func(query string) (codes, fields []string) {
		body, err := json.Marshal(map[string]any{"query": query})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		var res struct {
			Errors []struct{ Extensions struct{ Code, Field string } }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &res); err != nil {
			t.Fatal(err)
		}
		for _, e := range res.Errors {
			codes, fields = append(codes, e.Extensions.Code), append(fields, e.Extensions.Field)
		}
		return codes, fields
	}
	const good = `slug: "a", body: "b", author: {username: "ada"}`
	if codes, _ := ask(`mutation { createPost(input: {` + good + `, title: "short", viewCount: 7}) { id } }`); len(codes) > 0 {
		t.Fatal(codes)
	}
	for query, field := range map[string]string{
		`mutation { createPost(input: {slug: "b", body: "b", author: {username: "ada"}, title: "much too long"}) { id } }`:                                                                                        "input.title",
		`mutation { createPost(input: {slug: "b", body: "b", author: {username: "ada"}, title: "t", viewCount: 40000}) { id } }`:                                                                                  "input.viewCount",
		`mutation { createPosts(inputs: [{slug: "b", body: "b", author: {username: "ada"}, title: "t"}, {slug: "c", body: "b", author: {username: "ada"}, title: "much too long"}]) { id } }`:                     "inputs.1.title",
		`mutation { createPosts(inputs: [{slug: "b", body: "b", author: {username: "ada"}, title: "t", viewCount: 1}, {slug: "c", body: "b", author: {username: "ada"}, title: "t", viewCount: 40000}]) { id } }`: "inputs.1.viewCount",
		`mutation { updatePost(id: "Post:1", input: {viewCount: 3, title: "much too long"}) { id } }`:                                                                                                             "input.title",
		`mutation { updatePost(id: "Post:1", input: {viewCount: 40000, title: "t"}) { id } }`:                                                                                                                     "input.viewCount",
		`mutation { updatePosts(where: {slug: "a"}, input: {title: "much too long"}) }`:                                                                                                                           "input.title",
		`mutation { upsertPost(by: SLUG, input: {` + good + `, title: "much too long"}) { id } }`:                                                                                                                 "input.title",
		`mutation { createUser(input: {username: "bob", email: "b@x.org", posts: [{create: {slug: "d", body: "b", title: "much too long"}}]}) { id } }`:                                                           "input.posts.0.create.title",
	} {
		codes, fields := ask(query)
		if len(codes) != 1 || codes[0] != "BAD_USER_INPUT" || fields[0] != field {
			t.Errorf("%s\n is %v at %v, not BAD_USER_INPUT at %s", query, codes, fields, field)
		}
	}
}
