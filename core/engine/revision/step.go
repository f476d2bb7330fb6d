package revision

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	atlas "ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
)

// stepwise applies a file without a transaction around it. Each statement that can has
// one of its own, with the note that it ran; of the others is told, where they were broken
// off, whether they ran.
func (f *Folder) stepwise(ctx context.Context, d *Database, l *lease, file *atlas.LocalFile, o Options) error {
	conn, err := d.SQL.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	r, err := (&table{ExecQuerier: conn, db: d, folder: f}).ReadRevision(ctx, file.Version())
	if err != nil && !errors.Is(err, atlas.ErrRevisionNotExist) {
		return err
	}
	if err == nil {
		if err := f.same(file, r); err != nil {
			return err
		}
	}
	s := &steps{conn: conn, db: d, lease: l, killed: err == nil && r.Applied < r.Total && r.Error == ""}
	defer s.end()
	return f.execute(ctx, d, s, note{s}, file, o)
}

// same sees that the statements of a file that ran are what they were. Their sums are
// atlas's: each is of all statements up to it.
func (f *Folder) same(file *atlas.LocalFile, r *atlas.Revision) error {
	list, err := statements(file)
	if err != nil {
		return err
	}
	h := sha256.New()
	for i, ran := range r.PartialHashes[:min(r.Applied, len(r.PartialHashes))] {
		if i < len(list) {
			_, _ = io.WriteString(h, list[i].Text) // to a hash it does not fail
		}
		if i >= len(list) || strings.TrimPrefix(ran, "h1:") != base64.StdEncoding.EncodeToString(h.Sum(nil)) {
			return &FilesError{fmt.Errorf("%s/%s: its statement %d, which ran already, was edited: put it back as it was", f.Name, file.Name(), i+1)}
		}
	}
	return nil
}

// steps runs the statements of such a file.
type steps struct {
	conn   *sql.Conn
	db     *Database
	lease  *lease
	killed bool    // at the statement that comes next
	tx     *sql.Tx // of a statement that is not noted yet; nil where there is none
}

// QueryContext implements atlas's ExecQuerier.
func (s *steps) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return s.conn.QueryContext(ctx, query, args...)
}

// ExecContext runs a statement.
func (s *steps) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	result, err := s.exec(ctx, query, args)
	s.killed = false
	if err != nil {
		s.end()
		return nil, told{s.db.Reason(err), err}
	}
	return result, nil
}

func (s *steps) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	if !s.db.Alone(query) {
		if err := s.begin(ctx); err != nil {
			return nil, err
		}
		return s.tx.ExecContext(ctx, query, args...)
	}
	if err := s.lease.hold(ctx, s.conn); err != nil {
		return nil, err
	}
	done, err := s.db.Leftover(ctx, s.conn, query, s.killed)
	if err != nil {
		return nil, err
	}
	if done {
		return driver.ResultNoRows, nil
	}
	return s.conn.ExecContext(ctx, query, args...)
}

// begin begins a transaction, in which nobody can take the lease away.
func (s *steps) begin(ctx context.Context) (err error) {
	if s.tx, err = s.db.Begin(ctx, s.conn); err != nil {
		s.tx = nil
		return err
	}
	return s.lease.hold(ctx, s.tx)
}

// end takes back what is not noted.
func (s *steps) end() {
	if s.tx != nil {
		_ = s.tx.Rollback() // it is over either way
		s.tx = nil
	}
}

// note writes revisions between the statements of steps: with the last one, where that
// has a transaction.
type note struct{ steps *steps }

// QueryContext implements atlas's ExecQuerier.
func (n note) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return n.steps.conn.QueryContext(ctx, query, args...)
}

// ExecContext writes a revision.
func (n note) ExecContext(ctx context.Context, query string, args ...any) (result sql.Result, err error) {
	s := n.steps
	defer s.end()
	if s.tx == nil {
		if err := s.begin(ctx); err != nil {
			return nil, err
		}
	}
	if result, err = s.tx.ExecContext(ctx, query, args...); err != nil {
		return nil, err
	}
	err = s.tx.Commit()
	s.tx = nil
	return result, err
}

// Both are what atlas takes for a connection.
var (
	_ schema.ExecQuerier = (*steps)(nil)
	_ schema.ExecQuerier = note{}
)
