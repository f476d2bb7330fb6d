package seed_test

import (
	"errors"
	"strings"
	"testing"

	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/fixture/blog/ent/comment"
	"coppice/core/seed"
)

// made loads made-up records.
func made(t testing.TB, c *ent.Client, order string, random uint64) *seed.Summary {
	t.Helper()
	f, err := seed.ParseFake(ent.Coppice(), order, random)
	if err != nil {
		t.Fatal(err)
	}
	set, err := f.Read(t.Context(), ent.Coppice().Of(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := set.Load(t.Context(), ent.Coppice().Of(c), seed.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFake(t *testing.T) {
	t.Parallel()
	c := open(t)
	const order = "comments=400, posts=300,users=60,tags=20,profiles=60"
	s := made(t, c, order, 42)
	for table, want := range map[string]int{"users": 60, "posts": 300, "tags": 20, "comments": 400, "profiles": 60} {
		if got := s.Entities[table].Created; got != want {
			t.Errorf("%s: %d records are created, not %d", table, got, want)
		}
	}
	for table, n := range made(t, c, order, 42).Entities {
		if n.Created+n.Updated > 0 {
			t.Errorf("%s: the same order again changes %+v", table, n)
		}
	}
	for what, query := range map[string]string{
		"a comment that replies to itself or to a later one": "SELECT COUNT(*) FROM comments WHERE comment_replies >= id",
		"somebody who follows themselves":                    "SELECT COUNT(*) FROM user_following WHERE user_id = follower_id",
		"a post updated before it was made":                  "SELECT COUNT(*) FROM posts WHERE updated_at < created_at",
	} {
		if n := number(t, c, query); n != 0 {
			t.Errorf("%d times %s", n, what)
		}
	}
	for what, query := range map[string]string{
		"replies":                  "SELECT COUNT(comment_replies) FROM comments",
		"comments on their own":    "SELECT COUNT(*) FROM comments WHERE comment_replies IS NULL",
		"posts without a rating":   "SELECT COUNT(*) FROM posts WHERE rating IS NULL",
		"posts with a tag":         "SELECT COUNT(DISTINCT post_id) FROM post_tags",
		"posts without a tag":      "SELECT COUNT(*) FROM posts WHERE id NOT IN (SELECT post_id FROM post_tags)",
		"people who follow people": "SELECT COUNT(*) FROM user_following",
	} {
		if number(t, c, query) == 0 {
			t.Errorf("there are no %s", what)
		}
	}
	// A few have most.
	if n := number(t, c, "SELECT COUNT(*) FROM posts GROUP BY user_posts ORDER BY 1 DESC LIMIT 1"); n < 20 {
		t.Errorf("nobody has more than %d of 300 posts", n)
	}
	if n := number(t, c, "SELECT COUNT(DISTINCT user_posts) FROM posts"); n < 30 {
		t.Errorf("only %d of 60 users have posts", n)
	}
}

func number(t testing.TB, c *ent.Client, query string) (n int) {
	t.Helper()
	rows, err := c.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestFakeOthersThanBefore(t *testing.T) {
	t.Parallel()
	a, b := open(t), open(t)
	made(t, a, "users=20,posts=20", 1)
	made(t, b, "users=20,posts=20", 2)
	if content(t, a) == content(t, b) {
		t.Error("another number gives the same posts")
	}
}

// More of them are the same and some more.
func TestFakeMore(t *testing.T) {
	t.Parallel()
	c := open(t)
	made(t, c, "users=20,posts=20,tags=5,comments=40,profiles=10", 1)
	for _, more := range []struct {
		order, table string
		want         seed.Count
	}{
		{"users=20,posts=20,tags=5,comments=400,profiles=10", "comments", seed.Count{Created: 360, Unchanged: 40}},
		{"users=20,posts=20,tags=5,comments=400,profiles=20", "profiles", seed.Count{Created: 10, Unchanged: 10}},
		{"users=20,posts=300,tags=5", "posts", seed.Count{Created: 280, Unchanged: 20}},
	} {
		for table, n := range made(t, c, more.order, 1).Entities {
			if n.Updated > 0 || table == more.table && n != more.want {
				t.Errorf("%s: %s are %+v", more.order, table, n)
			}
		}
	}
}

func TestFakeWithWhatThereIs(t *testing.T) {
	t.Parallel()
	c := open(t)
	f, err := seed.ParseFake(ent.Coppice(), "posts=30", 42)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Read(t.Context(), ent.Coppice().Of(c), nil)
	if want := "wrong --fake: each Post needs a User, and there are none; add some to the order, as in users=10"; err == nil || err.Error() != want || !errors.Is(err, seed.ErrFake) {
		t.Errorf("got %v", err)
	}
	load(t, c, folder(t, map[string]string{"users.yaml": "- { username: ann, email: ann@example.org }"}))
	made(t, c, "posts=30", 42)
	if n := number(t, c, "SELECT COUNT(*) FROM posts p JOIN users u ON u.id = p.user_posts WHERE u.username = 'ann'"); n != 30 {
		t.Errorf("%d posts are ann's", n)
	}
	if n := made(t, c, "posts=30", 42).Entities["posts"]; n.Unchanged != 30 {
		t.Errorf("the same order again: %+v", n)
	}
}

func TestFakeOrders(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ order, want string }{
		"nothing":          {"", `"" is no table and number; give them as in users=1000,posts=20000`},
		"no number":        {"users", `"users" is no table and number; give them as in users=1000,posts=20000`},
		"an unknown table": {"user=1", "there is no table user; there are comments, posts, profiles, tags, users"},
		"twice":            {"users=1,users=2", "users stands twice"},
		"a word":           {"users=many", "users=many; give a number of records from 1 to 1000000000"},
		"none":             {"users=0", "users=0; give a number of records from 1 to 1000000000"},
		"less than none":   {"users=-1", "users=-1; give a number of records from 1 to 1000000000"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := seed.ParseFake(ent.Coppice(), test.order, 42)
			if err == nil || err.Error() != "wrong --fake: "+test.want || !errors.Is(err, seed.ErrFake) {
				t.Errorf("got %v", err)
			}
		})
	}
	f, err := seed.ParseFake(ent.Coppice(), "profiles=9,users=4", 42)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Read(t.Context(), ent.Coppice().Of(open(t)), nil)
	if want := "each Profile needs a User of its own, and there are 4; order at most so many profiles, not 9, or more users"; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v", err)
	}
}

// A person can put made-up records beside their own.
func TestFakeBesideFiles(t *testing.T) {
	t.Parallel()
	c := open(t)
	load(t, c)
	before := c.Comment.Query().CountX(t.Context())
	made(t, c, "users=10,posts=10,comments=10", 7)
	if n := c.Comment.Query().Where(comment.HasPost()).CountX(t.Context()); n != before+10 {
		t.Errorf("there are %d comments", n)
	}
}
