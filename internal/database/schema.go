package database

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	entdriver "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"

	"coppice/ent/migrate"
)

// The statements of the table that tells what was applied.
const (
	createHistory  = "CREATE TABLE IF NOT EXISTS coppice_schema (id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL, applied_at DATETIME NOT NULL, made TEXT)"
	widenHistory   = "ALTER TABLE coppice_schema ADD COLUMN made TEXT"
	findHistory    = "SELECT COUNT(*) FROM pragma_table_info('coppice_schema') WHERE name IN ('fingerprint', 'made')"
	readHistory    = "SELECT fingerprint, coalesce(made, '') FROM coppice_schema ORDER BY id"
	readOldHistory = "SELECT fingerprint, '' FROM coppice_schema ORDER BY id"
	addHistory     = "INSERT INTO coppice_schema (fingerprint, applied_at, made) VALUES (?, ?, ?)"
	inventHistory  = "UPDATE coppice_schema SET made = ? WHERE id = (SELECT max(id) FROM coppice_schema)"
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
	if h.current(applied) && mode == "wal" {
		return false, nil
	}
	return h.migrate(ctx, tables)
}

// current reports that the last schema applied is ours, and on record.
func (h *handle) current(applied []application) bool {
	if len(applied) == 0 {
		return false
	}
	last := applied[len(applied)-1]
	return last.print == h.want && last.made.Tables != nil
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
	notes, err := h.apply(ctx, tx, tables)
	if err != nil {
		return false, err
	}
	if err := tx.Commit(); err != nil {
		return false, err
	}
	for _, note := range notes {
		h.log.WarnContext(ctx, note, "database", h.engine.target.String())
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
func (h *handle) apply(ctx context.Context, tx *sql.Tx, tables []*schema.Table) ([]string, error) {
	applied, err := history(ctx, tx)
	if err != nil || h.current(applied) {
		return nil, err
	}
	tables, err = copyTables(tables)
	if err != nil {
		return nil, err
	}
	made, err := inventoryOf(tables, h.views).text()
	if err != nil {
		return nil, err
	}
	if n := len(applied); n > 0 && applied[n-1].print == h.want {
		// It is what an older version of this program left, which kept no inventory.
		if _, err := tx.ExecContext(ctx, widenHistory); err != nil {
			return nil, err
		}
		_, err := tx.ExecContext(ctx, inventHistory, made)
		return nil, err
	}
	r := h.newReviewer(ctx, tx, tables, applied)
	if h.change(r); r.verdict() != nil {
		return nil, fmt.Errorf("bring its schema up to date (nothing was changed): %w", r.err)
	}
	r.exec(createHistory)
	if r.err == nil && !r.has("coppice_schema", "made") {
		r.exec(widenHistory)
	}
	r.exec(addHistory, h.want, time.Now(), made)
	return r.notes, r.err
}

// change makes the tables what the schema says, as far as no data is lost, and
// the views anew.
func (h *handle) change(r *reviewer) {
	if r.alike(); r.verdict() != nil {
		return
	}
	before := r.aside()
	r.recase()
	if r.err != nil {
		return
	}
	s := migrate.NewSchema(migrating{entdriver.Conn{ExecQuerier: r.tx}})
	err := migrate.Create(r.ctx, s, r.tables, schema.WithDropColumn(true), schema.WithDropIndex(true), schema.WithDiffHook(r.hook))
	if r.verdict() != nil {
		return // in its own words, without those of what called it
	}
	if r.fail(err) {
		return
	}
	r.index(before)
	r.gone()
	r.makeViews()
	r.restore(before)
	r.references()
}

// newer reports whether the last schema applied came after ours. One that was
// there before is an older one that somebody went back to.
func newer(applied []application, ours string) bool {
	find := func(print string) int {
		return slices.IndexFunc(applied, func(a application) bool { return a.print == print })
	}
	first := find(ours)
	return first >= 0 && find(applied[len(applied)-1].print) > first
}

// references makes up for the foreign keys that were off: it refuses rows of
// the schema that refer to nothing.
func (r *reviewer) references() {
	for _, t := range r.tables {
		for _, k := range t.ForeignKeys {
			if len(k.Columns) != 1 || r.err != nil {
				continue
			}
			c, to := k.Columns[0], k.RefTable.Name
			where := quote(c.Name) + " IS NOT NULL"
			if r.had[strings.ToLower(to)] {
				where += fmt.Sprintf(" AND %s NOT IN (SELECT %s FROM %s)", quote(c.Name), quote(k.RefColumns[0].Name), quote(to))
			}
			n := r.count("SELECT COUNT(*) FROM %s WHERE %s", quote(t.Name), where)
			switch {
			case n == 0:
			case r.fresh[t.Name+"."+c.Name]:
				r.refuse("", "%s.%s is new, and its default leads %d rows to %s that are not there: make the edge Optional, without a default", t.Name, c.Name, n, to)
			default:
				statement := r.works(r.mended(t.Name, c, where)...)
				r.refuse(statement, "%d rows of %s refer to a row of %s that does not exist, by %s%s: lead them elsewhere first", n, t.Name, to, c.Name,
					r.named(t.Name, c.Name, where))
			}
		}
	}
}

// application is a schema that was applied to a database.
type application struct {
	print string
	made  inventory
}

// history returns the schemas that were applied to the database.
func history(ctx context.Context, q interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}) ([]application, error) {
	applied := []application{}
	var columns int
	if err := q.QueryRowContext(ctx, findHistory).Scan(&columns); err != nil || columns == 0 {
		return applied, err
	}
	read := readHistory
	if columns == 1 {
		read = readOldHistory
	}
	rows, err := q.QueryContext(ctx, read)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var a application
		var made string
		if err := rows.Scan(&a.print, &made); err != nil {
			return nil, err
		}
		if made != "" {
			if err := json.Unmarshal([]byte(made), &a.made); err != nil {
				return nil, fmt.Errorf("read what is recorded of its schema: %w", err)
			}
		}
		applied = append(applied, a)
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
