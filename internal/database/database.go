package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"coppice/ent"
	_ "coppice/ent/runtime" // the schemas' hooks, interceptors and policies
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

// Open opens a database, makes its schema ready and returns the client; closing
// the client closes all of it. A URL that cannot be used is an ErrURL.
func Open(ctx context.Context, cfg Config) (*ent.Client, error) {
	t, err := parseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	d, err := openSQLite(ctx, t, ofProgram(cfg))
	if err != nil {
		return nil, err
	}
	return ent.NewClient(ent.Driver(d)), nil
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

// DB returns the SQL handle of a client that Open returned. It is the client's
// own: do not close it, but the client.
func DB(c *ent.Client) (*sql.DB, error) {
	h, ok := ent.Coppice().Driver(c).(interface{ DB() *sql.DB })
	if !ok {
		return nil, fmt.Errorf("database: a client on a %T has no handle of its own", ent.Coppice().Driver(c))
	}
	return h.DB(), nil
}
