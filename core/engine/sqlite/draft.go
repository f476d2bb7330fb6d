package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"entgo.io/ent/dialect"

	"coppice/core/engine/migrate"
)

// Draft opens a copy of a database, to try out what would happen to it; the
// database itself is only read, and is not made where there is none. Closing
// the driver removes the copy.
func Draft(ctx context.Context, t Target, o Options) (dialect.Driver, error) {
	if t.Memory() {
		return Open(ctx, t, o)
	}
	dir, err := os.MkdirTemp("", "coppice-draft-*")
	if err != nil {
		return nil, fmt.Errorf("database: copy %s: %w", t, err)
	}
	remove := sync.OnceValue(func() error { return os.RemoveAll(dir) })
	into := filepath.Join(dir, "draft.db")
	if err := copyInto(ctx, t, into); err != nil {
		return nil, errors.Join((&engine{target: t}).refused(err), remove())
	}
	t.path, t.synchronous = into, "off"
	h, err := openDriver(ctx, t, o)
	if err != nil {
		return nil, errors.Join(err, remove())
	}
	end := h.close
	h.close = func() error { return errors.Join(end(), remove()) }
	return h, nil
}

// Change returns what would bring a database to the schema, which is tried on a copy: the
// database itself is only read, and is not made where there is none.
func Change(ctx context.Context, t Target, o Options) (c *migrate.Change, err error) {
	if !t.Memory() {
		dir, err := os.MkdirTemp("", "coppice-draft-*")
		if err != nil {
			return nil, fmt.Errorf("database: copy %s: %w", t, err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		into := filepath.Join(dir, "draft.db")
		if err := copyInto(ctx, t, into); err != nil {
			return nil, (&engine{target: t}).refused(err)
		}
		t.path, t.synchronous = into, "off"
	}
	if o.LockWait <= 0 {
		o.LockWait = DefaultLockWait
	}
	h, err := newEntDriver(t, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	return h.migration.Preview(ctx, h.db)
}

// copyInto writes a copy of the database, as it is at one moment, where there
// is one. It goes through a connection that may write, though it does not: the
// last one that closes a file must be able to tidy away its log.
func copyInto(ctx context.Context, t Target, into string) (err error) {
	if _, err := os.Stat(t.path); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	d, err := newDriver()
	if err != nil {
		return err
	}
	q := url.Values{"mode": {"rw"}, "_pragma": {"busy_timeout(10000)"}}
	c, err := d.Open("file:" + (&url.URL{Path: t.path}).EscapedPath() + "?" + q.Encode())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	conn, ok := c.(driver.ExecerContext)
	if !ok {
		return fmt.Errorf("the driver's connection is a %T", c)
	}
	_, err = conn.ExecContext(ctx, "VACUUM INTO ?", []driver.NamedValue{{Ordinal: 1, Value: into}})
	return err
}
