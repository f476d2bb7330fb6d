package sqlite

import (
	"context"
	"database/sql/driver"
	"time"

	"coppice/core/internal/statement"
)

// trace times one statement for a recorder. It is nil, and does nothing,
// where nobody records.
type trace struct {
	recorder *statement.Recorder
	entry    statement.Statement
	started  time.Time
}

// trace returns the trace of a statement, which is nil unless the context has
// a recorder.
func (e *engine) trace(ctx context.Context, query string, args []driver.NamedValue) *trace {
	r := statement.FromContext(ctx)
	if r == nil {
		return nil
	}
	return &trace{recorder: r, entry: statement.Statement{
		SQL: query, Args: e.secrets.Mask(query, values(args)), Path: statement.PathOf(ctx),
	}}
}

// explain asks for the plan, where it is wanted and there is one.
func (t *trace) explain(ctx context.Context, l *connection, k kind, args []driver.NamedValue) {
	if t != nil && t.recorder.Plans && k <= write {
		t.entry.Plan = l.plan(ctx, t.entry.SQL, args)
		t.entry.Steps = stepsOf(t.entry.Plan)
	}
}

// start begins a stretch of time that the database takes.
func (t *trace) start() {
	if t != nil {
		t.started = time.Now()
	}
}

// stop ends the stretch that start began: what the caller does between two rows is
// not the database's.
func (t *trace) stop() {
	if t != nil {
		t.entry.Duration += time.Since(t.started)
	}
}

// record hands the statement over, with the rows that it read or changed.
func (t *trace) record(rows int) {
	if t != nil {
		t.entry.Rows = rows
		t.recorder.Add(t.entry)
	}
}

// affected records a statement that gave a result rather than rows.
func (t *trace) affected(res driver.Result) {
	if t == nil {
		return
	}
	n, err := res.RowsAffected()
	if err != nil {
		n = 0
	}
	t.record(int(n))
}

// values are the values of arguments.
func values(args []driver.NamedValue) []any {
	list := make([]any, len(args))
	for i, a := range args {
		list[i] = a.Value
	}
	return list
}
