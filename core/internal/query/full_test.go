package query_test

import (
	"encoding/json"
	"fmt"
	"testing"
)

func TestAggregates(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	a.want(`{ postsAggregate { count sum { viewCount rating } avg { rating viewCount } min { rating slug publishedAt } max { rating status } } }`,
		`{"postsAggregate":[{"count":6,"sum":{"viewCount":"7","rating":15},"avg":{"rating":3.75,"viewCount":1.1666666666666667},`+
			`"min":{"rating":3,"slug":"five","publishedAt":"2026-01-01T00:00:00Z"},"max":{"rating":4.5,"status":"PUBLISHED"}}]}`)
	a.want(`{ postsAggregate(where: {idIn: []}) { count sum { viewCount rating } min { createdAt } } }`,
		`{"postsAggregate":[{"count":0,"sum":{"viewCount":null,"rating":null},"min":{"createdAt":null}}]}`)
	a.want(`{ postsAggregate(where: {idIn: []}, groupBy: STATUS) { count } }`, `{"postsAggregate":[]}`)
	a.want(`{ postsAggregate(groupBy: [AUTHOR, STATUS]) { key { author status slug } count } }`,
		`{"postsAggregate":[{"key":{"author":"User:1","status":"DRAFT","slug":null},"count":3},`+
			`{"key":{"author":"User:2","status":"DRAFT","slug":null},"count":1},{"key":{"author":"User:2","status":"PUBLISHED","slug":null},"count":1},`+
			`{"key":{"author":"User:3","status":"DRAFT","slug":null},"count":1}]}`)
	a.want(`{ postsAggregate(groupBy: PUBLISHED_AT_DAY) { key { publishedAtDay publishedAtYear } n: count } }`,
		`{"postsAggregate":[{"key":{"publishedAtDay":null,"publishedAtYear":null},"n":4},`+
			`{"key":{"publishedAtDay":"2026-01-01","publishedAtYear":null},"n":1},{"key":{"publishedAtDay":"2026-01-02","publishedAtYear":null},"n":1}]}`)
	a.want(`{ usersAggregate(groupBy: PROFILE, first: 1) { key { profile } count } commentsAggregate(groupBy: [PARENT]) { key { parent } count } }`,
		`{"usersAggregate":[{"key":{"profile":null},"count":2}],"commentsAggregate":[{"key":{"parent":null},"count":3}]}`)
	a.refuse(`{ postsAggregate(first: 1001) { count } }`, "BAD_USER_INPUT", "first")
	a.refuse(`{ postsAggregate(first: -1) { count } }`, "BAD_USER_INPUT", "first")
	if n := len(a.ok(`{ postsAggregate(groupBy: [AUTHOR]) { count sum { rating } min { title } } }`, nil).statements()); n != 1 {
		t.Errorf("%d statements", n)
	}
}

func TestBulkWrites(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	res := a.want(`mutation { createPosts(inputs: [
		{slug: "b1", title: "B1", body: "", author: {username: "ada"}, tags: [{name: "go"}, {connectOrCreate: {name: "new"}}]},
		{slug: "b2", title: "B2", body: "", author: {username: "bob"}, tags: [{connectOrCreate: {name: "new"}}]},
		{slug: "b3", title: "B3", body: "", author: {username: "ada"}}]) { id slug tags { edges { node { name } } } } }`,
		`{"createPosts":[{"id":"Post:7","slug":"b1","tags":{"edges":[{"node":{"name":"go"}},{"node":{"name":"new"}}]}},`+
			`{"id":"Post:8","slug":"b2","tags":{"edges":[{"node":{"name":"new"}}]}},{"id":"Post:9","slug":"b3","tags":{"edges":[]}}]}`)
	if n := len(res.statements()); n > 8 {
		t.Errorf("%d statements: %q", n, res.statements())
	}
	res = a.want(`mutation { updatePosts(where: {slugHasPrefix: "b"}, input: {rating: 1, author: {username: "cyd"}}) }`, `{"updatePosts":3}`)
	if n := len(res.statements()); n != 3 {
		t.Errorf("%d statements: %q", n, res.statements())
	}
	a.want(`{ posts(where: {rating: 1, hasAuthorWith: {username: "cyd"}}) { totalCount } }`, `{"posts":{"totalCount":3}}`)
	a.want(`mutation { updatePosts(where: {slugHasPrefix: "b"}, input: {addTags: [{name: "sql"}], removeTags: [{name: "new"}]}) }`, `{"updatePosts":3}`)
	a.want(`{ posts(where: {slugHasPrefix: "b"}) { edges { node { tags { edges { node { name } } } } } } }`,
		`{"posts":{"edges":[{"node":{"tags":{"edges":[{"node":{"name":"go"}},{"node":{"name":"sql"}}]}}},`+
			`{"node":{"tags":{"edges":[{"node":{"name":"sql"}}]}}},{"node":{"tags":{"edges":[{"node":{"name":"sql"}}]}}}]}}`)
	a.want(`mutation { deletePosts(where: {slugHasPrefix: "b"}) }`, `{"deletePosts":3}`)
	a.want(`mutation { deletePosts(where: {slugHasPrefix: "b"}) updatePosts(where: {id: "Post:99"}, input: {title: "x"}) }`,
		`{"deletePosts":0,"updatePosts":0}`)
	for _, where := range []string{`{}`, `{and: []}`, `{not: {}}`, `{and: [{}, {or: [{}]}]}`, `{or: [{not: {}}]}`} {
		a.refuse(`mutation { deletePosts(where: `+where+`) }`, "BAD_USER_INPUT", "where")
		a.refuse(`mutation { updatePosts(where: `+where+`, input: {title: "x"}) }`, "BAD_USER_INPUT", "where")
	}
	a.refuse(`mutation { deletePosts(where: {not: {idIn: []}}) }`, "CONFLICT", "where")
	a.want(`mutation { updatePosts(where: {not: {idIn: []}}, input: {viewCount: 1}) }`, `{"updatePosts":6}`)
	a.refuse(`mutation { createPosts(inputs: [{slug: "c1", title: "x", body: "", author: {username: "ada"}}, {slug: "one", title: "x", body: "", author: {username: "ada"}}]) { id } }`,
		"CONFLICT", "inputs.1.slug")
	a.refuse(`mutation { createPosts(inputs: [{slug: "c1", title: "x", body: "", author: {username: "ada"}}, {slug: "No Slug", title: "x", body: "", author: {username: "ada"}}]) { id } }`,
		"BAD_USER_INPUT", "inputs.1.slug")
	a.want(`{ posts { totalCount } }`, `{"posts":{"totalCount":6}}`)
}

