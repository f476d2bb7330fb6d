package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"coppice/core/fault"
	"coppice/core/model"
	"coppice/core/record"
	"coppice/core/seed/internal/store"
)

// Session is the transactions of a seeder, between which others write.
type Session struct {
	Client  *record.Client
	Took    time.Duration // of the last transaction, from when others had to wait
	lease   *lease
	made    bool      // the ledger's tables are there
	refused time.Time // when a transaction had to be tried again last, because of others
}

// NewSession begins nothing yet. waiting hears once of another seeder that is waited
// for, or is nil; draft says that the database is a copy that nobody else uses.
func NewSession(client *record.Client, waiting func(Holder), draft bool) *Session {
	return &Session{Client: client, lease: newLease(client, waiting, draft)}
}

// Exclusive runs a function in a transaction in which no other seeder is at work. Where
// the engine refuses a transaction because of others that wrote beside it, the function
// runs again, in another one: what it did to variables it must do anew.
func (t *Session) Exclusive(ctx context.Context, run func(*record.Client) error) error {
	if err := t.make(ctx); err != nil {
		return err
	}
	for {
		free := false
		beat := t.lease.beat
		err := Retry(ctx, t.Client, func(try int) error {
			if try > 0 {
				t.refused, t.lease.beat = time.Now(), beat
			}
			var err error
			free, err = t.exclusive(ctx, try, run)
			return err
		})
		if err != nil {
			return err
		}
		t.made = true
		if free {
			return nil
		}
		if err := t.lease.wait(ctx); err != nil {
			return err
		}
	}
}

// patience is how often a transaction is tried beside others. Then it keeps them from
// writing until it is done, which each part of a set soon is.
const patience = 2

// exclusive tries once, and reports whether no other seeder is at work.
func (t *Session) exclusive(ctx context.Context, try int, run func(*record.Client) error) (free bool, err error) {
	var start time.Time
	err = store.Transact(ctx, t.Client, nil, func(client *record.Client) error {
		if t.made && !t.lease.draft {
			tables := []string{leaseTable}
			if try >= patience {
				tables = append(tables, Tables(client.Model)...)
			}
			if err := store.LockTables(ctx, client, tables...); err != nil {
				return err
			}
		}
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
	if err == nil {
		t.Took = time.Since(start)
	}
	return free, err
}

// make makes the ledger in a transaction of its own where seeders run beside each
// other: its lock is what keeps them apart in the next one.
func (t *Session) make(ctx context.Context) error {
	if t.made || t.lease.draft || !store.Words(t.Client).Concurrent {
		return nil
	}
	var err error
	if t.made, err = made(ctx, t.Client); err != nil || t.made {
		return err
	}
	err = Retry(ctx, t.Client, func(int) error {
		return store.Transact(ctx, t.Client, nil, func(client *record.Client) error { return Make(ctx, client) })
	})
	t.made = err == nil
	return err
}

// Analyze lets the planner know at once of many records that were written, or found:
// by itself it may take a minute, in which parts of a set would be looked for among all
// that there is.
func (t *Session) Analyze(ctx context.Context) error {
	if t.lease.draft || !t.made {
		return nil
	}
	return store.Analyze(ctx, t.Client, append(Tables(t.Client.Model), RecordsTable, FingerprintsTable, EffectsTable)...)
}

// Tables lists the tables that hold a schema's records and what they are associated by,
// each once.
func Tables(m *model.Schema) []string {
	var tables []string
	for _, e := range m.Entities {
		if !e.View {
			tables = append(tables, e.Table)
		}
		for _, ed := range e.Edges {
			if ed.Storage == model.Join {
				tables = append(tables, ed.Table)
			}
		}
	}
	slices.Sort(tables)
	return slices.Compact(tables)
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

// calm is how long after a transaction had to be tried again others are believed not
// to write any more.
const calm = 10 * time.Second

// Shared reports whether transactions should be short because of others: they have
// the database open, as far as that can be known, or wait in this process to write; or,
// where they need not wait, they stood in the way lately.
func (t *Session) Shared() bool {
	if store.Words(t.Client).Concurrent {
		return time.Since(t.refused) < calm
	}
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
