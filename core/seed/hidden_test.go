package seed_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"entgo.io/ent/privacy"

	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/fixture/blog/ent/hook"
	"coppice/core/internal/fixture/blog/ent/post"
	"coppice/core/internal/fixture/blog/ent/user"
	"coppice/core/seed"
)

// softly makes a client's posts vanish as ent's documentation has it: who
// deletes one gives it a mark, and who asks does not see what has one.
func softly(c *ent.Client) *ent.Client {
	c.Post.Use(func(next ent.Mutator) ent.Mutator {
		return hook.PostFunc(func(ctx context.Context, m *ent.PostMutation) (ent.Value, error) {
			if !m.Op().Is(ent.OpDelete | ent.OpDeleteOne) {
				return next.Mutate(ctx, m)
			}
			m.SetOp(ent.OpUpdate)
			m.SetRating(5)
			return m.Client().Mutate(ctx, m)
		})
	})
	c.Post.Intercept(ent.TraverseFunc(func(_ context.Context, q ent.Query) error {
		q.(*ent.PostQuery).Where(post.RatingIsNil())
		return nil
	}))
	return c
}

// rows counts a table's rows, hidden or not.
func rows(t testing.TB, c *ent.Client, table string) (n int) {
	t.Helper()
	r, err := c.QueryContext(t.Context(), "SELECT COUNT(*) FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for r.Next() {
		if err := r.Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

const (
	written2025 = "createdAt: 2025-01-01T00:00:00Z, updatedAt: 2025-01-01T00:00:00Z"
	authored    = "- { username: ann, email: ann@example.org, posts: [" +
		"{ create: { slug: p, title: P, body: b, " + written2025 + ", comments: [{ create: { body: c, author: { username: ann } } }], tags: [{ create: { name: go } }] } }," +
		"{ create: { slug: q, title: Q, body: b, " + written2025 + " } }] }\n"
)

// What is hidden is seen by the seeder, and left alone.
func TestHiddenIsLeft(t *testing.T) {
	t.Parallel()
	c, ctx := softly(open(t)), t.Context()
	dir := folder(t, map[string]string{"users.yaml": authored})
	load(t, c, dir)
	c.Post.Delete().Where(post.Slug("p")).ExecX(ctx)
	equal(t, "posts that are shown", c.Post.Query().CountX(ctx), 1)
	for range 2 {
		s := load(t, c, dir)
		equal(t, "the posts", s.Entities["posts"], seed.Count{Unchanged: 1, Hidden: 1})
		equal(t, "the comments", s.Entities["comments"], seed.Count{Unchanged: 1})
		equal(t, "the hidden one", s.Hidden[0], seed.Hidden{Entity: "Post", Key: `slug "p"`})
		b, err := json.Marshal(s)
		if err != nil || !strings.Contains(string(b), `"hidden":[{"entity":"Post","key":"slug \"p\""}]`) {
			t.Errorf("%s %v", b, err)
		}
	}
	// A reference finds it, and what says itself that it is to be shown shows it.
	load(t, c, folder(t, map[string]string{"comments.yaml": "- { $key: x, body: late, author: { username: ann }, post: { slug: p } }"}))
	equal(t, "shown by a file", load(t, c, folder(t, map[string]string{
		"posts.yaml": "- { slug: p, title: P, body: b, rating: null, author: { username: ann } }",
	})).Entities["posts"], seed.Count{Updated: 1})
	equal(t, "posts that are shown", c.Post.Query().CountX(ctx), 2)
}

// A record that was deleted for good under a hidden one is not made again.
func TestNothingIsMadeUnderHidden(t *testing.T) {
	t.Parallel()
	c, ctx := softly(open(t)), t.Context()
	dir := folder(t, map[string]string{"users.yaml": authored})
	load(t, c, dir)
	c.Comment.Delete().ExecX(ctx)
	c.Post.Delete().ExecX(ctx)
	equal(t, "the posts", load(t, c, dir).Entities["posts"], seed.Count{Hidden: 2})
	equal(t, "comments", c.Comment.Query().CountX(ctx), 0)
}

func TestHiddenIsDumped(t *testing.T) {
	t.Parallel()
	from, to, ctx := softly(open(t)), softly(open(t)), t.Context()
	first, second := filepath.Join(t.TempDir(), "d"), filepath.Join(t.TempDir(), "d")
	load(t, from, folder(t, map[string]string{"users.yaml": authored}))
	from.Post.Delete().Where(post.Slug("p")).ExecX(ctx)
	dump(t, from, first)
	left(t, "into its own", load(t, from, first))
	load(t, to, first)
	dump(t, to, second)
	same(t, "the second dump", filesIn(t, second), filesIn(t, first))
	equal(t, "shown there", to.Post.Query().CountX(ctx), 1)
	s := load(t, to, second)
	left(t, "again", s)
	equal(t, "hidden by its own word", s.Entities["posts"], seed.Count{Unchanged: 2})
}

func TestUndoAndResetRemoveWhatHooksWouldHide(t *testing.T) {
	t.Parallel()
	for _, undo := range []bool{true, false} {
		c := softly(open(t))
		dir := folder(t, map[string]string{"users.yaml": authored})
		if _, err := try(t.Context(), c, seed.Options{Name: "x"}, dir); err != nil {
			t.Fatal(err)
		}
		if undo {
			equal(t, "kept", undone(t, c, "x"), "map[comments:{0 0 0 1 0 0} posts:{0 0 0 2 0 0} tags:{0 0 0 1 0 0} users:{0 0 0 1 0 0}] null\n")
			equal(t, "posts", rows(t, c, "posts"), 0)
			equal(t, "created anew", load(t, c, dir).Entities["posts"], seed.Count{Created: 2})
			continue
		}
		if _, err := try(t.Context(), c, seed.Options{Reset: true}, folder(t, map[string]string{"tags.yaml": "- name: one"})); err != nil {
			t.Fatal(err)
		}
		equal(t, "posts", rows(t, c, "posts"), 0)
	}
}

// Nothing that is made up is hidden, nor leads to what is.
func TestFakeLeavesAloneWhatHides(t *testing.T) {
	t.Parallel()
	c, ctx := softly(open(t)), t.Context()
	made(t, c, "users=5,posts=40", 1)
	equal(t, "shown", c.Post.Query().CountX(ctx), rows(t, c, "posts"))
	gone := c.Post.Query().Limit(39).IDsX(ctx)
	c.Post.Delete().Where(post.IDIn(gone...)).ExecX(ctx)
	made(t, c, "comments=30", 1)
	equal(t, "posts with comments", c.Post.Query().Where(post.HasComments()).CountX(ctx), 1)
	equal(t, "comments of hidden ones", c.Post.Query().QueryComments().CountX(ctx), 30)
}

// A policy that wants to know who asks has the seeder pass: there is nobody.
func TestPoliciesLetTheSeederPass(t *testing.T) {
	t.Parallel()
	c := open(t)
	var deny privacy.Policies
	deny = append(deny, privacy.Policy{Mutation: privacy.MutationPolicy{privacy.MutationRuleFunc(func(context.Context, ent.Mutation) error {
		return errors.Join(privacy.Deny, errors.New("who asks?"))
	})}})
	c.Use(func(next ent.Mutator) ent.Mutator {
		return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
			if err := deny.EvalMutation(ctx, m); err != nil {
				return nil, err
			}
			return next.Mutate(ctx, m)
		})
	})
	seen := 0
	c.Intercept(ent.TraverseFunc(func(ctx context.Context, _ ent.Query) error {
		if _, ok := privacy.DecisionFromContext(ctx); !ok {
			return errors.New("who asks?")
		}
		seen++
		return nil
	}))
	if err := c.Tag.Create().SetName("a").Exec(t.Context()); err == nil {
		t.Fatal("the policy lets everybody pass")
	}
	dir := folder(t, map[string]string{"users.yaml": authored})
	for range 2 {
		if _, err := try(t.Context(), c, seed.Options{Name: "x"}, dir); err != nil {
			t.Fatal(err)
		}
	}
	made(t, c, "tags=3,comments=3", 1)
	d := filepath.Join(t.TempDir(), "d")
	dump(t, c, d)
	left(t, "the dump", load(t, c, d))
	if _, err := seed.Undo(t.Context(), ent.Coppice().Of(c), seed.Options{Name: "fake-1"}); err != nil {
		t.Fatal(err)
	}
	if _, err := try(t.Context(), c, seed.Options{Reset: true}, dir); err != nil {
		t.Fatal(err)
	}
	if seen == 0 {
		t.Error("no interceptor was asked what it hides")
	}
}

