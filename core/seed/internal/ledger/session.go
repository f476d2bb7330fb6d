package ledger

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

// Session is the transactions of a seeder, between which others write.
type Session struct {
	Client *record.Client
	Took   time.Duration // of the last transaction, from when others had to wait
	lease  *lease
	made   bool // the ledger's tables are there
}

// NewSession begins nothing yet. waiting hears once of another seeder that is waited
// for, or is nil; draft says that the database is a copy that nobody else uses.
func NewSession(client *record.Client, waiting func(Holder), draft bool) *Session {
	return &Session{Client: client, lease: newLease(client, waiting, draft)}
}

// Exclusive runs a function in a transaction in which no other seeder is at work.
func (t *Session) Exclusive(ctx context.Context, run func(*record.Client) error) error {
	for {
		free := false
		var start time.Time
		err := store.Transact(ctx, t.Client, nil, func(client *record.Client) error {
			start = time.Now()
			if !t.made {
				if err := Make(ctx, client); err != nil {
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
		t.made, t.Took = true, time.Since(start)
		if free {
			return nil
		}
		if err := t.lease.wait(ctx); err != nil {
			return err
		}
	}
}

// Snapshot runs a function in a transaction in which nothing can be written. It
// reports that this is not done where the function tries to, another seeder is at
// work, or there is no ledger yet.
func (t *Session) Snapshot(ctx context.Context, run func(*record.Client) error) (done bool, err error) {
	if !t.made {
		return false, nil
	}
	err = store.Transact(ctx, t.Client, &sql.TxOptions{ReadOnly: true}, func(client *record.Client) error {
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

// Shared reports whether other processes have the database open, as far as
// that can be known, or somebody of this one waits to write.
func (t *Session) Shared() bool {
	s, ok := t.Client.Driver().(interface{ Shared() bool })
	return !ok || s.Shared()
}

// pause is how long others are let write. SQLite lets who waits try again after
// 25 ms at first, so a pause of that length is not missed.
const pause = 26 * time.Millisecond

// Pause lets others write, if there are any: the error is that of the context.
func (t *Session) Pause(ctx context.Context) error {
	if t.lease.draft || !t.Shared() {
		return nil
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return fmt.Errorf("seed: %w", ctx.Err())
	case <-timer.C:
		return nil
	}
}
