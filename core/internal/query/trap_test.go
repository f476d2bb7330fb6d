package query_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"coppice/core/internal/enginetest"
)

func TestEveryGeneratedFieldWorks(t *testing.T) { // W1
	t.Parallel()
	a := open(t).blog()
	a.want(`{ user(id: "User:1") { id username email name role
		profile { bio } posts(first: 1) { edges { node { slug } } } comments { totalCount }
		followers { edges { node { username } } } following { totalCount } } }`,
		`{"user":{"id":"User:1","username":"ada","email":"ada@example.org","name":"Ada","role":"READER","profile":null,`+
			`"posts":{"edges":[{"node":{"slug":"one"}}]},"comments":{"totalCount":1},`+
			`"followers":{"edges":[{"node":{"username":"bob"}},{"node":{"username":"cyd"}}]},"following":{"totalCount":0}}}`)
	a.want(`{ profileByUser(user: "User:3") { bio links location user { username } } }`,
		`{"profileByUser":{"bio":"here","links":["https://example.org"],"location":null,"user":{"username":"cyd"}}}`)
}

func TestAliasesAndFragmentsNeverChangeTheData(t *testing.T) { // W2
	t.Parallel()
	a := open(t).blog()
	a.want(`query { list: posts(first: 1) { items: edges { n: node { key: id ...T t2: title } other: node { slug } }
		edges { node { author { u: username } writer: author { username } } } } } fragment T on Post { title }`,
		`{"list":{"items":[{"n":{"key":"Post:1","title":"The one","t2":"The one"},"other":{"slug":"one"}}],`+
			`"edges":[{"node":{"author":{"u":"ada"},"writer":{"username":"ada"}}}]}}`)
	a.want(`{ posts(first: 1) { edges { node { id @skip(if: true) slug @include(if: true) } } edges { node { title } } } }`,
		`{"posts":{"edges":[{"node":{"slug":"one","title":"The one"}}]}}`)
	vars := map[string]any{"yes": true, "no": false}
	query := `query($yes: Boolean!, $no: Boolean!) { posts(first: 1) { edges { node { id @include(if: $no) slug @include(if: $yes) ... @skip(if: $no) { title } } } } }`
	for range 2 {
		if got := string(a.ok(query, vars).Data); got != `{"posts":{"edges":[{"node":{"slug":"one","title":"The one"}}]}}` {
			t.Error(got)
		}
		if got := string(a.ok(query, map[string]any{"yes": false, "no": true}).Data); got != `{"posts":{"edges":[{"node":{"id":"Post:1"}}]}}` {
			t.Error(got)
		}
	}
}

func TestAnEmptyListMatchesNothing(t *testing.T) { // W4
	t.Parallel()
	a := open(t).blog()
	for where, n := range map[string]int{
		`{idIn: []}`: 0, `{idNotIn: []}`: 6, `{}`: 6, `{and: []}`: 6, `{or: []}`: 0, `{not: {}}`: 0, `{not: {idIn: []}}`: 6,
		`{titleIn: []}`: 0, `{ratingNotIn: []}`: 6, `{hasTagsWith: []}`: 3, `{hasTags: true}`: 3, `{hasTags: false}`: 3,
		`{not: {hasTags: true}}`: 3, `{hasAuthorWith: [{username: "ada"}, {email: "ada@example.org"}]}`: 3,
		`{hasAuthorWith: [{username: "ada"}, {username: "bob"}]}`: 0, `{rating: 3}`: 2, `{not: {rating: 3}}`: 2,
		`{ratingIsNil: true}`: 2, `{ratingIsNil: false}`: 4, `{ratingNotNil: true}`: 4, `{ratingNEQ: 3}`: 2,
		`{or: [{rating: 3}, {slug: "one"}]}`: 3, `{and: [{rating: 3}, {slug: "two"}]}`: 1, `{ratingIn: [3, 4.5], slugNEQ: "one"}`: 3,
		`{titleContains: "THE"}`: 0, `{titleContainsFold: "THE"}`: 6, `{titleHasPrefix: "The "}`: 6, `{titleHasPrefix: ""}`: 6,
		`{titleHasSuffix: "e"}`: 3, `{titleHasSuffix: ""}`: 6, `{titleEqualFold: "the ONE"}`: 1, `{status: PUBLISHED}`: 1,
		`{id: "Post:1"}`: 1, `{id: "User:1"}`: 0, `{idNEQ: "User:1"}`: 6, `{idIn: ["Post:1", "User:2", "x"]}`: 1, `{idGT: "Post:4"}`: 2,
		`{publishedAtLT: "2026-01-01T00:00:00.5Z"}`: 1, `{publishedAt: "2026-01-02T01:04:05.678901Z"}`: 1,
		`{hasCommentsWith: [{hasAuthorWith: [{username: "ada"}]}]}`: 1, `{hasTagsWith: [{hasPostsWith: [{slug: "three"}]}]}`: 2,
	} {
		res := a.ok(`{ posts(where: `+where+`) { totalCount edges { node { id } } } }`, nil)
		var data struct {
			Posts struct {
				TotalCount int
				Edges      []any
			}
		}
		if err := json.Unmarshal(res.Data, &data); err != nil {
			t.Fatal(err)
		}
		if data.Posts.TotalCount != n || len(data.Posts.Edges) != n {
			t.Errorf("%s matches %d, and %d are listed; want %d", where, data.Posts.TotalCount, len(data.Posts.Edges), n)
		}
	}
}

