package mutation_test

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"coppice/core/internal/enginetest"
	"coppice/core/internal/statement"
)

// statements runs a request that must not fail, and lists what it ran.
func (a *api) statements(query string, vars object) []string {
	a.Helper()
	rec := &statement.Recorder{}
	r := httptest.NewRequestWithContext(statement.NewContext(context.Background(), rec), http.MethodPost, "/graphql", strings.NewReader(string(a.body(query, vars))))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, r)
	if res := a.read(w.Body.Bytes()); len(res.Errors) > 0 {
		a.Errorf("%v\n%s", res.Errors, query)
	}
	return texts(rec)
}

func texts(rec *statement.Recorder) []string {
	var list []string
	for _, s := range rec.Statements() {
		list = append(list, s.SQL)
	}
	return list
}

var counted = map[string]struct {
	query string
	vars  object
	want  string // what it runs, as gist tells it
	whole string // what it runs where one statement makes and reads a record, if that is another
}{
	"createPost": {
		query: `mutation { createPost(input: {slug: "one", title: "T", body: "b", author: {username: "ada"}}) { id } }`,
		want:  "begin, users, insert posts, posts, commit",
		whole: "begin, insert posts, commit",
	},
	"createPost by id": {
		query: `mutation { createPost(input: {slug: "two", title: "T", body: "b", author: {id: "User:1"}}) { id } }`,
		want:  "begin, insert posts, posts, commit",
		whole: "begin, insert posts, commit",
	},
	"createPost with tags": {
		query: `mutation { createPost(input: {slug: "three", title: "T", body: "b", author: {username: "ada"}, tags: [{name: "go"}, {name: "sql"}]}) { id } }`,
		want:  "begin, tags, users, insert posts, insert post_tags, posts, commit",
	},
	"createPosts of 1,000": {
		query: `mutation($inputs: [CreatePostInput!]!) { createPosts(inputs: $inputs) { id } }`,
		vars:  object{"inputs": thousand()},
		want:  "begin, tags, users, insert posts ×4, insert post_tags, posts, commit",
	},
	"updatePost of one field": {
		query: `mutation { updatePost(id: "Post:1", input: {title: "Another"}) { id } }`,
		want:  "begin, update posts, posts ×2, commit",
	},
	"updatePost of its author": {
		query: `mutation { updatePost(id: "Post:1", input: {author: {id: "User:2"}}) { id } }`,
		want:  "begin, update posts, posts ×2, commit",
	},
	"upsertUser that finds": {
		query: `mutation { upsertUser(by: USERNAME, input: {username: "ada", email: "ada@x.org"}) { id } }`,
		want:  "begin, users, update users, users ×2, commit",
	},
	"upsertUser that makes": {
		query: `mutation { upsertUser(by: USERNAME, input: {username: "cid", email: "cid@x.org"}) { id } }`,
		want:  "begin, users, insert users, users, commit",
	},
	"nested create": {
		query: `mutation { createUser(input: {username: "dan", email: "dan@x.org", profile: {create: {bio: "B"}}, posts: [
			{create: {slug: "d1", title: "T", body: "b", tags: [{connectOrCreate: {name: "go"}}]}},
			{create: {slug: "d2", title: "T", body: "b", tags: [{create: {name: "new"}}]}}]}) { id } }`,
		want: "begin, tags, insert users, insert profiles, insert posts, insert tags, insert post_tags, users, commit",
	},
}

// thousand is the inputs of 1,000 posts with two tags each.
func thousand() []any {
	posts := make([]any, 1000)
	for i := range posts {
		posts[i] = object{"slug": fmt.Sprint("many-", i), "title": "T", "body": "b", "author": object{"username": "ada"},
			"tags": []any{object{"name": "go"}, object{"name": "sql"}}}
	}
	return posts
}

// Each operation runs just so many statements, however many records it is of.
func TestStatementCounts(t *testing.T) {
	t.Parallel()
	for name, test := range counted {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := open(t, memory(t))
			a.ok(nil, `mutation {
				createUsers(inputs: [{username: "ada", email: "a@x.org"}, {username: "bob", email: "b@x.org"}]) { id }
				createTags(inputs: [{name: "go"}, {name: "sql"}]) { id }
				createPost(input: {slug: "zero", title: "T", body: "b", author: {username: "ada"}}) { id }
			}`, nil)
			want := test.want
			if enginetest.OnPostgres() {
				want = cmp.Or(test.whole, want)
			}
			if got := gist(a.statements(test.query, test.vars)); got != want {
				t.Errorf("it ran %s\n  want %s", got, want)
			}
		})
	}
}

// Associations of new records come in one statement, however they lead to and
// fro.
func TestStatementsOfCircles(t *testing.T) {
	t.Parallel()
	const people = 200
	a := open(t, memory(t))
	var entries []entry
	for i := range people {
		name := func(i int) object { return object{"username": fmt.Sprint("user", (i+people)%people)} }
		entries = append(entries,
			entry{"User", object{"username": fmt.Sprint("user", i), "email": fmt.Sprintf("%d@x.org", i), "following": []any{name(i + 1)}, "followers": []any{name(i - 1), name(i + 7)}}},
			entry{"Tag", object{"name": fmt.Sprint("tag", i), "posts": []any{object{"slug": fmt.Sprint("post-", i)}}}},
			entry{"Post", object{"slug": fmt.Sprint("post-", i), "title": "T", "body": "b", "author": name(i), "tags": []any{object{"name": fmt.Sprint("tag", i)}}}},
		)
	}
	want := "posts, tags, users ×2, insert users, insert tags, insert posts, insert post_tags ×2, insert user_following ×2"
	for range 2 {
		set, wrong := seedSet(t, a.client, entries)
		rec := &statement.Recorder{}
		wrong = append(wrong, fields(t, set.Apply(statement.NewContext(t.Context(), rec)))...)
		same(t, "errors", wrong, nil)
		if got := gist(texts(rec)); got != want {
			t.Errorf("it ran %s\n  want %s", got, want)
		}
		want = "posts, tags, users ×2, posts, post_tags, tags, post_tags, users, user_following ×2"
	}
	for table, want := range map[string]int64{"users": people, "user_following": 2 * people, "post_tags": people} {
		if got := a.rows("SELECT count(*) FROM " + table)[0][0]; got != want {
			t.Errorf("%v rows of %s, want %d", got, table, want)
		}
	}
}

// gist is what statements do, in few words: what they write, or the table that
// they read.
func gist(statements []string) string {
	var words []string
	for _, s := range statements {
		f := strings.Fields(strings.NewReplacer("`", "", `"`, "", "(", " ", ";", " ", ".", " ").Replace(strings.TrimPrefix(s, "WITH _made AS (")))
		word := strings.ToLower(f[0])
		switch word {
		case "insert":
			word += " " + f[2]
		case "update":
			word += " " + f[1]
		case "select", "with":
			word = "?"
			for i, w := range f {
				// What a statement starts from may be a list of values.
				lists := []string{"json_each", "LATERAL", "unnest", "VALUES"}
				if from := f[min(i+1, len(f)-1)]; (strings.EqualFold(w, "from") || strings.EqualFold(w, "join")) && !slices.Contains(lists, from) {
					word = from
					break
				}
			}
		}
		words = append(words, word)
	}
	var list []string
	for i := 0; i < len(words); {
		n := 1
		for i+n < len(words) && words[i+n] == words[i] {
			n++
		}
		if n > 1 {
			list = append(list, fmt.Sprintf("%s ×%d", words[i], n))
		} else {
			list = append(list, words[i])
		}
		i += n
	}
	return strings.Join(list, ", ")
}
