package mutation_test

import (
	"slices"
	"strings"
	"testing"
)

// promise is requests that are sent one after the other, and what the last one
// answers: its data, or its errors as told lists them.
type promise struct {
	requests []string
	data     string
	errors   []string
}

var promises = map[string]promise{
	"a nested create leads back to its parent": {
		requests: []string{`mutation { updateUser(id: "User:1", input: {addPosts: [{create: {slug: "two", title: "T", body: "b", comments: [
			{create: {body: "c", author: {username: "bob"}}}]}}]}) { posts { totalCount } comments { totalCount } } }`},
		data: `{"updateUser":{"posts":{"totalCount":2},"comments":{"totalCount":0}}}`,
	},
	"a required edge that is missing is told where it should stand": {
		requests: []string{`mutation { createUser(input: {username: "cyd", email: "c@x.org", posts: [{create: {slug: "two", title: "T", body: "b",
			comments: [{create: {body: "c"}}]}}]}) { id } }`},
		errors: []string{"createUser BAD_USER_INPUT input.posts.0.create.comments.0.create.author"},
	},
	"a list replaces the set": {
		requests: []string{`mutation { updatePost(id: "Post:1", input: {tags: [{name: "go"}, {create: {name: "sql"}}]}) { id } }`,
			`mutation { updatePost(id: "Post:1", input: {tags: [{name: "sql"}]}) { tags { edges { node { name } } } } }`},
		data: `{"updatePost":{"tags":{"edges":[{"node":{"name":"sql"}}]}}}`,
	},
	"what cannot live without the edge is no part of a replacement": {
		requests: []string{`mutation { updateUser(id: "User:1", input: {posts: []}) { id } }`},
		errors:   []string{"updateUser CONFLICT input.posts"},
	},
	"adding what is there, removing what is not, naming one thing twice": {
		requests: []string{`mutation { updatePost(id: "Post:1", input: {addTags: [{name: "go"}, {name: "go"}]}) { id } }`,
			`mutation { updatePost(id: "Post:1", input: {addTags: [{name: "go"}], removeTags: [{name: "odd"}, {name: "odd"}]}) { tags { totalCount } } }`},
		data: `{"updatePost":{"tags":{"totalCount":1}}}`,
	},
	"null clears an optional field": {
		requests: []string{`mutation { updatePost(id: "Post:1", input: {rating: 4}) { id } }`, `mutation { updatePost(id: "Post:1", input: {rating: null}) { rating } }`},
		data:     `{"updatePost":{"rating":null}}`,
	},
	"null clears no required one": {
		requests: []string{`mutation { updatePost(id: "Post:1", input: {title: null, author: null}) { id } }`},
		errors:   []string{"updatePost BAD_USER_INPUT input.title", "updatePost BAD_USER_INPUT input.author"},
	},
	"lists are appended to": {
		requests: []string{`mutation { createProfile(input: {links: ["a"], user: {username: "bob"}}) { id } }`,
			`mutation { updateProfile(id: "Profile:1", input: {appendLinks: ["b", "b"]}) { links } }`},
		data: `{"updateProfile":{"links":["a","b","b"]}}`,
	},
	"an upsert that finds keeps what is not given": {
		requests: []string{`mutation { updatePost(id: "Post:1", input: {rating: 4, viewCount: 3}) { id } }`,
			`mutation { upsertPost(by: SLUG, input: {slug: "one", title: "U", body: "b", author: {username: "ada"}, viewCount: 5}) { id title rating viewCount } }`},
		data: `{"upsertPost":{"id":"Post:1","title":"U","rating":4,"viewCount":5}}`,
	},
	"an upsert may give an immutable field its value, in whatever form": {
		requests: []string{`mutation { upsertPost(by: SLUG, input: {slug: "one", title: "T", body: "b", createdAt: "2026-01-01T02:00:00.000000+02:00"}) { createdAt } }`},
		data:     `{"upsertPost":{"createdAt":"2026-01-01T00:00:00Z"}}`,
	},
	"an upsert cannot change an immutable field": {
		requests: []string{`mutation { upsertPost(by: SLUG, input: {slug: "one", title: "T", body: "b", createdAt: "2026-01-01T00:00:00.000001Z"}) { createdAt } }`},
		errors:   []string{"upsertPost BAD_USER_INPUT input.createdAt"},
	},
	"all is meant by a condition that all meet": {
		requests: []string{`mutation { updatePosts(where: { not: { idIn: [] } }, input: {title: "U"}) }`},
		data:     `{"updatePosts":1}`,
	},
	"an edge's condition is one": {
		requests: []string{`mutation { updatePosts(where: { hasAuthorWith: [{}] }, input: {title: "U"}) }`},
		data:     `{"updatePosts":1}`,
	},
	"a delete names what refers to the record": {
		requests: []string{`mutation { deleteUser(id: "User:1") }`},
		errors:   []string{"deleteUser CONFLICT id"},
	},
}

