package mutation

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"coppice/core/engine"
	"coppice/core/internal/enginetest"
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/fixture/blog/ent/tag"
)

// The numbers that the database counts go on from an id that was given, also one that
// is given while others take theirs; and they never go back.
func TestCountsOnFromGivenIDs(t *testing.T) {
	t.Parallel()
	c, err := blog.Open(t.Context(), engine.Config{URL: enginetest.URL(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var serial atomic.Int64 // for names that differ
	// give does what the write path does of an entity whose ids may be given.
	give := func(ctx context.Context, id int) error {
		tx, err := c.Tx(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }() // unless it was committed
		client := ent.Coppice().Of(tx.Client())
		s := NewSet(client)
		if err := s.countPast(ctx, client.Model.Entity("Tag"), int64(id)); err != nil {
			return err
		}
		if err := client.Driver().Exec(ctx, s.words().Bind(`INSERT INTO "tags" ("id", "name") VALUES (?, ?)`), []any{id, fmt.Sprint("given-", id)}, nil); err != nil {
			return err
		}
		return tx.Commit()
	}
	next := func() int { return c.Tag.Create().SetName(fmt.Sprint("next-", serial.Add(1))).SaveX(t.Context()).ID }
	if first := next(); first != 1 {
		t.Errorf("the first is %d", first)
	}
	for _, test := range []struct{ given, next int }{{10, 11}, {5, 12}, {1000, 1001}} {
		if err := give(t.Context(), test.given); err != nil {
			t.Fatal(err)
		}
		if id := next(); id != test.next {
			t.Errorf("after %d comes %d, not %d", test.given, id, test.next)
		}
	}
	held(t, c)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			last := 0
			for range 100 {
				id := next()
				if id <= last {
					t.Errorf("after %d comes %d", last, id)
				}
				last = id
			}
		})
	}
	wait.Go(func() {
		for i := range 20 {
			if err := give(t.Context(), 10_000*(i+1)); err != nil {
				t.Error(err)
			}
		}
	})
	wait.Wait()
	if n, all := c.Tag.Query().Where(tag.NameHasPrefix("given")).CountX(t.Context()), c.Tag.Query().CountX(t.Context()); n != 23 || all != 4+400+n {
		t.Errorf("%d tags, of which %d have ids that were given", all, n)
	}
}

// held holds that nobody takes a number while they are being moved.
func held(t *testing.T, c *ent.Client) {
	t.Helper()
	tx, err := c.Tx(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	client := ent.Coppice().Of(tx.Client())
	if err := NewSet(client).countPast(t.Context(), client.Model.Entity("Tag"), 2000); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if made, err := c.Tag.Create().SetName("meanwhile").Save(ctx); err == nil {
		t.Errorf("meanwhile %d was given", made.ID)
	}
}
