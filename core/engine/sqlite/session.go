package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"coppice/core/fault"
)

var errControl = errors.New("a transaction is begun and ended by BeginTx, Commit and Rollback, not by a statement")

// session is what database/sql takes for a connection. It borrows a real one
// for each statement, or for a transaction. One goroutine uses it at a time.
type session struct {
	engine *engine
	scope  *scope // the open transaction, or nil
	ended  bool   // had one: until it is reset, nothing may run outside of it
}

// scope is an open transaction.
type scope struct {
	link     *connection
	readOnly bool
	ctx      context.Context // records COMMIT and ROLLBACK
	cursors  []*cursor       // open results
	dear     bool            // a statement in it has a turn among the dear ones
	lost     error           // why the engine rolled it back by itself, or nil
}

// call passes a context through database/sql without its Done channel, for
// which database/sql would start a goroutine for every result. The session
// takes the context out again, and ends waits, statements and rows with it.
type call struct{ context.Context }

// Done returns nil.
func (call) Done() <-chan struct{} { return nil }

// caller returns the context that a call was made with.
func caller(ctx context.Context) context.Context {
	if c, ok := ctx.(call); ok {
		return c.Context
	}
	return ctx
}

// acquire returns the connection that a statement is to run on, and what kind
// of statement it is. Outside a transaction the caller has to release it.
func (s *session) acquire(ctx context.Context, query string) (*connection, kind, error) {
	k := route(query)
	switch {
	case s.ended:
		return nil, k, sql.ErrTxDone
	case s.scope != nil:
		return s.scope.link, k, s.scope.admit(k, query)
	case k == control:
		// It would leave a connection that others use in a transaction.
		return nil, k, errControl
	}
	l, _, err := s.engine.acquire(ctx, s.engine.pool(ctx, k))
	if err == nil && k != read {
		l.pool.note(query)
	}
	return l, k, err
}

// admit decides whether a statement may run in the transaction.
func (sc *scope) admit(k kind, query string) error {
	switch {
	case sc.lost != nil:
		return fmt.Errorf("the transaction was rolled back: %w", sc.lost)
	case k == control && !savepoint(query):
		return errControl
	case k == write && sc.readOnly:
		return fault.ErrReadOnly
	case k != read:
		sc.link.pool.note(query)
	}
	return nil
}

// QueryContext implements driver.QueryerContext.
func (s *session) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	ctx = caller(ctx)
	t := s.engine.trace(ctx, query, args)
	t.start()
	permit, err := s.engine.takePermit(ctx, s.scope, query)
	if err != nil {
		t.record(0)
		return nil, err
	}
	l, k, err := s.acquire(ctx, query)
	t.stop()
	if err != nil {
		permit.end(s.scope)
		t.record(0)
		return nil, err
	}
	t.explain(ctx, l, k, args)
	permit.start()
	t.start()
	st, rows, err := s.query(ctx, l, query, k, args)
	t.stop()
	if err != nil {
		permit.end(s.scope)
		t.record(0)
		err = s.engine.failed(ctx, s.scope, err)
		if s.scope == nil {
			s.engine.release(l)
		}
		return nil, err
	}
	c := &cursor{result: rows, engine: s.engine, link: l, stmt: st, query: query, scope: s.scope, ctx: ctx, done: ctx.Done(), trace: t, permit: permit}
	switch {
	case s.scope != nil:
		s.scope.cursors = append(s.scope.cursors, c)
	case k != read:
		return c.collect()
	}
	return c, nil
}

// ExecContext implements driver.ExecerContext.
func (s *session) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	ctx = caller(ctx)
	t := s.engine.trace(ctx, query, args)
	t.start()
	l, k, err := s.acquire(ctx, query)
	t.stop()
	if err != nil {
		t.record(0)
		return nil, err
	}
	if s.scope == nil {
		defer s.engine.release(l)
	}
	t.explain(ctx, l, k, args)
	t.start()
	res, err := s.exec(ctx, l, query, k, args)
	t.stop()
	if err != nil {
		t.record(0)
		return nil, s.engine.failed(ctx, s.scope, err)
	}
	t.affected(res)
	if s.scope == nil {
		err = s.engine.confirm(l, nil)
	}
	return res, err
}

// begin opens a transaction: a snapshot to read, or the right to write.
func (s *session) begin(ctx context.Context, readOnly bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	query, p := "BEGIN IMMEDIATE", s.engine.writer
	if readOnly {
		query, p = "BEGIN", s.engine.readers
	}
	t := s.engine.trace(ctx, query, nil)
	t.start()
	l, waited, err := s.engine.acquire(ctx, p)
	if err == nil {
		if readOnly {
			// It takes no lock, so it has nothing to wait for.
			err = l.run(context.Background(), query)
		} else {
			err = s.engine.lock(ctx, l, query, waited)
		}
		if err != nil {
			s.engine.release(l)
		}
	}
	t.stop()
	t.record(0)
	if err != nil {
		return err
	}
	s.scope = &scope{link: l, readOnly: readOnly, ctx: ctx}
	return nil
}

// lock begins a transaction on a connection. The wait for other processes is
// bounded by what the wait in line has left of the bound.
func (e *engine) lock(ctx context.Context, l *connection, query string, waited time.Duration) error {
	bounded := ctx
	if waited > 0 {
		var cancel context.CancelFunc
		bounded, cancel = context.WithTimeout(ctx, l.pool.wait-waited)
		defer cancel()
	}
	err := l.run(bounded, query)
	if err == nil {
		return nil
	}
	// The driver may report the end of the context for a BEGIN that took effect.
	l.rollback()
	if bounded.Err() != nil && ctx.Err() == nil {
		return e.locked("", nil)
	}
	return e.fault(ctx, err)
}

// end closes the transaction, and any results that are still open, for the
// reason why. It reports how many those were.
func (s *session) end(commit bool, why error) (int, error) {
	sc, e := s.scope, s.engine
	if sc == nil {
		return 0, sql.ErrTxDone
	}
	s.scope, s.ended = nil, true
	for _, c := range sc.cursors {
		_ = c.finish(why) // whoever reads on gets the reason
		c.result = &table{columns: c.Columns()}
	}
	query := "ROLLBACK"
	if commit && sc.lost == nil {
		query = "COMMIT"
	}
	t := e.trace(sc.ctx, query, nil)
	t.start()
	var err error
	switch {
	case query == "COMMIT":
		// Without the context: a commit that has begun is not to be cut off.
		if err = sc.link.run(context.Background(), query); err != nil {
			err = e.fault(sc.ctx, err)
			sc.link.rollback()
		}
		err = e.confirm(sc.link, err)
	case sc.lost == nil:
		sc.link.rollback()
	case commit:
		err = fmt.Errorf("the transaction was rolled back: %w", sc.lost)
	}
	t.stop()
	t.record(0)
	e.release(sc.link)
	return len(sc.cursors), err
}
