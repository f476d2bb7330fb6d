package sqlite

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"coppice/core/internal/fixture/blog/ent"
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
		db, err := dbOf(c)
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
	client, err := openBlog(context.Background(), Config{URL: url})
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
