package query_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"entgo.io/ent/dialect/sql"

	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/fixture/blog/ent/comment"
	"coppice/core/internal/fixture/blog/ent/hook"
	"coppice/core/internal/fixture/blog/ent/intercept"
	"coppice/core/internal/fixture/blog/ent/post"
	"coppice/core/internal/fixture/blog/ent/privacy"
	"coppice/core/internal/fixture/blog/ent/tag"
	"coppice/core/internal/fixture/blog/ent/user"
)

// hide hides users, posts and tags by name.
func (a *api) hide(names ...string) {
	a.client.User.Intercept(intercept.TraverseUser(func(_ context.Context, q *ent.UserQuery) error {
		q.Where(user.UsernameNotIn(names...))
		return nil
	}))
	a.client.Post.Intercept(intercept.TraversePost(func(_ context.Context, q *ent.PostQuery) error {
		q.Where(post.SlugNotIn(names...))
		return nil
	}))
	a.client.Tag.Intercept(intercept.TraverseTag(func(_ context.Context, q *ent.TagQuery) error {
		q.Where(tag.NameNotIn(names...))
		return nil
	}))
}

// TestNoStatementNamesAGuardedTableWithoutItsCondition walks the statements of
// random operations. Only where the ids of records stand there already, from
// where the condition holds, is a table read by them without.
func TestNoStatementNamesAGuardedTableWithoutItsCondition(t *testing.T) {
	t.Parallel()
	a := open(t)
	populate(t.Context(), t, a.client, rand.New(rand.NewPCG(differentialSeed, 0)))
	w := loadWorld(t.Context(), t, a.client)
	a.client.Intercept(intercept.TraverseFunc(func(_ context.Context, q intercept.Query) error {
		q.WhereP(sql.NotPredicates(sql.FieldIsNull("id")))
		return nil
	}))
	named := regexp.MustCompile("(?:FROM|JOIN) `(users|posts|comments|tags|profiles)`(?: AS `([^`]*)`)?")
	schema, places := schemaOf(t), 0
	for i := range 180 {
		doc, vars := operation(rand.New(rand.NewPCG(differentialSeed, uint64(i+1))), w, schema)
		for _, text := range a.do(doc, vars).statements() {
			text = strings.ReplaceAll(text, `"`, "`")
			if strings.Contains(text, "`excerpt`") {
				continue
			}
			times := map[string]int{}
			for _, m := range named.FindAllStringSubmatch(text, -1) {
				alias := m[2]
				if alias == "" {
					alias = m[1]
				}
				times[alias]++
				places++
			}
			for alias, n := range times {
				given := alias == "_found" && strings.Contains(text, "`_found`.`id` = `_chosen`.")
				if !given && strings.Count(text, "NOT (`"+alias+"`.`id` IS NULL)") < n {
					t.Errorf("%s is named without its condition:\n%s", alias, text)
				}
			}
		}
	}
	if places < 500 {
		t.Errorf("only %d places", places)
	}
}

func TestHiddenRecordsAreNowhere(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	a.hide("bob", "two", "sql")
	for query, want := range map[string]string{
		`{ users(where: {hasPosts: true}, orderBy: {field: POSTS_COUNT, direction: DESC}) { edges { node { username posts { totalCount } } } } }`:
		/* */ `{"users":{"edges":[{"node":{"username":"ada","posts":{"totalCount":2}}},{"node":{"username":"cyd","posts":{"totalCount":1}}}]}}`,
		`{ posts(where: {hasAuthor: false}) { edges { node { slug } } } }`:                          `{"posts":{"edges":[{"node":{"slug":"three"}},{"node":{"slug":"four"}}]}}`,
		`{ posts(where: {hasAuthorWith: {usernameHasPrefix: "b"}}) { totalCount } }`:                `{"posts":{"totalCount":0}}`,
		`{ posts(where: {hasTagsWith: {name: "sql"}}) { totalCount } }`:                             `{"posts":{"totalCount":0}}`,
		`{ posts(where: {hasTags: true}, orderBy: {field: TAGS_COUNT}) { totalCount } }`:            `{"posts":{"totalCount":1}}`,
		`{ postsAggregate(groupBy: [AUTHOR]) { key { author } count } }`:                            `{"postsAggregate":[{"key":{"author":null},"count":2},{"key":{"author":"User:1"},"count":2},{"key":{"author":"User:3"},"count":1}]}`,
		`{ users(where: {hasFollowingWith: {username: "bob"}}) { totalCount } }`:                    `{"users":{"totalCount":0}}`,
		`{ user(id: "User:3") { following { totalCount edges { node { username } } } } }`:           `{"user":{"following":{"totalCount":1,"edges":[{"node":{"username":"ada"}}]}}}`,
		`{ profileByUser(user: "User:2") { id } nodes(ids: ["User:2", "Post:2", "Tag:2"]) { id } }`: `{"profileByUser":null,"nodes":[null,null,null]}`,
	} {
		a.want(query, want)
	}
	// A cursor holds what the order saw.
	res := a.ok(`{ posts(first: 2, orderBy: [{field: AUTHOR_USERNAME}]) { edges { cursor node { slug } } pageInfo { endCursor } } }`, nil)
	if strings.Contains(string(res.Data), `"WyI`) == false || !strings.Contains(string(res.Data), `"three"`) {
		t.Error(string(res.Data))
	}
	if at := regexp.MustCompile(`"cursor":"([^"]*)"`).FindSubmatch(res.Data); strings.Contains(unbase64(t, string(at[1])), "bob") {
		t.Errorf("a cursor tells the hidden %s", unbase64(t, string(at[1])))
	}
}

