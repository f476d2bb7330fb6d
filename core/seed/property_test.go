package seed_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/seed"
)

// world makes up files whose relations are given now from the one side, now
// from the other, now from both, forward and in circles.
type world struct {
	*rand.Rand
	users, posts, tags, comments int
}

func (w world) chance(percent int) bool { return w.IntN(100) < percent }

func ref(key, value string) map[string]any { return map[string]any{key: value} }

func (w world) some(n int, of func(i int) any) []any {
	list := []any{}
	for i := range n {
		if w.chance(30) {
			list = append(list, of(i))
		}
	}
	w.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

func (w world) files() map[string][]map[string]any {
	users, posts, tags, comments := w.users, w.posts, w.tags, w.comments
	user := func(i int) any {
		if w.chance(50) {
			return ref("email", fmt.Sprintf("user%d@example.org", i))
		}
		return ref("username", fmt.Sprintf("user%d", i))
	}
	post := func(i int) any { return ref("slug", fmt.Sprintf("post-%d", i)) }
	tag := func(i int) any {
		if name := fmt.Sprintf("tag-%d", i); w.chance(80) {
			return ref("name", name)
		} else {
			return map[string]any{"connectOrCreate": ref("name", name)}
		}
	}
	comment := func(i int) any { return ref("$key", fmt.Sprint(i)) }
	files := map[string][]map[string]any{}
	add := func(table string, r map[string]any) map[string]any {
		files[table] = append(files[table], r)
		return r
	}
	authors := make([]int, posts)
	for i := range posts {
		authors[i] = w.IntN(users)
		r := add("posts", map[string]any{"slug": fmt.Sprintf("post-%d", i), "title": "T", "body": "b", "author": user(authors[i]), "updatedAt": "2025-01-01T00:00:00Z"})
		if w.chance(60) {
			r["tags"] = w.some(tags, tag)
		}
	}
	for i := range users {
		r := add("users", map[string]any{"username": fmt.Sprintf("user%d", i), "email": fmt.Sprintf("user%d@example.org", i)})
		if w.chance(50) {
			r["following"] = w.some(users, user)
		}
		if w.chance(50) {
			r["followers"] = w.some(users, user)
		}
		if w.chance(30) {
			own := []any{}
			for p, author := range authors {
				if author == i && w.chance(60) {
					own = append(own, post(p))
				}
			}
			r["posts"] = own
		}
		switch w.IntN(3) {
		case 0:
			r["profile"] = map[string]any{"create": map[string]any{"bio": "b"}}
		case 1:
			add("profiles", map[string]any{"bio": "b", "user": user(i)})
		}
	}
	for i := range tags {
		r := add("tags", map[string]any{"name": fmt.Sprintf("tag-%d", i)})
		if w.chance(50) {
			r["posts"] = w.some(posts, post)
		}
	}
	for i := range comments {
		if posts == 0 {
			break
		}
		r := add("comments", map[string]any{"$key": fmt.Sprint(i), "body": "c", "author": user(w.IntN(users)), "post": post(w.IntN(posts))})
		if w.chance(50) {
			r["parent"] = comment(w.IntN(comments))
		}
		if w.chance(30) {
			r["replies"] = []any{map[string]any{"create": map[string]any{"body": fmt.Sprint("reply to ", i), "author": user(0), "post": post(0)}}}
		}
	}
	return files
}

// write gives the files in an order of their own.
func (w world) write(t *testing.T, files map[string][]map[string]any) string {
	t.Helper()
	text := map[string]string{}
	for table, records := range files {
		for _, r := range records {
			b, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			name := fmt.Sprintf("%d/%s.jsonl", w.IntN(3), table)
			text[name] += string(b) + "\n"
		}
	}
	return folder(t, text)
}

// noLedger is how engines say that nothing was loaded yet.
var noLedger = regexp.MustCompile(`no such table: coppice_seed_records|relation "coppice_seed_records" does not exist`)

// content is what the database holds, without its ids.
func content(t *testing.T, c *ent.Client) string {
	t.Helper()
	var lines []string
	for _, query := range []string{
		"SELECT 'follows', a.username, b.username FROM user_following f JOIN users a ON a.id = f.user_id JOIN users b ON b.id = f.follower_id",
		"SELECT 'tags', p.slug, t.name FROM post_tags f JOIN posts p ON p.id = f.post_id JOIN tags t ON t.id = f.tag_id",
		"SELECT 'posts', p.slug || CAST(p.updated_at AS TEXT), u.username FROM posts p JOIN users u ON u.id = p.user_posts",
		"SELECT 'profiles', p.bio, u.username FROM profiles p JOIN users u ON u.id = p.user_profile",
		"SELECT 'comments', l.name || c.body || p.slug || u.username, COALESCE(m.name, '') FROM comments c JOIN posts p ON p.id = c.post_comments " +
			"JOIN users u ON u.id = c.user_comments JOIN coppice_seed_records l ON l.record = CAST(c.id AS TEXT) AND l.entity = 'Comment' " +
			"LEFT JOIN coppice_seed_records m ON m.record = CAST(c.comment_replies AS TEXT) AND m.entity = 'Comment'",
	} {
		rows, err := c.QueryContext(t.Context(), query)
		if err != nil {
			if noLedger.MatchString(err.Error()) {
				continue
			}
			t.Fatal(err)
		}
		for rows.Next() {
			var kind, a, b string
			if err := rows.Scan(&kind, &a, &b); err != nil {
				t.Fatal(err)
			}
			lines = append(lines, kind+" "+a+" "+b)
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// Whatever the order of files and records, they load to the same content, and
// a second run, in another order still, leaves all of it alone.
func TestAnyOrder(t *testing.T) {
	t.Parallel()
	for n := range uint64(24) {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(n, 0))
			w := world{r, 1 + r.IntN(5), r.IntN(6), r.IntN(4), r.IntN(6)}
			files := w.files()
			a, b := open(t), open(t)
			shuffled := func() string {
				for _, list := range files {
					w.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
				}
				return w.write(t, files)
			}
			load(t, a, shuffled())
			load(t, b, shuffled())
			before := content(t, a)
			equal(t, "content in another order", content(t, b), before)
			for _, dir := range []string{shuffled(), shuffled()} {
				if list := written(t, a, dir); len(list) > 0 {
					t.Errorf("a second run wrote: %s", strings.Join(list, "\n"))
				}
			}
			equal(t, "content after a second run", content(t, a), before)
			if _, err := try(t.Context(), a, seed.Options{Reset: true}, shuffled()); err != nil {
				t.Fatal(err)
			}
			equal(t, "content after a reset", content(t, a), before)
			// Other relations between the same records.
			files = w.files()
			load(t, b, shuffled())
			if list := written(t, b, shuffled()); len(list) > 0 {
				t.Errorf("a second run after changes wrote: %s", strings.Join(list, "\n"))
			}
		})
	}
}