// turning makes a client's hooks write other values than they are given: an
// address in lower case, and a title that is another one each time.
func turning(c *ent.Client) *ent.Client {
	n := 0
	c.User.Use(func(next ent.Mutator) ent.Mutator {
		return hook.UserFunc(func(ctx context.Context, m *ent.UserMutation) (ent.Value, error) {
			if email, ok := m.Email(); ok {
				m.SetEmail(strings.ToLower(email))
			}
			return next.Mutate(ctx, m)
		})
	})
	c.Post.Use(func(next ent.Mutator) ent.Mutator {
		return hook.PostFunc(func(ctx context.Context, m *ent.PostMutation) (ent.Value, error) {
			if title, ok := m.Title(); ok {
				n++
				m.SetTitle(strings.Repeat("#", n) + title)
			}
			return next.Mutate(ctx, m)
		})
	})
	return c
}

// What hooks made of a value that a file gives is remembered: the same file is
// unchanged, and its records and references are found by what it says.
func TestHooksMayChangeWhatIsWritten(t *testing.T) {
	t.Parallel()
	c, ctx := turning(open(t)), t.Context()
	file := func(title string) string {
		return folder(t, map[string]string{
			"users.yaml": "- { username: ann, email: Ann@Example.org }\n",
			"posts.yaml": "- { slug: p, title: " + title + ", body: b, author: { email: Ann@Example.org } }\n",
		})
	}
	first := file("P")
	load(t, c, first)
	for range 2 {
		left(t, "again", load(t, c, first))
		if list := written(t, c, first); len(list) > 0 {
			t.Errorf("it wrote: %s", strings.Join(list, "\n"))
		}
	}
	equal(t, "another title", load(t, c, file("R")).Entities["posts"], seed.Count{Updated: 1})
	left(t, "again", load(t, c, file("R")))
	left(t, "by its address alone", load(t, c, folder(t, map[string]string{"users.yaml": "- { email: Ann@Example.org }\n"})))
	// What somebody changed since is as the file says again.
	c.Post.Update().SetTitle("S").ExecX(ctx)
	equal(t, "changed since", load(t, c, file("R")).Entities["posts"], seed.Count{Updated: 1})
	left(t, "again", load(t, c, file("R")))
	// A name that another record has now means nothing.
	c.User.Update().SetUsername("bob").SetEmail("bob@example.org").ExecX(ctx)
	equal(t, "renamed since", load(t, c, folder(t, map[string]string{"users.yaml": "- { username: ann, email: Ann@Example.org }\n"})).Entities["users"], seed.Count{Created: 1})
}

