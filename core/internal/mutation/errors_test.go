package mutation_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// told lists the errors of an answer: where it is the first part of the path,
// the code and the field.
func told(res answer) []string {
	var list []string
	for _, e := range res.Errors {
		at := ""
		if len(e.Path) > 0 {
			at = fmt.Sprint(e.Path[0], " ")
		}
		list = append(list, at+e.Extensions.Code+" "+e.Extensions.Field)
	}
	return list
}

// library is a database with two users and a post.
func library(t *testing.T) *api {
	a := open(t, memory(t))
	a.ok(nil, `mutation {
		createUsers(inputs: [{username: "ada", email: "a@x.org"}, {username: "bob", email: "b@x.org"}]) { id }
		createTag(input: {name: "go"}) { id }
		createPost(input: {slug: "one", title: "T", body: "b", author: {username: "ada"}, createdAt: "2026-01-01T00:00:00Z"}) { id }
	}`, nil)
	return a
}

var wrongTogether = map[string]struct {
	query string
	vars  object
	want  []string
}{
	"five fields of one create": {
		query: `mutation { createPost(input: {slug: "Not a slug", title: "", body: "b", rating: 9, viewCount: -1, createdAt: "yesterday",
			author: {username: "ada"}}) { id } }`,
		want: []string{"createPost BAD_USER_INPUT input.createdAt", "createPost BAD_USER_INPUT input.slug", "createPost BAD_USER_INPUT input.title",
			"createPost BAD_USER_INPUT input.viewCount", "createPost BAD_USER_INPUT input.rating"},
	},
	"the same in a variable, with values of other types": {
		query: `mutation($in: CreatePostInput!) { createPost(input: $in) { id } }`,
		vars: object{"in": object{"slug": "Not a slug", "title": 7, "rating": 9, "viewCount": "x", "createdAt": "yesterday", "status": "draft",
			"nothing": 1, "author": object{"username": "ada", "id": "User:1"}}},
		want: []string{"BAD_USER_INPUT input.title", "BAD_USER_INPUT input.body", "BAD_USER_INPUT input.status", "BAD_USER_INPUT input.viewCount",
			"BAD_USER_INPUT input.author", "BAD_USER_INPUT input.nothing",
			"createPost BAD_USER_INPUT input.createdAt", "createPost BAD_USER_INPUT input.slug", "createPost BAD_USER_INPUT input.rating"},
	},
	"several variables": {
		query: `mutation($slug: String!, $rating: Float, $at: Time, $author: UserRef) { createPost(input: {slug: $slug, title: "", body: "b",
			rating: $rating, createdAt: $at, author: $author}) { id } }`,
		vars: object{"slug": 1, "rating": "x", "at": "yesterday", "author": object{}},
		want: []string{"BAD_USER_INPUT input.slug", "BAD_USER_INPUT input.rating", "BAD_USER_INPUT input.author",
			"createPost BAD_USER_INPUT input.createdAt", "createPost BAD_USER_INPUT input.title"},
	},
	"all mutation fields": {
		query: `mutation {
			a: createTag(input: {name: "Not a tag"}) { id }
			b: updatePost(id: "Post:1", input: {title: "", rating: 9}) { id }
			c: deleteTags(where: {}) 
			d: updateUsers(where: {nameGT: null, createdAtLT: "never"}, input: {email: "none"})
			e: upsertUser(by: USERNAME, input: {username: "ada", email: "x", role: ADMIN}) { id }
			f: deleteUser(id: "Post:1") }`,
		want: []string{"a BAD_USER_INPUT input.name", "b BAD_USER_INPUT input.title", "b BAD_USER_INPUT input.rating", "c BAD_USER_INPUT where",
			"d BAD_USER_INPUT where.nameGT", "d BAD_USER_INPUT where.createdAtLT", "d BAD_USER_INPUT input.email", "e BAD_USER_INPUT input.email",
			"f NOT_FOUND id"},
	},
	"references to nothing, beside what is wrong": {
		query: `mutation {
			a: createPost(input: {slug: "two", title: "", body: "b", author: {username: "nobody"}, tags: [{name: "go"}, {name: "none"}, {id: "Tag:9"}]}) { id }
			b: updatePost(id: "Post:99", input: {title: "x"}) { id }
			c: createProfile(input: {user: {username: "nobody"}}) { id } }`,
		want: []string{"a BAD_USER_INPUT input.title", "a NOT_FOUND input.author", "a NOT_FOUND input.tags.1", "a NOT_FOUND input.tags.2",
			"c NOT_FOUND input.user"},
	},
	"references to nothing alone": {
		query: `mutation {
			a: createPost(input: {slug: "two", title: "T", body: "b", author: {username: "nobody"}}) { id }
			b: createProfile(input: {user: {username: "nobody"}}) { id }
			c: deleteTag(id: "Tag:99") }`,
		want: []string{"a NOT_FOUND input.author", "b NOT_FOUND input.user", "c NOT_FOUND id"},
	},
	"what a create lacks, nested": {
		query: `mutation { createUser(input: {username: "cyd", email: "c@x.org", comments: [{create: {body: ""}}],
			posts: [{create: {slug: "x", title: "T", body: "b", comments: [{create: {body: "b"}}]}}]}) { id } }`,
		want: []string{"createUser BAD_USER_INPUT input.posts.0.create.comments.0.create.author", "createUser BAD_USER_INPUT input.comments.0.create.post",
			"createUser BAD_USER_INPUT input.comments.0.create.body"},
	},
	"keys repeated in one request": {
		query: `mutation { createUsers(inputs: [{username: "cyd", email: "c@x.org"}, {username: "cyd", email: "d@x.org"}, {username: "eve", email: "c@x.org"}]) { id } }`,
		want:  []string{"createUsers CONFLICT inputs.1.username", "createUsers CONFLICT inputs.2.email"},
	},
	"keys that are taken": {
		query: `mutation { createUsers(inputs: [{username: "cyd", email: "c@x.org"}, {username: "ada", email: "b@x.org"}, {username: "bob", email: "e@x.org"}]) { id } }`,
		want:  []string{"createUsers CONFLICT inputs.1.email", "createUsers CONFLICT inputs.1.username", "createUsers CONFLICT inputs.2.username"},
	},
	"what an upsert that finds cannot change": {
		query: `mutation { upsertPost(by: SLUG, input: {slug: "one", title: "T", body: "b", author: {username: "nobody"}, createdAt: "2020-01-01T00:00:00Z"}) { id } }`,
		want:  []string{"upsertPost BAD_USER_INPUT input.createdAt", "upsertPost NOT_FOUND input.author"},
	},
	"an update of many, with all its arguments": {
		query: `mutation { updatePosts(where: {titleGT: null, createdAtLT: "never"}, input: {title: "", rating: 9, publishedAt: "x"}) }`,
		want: []string{"updatePosts BAD_USER_INPUT where.titleGT", "updatePosts BAD_USER_INPUT where.createdAtLT", "updatePosts BAD_USER_INPUT input.publishedAt",
			"updatePosts BAD_USER_INPUT input.title", "updatePosts BAD_USER_INPUT input.rating"},
	},
	"an update of none": {
		query: `mutation { updatePosts(where: {slug: "none"}, input: {slug: "Not a slug", title: "", viewCount: -1, author: {username: "nobody"}}) }`,
		want:  []string{"updatePosts BAD_USER_INPUT input.slug", "updatePosts BAD_USER_INPUT input.title", "updatePosts BAD_USER_INPUT input.viewCount"},
	},
	"an update of some, that refers to nothing": {
		query: `mutation { updatePosts(where: {slug: "one"}, input: {title: "", author: {username: "nobody"}, tags: [{name: "none"}, {name: "go"}]}) }`,
		want:  []string{"updatePosts BAD_USER_INPUT input.title", "updatePosts NOT_FOUND input.author", "updatePosts NOT_FOUND input.tags.0"},
	},
	"an update of many in variables": {
		query: `mutation($w: PostWhereInput!, $in: UpdatePostInput!) { updatePosts(where: $w, input: $in) }`,
		vars:  object{"w": object{"slug": 7, "createdAt": "never"}, "in": object{"title": "", "rating": "x", "author": object{}}},
		want: []string{"BAD_USER_INPUT where.slug", "BAD_USER_INPUT input.rating", "BAD_USER_INPUT input.author",
			"updatePosts BAD_USER_INPUT where.createdAt", "updatePosts BAD_USER_INPUT input.title"},
	},
	"a condition that is missing": {
		query: `mutation($w: PostWhereInput!, $in: UpdatePostInput!) { updatePosts(where: $w, input: $in) }`,
		vars:  object{"in": object{"title": "", "rating": 9}},
		want:  []string{"BAD_USER_INPUT where", "updatePosts BAD_USER_INPUT input.title", "updatePosts BAD_USER_INPUT input.rating"},
	},
	"what is asked of the records": {
		query: `mutation { a: createTag(input: {name: "Not a tag"}) { id posts(where: {title: null, createdAt: "never"}) { edges { node { comments(where: {bodyGT: null}) { totalCount } } } } }
			b: updateTag(id: "Tag:9", input: {name: "Not a tag"}) { posts(after: "x", before: "y") { totalCount } } }`,
		want: []string{"a BAD_USER_INPUT where.title", "a BAD_USER_INPUT where.createdAt", "a BAD_USER_INPUT where.bodyGT", "a BAD_USER_INPUT input.name",
			"b BAD_USER_INPUT after", "b BAD_USER_INPUT before", "b BAD_USER_INPUT input.name"},
	},
	"pages that are too large": {
		query: `mutation($n: Int) { a: createTag(input: {name: "Not a tag"}) { posts(first: -1) { totalCount } }
			b: createTag(input: {name: "b"}) { posts(last: $n) { edges { node { tags(first: 2000) { totalCount } } } } } }`,
		vars: object{"n": 1001},
		want: []string{"a BAD_USER_INPUT first", "b BAD_USER_INPUT last", "b BAD_USER_INPUT first", "a BAD_USER_INPUT input.name"},
	},
	"references of no known kind": {
		query: `mutation($in: CreatePostInput!) { createPost(input: $in) { id } }`,
		vars: object{"in": object{"slug": "two", "title": "", "body": "b", "author": object{"username": 7, "id": "User:1"},
			"tags": []any{object{"nam": "go"}, object{"name": "x", "id": nil}, object{}}}},
		want: []string{"BAD_USER_INPUT input.author.username", "BAD_USER_INPUT input.tags.0.nam", "BAD_USER_INPUT input.tags.1", "BAD_USER_INPUT input.tags.2",
			"createPost BAD_USER_INPUT input.author", "createPost BAD_USER_INPUT input.title"},
	},
	"a list in a variable": {
		query: `mutation($in: [CreateTagInput!]!) { createTags(inputs: $in) { id } }`,
		vars:  object{"in": []any{7, nil, object{"name": "Not a tag"}, object{"name": 7}, object{}}},
		want: []string{"BAD_USER_INPUT inputs.0", "BAD_USER_INPUT inputs.1", "BAD_USER_INPUT inputs.3.name", "BAD_USER_INPUT inputs.4.name",
			"createTags BAD_USER_INPUT inputs.2.name"},
	},
	"one variable in two fields": {
		query: `mutation($n: String!) { a: createTag(input: {name: $n}) { id } b: createTag(input: {name: $n}) { id } c: updateTags(where: {name: "go"}, input: {name: $n}) }`,
		vars:  object{"n": "Not a tag"},
		want:  []string{"a BAD_USER_INPUT input.name", "b BAD_USER_INPUT input.name", "c BAD_USER_INPUT input.name"},
	},
	"what stands after an update of many": {
		query: `mutation { a: updateTags(where: {name: "go"}, input: {posts: [{slug: "none"}]}) b: deleteUser(id: "User:99") }`,
		want:  []string{"a NOT_FOUND input.posts.0", "b NOT_FOUND id"},
	},
	"keys of an update that are taken": {
		query: `mutation { updateUser(id: "User:1", input: {username: "bob", email: "b@x.org"}) { id } }`,
		want:  []string{"updateUser CONFLICT input.username", "updateUser CONFLICT input.email"},
	},
	"keys of an update of many that are taken": {
		query: `mutation { updateUsers(where: {username: "ada"}, input: {username: "bob", email: "b@x.org"}) }`,
		want:  []string{"updateUsers CONFLICT input.username", "updateUsers CONFLICT input.email"},
	},
	"characters that no text holds": {
		query: `mutation($s: String!) { a: createTag(input: {name: $s}) { id }
			b: createPost(input: {slug: $s, title: $s, body: "\u0000", author: {username: $s}}) { id }
			c: updateTags(where: {name: $s, or: [{nameIn: ["a", "\u0000"]}]}, input: {name: "b"})
			d: createProfile(input: {bio: $s, links: ["a", "b\u0000"], user: {username: "ada"}}) { id }
			e: upsertTag(by: NAME, input: {name: "\u0000"}) { id } }`,
		vars: object{"s": "a\x00b"},
		want: []string{"a BAD_USER_INPUT input.name", "b BAD_USER_INPUT input.slug", "b BAD_USER_INPUT input.title", "b BAD_USER_INPUT input.body",
			"b BAD_USER_INPUT input.author.username", "c BAD_USER_INPUT where.name", "c BAD_USER_INPUT where.or.0.nameIn.1",
			"d BAD_USER_INPUT input.bio", "d BAD_USER_INPUT input.links", "e BAD_USER_INPUT input.name"},
	},
}

