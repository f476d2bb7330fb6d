package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"coppice/core/fault"
	"coppice/core/internal/statement"
)

// entDriver is ent's driver for PostgreSQL: a thin layer over pgx.
type entDriver struct {
	server *server
	once   sync.Once
}

var (
	_ dialect.Driver = (*entDriver)(nil)
	_ dialect.Tx     = (*transaction)(nil)
)

// Dialect implements dialect.Driver.
func (d *entDriver) Dialect() string { return dialect.Postgres }

// DB returns the pool as database/sql sees it.
func (d *entDriver) DB() *sql.DB { return d.server.db }

// Replicated reports whether there are replicas to read from.
func (d *entDriver) Replicated() bool { return len(d.server.replicas) > 0 }

// RetryFor is how long a request that others stood in the way of is tried again.
func (d *entDriver) RetryFor() time.Duration { return d.server.lockWait }

// Close waits for what runs, then closes every connection; again, it does nothing.
func (d *entDriver) Close() error {
	d.once.Do(d.server.close)
	return nil
}

// lent is a connection to one of the servers.
type lent struct {
	*pgxpool.Conn
	from  *replica // nil where it is to the one that is written to
	leave func()   // its lane; nil where it has none
}

// Release gives the connection back.
func (l lent) Release() {
	l.Conn.Release()
	if l.leave != nil {
		l.leave()
	}
}

// failed notes a replica that could not answer, and passes the error on; what one that
// was promoted answered, without an error, is one.
func (l lent) failed(err error) error {
	if err == nil && l.from != nil && promoted(l.Conn.Conn().PgConn()) {
		err = &fault.Unreachable{Cause: errPromoted}
	}
	if l.from != nil && (errors.As(err, new(*fault.Unreachable)) || errors.As(err, new(*fault.Retry))) {
		l.from.rest()
	}
	return err
}

// acquire lends a connection to write on.
func (s *server) acquire(ctx context.Context, query string) (lent, error) {
	return s.lend(ctx, s.pool, nil, query)
}

// acquireToRead lends a connection to read on.
func (s *server) acquireToRead(ctx context.Context, query string) (lent, error) {
	p := s.pool
	if statement.IsProbe(ctx) {
		p = s.probe
	}
	p, from, err := s.pick(ctx, p)
	if err != nil {
		return lent{}, err
	}
	l, err := s.lend(ctx, p, from, query)
	var pg *pgconn.PgError
	if p == s.probe && errors.As(err, &pg) && pg.Code == tooManyConnections { // which the pool may hold
		return s.lend(ctx, s.pool, nil, query)
	}
	return l, err
}

// lend takes a connection of a pool, in the lane of the work that the context names, or
// of the statement where it names none, and in no lane where there is none either.
func (s *server) lend(ctx context.Context, p *pgxpool.Pool, from *replica, query string) (lent, error) {
	l := lent{from: from}
	work := statement.WorkOf(ctx)
	if work == "" {
		work = query
	}
	var err error
	if lanes := s.lanes[p]; lanes != nil && work != "" {
		if l.leave, err = lanes.Enter(ctx, work, s.lockWait); err != nil {
			return l, s.fault(ctx, err)
		}
	}
	if l.Conn, err = p.Acquire(ctx); err != nil {
		if l.leave != nil {
			l.leave()
		}
		return l, l.failed(s.fault(ctx, err))
	}
	return l, nil
}

// Exec implements dialect.ExecQuerier.
func (d *entDriver) Exec(ctx context.Context, query string, args, v any) error {
	argv, err := arguments(args)
	if err != nil {
		return err
	}
	c, err := d.server.acquire(ctx, query)
	if err != nil {
		return err
	}
	defer c.Release()
	t := d.server.trace(ctx, query, argv)
	tag, err := c.Exec(ctx, query, argv...)
	t.stop()
	t.record(int(tag.RowsAffected()))
	if err != nil {
		return d.server.fault(ctx, err)
	}
	d.server.wrote(ctx, query, c.position)
	return result(tag, v)
}

