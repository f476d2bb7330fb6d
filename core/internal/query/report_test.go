package query_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestManyConditionsAreNotTooDeep(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	for _, list := range []string{"or", "and", "hasTagsWith"} {
		item := `{slug: "one"}, `
		if list == "hasTagsWith" {
			item = `{name: "go"}, `
		}
		res := a.ok(`{ posts(where: {`+list+`: [`+strings.Repeat(item, 1300)+`]}) { totalCount } }`, nil)
		if want := map[bool]string{true: `{"posts":{"totalCount":2}}`, false: `{"posts":{"totalCount":1}}`}[list == "hasTagsWith"]; string(res.Data) != want {
			t.Errorf("%s: %s", list, res.Data)
		}
	}
}

func TestAnEdgeSaidInSeveralWays(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	for input, want := range map[string]string{
		`following: [{username: "bob"}], addFollowing: [{username: "cyd"}]`:                               "bob cyd",
		`following: [], addFollowing: [{username: "bob"}]`:                                                "bob",
		`following: [{username: "bob"}], removeFollowing: [{username: "bob"}]`:                            "",
		`addFollowing: [{username: "bob"}], removeFollowing: [{username: "bob"}]`:                         "cyd",
		`following: [{username: "bob"}, {username: "cyd"}], removeFollowing: [{username: "cyd"}]`:         "bob",
		`addFollowing: [{username: "bob"}, {username: "bob"}], removeFollowing: [{username: "username"}]`: "NOT_FOUND",
	} {
		for range 2 {
			a.ok(`mutation { updateUser(id: "User:1", input: {following: [{username: "cyd"}]}) { id } }`, nil)
			res := a.do(`mutation { updateUser(id: "User:1", input: {`+input+`}) { following { edges { node { username } } } } }`, nil)
			if len(res.Errors) > 0 {
				if res.Errors[0].Extensions.Code != want {
					t.Errorf("%s: %s", input, res.Errors[0].Message)
				}
				continue
			}
			var got []string
			for _, name := range []string{"bob", "cyd"} {
				if strings.Contains(string(res.Data), `"`+name+`"`) {
					got = append(got, name)
				}
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%s: %v, want %q", input, got, want)
			}
		}
	}
}

func TestTwoReferencesToOneUniqueSlot(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	a.refuse(`mutation { createUsers(inputs: [{username: "dee", email: "d@example.org", profile: {id: "Profile:1"}},
		{username: "eve", email: "e@example.org", profile: {id: "Profile:1"}}]) { id } }`, "CONFLICT", "inputs.1.profile")
	a.refuse(`mutation { createUsers(inputs: [{username: "dee", email: "d@example.org", posts: [{id: "Post:1"}]},
		{username: "eve", email: "e@example.org", posts: [{slug: "two"}, {slug: "one"}]}]) { id } }`, "CONFLICT", "inputs.1.posts.1")
	a.want(`{ users { totalCount } }`, `{"users":{"totalCount":3}}`)
}

func TestWrongIsWrongEvenUnread(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	vars := map[string]any{"c": "bogus", "t": "x"}
	for query, field := range map[string]string{
		`query($c: Cursor) { posts(after: $c) { totalCount } }`:                                                                      "after",
		`query($c: Cursor) { posts(before: $c) { __typename } }`:                                                                     "before",
		`query($c: Cursor) { users(first: 1) { edges { node { posts(after: $c) { totalCount } } } } }`:                               "after",
		`query($c: Cursor) { users(where: {username: "nobody"}) { edges { node { posts(after: $c) { edges { cursor } } } } } }`:      "after",
		`query($t: Time) { users(where: {username: "nobody"}) { edges { node { posts(where: {createdAt: $t}) { totalCount } } } } }`: "where.createdAt",
	} {
		res := a.do(query, vars)
		if len(res.Errors) != 1 || res.Errors[0].Extensions.Code != "BAD_USER_INPUT" || res.Errors[0].Extensions.Field != field {
			t.Errorf("%s: %+v %s", query, res.Errors, res.Data)
		}
	}
	a.refuse(`{ posts(first: 0, where: {rating: null}) { __typename } }`, "BAD_USER_INPUT", "where.rating")
}

func TestTimesAreReadAsTheStandardHasThem(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	update := `mutation { updatePost(id: "Post:1", input: {publishedAt: %q}) { publishedAt } }`
	a.want(fmt.Sprintf(update, "2026-01-01t00:00:00z"), `{"updatePost":{"publishedAt":"2026-01-01T00:00:00Z"}}`)
	a.refuse(fmt.Sprintf(update, "9999-12-31T23:59:59-05:00"), "BAD_USER_INPUT", "input.publishedAt")
}

func TestWritesSayWhatTheyRanFor(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	for _, s := range a.ok(`mutation { t: createTag(input: {name: "said"}) { id } }`, nil).Extensions.SQL.Statements {
		if strings.HasPrefix(s.SQL, "INSERT") && (len(s.Path) != 1 || s.Path[0] != "t") {
			t.Errorf("%s ran for %v", s.SQL, s.Path)
		}
	}
}

func TestANewRecordMayReferToItself(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	for range 2 {
		a.want(`mutation { createComment(input: {body: "x", post: {slug: "one"}, author: {connectOrCreate: {username: "zed", email: "z@example.org",
			following: [{connectOrCreate: {username: "zed", email: "z@example.org"}}]}}}) { author { username following { edges { node { username } } } } } }`,
			`{"createComment":{"author":{"username":"zed","following":{"edges":[{"node":{"username":"zed"}}]}}}}`)
	}
}

// TestWhatTheOracleFound holds what TestDifferential found first.
func TestWhatTheOracleFound(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	a.want(`{ tag(id: "Tag:1") { posts { __typename } } tags(first: 1) { edges { node { posts(first: 0) { __typename } } } } }`,
		`{"tag":{"posts":{"__typename":"PostConnection"}},"tags":{"edges":[{"node":{"posts":{"__typename":"PostConnection"}}}]}}`)
	a.want(`{ postsAggregate { __typename key { slug } } }`, `{"postsAggregate":[{"__typename":"PostAggregate","key":{"slug":null}}]}`)
	for _, id := range []string{"nonsense", "Post:99", "User:1"} {
		res := a.ok(`query($id: ID) { posts(where: {not: {id: $id}}) { totalCount } }`, map[string]any{"id": id})
		if string(res.Data) != `{"posts":{"totalCount":6}}` {
			t.Errorf("not %s: %s", id, res.Data)
		}
	}
}
