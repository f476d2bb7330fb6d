package revision

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	atlas "ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
)

// Options are how files are applied.
type Options struct {
	// Wait bounds how long others may stand in a file's way; zero is a minute.
	Wait time.Duration
	// Waiting, unless nil, is told who else is at it.
	Waiting func(pid int, host string)
	// Done, unless nil, is told of each file once it is applied.
	Done func(name string, took time.Duration)
	// Version is noted as the program's.
	Version string
}

// Apply applies the files that a database lacks, in order. A file of which a statement
// fails leaves nothing behind, unless its statements run outside of a transaction: then
// the next call goes on at that statement.
func Apply(ctx context.Context, d *Database, f *Folder, o Options) error {
	if o.Wait <= 0 {
		o.Wait = time.Minute
	}
	if s, err := Look(ctx, d, f); err != nil || len(s.Pending) == 0 {
		return err
	}
	l, err := open(ctx, d, o)
	if err != nil {
		return err
	}
	defer l.release()
	revisions, err := revisions(ctx, d, f)
	if err != nil {
		return err
	}
	pending, err := f.pending(revisions)
	if err != nil {
		return err
	}
	if err := f.refuseAll(pending); err != nil {
		return err
	}
	if err := l.hold(ctx, d.SQL); err != nil { // another may have done it all meanwhile
		return err
	}
	for _, file := range pending {
		start := time.Now()
		if err := f.apply(ctx, d, l, file, o); err != nil {
			return err
		}
		if o.Done != nil {
			o.Done(file.Name(), time.Since(start))
		}
	}
	return nil
}

// Adopt notes all files as applied to a database that has their effects already.
func Adopt(ctx context.Context, d *Database, f *Folder, o Options) error {
	l, err := open(ctx, d, o)
	if err != nil {
		return err
	}
	defer l.release()
	return d.Within(ctx, func(tx *sql.Tx) error { // a part of them would be taken for all that it has
		if err := l.hold(ctx, tx); err != nil {
			return err
		}
		t := &table{ExecQuerier: tx, db: d, folder: f}
		for _, file := range f.Files {
			list, err := statements(file)
			if err != nil {
				return fmt.Errorf("%s/%s cannot be read: %w", f.Name, file.Name(), err)
			}
			r := &atlas.Revision{Version: file.Version(), Description: file.Desc(), Applied: len(list), Total: len(list), ExecutedAt: time.Now(), OperatorVersion: "adopted"}
			if err := t.WriteRevision(ctx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// open makes our tables and takes the lease.
func open(ctx context.Context, d *Database, o Options) (*lease, error) {
	for name, query := range map[string]string{Table: fmt.Sprintf(createTable, d.Moment), leaseTable: createLease} {
		there, err := d.HasTable(ctx, name)
		if err != nil {
			return nil, err
		}
		if there {
			continue
		}
		if _, err := d.SQL.ExecContext(ctx, query); err != nil {
			if now, look := d.HasTable(ctx, name); look == nil && now {
				continue // another made it meanwhile
			}
			return nil, fmt.Errorf("make the table %s, in which applied files are noted: %w", name, told{d.Reason(err), err})
		}
	}
	return take(ctx, d, o.Waiting)
}

// apply applies one file, again where others stood in its way.
func (f *Folder) apply(ctx context.Context, d *Database, l *lease, file *atlas.LocalFile, o Options) error {
	start := time.Now()
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		err := f.once(ctx, d, l, file, o)
		if err == nil || ctx.Err() != nil || !d.Again(err) || time.Since(start) > o.Wait {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause/2 + rand.N(pause/2)):
		}
	}
}

func (f *Folder) once(ctx context.Context, d *Database, l *lease, file *atlas.LocalFile, o Options) error {
	if outside(file) {
		return f.explain(d, file, f.stepwise(ctx, d, l, file, o), "the next call goes on at this statement")
	}
	return f.explain(d, file, d.Within(ctx, func(tx *sql.Tx) error {
		if err := l.hold(ctx, tx); err != nil {
			return err
		}
		return f.within(ctx, d, tx, file, o)
	}), "nothing of it was done")
}

// within applies a file in a transaction, and refuses that tables that are made anew
// lose columns or rows without a word.
func (f *Folder) within(ctx context.Context, d *Database, tx *sql.Tx, file *atlas.LocalFile, o Options) error {
	driver, err := d.Driver(tx)
	if err != nil {
		return err
	}
	list, err := statements(file)
	if err != nil {
		return err
	}
	before, err := driver.InspectSchema(ctx, "", nil)
	if err != nil {
		return err
	}
	had, err := sizes(ctx, tx, list, before)
	if err != nil {
		return err
	}
	if err := f.execute(ctx, d, tx, tx, file, o); err != nil || allowed(file) {
		return err
	}
	after, err := driver.InspectSchema(ctx, "", nil)
	if err != nil {
		return err
	}
	if lost := shrunk(list, before, after); len(lost) > 0 {
		return fmt.Errorf("it drops the column %s: if that is meant, add the line %q to the file", lost[0], Allow)
	}
	has, err := sizes(ctx, tx, list, after)
	if err != nil {
		return err
	}
	for table, n := range had {
		if has[table] < n {
			return fmt.Errorf("it makes the table %s anew with %d of its %d rows: if that is meant, add the line %q to the file", table, has[table], n, Allow)
		}
	}
	return nil
}

// execute runs the statements of a file, and notes each by another way.
func (f *Folder) execute(ctx context.Context, d *Database, run, note schema.ExecQuerier, file *atlas.LocalFile, o Options) error {
	driver, err := d.Driver(run)
	if err != nil {
		return err
	}
	dir, err := f.dir()
	if err != nil {
		return err
	}
	e, err := atlas.NewExecutor(driver, dir, &table{ExecQuerier: note, db: d, folder: f}, atlas.WithOperatorVersion(o.Version))
	if err != nil {
		return err
	}
	return e.Execute(ctx, scanned{file})
}

// explain says where in a file something failed, and what became of the file.
func (f *Folder) explain(d *Database, file *atlas.LocalFile, err error, rest string) error {
	var failed *atlas.StmtExecError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errLost):
		return fmt.Errorf("%s/%s: %w", f.Name, file.Name(), errLost)
	case errors.As(err, &failed):
		return fmt.Errorf("%s/%s:%d: %w; %s. The statement: %s", f.Name, file.Name(), line(file, failed.Stmt.Pos), told{d.Reason(failed.Err), failed.Err}, rest, short(failed.Stmt.Text))
	case errors.As(err, new(*FilesError)):
		return err
	}
	return fmt.Errorf("%s/%s: %w; %s", f.Name, file.Name(), told{d.Reason(err), err}, rest)
}

// told is an error in words of ours.
type told struct {
	reason string
	error
}

func (t told) Error() string { return t.reason }

// Unwrap returns the error.
func (t told) Unwrap() error { return t.error }

// short is a text that fits into a message.
func short(text string) string {
	const most = 200
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + " …"
	}
	return text
}
