package seed_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/statement"
	"coppice/core/seed"
)

func dump(t testing.TB, c *ent.Client, dir string) *seed.Dumped {
	t.Helper()
	d, err := seed.Dump(t.Context(), ent.Coppice().Of(c), dir, seed.DumpOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// filesIn is the content of a folder's files, by name.
func filesIn(t testing.TB, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(b)
	}
	return files
}

func same(t testing.TB, what string, got, want map[string]string) {
	t.Helper()
	names := slices.Sorted(maps.Keys(want))
	equal(t, what+": files", fmt.Sprint(slices.Sorted(maps.Keys(got))), fmt.Sprint(names))
	for _, name := range names {
		a, b := strings.Split(got[name], "\n"), strings.Split(want[name], "\n")
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				t.Errorf("%s: %s:%d\n got %s\nwant %s", what, name, i+1, a[i], b[i])
				break
			}
		}
		equal(t, what+": lines of "+name, len(a), len(b))
	}
}

// What is dumped loads into an empty database, to be dumped the same again.
func TestDump(t *testing.T) {
	t.Parallel()
	for name, fill := range map[string]func(*testing.T, *ent.Client){
		"the embedded set": func(t *testing.T, c *ent.Client) { load(t, c) },
		"made up": func(t *testing.T, c *ent.Client) {
			made(t, c, "users=40,profiles=30,tags=20,posts=120,comments=520", 42)
		},
		"by hand": func(t *testing.T, c *ent.Client) {
			ann := c.User.Create().SetUsername("ann").SetEmail("ann@example.org").SaveX(t.Context())
			bob := c.User.Create().SetUsername("bob").SetEmail("bob@example.org").AddFollowing(ann).AddFollowers(ann).SaveX(t.Context())
			c.User.UpdateOne(ann).AddFollowing(ann).ExecX(t.Context())
			c.Profile.Create().SetUser(bob).SetLinks([]string{"<a&b>", "\u2028é\n"}).ExecX(t.Context())
			c.Profile.Create().SetUser(ann).SetLinks([]string{}).ExecX(t.Context())
			p := c.Post.Create().SetSlug("p").SetTitle("\"T\"").SetBody("").SetAuthor(ann).SetRating(0.1).SaveX(t.Context())
			first := c.Comment.Create().SetBody("b").SetAuthor(bob).SetPost(p).SaveX(t.Context())
			c.Comment.Create().SetBody("b").SetAuthor(bob).SetPost(p).SetParent(first).ExecX(t.Context())
			load(t, c, folder(t, map[string]string{"comments.yaml": "- { $key: zero, body: z, author: { username: ann }, post: { slug: p }, replies: [{ id: 'Comment:1' }] }\n" +
				"- { $key: comments-000000001, body: y, author: { username: ann }, post: { slug: p } }"}))
		},
		"nothing": func(*testing.T, *ent.Client) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, second := filepath.Join(t.TempDir(), "dump"), filepath.Join(t.TempDir(), "a", "dump")
			from, to := open(t), open(t)
			fill(t, from)
			d := dump(t, from, first)
			want := filesIn(t, first)
			for table, n := range d.Records {
				equal(t, table, strings.Count(want[table+".jsonl"], "\n"), n)
			}
			if name != "nothing" {
				load(t, to, first)
			}
			dump(t, to, second)
			same(t, "the second dump", filesIn(t, second), want)
			if name == "nothing" {
				return
			}
			for table, n := range load(t, to, second).Entities {
				if n.Created+n.Updated > 0 {
					t.Errorf("%s: loading the dump again does %+v", table, n)
				}
			}
			dump(t, to, second)
			same(t, "a third dump, over the second", filesIn(t, second), want)
		})
	}
}

func TestDumpText(t *testing.T) {
	t.Parallel()
	c, dir := open(t), filepath.Join(t.TempDir(), "dump")
	load(t, c, folder(t, map[string]string{
		"users.yaml": "- { username: bob, email: bob@example.org, createdAt: 2026-01-02T03:04:05.678901+02:00, following: [{ username: cem }, { username: ann }] }\n" +
			"- { username: ann, email: ann@example.org, createdAt: 2026-01-02T03:04:05Z, role: ADMIN }\n- { username: cem, email: cem@example.org, createdAt: 2026-01-02T03:04:05Z }",
		"profiles.yaml": "- { user: { username: ann }, links: [] }",
		"posts.yaml":    "- { slug: p, title: T, body: B, author: { username: ann }, tags: [{ create: { name: b } }, { create: { name: a } }], createdAt: 2026-01-02T03:04:05Z, updatedAt: 2026-01-02T03:04:05Z }",
		"comments.yaml": "- { $key: z, body: one, author: { username: ann }, post: { slug: p }, createdAt: 2026-01-02T03:04:05Z, parent: { $key: a } }\n" +
			"- { $key: a, body: two, author: { username: bob }, post: { slug: p }, createdAt: 2026-01-02T03:04:05Z }",
	}))
	dump(t, c, dir)
	same(t, "the dump", filesIn(t, dir), map[string]string{
		"users.jsonl": `{"username":"ann","email":"ann@example.org","role":"ADMIN","createdAt":"2026-01-02T03:04:05Z"}
{"username":"bob","email":"bob@example.org","role":"READER","createdAt":"2026-01-02T01:04:05.678901Z","following":[{"username":"ann"},{"username":"cem"}]}
{"username":"cem","email":"cem@example.org","role":"READER","createdAt":"2026-01-02T03:04:05Z"}
`,
		"profiles.jsonl": `{"links":[],"user":{"username":"ann"}}
`,
		"tags.jsonl": `{"name":"a"}
{"name":"b"}
`,
		"posts.jsonl": `{"slug":"p","title":"T","body":"B","status":"DRAFT","viewCount":0,"createdAt":"2026-01-02T03:04:05Z","updatedAt":"2026-01-02T03:04:05Z","author":{"username":"ann"},"tags":[{"name":"a"},{"name":"b"}]}
`,
		"comments.jsonl": `{"$key":"a","body":"two","createdAt":"2026-01-02T03:04:05Z","author":{"username":"bob"},"post":{"slug":"p"}}
{"$key":"z","body":"one","createdAt":"2026-01-02T03:04:05Z","author":{"username":"ann"},"post":{"slug":"p"},"parent":{"$key":"a"}}
`,
	})
}

