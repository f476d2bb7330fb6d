package seed

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"coppice/core/fault"
	"coppice/core/record"
	"coppice/core/seed/internal/store"
)

// turns are the transactions of a seeder, between which others write.
type turns struct {
	client *record.Client
	lease  *lease
	made   bool          // the ledger's tables are there
	took   time.Duration // of the last one, from when others had to wait
}

func newTurns(client *record.Client, o Options) *turns {
	return &turns{client: client, lease: newLease(client, o)}
}

// turn runs a function in a transaction in which no other seeder is at work.
func (t *turns) turn(ctx context.Context, run func(*record.Client) error) error {
	for {
		free := false
		var start time.Time
		err := store.Transact(ctx, t.client, nil, func(client *record.Client) error {
			start = time.Now()
			if !t.made {
				if err := makeLedger(ctx, client); err != nil {
					return err
				}
			}
			var err error
			if free, err = t.lease.free(ctx, client); err != nil || !free {
				return err
			}
			return run(client)
		})
		if err != nil {
			return err
		}
		t.made, t.took = true, time.Since(start)
		if free {
			return nil
		}
		if err := t.lease.wait(ctx); err != nil {
			return err
		}
	}
}

// look runs a function in a snapshot, in which nothing can be written. It is not
// done where the function tries to, or another seeder is at work.
func (t *turns) look(ctx context.Context, run func(*record.Client) error) (done bool, err error) {
	if !t.made {
		return false, nil
	}
	err = store.Transact(ctx, t.client, &sql.TxOptions{ReadOnly: true}, func(client *record.Client) error {
		var err error
		if done, err = t.lease.free(ctx, client); err != nil || !done {
			return err
		}
		return run(client)
	})
	if errors.Is(err, fault.ErrReadOnly) {
		return false, nil
	}
	return done, err
}

// shared reports whether other processes have the database open, as far as
// that can be told.
func (t *turns) shared() bool {
	s, ok := t.client.Driver().(interface{ Shared() bool })
	return !ok || s.Shared()
}

// breathe lets others write.
func (t *turns) breathe(ctx context.Context) error {
	if t.lease.idle || !t.shared() {
		return nil
	}
	timer := time.NewTimer(breath)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return fmt.Errorf("seed: %w", ctx.Err())
	case <-timer.C:
		return nil
	}
}
