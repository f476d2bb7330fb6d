package sqlite

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"coppice/core/engine/sqlite/dbfile"
)

// Restored says what a database holds that was restored.
type Restored struct {
	Copied
	// Aside is the file that has what was there before; "" where there was nothing.
	Aside string
}

// Restore gives a database what a copy of one holds. The copy is read from its beginning
// to its end first; what was there before is kept beside it; and where anybody has the
// database open, nothing is done.
//
// The pages are written into the file that is there, in a transaction of SQLite's own: a
// program that opens it meanwhile waits, and a process that dies halfway leaves what was
// there. A file that took its place instead would be found by the log of the old one.
func Restore(ctx context.Context, t Target, from string) (Restored, error) {
	from, err := filepath.Abs(from)
	if err != nil {
		return Restored{}, err
	}
	r, err := restore(ctx, t, from)
	if err != nil {
		return r, fmt.Errorf("restore %s from %s: %w", t, from, err)
	}
	return r, nil
}

func restore(ctx context.Context, t Target, from string) (r Restored, err error) {
	if t.Memory() {
		return r, errors.New("a database in memory is private to the process that has it: name that of a file")
	}
	if err := dbfile.Check(t.path); err != nil {
		return r, err
	}
	copied, err := checkCopy(ctx, t.path, from)
	if err != nil {
		return r, err
	}
	if _, err := os.Stat(t.path); errors.Is(err, os.ErrNotExist) {
		for _, end := range sidecars[1:] {
			if _, err := os.Stat(t.path + end); err == nil {
				return r, fmt.Errorf("there is %s, of a database that is gone, which would be played into the one that comes: move it away", t.path+end)
			}
		}
		r.Copied, err = duplicate(ctx, from, unchanging(), t.path)
		return r, err
	}
	return overwrite(ctx, t, from, copied)
}

// checkCopy sees that a file is the copy of a database of ours, and whole.
func checkCopy(ctx context.Context, database, from string) (Copied, error) {
	info, err := os.Stat(from)
	if err != nil {
		return Copied{}, err
	}
	if old, err := os.Stat(database); err == nil && os.SameFile(old, info) {
		return Copied{}, errors.New("this is the database itself: name a copy of it")
	}
	if log, err := os.Stat(from + "-wal"); err == nil && log.Size() > 0 {
		return Copied{}, fmt.Errorf("%s-wal is there, so it is a database that is being used, of which the file alone is not all: name a backup of it", from)
	}
	c, err := readBack(ctx, from, nil)
	switch {
	case code(err) == lib.SQLITE_NOTADB:
		return c, fmt.Errorf("it is no SQLite database: %w", err)
	case code(err) == lib.SQLITE_CORRUPT:
		return c, fmt.Errorf("it is damaged, so that nothing was restored: %w", err)
	case err != nil:
		return c, fmt.Errorf("nothing was restored: %w", err)
	}
	db, err := openFile(ctx, from, unchanging())
	if err != nil {
		return c, err
	}
	defer func() { _ = db.close() }() // it was only read
	ours, err := db.list(ctx, "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'coppice_schema'")
	if err == nil && len(ours) == 0 {
		err = errors.New("it is no database of such a server, which has a table coppice_schema: name another file")
	}
	return c, err
}

// overwrite puts a copy in the place of a database.
func overwrite(ctx context.Context, t Target, from string, copied Copied) (r Restored, err error) {
	db, err := openAlone(ctx, t)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	r.Copied, r.Aside = copied, t.path+".before-"+time.Now().UTC().Format("20060102T150405.000Z")
	r.File = t.path
	if err := db.keepAside(ctx, r.Aside); err != nil {
		return r, fmt.Errorf("keep what is there as %s: %w", r.Aside, err)
	}
	err = db.copy(ctx, func(b backuper) (*sqlite.Backup, error) {
		return b.NewRestore(fileName(from, unchanging()))
	})
	if err != nil {
		return r, errors.Join(err, os.Remove(r.Aside)) // it was rolled back
	}
	has, err := db.counts(ctx)
	if err != nil {
		return r, err
	}
	var rows int64
	for _, n := range has {
		rows += n
	}
	if len(has) != copied.Tables || rows != copied.Rows {
		return r, fmt.Errorf("it has %d rows in %d tables now, and should have %d in %d; what it was is in %s", rows, len(has), copied.Rows, copied.Tables, r.Aside)
	}
	// While the lock is kept the journal is, too: who leaves a mode that keeps it removes it.
	for _, query := range []string{"PRAGMA locking_mode = normal", "SELECT count(*) FROM sqlite_master", "PRAGMA journal_mode = persist", "PRAGMA journal_mode = delete"} {
		if err := db.exec(ctx, query); err != nil {
			return r, err
		}
	}
	return r, nil
}

// openAlone opens a database that nobody else has open, and keeps others from it.
func openAlone(ctx context.Context, t Target) (*file, error) {
	db, err := openFile(ctx, t.path, url.Values{"mode": {"rw"}, "_pragma": {"busy_timeout(1000)", "synchronous(full)"}})
	if err != nil {
		return nil, err
	}
	// Only who is alone with a file can end its log; and the lock is then kept.
	for _, query := range []string{"PRAGMA locking_mode = exclusive", "PRAGMA journal_mode = delete", "BEGIN EXCLUSIVE", "COMMIT"} {
		if err = db.exec(ctx, query); err != nil {
			break
		}
	}
	switch {
	case err == nil:
		return db, nil
	case code(err) == lib.SQLITE_NOTADB:
		err = fmt.Errorf("%s, which is there, is no SQLite database: move it away first", t)
	case code(err) == lib.SQLITE_CORRUPT:
		err = fmt.Errorf("%s is damaged so that it cannot be locked: stop all that uses it, move it away with %s-wal and %s-shm, and restore again", t, t, t)
	case busy(err):
		err = fmt.Errorf("%s has it open: stop that first, so that nothing that it knows of the old one is written into the new", usedBy(ctx, t))
	}
	return nil, errors.Join(err, db.close())
}

// usedBy names who has a database open, as far as that can be told.
func usedBy(ctx context.Context, t Target) string {
	const unknown = "another program"
	db, err := openFile(ctx, t.path, url.Values{"mode": {"ro"}})
	if err != nil {
		return unknown
	}
	defer func() { _ = db.close() }() // it was only read
	if _, err := db.list(ctx, "SELECT name FROM sqlite_master LIMIT 1"); err != nil {
		return unknown
	}
	if pid, ok := dbfile.Sharer(t.path); ok {
		return dbfile.ProcessName(pid)
	}
	return unknown
}

// keepAside copies the database as it is, damaged or not, into a file that is not there.
func (f *file) keepAside(ctx context.Context, into string) error {
	temporary, err := dbfile.Temporary(into)
	if err != nil {
		return err
	}
	err = f.copy(ctx, func(b backuper) (*sqlite.Backup, error) {
		return b.NewBackup(fileName(temporary, url.Values{"_pragma": {"journal_mode(off)", "synchronous(off)"}}))
	})
	if err == nil {
		err = dbfile.Place(temporary, into)
	}
	if err != nil {
		_ = os.Remove(temporary) // unless it has its name already
	}
	return err
}
