package sqlite

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"coppice/core/fault"
)

func TestMemoryDatabasesAreTheirClientsOwn(t *testing.T) {
	t.Parallel()
	one, other := open(t, "sqlite::memory:"), open(t, "sqlite::memory:")
	user(t, one, "ada")
	if n := other.User.Query().CountX(t.Context()); n != 0 {
		t.Errorf("the other client sees %d users", n)
	}
}

func TestMemoryDatabaseSurvivesAnInterrupt(t *testing.T) {
	t.Parallel()
	client := open(t, "sqlite::memory:")
	user(t, client, "ada")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n"
	if _, err := client.QueryContext(ctx, endless); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("the endless query: %v", err)
	}
	if n := client.User.Query().CountX(t.Context()); n != 1 {
		t.Errorf("%d users are left", n)
	}
}

// Requests that end what they opened never wait for each other for long.
func TestMemoryDatabaseNeverDeadlocks(t *testing.T) {
	t.Parallel()
	client := open(t, "sqlite::memory:")
	p := newPost(t, client, user(t, client, "ada"), "one")
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			ctx := context.Background()
			for j := range 20 {
				snapshot, err := client.BeginTx(ctx, readOnly)
				if err != nil {
					t.Error(err)
					return
				}
				snapshot.Post.Query().WithAuthor().WithComments().AllX(ctx)
				if err := snapshot.Rollback(); err != nil {
					t.Error(err)
				}
				client.Tag.Create().SetName(fmt.Sprintf("tag-%d-%d", i, j)).AddPosts(p).ExecX(ctx)
				client.Tag.Query().WithPosts().AllX(ctx)
			}
		})
	}
	wg.Wait()
	if n := p.QueryTags().CountX(t.Context()); n != 320 {
		t.Errorf("%d tags", n)
	}
}

// C2: one that does not waits for itself, but not for ever.
func TestMemoryDatabaseBoundsAWaitForOneself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := open(t, "sqlite::memory:")
		rows, err := client.QueryContext(context.Background(), "SELECT 1")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		_, err = client.User.Query().All(context.Background())
		var locked *fault.Locked
		if !errors.As(err, &locked) || locked.Waited != DefaultLockWait || locked.Holder == "" {
			t.Errorf("the wait ended with %v", err)
		}
	})
}
