package engine

import (
	"context"
	"fmt"
	"time"

	"coppice/core/engine/postgres"
	"coppice/core/engine/sqlite"
	"coppice/core/engine/sqlite/dbfile"
)

// Copied says what a copy of a database holds.
type Copied = sqlite.Copied

// Restored says what a database holds that was restored.
type Restored = sqlite.Restored

// OwnToolsError is that of an engine which has programs of its own for copies.
type OwnToolsError struct {
	Engine, Command string
}

// Error says which to run.
func (e *OwnToolsError) Error() string {
	return fmt.Sprintf("a database of %s is copied by its own programs, which take the password from PGPASSWORD or ~/.pgpass, or ask for it; run\n\n    %s", e.Engine, e.Command)
}

// Backup copies a database into a file that is not there yet, beside all who use it, and
// reads the copy back. Where the engine has programs of its own, the error is an
// OwnToolsError.
func Backup(ctx context.Context, cfg Config, file string) (Copied, error) {
	t, err := parseURL(cfg.URL)
	if err != nil {
		return Copied{}, err
	}
	if t.postgres != nil {
		line, _ := postgres.Tools(cfg.URL, file)
		return Copied{}, &OwnToolsError{"PostgreSQL", line}
	}
	return sqlite.Backup(ctx, t.sqlite, file)
}

// Restore gives a database what a file of Backup holds, unless somebody has it open, and
// keeps what was there. Errors are as Backup's.
func Restore(ctx context.Context, cfg Config, file string) (Restored, error) {
	t, err := parseURL(cfg.URL)
	if err != nil {
		return Restored{}, err
	}
	if t.postgres != nil {
		_, line := postgres.Tools(cfg.URL, file)
		return Restored{}, &OwnToolsError{"PostgreSQL", line}
	}
	return sqlite.Restore(ctx, t.sqlite, file)
}

// BackupName is the name of a copy of a database in a folder that is made at a time.
// Errors are as Backup's.
func BackupName(cfg Config, folder string, at time.Time) (string, error) {
	t, err := parseURL(cfg.URL)
	if err != nil {
		return "", err
	}
	if t.postgres != nil {
		line, _ := postgres.Tools(cfg.URL, folder)
		return "", &OwnToolsError{"PostgreSQL", line}
	}
	return dbfile.Dated(folder, t.sqlite.String(), at), nil
}

// RotateBackups removes of the copies of a database in a folder, which have names of
// BackupName, all but the newest, and returns those that it removed.
func RotateBackups(cfg Config, folder string, keep int) ([]string, error) {
	t, err := parseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	return dbfile.Rotate(folder, t.sqlite.String(), keep)
}
