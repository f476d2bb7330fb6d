package query_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"coppice/core/fault"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/fixture/blog/ent/privacy"
)

// failWith makes a hook of the entity's writes and an interceptor of its reads
// give an error.
func (a *api) failWith(entity string, reads bool, failure error) {
	a.client.Use(func(next ent.Mutator) ent.Mutator {
		return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
			if m.Type() == entity && !reads {
				return nil, failure
			}
			return next.Mutate(ctx, m)
		})
	})
	a.client.Intercept(ent.TraverseFunc(func(_ context.Context, q ent.Query) error {
		if reads && fmt.Sprintf("%T", q) == "*ent."+entity+"Query" {
			return failure
		}
		return nil
	}))
}

// What code of one's own says with a fault or a Denyf reaches the client from
// wherever it runs, and nothing that was wrapped around it or joined to it.
func TestErrorsOfOnesOwnReachTheClient(t *testing.T) {
	t.Parallel()
	taken := fault.New("SOLD_OUT", "No seat is left.").At("input.seat")
	for name, tc := range map[string]struct {
		err           error
		code, message string
		field         string
	}{
		"a fault":      {taken, "SOLD_OUT", "No seat is left.", "input.seat"},
		"wrapped":      {fmt.Errorf("a secret: %w", taken), "SOLD_OUT", "No seat is left.", "input.seat"},
		"joined":       {errors.Join(errors.New("a secret"), taken), "SOLD_OUT", "No seat is left.", "input.seat"},
		"a deny":       {privacy.Deny, "FORBIDDEN", "You are not allowed to do this.", ""},
		"a deny's own": {fmt.Errorf("a secret: %w", privacy.Denyf("sign in %s", "first")), "FORBIDDEN", "sign in first", ""},
		"its own":      {errors.New("a secret"), "INTERNAL", "Something went wrong on our side. The log has the cause under this requestId.", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, reads := range []bool{false, true} {
				a := open(t).blog()
				a.failWith("Post", reads, tc.err)
				operations := []string{
					`mutation { createPost(input: {slug: "x", title: "x", body: "", author: {username: "ada"}}) { id } }`,
					`mutation { createPosts(inputs: [{slug: "x", title: "x", body: "", author: {username: "ada"}}, {slug: "y", title: "x", body: "", author: {username: "ada"}}]) { id } }`,
					`mutation { updatePost(id: "Post:1", input: {title: "x"}) { id } }`,
					`mutation { updatePosts(where: {slug: "one"}, input: {title: "x"}) }`,
					`mutation { upsertPost(by: SLUG, input: {slug: "one", title: "x", body: "", author: {username: "ada"}}) { id } }`,
					`mutation { deletePost(id: "Post:5") }`,
					`mutation { deletePosts(where: {slug: "five"}) }`,
					`mutation { publishPost(id: "Post:1") { id } }`,
				}
				if reads {
					operations = []string{
						`{ posts { edges { node { slug } } } }`, `{ postsAggregate { count } }`, `{ post(id: "Post:1") { slug } }`, `{ postBySlug(slug: "one") { slug } }`,
						`{ node(id: "Post:1") { id } }`, `{ users { edges { node { posts { totalCount } } } } }`, `{ comments { edges { node { post { slug } } } } }`,
					}
				}
				for _, operation := range operations {
					res := a.do(operation, nil)
					if len(res.Errors) == 0 {
						t.Errorf("%s: no error, but %s", operation, res.Data)
						continue
					}
					if e := res.Errors[0]; e.Extensions.Code != tc.code || e.Message != tc.message || e.Extensions.Field != tc.field {
						t.Errorf("%s\n%+v", operation, e)
					}
				}
			}
		})
	}
}

// A hook knows its record's fields, and not where in an input that stands.
func TestAHookNamesAField(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	a.failWith("Comment", false, fault.Input("body", "Nothing rude."))
	a.refuse(`mutation { createComment(input: {body: "x", author: {username: "ada"}, post: {slug: "one"}}) { id } }`, "BAD_USER_INPUT", "input.body")
	a.refuse(`mutation { updateComment(id: "Comment:1", input: {body: "x"}) { id } }`, "BAD_USER_INPUT", "input.body")
	a.refuse(`mutation { createPost(input: {slug: "x", title: "x", body: "", author: {username: "ada"},
		comments: [{id: "Comment:1"}, {create: {body: "x", author: {username: "ada"}}}]}) { id } }`, "BAD_USER_INPUT", "input.comments.1.create.body")
}

// What is not there is named by what it was asked for.
func TestWhatIsNotThereIsNamed(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	long := fmt.Sprintf("%0200d", 7)
	for query, message := range map[string]string{
		`mutation { updatePost(id: "Post:99", input: {title: "x"}) { id } }`:                                                    `There is no Post with id "Post:99".`,
		`mutation { updatePost(id: "User:1", input: {title: "x"}) { id } }`:                                                     `There is no Post with id "User:1".`,
		`mutation { deletePost(id: "Post:99") }`:                                                                                `There is no Post with id "Post:99".`,
		`mutation { publishPost(id: "x") { id } }`:                                                                              `There is no Post with id "x".`,
		`mutation { createPost(input: {slug: "x", title: "x", body: "", author: {username: "eve"}}) { id } }`:                   `There is no User with username "eve".`,
		`mutation { createPost(input: {slug: "x", title: "x", body: "", author: {id: "User:99"}}) { id } }`:                     `There is no User with id "User:99".`,
		`mutation { createPost(input: {slug: "x", title: "x", body: "", author: {id: "Post:1"}}) { id } }`:                      `There is no User with id "Post:1".`,
		`mutation { createPost(input: {slug: "x", title: "x", body: "", author: {id: "User:1"}, tags: [{name: "c"}]}) { id } }`: `There is no Tag with name "c".`,
		`mutation { createComment(input: {body: "x", author: {username: "ada"}, post: {slug: "` + long + `"}}) { id } }`:        `There is no Post with slug "` + long[:99] + `…".`,
		`mutation { createProfile(input: {bio: "x", user: {username: "eve"}}) { id } }`:                                         `There is no User with username "eve".`,
	} {
		if res := a.refuse(query, "NOT_FOUND", a.do(query, nil).Errors[0].Extensions.Field); len(res.Errors) > 0 && res.Errors[0].Message != message {
			t.Errorf("%s\n got %s\nwant %s", query, res.Errors[0].Message, message)
		}
	}
}