func TestUpserts(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	a.want(`mutation { upsertUser(by: USERNAME, input: {username: "ada", email: "new@example.org"}) { id email name } }`,
		`{"upsertUser":{"id":"User:1","email":"new@example.org","name":"Ada"}}`)
	a.want(`mutation { upsertUser(by: EMAIL, input: {username: "dee", email: "dee@example.org", posts: [{create: {slug: "dees", title: "D", body: ""}}]}) { id posts { totalCount } } }`,
		`{"upsertUser":{"id":"User:4","posts":{"totalCount":1}}}`)
	a.want(`mutation { upsertPost(by: SLUG, input: {slug: "one", title: "New", body: "b", tags: [{name: "sql"}]}) { id title tags { edges { node { name } } } author { username } } }`,
		`{"upsertPost":{"id":"Post:1","title":"New","tags":{"edges":[{"node":{"name":"sql"}}]},"author":{"username":"ada"}}}`)
	a.refuse(`mutation { upsertPost(by: SLUG, input: {slug: "fresh", title: "New", body: "b"}) { id } }`, "BAD_USER_INPUT", "input.author")
	a.refuse(`mutation { upsertUser(by: USERNAME, input: {username: "ada", email: "bob@example.org"}) { id } }`, "CONFLICT", "input.email")
	a.refuse(`mutation { upsertUser(by: USERNAME, input: {username: "ada", email: "x@example.org", createdAt: "2020-01-01T00:00:00Z"}) { id } }`,
		"BAD_USER_INPUT", "input.createdAt")
	a.want(`mutation { upsertProfile(by: USER, input: {user: {username: "cyd"}, bio: "moved"}) { id bio } }`,
		`{"upsertProfile":{"id":"Profile:1","bio":"moved"}}`)
	a.want(`mutation { upsertTag(by: NAME, input: {name: "go"}) { id } a: upsertTag(by: NAME, input: {name: "brand-new"}) { name } b: upsertTag(by: NAME, input: {name: "brand-new"}) { name } }`,
		`{"upsertTag":{"id":"Tag:1"},"a":{"name":"brand-new"},"b":{"name":"brand-new"}}`)
}

