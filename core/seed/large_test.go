package seed

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/core/engine"
	"coppice/core/internal/enginetest"
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/statement"
	"coppice/core/seed/internal/store"
)

func openNew(t *testing.T) *ent.Client {
	t.Helper()
	return openAt(t, enginetest.URL(t))
}

func openAt(t *testing.T, url string) *ent.Client {
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

// content is what is in the database, without ids and times that set
// themselves.
func content(t *testing.T, c *ent.Client) string {
	t.Helper()
	const who = "(SELECT username FROM users u WHERE u.id = "
	var b strings.Builder
	for _, query := range []string{
		"SELECT 'user ' || username || email || COALESCE('+' || name, '-') || role FROM users ORDER BY 1",
		"SELECT 'tag ' || name FROM tags ORDER BY 1",
		"SELECT 'profile ' || " + who + "user_profile) || COALESCE('+' || bio, '-') || COALESCE('+' || CAST(links AS TEXT), '-') FROM profiles ORDER BY 1",
		"SELECT 'post ' || slug || title || status || " + who + "user_posts) || COALESCE('+' || CAST(rating AS TEXT), '-') FROM posts ORDER BY 1",
		"SELECT 'follow ' || " + who + "user_id) || ' ' || " + who + "follower_id) FROM user_following ORDER BY 1",
		"SELECT 'filed ' || (SELECT slug FROM posts WHERE id = post_id) || ' ' || (SELECT name FROM tags WHERE id = tag_id) FROM post_tags ORDER BY 1",
		"SELECT 'comment ' || body || " + who + "user_comments) || (SELECT slug FROM posts WHERE id = post_comments) ||" +
			" COALESCE('+' || (SELECT body FROM comments p WHERE p.id = c.comment_replies), '-') FROM comments c ORDER BY 1",
	} {
		var line string
		err := store.Rows(t.Context(), ent.Coppice().Of(c), query, []any{}, func() error {
			b.WriteString(line + "\n")
			return nil
		}, &line)
		if err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// loadIn loads what is at the paths, with so many records in a transaction.
func loadIn(ctx context.Context, c *ent.Client, most int, o Options, paths ...string) (*Summary, error) {
	all := newSource(ent.Coppice())
	all.most = most
	if all.Find(paths); len(paths) == 0 {
		all.Walk(blog.Data(), ".", "seed/data")
	}
	s, err := all.read(ctx, "test", nil)
	if err != nil {
		return nil, err
	}
	return s.Load(ctx, ent.Coppice().Of(c), o)
}

func mustLoadIn(t *testing.T, c *ent.Client, most int, paths ...string) *Summary {
	t.Helper()
	s, err := loadIn(t.Context(), c, most, Options{}, paths...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A set gets the database to hold the same whether it is written at once or in
// parts, and is unchanged then to both.
func TestParts(t *testing.T) {
	t.Parallel()
	circle := write(t, map[string]string{
		// Everything refers forward, and in circles.
		"comments.jsonl": `{"body":"re","author":{"username":"bob"},"post":{"slug":"first"},"parent":{"$key":"a"}}
{"body":"same","author":{"username":"bob"},"post":{"slug":"first"},"parent":{"$key":"a"}}
{"body":"same","author":{"username":"bob"},"post":{"slug":"first"},"parent":{"$key":"a"}}
{"$key":"a","body":"remark","author":{"username":"ann"},"post":{"slug":"second"},"replies":[{"$key":"b"}]}
{"$key":"b","body":"b","author":{"username":"cid"},"post":{"slug":"first"},"parent":{"$key":"a"}}
`,
		"posts.yaml": "- { slug: first, title: First, body: '', author: { email: ann@example.org }, tags: [{ name: go }, { connectOrCreate: { name: sql } }] }\n" +
			"- { slug: second, title: Second, body: '', author: { username: bob }, tags: [{ name: sql }] }\n",
		"tags.csv":      "name,posts.slug\ngo,second\nsql,\n",
		"profiles.yaml": "- { bio: Ann's, user: { username: ann } }\n",
		"users.json": `[{"username":"ann","email":"ann@example.org","following":[{"username":"bob"},{"username":"cid"}],"followers":[{"username":"cid"}]},
{"username":"bob","email":"bob@example.org","following":[{"username":"ann"}]},
{"username":"cid","email":"cid@example.org","posts":[{"create":{"slug":"third","title":"T","body":"b"}}]}]`,
	})
	connects := write(t, map[string]string{
		"users.yaml": "- { username: ann, email: ann@example.org }\n",
		"posts.yaml": "- { slug: first, title: First, body: '', author: { username: ann }, tags: [{ connectOrCreate: { name: sql } }, { connectOrCreate: { name: go } }] }\n" +
			"- { slug: second, title: S, body: '', author: { connectOrCreate: { username: bob } }, tags: [{ connectOrCreate: { name: go } }] }\n",
		"tags.yaml":      "- { name: sql, posts: [{ slug: second }] }\n- name: go\n",
		"comments.jsonl": "",
		"profiles.csv":   "bio,user.username\nB,bob\n",
		"users.jsonl":    "{\"username\":\"bob\",\"email\":\"bob@example.org\"}\n",
	})
	for name, paths := range map[string][]string{"embedded": nil, "circle": {circle}, "connects": {connects}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole, parts := openNew(t), openNew(t)
			one, many := mustLoadIn(t, whole, 1000, paths...), mustLoadIn(t, parts, 1, paths...)
			if got, want := content(t, parts), content(t, whole); got != want {
				t.Errorf("in parts:\n%s\nat once:\n%s", got, want)
			}
			if got, want := fmt.Sprint(many.Entities), fmt.Sprint(one.Entities); got != want {
				t.Errorf("in parts %s, at once %s", got, want)
			}
			rec := &statement.Recorder{}
			if _, err := loadIn(statement.NewContext(t.Context(), rec), parts, 1, Options{}, paths...); err != nil {
				t.Fatal(err)
			}
			for _, s := range rec.Statements() {
				if verb, _, _ := strings.Cut(s.SQL, " "); verb == "INSERT" || verb == "UPDATE" || verb == "DELETE" {
					t.Errorf("a second run wrote: %s", s.SQL)
				}
			}
			for what, again := range map[string]*Summary{
				"parts again": mustLoadIn(t, parts, 1, paths...), "parts at once": mustLoadIn(t, parts, 1000, paths...), "whole in parts": mustLoadIn(t, whole, 1, paths...),
			} {
				for table, n := range again.Entities {
					if want := (Count{Unchanged: one.Entities[table].Created}); n != want {
						t.Errorf("%s: %s are %+v, want %+v", what, table, n, want)
					}
				}
			}
		})
	}
}

// Parts that are as they should be keep nobody from writing: only a look at the
// ledger and the first one take the right to write. What has changed among them is written all the same.
func TestUnchangedPartsKeepNobodyFromWriting(t *testing.T) {
	t.Parallel()
	c := openNew(t)
	var lines strings.Builder
	for i := range 40 {
		fmt.Fprintf(&lines, "{\"username\":\"user%d\",\"email\":\"user%d@example.org\"}\n", i, i)
	}
	text := lines.String()
	mustLoadIn(t, c, 2, write(t, map[string]string{"users.jsonl": text}))
	transactions := func(text string) (int, *Summary) { return transactionsOf(t, c, Options{}, text) }
	if n, s := transactions(text); n > 2 || s.Entities["users"].Unchanged != 40 {
		t.Errorf("%d transactions that may write, %+v", n, s.Entities)
	}
	edited := strings.Replace(text, "user21@example.org", "new@example.org", 1)
	if n, s := transactions(edited); n > 4 || s.Entities["users"] != (Count{Updated: 1, Unchanged: 39}) {
		t.Errorf("edited: %d transactions that may write, %+v", n, s.Entities)
	}
}

// transactionsOf loads users in parts of two, and counts the transactions that may write.
func transactionsOf(t *testing.T, c *ent.Client, o Options, text string) (n int, s *Summary) {
	t.Helper()
	rec := &statement.Recorder{}
	s, err := loadIn(statement.NewContext(t.Context(), rec), c, 2, o, write(t, map[string]string{"users.jsonl": text}))
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range rec.Statements() {
		if st.SQL == "BEGIN IMMEDIATE" || strings.HasPrefix(st.SQL, "BEGIN ISOLATION LEVEL SERIALIZABLE") {
			n++
		}
	}
	return n, s
}

// A load that has the database to itself writes many parts in a transaction, so
// that the pages of indexes which they all change go to the log once. Each is told
// of as it is written.
func TestALoneLoadWritesManyPartsInATransaction(t *testing.T) {
	t.Parallel()
	c := openNew(t)
	var lines strings.Builder
	for i := range 400 {
		fmt.Fprintf(&lines, "{\"username\":\"user%d\",\"email\":\"user%d@example.org\"}\n", i, i)
	}
	var steps []int
	o := Options{Progress: func(p Progress) {
		if p.Step == Loading && !p.Done {
			steps = append(steps, p.Records)
		}
	}}
	n, s := transactionsOf(t, c, o, lines.String())
	if n > 12 || s.Entities["users"] != (Count{Created: 400}) {
		t.Errorf("200 parts take %d transactions, %+v", n, s.Entities)
	}
	if len(steps) != 200 || steps[0] != 2 || steps[199] != 400 {
		t.Errorf("of 200 parts %d are told: %v", len(steps), steps)
	}
}
