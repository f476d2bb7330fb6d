package engine

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"coppice/core/engine/migrate"
	"coppice/core/engine/postgres"
	"coppice/core/engine/revision"
	"coppice/core/engine/sqlite"
	"coppice/core/record"
)

// Change returns what opening a database would do to it: the statements that bring it to
// the schema of a project, or why they cannot. The database itself is not changed, nor
// made where there is none. Errors are as Open's.
func Change(ctx context.Context, p *record.Project, cfg Config) (*migrate.Change, error) {
	t, err := parseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	s := migrate.SchemaOf(p)
	s.Renamed = cfg.Renamed
	if t.postgres != nil {
		return postgres.Change(ctx, *t.postgres, postgres.Options{LockWait: cfg.LockWait, Log: cfg.Logger, Schema: s, Complete: cfg.Complete})
	}
	return sqlite.Change(ctx, t.sqlite, sqlite.Options{LockWait: cfg.LockWait, Log: cfg.Logger, Schema: s, Complete: cfg.Complete})
}

// Apply applies the migration files that a database lacks, whether they lead to the
// schemas or not. Errors are as Open's.
func Apply(ctx context.Context, p *record.Project, cfg Config) error {
	t, err := parseURL(cfg.URL)
	if err != nil {
		return err
	}
	if t.postgres != nil {
		o, err := cfg.postgres(p)
		if err != nil {
			return err
		}
		return postgres.Apply(ctx, *t.postgres, o)
	}
	o, err := cfg.sqlite(p)
	if err != nil {
		return err
	}
	return sqlite.Apply(ctx, t.sqlite, o)
}

// Look returns what a database has of the migration files of cfg, and whether a project's
// schema is the last that was applied to it. It changes nothing. Errors are as Open's.
func Look(ctx context.Context, p *record.Project, cfg Config) (state *revision.State, current bool, err error) {
	t, err := parseURL(cfg.URL)
	if err != nil {
		return nil, false, err
	}
	if t.postgres != nil {
		o, err := cfg.postgres(p)
		if err != nil {
			return nil, false, err
		}
		return postgres.Look(ctx, *t.postgres, o)
	}
	o, err := cfg.sqlite(p)
	if err != nil {
		return nil, false, err
	}
	return sqlite.Look(ctx, t.sqlite, o)
}

// Develop makes an empty database of the engine of a URL, to try migration files on. It
// returns its URL, and what removes it.
func Develop(ctx context.Context, url string) (dev string, remove func(context.Context) error, err error) {
	t, err := parseURL(url)
	if err != nil {
		return "", nil, err
	}
	if t.postgres != nil {
		return postgres.Develop(ctx, *t.postgres, url)
	}
	dir, err := os.MkdirTemp("", "coppice-dev-*")
	if err != nil {
		return "", nil, fmt.Errorf("database: make an empty database to try the files on: %w", err)
	}
	return "sqlite:" + filepath.Join(dir, "dev.db"), func(context.Context) error { return os.RemoveAll(dir) }, nil
}

// Part is the statements of one migration file of a change.
type Part = postgres.Part

// Parts divides the statements of a change into files: what takes long on tables with
// rows, and can be done beside servers at work, is one of its own.
func Parts(url string, statements []string) ([]Part, error) {
	t, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	if t.postgres != nil {
		return postgres.Parts(statements), nil
	}
	return []Part{{Statements: statements}}, nil
}

// Name is the name of the engine of a URL, which is that of its folder of migration
// files. A URL that cannot be used is an ErrURL.
func Name(url string) (string, error) {
	t, err := parseURL(url)
	if err != nil {
		return "", err
	}
	return t.name(), nil
}

func (t target) name() string {
	if t.postgres != nil {
		return "postgres"
	}
	return "sqlite"
}

// mode is how a database is brought to the schemas, and by which files.
func (cfg Config) mode(engine string) (migrate.Mode, *revision.Folder, error) {
	if cfg.Migrate == migrate.Auto {
		return cfg.Migrate, &revision.Folder{}, nil
	}
	files, err := revision.Read(cfg.Migrations, engine)
	if err != nil {
		return "", nil, err
	}
	if cfg.Migrate == "" {
		if len(files.Files) == 0 {
			return migrate.Auto, files, nil
		}
		return migrate.Versioned, files, nil
	}
	return cfg.Migrate, files, nil
}

// applying is how migration files are applied.
func (cfg Config) applying() revision.Options {
	log := cfg.Logger
	if log == nil {
		log = slog.Default()
	}
	return revision.Options{
		Wait: cfg.LockWait,
		Waiting: func(pid int, host string) {
			log.Info("waiting for another process that migrates this database", "pid", pid, "host", host)
		},
		Done: func(name string, took time.Duration) {
			if cfg.Applied != nil {
				cfg.Applied(name, took)
				return
			}
			log.Info("applied a migration file", "file", name, "took", took.Round(time.Millisecond))
		},
	}
}

func (cfg Config) sqlite(p *record.Project) (sqlite.Options, error) {
	mode, files, err := cfg.mode("sqlite")
	return sqlite.Options{LockWait: cfg.LockWait, Log: cfg.Logger, Schema: migrate.SchemaOf(p), Mode: mode, Files: files, Apply: cfg.applying()}, err
}

func (cfg Config) postgres(p *record.Project) (postgres.Options, error) {
	mode, files, err := cfg.mode("postgres")
	return postgres.Options{LockWait: cfg.LockWait, Replicas: cfg.Replicas, Log: cfg.Logger, Schema: migrate.SchemaOf(p), Mode: mode, Files: files, Apply: cfg.applying()}, err
}