// A record that was there before is found by its key as hooks would write it.
func TestHooksMayChangeAKeyThatIsThere(t *testing.T) {
	t.Parallel()
	c, ctx := turning(open(t)), t.Context()
	ann := c.User.Create().SetUsername("ann").SetEmail("ann@example.org").SaveX(ctx)
	dir := folder(t, map[string]string{
		"users.yaml": "- { username: cem, email: Cem@Example.org }\n- { email: Ann@Example.org, username: anna, followers: [{ username: cem }] }\n- { username: bob, email: bob@example.org }\n",
	})
	equal(t, "users", load(t, c, dir).Entities["users"], seed.Count{Created: 2, Updated: 1})
	equal(t, "her name", c.User.GetX(ctx, ann.ID).Username, "anna")
	equal(t, "her followers", ann.QueryFollowers().CountX(ctx), 1)
	left(t, "again", load(t, c, dir))
	_, err := try(ctx, c, seed.Options{}, folder(t, map[string]string{
		"users.yaml": "- { username: dan, email: Dan@example.org }\n- { username: eve, email: daN@example.org }\n",
	}))
	if err == nil || !strings.Contains(err.Error(), "has this email already") {
		t.Errorf("two records with what becomes one key: %v", err)
	}
}

// What a dump wrote loads as it was, whatever hooks would make of it.
func TestDumpIsLoadedPastHooks(t *testing.T) {
	t.Parallel()
	from, to := turning(open(t)), turning(open(t))
	original := folder(t, map[string]string{"users.yaml": strings.ReplaceAll(authored, "ann@example.org", "Ann@Example.org")})
	load(t, from, original)
	first, second := filepath.Join(t.TempDir(), "d"), filepath.Join(t.TempDir(), "d")
	dump(t, from, first)
	left(t, "into its own", load(t, from, first))
	load(t, to, first)
	dump(t, to, second)
	same(t, "the second dump", filesIn(t, second), filesIn(t, first))
	equal(t, "users", to.User.Query().Where(user.Email("ann@example.org")).CountX(t.Context()), 1)
	for table, n := range load(t, to, original).Entities {
		if n.Created > 0 {
			t.Errorf("%s: the original files make %+v", table, n)
		}
	}
}
