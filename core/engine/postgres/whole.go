package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"coppice/core/fault"
)

// beginsFor are the statements that begin a transaction that writes. Whoever uses the
// connection next is not to have its bound on waiting.
func beginsFor(lockWait time.Duration) []string {
	return []string{"BEGIN ISOLATION LEVEL SERIALIZABLE", fmt.Sprintf("SET LOCAL lock_timeout = %d", lockWait.Milliseconds())}
}

// positionNow asks how far the log of writes has come.
const positionNow = "SELECT pg_current_wal_insert_lsn()::text"

// whole runs a statement that writes and is all of its transaction, with what begins
// and ends that, in one round trip. Where any of it fails nothing is kept.
func (s *server) whole(ctx context.Context, query string, args []any, into *entsql.Rows) error {
	if s.hasTriggers(query) {
		return errTriggers
	}
	c, err := s.acquire(ctx, query)
	if err != nil {
		return unbegun(err)
	}
	s.traceBegin(ctx, s.begins)
	t := s.trace(ctx, query, args)
	t.explain(ctx, c.Conn.Conn(), args)
	b := &pgx.Batch{QueuedQueries: make([]*pgx.QueuedQuery, 0, len(s.begins)+3)}
	for _, q := range s.begins {
		b.Queue(q)
	}
	b.Queue(query, args...)
	b.Queue("COMMIT")
	b.Queue(positionNow)
	t.start()
	w := &wholeResult{server: s, ctx: ctx, lent: c, res: c.SendBatch(ctx, b)}
	found, begun, err := w.rows(len(s.begins))
	t.stop()
	if err != nil {
		t.record(0)
		return w.end(s.fault(ctx, err), pgconn.SafeToRetry(err) || !begun && endedBefore(err))
	}
	*into = entsql.Rows{ColumnScanner: &rows{
		Rows: found, server: s, types: c.Conn.Conn().TypeMap(), ctx: ctx, trace: t,
		end: func(err error) error { return w.end(err, false) },
	}}
	return nil
}

// endedBefore reports whether the server itself ended the connection: what it says before
// it answers the BEGIN it said before all of it. A pooler, which names no routine, gives up
// what the server may do all the same.
func endedBefore(err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Routine == "" {
		return false
	}
	switch pg.Code {
	case adminShutdown, idleSession, idleInTransaction:
		return true
	}
	return false
}

// unbegun notes in an error that nothing can have come of what failed.
func unbegun(err error) error {
	var gone *fault.Unreachable
	if errors.As(err, &gone) {
		gone.Unbegun = true
	}
	return err
}

// wholeResult is what the server answers to whole.
type wholeResult struct {
	server *server
	ctx    context.Context
	lent   lent
	res    pgx.BatchResults
}

// rows are those of the statement, which follows so many that begin. begun tells that the
// first of these was answered.
func (w *wholeResult) rows(begins int) (found pgx.Rows, begun bool, err error) {
	for i := range begins {
		if _, err := w.res.Exec(); err != nil {
			return nil, i > 0, err
		}
	}
	found, err = w.res.Query()
	return found, true, err
}

// end learns whether the transaction was committed, and gives the connection back. err
// is why it was not, or nil; unsent tells that the server heard nothing of it.
func (w *wholeResult) end(err error, unsent bool) error {
	defer w.lent.Release()
	t := w.server.trace(w.ctx, "COMMIT", nil)
	if err == nil {
		err = w.committed()
	}
	t.stop()
	t.record(0)
	_ = w.res.Close() // the first error is the one that counts
	if conn := w.lent.Conn.Conn(); !conn.IsClosed() && conn.PgConn().TxStatus() != idle {
		// Where this fails, the connection is not used again.
		_, _ = conn.Exec(context.WithoutCancel(w.ctx), "ROLLBACK")
	}
	if unsent {
		return unbegun(err)
	}
	return err
}

// committed reads how the transaction ended. That its context did meanwhile changes
// nothing: what the server says holds.
func (w *wholeResult) committed() error {
	tag, err := w.res.Exec()
	if err != nil {
		return w.server.fault(w.ctx, err)
	}
	if tag.String() != "COMMIT" {
		return &fault.Retry{Cause: errRolledBack}
	}
	var at string
	if err := w.res.QueryRow().Scan(&at); err == nil { // it is committed, whatever became of the question
		w.server.acknowledge(w.ctx, at)
	}
	return nil
}

// errTriggers is the error of a statement that is to read what it makes, where
// triggers of the database's owner may change that once it was made.
var errTriggers = errors.New("database: the table has triggers")

// hasTriggers reports whether a statement inserts into a table that had triggers when
// it was last looked at.
func (s *server) hasTriggers(query string) bool {
	_, rest, _ := strings.Cut(query, `INSERT INTO "`)
	table, _, _ := strings.Cut(rest, `"`)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.triggers[table]
}
