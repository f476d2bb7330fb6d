package seed_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"coppice/core/engine"
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/seed"
)

func Example() {
	ctx := context.Background()
	client, err := blog.Open(ctx, engine.Config{URL: "sqlite::memory:"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	for range 2 {
		set, err := read(ctx)
		if err != nil {
			fmt.Println(err)
			return
		}
		summary, err := set.Load(ctx, ent.Coppice().Of(client), seed.Options{})
		if err != nil {
			fmt.Println(err)
			return
		}
		tags := summary.Entities["tags"]
		fmt.Println(tags.Created > 0, tags.Unchanged > 0)
	}
	// Output:
	// true false
	// false true
}

func TestRead(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"users.csv": "username,email\nann,ann@example.org\nbob,bob@example.org\n", "tags.yaml": ""})
	var heard []seed.Progress
	users := filepath.Join(dir, "users.csv")
	set, err := seed.Read(t.Context(), ent.Coppice(), func(p seed.Progress) { heard = append(heard, p) }, dir, users, dir+"/./users.csv")
	if err != nil {
		t.Fatal(err)
	}
	want := []seed.Progress{{File: filepath.Join(dir, "tags.yaml"), Part: 1, Done: true}, {File: users, Records: 2, Part: 1, Done: true}}
	if !slices.Equal(heard, want) {
		t.Errorf("got %v, want %v", heard, want)
	}
	c := open(t)
	if _, err := set.Load(t.Context(), ent.Coppice().Of(c), seed.Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := set.Load(t.Context(), ent.Coppice().Of(c), seed.Options{}); err == nil {
		t.Error("a set was loaded twice")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := seed.Read(ctx, ent.Coppice(), nil, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("reading in a context that is over: %v", err)
	}
}

// Whatever ends a load, a panic of a hook included, leaves nothing behind: no
// record, and no lock.
func TestRollback(t *testing.T) {
	t.Parallel()
	failure := errors.New("the hook refuses")
	for name, hook := range map[string]func(cancel func()) (ent.Value, error){
		"an error": func(func()) (ent.Value, error) { return nil, failure },
		"a panic":  func(func()) (ent.Value, error) { panic(failure) },
		"the end of the context": func(cancel func()) (ent.Value, error) {
			cancel()
			return nil, context.Canceled
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := open(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			armed := true
			c.Profile.Use(func(next ent.Mutator) ent.Mutator {
				return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
					if armed {
						return hook(cancel)
					}
					return next.Mutate(ctx, m)
				})
			})
			func() {
				defer func() { _ = recover() }()
				if _, err := try(ctx, c, seed.Options{}); err == nil {
					t.Error("no error")
				}
			}()
			equal(t, "users", c.User.Query().CountX(t.Context()), 0)
			armed = false
			load(t, c)
		})
	}
}

func TestPrint(t *testing.T) {
	t.Parallel()
	s := &seed.Summary{Entities: map[string]seed.Count{"users": {Created: 3, Unchanged: 9}, "invoice_lines": {Updated: 12345}}, Took: 41e6}
	var b strings.Builder
	if err := s.Print(&b); err != nil {
		t.Fatal(err)
	}
	equal(t, "table", b.String(), `                created   updated unchanged
invoice_lines         0     12345         0
users                 3         0         9
in 41 ms              3     12345         9
`)
	j, err := s.MarshalJSON()
	equal(t, "error", err, nil)
	equal(t, "JSON", string(j), `{"entities":{"invoice_lines":{"created":0,"updated":12345,"unchanged":0},"users":{"created":3,"updated":0,"unchanged":9}},"ms":41}`)
}

// posts writes a folder with 100 users and n posts of theirs.
func manyPosts(tb testing.TB, n int) string {
	tb.Helper()
	dir := tb.TempDir()
	create := func(name string, lines int, line func(i int) string) {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			tb.Fatal(err)
		}
		w := bufio.NewWriter(f)
		for i := range lines {
			fmt.Fprintln(w, line(i))
		}
		if err := w.Flush(); err != nil {
			tb.Fatal(err)
		}
		if err := f.Close(); err != nil {
			tb.Fatal(err)
		}
	}
	create("users.jsonl", 100, func(i int) string {
		return fmt.Sprintf(`{"username":"user_%d","email":"user_%d@example.org"}`, i, i)
	})
	create("posts.jsonl", n, func(i int) string {
		return fmt.Sprintf(`{"slug":"post-%d","title":"Post %d","body":"The body of post %d, which says little.","status":"PUBLISHED","publishedAt":"2026-01-02T03:04:05Z","viewCount":%d,"rating":3.5,"author":{"username":"user_%d"}}`, i, i, i, i, i%100)
	})
	return dir
}

func BenchmarkLoad(b *testing.B) {
	const n = 20_000
	dir := manyPosts(b, n)
	for _, second := range []bool{false, true} {
		b.Run(map[bool]string{false: "new", true: "unchanged"}[second], func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				c := open(b)
				if second {
					load(b, c, dir)
				}
				b.StartTimer()
				s, err := seed.Read(b.Context(), ent.Coppice(), nil, dir)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := s.Load(b.Context(), ent.Coppice().Of(c), seed.Options{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "posts/s")
		})
	}
}
