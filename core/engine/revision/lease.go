package revision

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"ariga.io/atlas/sql/schema"
)

// leaseTable has one row while somebody applies files: who, and when they last gave a
// sign of life. A row holds behind poolers, where a session's lock does not.
const leaseTable = "coppice_migration_lease"

const (
	createLease = "CREATE TABLE IF NOT EXISTS " + leaseTable + " (id BIGINT NOT NULL PRIMARY KEY, token VARCHAR(255) NOT NULL, pid BIGINT NOT NULL, host VARCHAR(255) NOT NULL, since BIGINT NOT NULL, beat BIGINT NOT NULL)"
	readLease   = "SELECT token, pid, host, since, beat FROM " + leaseTable
	// takeLease succeeds for one of those who found it free: whoever was there before
	// is named by the token.
	takeLease = "INSERT INTO " + leaseTable + " (id, token, pid, host, since, beat) VALUES (1, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET token = excluded.token, pid = excluded.pid, host = excluded.host, since = excluded.since, beat = excluded.beat WHERE " + leaseTable + ".token = ?"
	beatLease = "UPDATE " + leaseTable + " SET beat = ? WHERE token = ?"
	endLease  = "DELETE FROM " + leaseTable + " WHERE token = ?"
	// beatEvery is how often the holder gives a sign of life.
	beatEvery = 2 * time.Second
	// beatLost is when a holder that cannot be asked counts as gone.
	beatLost = time.Minute
	// lookEvery is how often who waits looks again.
	lookEvery = 100 * time.Millisecond
)

// errLost ends a holder that another has taken for gone.
var errLost = errors.New("another process has taken over the migration: look at what it does with: go run ./cmd/db status")

// lease is the right to apply files.
type lease struct {
	db    *Database
	token string
	stop  func()
}

// take waits until nobody else applies files, and says so to others from then on.
func take(ctx context.Context, d *Database, waiting func(pid int, host string)) (*lease, error) {
	host, _ := os.Hostname() // without a name only the beat tells
	l := &lease{db: d, token: fmt.Sprintf("%s %d %d", host, os.Getpid(), time.Now().UnixNano())}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for told := false; ; {
		free, before, pid, at, err := l.look(ctx, host)
		if err != nil {
			return nil, err
		}
		if free {
			got, err := l.claim(ctx, before, host)
			if err != nil && !d.Again(err) {
				return nil, err
			}
			if got {
				l.keep()
				return l, nil
			}
		} else if !told && waiting != nil {
			waiting(pid, at)
			told = true
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for process %d on %s, which migrates this database: %w", pid, at, ctx.Err())
		case <-tick.C:
		}
	}
}

// look reports whether the lease is free, with the token that is there.
func (l *lease) look(ctx context.Context, host string) (free bool, token string, pid int, at string, err error) {
	var since, beat int64
	err = l.db.SQL.QueryRowContext(ctx, readLease).Scan(&token, &pid, &at, &since, &beat)
	if errors.Is(err, sql.ErrNoRows) {
		return true, "", 0, "", nil
	}
	lost := time.Since(time.UnixMilli(beat)) > beatLost || at == host && gone(pid)
	return err == nil && lost, token, pid, at, err
}

func (l *lease) claim(ctx context.Context, before, host string) (bool, error) {
	now := time.Now().UnixMilli()
	result, err := l.db.SQL.ExecContext(ctx, l.db.bind(takeLease), l.token, os.Getpid(), host, now, now, before)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// keep gives signs of life until the lease is given back. One that fails is followed by
// another.
func (l *lease) keep() {
	ctx, cancel := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	ended.Go(func() {
		tick := time.NewTicker(beatEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				_, _ = l.db.SQL.ExecContext(ctx, l.db.bind(beatLease), time.Now().UnixMilli(), l.token)
			}
		}
	})
	l.stop = func() { cancel(); ended.Wait() }
}

// held fails where another has taken the lease.
func (l *lease) held(ctx context.Context, q schema.ExecQuerier) (err error) {
	rows, err := q.QueryContext(ctx, l.db.bind("SELECT token FROM "+leaseTable+" WHERE token = ?"), l.token)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if !rows.Next() {
		return errors.Join(rows.Err(), errLost)
	}
	return rows.Err()
}

// release gives the lease back. Where that fails others find out by themselves.
func (l *lease) release() {
	l.stop()
	ctx, cancel := context.WithTimeout(context.Background(), beatEvery)
	defer cancel()
	_, _ = l.db.SQL.ExecContext(ctx, l.db.bind(endLease), l.token)
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
