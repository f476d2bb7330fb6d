package engine

import (
	"context"
	"database/sql"
	"errors"

	"coppice/core/engine/migrate"
	"coppice/core/engine/postgres"
	"coppice/core/engine/sqlite"
	"coppice/core/internal/dialect"
	"coppice/core/internal/sdl"
)

// Effects are what statements of a change do to those who use a database meanwhile, which
// is only read, and is not made where there is none.
func Effects(ctx context.Context, cfg Config, statements []string) ([]migrate.Effect, error) {
	t, err := parseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	of, count := migrate.EffectOf, sqlite.About
	if t.postgres != nil {
		of, count = postgres.Effect, postgres.About
	}
	list := make([]migrate.Effect, len(statements))
	for i, s := range statements {
		list[i] = of(s)
	}
	return list, t.look(ctx, func(db *sql.DB) error {
		for i, e := range list {
			if e.Table == "" || !e.Reads && !e.Rewrites {
				continue
			}
			if list[i].Rows, err = count(ctx, db, e.Table); err != nil {
				return err
			}
		}
		return nil
	})
}

// look lets a function read a database as it is, where there is one.
func (t target) look(ctx context.Context, read func(*sql.DB) error) error {
	switch {
	case t.postgres != nil:
		return postgres.Look(ctx, *t.postgres, read)
	case t.sqlite.Memory() || !t.sqlite.Exists():
		return nil
	}
	return sqlite.Look(ctx, t.sqlite, read)
}

// Served is the API that was last served from a database, which is only read, and is not
// made where there is none. The error of one from which none was is sdl.ErrNone.
func Served(ctx context.Context, cfg Config) (s sdl.Served, err error) {
	t, err := parseURL(cfg.URL)
	if err != nil {
		return s, err
	}
	words := dialect.SQLite()
	if t.postgres != nil {
		words = dialect.Postgres()
	}
	found := sdl.ErrNone
	err = t.look(ctx, func(db *sql.DB) error {
		s, found = sdl.Last(ctx, db, words)
		return nil
	})
	return s, errors.Join(err, found)
}

// CopyLines are the lines that copy a database into a file, and back; db is how the
// program of cmd/db is called.
func CopyLines(cfg Config, db string) (backup, restore string, err error) {
	t, err := parseURL(cfg.URL)
	if err != nil {
		return "", "", err
	}
	if t.postgres != nil {
		backup, restore = postgres.Tools(cfg.URL, "before.dump")
		return backup, restore, nil
	}
	return db + " backup before.db", db + " restore before.db", nil
}

// Name is what a database is called in messages: it holds no password.
func Name(cfg Config) (string, error) {
	t, err := parseURL(cfg.URL)
	if err != nil {
		return "", err
	}
	if t.postgres != nil {
		return t.postgres.String(), nil
	}
	return "SQLite database " + t.sqlite.String(), nil
}
