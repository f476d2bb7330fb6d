package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"entgo.io/ent/dialect"

	"coppice/core/record"
)

// DefaultLockWait bounds the wait for a lock where Config does not.
const DefaultLockWait = 5 * time.Second

// Config says which database to open, and how.
type Config struct {
	// URL names the database: sqlite:FILE, sqlite::memory:. A SQLite file takes
	// the parameters synchronous=normal|full, newer=allow|refuse and
	// loss=allow|refuse.
	URL string
	// LockWait bounds the wait for a lock; zero or less is DefaultLockWait.
	LockWait time.Duration
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
	h, err := openSQLite(ctx, t, ofProject(p, cfg))
	if err != nil {
		return nil, err
	}
	return h, nil
}

// Exists reports whether there is a database of a URL; one in memory always is.
// A URL that cannot be used is an ErrURL.
func Exists(url string) (bool, error) {
	t, err := parseURL(url)
	if err != nil || t.memory() {
		return err == nil, err
	}
	_, err = os.Stat(t.path)
	return !errors.Is(err, fs.ErrNotExist), nil
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