func TestHiddenAndMissingRecordsAreOneToWrites(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	a.hide("bob", "two", "sql")
	for _, c := range []struct{ write, hidden, missing, field string }{
		{`updatePost(id: "%s", input: {title: "x"}) { id }`, "Post:2", "Post:99", "id"},
		{`updatePost(id: "%s", input: {}) { id }`, "Post:2", "Post:99", "id"},
		{`updatePost(id: "%s", input: {tags: [{name: "go"}]}) { id }`, "Post:2", "Post:99", "id"},
		{`deletePost(id: "%s")`, "Post:2", "Post:99", "id"},
		{`createPost(input: {slug: "x", title: "x", body: "", author: {id: "%s"}}) { id }`, "User:2", "User:99", "input.author"},
		{`createPost(input: {slug: "x", title: "x", body: "", author: {username: "%s"}}) { id }`, "bob", "nobody", "input.author"},
		{`updatePost(id: "Post:1", input: {author: {id: "%s"}}) { id }`, "User:2", "User:99", "input.author"},
		{`updatePost(id: "Post:1", input: {addTags: [{name: "%s"}]}) { id }`, "sql", "nothing", "input.addTags.0"},
		{`updatePost(id: "Post:1", input: {removeTags: [{id: "%s"}]}) { id }`, "Tag:2", "Tag:99", "input.removeTags.0"},
		{`updateUser(id: "User:1", input: {posts: [{id: "Post:1"}, {id: "Post:5"}, {id: "%s"}]}) { id }`, "Post:2", "Post:99", "input.posts.2"},
		{`updatePosts(where: {slug: "one"}, input: {author: {id: "%s"}})`, "User:2", "User:99", "input.author"},
	} {
		hidden := a.refuse("mutation { "+fmt.Sprintf(c.write, c.hidden)+" }", "NOT_FOUND", c.field)
		missing := a.refuse("mutation { "+fmt.Sprintf(c.write, c.missing)+" }", "NOT_FOUND", c.field)
		if len(hidden.Errors) == 1 && len(missing.Errors) == 1 && strings.ReplaceAll(hidden.Errors[0].Message, c.hidden, c.missing) != missing.Errors[0].Message {
			t.Errorf("%s\n%q of what is hidden, %q of what never was", c.write, hidden.Errors[0].Message, missing.Errors[0].Message)
		}
	}
	a.want(`mutation { updatePosts(where: {slugIn: ["one", "two"]}, input: {viewCount: 1}) deletePosts(where: {slug: "two"}) }`, `{"updatePosts":1,"deletePosts":0}`)
	// A key that is taken is taken; no value is told.
	res := a.refuse(`mutation { upsertPost(by: SLUG, input: {slug: "two", title: "x", body: "", author: {username: "ada"}}) { id } }`, "CONFLICT", "input.slug")
	if strings.Contains(res.Errors[0].Message, "two") {
		t.Error(res.Errors[0].Message)
	}
}

