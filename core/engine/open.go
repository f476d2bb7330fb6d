package engine

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"entgo.io/ent/dialect"

	"coppice/core/engine/migrate"
	"coppice/core/engine/postgres"
	"coppice/core/engine/sqlite"
	"coppice/core/record"
)

// DefaultLockWait bounds the wait for a lock where Config does not.
const DefaultLockWait = sqlite.DefaultLockWait

// Config says which database to open, and how.
type Config struct {
	// URL names the database: sqlite:FILE, sqlite::memory:, or
	// postgres://USER:PASSWORD@HOST:PORT/DATABASE. A SQLite file takes the parameters
	// synchronous=normal|full, newer=allow|refuse and loss=allow|refuse; PostgreSQL
	// those of pgx.
	URL string
	// Replicas are URLs of PostgreSQL servers that follow the one of URL, to read from.
	Replicas []string
	// LockWait bounds the wait for a lock; zero or less is DefaultLockWait.
	LockWait time.Duration
	// Migrate says how the database is brought to the schemas; empty is versioned where
	// Migrations has files for the engine, else auto.
	Migrate migrate.Mode
	// Migrations is the folder of migration files, one folder an engine; nil has none.
	Migrations fs.FS
	// Complete asks Change for what a migration file has to say: what the schemas no
	// longer have goes, and the statements serve whatever rows there are.
	Complete bool
	// Renamed are the renamings that migration files are known to have done.
	Renamed []string
	// Applied, unless it is nil, is told of each migration file once it is applied.
	Applied func(name string, took time.Duration)
	// Logger is told what a change of the schemas puts out of sight; nil is
	// slog's default.
	Logger *slog.Logger
}

// Open opens a database, makes the schema of a project ready and returns the
// driver that its typed client is made with; closing it closes all of it. A URL
// that cannot be used is an ErrURL.
func Open(ctx context.Context, p *record.Project, cfg Config) (dialect.Driver, error) {
	t, err := parseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	if err := cfg.checkReplicas(t); err != nil {
		return nil, err
	}
	if t.postgres != nil {
		o, err := cfg.postgres(p)
		if err != nil {
			return nil, err
		}
		return postgres.Open(ctx, *t.postgres, o)
	}
	o, err := cfg.sqlite(p)
	if err != nil {
		return nil, err
	}
	return sqlite.Open(ctx, t.sqlite, o)
}

// checkReplicas sees that each is one that the engine has.
func (cfg Config) checkReplicas(t target) error {
	for _, u := range cfg.Replicas {
		r, err := parseURL(u)
		if err != nil {
			return fmt.Errorf("replica: %w", err)
		}
		if t.postgres == nil || r.postgres == nil {
			return fmt.Errorf("%w: only a PostgreSQL database has replicas, which are PostgreSQL servers", ErrURL)
		}
	}
	return nil
}

// Check reports a configuration that cannot be used as an ErrURL, and opens nothing.
func (cfg Config) Check() error {
	t, err := parseURL(cfg.URL)
	if err != nil {
		return err
	}
	return cfg.checkReplicas(t)
}

// Draft opens a copy of a database, to try out what would happen to it; the
// database itself is only read, and is not made where there is none. Closing
// the client removes the copy. Of PostgreSQL the copy is a transaction, which
// closing rolls back. Errors are as Open's.
func Draft(ctx context.Context, p *record.Project, cfg Config) (*record.Client, error) {
	t, err := parseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	var d dialect.Driver
	if t.postgres != nil {
		d, err = postgres.Draft(ctx, *t.postgres, postgres.Options{LockWait: cfg.LockWait, Log: cfg.Logger, Schema: migrate.SchemaOf(p)})
	} else {
		d, err = sqlite.Draft(ctx, t.sqlite, sqlite.Options{LockWait: cfg.LockWait, Log: cfg.Logger, Schema: migrate.SchemaOf(p)})
	}
	if err != nil {
		return nil, err
	}
	return p.On(d), nil
}

// Exists reports whether there is a database of a URL that a program of ours has made
// ready: one in memory always is; of PostgreSQL's one that has our schema. A URL that
// cannot be used is an ErrURL.
func Exists(ctx context.Context, url string) (bool, error) {
	t, err := parseURL(url)
	switch {
	case err != nil:
		return false, err
	case t.postgres != nil:
		return postgres.Exists(ctx, *t.postgres)
	}
	return t.sqlite.Exists(), nil
}

// DB returns the SQL handle of a driver that Open returned. It is the driver's
// own: do not close it, but the driver.
func DB(d dialect.Driver) (*sql.DB, error) {
	h, ok := d.(interface{ DB() *sql.DB })
	if !ok {
		return nil, fmt.Errorf("database: a %T has no handle of its own", d)
	}
	return h.DB(), nil
}