// Query implements dialect.ExecQuerier.
func (d *entDriver) Query(ctx context.Context, query string, args, v any) error {
	argv, err := arguments(args)
	if err != nil {
		return err
	}
	into, ok := v.(*entsql.Rows)
	if !ok {
		return fmt.Errorf("database: query: the result is a %T, not a *sql.Rows of ent", v)
	}
	if statement.IsWhole(ctx) {
		return d.server.whole(ctx, query, argv, into)
	}
	c, err := d.server.acquireToRead(ctx, query)
	if err != nil {
		return err
	}
	t := d.server.trace(ctx, query, argv)
	t.explain(ctx, c.Conn.Conn(), argv)
	t.start()
	found, err := c.Query(ctx, query, argv...)
	t.stop()
	if err != nil {
		c.Release()
		t.record(0)
		return c.failed(d.server.fault(ctx, err))
	}
	*into = entsql.Rows{ColumnScanner: &rows{
		Rows: found, server: d.server, types: c.Conn.Conn().TypeMap(), ctx: ctx, trace: t,
		end: func(err error) error {
			if err == nil {
				d.server.wrote(ctx, query, c.position)
			}
			err = c.failed(err)
			c.Release()
			return err
		},
	}}
	return nil
}

// ExecContext runs raw SQL.
func (d *entDriver) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	res, err := d.server.db.ExecContext(ctx, query, args...)
	if err == nil {
		d.server.wrote(ctx, query, func(ctx context.Context, at *string) error {
			return d.server.db.QueryRowContext(ctx, positionNow).Scan(at)
		})
	}
	return res, err
}

// QueryContext runs raw SQL.
func (d *entDriver) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return d.server.db.QueryContext(ctx, query, args...)
}

// Tx begins a transaction that may write.
func (d *entDriver) Tx(ctx context.Context) (dialect.Tx, error) { return d.BeginTx(ctx, nil) }

// BeginTx begins a transaction: a snapshot where it is read-only, else one that is
// serializable and may write. It is rolled back when its context ends. The server hears
// of it with the first statement.
func (d *entDriver) BeginTx(ctx context.Context, opts *entsql.TxOptions) (dialect.Tx, error) {
	readOnly := opts != nil && opts.ReadOnly
	borrow := d.server.acquire
	if readOnly {
		borrow = d.server.acquireToRead
	}
	c, err := borrow(ctx, "")
	if err != nil {
		return nil, err
	}
	t := &transaction{server: d.server, conn: c.Conn.Conn(), lent: c, release: c.Release, ctx: ctx, readOnly: readOnly}
	t.pending = d.server.begins
	if readOnly {
		t.pending = []string{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}
	}
	if p := statement.ProgressOf(ctx); p != nil && !readOnly {
		p.Move() // what one before made was taken back
	}
	d.server.traceBegin(ctx, t.pending)
	t.stop = context.AfterFunc(ctx, t.expire)
	return t, nil
}

// arguments are those of a statement of ent's.
func arguments(args any) ([]any, error) {
	argv, ok := args.([]any)
	if !ok {
		return nil, fmt.Errorf("database: args are a %T, not a []any", args)
	}
	return argv, nil
}

// result hands over what a statement did, where ent wants to know.
func result(tag pgconn.CommandTag, v any) error {
	switch v := v.(type) {
	case nil:
	case *sql.Result:
		*v = affected(tag.RowsAffected())
	default:
		return fmt.Errorf("database: exec: the result is a %T, not a *sql.Result", v)
	}
	return nil
}

// affected is the result of a statement that changed some rows.
type affected int64

// RowsAffected implements sql.Result.
func (n affected) RowsAffected() (int64, error) { return int64(n), nil }

// LastInsertId implements sql.Result. PostgreSQL tells by RETURNING.
func (n affected) LastInsertId() (int64, error) {
	return 0, fmt.Errorf("database: PostgreSQL tells no last id: use RETURNING")
}
