package sqlite

import (
	"context"
	"fmt"
	"os"

	"coppice/core/engine/sqlite/dbfile"
	"coppice/core/fault"
	"coppice/core/internal/statement"
)

// SQLite goes on writing to a file that was removed or replaced under it, and
// its log, which keeps its name, would be played into the file that came
// instead.

// sidecars end the names of a database's files: its own, its log's, and that of
// the memory that its connections share.
var sidecars = [...]string{"", "-wal", "-shm"} //nolint:gochecknoglobals // a constant in all but name

// remember notes which files the database consists of. They stay the same for
// as long as a connection has them open, which from here on the probe's does.
func (h *entDriver) remember(ctx context.Context) error {
	e := h.engine
	if e.target.Memory() {
		return nil
	}
	var n int
	if err := h.db.QueryRowContext(statement.Probe(ctx), "SELECT COUNT(*) FROM sqlite_master").Scan(&n); err != nil {
		return e.refused(err)
	}
	for i, end := range sidecars {
		e.files[i], _ = dbfile.Identify(e.target.path + end)
	}
	return nil
}

// replacedFile is the error of a database whose file is no longer ours.
type replacedFile struct{ path string }

// Error says what to do.
func (e replacedFile) Error() string {
	return fmt.Sprintf("%s was removed or replaced while it was open: start this program again, on the file that it is to use", e.path)
}

// replaced returns the error of a database that was found to have been removed
// or replaced, or nil.
func (e *engine) replaced() error {
	if r := e.gone.Load(); r != nil {
		return &fault.Unreachable{Cause: *r}
	}
	return nil
}

// confirm makes sure that what a connection has just written stands where the
// next program will look for it; err is what became of the write so far.
func (e *engine) confirm(l *connection, err error) error {
	if err != nil || l.pool != e.writer {
		return err
	}
	return e.verify()
}

// verify returns an error unless the database's files are those that were
// noted. Before that, while the schema is made, it does nothing.
func (e *engine) verify() error {
	for i, end := range sidecars {
		if e.files[i] == (dbfile.ID{}) {
			continue
		}
		if name := e.target.path + end; !dbfile.Same(name, e.files[i]) {
			e.abandon(name)
			break
		}
	}
	return e.replaced()
}

// abandon brings what the log has into the file that it belongs to, wherever
// that is by now, and takes the log out of the way of the file that came
// instead. From then on all statements are refused.
func (e *engine) abandon(name string) {
	if !e.gone.CompareAndSwap(nil, &replacedFile{name}) {
		return
	}
	ctx := context.Background()
	if l, _, err := e.probe.acquire(ctx); err == nil {
		_ = l.run(ctx, "PRAGMA main.wal_checkpoint(TRUNCATE)") // as far as readers let it; the files may be nowhere
		e.probe.release(l)
	}
	for i, end := range sidecars[1:] {
		if name := e.target.path + end; dbfile.Same(name, e.files[1+i]) {
			_ = os.Remove(name)
		}
	}
}
