package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"coppice/core/fault"
	"coppice/core/internal/statement"
)

// savepoint is what a failed statement of a transaction is rolled back to: after an
// error PostgreSQL takes nothing more before that.
const savepoint = "coppice_statement"

// transaction is ent's view of a transaction. One goroutine uses it at a time; the
// end of its context may come meanwhile.
type transaction struct {
	server   *server
	conn     *pgx.Conn
	lent     lent   // where conn is from; nothing of a draft
	release  func() // gives the connection back
	ctx      context.Context
	readOnly bool
	stop     func() bool

	mu      sync.Mutex
	pending []string // what begins it, which is sent with its first statement; nil since
	saved   bool     // there is a savepoint
	torn    bool     // a statement failed before its savepoint was there
	reading *rows    // that are being read
	over    error    // what a use of it gives once it has ended, or nil
	expired bool     // its context ended while rows were being read
	doomed  error    // why it can only be tried again, or nil
}

// begin reports why a statement may not run, and takes the lock that end gives back.
func (t *transaction) begin() error {
	t.mu.Lock()
	err := t.over
	if err == nil {
		err = t.doomed
	}
	if err != nil {
		t.mu.Unlock()
	}
	return err
}

// Exec implements dialect.ExecQuerier.
func (t *transaction) Exec(ctx context.Context, query string, args, v any) error {
	argv, err := arguments(args)
	if err != nil {
		return err
	}
	if err := t.begin(); err != nil {
		return err
	}
	defer t.mu.Unlock()
	tr := t.server.trace(ctx, query, argv)
	t.explain(ctx, tr, argv)
	t.placing(ctx, query)
	tr.start()
	tag, err := t.exec(ctx, query, argv)
	tr.stop()
	tr.record(int(tag.RowsAffected()))
	if err = t.failed(ctx, query, argv, err); err != nil {
		return err
	}
	return result(tag, v)
}

// exec runs a statement after a savepoint, in one round trip.
func (t *transaction) exec(ctx context.Context, query string, args []any) (tag pgconn.CommandTag, err error) {
	if isSavepoint(query) && !t.readOnly {
		return t.mark(ctx, query)
	}
	res, err := t.send(ctx, query, args)
	if err != nil {
		return tag, err
	}
	tag, err = res.Exec()
	if cerr := res.Close(); err == nil {
		err = cerr
	}
	return tag, err
}

// mark runs a statement about a savepoint of the caller's, which ours, being within
// it or around it, must not outlive.
func (t *transaction) mark(ctx context.Context, query string) (pgconn.CommandTag, error) {
	if err := t.open(ctx); err != nil {
		return pgconn.CommandTag{}, err
	}
	if t.saved {
		query = "RELEASE SAVEPOINT " + savepoint + "; " + query
		t.saved = false
	}
	return t.conn.Exec(ctx, query)
}

// isSavepoint reports a statement about a savepoint.
func isSavepoint(query string) bool {
	verb, _, _ := strings.Cut(query, " ")
	switch strings.ToUpper(verb) {
	case "SAVEPOINT", "RELEASE", "ROLLBACK":
		return true
	}
	return false
}

// reads reports a statement that changes nothing.
func reads(query string) bool { return strings.HasPrefix(query, "SELECT ") }

// Query implements dialect.ExecQuerier.
func (t *transaction) Query(ctx context.Context, query string, args, v any) error {
	argv, err := arguments(args)
	if err != nil {
		return err
	}
	into, ok := v.(*entsql.Rows)
	if !ok {
		return fmt.Errorf("database: query: the result is a %T, not a *sql.Rows of ent", v)
	}
	if err := t.begin(); err != nil {
		return err
	}
	defer t.mu.Unlock()
	tr := t.server.trace(ctx, query, argv)
	t.explain(ctx, tr, argv)
	asked, table := t.placing(ctx, query)
	tr.start()
	found, err := t.query(ctx, asked, argv)
	tr.stop()
	if err != nil {
		tr.record(0)
		return t.failed(ctx, query, argv, err)
	}
	r := &rows{places: table, Rows: found, server: t.server, types: t.conn.TypeMap(), ctx: ctx, trace: tr}
	r.end = func(err error) error { return t.read(ctx, r, query, argv, err) }
	t.reading = r
	*into = entsql.Rows{ColumnScanner: r}
	return nil
}

// query runs a statement that gives rows, after a savepoint, in one round trip.
func (t *transaction) query(ctx context.Context, query string, args []any) (pgx.Rows, error) {
	if (t.readOnly || reads(query)) && t.pending == nil && !statement.IsLast(ctx) && t.status() != idle {
		return t.conn.Query(ctx, query, args...)
	}
	res, err := t.send(ctx, query, args)
	if err != nil {
		return nil, err
	}
	found, err := res.Query()
	if err != nil {
		_ = res.Close()
		return nil, err
	}
	return &batched{found, res}, nil
}

// batched are the rows of the last statement of a batch.
type batched struct {
	pgx.Rows
	batch pgx.BatchResults
}

// Close ends the batch with its rows.
func (b *batched) Close() {
	b.Rows.Close()
	_ = b.batch.Close() // Err tells of the rows
}

// read is called when rows are read to their end.
func (t *transaction) read(ctx context.Context, r *rows, query string, args []any, err error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.reading == r {
		t.reading = nil
	}
	err = t.failed(ctx, query, args, err)
	if t.expired && t.over == nil {
		_ = t.finish(context.WithoutCancel(t.ctx), "ROLLBACK", t.ctx.Err())
	}
	return err
}

