package seed_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/fixture/blog/ent/comment"
	"coppice/core/internal/fixture/blog/ent/post"
	"coppice/core/internal/fixture/blog/ent/user"
	"coppice/core/seed"
)

const circleOfTwo = "- { username: ann, email: ann@example.org, posts: [{ create: { slug: p, title: P, body: b, tags: [{ create: { name: go } }] } }] }\n" +
	"- { username: bob, email: bob@example.org, following: [{ username: ann }] }\n"

const remarks = "- { $key: a, body: one, author: { username: bob }, post: { slug: p } }\n" +
	"- { body: two, author: { username: bob }, post: { slug: p }, parent: { $key: a } }\n"

func undone(t *testing.T, c *ent.Client, set string) string {
	t.Helper()
	s, err := seed.Undo(t.Context(), ent.Coppice().Of(c), seed.Options{Name: set})
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(s.Kept)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintln(s.Entities, string(b))
}

func TestUndo(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		meanwhile func(t *testing.T, c *ent.Client)
		want      string
		left      string
	}{
		"nothing happened": {
			func(*testing.T, *ent.Client) {},
			"map[comments:{0 0 0 2 0 0} posts:{0 0 0 1 0 0} tags:{0 0 0 1 0 0} users:{0 0 0 2 0 0}] null\n", "0 0 0",
		},
		"a record was changed": {
			func(t *testing.T, c *ent.Client) {
				c.Comment.Update().Where(comment.Body("two")).SetBody("three").ExecX(t.Context())
			},
			"map[comments:{0 0 0 1 1 0} posts:{0 0 0 0 1 0} tags:{0 0 0 1 0 0} users:{0 0 0 0 2 0}] " +
				`[{"entity":"Comment","key":"Comment:2","reason":"It was changed since."},` +
				`{"entity":"Post","key":"slug \"p\"","reason":"It is still needed by a Comment that stays."},` +
				`{"entity":"User","key":"username \"ann\"","reason":"It is still needed by a Post that stays."},` +
				`{"entity":"User","key":"username \"bob\"","reason":"It is still needed by a Comment that stays."}]` + "\n", "2 1 1",
		},
		"another record came to need one": {
			func(t *testing.T, c *ent.Client) {
				c.Post.Create().SetSlug("q").SetTitle("Q").SetBody("b").SetAuthor(c.User.Query().Where(user.Username("bob")).OnlyX(t.Context())).ExecX(t.Context())
			},
			"map[comments:{0 0 0 2 0 0} posts:{0 0 0 1 0 0} tags:{0 0 0 1 0 0} users:{0 0 0 1 1 0}] " +
				`[{"entity":"User","key":"username \"bob\"","reason":"It is still needed by a Post that stays."}]` + "\n", "1 1 0",
		},
		"it was put back by a second run": {
			func(t *testing.T, c *ent.Client) {
				c.Post.Update().Where(post.Slug("p")).SetTitle("Q").ExecX(t.Context())
				load(t, c, folder(t, map[string]string{"users.yaml": circleOfTwo, "comments.yaml": remarks}))
			},
			"map[comments:{0 0 0 2 0 0} posts:{0 0 0 1 0 0} tags:{0 0 0 1 0 0} users:{0 0 0 2 0 0}] null\n", "0 0 0",
		},
		"what the files do not say was changed": {
			func(t *testing.T, c *ent.Client) {
				c.User.Update().Where(user.Username("ann")).SetName("Ann").ExecX(t.Context())
				load(t, c, folder(t, map[string]string{"users.yaml": circleOfTwo, "comments.yaml": remarks}))
			},
			"map[comments:{0 0 0 2 0 0} posts:{0 0 0 1 0 0} tags:{0 0 0 1 0 0} users:{0 0 0 1 1 0}] " +
				`[{"entity":"User","key":"username \"ann\"","reason":"It was changed since."}]` + "\n", "1 0 0",
		},
		"a record was deleted": {
			func(t *testing.T, c *ent.Client) { c.Comment.Delete().Where(comment.Body("two")).ExecX(t.Context()) },
			"map[comments:{0 0 0 1 0 0} posts:{0 0 0 1 0 0} tags:{0 0 0 1 0 0} users:{0 0 0 2 0 0}] null\n", "0 0 0",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, ctx := open(t), t.Context()
			load(t, c, folder(t, map[string]string{"users.yaml": circleOfTwo, "comments.yaml": remarks}))
			test.meanwhile(t, c)
			equal(t, "undone", undone(t, c, "test"), test.want)
			equal(t, "left", fmt.Sprint(c.User.Query().CountX(ctx), c.Post.Query().CountX(ctx), c.Comment.Query().CountX(ctx)), test.left)
			_, err := seed.Undo(ctx, ent.Coppice().Of(c), seed.Options{Name: "test"})
			var unknown *seed.UnknownSet
			if gone := test.left == "0 0 0"; gone != errors.As(err, &unknown) {
				t.Errorf("undone again: %v", err)
			}
		})
	}
}

// What a set only found, or updated, is not its own to remove.
func TestUndoFound(t *testing.T) {
	t.Parallel()
	c, ctx := open(t), t.Context()
	c.User.Create().SetUsername("ann").SetEmail("old@example.org").ExecX(ctx)
	load(t, c, folder(t, map[string]string{"users.yaml": circleOfTwo}))
	equal(t, "undone", undone(t, c, "test"), "map[posts:{0 0 0 1 0 0} tags:{0 0 0 1 0 0} users:{0 0 0 1 0 0}] null\n")
	equal(t, "left", c.User.Query().OnlyX(ctx).Email, "ann@example.org")
}

func TestUnknownSet(t *testing.T) {
	t.Parallel()
	c := open(t)
	_, err := seed.Undo(t.Context(), ent.Coppice().Of(c), seed.Options{Name: "x"})
	equal(t, "on a new database", fmt.Sprint(err), "there is no set x: nothing was seeded into this database")
	load(t, c)
	_, err = seed.Undo(t.Context(), ent.Coppice().Of(c), seed.Options{Name: "x"})
	equal(t, "beside another", fmt.Sprint(err), "there is no set x in this database; there is test")
}
