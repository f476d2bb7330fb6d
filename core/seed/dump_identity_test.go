package seed_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/fixture/blog/ent/comment"
	"coppice/core/seed"
)

// left fails unless a load leaves everything as it is.
func left(t testing.TB, what string, s *seed.Summary) {
	t.Helper()
	for table, n := range s.Entities {
		if n.Created+n.Updated > 0 {
			t.Errorf("%s: %s: %+v", what, table, n)
		}
	}
}

// Whatever the records are known by, a dump of them loads as unchanged into its
// own database; into a new one it makes them all; and there neither it, nor the
// files that they once came from, nor what that one dumps, makes them again.
func TestDumpKeepsIdentity(t *testing.T) {
	t.Parallel()
	for seedOf := range uint64(6) {
		t.Run(fmt.Sprint(seedOf), func(t *testing.T) {
			t.Parallel()
			w := world{Rand: rand.New(rand.NewPCG(seedOf, 8)), users: 5, posts: 6, tags: 4, comments: 12}
			from, to := open(t), open(t)
			var sets []string
			for i := range 2 { // two sets, of which the second may say again what the first said
				w.Rand = rand.New(rand.NewPCG(seedOf/2+uint64(i)*seedOf%2, 8))
				files := w.files()
				for n, r := range files["comments"] {
					r["createdAt"] = fmt.Sprintf("2025-01-01T00:00:%02dZ", n)
					if w.chance(50) {
						delete(r, "$key")
					}
					delete(r, "parent") // it may name one that has no $key now
				}
				dir := w.write(t, files)
				sets = append(sets, dir)
				load(t, from, dir)
			}
			byHand(t, from, w)
			dir, again := filepath.Join(t.TempDir(), "d"), filepath.Join(t.TempDir(), "d")
			dump(t, from, dir)
			want := filesIn(t, dir)
			left(t, "into its own database", load(t, from, dir))
			dump(t, from, again)
			same(t, "dumped after that", filesIn(t, again), want)
			load(t, to, dir)
			dump(t, to, again)
			same(t, "dumped from a new database", filesIn(t, again), want)
			for _, d := range append(sets, dir, again) {
				for table, n := range load(t, to, d).Entities {
					if n.Created > 0 {
						t.Errorf("%s of %s are there twice: %+v", table, d, n)
					}
				}
			}
			load(t, from, again)
			equal(t, "comments", from.Comment.Query().CountX(t.Context()), to.Comment.Query().CountX(t.Context()))
		})
	}
}

// byHand changes and adds records as an API would.
func byHand(t testing.TB, c *ent.Client, w world) {
	t.Helper()
	ctx := t.Context()
	author, post := c.User.Query().FirstX(ctx), c.Post.Query().FirstX(ctx)
	for i, m := range c.Comment.Query().AllX(ctx) {
		if w.chance(30) {
			c.Comment.UpdateOne(m).SetBody(fmt.Sprint("changed ", i)).ExecX(ctx)
		}
	}
	for range 3 {
		c.Comment.Create().SetBody("the same").SetAuthor(author).SetPost(post).ExecX(ctx)
	}
}

// What a dump calls a record means no other: not the one with the same id of
// another database, of a copy that went its own way, or one that came later.
func TestDumpedNameIsOfOneDatabase(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	add := func(c *ent.Client, body string) {
		c.Comment.Create().SetBody(body).SetAuthor(c.User.Query().OnlyX(ctx)).SetPost(c.Post.Query().OnlyX(ctx)).ExecX(ctx)
	}
	ground := folder(t, map[string]string{"users.yaml": "- { username: ann, email: ann@example.org, createdAt: 2025-01-01T00:00:00Z, " +
		"posts: [{ create: { slug: p, title: P, body: b, createdAt: 2025-01-01T00:00:00Z, updatedAt: 2025-01-01T00:00:00Z } }] }\n"})
	file := filepath.Join(t.TempDir(), "one.db")
	one := openFile(t, file)
	load(t, one, ground)
	add(one, "first")
	dir := filepath.Join(t.TempDir(), "d")
	dump(t, one, dir)
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	fork := filepath.Join(t.TempDir(), "fork.db")
	if err := os.WriteFile(fork, b, 0o600); err != nil {
		t.Fatal(err)
	}
	one, copied, other := openFile(t, file), openFile(t, fork), open(t)
	add(one, "second")
	add(copied, "its own")
	load(t, other, ground)
	add(other, "another")
	dump(t, one, dir)
	left(t, "into its own", load(t, one, dir))
	equal(t, "of the copy", load(t, copied, dir).Entities["comments"], seed.Count{Created: 1, Unchanged: 1})
	equal(t, "of another", load(t, other, dir).Entities["comments"], seed.Count{Created: 2})
	equal(t, "the copy's own", copied.Comment.Query().Where(comment.Body("its own")).CountX(ctx), 1)
	equal(t, "another's own", other.Comment.Query().Where(comment.Body("another")).CountX(ctx), 1)
}

// A dump tells of a record what it was known by.
func TestDumpedAliases(t *testing.T) {
	t.Parallel()
	c, dir := open(t), filepath.Join(t.TempDir(), "d")
	load(t, c, folder(t, map[string]string{"users.yaml": ground, "comments.yaml": "- { body: one, author: { username: ann }, post: { slug: p } }"}))
	dump(t, c, dir)
	var line struct {
		Key     string   `json:"$key"`
		Aliases []string `json:"$aliases"`
	}
	if err := json.Unmarshal([]byte(filesIn(t, dir)["comments.jsonl"]), &line); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(line.Key, "comments-000000001-") || len(line.Aliases) != 1 || !strings.HasPrefix(line.Aliases[0], "content ") {
		t.Errorf("%+v", line)
	}
	_, err := seed.Read(t.Context(), ent.Coppice(), nil, folder(t, map[string]string{"tags.yaml": "- { name: a, $aliases: [1] }"}))
	if err == nil || !strings.Contains(err.Error(), "tags.yaml:1: Tag.$aliases: $aliases is a list of texts, as a dump writes it.") {
		t.Error(err)
	}
}
