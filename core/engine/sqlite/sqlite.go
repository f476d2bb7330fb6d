package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"coppice/core/engine/migrate"
	"coppice/core/engine/revision"
	"coppice/core/engine/sqlite/dbfile"

	"entgo.io/ent/dialect"
	"golang.org/x/text/cases"
	"modernc.org/sqlite"
)

// DefaultLockWait bounds the wait for a lock where Options does not.
const DefaultLockWait = 5 * time.Second

// Options are what a database is opened with, apart from where it is.
type Options struct {
	LockWait time.Duration // bounds the wait for a lock; zero or less is DefaultLockWait
	Log      *slog.Logger  // is told what a migration puts out of sight; nil is slog's default
	Schema   migrate.Schema
	Mode     migrate.Mode     // how the schema is made ready
	Files    *revision.Folder // of Versioned
	Apply    revision.Options // how they are applied
	Complete bool             // a change is for a migration file
}

// watched are the files of which this program only says whether they are pending.
func (o Options) watched() *revision.Folder {
	if o.Mode != migrate.Off {
		return &revision.Folder{}
	}
	return o.Files
}

// Open opens the database and makes its schema ready. Closing the driver closes
// all of it.
func Open(ctx context.Context, t Target, o Options) (dialect.Driver, error) {
	h, err := openDriver(ctx, t, o)
	if err != nil {
		return nil, err
	}
	return h, nil
}

func openDriver(ctx context.Context, t Target, o Options) (*entDriver, error) {
	if !t.Memory() {
		if err := dbfile.Check(t.path); err != nil {
			return nil, err
		}
	}
	if o.LockWait <= 0 {
		o.LockWait = DefaultLockWait
	}
	h, err := newEntDriver(t, o)
	if err != nil {
		return nil, err
	}
	spent, err := h.ready(ctx, o)
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	if spent {
		// A new file: its connection has the file to itself, and does not let go.
		if err := h.Close(); err != nil {
			return nil, err
		}
		if h, err = newEntDriver(t, o); err != nil {
			return nil, err
		}
	}
	if err := h.remember(ctx); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

// ready makes the schema ready, as Prepare does.
func (h *entDriver) ready(ctx context.Context, o Options) (spent bool, err error) {
	switch o.Mode {
	case migrate.Off:
		return false, nil
	case migrate.Versioned:
		if current, err := h.migration.Current(ctx, h.db); err != nil {
			return false, err
		} else if s, err := revision.Look(ctx, h.revisions(), o.Files); err != nil || current && len(s.Pending) == 0 {
			if err != nil {
				err = h.engine.refused(err)
			}
			return false, err
		}
		if err := h.bring(ctx, o); err != nil {
			return false, err
		}
		return h.migration.Settle(ctx, h.db)
	}
	return h.migration.Prepare(ctx, h.db)
}

// dsn is the driver's name for the database, with what each connection is set
// to, so that none is ever without.
func dsn(t Target, lockWait time.Duration, reader bool) string {
	q := url.Values{"_pragma": {
		// First: whatever follows may have to wait for a lock.
		fmt.Sprintf("busy_timeout(%d)", max(1, lockWait.Milliseconds())),
		"foreign_keys(1)",
		// normal: a commit survives the process; full: a power cut as well.
		"synchronous(" + t.synchronous + ")",
		// Pages are read from the mapped file: no system call, no copy.
		"mmap_size(268435456)",
		// 8 MiB a connection for what is not in the file yet, but in the log.
		"cache_size(-8192)",
		// A log that one large transaction blew up shrinks again.
		"journal_size_limit(67108864)",
	}}
	// Times are stored in UTC, and are read so.
	q.Set("_timezone", "UTC")
	// An error message never borrows from an earlier error.
	q.Set("_error_rc", "1")
	if reader {
		q.Set("_query_only", "1")
	}
	// journal_mode is not here: switching it can lose a race. See prepare.
	name := ":memory:"
	if !t.Memory() {
		name = "file:" + (&url.URL{Path: t.path}).EscapedPath()
	}
	return name + "?" + q.Encode()
}

// newDriver returns the driver with our functions. One serves all databases:
// a registered function lives as long as the process.
var newDriver = sync.OnceValues(func() (*sqlite.Driver, error) {
	d := &sqlite.Driver{}
	err := d.RegisterDeterministicScalarFunction("coppice_fold", 1,
		func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			if s, ok := args[0].(string); ok {
				return fold(s), nil
			}
			return args[0], nil
		})
	if err != nil {
		return nil, err
	}
	err = d.RegisterDeterministicScalarFunction("coppice_as", -1,
		func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) { return migrate.As(args) })
	if err != nil {
		return nil, err
	}
	err = d.RegisterDeterministicScalarFunction("coppice_to", -1,
		func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) { return migrate.To(args) })
	if err != nil {
		return nil, err
	}
	return d, d.RegisterDeterministicScalarFunction("coppice_hash", -1,
		func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) { return hash(args), nil })
})

// hash is a number for some values: others have another one, but by chance.
func hash(values []driver.Value) int64 {
	b := make([]byte, 0, 512)
	for _, v := range values {
		switch v := v.(type) {
		case int64:
			b = binary.BigEndian.AppendUint64(append(b, 'i'), uint64(v))
		case float64:
			b = binary.BigEndian.AppendUint64(append(b, 'f'), math.Float64bits(v))
		case string:
			b = append(binary.BigEndian.AppendUint64(append(b, 's'), uint64(len(v))), v...)
		case []byte:
			b = append(binary.BigEndian.AppendUint64(append(b, 'b'), uint64(len(v))), v...)
		default:
			b = append(b, 'n')
		}
	}
	sum := sha256.Sum256(b)
	return int64(binary.BigEndian.Uint64(sum[:8]) >> 1)
}

// folders are kept, since one serves a single goroutine and costs more to make
// than most texts to fold.
var folders = sync.Pool{New: func() any { f := cases.Fold(); return &f }}

// fold is the full case folding of Unicode. SQLite's own LOWER knows ASCII.
func fold(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			f := folders.Get().(*cases.Caser)
			defer folders.Put(f)
			return f.String(s)
		}
	}
	return strings.ToLower(s)
}
