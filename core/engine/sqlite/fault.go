package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"coppice/core/engine/sqlite/dbfile"
	"coppice/core/fault"
)

// failed is fault, for an error that may have cost a transaction its life. It
// returns nil for nil.
func (e *engine) failed(ctx context.Context, sc *scope, err error) error {
	if err == nil {
		return nil
	}
	err = e.fault(ctx, err)
	if sc == nil || sc.readOnly || sc.lost != nil {
		return err
	}
	// Some errors, an interrupt among them, make SQLite roll back on its own.
	// What follows would then run, and stay, outside of any transaction. A BEGIN
	// is refused for as long as the transaction lives.
	if sc.link.run(context.Background(), "BEGIN") == nil {
		sc.link.rollback()
		sc.lost = err
	}
	return err
}

// fault turns an error of the driver into one of the house, and leaves others
// as they are.
func (e *engine) fault(ctx context.Context, err error) error {
	var s *sqlite.Error
	var check *fault.Check
	var unique *fault.Unique
	if !errors.As(err, &s) || errors.As(err, &check) || errors.As(err, &unique) || errors.As(err, new(*fault.Trigger)) || errors.As(err, new(*fault.Form)) {
		return err
	}
	switch s.Code() {
	case lib.SQLITE_CONSTRAINT_CHECK:
		return &fault.Check{Name: checkName(s.Error()), Cause: err}
	case lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY, lib.SQLITE_CONSTRAINT_ROWID:
		table, columns := uniqueColumns(s.Error())
		return &fault.Unique{Table: table, Columns: columns, Row: -1, Cause: err}
	case lib.SQLITE_CONSTRAINT_FOREIGNKEY:
		return &fault.ForeignKey{Cause: err}
	case lib.SQLITE_CONSTRAINT_TRIGGER:
		return e.raised(err, 0)
	}
	switch s.Code() & 0xff {
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED, lib.SQLITE_PROTOCOL:
		return e.locked("", err)
	case lib.SQLITE_FULL:
		return &fault.Full{Cause: err}
	case lib.SQLITE_CANTOPEN, lib.SQLITE_IOERR:
		return &fault.Unreachable{Cause: err}
	case lib.SQLITE_INTERRUPT:
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return err
}

// raised is the error of a row that a trigger refused: one of the engine's own
// for ON DELETE RESTRICT, one of ours that keeps the forms of values, or one
// that the database's owner wrote.
func (e *engine) raised(err error, row int) error {
	said := err.Error()
	if strings.Contains(said, "FOREIGN KEY constraint failed") {
		return &fault.ForeignKey{Cause: err}
	}
	for refusal, f := range e.forms {
		if strings.Contains(said, ": "+refusal+" (") {
			return &fault.Form{Table: f.Table, Column: f.Column, Takes: f.Takes, Row: row, Cause: err}
		}
	}
	return &fault.Trigger{Row: row, Cause: err}
}

// locked is the error of a wait that used up the bound. The holder is another
// process that has the file's lock, else who stands first in our own line.
func (e *engine) locked(first string, err error) *fault.Locked {
	l := &fault.Locked{Holder: first, Waited: e.lockWait, Cause: err}
	if e.target.Memory() {
		return l
	}
	if pid, ok := dbfile.Holder(e.target.path); ok {
		l.Holder = dbfile.ProcessName(pid)
	}
	return l
}

// uniqueColumns reads "… UNIQUE constraint failed: t.a, t.b (2067)".
func uniqueColumns(message string) (table string, columns []string) {
	_, list, _ := strings.Cut(message, "UNIQUE constraint failed: ")
	if i := strings.LastIndex(list, " ("); i >= 0 {
		list = list[:i]
	}
	for part := range strings.SplitSeq(list, ", ") {
		t, column, ok := strings.Cut(part, ".")
		if !ok {
			return "", nil // an index over expressions goes by its name
		}
		table, columns = t, append(columns, column)
	}
	return table, columns
}

// constraintName is what a CHECK constraint is called. SQLite tells the
// expression of one that has no name.
var constraintName = regexp.MustCompile(`^\w+$`)

// checkName reads "… CHECK constraint failed: name (275)".
func checkName(message string) string {
	_, name, _ := strings.Cut(message, "CHECK constraint failed: ")
	if i := strings.LastIndex(name, " ("); i >= 0 {
		name = name[:i]
	}
	if !constraintName.MatchString(name) {
		return ""
	}
	return name
}

// code returns the primary result code of an error of the driver.
// See https://www.sqlite.org/rescode.html.
func code(err error) int {
	var s *sqlite.Error
	if errors.As(err, &s) {
		return s.Code() & 0xff
	}
	return lib.SQLITE_OK
}

// busy reports an error for a lock.
func busy(err error) bool {
	var locked *fault.Locked
	return code(err) == lib.SQLITE_BUSY || errors.As(err, &locked)
}

// isGeneric reports an error of the statement's own, which leaves the connection
// as it was.
func isGeneric(err error) bool { return code(err) == lib.SQLITE_ERROR }

// refused is the error of a database that cannot be opened: it names the file
// and the way out.
func (e *engine) refused(err error) error {
	file := e.target.String()
	var reason string
	switch code(err) {
	case lib.SQLITE_CANTOPEN:
		reason = "it cannot be opened or created: this user must be able to write it, and its folder " + filepath.Dir(file)
	case lib.SQLITE_NOTADB:
		reason = "it is not a SQLite database: name another file, or move this one away"
	case lib.SQLITE_READONLY:
		reason = "it is read-only: make the file and its folder writable by this user, or name another file"
	case lib.SQLITE_CORRUPT:
		reason = "it is damaged: restore a backup, or try the .recover command of the sqlite3 shell"
	default:
		return fmt.Errorf("database: open %s: %w", file, err)
	}
	return fmt.Errorf("database: open %s: %s: %w", file, reason, err)
}
