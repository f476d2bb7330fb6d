package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5/stdlib"

	"coppice/core/fault"
)

// draft is a driver all of whose statements run in one transaction, which nobody
// commits: what is done shows what would happen. Numbers that sequences gave meanwhile
// are not given again.
type draft struct {
	*transaction
	conn   *sql.Conn
	around *sql.Tx
	ended  sync.Once
	err    error
}

// Draft opens the database for trying out what would happen to it. Closing the driver
// takes back all of it.
func Draft(ctx context.Context, t Target, o Options) (dialect.Driver, error) {
	s, err := connect(ctx, t, o)
	if err != nil {
		return nil, err
	}
	d := &draft{}
	if err := d.begin(ctx, s, o); err != nil {
		switch codeOf(err) {
		case serializationFailure, deadlockDetected, uniqueViolation, duplicateTable, duplicateObject: // somebody made the schema meanwhile
			err = &fault.Retry{Cause: err}
		}
		return nil, errors.Join(t.refused(err), d.Close())
	}
	return d, nil
}

func (d *draft) begin(ctx context.Context, s *server, o Options) (err error) {
	d.transaction = &transaction{server: s, ctx: context.WithoutCancel(ctx), stop: func() bool { return true }, release: func() {}}
	if d.conn, err = s.db.Conn(ctx); err != nil {
		return err
	}
	if d.around, err = d.conn.BeginTx(d.ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead}); err != nil {
		return err
	}
	if _, err := d.around.ExecContext(ctx, fmt.Sprintf("SET LOCAL lock_timeout = %d", s.lockWait.Milliseconds())); err != nil {
		return err
	}
	want, err := o.Schema.Fingerprint()
	if err != nil {
		return err
	}
	if _, err := bring(ctx, recorded(d.around), o, want); err != nil {
		return err
	}
	if err := s.learn(ctx, d.around); err != nil {
		return err
	}
	return d.conn.Raw(func(c any) error {
		conn, ok := c.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("the driver's connection is a %T", c)
		}
		d.transaction.conn = conn.Conn()
		return nil
	})
}

// Dialect implements dialect.Driver.
func (d *draft) Dialect() string { return dialect.Postgres }

// Tx begins a transaction within the draft's.
func (d *draft) Tx(ctx context.Context) (dialect.Tx, error) { return d.BeginTx(ctx, nil) }

// BeginTx does so: what it is rolled back to is a savepoint.
func (d *draft) BeginTx(ctx context.Context, _ *entsql.TxOptions) (dialect.Tx, error) {
	if err := d.control(ctx, "SAVEPOINT coppice_draft"); err != nil {
		return nil, err
	}
	return &part{d}, nil
}

// Close takes all of it back; again, it does nothing.
func (d *draft) Close() error {
	d.ended.Do(func() {
		if d.around != nil {
			d.err = d.around.Rollback()
		}
		if d.conn != nil {
			d.err = errors.Join(d.err, d.conn.Close())
		}
		d.server.close()
	})
	return d.err
}

// part is a transaction within a draft.
type part struct{ *draft }

// Commit keeps what was done in the draft.
func (p *part) Commit() error { return p.end("RELEASE SAVEPOINT coppice_draft") }

// Rollback takes it back.
func (p *part) Rollback() error {
	return p.end("ROLLBACK TO SAVEPOINT coppice_draft; RELEASE SAVEPOINT coppice_draft")
}

func (p *part) end(query string) error {
	p.saved = false
	return p.control(p.ctx, query)
}

// Read lets a function read a database as it is.
func Read(ctx context.Context, t Target, read func(*sql.DB) error) error {
	s, err := connect(ctx, t, Options{})
	if err != nil {
		return err
	}
	defer s.close()
	return read(s.db)
}

// smallTable is up to how many pages a table has its rows counted: 8 MiB.
const smallTable = 1000

// About is how many rows a table has: counted, or of a large one as the last ANALYZE did;
// 0 of one that is not there.
func About(ctx context.Context, db *sql.DB, table string) (n int64, err error) {
	const query = `SELECT coalesce(max(CASE WHEN reltuples >= 0 THEN reltuples ELSE relpages * 50 END), 0)::bigint, count(*), coalesce(max(pg_relation_size(oid) / 8192), 0)
		FROM pg_class WHERE relname = $1 AND relnamespace = current_schema()::regnamespace`
	var there bool
	var pages int64
	if err := db.QueryRowContext(ctx, query, table).Scan(&n, &there, &pages); err != nil || !there || pages > smallTable {
		return n, err
	}
	return n, db.QueryRowContext(ctx, "SELECT count(*) FROM "+quote(table)).Scan(&n)
}

// Index is the statement that made an index; "" of one that is not there.
func Index(ctx context.Context, db *sql.DB, name string) (statement string, err error) {
	const query = `SELECT coalesce(max(pg_get_indexdef(oid)), '') FROM pg_class WHERE relname = $1 AND relkind = 'i' AND relnamespace = current_schema()::regnamespace`
	return statement, db.QueryRowContext(ctx, query, name).Scan(&statement)
}