// All that is wrong with the inputs of a request is told at once, an error
// each, and nothing is written.
func TestAllThatIsWrongIsToldAtOnce(t *testing.T) {
	t.Parallel()
	for name, test := range wrongTogether {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := library(t)
			before := a.rows("SELECT count(*), max(id) FROM posts UNION ALL SELECT count(*), max(id) FROM tags")
			res := a.do(test.query, test.vars)
			got := told(res)
			for _, want := range test.want {
				if !slices.Contains(got, want) {
					t.Errorf("it does not tell %s", want)
				}
			}
			for _, g := range got {
				if !slices.Contains(test.want, g) {
					t.Errorf("it tells %s", g)
				}
			}
			if len(got) != len(test.want) {
				t.Errorf("it tells %d errors, want %d: %v", len(got), len(test.want), res.Errors)
			}
			if after := a.rows("SELECT count(*), max(id) FROM posts UNION ALL SELECT count(*), max(id) FROM tags"); fmt.Sprint(after) != fmt.Sprint(before) {
				t.Errorf("the database has %v, and had %v", after, before)
			}
		})
	}
}

// The first 20 errors are told.
func TestNoMoreThanTwentyErrorsAreTold(t *testing.T) {
	t.Parallel()
	a := library(t)
	inputs := make([]any, 30)
	for i := range inputs {
		inputs[i] = object{"name": fmt.Sprint("Not a tag ", i)}
	}
	query := `mutation($in: [CreateTagInput!]!) { createTags(inputs: $in) { id } }`
	if res := a.do(query, object{"in": inputs}); len(res.Errors) != 20 || res.Errors[19].Extensions.Field != "inputs.19.name" {
		t.Errorf("it tells %d errors: %v", len(res.Errors), res.Errors)
	}
	for i := range inputs[:15] {
		inputs[i] = object{"name": i}
	}
	res := a.do(query, object{"in": inputs})
	if len(res.Errors) != 20 || res.Errors[14].Extensions.Field != "inputs.14.name" || !strings.Contains(res.Errors[14].Message, "must be a string") ||
		res.Errors[15].Extensions.Field != "inputs.15.name" {
		t.Errorf("it tells %d errors: %v", len(res.Errors), res.Errors)
	}
}

// A query tells all that is wrong with a condition.
func TestAllThatIsWrongWithAConditionIsTold(t *testing.T) {
	t.Parallel()
	a := library(t)
	res := a.do(`{ posts(where: {title: null, createdAt: "never", not: {publishedAtIn: ["a", "2026-01-01T00:00:00Z", "b"]},
		hasAuthorWith: [{createdAtLT: "x", and: [{name: null}]}]}) { totalCount } }`, nil)
	want := []string{"posts BAD_USER_INPUT where.title", "posts BAD_USER_INPUT where.createdAt", "posts BAD_USER_INPUT where.not.publishedAtIn.0",
		"posts BAD_USER_INPUT where.not.publishedAtIn.2", "posts BAD_USER_INPUT where.hasAuthorWith.0.createdAtLT",
		"posts BAD_USER_INPUT where.hasAuthorWith.0.and.0.name"}
	if got := told(res); !slices.Equal(got, want) {
		t.Errorf("it tells %v\nwant %v", got, want)
	}
}