func TestABrokenFilterIsAnError(t *testing.T) { // W5
	t.Parallel()
	a := open(t).blog()
	a.refuse(`{ users { edges { node { posts(where: {rating: null}) { totalCount } } } } }`, "BAD_USER_INPUT", "where.rating")
	a.refuse(`{ posts(where: {hasAuthorWith: [{not: {name: null}}]}) { totalCount } }`, "BAD_USER_INPUT", "where.hasAuthorWith.0.not.name")
	a.refuse(`{ posts(where: {createdAtGT: "yesterday"}) { totalCount } }`, "BAD_USER_INPUT", "where.createdAtGT")
	a.refuse(`{ posts(where: {idGT: "User:1"}) { totalCount } }`, "BAD_USER_INPUT", "where.idGT")
}

func TestListsAppendAndNullClears(t *testing.T) { // W6, W7
	t.Parallel()
	a := open(t).blog()
	a.want(`mutation { updateProfile(id: "Profile:1", input: {appendLinks: ["b", "c"]}) { links bio } }`,
		`{"updateProfile":{"links":["https://example.org","b","c"],"bio":"here"}}`)
	a.want(`mutation { updateProfile(id: "Profile:1", input: {links: ["x"], appendLinks: ["y"]}) { links } }`,
		`{"updateProfile":{"links":["x","y"]}}`)
	a.want(`mutation { updateProfile(id: "Profile:1", input: {links: null, bio: null}) { links bio } }`,
		`{"updateProfile":{"links":null,"bio":null}}`)
	a.want(`mutation { updateProfile(id: "Profile:1", input: {appendLinks: ["z"]}) { links } }`, `{"updateProfile":{"links":["z"]}}`)
	a.refuse(`mutation { updatePost(id: "Post:1", input: {title: null}) { id } }`, "BAD_USER_INPUT", "input.title")
	a.refuse(`mutation { updatePost(id: "Post:1", input: {author: null}) { id } }`, "BAD_USER_INPUT", "input.author")
	a.want(`mutation { updatePost(id: "Post:1", input: {rating: null}) { rating title } }`, `{"updatePost":{"rating":null,"title":"The one"}}`)
}

func TestTimesAreUTCToTheMicrosecond(t *testing.T) { // W8
	t.Parallel()
	a := open(t).blog()
	a.want(`{ posts(where: {publishedAtNotNil: true}, orderBy: {field: PUBLISHED_AT}) { edges { node { publishedAt } } } }`,
		`{"posts":{"edges":[{"node":{"publishedAt":"2026-01-01T00:00:00Z"}},{"node":{"publishedAt":"2026-01-02T01:04:05.678901Z"}}]}}`)
}

