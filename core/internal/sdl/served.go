package sdl

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"coppice/core/internal/dialect"
)

// table keeps the APIs that were served, the newest last. Times are texts of RFC 3339.
const table = "coppice_api"

// kept is how many of them: what was served before is for people to look up.
const kept = 10

// The statements of the table.
const (
	create = "CREATE TABLE IF NOT EXISTS " + table + " (id INTEGER PRIMARY KEY, sdl TEXT NOT NULL, applied_at TEXT NOT NULL)"
	newest = "SELECT sdl, applied_at FROM " + table + " ORDER BY id DESC LIMIT 1"
	insert = "INSERT INTO " + table + " (id, sdl, applied_at) SELECT coalesce(max(id), 0) + 1, ?, ? FROM " + table
	prune  = "DELETE FROM " + table + " WHERE id <= (SELECT max(id) FROM " + table + ") - ?"
)

// ErrNone says that no API has been served from a database yet.
var ErrNone = errors.New("no API has been served from this database yet")

// Served is an API that was served.
type Served struct {
	Text string // of its schema
	At   time.Time
}

// querier is a database, or a transaction of one.
type querier interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

// Last is the API that was last served from a database whose SQL has some words. The
// error of one from which none was is ErrNone.
func Last(ctx context.Context, db querier, words *dialect.Dialect) (Served, error) {
	var there int
	if err := db.QueryRowContext(ctx, words.Tables.With("'"+table+"'")).Scan(&there); err != nil {
		return Served{}, err
	}
	if there == 0 {
		return Served{}, ErrNone
	}
	var s Served
	var at string
	err := db.QueryRowContext(ctx, newest).Scan(&s.Text, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return Served{}, ErrNone
	}
	if err == nil {
		s.At, err = time.Parse(time.RFC3339, at)
	}
	if err != nil {
		return Served{}, fmt.Errorf("read the API that was last served from %s: %w", table, err)
	}
	return s, nil
}

// Keep keeps an API's schema as the one that is served from a database, unless it is
// the last that was. Of several processes that do so at once, one does.
func Keep(ctx context.Context, db *sql.DB, words *dialect.Dialect, text string) (err error) {
	if same, err := is(ctx, db, words, text); err != nil || same {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("keep the API in %s: %w", table, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("keep the API in %s: %w", table, err), rollback(tx))
		}
	}()
	for _, statement := range []string{words.MakeAlone, create} {
		if statement == "" {
			continue
		}
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	if same, err := is(ctx, tx, words, text); err != nil || same { // somebody else was first
		return errors.Join(err, rollback(tx))
	}
	if _, err := tx.ExecContext(ctx, words.Bind(insert), text, time.Now().UTC().Format(time.RFC3339)); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, words.Bind(prune), kept); err != nil {
		return err
	}
	return tx.Commit()
}

// is reports whether a text is that of the last API.
func is(ctx context.Context, db querier, words *dialect.Dialect, text string) (bool, error) {
	last, err := Last(ctx, db, words)
	if errors.Is(err, ErrNone) {
		return false, nil
	}
	return last.Text == text, err
}

// rollback takes a transaction back that may have ended.
func rollback(tx *sql.Tx) error {
	if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	return nil
}
