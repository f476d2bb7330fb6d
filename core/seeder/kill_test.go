package seeder

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/core/engine"
	"coppice/core/internal/enginetest"
	"coppice/core/internal/fixture/blog"
)

// kills is how many seeders are killed.
func kills() int {
	if os.Getenv("COPPICE_SCALE") != "" {
		return 50
	}
	if testing.Short() {
		return 2
	}
	return 5
}

// crowd writes files of more records than one transaction takes, with
// references forward, circles, and contents that repeat.
func crowd(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	create := func(name string, n int, line func(i int) string) {
		var b strings.Builder
		for i := range n {
			b.WriteString(line(i) + "\n")
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	create("users.jsonl", 1000, func(i int) string {
		return fmt.Sprintf(`{"username":"user_%d","email":"user_%d@example.org","following":[{"username":"user_%d"}]}`, i, i, (i*7+1)%1000)
	})
	create("tags.jsonl", 50, func(i int) string { return fmt.Sprintf(`{"name":"tag-%d"}`, i) })
	create("posts.jsonl", 4000, func(i int) string {
		return fmt.Sprintf(`{"slug":"post-%d","title":"Post %d","body":"b","createdAt":"2026-01-02T03:04:05Z","author":{"username":"user_%d"},"tags":[{"name":"tag-%d"},{"name":"tag-%d"}]}`,
			i, i, i%1000, i%50, (i+1)%50)
	})
	create("comments.jsonl", 6000, func(i int) string {
		if i%3 > 0 {
			return fmt.Sprintf(`{"body":"remark","author":{"username":"user_%d"},"post":{"slug":"post-%d"}}`, i%10, i%100)
		}
		return fmt.Sprintf(`{"$key":"c%d","body":"remark %d","author":{"username":"user_%d"},"post":{"slug":"post-%d"},"parent":{"$key":"c%d"}}`,
			i, i, i%1000, i%4000, (i+3)%6000)
	})
	return dir
}

// holds is what a database holds, without ids; it must be sound.
func holds(t *testing.T, url string) string {
	t.Helper()
	c, err := blog.Open(t.Context(), engine.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	const who = "(SELECT username FROM users WHERE id = "
	var b strings.Builder
	queries := []string{
		"SELECT username || email FROM users ORDER BY 1",
		"SELECT name FROM tags ORDER BY 1",
		"SELECT slug || title || " + who + "user_posts) FROM posts ORDER BY 1",
		"SELECT body || " + who + "user_comments) || (SELECT slug FROM posts WHERE id = post_comments) || COALESCE((SELECT p.body FROM comments p WHERE p.id = c.comment_replies), '') FROM comments c ORDER BY 1",
		"SELECT " + who + "user_id) || ' ' || " + who + "follower_id) FROM user_following ORDER BY 1",
		"SELECT (SELECT slug FROM posts WHERE id = post_id) || (SELECT name FROM tags WHERE id = tag_id) FROM post_tags ORDER BY 1",
		"SELECT COUNT(*) FROM coppice_seed_lease",
	}
	if !enginetest.OnPostgres() {
		queries = append(queries, "SELECT * FROM pragma_integrity_check", "SELECT COUNT(*) FROM pragma_foreign_key_check")
	}
	for _, query := range queries {
		rows, err := c.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			b.WriteString(line + "\n")
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// A seeder that is killed at any moment leaves a sound database, and the same
// call then brings it to hold what it would hold without that.
func TestKilled(t *testing.T) {
	t.Parallel()
	dir := crowd(t)
	whole := newURL(t)
	if got := try(t, nil, "--db", whole, "--quiet", dir); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	want := holds(t, whole)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range kills() {
		lines, bytes := random.IntN(45), random.IntN(30)
		t.Run(fmt.Sprintf("%d after %d lines", i, lines), func(t *testing.T) {
			t.Parallel()
			url := newURL(t)
			if i%2 == 0 { // beside a server, it writes in many transactions
				server, err := blog.Open(t.Context(), engine.Config{URL: url})
				if err != nil {
					t.Fatal(err)
				}
				defer server.Close()
			}
			c := command(t, "--db", url, "--set", "crowd", dir)
			stderr, err := c.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			told := bufio.NewReader(stderr)
			for range lines {
				if _, err := told.ReadString('\n'); err != nil {
					break
				}
			}
			_, _ = io.CopyN(io.Discard, told, int64(bytes)) // a little later
			if err := c.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = c.Wait() // it was killed
			if got := try(t, nil, "--db", url, "--quiet", "--set", "crowd", dir); got.code != 0 {
				t.Fatalf("%+v", got)
			}
			if got := holds(t, url); got != want {
				t.Errorf("it holds %d bytes, not %d:\n%s", len(got), len(want), difference(got, want))
			}
			if got := try(t, nil, "--db", url, "--quiet", "--json", "--set", "crowd", dir); strings.Contains(strings.NewReplacer(`"created":0`, "", `"updated":0`, "").Replace(got.stdout), "ated") {
				t.Errorf("a third run: %+v", got)
			}
			if i == 0 {
				if got := try(t, nil, "--db", url, "--json", "--undo", "crowd"); !strings.Contains(got.stdout, `"removed":6000`) || strings.Contains(got.stdout, "kept") {
					t.Errorf("%+v", got)
				}
			}
		})
	}
}

// difference is the first line in which two texts differ.
func difference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return g[i] + "\n" + w[i]
		}
	}
	return "one is longer"
}
