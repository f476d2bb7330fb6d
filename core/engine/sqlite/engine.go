package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
	"modernc.org/sqlite"

	"coppice/core/engine/migrate"
	"coppice/core/engine/sqlite/dbfile"
	"coppice/core/internal/statement"
)

// engine owns the connections to one SQLite database, and lends them out. To
// database/sql it is a connector of sessions. It is safe for concurrent use.
type engine struct {
	target   Target
	lockWait time.Duration
	secrets  statement.Secrets
	times    map[string]bool         // the names of the columns that hold times
	forms    map[string]migrate.Form // the columns whose values have forms, by what says that one has none
	ids      map[string]identity
	driver   *sqlite.Driver
	writer   *pool
	readers  *pool // the writer's, in memory
	probe    *pool // of one reader, for those who ask whether the database answers; the writer's, in memory
	dear     *dearReads
	prepared atomic.Int64 // statements prepared so far, for tests
	files    [len(sidecars)]dbfile.ID
	gone     atomic.Pointer[replacedFile] // once the files are not ours any more

	mu      sync.Mutex
	running int // statements and transactions, those in line included
	closing bool
	drained chan struct{} // closed when closing and nothing runs any more
}

// spareReaders are the connections for those who would wait for nobody but who
// takes long.
const spareReaders = 64

func newEngine(t Target, o Options) (*engine, error) {
	d, err := newDriver()
	if err != nil {
		return nil, err
	}
	e := &engine{
		target: t, lockWait: o.LockWait, secrets: o.Schema.Secrets, times: timeColumns(o.Schema.Tables), ids: identities(o.Schema.Tables),
		driver: d, dear: newDearReads(), drained: make(chan struct{}),
	}
	e.writer = newPool(1, o.LockWait, func(ctx context.Context) (*connection, error) { return e.join(ctx, false) })
	e.readers, e.probe = e.writer, e.writer
	if !t.Memory() {
		// A reader may wait for the disk while the processors serve others; more
		// than that only spreads the caches thin.
		size := max(4, 2*runtime.GOMAXPROCS(0))
		e.readers = newPool(size, 0, func(ctx context.Context) (*connection, error) { return e.join(ctx, true) })
		e.probe = newPool(1, 0, func(ctx context.Context) (*connection, error) { return e.dial(ctx, true) })
		e.readers.spare = make(chan struct{}, spareReaders)
	}
	return e, nil
}

// timeColumns returns the names, in lower case, of the columns that hold times.
func timeColumns(tables []*schema.Table) map[string]bool {
	columns := map[string]bool{}
	for _, t := range tables {
		for _, c := range t.Columns {
			if c.Type == field.TypeTime {
				columns[strings.ToLower(c.Name)] = true
			}
		}
	}
	return columns
}

// join opens one more connection, if it would be to the same files.
func (e *engine) join(ctx context.Context, reader bool) (*connection, error) {
	if err := e.verify(); err != nil {
		return nil, err
	}
	return e.dial(ctx, reader)
}

// dial opens a connection. SQLite opens the file only when it is first used,
// so this hardly fails.
func (e *engine) dial(ctx context.Context, reader bool) (*connection, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c, err := e.driver.Open(dsn(e.target, e.lockWait, reader))
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", e.target, e.fault(ctx, err))
	}
	conn, ok := c.(physical)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the driver's connection is a %T", c), c.Close())
	}
	l, err := newConnection(conn, &e.prepared)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	l.believes = !e.target.Memory()
	return l, nil
}

// acquire borrows a connection, which release ends, and reports how long it
// stood in line. A wait beyond the bound is a *fault.Locked.
func (e *engine) acquire(ctx context.Context, p *pool) (*connection, time.Duration, error) {
	if err := e.replaced(); err != nil {
		return nil, 0, err
	}
	e.mu.Lock()
	if e.closing {
		e.mu.Unlock()
		return nil, 0, fmt.Errorf("database: %s is closed", e.target)
	}
	e.running++
	e.mu.Unlock()
	l, waited, err := p.acquire(ctx)
	if err != nil {
		e.leave()
		var line errLine
		if errors.As(err, &line) {
			err = e.locked(line.first, nil)
		}
	} else if l.believes {
		l.disregard(ctx)
	}
	return l, waited, err
}

// release gives a connection back. It must be called once for each acquire.
func (e *engine) release(l *connection) {
	l.pool.release(l)
	e.leave()
}

// leave counts down what runs, for a shutdown that waits for it.
func (e *engine) leave() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.running--
	if e.closing && e.running == 0 {
		close(e.drained)
	}
}

// pool returns the connections for a kind of statement.
func (e *engine) pool(ctx context.Context, k kind) *pool {
	switch {
	case k != read:
		return e.writer
	case statement.IsProbe(ctx):
		return e.probe
	default:
		return e.readers
	}
}

// shutdown refuses what comes, waits for what runs, and closes the
// connections. It must be called once.
func (e *engine) shutdown() error {
	e.mu.Lock()
	e.closing = true
	if e.running == 0 {
		close(e.drained)
	}
	e.mu.Unlock()
	<-e.drained
	return errors.Join(e.readers.drain(), e.tidy(), e.probe.drain(), e.writer.drain())
}

// tidy leaves a file with an empty log, as far as that can be had without
// waiting for other processes.
func (e *engine) tidy() error {
	if e.target.Memory() || len(e.writer.idle) == 0 {
		return nil
	}
	if gone := e.verify(); gone != nil {
		return nil //nolint:nilerr // whoever wrote since has been told
	}
	// Nothing runs any more, so the connection can be used without borrowing.
	ctx, l := context.Background(), e.writer.idle[0]
	// Of main alone: a table that was renamed leaves the temporary database locked.
	for _, pragma := range []string{"PRAGMA busy_timeout = 0", "PRAGMA main.wal_checkpoint(TRUNCATE)"} {
		if err := l.run(ctx, pragma); err != nil && !busy(err) {
			return fmt.Errorf("database: close %s: %w", e.target, err)
		}
	}
	return nil
}

// Connect returns a session for database/sql. It opens nothing.
func (e *engine) Connect(context.Context) (driver.Conn, error) { return &session{engine: e}, nil }

// Driver returns the engine's driver.
func (e *engine) Driver() driver.Driver { return e.driver }
