package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"coppice/core/internal/statement"
)

// trace times one statement for a recorder. It is nil, and does nothing, where nobody
// records.
type trace struct {
	recorder *statement.Recorder
	entry    statement.Statement
	started  time.Time
}

// trace returns the trace of a statement, which is nil unless the context has a
// recorder. It has begun.
func (s *server) trace(ctx context.Context, query string, args []any) *trace {
	r := statement.FromContext(ctx)
	if r == nil {
		return nil
	}
	t := &trace{recorder: r, entry: statement.Statement{SQL: query, Args: s.secrets.Mask(query, args), Path: statement.PathOf(ctx)}}
	t.start()
	return t
}

// traceBegin records what begins a transaction, which is sent with its first statement.
func (s *server) traceBegin(ctx context.Context, statements []string) {
	if statement.FromContext(ctx) != nil {
		s.trace(ctx, strings.Join(statements, "; "), nil).record(0)
	}
}

// start begins a stretch of time that the database takes.
func (t *trace) start() {
	if t != nil {
		t.started = time.Now()
	}
}

// stop ends the stretch that start began.
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

// explain asks for the plan, where it is wanted and there is one: a line a step.
func (t *trace) explain(ctx context.Context, c *pgx.Conn, args []any) {
	if t == nil || !t.recorder.Plans || !explainable(t.entry.SQL) {
		return
	}
	lines, err := c.Query(ctx, "EXPLAIN (COSTS OFF) "+t.entry.SQL, args...)
	if err != nil {
		return // the statement itself tells
	}
	t.entry.Plan, _ = pgx.CollectRows(lines, pgx.RowTo[string])
	t.entry.Steps = stepsOf(t.entry.Plan)
}

// explainable reports whether a statement has a plan.
func explainable(query string) bool {
	verb, _, _ := strings.Cut(strings.TrimSpace(query), " ")
	switch strings.ToUpper(verb) {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "VALUES":
		return true
	}
	return false
}
