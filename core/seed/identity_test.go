package seed_test

import (
	"strings"
	"testing"

	"coppice/core/internal/fixture/blog/ent/comment"
	"coppice/core/internal/fixture/blog/ent/post"
	"coppice/core/internal/fixture/blog/ent/user"
	"coppice/core/seed"
)

const ground = "- { username: ann, email: ann@example.org, posts: [{ create: { slug: p, title: P, body: b } }] }\n"

func TestIdentity(t *testing.T) {
	t.Parallel()
	const remark = "  author: { username: ann }\n  post: { slug: p }\n"
	for name, test := range map[string]struct{ first, second, want string }{
		"a key of its own":       {"- $key: a\n  body: one\n" + remark, "- $key: a\n  body: two\n" + remark, `{"comments":{"created":0,"updated":1,"unchanged":0}}`},
		"another key":            {"- $key: a\n  body: one\n" + remark, "- $key: b\n  body: one\n" + remark, `{"comments":{"created":1,"updated":0,"unchanged":0}}`},
		"the same content":       {"- body: one\n" + remark, "- body: one\n" + remark, `{"comments":{"created":0,"updated":0,"unchanged":1}}`},
		"other content":          {"- body: one\n" + remark, "- body: two\n" + remark, `{"comments":{"created":1,"updated":0,"unchanged":0}}`},
		"the same content twice": {"- body: one\n" + remark, "- body: one\n" + remark + "- body: one\n" + remark, `{"comments":{"created":1,"updated":0,"unchanged":1}}`},
		"another order": {
			"- body: one\n" + remark + "- $key: x\n  body: two\n" + remark, "- $key: x\n  body: two\n" + remark + "- body: one\n" + remark,
			`{"comments":{"created":0,"updated":0,"unchanged":2}}`,
		},
		"connectOrCreate without a unique key": {
			"- $key: x\n  body: two\n" + remark + "  replies: [{ connectOrCreate: { body: re, author: { username: ann }, post: { slug: p } } }]\n",
			"- $key: x\n  body: two\n" + remark + "  replies: [{ connectOrCreate: { body: re, author: { username: ann }, post: { slug: p } } }]\n",
			`{"comments":{"created":0,"updated":0,"unchanged":1}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := open(t)
			load(t, c, folder(t, map[string]string{"users.yaml": ground, "comments.yaml": test.first}))
			second := folder(t, map[string]string{"comments.yaml": test.second})
			equal(t, "second run", counts(t, load(t, c, second)), test.want)
			if list := written(t, c, second); len(list) > 0 {
				t.Errorf("the third run wrote: %s", strings.Join(list, "\n"))
			}
		})
	}
}

// A name whose record somebody deleted stands for nothing until it is loaded
// again.
func TestForgotten(t *testing.T) {
	t.Parallel()
	c, ctx := open(t), t.Context()
	dir := folder(t, map[string]string{
		"users.yaml":    ground,
		"comments.yaml": "- { $key: a, body: one, author: { username: ann }, post: { slug: p } }\n",
	})
	load(t, c, dir)
	c.Comment.Delete().ExecX(ctx)
	_, err := try(ctx, c, seed.Options{}, folder(t, map[string]string{
		"comments.yaml": "- { body: two, author: { username: ann }, post: { slug: p }, parent: { $key: a } }\n",
	}))
	if err == nil || !strings.Contains(err.Error(), `comments.yaml:1: Comment.parent: There is no such Comment.`) {
		t.Errorf("a reference to a record that is gone: %v", err)
	}
	for range 2 {
		load(t, c, dir)
		equal(t, "comments", c.Comment.Query().Where(comment.Body("one")).CountX(ctx), 1)
	}
}

func TestNested(t *testing.T) {
	t.Parallel()
	c, ctx := open(t), t.Context()
	dir := folder(t, map[string]string{
		"users.yaml": `
- username: ann
  email: ann@example.org
  profile: { create: { bio: Writes. } }
  posts:
    - create:
        slug: p
        title: P
        body: b
        tags: [{ create: { name: go } }, { connectOrCreate: { name: sql } }]
        comments:
          - create: { body: At last., author: { username: bob } }
          - create: { body: At last., author: { username: bob }, replies: [{ create: { body: Indeed., author: { username: ann }, post: { slug: p } } }] }
`,
		"comments.yaml":     "[]",
		"tags.yaml":         "- name: sql\n",
		"more.d/users.yaml": "- { username: bob, email: bob@example.org }\n",
	})
	equal(t, "first run", counts(t, load(t, c, dir)), `{"comments":{"created":3,"updated":0,"unchanged":0},"posts":{"created":1,"updated":0,"unchanged":0},`+
		`"profiles":{"created":1,"updated":0,"unchanged":0},"tags":{"created":2,"updated":0,"unchanged":0},"users":{"created":2,"updated":0,"unchanged":0}}`)
	equal(t, "ann's posts with two tags", c.Post.Query().Where(post.HasAuthorWith(user.Username("ann"))).QueryTags().CountX(ctx), 2)
	equal(t, "replies", c.Comment.Query().Where(comment.HasParent()).CountX(ctx), 1)
	if list := written(t, c, dir); len(list) > 0 {
		t.Errorf("the second run wrote: %s", strings.Join(list, "\n"))
	}
	equal(t, "second run", counts(t, load(t, c, dir)), `{"comments":{"created":0,"updated":0,"unchanged":3},"posts":{"created":0,"updated":0,"unchanged":1},`+
		`"profiles":{"created":0,"updated":0,"unchanged":1},"tags":{"created":0,"updated":0,"unchanged":2},"users":{"created":0,"updated":0,"unchanged":2}}`)
}

func TestReset(t *testing.T) {
	t.Parallel()
	c, ctx := open(t), t.Context()
	load(t, c)
	few := folder(t, map[string]string{"users.yaml": ground})
	s, err := try(ctx, c, seed.Options{Reset: true}, few)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "summary", counts(t, s), `{"posts":{"created":1,"updated":0,"unchanged":0},"users":{"created":1,"updated":0,"unchanged":0}}`)
	equal(t, "users", c.User.Query().CountX(ctx), 1)
	equal(t, "comments", c.Comment.Query().CountX(ctx), 0)
	equal(t, "tags", c.Tag.Query().CountX(ctx), 0)
	// The ledger is empty too: every name is new.
	first := load(t, c)
	equal(t, "comments unchanged", first.Entities["comments"].Unchanged, 0)

	// What cannot be loaded leaves the database as it was.
	bad := folder(t, map[string]string{"posts.yaml": "- { slug: q, title: Q, body: b, author: { username: nobody } }\n"})
	if _, err := try(ctx, c, seed.Options{Reset: true}, bad); err == nil {
		t.Fatal("no error")
	}
	equal(t, "comments after a reset that failed", c.Comment.Query().CountX(ctx), first.Entities["comments"].Created)
}