func TestReplacingASetLeavesWhatIsHidden(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	hidden := true
	a.client.Tag.Intercept(intercept.TraverseTag(func(_ context.Context, q *ent.TagQuery) error {
		if hidden {
			q.Where(tag.NameNEQ("sql"))
		}
		return nil
	}))
	a.client.Comment.Intercept(intercept.TraverseComment(func(_ context.Context, q *ent.CommentQuery) error {
		if hidden {
			q.Where(comment.BodyNEQ("second"))
		}
		return nil
	}))
	a.ok(`mutation { createComment(input: {body: "child", author: {username: "ada"}, post: {slug: "one"}, parent: {id: "Comment:1"}}) { id } }`, nil)
	a.want(`mutation { updatePost(id: "Post:1", input: {tags: []}) { tags { totalCount } } }`, `{"updatePost":{"tags":{"totalCount":0}}}`)
	a.want(`mutation { updateComment(id: "Comment:1", input: {replies: []}) { replies { totalCount } } }`, `{"updateComment":{"replies":{"totalCount":0}}}`)
	hidden = false
	a.want(`{ post(id: "Post:1") { tags { edges { node { name } } } comments { totalCount } } }`,
		`{"post":{"tags":{"edges":[{"node":{"name":"sql"}}]},"comments":{"totalCount":3}}}`)
}

// softDelete is what ent documents under that name: a hook that makes an update
// of a delete, and an interceptor that hides what is gone.
func softDelete(c *ent.Client) {
	c.Post.Use(hook.On(func(ent.Mutator) ent.Mutator {
		return hook.PostFunc(func(ctx context.Context, m *ent.PostMutation) (ent.Value, error) {
			m.Where(post.StatusNEQ(post.StatusARCHIVED))
			m.SetOp(ent.OpUpdate)
			m.SetStatus(post.StatusARCHIVED)
			return m.Client().Mutate(ctx, m)
		})
	}, ent.OpDeleteOne|ent.OpDelete))
	c.Intercept(intercept.TraverseFunc(func(_ context.Context, q intercept.Query) error {
		if q.Type() == ent.TypePost {
			q.WhereP(post.StatusNEQ(post.StatusARCHIVED))
		}
		return nil
	}))
}

func TestSoftDelete(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	softDelete(a.client)
	a.want(`mutation { deletePost(id: "Post:1") }`, `{"deletePost":"Post:1"}`)
	a.refuse(`mutation { deletePost(id: "Post:1") }`, "NOT_FOUND", "id")
	a.want(`mutation { deletePosts(where: {slugIn: ["one", "two"]}) }`, `{"deletePosts":1}`)
	a.want(`mutation { deletePosts(where: {slugIn: ["one", "two"]}) }`, `{"deletePosts":0}`)
	a.want(`{ post(id: "Post:1") { id } posts { totalCount } user(id: "User:1") { posts { totalCount } } tags(where: {hasPosts: true}) { edges { node { name posts { totalCount } } } } }`,
		`{"post":null,"posts":{"totalCount":4},"user":{"posts":{"totalCount":1}},"tags":{"edges":[{"node":{"name":"sql","posts":{"totalCount":1}}}]}}`)
	a.want(`{ postsAggregate { count } users(orderBy: {field: POSTS_COUNT, direction: DESC}, first: 1) { edges { node { username } } } }`,
		`{"postsAggregate":[{"count":4}],"users":{"edges":[{"node":{"username":"bob"}}]}}`)
	a.refuse(`mutation { updatePost(id: "Post:1", input: {title: "x"}) { id } }`, "NOT_FOUND", "id")
	a.refuse(`mutation { createComment(input: {body: "x", author: {username: "ada"}, post: {slug: "one"}}) { id } }`, "NOT_FOUND", "input.post")
}

