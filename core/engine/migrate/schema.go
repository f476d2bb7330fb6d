package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"entgo.io/ent/dialect"
	entdriver "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"
)

// Prepare makes the schema ready. It reports that it has spent the handle: its
// connection keeps the whole file locked and must be closed.
func (m *Migration) Prepare(ctx context.Context, db *sql.DB) (spent bool, err error) {
	defer func() {
		if err != nil {
			err = m.explain(err)
		}
	}()
	applied, err := history(ctx, db)
	if err != nil {
		return false, err
	}
	var mode string
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return false, err
	}
	whole, err := m.hasTriggers(ctx, db)
	if err != nil {
		return false, err
	}
	if m.current(applied) && whole && mode == "wal" {
		return false, nil
	}
	return m.migrate(ctx, db, false)
}

// Settle sees that a database to which the migration files were applied is what the
// schema says, and notes it. A *BehindError tells what is missing. It reports, as
// Prepare does, that it has spent the handle.
func (m *Migration) Settle(ctx context.Context, db *sql.DB) (spent bool, err error) {
	defer func() {
		if err != nil && !errors.As(err, new(*BehindError)) {
			err = m.explain(err)
		}
	}()
	return m.migrate(ctx, db, true)
}

// Current reports that the schema is the last that was applied to a database.
func (m *Migration) Current(ctx context.Context, db *sql.DB) (bool, error) {
	applied, err := history(ctx, db)
	if err != nil {
		return false, err
	}
	whole, err := m.hasTriggers(ctx, db)
	return m.current(applied) && whole, err
}

// Behind reports that a database lacks something of the schema. One to which a later
// schema was applied since does not: whoever did so left in place what ours needs, or the
// tables show it.
func (m *Migration) Behind(ctx context.Context, db *sql.DB) (bool, error) {
	applied, err := history(ctx, db)
	if err != nil || len(applied) == 0 {
		return true, err
	}
	if applied[len(applied)-1].print == m.want {
		whole, err := m.hasTriggers(ctx, db)
		return !whole, err
	}
	return !slices.ContainsFunc(applied, func(a application) bool { return a.print == m.want }), nil
}

// Preview returns what would bring the database to the schema, without changing it.
// Nobody else can write meanwhile.
func (m *Migration) Preview(ctx context.Context, db *sql.DB) (c *Change, err error) {
	defer func() {
		if err != nil {
			err = m.explain(err)
		}
	}()
	if _, err := db.ExecContext(ctx, "PRAGMA foreign_keys = off"); err != nil {
		return nil, err
	}
	begun, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, begun.Rollback()) }()
	tx := &Tx{Tx: begun, Literal: literal}
	before, err := objects(ctx, tx, allObjects)
	if err != nil {
		return nil, err
	}
	c = &Change{}
	began := time.Now()
	if err := m.apply(ctx, tx); !c.Refused(err) && err != nil {
		return nil, err
	}
	c.Took = time.Since(began)
	after, err := objects(ctx, tx, allObjects)
	if err != nil {
		return nil, err
	}
	c.Statements, c.Notes = essential(tx.Statements(), before, after), m.notes
	return c, nil
}

// migrate does all of its work in one immediate transaction, for which it
// waits like any writer: of several programs that open a new file at once, one
// creates the schema and the others find it.
// Where the files are to have led to the schema already, whatever is missing is an error.
func (m *Migration) migrate(ctx context.Context, db *sql.DB, settled bool) (bool, error) {
	// Rebuilding a table drops the old one, which must not cascade. Inside a
	// transaction it is too late to say so.
	if _, err := db.ExecContext(ctx, "PRAGMA foreign_keys = off"); err != nil {
		return false, err
	}
	begun, err := db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	tx := &Tx{Tx: begun, Literal: literal}
	defer tx.Rollback()
	var mode string
	if err := tx.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return false, err
	}
	switching := mode != "wal" && !m.target.Memory
	if switching {
		// Nobody may come between the end of this transaction and the switch,
		// which does not wait for a lock, but fails.
		if _, err := begun.ExecContext(ctx, "PRAGMA locking_mode = exclusive"); err != nil {
			return false, err
		}
	}
	before, err := objects(ctx, tx, allObjects)
	if err != nil {
		return false, err
	}
	m.schema.Settled = settled
	if err := m.apply(ctx, tx); err != nil {
		return false, err
	}
	if settled {
		after, err := objects(ctx, tx, allObjects)
		if err != nil {
			return false, err
		}
		if missing := essential(tx.Statements(), before, after); len(missing) > 0 {
			return false, &BehindError{missing}
		}
	}
	if err := tx.Commit(); err != nil {
		return false, err
	}
	for _, note := range m.notes {
		m.log.WarnContext(ctx, note, "database", m.target.Path)
	}
	if switching {
		return true, switchToWAL(ctx, db)
	}
	_, err = db.ExecContext(ctx, "PRAGMA foreign_keys = on")
	return false, err
}