func TestNodeResolvesEveryEntity(t *testing.T) { // W10
	t.Parallel()
	a := open(t).blog()
	a.want(`{ nodes(ids: ["Tag:1", "Profile:1", "Comment:2", "User:3", "Post:6", "Post:99", "Nothing:1", "junk", ""]) { __typename id
		... on Tag { name } ... on Comment { body } ... on User { username } } node(id: "Post:2") { id ... on Post { slug } } }`,
		`{"nodes":[{"__typename":"Tag","id":"Tag:1","name":"go"},{"__typename":"Profile","id":"Profile:1"},`+
			`{"__typename":"Comment","id":"Comment:2","body":"second"},{"__typename":"User","id":"User:3","username":"cyd"},`+
			`{"__typename":"Post","id":"Post:6"},null,null,null,null],"node":{"id":"Post:2","slug":"two"}}`)
	a.want(`{ post(id: "User:1") { id } a: post(id: "Post:77") { id } b: post(id: 5) { id } tagByName(name: "none") { id } }`,
		`{"post":null,"a":null,"b":null,"tagByName":null}`)
}

func TestClientsSeeCodesAndPaths(t *testing.T) { // W11
	t.Parallel()
	a := open(t).blog()
	create := func(input string) string {
		return `mutation { createPost(input: ` + input + `) { id } }`
	}
	for _, c := range []struct{ query, code, field string }{
		{create(`{slug: "one", title: "x", body: "", author: {username: "ada"}}`), "CONFLICT", "input.slug"},
		{create(`{slug: "Not A Slug", title: "x", body: "", author: {username: "ada"}}`), "BAD_USER_INPUT", "input.slug"},
		{create(`{slug: "new", title: "", body: "", author: {username: "ada"}}`), "BAD_USER_INPUT", "input.title"},
		{create(`{slug: "new", title: "` + strings.Repeat("x", 201) + `", body: "", author: {username: "ada"}}`), "BAD_USER_INPUT", "input.title"},
		{create(`{slug: "new", title: "x", body: "", author: {username: "nobody"}}`), "NOT_FOUND", "input.author"},
		{create(`{slug: "new", title: "x", body: "", author: {id: "User:99"}}`), "NOT_FOUND", "input.author"},
		{create(`{slug: "new", title: "x", body: "", author: {id: "Post:1"}}`), "NOT_FOUND", "input.author"},
		{create(`{slug: "new", title: "x", body: ""}`), "BAD_USER_INPUT", "input.author"},
		{create(`{slug: "new", title: "x", body: "", author: null}`), "BAD_USER_INPUT", "input.author"},
		{create(`{slug: "new", title: "x", body: "", author: {username: "ada"}, tags: [{name: "go"}, {name: "none"}]}`), "NOT_FOUND", "input.tags.1"},
		{create(`{slug: "new", title: "x", body: "", author: {username: "ada"}, rating: 9}`), "BAD_USER_INPUT", "input.rating"},
		{create(`{slug: "new", title: "x", body: "", author: {username: "ada"}, comments: [{create: {body: "c"}}]}`), "BAD_USER_INPUT", "input.comments.0.create.author"},
		{`mutation { updatePost(id: "Post:99", input: {title: "x"}) { id } }`, "NOT_FOUND", "id"},
		{`mutation { updatePost(id: "User:1", input: {title: "x"}) { id } }`, "NOT_FOUND", "id"},
		{`mutation { updatePost(id: "Post:1", input: {slug: "two"}) { id } }`, "CONFLICT", "input.slug"},
		{`mutation { updatePost(id: "Post:1", input: {comments: []}) { id } }`, "CONFLICT", "input.comments"},
		{`mutation { deletePost(id: "Post:1") }`, "CONFLICT", "id"},
		{`mutation { deletePost(id: "Post:99") }`, "NOT_FOUND", "id"},
		{`{ posts(first: -1) { totalCount } }`, "BAD_USER_INPUT", "first"},
		{`{ posts(last: 1001) { totalCount } }`, "BAD_USER_INPUT", "last"},
		{`{ posts(first: 1, last: 1) { totalCount } }`, "BAD_USER_INPUT", "last"},
		{`{ posts(after: "junk") { totalCount } }`, "BAD_USER_INPUT", "after"},
	} {
		res := a.refuse(c.query, c.code, c.field)
		if strings.HasPrefix(c.query, "mutation") && string(res.Data) != "null" {
			t.Errorf("%s answers %s", c.query, res.Data)
		}
	}
	a.want(`{ posts { totalCount } comments { totalCount } tags { totalCount } }`,
		`{"posts":{"totalCount":6},"comments":{"totalCount":3},"tags":{"totalCount":2}}`)
}