// What the API promises about writes holds.
func TestWritesKeepTheirPromises(t *testing.T) {
	t.Parallel()
	for name, p := range promises {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := library(t)
			a.ok(nil, `mutation { createTag(input: {name: "odd"}) { id } }`, nil)
			last := len(p.requests) - 1
			for _, r := range p.requests[:last] {
				a.ok(nil, r, nil)
			}
			res := a.do(p.requests[last], nil)
			if got := told(res); !slices.Equal(got, p.errors) {
				t.Errorf("it fails with %v, want %v: %v", got, p.errors, res.Errors)
			}
			if got := string(res.Data); p.errors == nil && got != p.data {
				t.Errorf("it answers %s, want %s", got, p.data)
			}
		})
	}
}

// A bulk write without any condition is refused, however it is dressed up, in
// literals and in variables.
func TestBulkWritesWithoutAConditionAreRefused(t *testing.T) {
	t.Parallel()
	a := library(t)
	for where, json := range map[string]any{
		`{}`: object{}, `{and: []}`: object{"and": []any{}}, `{and: {}}`: object{"and": object{}}, `{or: []}`: object{"or": []any{}},
		`{and: [{}]}`: object{"and": []any{object{}}}, `{not: {}}`: object{"not": object{}}, `{or: [{}, {and: [{}]}]}`: object{"or": []any{object{}, object{"and": []any{object{}}}}},
		`{not: {not: {or: [{}]}}}`: object{"not": object{"not": object{"or": []any{object{}}}}},
	} {
		for _, write := range []string{`updatePosts(where: W, input: {title: "U"})`, `deletePosts(where: W)`} {
			field := strings.SplitN(write, "(", 2)[0]
			want := []string{field + " BAD_USER_INPUT where"}
			if got := told(a.do("mutation { "+strings.Replace(write, "W", where, 1)+" }", nil)); !slices.Equal(got, want) {
				t.Errorf("%s of %s: %v", field, where, got)
			}
			if got := told(a.do("mutation($w: PostWhereInput!) { "+strings.Replace(write, "W", "$w", 1)+" }", object{"w": json})); !slices.Equal(got, want) {
				t.Errorf("%s of %v: %v", field, json, got)
			}
		}
	}
	res := a.do(`mutation($t: String) { deletePosts(where: {title: $t}) }`, nil)
	if got := told(res); !slices.Equal(got, []string{"deletePosts BAD_USER_INPUT where"}) {
		t.Errorf("with a variable that is not given: %v", got)
	}
	if n := a.rows("SELECT count(*) FROM posts WHERE title = 'T'")[0][0]; n != int64(1) {
		t.Errorf("there are %v posts", n)
	}
	if m := a.do(`mutation { deleteUser(id: "User:1") }`, nil).Errors[0].Message; m != "Cannot delete this User: posts still refer to it (Post.author). Delete or reassign them first." {
		t.Error(m)
	}
}
