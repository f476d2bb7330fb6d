package seed_test

import (
	"cmp"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/core/engine"
	"coppice/core/internal/enginetest"
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/fixture/blog/ent/comment"
	"coppice/core/internal/fixture/blog/ent/post"
	"coppice/core/internal/fixture/blog/ent/tag"
	"coppice/core/internal/fixture/blog/ent/user"
	"coppice/core/internal/statement"
	"coppice/core/seed"
)

func open(t testing.TB) *ent.Client {
	t.Helper()
	return openURL(t, enginetest.URL(t))
}

func openFile(t testing.TB, file string) *ent.Client {
	t.Helper()
	return openURL(t, "sqlite:"+file)
}

func openURL(t testing.TB, url string) *ent.Client {
	t.Helper()
	c, err := blog.Open(t.Context(), engine.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// folder writes files, by name, into a new folder.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// read reads files, or without any the data set of the blog.
func read(ctx context.Context, paths ...string) (*seed.Set, error) {
	if len(paths) == 0 {
		return seed.ReadEmbedded(ctx, ent.Coppice(), blog.Data(), nil)
	}
	return seed.Read(ctx, ent.Coppice(), nil, paths...)
}

func try(ctx context.Context, c *ent.Client, o seed.Options, paths ...string) (*seed.Summary, error) {
	s, err := read(ctx, paths...)
	if err != nil {
		return nil, err
	}
	o.Name = cmp.Or(o.Name, "test") // not the folder's, which is another each time
	return s.Load(ctx, ent.Coppice().Of(c), o)
}

func load(t testing.TB, c *ent.Client, paths ...string) *seed.Summary {
	t.Helper()
	s, err := try(t.Context(), c, seed.Options{}, paths...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// counts is a summary without its time.
func counts(t testing.TB, s *seed.Summary) string {
	t.Helper()
	b, err := json.Marshal(s.Entities)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}

// written lists the statements that a load wrote with.
func written(t testing.TB, c *ent.Client, paths ...string) []string {
	t.Helper()
	rec := &statement.Recorder{}
	if _, err := try(statement.NewContext(t.Context(), rec), c, seed.Options{}, paths...); err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, s := range rec.Statements() {
		switch verb, _, _ := strings.Cut(s.SQL, " "); verb {
		case "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH":
			list = append(list, s.SQL)
		}
	}
	return list
}

func TestEmbedded(t *testing.T) {
	t.Parallel()
	c, ctx := open(t), t.Context()
	first := load(t, c)
	for table, least := range map[string]int{"users": 8, "profiles": 8, "posts": 24, "tags": 12, "comments": 60} {
		if n := first.Entities[table]; n.Created < least || n.Updated+n.Unchanged > 0 {
			t.Errorf("%s: %+v, want at least %d created and nothing else", table, n, least)
		}
	}
	equal(t, "users", c.User.Query().CountX(ctx), first.Entities["users"].Created)
	equal(t, "comments", c.Comment.Query().CountX(ctx), first.Entities["comments"].Created)
	if n := c.Post.Query().Where(post.StatusEQ(post.StatusPUBLISHED)).CountX(ctx); n < 24 {
		t.Errorf("%d published posts, want 24 at least", n)
	}
	if n := c.Comment.Query().Where(comment.HasParent()).CountX(ctx); n == 0 {
		t.Error("no comment is a reply")
	}

	if list := written(t, c); len(list) > 0 {
		t.Errorf("the second run wrote: %s", strings.Join(list, "\n"))
	}
	second := load(t, c)
	for table, n := range first.Entities {
		equal(t, table+" of the second run", second.Entities[table], seed.Count{Unchanged: n.Created})
	}
}

func TestStatements(t *testing.T) {
	t.Parallel()
	c := open(t)
	count := func() int {
		rec := &statement.Recorder{}
		if _, err := try(statement.NewContext(t.Context(), rec), c, seed.Options{}); err != nil {
			t.Fatal(err)
		}
		return len(rec.Statements())
	}
	// 164 records. Who follows whom goes in circles, which costs three statements
	// a person.
	if n := count(); n > 80 {
		t.Errorf("the first run took %d statements", n)
	}
	if n := count(); n > 32 {
		t.Errorf("the second run took %d statements", n)
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	c, ctx := open(t), t.Context()
	dir := folder(t, map[string]string{
		// References forward, across files, and in circles.
		"comments.jsonl": `{"$key":"b","body":"reply","author":{"username":"bob"},"post":{"slug":"first"},"parent":{"$key":"a"}}
{"$key":"a","body":"remark","author":{"email":"ann@example.org"},"post":{"slug":"first"}}
`,
		"posts.yaml": "- { slug: first, title: First, body: '', author: { username: ann }, tags: [{ name: go }, { name: sql }] }\n",
		"tags.csv":   "name,posts.slug\ngo,first\nsql,\n",
		"deep/users.json": `[{"username":"ann","email":"ann@example.org","following":[{"username":"bob"}],"followers":[{"username":"bob"}]},
{"username":"bob","email":"bob@example.org","following":[{"username":"ann"},{"username":"bob"}]}]`,
		".hidden.yaml": "- not: read",
	})
	first := load(t, c, dir)
	equal(t, "first run", counts(t, first), `{"comments":{"created":2,"updated":0,"unchanged":0},"posts":{"created":1,"updated":0,"unchanged":0},`+
		`"tags":{"created":2,"updated":0,"unchanged":0},"users":{"created":2,"updated":0,"unchanged":0}}`)
	equal(t, "replies to a remark", c.Comment.Query().Where(comment.HasParentWith(comment.Body("remark"))).OnlyX(ctx).Body, "reply")
	equal(t, "tags of the post", c.Tag.Query().Where(tag.HasPosts()).CountX(ctx), 2)
	equal(t, "ann's followers", c.User.Query().Where(user.HasFollowingWith(user.Username("ann"))).OnlyX(ctx).Username, "bob")
	equal(t, "bob's followers", c.User.Query().Where(user.HasFollowingWith(user.Username("bob"))).CountX(ctx), 2)
	if list := written(t, c, dir); len(list) > 0 {
		t.Errorf("the second run wrote: %s", strings.Join(list, "\n"))
	}
	// A file again, and by itself: what it refers to is in the database.
	equal(t, "one file", counts(t, load(t, c, filepath.Join(dir, "comments.jsonl"))), `{"comments":{"created":0,"updated":0,"unchanged":2}}`)
}

// What the files say of a field that sets itself holds, whatever else of its
// record is written, and by whom.
func TestSelfSetting(t *testing.T) {
	t.Parallel()
	c, ctx := open(t), t.Context()
	files := map[string]string{
		"users.yaml": "- { username: ann, email: ann@example.org }\n- { username: bob, email: bob@example.org, posts: [{ slug: p }] }\n",
		"tags.yaml":  "- { name: go, posts: [{ slug: p }] }\n- { name: sql }\n",
		"posts.yaml": "- { slug: p, title: P, body: b, author: { username: bob }, tags: [{ name: go }], updatedAt: '2025-01-02T03:04:05Z' }\n",
	}
	steady := func(what string) {
		t.Helper()
		dir := folder(t, files)
		load(t, c, dir)
		equal(t, what, c.Post.Query().OnlyX(ctx).UpdatedAt.UTC().Format("2006-01-02"), "2025-01-02")
		if list := written(t, c, dir); len(list) > 0 {
			t.Errorf("%s: the second run wrote: %s", what, strings.Join(list, "\n"))
		}
	}
	steady("a new post in a circle")
	files["posts.yaml"] = strings.Replace(files["posts.yaml"], "{ name: go }", "{ name: go }, { name: sql }", 1)
	steady("one more tag")
	files["posts.yaml"] = strings.Replace(files["posts.yaml"], "title: P", "title: Q", 1)
	steady("another title")
	files["posts.yaml"] = strings.Replace(files["posts.yaml"], "author: { username: bob }, ", "", 1)
	files["users.yaml"] = "- { username: ann, email: ann@example.org, posts: [{ slug: p }] }\n"
	steady("another author, who says so")
}

func TestEdit(t *testing.T) {
	t.Parallel()
	const users = "- { username: ann, email: ann@example.org }\n- { username: bob, email: bob@example.org }\n"
	const tags = "- name: go\n- name: sql\n"
	const posts = "- { slug: p, title: P, body: b, rating: 4.5, author: { username: ann }, tags: [{ name: go }, { name: sql }] }\n"
	for name, edit := range map[string]struct{ from, to, want string }{
		"a value":         {"title: P", "title: Q", `"posts":{"created":0,"updated":1,"unchanged":0}`},
		"to null":         {"rating: 4.5", "rating: null", `"posts":{"created":0,"updated":1,"unchanged":0}`},
		"absent":          {"rating: 4.5, ", "", `"posts":{"created":0,"updated":0,"unchanged":1}`},
		"to-one":          {"username: ann }, tags", "username: bob }, tags", `"posts":{"created":0,"updated":1,"unchanged":0}`},
		"fewer":           {", { name: sql }", "", `"posts":{"created":0,"updated":1,"unchanged":0}`},
		"none":            {"[{ name: go }, { name: sql }]", "[]", `"posts":{"created":0,"updated":1,"unchanged":0}`},
		"another order":   {"[{ name: go }, { name: sql }]", "[{ name: sql }, { name: go }, { name: sql }]", `"posts":{"created":0,"updated":0,"unchanged":1}`},
		"one more":        {"[{ name: go }", "[{ connectOrCreate: { name: new } }, { name: go }", `"posts":{"created":0,"updated":1,"unchanged":0},"tags":{"created":1,"updated":0,"unchanged":2}`},
		"renamed by mail": {"{ username: ann", "{ username: anna", `"users":{"created":0,"updated":1,"unchanged":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := open(t)
			load(t, c, folder(t, map[string]string{"users.yaml": users, "tags.yaml": tags, "posts.yaml": posts}))
			all := strings.NewReplacer(edit.from, edit.to)
			if strings.HasPrefix(name, "renamed") {
				all = strings.NewReplacer("username: ann", "username: anna")
			}
			edited := folder(t, map[string]string{"users.yaml": all.Replace(users), "tags.yaml": tags, "posts.yaml": all.Replace(posts)})
			s, err := try(t.Context(), c, seed.Options{}, edited)
			if err != nil {
				t.Fatal(err)
			}
			if got := counts(t, s); !strings.Contains(got, edit.want) {
				t.Errorf("got %s, want %s", got, edit.want)
			}
			if list := written(t, c, edited); len(list) > 0 {
				t.Errorf("the run after the edit wrote: %s", strings.Join(list, "\n"))
			}
		})
	}
}