func TestACursorOfAnotherOrderIsRefused(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	var data struct {
		Posts struct{ PageInfo struct{ EndCursor string } }
	}
	res := a.ok(`{ posts(first: 2, orderBy: {field: TITLE}) { pageInfo { endCursor } } }`, nil)
	if err := json.Unmarshal(res.Data, &data); err != nil {
		t.Fatal(err)
	}
	for _, order := range []string{"", `, orderBy: {field: TITLE, direction: DESC}`, `, orderBy: [{field: TITLE}, {field: SLUG}]`} {
		a.refuse(fmt.Sprintf(`{ posts(after: %q%s) { totalCount } }`, data.Posts.PageInfo.EndCursor, order), "BAD_USER_INPUT", "after")
	}
}

func TestCountIsAskedOnlyWhenSelected(t *testing.T) { // S2
	t.Parallel()
	a := open(t).blog()
	res := a.ok(`{ posts { pageInfo { hasNextPage } edges { node { id comments { edges { node { id } } } } } } }`, nil)
	for _, s := range res.statements() {
		if strings.Contains(strings.ToLower(s), "count(") {
			t.Errorf("counts: %s", s)
		}
	}
}

// TestOneStatementALevel counts statements. A to-one edge takes none of its own.
func TestOneStatementALevel(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	counted := 2
	if enginetest.OnPostgres() { // where each is a round trip, the total stands beside the page
		counted = 1
	}
	for query, n := range map[string]int{
		`{ posts { edges { node { title author { username } } } } }`: 1,
		`{ users { edges { node { posts(first: 2) { edges { node { title tags { edges { node { name } } } comments(first: 3) { totalCount edges { node { author { name } } } } } } } } } } }`: 4,
		`{ userByUsername(username: "ada") { email } }`:         1,
		`{ posts { totalCount } }`:                              1,
		`{ posts { totalCount edges { node { id } } } }`:        counted,
		`{ nodes(ids: ["Post:1", "User:1", "Post:2"]) { id } }`: 2,
		`{ posts(where: {hasAuthorWith: {username: "ada"}}) { edges { node { excerpt(words: 1) excerpt2: excerpt(words: 2) } } } }`: 2,
	} {
		if got := a.ok(query, nil).statements(); len(got) != n {
			t.Errorf("%s\nruns %d statements, want %d:\n%s", query, len(got), n, strings.Join(got, "\n"))
		}
	}
}

func TestOnlyTheSelectedColumnsAreRead(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	got := a.ok(`{ posts { edges { node { title } } } }`, nil).statements()
	if len(got) != 1 || strings.Contains(got[0], "`body`") || strings.Contains(got[0], "`slug`") {
		t.Error(got)
	}
}

func TestAPageHasADefaultSizeAndALargest(t *testing.T) { // S4
	t.Parallel()
	a := open(t).blog()
	var inputs []string
	for i := range 60 {
		inputs = append(inputs, fmt.Sprintf(`{name: "tag-%d", posts: [{id: "Post:1"}]}`, i))
	}
	a.ok(`mutation { createTags(inputs: [`+strings.Join(inputs, ", ")+`]) { id } }`, nil)
	for _, query := range []string{`{ tags { totalCount edges { node { id } } } }`, `{ post(id: "Post:1") { tags { totalCount edges { node { id } } } } }`} {
		if n := strings.Count(string(a.ok(query, nil).Data), `"node"`); n != 50 {
			t.Errorf("%s gives %d", query, n)
		}
	}
	a.refuse(`{ tags(first: 1001) { totalCount } }`, "BAD_USER_INPUT", "first")
	a.refuse(`{ post(id: "Post:1") { tags(last: 1001) { totalCount } } }`, "BAD_USER_INPUT", "last")
}
