package engine

import (
	"context"
	"database/sql"
	"errors"
	"regexp"

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
	of, count, index := migrate.EffectOf, sqlite.About, sqlite.Index
	if t.postgres != nil {
		of, count, index = postgres.Effect, postgres.About, postgres.Index
	}
	list := make([]migrate.Effect, len(statements))
	for i, s := range statements {
		list[i] = of(s)
	}
	return list, t.look(ctx, func(db *sql.DB) error {
		for i, e := range list {
			if m := dropsIndex.FindStringSubmatch(statements[i]); m != nil {
				if list[i].Back, err = index(ctx, db, m[1]); err != nil {
					return err
				}
			}
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

var dropsIndex = regexp.MustCompile("^DROP INDEX (?:CONCURRENTLY )?(?:IF EXISTS )?[`\"]([^`\"]+)[`\"]$")

// look lets a function read a database as it is, where there is one.
func (t target) look(ctx context.Context, read func(*sql.DB) error) error {
	switch {
	case t.postgres != nil:
		return postgres.Read(ctx, *t.postgres, read)
	case t.sqlite.Memory() || !t.sqlite.Exists():
		return nil
	}
	return sqlite.Read(ctx, t.sqlite, read)
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

// Describe is what a database is called in messages: it holds no password.
func Describe(cfg Config) (string, error) {
	t, err := parseURL(cfg.URL)
	if err != nil {
		return "", err
	}
	if t.postgres != nil {
		return t.postgres.String(), nil
	}
	return "SQLite database " + t.sqlite.String(), nil
}
