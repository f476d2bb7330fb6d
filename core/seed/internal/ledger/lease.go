package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"

	"coppice/core/record"
	"coppice/core/seed/internal/store"
)

const (
	// beatEvery is how old a sign of life gets before the holder renews it.
	beatEvery = 2 * time.Second
	// beatLost is when a holder that cannot be asked counts as gone.
	beatLost = time.Minute
	// lookEvery is how often who waits looks whether the lease is free.
	lookEvery = 100 * time.Millisecond
)

// Holder is the seeder that is at work.
type Holder struct {
	PID   int
	Host  string
	Since time.Time
}

// lease lets one seeder at a time write in parts. It is taken with the first
// part that changes anything, and is renewed in the parts' own transactions:
// so a holder that lost it cannot write on without seeing that.
type lease struct {
	client    *record.Client
	token     string
	host      string
	since     time.Time
	beat      time.Time // when it was last renewed; zero while it is not held
	waiting   func(Holder)
	announced bool
	other     Holder // who is waited for
	draft     bool   // the database is a draft, which nobody shares
}

func newLease(client *record.Client, waiting func(Holder), draft bool) *lease {
	host, _ := os.Hostname() // without a name only the beat tells
	now := time.Now()
	return &lease{
		client: client, host: host, since: now, waiting: waiting, draft: draft,
		token: fmt.Sprintf("%s %d %d", host, os.Getpid(), now.UnixNano()),
	}
}

// free reports whether no other seeder that is alive holds the lease.
func (l *lease) free(ctx context.Context, client *record.Client) (bool, error) {
	if l.draft {
		return true, nil
	}
	free := true
	var token string
	var since, beat int64
	var h Holder
	err := store.Rows(ctx, client, "SELECT token, pid, host, since, beat FROM "+leaseTable, []any{}, func() error {
		h.Since = time.UnixMilli(since)
		lost := time.Since(time.UnixMilli(beat)) > beatLost || h.Host == l.host && gone(h.PID)
		if token != l.token && !lost {
			l.other, free = h, false
		}
		return nil
	}, &token, &h.PID, &h.Host, &since, &beat)
	return free, err
}

// gone reports that there is no process of an id on this host.
func gone(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return true
	}
	defer func() { _ = p.Release() }() // it was only asked after
	return errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone)
}

// wait returns when the lease may be free.
func (l *lease) wait(ctx context.Context) error {
	if l.waiting != nil && !l.announced {
		l.waiting(l.other)
		l.announced = true
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("seed: wait for process %s on %s: %w", strconv.Itoa(l.other.PID), l.other.Host, ctx.Err())
		case <-tick.C:
			if free, err := l.free(ctx, l.client); err != nil || free {
				return err
			}
		}
	}
}

// renew notes in a transaction who writes: always when it wrote, and now and
// then while the lease is held.
func (l *lease) renew(ctx context.Context, client *record.Client, wrote bool) error {
	held := !l.beat.IsZero()
	if l.draft || !held && !wrote || held && time.Since(l.beat) < beatEvery {
		return nil
	}
	now := time.Now()
	err := store.Exec(ctx, client, "INSERT INTO "+leaseTable+" (id, token, pid, host, since, beat) VALUES (1, ?, ?, ?, ?, ?)"+
		" ON CONFLICT (id) DO UPDATE SET token = excluded.token, pid = excluded.pid, host = excluded.host, since = excluded.since, beat = excluded.beat",
		[]any{l.token, os.Getpid(), l.host, l.since.UnixMilli(), now.UnixMilli()}, nil)
	if err != nil {
		return fmt.Errorf("seed: take the lease: %w", err)
	}
	l.beat = now
	return nil
}

// release gives the lease back, also when the load was cut off. Where that
// fails the others find out by themselves.
func (l *lease) release() {
	if l.beat.IsZero() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), beatEvery)
	defer cancel()
	_ = store.Exec(ctx, l.client, "DELETE FROM "+leaseTable+" WHERE token = ?", []any{l.token}, nil)
}

// Renew notes with the client of an exclusive transaction that this seeder is at
// work: always when it wrote, and now and then afterwards.
func (t *Session) Renew(ctx context.Context, client *record.Client, wrote bool) error {
	return t.lease.renew(ctx, client, wrote)
}

// Release ends the session: others need not wait for this seeder any more.
func (t *Session) Release() { t.lease.release() }
