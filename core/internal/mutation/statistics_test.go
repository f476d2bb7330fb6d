package mutation_test

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"coppice/core/internal/index/indextest"
	"coppice/core/internal/statement"
)

// TestStatisticsChangeNoWrite holds that what a write looks up, and what it
// writes, has one plan, whatever the file says of its tables.
func TestStatisticsChangeNoWrite(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	a := open(t, "sqlite:"+path)
	a.ok(nil, `mutation {
		createUsers(inputs: [{username: "ada", email: "a@x.org"}, {username: "bob", email: "b@x.org"}]) { id }
		createTags(inputs: [{name: "go"}, {name: "sql"}]) { id }
		createPost(input: {slug: "zero", title: "T", body: "b", author: {username: "ada"}}) { id }
	}`, nil)
	rec := &statement.Recorder{Plans: true}
	ctx := statement.NewContext(context.Background(), rec)
	run := func(query string, vars object) {
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", strings.NewReader(string(a.body(query, vars))))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		a.handler.ServeHTTP(w, r)
		if res := a.read(w.Body.Bytes()); len(res.Errors) > 0 {
			t.Errorf("%v\n%s", res.Errors, query)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(counted)) {
		vars := maps.Clone(counted[name].vars)
		if posts, ok := vars["inputs"].([]any); ok && testing.Short() {
			vars["inputs"] = posts[:20] // each statement is explained, and more posts take the same ones
		}
		run(counted[name].query, vars)
	}
	for _, query := range []string{
		`mutation { updatePosts(where: {slugHasPrefix: "many"}, input: {title: "U", author: {username: "bob"}, addTags: [{name: "new"}]}) }`,
		`mutation { updatePosts(where: {or: [{slug: "zero"}, {hasAuthorWith: [{username: "bob"}]}]}, input: {title: "V"}) }`,
		`mutation { updatePost(id: "Post:1", input: {tags: [{name: "go"}, {name: "new"}]}) { id tags { totalCount } } }`,
		`mutation { updateUser(id: "User:1", input: {addPosts: [{slug: "one"}], following: [{username: "bob"}], profile: {create: {bio: "B"}}}) { id } }`,
		`mutation { createComments(inputs: [{body: "b", author: {username: "ada"}, post: {id: "Post:1"}}, {body: "c", author: {id: "User:2"}, post: {slug: "one"}}]) { id } }`,
		`mutation { deletePosts(where: {slugHasPrefix: "many"}) }`,
		`mutation { a: deleteComment(id: "Comment:2") deleteComment(id: "Comment:1") deletePost(id: "Post:2") deleteTag(id: "Tag:1") }`,
	} {
		run(query, nil)
	}
	a.close()
	var reads, writes []indextest.Query
	for _, q := range indextest.Queries(rec.Statements()) {
		if strings.HasPrefix(q.SQL, "SELECT") || strings.HasPrefix(q.SQL, "WITH") {
			reads = append(reads, q)
		} else {
			writes = append(writes, q)
		}
	}
	if len(reads) < 15 || len(writes) < 15 {
		t.Fatalf("only %d reads and %d writes", len(reads), len(writes))
	}
	indextest.Hold(t, path, reads)
	indextest.HoldWrites(t, path, writes)
}
