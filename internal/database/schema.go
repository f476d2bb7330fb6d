package database

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"entgo.io/ent/dialect"
	entdriver "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"

	"coppice/ent/migrate"
)

// The statements of the table that tells what was applied.
const (
	createHistory = "CREATE TABLE IF NOT EXISTS coppice_schema (id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL, applied_at DATETIME NOT NULL)"
	findHistory   = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'coppice_schema'"
	readHistory   = "SELECT fingerprint FROM coppice_schema ORDER BY id"
	addHistory    = "INSERT INTO coppice_schema (fingerprint, applied_at) VALUES (?, ?)"
)

// prepare makes the schema ready. It reports that it has spent the handle: the
// connection keeps the whole file locked and must be closed.
func (h *handle) prepare(ctx context.Context, tables []*schema.Table) (spent bool, err error) {
	defer func() {
		if err != nil {
			err = h.engine.refused(err)
		}
	}()
	applied, err := history(ctx, h.db)
	if err != nil {
		return false, err
	}
	var mode string
	if err := h.db.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return false, err
	}
	whole, err := h.hasTriggers(ctx, h.db)
	if err != nil {
		return false, err
	}
	if h.current(applied) && whole && mode == "wal" {
		return false, nil
	}
	return h.migrate(ctx, tables)
}

// current reports that the last schema applied is ours.
func (h *handle) current(applied []string) bool {
	return len(applied) > 0 && applied[len(applied)-1] == h.want
}

// migrate does all of its work in one immediate transaction, for which it
// waits like any writer: of several programs that open a new file at once, one
// creates the schema and the others find it.
func (h *handle) migrate(ctx context.Context, tables []*schema.Table) (bool, error) {
	// Rebuilding a table drops the old one, which must not cascade. Inside a
	// transaction it is too late to say so.
	if _, err := h.db.ExecContext(ctx, "PRAGMA foreign_keys = off"); err != nil {
		return false, err
	}
	tx, err := h.db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer tx.Rollback()
	var mode string
	if err := tx.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return false, err
	}
	switching := mode != "wal" && !h.engine.target.memory()
	if switching {
		// Nobody may come between the end of this transaction and the switch,
		// which does not wait for a lock, but fails.
		if _, err := tx.ExecContext(ctx, "PRAGMA locking_mode = exclusive"); err != nil {
			return false, err
		}
	}
	if err := h.apply(ctx, tx, tables); err != nil {
		return false, err
	}
	if err := tx.Commit(); err != nil {
		return false, err
	}
	if switching {
		return true, h.switchToWAL(ctx)
	}
	_, err = h.db.ExecContext(ctx, "PRAGMA foreign_keys = on")
	return false, err
}

// switchToWAL makes the file one with a write-ahead log, which it then stays.
func (h *handle) switchToWAL(ctx context.Context) error {
	var mode string
	if err := h.db.QueryRowContext(ctx, "PRAGMA journal_mode = wal").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("the file system allows no write-ahead log (journal mode %s): name a file on a local disk", mode)
	}
	return nil
}

// apply brings the tables up to date, unless somebody else did so while this
// program waited for the lock.
func (h *handle) apply(ctx context.Context, tx *sql.Tx, tables []*schema.Table) error {
	applied, err := history(ctx, tx)
	if err != nil {
		return err
	}
	whole, err := h.hasTriggers(ctx, tx)
	current := h.current(applied)
	if err != nil || current && whole {
		return err
	}
	tables, err = copyTables(tables)
	if err != nil {
		return err
	}
	if err := h.changeTables(ctx, tx, tables, current, newer(applied, h.want) && !h.engine.target.newer); err != nil {
		return fmt.Errorf("bring its schema up to date (nothing was changed): %w", err)
	}
	if _, err := tx.ExecContext(ctx, createHistory); err != nil {
		return err
	}
	if current {
		return nil
	}
	if _, err := tx.ExecContext(ctx, addHistory, h.want, time.Now()); err != nil {
		return err
	}
	return checkReferences(ctx, tx)
}

// change makes the tables what the schema says, as far as no data is lost, and
// the views anew. Back says that the file has had a newer schema meanwhile.
func (h *handle) change(ctx context.Context, tx *sql.Tx, tables []*schema.Table, back bool) error {
	r := h.newReviewer(ctx, tx, tables, back)
	own, err := r.aside(h.views)
	if err != nil {
		return err
	}
	r.narrowed(tables)
	s := migrate.NewSchema(migrating{entdriver.Conn{ExecQuerier: tx}})
	err = migrate.Create(ctx, s, tables, schema.WithDropColumn(true), schema.WithDropIndex(true), schema.WithDiffHook(r.hook))
	if r.verdict() != nil {
		return r.err // in its own words, without those of what called it
	}
	if err != nil {
		return err
	}
	for _, query := range r.after {
		r.exec(query)
	}
	for _, v := range h.views {
		as, ok := v.As[dialect.SQLite]
		if !ok {
			as = v.As[""]
		}
		if r.exec("CREATE VIEW " + quote(v.Name) + " AS " + as); r.err != nil {
			return fmt.Errorf("view %s: %w", v.Name, r.err)
		}
	}
	return r.restore(own)
}

// newer reports whether the last schema applied came after ours. One that was
// there before is an older one that somebody went back to.
func newer(applied []string, ours string) bool {
	first := slices.Index(applied, ours)
	return first >= 0 && slices.Index(applied, applied[len(applied)-1]) > first
}

// checkReferences makes up for the foreign keys that were off.
func checkReferences(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, "PRAGMA foreign_key_check")
	if err != nil {
		return err
	}
	defer rows.Close()
	if rows.Next() {
		var table, parent string
		var row, key any
		if err := rows.Scan(&table, &row, &parent, &key); err != nil {
			return err
		}
		return fmt.Errorf("row %v of %s refers to a row of %s that does not exist: repair it first (nothing was changed)", row, table, parent)
	}
	return rows.Err()
}

// history returns the fingerprints that were applied to the database.
func history(ctx context.Context, q interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}) ([]string, error) {
	applied := []string{}
	var exists bool
	if err := q.QueryRowContext(ctx, findHistory).Scan(&exists); err != nil || !exists {
		return applied, err
	}
	rows, err := q.QueryContext(ctx, readHistory)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var print string
		if err := rows.Scan(&print); err != nil {
			return nil, err
		}
		applied = append(applied, print)
	}
	return applied, rows.Err()
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
