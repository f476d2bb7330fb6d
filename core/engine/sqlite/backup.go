package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"modernc.org/sqlite"

	"coppice/core/engine/sqlite/dbfile"
)

// copiedPages is how many pages are copied before it is asked whether to go on: some
// 16 MiB.
const copiedPages = 4096

// Copied says what a copy of a database holds, which was read back.
type Copied struct {
	File   string
	Bytes  int64
	Tables int
	Rows   int64
	// Dangling are rows whose foreign keys lead to nothing, in words. They do so in the
	// database that was copied as well.
	Dangling []string
}

// Backup copies a database, as it is at one moment, into a file that is not there yet.
// It stops nobody who reads or writes. The file gets its name when all of it is on the
// disk and was read back.
//
// It is SQLite's online backup, within a snapshot: in steps of its own it would begin
// again whenever somebody writes, and VACUUM INTO, which takes half as long again, sees
// a snapshot of its own, so that what it wrote could not be counted against what was there.
func Backup(ctx context.Context, t Target, into string) (c Copied, err error) {
	into, err = filepath.Abs(into)
	if err != nil {
		return Copied{}, err
	}
	fail := func(err error) error { return fmt.Errorf("back %s up into %s: %w", t, into, err) }
	if t.Memory() {
		return Copied{}, fail(errors.New("a database in memory is private to the process that has it: name that of a file"))
	}
	switch info, err := os.Stat(t.path); {
	case err != nil:
		return Copied{}, fail(fmt.Errorf("there is no database: name one with --db (%w)", err))
	case !info.Mode().IsRegular():
		return Copied{}, fail(errors.New("it is no file: name one with --db"))
	}
	c, err = duplicate(ctx, t.path, url.Values{"mode": {"rw"}}, into)
	if err != nil {
		return Copied{}, fail(err)
	}
	return c, nil
}

// duplicate copies a database file into another that is not there yet.
func duplicate(ctx context.Context, from string, how url.Values, into string) (c Copied, err error) {
	if _, err := os.Lstat(into); err == nil {
		return c, dbfile.ErrThere
	}
	temporary, err := dbfile.Temporary(into)
	if err != nil {
		return c, err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temporary) // unless it has its name already
		}
	}()
	source, err := openFile(ctx, from, how)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, source.close()) }()
	// The snapshot is held while pages are copied: those who write go on in the log.
	if err := source.exec(ctx, "BEGIN"); err != nil {
		return c, err
	}
	counts, err := source.counts(ctx)
	if err != nil {
		return c, err
	}
	if err := source.copy(ctx, func(b backuper) (*sqlite.Backup, error) {
		return b.NewBackup(fileName(temporary, url.Values{"_pragma": {"journal_mode(off)", "synchronous(off)"}}))
	}); err != nil {
		return c, err
	}
	if c, err = readBack(ctx, temporary, counts); err != nil {
		return c, fmt.Errorf("the copy was read back, and thrown away: %w", err)
	}
	c.File = into
	return c, dbfile.Place(temporary, into)
}

// readBack reads a database file that nobody writes to, from its beginning to its end.
// Counts are the rows that its tables must have; nil asks for none.
func readBack(ctx context.Context, path string, counts map[string]int64) (c Copied, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return c, err
	}
	db, err := openFile(ctx, path, unchanging())
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	return db.check(ctx, info.Size(), counts)
}

// unchanging is how a file is opened that nobody writes to: nothing is made beside it.
func unchanging() url.Values { return url.Values{"mode": {"ro"}, "immutable": {"1"}} }

// check reads all of a database.
func (f *file) check(ctx context.Context, size int64, counts map[string]int64) (Copied, error) {
	c := Copied{Bytes: size}
	wrong, err := f.list(ctx, "PRAGMA integrity_check(3)")
	if err != nil {
		return c, err
	}
	if !slices.Equal(wrong, []string{"ok"}) {
		return c, fmt.Errorf("the database is damaged: %s", strings.Join(wrong, "; "))
	}
	c.Dangling, err = f.list(ctx, `SELECT printf('%d rows of %s lead to rows of %s that are not there', count(*), "table", parent) FROM pragma_foreign_key_check GROUP BY "table", parent`)
	if err != nil {
		return c, err
	}
	has, err := f.counts(ctx)
	if err != nil {
		return c, err
	}
	if counts != nil && !maps.Equal(has, counts) {
		return c, fmt.Errorf("it has %v rows, and should have %v", has, counts)
	}
	c.Tables = len(has)
	for _, n := range has {
		c.Rows += n
	}
	return c, nil
}