// switchToWAL makes the file one with a write-ahead log, which it then stays.
func switchToWAL(ctx context.Context, db *sql.DB) error {
	var mode string
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode = wal").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("the file system allows no write-ahead log (journal mode %s): name a file on a local disk", mode)
	}
	return nil
}

// apply brings the tables up to date, unless somebody else did so while this
// program waited for the lock.
func (m *Migration) apply(ctx context.Context, tx *Tx) error {
	applied, err := history(ctx, tx)
	if err != nil {
		return err
	}
	whole, err := m.hasTriggers(ctx, tx)
	current := m.current(applied)
	if err != nil || current && whole {
		return err
	}
	tables, err := CopyTables(m.tables)
	if err != nil {
		return err
	}
	if err := m.changeTables(ctx, tx, tables, current, newer(applied, m.want) && !m.target.Newer); err != nil {
		return fmt.Errorf("bring its schema up to date (nothing was changed): %w", err)
	}
	if current {
		return nil // it was our triggers that were missing
	}
	return tx.Aside(func() error { return m.recordSchema(ctx, tx, tables) })
}

// change makes the tables what the schema says, as far as no data is lost, and
// the views anew. Back says that the file has had a newer schema meanwhile.
func (m *Migration) change(ctx context.Context, tx *Tx, tables []*schema.Table, back bool) error {
	r := m.newReviewer(ctx, tx, tables, back)
	if r.alike(); r.verdict() != nil {
		return r.err
	}
	if r.rename(m.schema.Renames); r.verdict() != nil {
		return r.err
	}
	m.renamed = r.renamed
	indexes, own := r.dropDependents()
	r.recase()
	r.renameValues(m.schema.Renames)
	r.fail(tx.Aside(func() error { // our own bookkeeping
		for _, query := range m.schema.LedgerStatements(r.exists, func(n string) bool { return Done(r.applied, n) }) {
			r.exec(query)
		}
		return r.err
	}))
	if r.err != nil {
		return r.err
	}
	create, err := schema.NewMigrate(migrating{entdriver.Conn{ExecQuerier: tx}}, schema.WithDropColumn(true), schema.WithDropIndex(true), schema.WithDiffHook(r.hook))
	if err == nil {
		err = create.Create(ctx, tables...)
	}
	if r.verdict() != nil {
		return r.err // in its own words, without those of what called it
	}
	if err != nil {
		return err
	}
	r.index(indexes)
	r.gone()
	r.makeViews(m.views)
	r.restoreDependents(own, m.views)
	r.references()
	m.notes = r.notes
	return r.verdict()
}

// migrating lets ent migrate inside a transaction that is already open.
type migrating struct{ entdriver.Conn }

// Dialect implements dialect.Driver.
func (migrating) Dialect() string { return dialect.SQLite }

// Tx implements dialect.Driver.
func (m migrating) Tx(context.Context) (dialect.Tx, error) { return dialect.NopTx(m), nil }

// Close implements dialect.Driver.
func (migrating) Close() error { return nil }

// Query tells ent, which insists on it, that foreign keys are on: they are
// checked as a whole before the transaction ends.
func (m migrating) Query(ctx context.Context, query string, args, v any) error {
	if query == "PRAGMA foreign_keys" {
		query = "SELECT 1"
	}
	return m.Conn.Query(ctx, query, args, v)
}
