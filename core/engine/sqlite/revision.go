package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"ariga.io/atlas/sql/schema"
	atlas "ariga.io/atlas/sql/sqlite"
	"modernc.org/sqlite"

	"coppice/core/engine/revision"
	"coppice/core/fault"
	"coppice/core/internal/lexer"
)

// revisions is what applying migration files needs of a database.
func (h *entDriver) revisions() *revision.Database {
	return &revision.Database{
		SQL: h.db, Moment: "DATETIME", Now: "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)", Placeholder: func(int) string { return "?" },
		Driver: atlas.Open, Within: h.within, Alone: alone, Reason: reason,
		Begin:    func(ctx context.Context, c *sql.Conn) (*sql.Tx, error) { return c.BeginTx(ctx, nil) },
		Leftover: func(context.Context, schema.ExecQuerier, string, bool) (bool, error) { return false, nil }, // it takes back what is broken off
		HasTable: func(ctx context.Context, name string) (there bool, err error) {
			err = h.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = ?", name).Scan(&there)
			return there, err
		},
		Again: func(err error) bool { return errors.As(err, new(*fault.Locked)) },
	}
}

// alone reports that a statement fails in a transaction, or does nothing there.
func alone(statement string) bool {
	sc := lexer.Scanner{SQL: statement}
	first := sc.Next()
	return first.Is("VACUUM") || first.Is("PRAGMA") || first.Is("ATTACH") || first.Is("DETACH")
}

// reason is what SQLite says of an error, without its number and what stands before each
// of its kind.
func reason(err error) string {
	var s *sqlite.Error
	if !errors.As(err, &s) {
		return err.Error()
	}
	text := strings.TrimSuffix(s.Error(), fmt.Sprintf(" (%d)", s.Code()))
	for _, general := range []string{"SQL logic error: ", "constraint failed: "} {
		text = strings.TrimPrefix(text, general)
	}
	return text
}

// within runs statements that change the schema in a transaction. Foreign keys are off
// meanwhile, for a table that is made anew is dropped, which must not cascade; all are
// checked before the end.
func (h *entDriver) within(ctx context.Context, do func(*sql.Tx) error) (err error) {
	if _, err := h.db.ExecContext(ctx, "PRAGMA foreign_keys = off"); err != nil {
		return err
	}
	defer func() {
		_, on := h.db.ExecContext(context.WithoutCancel(ctx), "PRAGMA foreign_keys = on")
		err = errors.Join(err, on)
	}()
	tx, err := h.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := do(tx); err != nil {
		return err
	}
	var table, parent sql.NullString
	switch err := tx.QueryRowContext(ctx, "SELECT \"table\", parent FROM pragma_foreign_key_check LIMIT 1").Scan(&table, &parent); {
	case err == nil:
		return fmt.Errorf("rows of %s would refer to rows of %s that are not there", table.String, parent.String)
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	return tx.Commit()
}

// bring applies the migration files that the database lacks.
func (h *entDriver) bring(ctx context.Context, o Options) error {
	d := h.revisions()
	s, err := revision.Look(ctx, d, o.Files)
	if err != nil {
		return h.engine.refused(err)
	}
	if s.Unversioned && len(o.Files.Files) > 0 {
		made, err := h.migration.Made(ctx, h.db)
		if err != nil {
			return h.engine.refused(err)
		}
		if current, err := h.migration.Current(ctx, h.db); err != nil || made && !current {
			return errors.Join(err, fmt.Errorf("database: open %s: it was made without migration files, and its schema is another one than this program's: start this program once with --migrate auto, which brings it there, and from then on the files are applied to it", h.engine.target))
		} else if made {
			return revision.Adopt(ctx, d, o.Files, o.Apply)
		}
	}
	if err := revision.Apply(ctx, d, o.Files, o.Apply); err != nil {
		return fmt.Errorf("database: open %s: %w", h.engine.target, err)
	}
	return nil
}

// Pending says in words what a database lacks of the schema of this program, or of the
// files that it does not apply; nothing where it lacks nothing.
func (h *entDriver) Pending(ctx context.Context) (string, error) {
	behind, err := h.migration.Behind(ctx, h.db)
	switch {
	case err != nil:
		return "", err
	case behind:
		return "the database lacks what this program's schemas say", nil
	}
	return revision.Pending(ctx, h.revisions(), h.files)
}

// Look returns what the database has of the migration files, and whether the schema of
// this program is the last that was applied to it. It changes nothing.
func Look(ctx context.Context, t Target, o Options) (state *revision.State, current bool, err error) {
	if !t.Exists() {
		state = &revision.State{Unversioned: true}
		for _, f := range o.Files.Files {
			state.Pending = append(state.Pending, f.Name())
		}
		return state, false, nil
	}
	h, err := newEntDriver(t, o)
	if err != nil {
		return nil, false, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	if state, err = revision.Look(ctx, h.revisions(), o.Files); err == nil {
		current, err = h.migration.Current(ctx, h.db)
	}
	return state, current, err
}

// Apply applies the migration files that the database lacks, whether they lead to the
// schema or not.
func Apply(ctx context.Context, t Target, o Options) (err error) {
	h, err := newEntDriver(t, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	return revision.Apply(ctx, h.revisions(), o.Files, o.Apply)
}
