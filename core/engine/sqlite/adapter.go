package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
)

// The rest of what database/sql asks of a connection.
var (
	_ driver.Conn               = (*session)(nil)
	_ driver.ConnBeginTx        = (*session)(nil)
	_ driver.ConnPrepareContext = (*session)(nil)
	_ driver.ExecerContext      = (*session)(nil)
	_ driver.QueryerContext     = (*session)(nil)
	_ driver.NamedValueChecker  = (*session)(nil)
	_ driver.SessionResetter    = (*session)(nil)
	_ driver.Pinger             = (*session)(nil)
	_ driver.StmtExecContext    = (*deferred)(nil)
	_ driver.StmtQueryContext   = (*deferred)(nil)
)

// BeginTx implements driver.ConnBeginTx. Every isolation level is met: writers
// are serial, and a reader has a snapshot.
func (s *session) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if err := s.begin(caller(ctx), opts.ReadOnly); err != nil {
		return nil, err
	}
	return (*sessionTx)(s), nil
}

// Begin implements driver.Conn.
func (s *session) Begin() (driver.Tx, error) {
	return s.BeginTx(context.Background(), driver.TxOptions{})
}

// PrepareContext implements driver.ConnPrepareContext.
func (s *session) PrepareContext(_ context.Context, query string) (driver.Stmt, error) {
	return &deferred{s, query}, nil
}

// Prepare implements driver.Conn.
func (s *session) Prepare(query string) (driver.Stmt, error) {
	return s.PrepareContext(context.Background(), query)
}

// Ping implements driver.Pinger.
func (s *session) Ping(ctx context.Context) error {
	_, err := s.ExecContext(ctx, "SELECT 1", nil)
	return err
}

// ResetSession implements driver.SessionResetter.
func (s *session) ResetSession(context.Context) error {
	s.ended = false
	return nil
}

// Close implements driver.Conn.
func (s *session) Close() error {
	if s.scope == nil {
		return nil
	}
	_, err := s.end(false, sql.ErrTxDone)
	return err
}

// sessionTx is the transaction of a session, as database/sql sees it.
type sessionTx session

// Commit implements driver.Tx.
func (tx *sessionTx) Commit() error { return tx.end(true) }

// Rollback implements driver.Tx.
func (tx *sessionTx) Rollback() error { return tx.end(false) }

func (tx *sessionTx) end(commit bool) error {
	s := (*session)(tx)
	_, err := s.end(commit, sql.ErrTxDone)
	s.ended = false // database/sql guards its own transactions
	return err
}

// deferred is a statement that database/sql prepared: the connections keep
// prepared statements themselves, so it is only text.
type deferred struct {
	session *session
	query   string
}

// ExecContext implements driver.StmtExecContext.
func (d *deferred) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return d.session.ExecContext(ctx, d.query, args)
}

// QueryContext implements driver.StmtQueryContext.
func (d *deferred) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return d.session.QueryContext(ctx, d.query, args)
}

// Exec implements driver.Stmt.
func (d *deferred) Exec(args []driver.Value) (driver.Result, error) {
	return d.ExecContext(context.Background(), named(args))
}

// Query implements driver.Stmt.
func (d *deferred) Query(args []driver.Value) (driver.Rows, error) {
	return d.QueryContext(context.Background(), named(args))
}

// NumInput implements driver.Stmt: the engine counts.
func (d *deferred) NumInput() int { return -1 }

// Close implements driver.Stmt.
func (d *deferred) Close() error { return nil }

func named(args []driver.Value) []driver.NamedValue {
	list := make([]driver.NamedValue, len(args))
	for i, v := range args {
		list[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return list
}
