package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"coppice/core/internal/index"
)

const (
	// keptStatements bounds the prepared statements of one connection: some
	// ten kilobytes each.
	keptStatements = 128
	// keptLength leaves out bulk inserts, which are long and rarely repeated.
	keptLength = 16 << 10
)

// physical is what the engine's driver offers on a connection.
type physical interface {
	driver.Conn
	driver.ConnPrepareContext
}

// prepared is what the engine's driver offers on a statement.
type prepared interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// connection is a connection to the engine with the statements prepared on it. One
// goroutine uses it at a time.
type connection struct {
	conn   physical
	pool   *pool
	slot   chan struct{} // what it holds one of while it is lent
	kept   *simplelru.LRU[string, *stmt]
	count  *atomic.Int64 // of statements prepared, over all links
	broken bool          // in an unknown state: to be closed, not used again
	// believes is set until it disregards what the file says of its tables.
	believes bool
}

// stmt is a prepared statement. It runs one query at a time.
type stmt struct {
	prepared
	busy bool // in the middle of a run
	kept bool // for another run; else closed after this one
}

func newConnection(conn physical, count *atomic.Int64) (*connection, error) {
	kept, err := simplelru.NewLRU(keptStatements, func(_ string, st *stmt) {
		st.kept = false
		if !st.busy {
			_ = st.Close() // repeats the error of its last run
		}
	})
	if err != nil {
		return nil, err
	}
	return &connection{conn: conn, kept: kept, count: count}, nil
}

// statement returns the prepared statement of a query, for one run that ends
// with done. Where that one is busy, as when a query runs while it is being
// read from, it is a second one.
func (l *connection) statement(ctx context.Context, query string, k kind) (*stmt, error) {
	kept, found := l.kept.Get(query)
	if found && !kept.busy {
		kept.busy = true
		return kept, nil
	}
	l.count.Add(1)
	inner, err := l.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	p, ok := inner.(prepared)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the driver's statement is a %T", inner), inner.Close())
	}
	st := &stmt{prepared: p, busy: true}
	if !found && k != other && len(query) <= keptLength {
		st.kept = true
		l.kept.Add(query, st)
	}
	return st, nil
}

// done ends a run of a statement.
func (l *connection) done(st *stmt) {
	st.busy = false
	if !st.kept {
		_ = st.Close() // repeats the error of its last run
	}
}

// query runs a statement that gives rows. The statement is done when they are
// closed.
func (l *connection) query(ctx context.Context, query string, k kind, args []driver.NamedValue) (*stmt, result, error) {
	st, err := l.statement(ctx, query, k)
	if err != nil {
		return nil, nil, err
	}
	rows, err := st.QueryContext(ctx, args)
	if err == nil {
		if r, ok := rows.(result); ok {
			return st, r, nil
		}
		err = errors.Join(fmt.Errorf("the driver's rows are a %T", rows), rows.Close())
	}
	l.done(st)
	// Somebody may have dropped an index under us. The statement is as right
	// without it.
	if free := index.Free(query); free != query && strings.Contains(err.Error(), "no such index") {
		return l.query(ctx, free, k, args)
	}
	return nil, nil, err
}

// exec runs a statement whose rows, if any, are not wanted.
func (l *connection) exec(ctx context.Context, query string, k kind, args []driver.NamedValue) (driver.Result, error) {
	st, err := l.statement(ctx, query, k)
	if err != nil {
		return nil, err
	}
	defer l.done(st)
	return st.ExecContext(ctx, args)
}

// run runs a statement of our own.
func (l *connection) run(ctx context.Context, query string) error {
	_, err := l.exec(ctx, query, control, nil)
	return err
}

// rollback leaves the connection outside of any transaction, or marks it as
// broken. In no transaction it does nothing.
func (l *connection) rollback() {
	err := l.run(context.Background(), "ROLLBACK")
	l.broken = err != nil && !isGeneric(err)
}

// plan returns the engine's plan of a statement, a line a step, indented by
// depth; none where the engine has none.
func (l *connection) plan(ctx context.Context, query string, args []driver.NamedValue) []string {
	st, rows, err := l.query(ctx, "EXPLAIN QUERY PLAN "+query, other, args)
	if err != nil {
		return nil
	}
	defer l.done(st)
	defer rows.Close()
	var steps []string
	depth := map[any]int{}
	row := make([]driver.Value, len(rows.Columns()))
	for rows.Next(row) == nil && len(row) == 4 {
		id, parent, detail := row[0], row[1], row[3]
		depth[id] = depth[parent] + 1
		steps = append(steps, strings.Repeat("  ", depth[id]-1)+fmt.Sprint(detail))
	}
	return steps
}

// close closes the connection; SQLite rolls back what was open.
func (l *connection) close() error {
	l.kept.Purge()
	return l.conn.Close()
}