// TestWhatAWriteHidesIsWritten holds soft deletes by update: who wrote is told
// which record it was, and no more.
func TestWhatAWriteHidesIsWritten(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	softDelete(a.client)
	for i, c := range []struct {
		write, data string
		paths       []string
	}{
		{`p: updatePost(id: "Post:1", input: {status: ARCHIVED}) { key: id __typename }`, `{"p":{"key":"Post:1","__typename":"Post"}}`, nil},
		{`p: updatePost(id: "Post:2", input: {status: ARCHIVED}) { id rating publishedAt }`, `{"p":{"id":"Post:2","rating":null,"publishedAt":null}}`, []string{"[p rating]", "[p publishedAt]"}},
		{`p: updatePost(id: "Post:3", input: {status: ARCHIVED}) { id title }`, `null`, []string{"[p title]"}},
		{`createPosts(inputs: [{slug: "n1", title: "x", body: "", author: {username: "ada"}}, {slug: "n2", title: "x", body: "", author: {username: "ada"}, status: ARCHIVED}]) { id rating }`,
			`{"createPosts":[{"id":"Post:7","rating":null},{"id":"Post:8","rating":null}]}`, []string{"[createPosts 1 rating]"}},
	} {
		res := a.do("mutation { "+c.write+" }", nil)
		var paths []string
		for _, e := range res.Errors {
			paths = append(paths, fmt.Sprint(e.Path))
			if e.Extensions.Code != "FORBIDDEN" {
				t.Error(e)
			}
		}
		if string(res.Data) != c.data || !slices.Equal(paths, c.paths) {
			t.Errorf("%d: %s %v", i, res.Data, paths)
		}
	}
	a.want(`{ posts { edges { node { slug } } } }`, `{"posts":{"edges":[{"node":{"slug":"four"}},{"node":{"slug":"five"}},{"node":{"slug":"six"}},{"node":{"slug":"n1"}}]}}`)
	// All of a mutation is undone for an error, and then nothing is said to be written.
	res := a.do(`mutation { a: updatePost(id: "Post:4", input: {status: ARCHIVED}) { rating } b: deletePost(id: "Post:1") }`, nil)
	if len(res.Errors) != 1 || res.Errors[0].Extensions.Code != "NOT_FOUND" || string(res.Data) != "null" {
		t.Errorf("%s %+v", res.Data, res.Errors)
	}
	a.want(`{ post(id: "Post:4") { slug } }`, `{"post":{"slug":"four"}}`)
}

func TestInterceptorsAreAskedOnceARequest(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	asked := 0
	a.client.User.Intercept(intercept.TraverseUser(func(context.Context, *ent.UserQuery) error {
		asked++
		return nil
	}))
	a.ok(`{ posts(where: {hasAuthor: true}, orderBy: {field: AUTHOR_NAME}) { edges { node { author { username following { totalCount } } } } } users { totalCount } }`, nil)
	if asked != 1 {
		t.Errorf("%d times", asked)
	}
}

func TestForbiddenEntitiesAreForbiddenWhereTheyAreNamed(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	a.client.User.Intercept(ent.TraverseFunc(func(context.Context, ent.Query) error { return privacyDeny() }))
	for query, at := range map[string][2]string{
		`{ us: users { totalCount } }`:                                                     {"[us]", ""},
		`{ user(id: "User:1") { id } }`:                                                    {"[user]", ""},
		`{ profileByUser(user: "User:1") { id } }`:                                         {"[profileByUser]", "user"},
		`{ posts(where: {not: {hasAuthorWith: [{username: "x"}]}}) { totalCount } }`:       {"[posts]", "where.not.hasAuthorWith"},
		`{ posts(where: {hasAuthor: true}) { totalCount } }`:                               {"[posts]", "where.hasAuthor"},
		`{ posts(orderBy: [{field: SLUG}, {field: AUTHOR_NAME}]) { edges { cursor } } }`:   {"[posts]", "orderBy.1.field"},
		`{ posts(orderBy: [{field: AUTHOR_ID}]) { edges { cursor } } }`:                    {"[posts]", "orderBy.0.field"},
		`{ postsAggregate(groupBy: [STATUS, AUTHOR]) { count } }`:                          {"[postsAggregate]", "groupBy.1"},
		`{ tag(id: "Tag:1") { posts(where: {hasAuthor: false}) { totalCount } } }`:         {"[tag posts]", "where.hasAuthor"},
		`{ post(id: "Post:1") { by: author { id } } }`:                                     {"[post by]", ""},
		`{ nodes(ids: ["Post:1", "User:1"]) { id } }`:                                      {"[nodes 1]", ""},
		`mutation { updatePost(id: "Post:1", input: {author: {id: "User:1"}}) { id } }`:    {"[updatePost]", "input.author"},
		`mutation { updatePost(id: "Post:1", input: {author: {username: "ada"}}) { id } }`: {"[updatePost]", "input.author"},
		`mutation { updateUsers(where: {username: "x"}, input: {name: "x"}) }`:             {"[updateUsers]", ""},
		`mutation { deletePosts(where: {hasAuthor: true}) }`:                               {"[deletePosts]", "where.hasAuthor"},
		`mutation { deleteUser(id: "User:1") }`:                                            {"[deleteUser]", "id"},
	} {
		res := a.refuse(query, "FORBIDDEN", at[1])
		if len(res.Errors) == 1 && (fmt.Sprint(res.Errors[0].Path) != at[0] || res.Errors[0].Message != "sign in first") {
			t.Errorf("%s: %s at %v", query, res.Errors[0].Message, res.Errors[0].Path)
		}
	}
}

func privacyDeny() error { return privacy.Denyf("sign in first") }

func unbase64(t *testing.T, s string) string {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