// file is one connection to a database file, apart from those of an engine.
type file struct {
	db   *sql.DB
	conn *sql.Conn
}

// connector opens connections with the functions that our indexes may be over.
type connector struct {
	driver *sqlite.Driver
	name   string
}

// Connect implements driver.Connector.
func (c connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.name) }

// Driver implements driver.Connector.
func (c connector) Driver() driver.Driver { return c.driver }

// fileName is a database file as SQLite's URI.
func fileName(path string, q url.Values) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

func openFile(ctx context.Context, path string, q url.Values) (*file, error) {
	d, err := newDriver()
	if err != nil {
		return nil, err
	}
	if !q.Has("_pragma") {
		q.Set("_pragma", "busy_timeout(10000)")
	}
	f := &file{db: sql.OpenDB(connector{d, fileName(path, q)})}
	if f.conn, err = f.db.Conn(ctx); err != nil {
		return nil, errors.Join(err, f.db.Close())
	}
	return f, nil
}

func (f *file) close() error { return errors.Join(f.conn.Close(), f.db.Close()) }

func (f *file) exec(ctx context.Context, query string) error {
	_, err := f.conn.ExecContext(ctx, query)
	return err
}

// list are the texts of a query's only column.
func (f *file) list(ctx context.Context, query string) (list []string, err error) {
	rows, err := f.conn.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}

// counts are the numbers of rows of the tables.
func (f *file) counts(ctx context.Context) (map[string]int64, error) {
	tables, err := f.list(ctx, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name`)
	if err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	for _, t := range tables {
		var n int64
		if err := f.conn.QueryRowContext(ctx, `SELECT count(*) FROM "`+strings.ReplaceAll(t, `"`, `""`)+`"`).Scan(&n); err != nil {
			return nil, err
		}
		counts[t] = n
	}
	return counts, nil
}

// backuper is what the driver's connection offers for copies.
type backuper interface {
	NewBackup(into string) (*sqlite.Backup, error)
	NewRestore(from string) (*sqlite.Backup, error)
}

// copy copies all pages, and stops where nobody wants them any more: what they were
// copied to is then as it was.
func (f *file) copy(ctx context.Context, begin func(backuper) (*sqlite.Backup, error)) error {
	return f.conn.Raw(func(c any) (err error) {
		conn, ok := c.(backuper)
		if !ok {
			return fmt.Errorf("the driver's connection is a %T", c)
		}
		b, err := begin(conn)
		if err != nil {
			return err
		}
		defer func() {
			if end := b.Finish(); err == nil { // of a step that failed it says the same again
				err = end
			}
		}()
		for more := true; more && err == nil; {
			if more, err = b.Step(copiedPages); err == nil {
				err = ctx.Err()
			}
		}
		return err
	})
}

// Read lets a function read a database as it is.
func Read(ctx context.Context, t Target, read func(*sql.DB) error) (err error) {
	f, err := openFile(ctx, t.path, url.Values{"mode": {"rw"}, "_query_only": {"1"}})
	if err != nil {
		return (&engine{target: t}).refused(err)
	}
	defer func() { err = errors.Join(err, f.close()) }()
	return read(f.db)
}

// About is how many rows a table has; 0 of one that is not there.
func About(ctx context.Context, db *sql.DB, table string) (n int64, err error) {
	err = db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?", table).Scan(&n)
	if err != nil || n == 0 {
		return 0, err
	}
	return n, db.QueryRowContext(ctx, `SELECT count(*) FROM "`+strings.ReplaceAll(table, `"`, `""`)+`"`).Scan(&n)
}

// Index is the statement that made an index; "" of one that is not there.
func Index(ctx context.Context, db *sql.DB, name string) (statement string, err error) {
	return statement, db.QueryRowContext(ctx, "SELECT coalesce(max(sql), '') FROM sqlite_master WHERE type = 'index' AND name = ?", name).Scan(&statement)
}