func TestDumpRefusesAForeignFolder(t *testing.T) {
	t.Parallel()
	c := open(t)
	load(t, c)
	for name, content := range map[string]string{"notes.txt": "", "users.yaml": "", "users.jsonl/x": "", "user.jsonl": "", ".git/HEAD": ""} {
		dir := folder(t, map[string]string{name: content})
		_, err := seed.Dump(t.Context(), ent.Coppice().Of(c), dir, seed.DumpOptions{})
		first, _, _ := strings.Cut(name, "/")
		want := "cannot dump to " + dir + ": a dump replaces the whole folder, and " + first + " is not of a dump; name another folder, or move it away"
		if err == nil || err.Error() != want || !errors.Is(err, seed.ErrDump) {
			t.Errorf("%s: got %v", name, err)
		}
		equal(t, name, len(filesOrFolders(t, dir)), 1)
	}
	file := filepath.Join(folder(t, map[string]string{"x": ""}), "x")
	if _, err := seed.Dump(t.Context(), ent.Coppice().Of(c), file, seed.DumpOptions{}); !errors.Is(err, seed.ErrDump) {
		t.Errorf("a file: %v", err)
	}
}

func filesOrFolders(t *testing.T, dir string) []os.DirEntry {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// A dump that fails leaves nothing, and the folder of the last one as it was.
func TestDumpThatFails(t *testing.T) {
	t.Parallel()
	c, parent := open(t), t.TempDir()
	dir := filepath.Join(parent, "dump")
	load(t, c)
	dump(t, c, dir)
	want := filesIn(t, dir)
	if _, err := c.ExecContext(t.Context(), "ALTER TABLE profiles RENAME COLUMN links TO elsewhere"); err != nil {
		t.Fatal(err)
	}
	if _, err := seed.Dump(t.Context(), ent.Coppice().Of(c), dir, seed.DumpOptions{}); err == nil {
		t.Error("it did not fail")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := seed.Dump(ctx, ent.Coppice().Of(c), dir, seed.DumpOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	same(t, "the folder", filesIn(t, dir), want)
	equal(t, "what is beside it", len(filesOrFolders(t, parent)), 1)
}

// A dump is of one moment.
func TestDumpWhileOthersWrite(t *testing.T) {
	t.Parallel()
	c, dir := open(t), filepath.Join(t.TempDir(), "dump")
	author := c.User.Create().SetUsername("ann").SetEmail("ann@example.org").SaveX(t.Context())
	first := c.Post.Create().SetSlug("p0").SetTitle("t").SetBody("b").SetAuthor(author).SaveX(t.Context())
	c.Comment.Create().SetBody("c").SetAuthor(author).SetPost(first).ExecX(t.Context())
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		for i := 1; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			tx, err := c.Tx(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			p := tx.Post.Create().SetSlug(fmt.Sprintf("p%d", i)).SetTitle("t").SetBody("b").SetAuthor(author).SaveX(t.Context())
			tx.Comment.Create().SetBody("c").SetAuthor(author).SetPost(p).ExecX(t.Context())
			if err := tx.Commit(); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range 8 {
		d := dump(t, c, dir)
		equal(t, "comments, one for each post", d.Records["comments"], d.Records["posts"])
	}
	close(stop)
	wg.Wait()
}

// No statement is for a record alone.
func TestDumpStatements(t *testing.T) {
	t.Parallel()
	c, dir := open(t), filepath.Join(t.TempDir(), "dump")
	made(t, c, "users=100,profiles=100,tags=30,posts=150,comments=150", 42)
	rec := &statement.Recorder{}
	if _, err := seed.Dump(statement.NewContext(t.Context(), rec), ent.Coppice().Of(c), dir, seed.DumpOptions{}); err != nil {
		t.Fatal(err)
	}
	if n := len(rec.Statements()); n > 25 {
		t.Errorf("it took %d statements", n)
	}
}

func TestDumpedPrint(t *testing.T) {
	t.Parallel()
	d := &seed.Dumped{Records: map[string]int{"users": 3, "posts": 12}, Notes: []string{"A note."}, Took: 41_000_000}
	var b strings.Builder
	if err := d.Print(&b); err != nil {
		t.Fatal(err)
	}
	equal(t, "table", b.String(), "            dumped\nposts           12\nusers            3\nin 41 ms        15\nA note.\n")
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "JSON", string(text), `{"entities":{"posts":{"dumped":12},"users":{"dumped":3}},"notes":["A note."],"ms":41}`)
}

func BenchmarkDump(b *testing.B) {
	c, dir := open(b), filepath.Join(b.TempDir(), "dump")
	made(b, c, "users=500,tags=50,posts=5000", 42)
	for b.Loop() {
		dump(b, c, dir)
	}
	b.ReportMetric(float64(5550*b.N)/b.Elapsed().Seconds(), "records/s")
}
