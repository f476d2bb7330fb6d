package sqlite

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"coppice/core/internal/fixture/blog/ent"
)

// openFiles counts the descriptors of this process on a database's files.
func openFiles(t *testing.T, file string) int {
	t.Helper()
	links, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, l := range links {
		if name, err := os.Readlink("/proc/self/fd/" + l.Name()); err == nil && strings.HasPrefix(name, file) {
			n++
		}
	}
	return n
}

func TestNoConnectionLeaks(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	file := strings.TrimPrefix(url, "sqlite:")
	for range 5 {
		client := open(t, url)
		author := user(t, client, "u"+filepath.Base(t.TempDir()))
		h := handleOf(client)
		exercise(t, client, author.ID)
		if h.engine.running != 0 || len(h.engine.writer.slots) != 0 || len(h.engine.readers.slots) != 0 {
			t.Errorf("%d run, the writer is lent %d times, readers %d times", h.engine.running, len(h.engine.writer.slots), len(h.engine.readers.slots))
		}
		if n := openFiles(t, file); n == 0 {
			t.Error("no file is open, so none is counted")
		}
		shut(t, client)
		if n := openFiles(t, file); n != 0 {
			t.Errorf("%d descriptors are left", n)
		}
		if _, err := os.Stat(file + "-wal"); !os.IsNotExist(err) {
			t.Error("the log is left:", err)
		}
	}
}

// exercise runs and fails in every way there is.
func exercise(t *testing.T, client *ent.Client, id int) {
	t.Helper()
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			options := readOnly
			if i%2 == 0 {
				options = nil
			}
			tx, err := client.BeginTx(ctx, options)
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = tx.User.Get(ctx, id)
			_ = tx.User.Create().SetUsername("ada").SetEmail("x@example.org").Exec(ctx)
			rows, err := tx.QueryContext(ctx, "SELECT id FROM users")
			if err != nil {
				t.Error(err)
			}
			if i%3 == 0 {
				cancel()
			}
			_ = tx.Rollback()
			_ = rows.Close()
			_, _ = client.QueryContext(ctx, "SELEKT")
			_, _ = client.ExecContext(ctx, "INSERT INTO users (id) VALUES (1)")
			var out entRows
			if ent.Coppice().Driver(client).Query(ctx, "SELECT id FROM users UNION SELECT id FROM posts", []any{}, &out) == nil {
				out.Next()
				cancel()
				out.Next()
				_ = out.Close()
			}
		})
	}
	wg.Wait()
}