func TestEdgesMove(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	// One to one: the profile moves from cyd to bob, and a second one cannot come.
	a.want(`mutation { updateUser(id: "User:2", input: {profile: {id: "Profile:1"}}) { profile { bio } } updateUser2: updateUser(id: "User:3", input: {}) { profile { id } } }`,
		`{"updateUser":{"profile":{"bio":"here"}},"updateUser2":{"profile":null}}`)
	a.refuse(`mutation { updateUser(id: "User:2", input: {profile: {create: {bio: "another"}}}) { id } }`, "CONFLICT", "input.profile")
	a.refuse(`mutation { createProfile(input: {user: {username: "bob"}}) { id } }`, "CONFLICT", "input.user")
	// One to many: a comment moves to another post.
	a.want(`mutation { updatePost(id: "Post:2", input: {addComments: [{id: "Comment:1"}, {id: "Comment:1"}]}) { comments { totalCount } } post: updatePost(id: "Post:1", input: {}) { comments { totalCount } } }`,
		`{"updatePost":{"comments":{"totalCount":1}},"post":{"comments":{"totalCount":1}}}`)
	// A self-edge, from both sides.
	a.want(`mutation { createComment(input: {body: "r", author: {username: "ada"}, post: {slug: "one"}, parent: {id: "Comment:2"}, replies: [{create: {body: "rr", author: {username: "bob"}, post: {slug: "one"}}}]}) { id parent { id } replies { edges { node { body parent { body } } } } } }`,
		`{"createComment":{"id":"Comment:4","parent":{"id":"Comment:2"},"replies":{"edges":[{"node":{"body":"rr","parent":{"body":"r"}}}]}}}`)
	a.want(`mutation { updateComment(id: "Comment:4", input: {parent: null, replies: []}) { parent { id } replies { totalCount } } }`,
		`{"updateComment":{"parent":null,"replies":{"totalCount":0}}}`)
	a.want(`mutation { updateUser(id: "User:1", input: {addFollowers: [{username: "bob"}, {username: "bob"}], removeFollowers: [{username: "cyd"}, {username: "ada"}], following: [{username: "cyd"}]}) { followers { edges { node { username } } } following { totalCount } } }`,
		`{"updateUser":{"followers":{"edges":[{"node":{"username":"bob"}}]},"following":{"totalCount":1}}}`)
	// A cyclic nest through one request, and what is settled twice.
	a.refuse(`mutation { createUser(input: {username: "dee", email: "d@example.org", posts: [{create: {slug: "x", title: "x", body: "", author: {username: "ada"}}}]}) { id } }`,
		"BAD_USER_INPUT", "input.posts.0.create.author")
}

func TestNullDefaultAndAbsentDiffer(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	query := `mutation($in: UpdatePostInput!) { updatePost(id: "Post:1", input: $in) { rating title } }`
	for in, want := range map[string]string{
		`{}`:               `{"updatePost":{"rating":4.5,"title":"The one"}}`,
		`{"rating": null}`: `{"updatePost":{"rating":null,"title":"The one"}}`,
	} {
		b := open(t).blog()
		var v map[string]any
		if err := json.Unmarshal([]byte(in), &v); err != nil {
			t.Fatal(err)
		}
		if got := string(b.ok(query, map[string]any{"in": v}).Data); got != want {
			t.Errorf("%s gives %s", in, got)
		}
	}
	literal := `mutation($r: Float) { updatePost(id: "Post:1", input: {rating: $r}) { rating } }`
	if got := string(a.ok(literal, nil).Data); got != `{"updatePost":{"rating":4.5}}` {
		t.Errorf("an absent variable: %s", got)
	}
	if got := string(a.ok(literal, map[string]any{"r": nil}).Data); got != `{"updatePost":{"rating":null}}` {
		t.Errorf("a null variable: %s", got)
	}
}

func TestHandWrittenFields(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	a.want(`mutation { updatePost(id: "Post:1", input: {body: "one two three"}) { e: excerpt(words: 2) excerpt } }`,
		`{"updatePost":{"e":"one two …","excerpt":"one two three"}}`)
	res := a.want(`{ user(id: "User:1") { posts { edges { node { slug excerpt(words: 1) } } } } }`,
		`{"user":{"posts":{"edges":[{"node":{"slug":"one","excerpt":"one …"}},{"node":{"slug":"two","excerpt":"b"}},{"node":{"slug":"five","excerpt":"b"}}]}}}`)
	if n := len(res.statements()); n != 3 {
		t.Errorf("%d statements", n)
	}
	a.want(`mutation { publishPost(id: "Post:1") { status author { username posts(first: 1) { totalCount } } e: excerpt(words: 1) } updatePost(id: "Post:1", input: {title: "t"}) { status title } }`,
		`{"publishPost":{"status":"PUBLISHED","author":{"username":"ada","posts":{"totalCount":3}},"e":"one …"},"updatePost":{"status":"PUBLISHED","title":"t"}}`)
	a.refuse(`mutation { publishPost(id: "Post:99") { id } }`, "NOT_FOUND", "id")
	a.refuse(`mutation { publishPost(id: "User:1") { id } }`, "NOT_FOUND", "id")
	// An error after it takes it back.
	a.refuse(`mutation { publishPost(id: "Post:2") { id } deletePost(id: "Post:99") }`, "NOT_FOUND", "id")
	a.want(`{ post(id: "Post:2") { status } }`, `{"post":{"status":"DRAFT"}}`)
	a.want(`{ __schema { queryType { name } } __type(name: "Post") { name kind } __typename }`,
		`{"__schema":{"queryType":{"name":"Query"}},"__type":{"name":"Post","kind":"OBJECT"},"__typename":"Query"}`)
}

func TestSumsOf64Bits(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	for i := range 3 {
		a.ok(fmt.Sprintf(`mutation { updatePost(id: "Post:%d", input: {viewCount: 2147483647}) { id } }`, i+1), nil)
	}
	a.want(`{ postsAggregate { sum { viewCount } max { viewCount } } }`, `{"postsAggregate":[{"sum":{"viewCount":"6442450948"},"max":{"viewCount":2147483647}}]}`)
}
