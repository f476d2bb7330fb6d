package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"
)

// transaction is ent's view of a transaction. It is not a *sql.Tx, which costs
// a goroutine, and another one for each of its results.
type transaction struct {
	conn *sql.Conn
	ctx  context.Context
	stop func() bool
	over atomic.Pointer[error] // what a use of it gives once it has ended
}

// Exec implements dialect.ExecQuerier.
func (t *transaction) Exec(ctx context.Context, query string, args, v any) error {
	return t.check(execInto(ctx, t.conn, query, args, v))
}

// Query implements dialect.ExecQuerier.
func (t *transaction) Query(ctx context.Context, query string, args, v any) error {
	return t.check(queryInto(ctx, t.conn, query, args, v))
}

// ExecContext runs raw SQL.
func (t *transaction) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	res, err := t.conn.ExecContext(ctx, query, args...)
	return res, t.check(err)
}

// QueryContext runs raw SQL.
func (t *transaction) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := t.conn.QueryContext(ctx, query, args...)
	return rows, t.check(err)
}

// check gives the reason for which the transaction ended.
func (t *transaction) check(err error) error {
	if errors.Is(err, sql.ErrConnDone) || errors.Is(err, sql.ErrTxDone) {
		if over := t.over.Load(); over != nil {
			return *over
		}
	}
	return err
}

// Commit implements driver.Tx. Where the context has ended it rolls back.
func (t *transaction) Commit() error {
	t.stop()
	if err := t.ctx.Err(); err != nil && t.over.Load() == nil {
		_ = t.finish(false, err) // the reason comes first
		return err
	}
	return t.finish(true, sql.ErrTxDone)
}

// Rollback implements driver.Tx.
func (t *transaction) Rollback() error {
	t.stop()
	err := t.finish(false, sql.ErrTxDone)
	if over := t.over.Load(); over != nil && !errors.Is(*over, sql.ErrTxDone) {
		return nil // the end of the context did it already
	}
	return err
}

// expire rolls back when the context ends, so that nobody who forgets a
// transaction keeps the right to write.
func (t *transaction) expire() { _ = t.finish(false, t.ctx.Err()) } // there is nobody to tell

// finish ends the transaction once, and gives its session back. Later uses get
// the error over.
func (t *transaction) finish(commit bool, over error) error {
	if !t.over.CompareAndSwap(nil, &over) {
		return *t.over.Load()
	}
	cut := 0
	err := t.conn.Raw(func(c any) (err error) {
		cut, err = c.(*session).end(commit, over)
		return err
	})
	if cut > 0 {
		// The session is held until the caller closes the rows that were cut
		// off; the connection is free already.
		go t.conn.Close()
		return err
	}
	return errors.Join(err, t.conn.Close())
}
