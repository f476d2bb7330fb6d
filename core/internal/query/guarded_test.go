package query_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/fixture/blog/ent/intercept"
	"coppice/core/internal/fixture/blog/ent/privacy"
	"coppice/core/internal/fixture/blog/ent/tag"
	"coppice/core/internal/fixture/blog/ent/user"
)

func TestInterceptorsSeeEachLevel(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	a.client.User.Intercept(intercept.TraverseUser(func(_ context.Context, q *ent.UserQuery) error {
		q.Where(user.UsernameNEQ("bob"))
		return nil
	}))
	a.client.Tag.Intercept(intercept.TraverseTag(func(_ context.Context, q *ent.TagQuery) error {
		q.Where(tag.NameNEQ("sql"))
		return nil
	}))
	a.want(`{ users { totalCount edges { node { username } } } }`,
		`{"users":{"totalCount":2,"edges":[{"node":{"username":"ada"}},{"node":{"username":"cyd"}}]}}`)
	a.want(`{ user(id: "User:2") { id } userByUsername(username: "bob") { id } node(id: "User:2") { id } }`,
		`{"user":null,"userByUsername":null,"node":null}`)
	a.want(`{ user(id: "User:1") { followers(first: 1) { totalCount pageInfo { hasNextPage } edges { node { username } } } } }`,
		`{"user":{"followers":{"totalCount":1,"pageInfo":{"hasNextPage":false},"edges":[{"node":{"username":"cyd"}}]}}}`)
	a.want(`{ post(id: "Post:1") { tags(first: 1) { totalCount edges { node { name } } } } usersAggregate { count } }`,
		`{"post":{"tags":{"totalCount":1,"edges":[{"node":{"name":"go"}}]}},"usersAggregate":[{"count":2}]}`)
	a.refuse(`mutation { createPost(input: {slug: "x", title: "x", body: "", author: {username: "bob"}}) { id } }`, "NOT_FOUND", "input.author")
	a.refuse(`mutation { createPost(input: {slug: "x", title: "x", body: "", author: {id: "User:2"}}) { id } }`, "NOT_FOUND", "input.author")
	a.want(`mutation { updateUsers(where: {usernameIn: ["ada", "bob"]}, input: {name: "N"}) }`, `{"updateUsers":1}`)
	// Post 3 is bob's: its author is hidden, and costs its own node only.
	res := a.do(`{ posts(where: {slugIn: ["two", "three"]}) { edges { node { slug author { username } } } } }`, nil)
	if string(res.Data) != `{"posts":{"edges":[{"node":{"slug":"two","author":{"username":"ada"}}},{"node":null}]}}` || len(res.Errors) != 1 {
		t.Errorf("%s %v", res.Data, res.Errors)
	}
}

func TestAPolicyIsForbidden(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	a.client.Comment.Intercept(ent.TraverseFunc(func(context.Context, ent.Query) error {
		return privacy.Denyf("no comments for you")
	}))
	a.refuse(`{ comments { totalCount } }`, "FORBIDDEN", "")
	res := a.do(`{ posts(first: 2) { edges { node { slug replies: comments { totalCount } } } } }`, nil)
	if string(res.Data) != `{"posts":{"edges":[{"node":null},{"node":null}]}}` || len(res.Errors) != 2 {
		t.Fatalf("%s %v", res.Data, res.Errors)
	}
	for i, e := range res.Errors {
		if e.Message != "no comments for you" || e.Extensions.Code != "FORBIDDEN" || !reflect.DeepEqual(e.Path, []any{"posts", "edges", float64(i), "node", "replies"}) {
			t.Errorf("%+v", e)
		}
	}
	a.want(`{ posts(first: 1) { edges { node { slug } } } }`, `{"posts":{"edges":[{"node":{"slug":"one"}}]}}`)
}

func TestHooksRunForWrites(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	seen := map[string]int{}
	a.client.Use(func(next ent.Mutator) ent.Mutator {
		return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
			seen[m.Type()+" "+m.Op().String()]++
			if name, ok := m.Field("title"); ok && name == "forbidden" {
				return nil, errors.New("the hook's own words")
			}
			return next.Mutate(ctx, m)
		})
	})
	a.ok(`mutation { createPosts(inputs: [{slug: "h1", title: "x", body: "", author: {username: "ada"}}, {slug: "h2", title: "x", body: "", author: {create: {username: "hook", email: "h@example.org"}}}]) { id }
		upsertTag(by: NAME, input: {name: "go"}) { id } deletePost(id: "Post:6") }`, nil)
	for what, n := range map[string]int{"Post OpCreate": 2, "User OpCreate": 1, "Tag OpUpdateOne": 1, "Post OpDeleteOne": 1} {
		if seen[what] != n {
			t.Errorf("%s ran %d times, want %d", what, seen[what], n)
		}
	}
	a.refuse(`mutation { updatePost(id: "Post:1", input: {title: "forbidden"}) { id } }`, "INTERNAL", "")
}
