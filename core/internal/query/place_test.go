package query_test

import (
	"fmt"
	"testing"
)

// An error's path leads to the very field that failed, whatever is at fault, and
// its field to the value in the arguments of that.
func TestErrorsStandAtTheFieldThatFailed(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	for query, want := range map[string]struct{ path, field string }{
		`{ u: user(id: "User:1") { p: posts(after: "wrong") { totalCount } } }`:                                                                                {"[u p]", "after"},
		`{ users { e: edges { n: node { p: posts(before: "wrong") { edges { node { id } } } } } } }`:                                                           {"[users e n p]", "before"},
		`{ posts(orderBy: [{field: ID}, {field: TITLE}], after: "wrong") { totalCount } }`:                                                                     {"[posts]", "after"},
		`{ post(id: "Post:1") { a: author { ... on User { ...F } } } } fragment F on User { q: posts(where: {and: [{}, {idGT: "Nobody:1"}]}) { totalCount } }`: {"[post a q]", "where.and.1.idGT"},
		`{ post(id: "Post:1") { author { posts(first: 1, last: 1) { totalCount } } } }`:                                                                        {"[post author posts]", "last"},
		`{ posts { edges { node { comments { edges { node { author { posts(where: {idIn: ["Post:1"], not: {rating: null}}) { totalCount } } } } } } } } }`:     {"[posts edges node comments edges node author posts]", "where.not.rating"},
		`query($c: Cursor = "wrong") { user(id: "User:1") { posts(after: $c) { totalCount } } }`:                                                               {"[user posts]", "after"},
		`query($w: PostWhereInput = {title: null}) { user(id: "User:1") { posts(where: $w) { totalCount } } }`:                                                 {"[user posts]", "where.title"},
		`{ posts(first: 1001) { totalCount } posts(first: 1001) { edges { cursor } } }`:                                                                        {"[posts]", "first"},
		`{ u: users { edges { node { p: posts(last: -1) { totalCount } } } } }`:                                                                                {"[u edges node p]", "last"},
		`{ postsAggregate(where: {or: [{rating: null}]}) { count } }`:                                                                                          {"[postsAggregate]", "where.or.0.rating"},
		`{ n: node(id: "User:1") { ... on User { posts(after: "wrong") { totalCount } } } }`:                                                                   {"[n posts]", "after"},
		`{ nodes(ids: ["User:1", "User:2"]) { ... on User { posts(after: "wrong") { totalCount } } } }`:                                                        {"[nodes posts]", "after"},
		`mutation { c: createTag(input: {name: "new"}) { posts(after: "wrong") { totalCount } } }`:                                                             {"[c posts]", "after"},
		`mutation { d: deletePosts(where: {title: "x", or: [{rating: null}]}) }`:                                                                               {"[d]", "where.or.0.rating"},
		`mutation { p: publishPost(id: "Post:1") { comments(after: "wrong") { totalCount } } }`:                                                                {"[p comments]", "after"},
	} {
		r := a.do(query, nil)
		if len(r.Errors) != 1 || fmt.Sprint(r.Errors[0].Path) != want.path || r.Errors[0].Extensions.Field != want.field {
			t.Errorf("%s\n got %+v\nwant %s %s", query, r.Errors, want.path, want.field)
		}
	}
}