// failed turns an error of a statement, and leaves the transaction as it was before.
func (t *transaction) failed(ctx context.Context, query string, args []any, err error) error {
	if err = t.server.fault(ctx, err); t.over == nil { // later the connection is somebody else's
		err = t.lent.failed(err)
	}
	if err == nil {
		return nil
	}
	var gone *fault.Unreachable
	if t.pending != nil && errors.As(err, &gone) {
		gone.Unbegun = true
	}
	switch {
	case errors.As(err, new(*fault.Retry)), t.conn.IsClosed(), t.torn, reads(query): // before which there is no savepoint
		t.doomed = err
	case !t.readOnly && t.saved:
		if _, rerr := t.conn.Exec(context.WithoutCancel(ctx), "ROLLBACK TO SAVEPOINT "+savepoint); rerr != nil {
			t.doomed = err
			break
		}
		t.locate(ctx, query, args, err)
	}
	return t.server.misfit(ctx, query, args, err)
}

// explain asks for the plan of a statement, and takes back what a wrong one did.
func (t *transaction) explain(ctx context.Context, tr *trace, args []any) {
	if tr == nil || !tr.recorder.Plans || !explainable(tr.entry.SQL) {
		return
	}
	const mark = "coppice_plan"
	if t.open(ctx) != nil {
		return // the statement itself tells
	}
	if !t.readOnly {
		if _, err := t.conn.Exec(ctx, "SAVEPOINT "+mark); err != nil {
			return
		}
	}
	tr.explain(ctx, t.conn, args)
	if !t.readOnly {
		_, _ = t.conn.Exec(ctx, "ROLLBACK TO SAVEPOINT "+mark+"; RELEASE SAVEPOINT "+mark)
	}
}

// ExecContext runs raw SQL.
func (t *transaction) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	var res sql.Result
	return res, t.Exec(ctx, query, args, &res)
}

// QueryContext implements what ent asks of a driver that runs raw SQL.
func (t *transaction) QueryContext(context.Context, string, ...any) (*sql.Rows, error) {
	return nil, errors.New("database: in a transaction, raw queries are run by the driver's Query")
}

// control runs a statement that begins or ends a transaction.
func (t *transaction) control(ctx context.Context, query string) error {
	tr := t.server.trace(t.ctx, query, nil)
	_, err := t.conn.Exec(ctx, query)
	tr.stop()
	tr.record(0)
	return t.server.fault(ctx, err)
}

// Commit implements driver.Tx. Where the context has ended it rolls back.
func (t *transaction) Commit() error {
	t.stop()
	t.mu.Lock()
	defer t.mu.Unlock()
	// Without the context: a commit that has begun is not to be cut off.
	ctx := context.WithoutCancel(t.ctx)
	switch {
	case t.over != nil:
		return t.over
	case t.ctx.Err() != nil:
		_ = t.finish(ctx, "ROLLBACK", t.ctx.Err()) // the reason comes first
		return t.ctx.Err()
	case t.doomed != nil:
		_ = t.finish(ctx, "ROLLBACK", errNoTransaction)
		return t.doomed
	}
	return t.finish(ctx, "COMMIT", errNoTransaction)
}

// Rollback implements driver.Tx.
func (t *transaction) Rollback() error {
	t.stop()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over != nil {
		if errors.Is(t.over, errNoTransaction) {
			return t.over
		}
		return nil // the end of the context did it already
	}
	return t.finish(context.WithoutCancel(t.ctx), "ROLLBACK", errNoTransaction)
}

// expire rolls back when the context ends, so that nobody who forgets a transaction
// keeps its locks.
func (t *transaction) expire() {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.over != nil:
	case t.reading != nil:
		t.expired = true // whoever reads ends it: their statement is being canceled
	default:
		_ = t.finish(context.WithoutCancel(t.ctx), "ROLLBACK", t.ctx.Err()) // there is nobody to tell
	}
}

// finish ends the transaction, and gives the connection back. Later uses get the
// error over.
func (t *transaction) finish(ctx context.Context, query string, over error) error {
	t.over = over
	if t.reading != nil {
		t.reading.Rows.Close()
		t.reading = nil
	}
	defer t.release()
	if t.conn.IsClosed() {
		if query == "ROLLBACK" {
			return nil
		}
		return &fault.Unreachable{Cause: errClosed}
	}
	switch {
	case t.pending != nil, t.status() == idle: // nothing was asked, or the end went with the last statement
		t.server.trace(t.ctx, query, nil).record(0)
		return nil
	case query == "COMMIT" && !t.readOnly:
		return t.commit(ctx)
	}
	return t.control(ctx, query)
}

// commit ends the transaction and learns how far the log of writes has come, in one
// round trip.
func (t *transaction) commit(ctx context.Context) error {
	tr := t.server.trace(t.ctx, "COMMIT", nil)
	results, err := t.conn.PgConn().Exec(ctx, "COMMIT; SELECT pg_current_wal_insert_lsn()").ReadAll()
	tr.stop()
	tr.record(0)
	switch {
	case len(results) == 0 || results[0].Err != nil:
		return t.server.fault(ctx, err)
	case results[0].CommandTag.String() != "COMMIT":
		return &fault.Retry{Cause: errRolledBack}
	case len(results) == 2 && len(results[1].Rows) == 1:
		t.server.acknowledge(t.ctx, string(results[1].Rows[0][0]))
	}
	return nil // it is committed, whatever became of the question
}

// errRolledBack is the error of a transaction that the server ended otherwise than
// it was asked to.
var errRolledBack = errors.New("the transaction was rolled back")
