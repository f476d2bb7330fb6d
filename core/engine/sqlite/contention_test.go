package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"coppice/core/fault"
	"coppice/core/internal/statement"
)

// C1: deferred transactions that read and then write fail by the hundred.
func TestReadThenWriteNeverFailsAndLosesNothing(t *testing.T) {
	t.Parallel()
	const goroutines, rounds = 32, 40
	client := open(t)
	p := newPost(t, client, user(t, client, "ada"), "one")
	ctx := t.Context()
	increment := func() error {
		tx, err := client.Tx(ctx)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		now, err := tx.Post.Get(ctx, p.ID)
		if err != nil {
			return err
		}
		if err := tx.Post.UpdateOneID(p.ID).SetViewCount(now.ViewCount + 1).Exec(ctx); err != nil {
			return err
		}
		return tx.Commit()
	}
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for range rounds {
				if err := increment(); err != nil {
					t.Error(err)
				}
				if _, err := client.Post.Get(ctx, p.ID); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := client.Post.GetX(ctx, p.ID).ViewCount; got != goroutines*rounds {
		t.Errorf("%d increments are left of %d", got, goroutines*rounds)
	}
}

func TestWritersAreServedInTheOrderTheyCame(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"file": fileURL(t), "memory": "sqlite::memory:"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := context.Background()
				client := open(t, url)
				first, err := client.Tx(ctx)
				if err != nil {
					t.Fatal(err)
				}
				var want []string
				for i := range 20 {
					name := fmt.Sprint(i)
					want = append(want, name)
					go func() {
						// A statement of its own stands in the same line.
						if i%2 == 1 {
							client.Tag.Create().SetName(name).ExecX(ctx)
							return
						}
						tx, err := client.Tx(ctx)
						if err != nil {
							t.Error(err)
							return
						}
						tx.Tag.Create().SetName(name).ExecX(ctx)
						if err := tx.Commit(); err != nil {
							t.Error(err)
						}
					}()
					synctest.Wait() // it stands in line
				}
				if err := first.Rollback(); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				if got := all[string](t, client, "SELECT name FROM tags ORDER BY id"); !slices.Equal(got, want) {
					t.Errorf("writers were served in the order %v", got)
				}
			})
		})
	}
}

func TestLockBoundNamesTheHolderInThisProcess(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		client, err := openBlog(ctx, Config{URL: url, LockWait: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		defer shut(t, client)
		author := user(t, client, "ada")
		hold := func(ctx context.Context, work bool) string {
			tx, err := client.Tx(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback()
			if work {
				if err := tx.User.UpdateOneID(author.ID).SetName("Ada").Exec(ctx); err != nil {
					t.Fatal(err)
				}
			}
			_, err = client.Tag.Create().SetName("go").Save(ctx)
			var locked *fault.Locked
			if !errors.As(err, &locked) {
				t.Fatalf("the wait ended with %v", err)
			}
			if locked.Waited != time.Minute {
				t.Errorf("waited %s, not for the bound", locked.Waited)
			}
			return locked.Holder
		}
		for want, got := range map[string]string{
			"this process (write, 1m0s old)":           hold(ctx, false),
			"this process (update of users, 1m0s old)": hold(ctx, true),
			"this process (createPost, 1m0s old)":      hold(statement.At(ctx, []any{"createPost", 0}), true),
		} {
			if got != want {
				t.Errorf("the holder is %q, not %q", got, want)
			}
		}
	})
}

func TestLockBoundNamesTheHolderInAnotherProcess(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	client, err := openBlog(t.Context(), Config{URL: url, LockWait: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, client)
	c := start(t, "hold", url)
	c.line()
	check := func(way string, err error) {
		t.Helper()
		var locked *fault.Locked
		if !errors.As(err, &locked) {
			t.Fatalf("%s ended with %v", way, err)
		}
		comm, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", c.cmd.Process.Pid))
		want := fmt.Sprintf("process %d (%s)", c.cmd.Process.Pid, strings.TrimSpace(string(comm)))
		if runtime.GOOS == "linux" && locked.Holder != want {
			t.Errorf("%s: the holder is %q, not %q", way, locked.Holder, want)
		}
	}
	_, err = client.Tx(t.Context())
	check("a transaction", err)
	_, err = client.ExecContext(t.Context(), "DELETE FROM tags")
	check("a statement", err)
	if _, err := client.Tag.Query().All(t.Context()); err != nil {
		t.Error("a reader was kept waiting:", err)
	}
	c.end()
	if err := client.Tag.Create().SetName("go").Exec(t.Context()); err != nil {
		t.Error("after the holder let go:", err)
	}
}

func TestWaitInLineCountsTowardsTheBound(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	client, err := openBlog(t.Context(), Config{URL: url, LockWait: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, client)
	c := start(t, "hold", url)
	c.line()
	began := time.Now()
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			_, err := client.Tx(context.Background())
			var locked *fault.Locked
			if !errors.As(err, &locked) || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the wait ended with %v", err)
			} else if runtime.GOOS == "linux" && !strings.Contains(locked.Holder, fmt.Sprint(c.cmd.Process.Pid)) {
				t.Errorf("the holder is %q", locked.Holder) // not whoever is first in our line
			}
		})
	}
	wg.Wait()
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("three waits of at most 300ms, all at once, took %s", took)
	}
	c.end()
}

func TestContextEndsTheWait(t *testing.T) {
	t.Parallel()
	client := open(t)
	tx, err := client.Tx(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Tx(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the wait for the writer ended with %v", err)
	}
	if err := client.Tag.Create().SetName("go").Exec(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the wait of a statement ended with %v", err)
	}

	defer holdReaders(t, client, spareReaders)()
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := client.Tag.Query().All(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the wait for a reader ended with %v", err)
	}
}
