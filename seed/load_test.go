package seed_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"coppice/seed"
)

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
				s, err := seed.Read(b.Context(), nil, dir)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := s.Load(b.Context(), c, seed.Options{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "posts/s")
		})
	}
}
