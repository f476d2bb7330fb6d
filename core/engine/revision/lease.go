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
	// The database's clock is one; those of the hosts are many.
	readLease = "SELECT token, pid, host, beat, %s - beat FROM " + leaseTable
	// takeLease succeeds for one of those who found it free: whoever was there before
	// is named by the token, and has given no sign of life since.
	takeLease = "INSERT INTO " + leaseTable + " (id, token, pid, host, since, beat) VALUES (1, ?, ?, ?, %[1]s, %[1]s) ON CONFLICT (id) DO UPDATE SET token = excluded.token, pid = excluded.pid, host = excluded.host, since = excluded.since, beat = excluded.beat WHERE " + leaseTable + ".token = ? AND " + leaseTable + ".beat = ?"
	beatLease = "UPDATE " + leaseTable + " SET beat = %s WHERE token = ?"
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
		h, err := l.look(ctx)
		if err != nil {
			return nil, err
		}
		if h.gone(host) {
			got, err := l.claim(ctx, h, host)
			if err != nil && !d.Again(err) {
				return nil, err
			}
			if got {
				l.keep()
				return l, nil
			}
		} else if !told && waiting != nil {
			waiting(h.pid, h.host)
			told = true
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for process %d on %s, which migrates this database: %w", h.pid, h.host, ctx.Err())
		case <-tick.C:
		}
	}
}

// holder is who has the lease; without a token, nobody.
type holder struct {
	token  string
	pid    int
	host   string
	beat   int64 // when it gave the last sign of life, by the database's clock
	silent time.Duration
}

// gone reports that the holder does nothing any more, for one who asks from a host.
func (h holder) gone(host string) bool {
	return h.token == "" || h.silent > beatLost || h.host == host && gone(h.pid)
}

func (l *lease) look(ctx context.Context) (h holder, err error) {
	var silent int64
	err = l.db.SQL.QueryRowContext(ctx, fmt.Sprintf(readLease, l.db.Now)).Scan(&h.token, &h.pid, &h.host, &h.beat, &silent)
	if errors.Is(err, sql.ErrNoRows) {
		return holder{}, nil
	}
	h.silent = time.Duration(silent) * time.Millisecond
	return h, err
}

func (l *lease) claim(ctx context.Context, before holder, host string) (bool, error) {
	result, err := l.db.SQL.ExecContext(ctx, l.db.bind(fmt.Sprintf(takeLease, l.db.Now)), l.token, os.Getpid(), host, before.token, before.beat)
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
				_, _ = l.db.SQL.ExecContext(ctx, l.beat(), l.token)
			}
		}
	})
	l.stop = func() { cancel(); ended.Wait() }
}

func (l *lease) beat() string { return l.db.bind(fmt.Sprintf(beatLease, l.db.Now)) }

// hold fails where another has taken the lease. In a transaction nobody can take it until
// that ends, even where this process is gone and the server has not found out.
func (l *lease) hold(ctx context.Context, q schema.ExecQuerier) error {
	result, err := q.ExecContext(ctx, l.beat(), l.token)
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		return errLost
	}
	return err
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
