package database

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"coppice/ent"
)

// begun are ways to have something run, which finish ends.
var begun = map[string]func(t *testing.T, c *ent.Client) (finish func()){
	"a transaction": func(t *testing.T, c *ent.Client) func() {
		tx := tx(t, c)
		return func() {
			user(t, tx.Client(), "ada")
			if err := tx.Commit(); err != nil {
				t.Error(err)
			}
		}
	},
	"open rows": func(t *testing.T, c *ent.Client) func() {
		rows, err := c.QueryContext(context.Background(), "SELECT 1 UNION SELECT 2")
		if err != nil {
			t.Fatal(err)
		}
		return func() {
			n := 0
			for rows.Next() {
				n++
			}
			if n != 2 || rows.Err() != nil {
				t.Errorf("%d rows, %v", n, rows.Err())
			}
		}
	},
	"a transaction of the handle's": func(t *testing.T, c *ent.Client) func() {
		db, err := DB(c)
		if err != nil {
			t.Fatal(err)
		}
		tx, err := db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		return func() {
			if _, err := tx.Exec("INSERT INTO tags (name) VALUES ('last')"); err != nil {
				t.Error(err)
			}
			if err := tx.Commit(); err != nil {
				t.Error(err)
			}
		}
	},
}

func TestCloseWaitsForWhatRuns(t *testing.T) {
	t.Parallel()
	for name, begin := range begun {
		for _, url := range []string{fileURL(t), "sqlite::memory:"} {
			t.Run(name, func(t *testing.T) {
				// The bubble also fails when a goroutine is left over.
				synctest.Test(t, func(t *testing.T) { closeAmid(t, url, begin) })
			})
		}
	}
}

func closeAmid(t *testing.T, url string, begin func(*testing.T, *ent.Client) func()) {
	client, err := Open(context.Background(), Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	finish := begin(t, client)
	closed := false
	go func() {
		shut(t, client)
		closed = true
	}()
	synctest.Wait()
	if closed {
		t.Error("closed before the end")
	}
	err = client.Tag.Create().SetName("late").Exec(context.Background())
	if err == nil || !strings.Contains(err.Error(), "is closed") {
		t.Errorf("meanwhile: %v", err)
	}
	finish()
	synctest.Wait()
	if !closed {
		t.Error("not closed after the end")
	}
	shut(t, client)
}

func TestClosedClientSaysSo(t *testing.T) {
	t.Parallel()
	client := open(t)
	shut(t, client)
	shut(t, client)
	ctx := t.Context()
	_, query := client.Tag.Query().All(ctx)
	_, begin := client.Tx(ctx)
	_, snapshot := client.BeginTx(ctx, readOnly)
	_, raw := client.QueryContext(ctx, "SELECT 1")
	for name, err := range map[string]error{
		"a query": query, "a write": client.Tag.Create().SetName("x").Exec(ctx), "a transaction": begin, "a snapshot": snapshot, "raw SQL": raw,
	} {
		if err == nil || !strings.Contains(err.Error(), "is closed") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCloseWhileOthersWork(t *testing.T) {
	t.Parallel()
	client := open(t)
	author := user(t, client, "ada")
	var wg sync.WaitGroup
	started := make(chan struct{}, 100)
	for range 8 {
		wg.Go(func() {
			for {
				_, err := client.User.Get(context.Background(), author.ID)
				if err == nil {
					err = client.User.UpdateOneID(author.ID).SetName("Ada").Exec(context.Background())
				}
				if err != nil {
					if !strings.Contains(err.Error(), "is closed") {
						t.Error(err)
					}
					return
				}
				select {
				case started <- struct{}{}:
				default:
				}
			}
		})
	}
	for range cap(started) {
		<-started
	}
	shut(t, client)
	wg.Wait()
}

// openFiles counts the descriptors of this process on a database's files.
func openFiles(t *testing.T, file string) int {
	t.Helper()
	links, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(err)
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
