package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"coppice/core/engine/migrate"
	"coppice/core/engine/revision"
	"coppice/core/engine/sqlite/dbfile"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
)

// entDriver is ent's driver for SQLite: a thin layer over database/sql, which is
// itself a layer over the engine.
type entDriver struct {
	engine    *engine
	db        *sql.DB
	migration *migrate.Migration
	files     *revision.Folder // that somebody else applies
	close     func() error
}

var (
	_ dialect.Driver = (*entDriver)(nil)
	_ querier        = (*entDriver)(nil)
	_ dialect.Tx     = (*transaction)(nil)
	_ querier        = (*transaction)(nil)
)

// idleSessions bounds what database/sql keeps; a session is a few words.
const idleSessions = 256

// newEntDriver returns a handle that has opened nothing yet.
func newEntDriver(t Target, o Options) (*entDriver, error) {
	e, err := newEngine(t, o)
	if err != nil {
		return nil, err
	}
	m, err := migrate.New(migrate.Target{Name: t.name, Path: t.String(), Memory: t.Memory(), Newer: t.newer, Loss: t.mayLose || o.Complete, Rows: o.Complete}, o.Schema, e.refused, o.Log)
	if err != nil {
		return nil, err
	}
	e.forms = m.Refusals()
	h := &entDriver{engine: e, db: sql.OpenDB(e), migration: m, files: o.watched()}
	h.db.SetMaxIdleConns(idleSessions)
	h.close = sync.OnceValue(func() error { return errors.Join(e.shutdown(), h.db.Close()) })
	return h, nil
}

// Dialect implements dialect.Driver.
func (h *entDriver) Dialect() string { return dialect.SQLite }

// DB returns the SQL handle, whose statements take the same way as ent's.
func (h *entDriver) DB() *sql.DB { return h.db }

// Shared reports whether another process has the database open, as far as that
// can be told, or somebody of this one waits to write.
func (h *entDriver) Shared() bool {
	e := h.engine
	return e.writer.line.Load() > 0 || !e.target.Memory() && dbfile.Shared(e.target.path)
}

// Close waits for what runs, then closes every connection; again, it does
// nothing. Whatever comes later is an error.
func (h *entDriver) Close() error { return h.close() }

// Exec implements dialect.ExecQuerier.
func (h *entDriver) Exec(ctx context.Context, query string, args, v any) error {
	return execInto(ctx, h.db, query, args, v)
}

// Query implements dialect.ExecQuerier.
func (h *entDriver) Query(ctx context.Context, query string, args, v any) error {
	return queryInto(ctx, h.db, query, args, v)
}

// ExecContext runs raw SQL.
func (h *entDriver) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return h.db.ExecContext(ctx, query, args...)
}

// QueryContext runs raw SQL.
func (h *entDriver) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return h.db.QueryContext(ctx, query, args...)
}

// Tx begins a write transaction.
func (h *entDriver) Tx(ctx context.Context) (dialect.Tx, error) { return h.BeginTx(ctx, nil) }

// BeginTx begins a transaction: a snapshot where it is read-only, else one
// that may write. It is rolled back when its context ends.
func (h *entDriver) BeginTx(ctx context.Context, opts *entsql.TxOptions) (dialect.Tx, error) {
	conn, err := h.db.Conn(call{ctx})
	if err != nil {
		return nil, err
	}
	err = conn.Raw(func(c any) error {
		return c.(*session).begin(ctx, opts != nil && opts.ReadOnly)
	})
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	t := &transaction{conn: conn, ctx: ctx}
	t.stop = context.AfterFunc(ctx, t.expire)
	return t, nil
}

// querier is what *sql.DB and *sql.Conn have in common.
type querier interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}

// execInto runs a statement for ent, which wants the result in v, if at all.
func execInto(ctx context.Context, q querier, query string, args, v any) error {
	argv, ok := args.([]any)
	if !ok {
		return fmt.Errorf("database: exec: args are a %T, not a []any", args)
	}
	res, err := q.ExecContext(call{ctx}, query, argv...)
	if err != nil {
		return err
	}
	switch v := v.(type) {
	case nil:
	case *sql.Result:
		*v = res
	default:
		return fmt.Errorf("database: exec: the result is a %T, not a *sql.Result", v)
	}
	return nil
}

// queryInto runs a query for ent, which wants the rows in v.
func queryInto(ctx context.Context, q querier, query string, args, v any) error {
	argv, ok := args.([]any)
	if !ok {
		return fmt.Errorf("database: query: args are a %T, not a []any", args)
	}
	into, ok := v.(*entsql.Rows)
	if !ok {
		return fmt.Errorf("database: query: the result is a %T, not a *sql.Rows of ent", v)
	}
	rows, err := q.QueryContext(call{ctx}, query, argv...)
	if err != nil {
		return err
	}
	// ent's migration relies on these being the rows of database/sql.
	*into = entsql.Rows{ColumnScanner: rows}
	return nil
}
