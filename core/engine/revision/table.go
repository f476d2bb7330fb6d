package revision

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	atlas "ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
)

// Table is where a database notes the files that were applied to it, one a row.
const Table = "coppice_revisions"

// columns are those of Table, in the order in which they are read and written.
const columns = "version, description, applied, total, executed_at, execution_ms, error, error_statement, hash, partial_hashes, operator"

// createTable makes Table; %s is the engine's type of a moment.
const createTable = "CREATE TABLE IF NOT EXISTS " + Table + ` (version VARCHAR(255) NOT NULL PRIMARY KEY, description VARCHAR(255) NOT NULL,
	applied BIGINT NOT NULL, total BIGINT NOT NULL, executed_at %s NOT NULL, execution_ms BIGINT NOT NULL, error TEXT NOT NULL,
	error_statement TEXT NOT NULL, hash VARCHAR(255) NOT NULL, partial_hashes TEXT NOT NULL, operator VARCHAR(255) NOT NULL)`

// table reads and writes revisions for atlas's executor.
type table struct {
	schema.ExecQuerier
	db     *Database
	folder *Folder
}

// Ident implements atlas's RevisionReadWriter.
func (t *table) Ident() *atlas.TableIdent { return &atlas.TableIdent{Name: Table} }

// ReadRevisions implements atlas's RevisionReadWriter.
func (t *table) ReadRevisions(ctx context.Context) ([]*atlas.Revision, error) {
	return t.read(ctx, "SELECT "+columns+" FROM "+Table+" ORDER BY version")
}

// ReadRevision implements atlas's RevisionReadWriter.
func (t *table) ReadRevision(ctx context.Context, version string) (*atlas.Revision, error) {
	list, err := t.read(ctx, t.db.bind("SELECT "+columns+" FROM "+Table+" WHERE version = ?"), version)
	if err == nil && len(list) == 0 {
		return nil, atlas.ErrRevisionNotExist
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

func (t *table) read(ctx context.Context, query string, args ...any) (list []*atlas.Revision, err error) {
	rows, err := t.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		r := &atlas.Revision{Type: atlas.RevisionTypeExecute}
		var ms int64
		var partial string
		if err := rows.Scan(&r.Version, &r.Description, &r.Applied, &r.Total, &r.ExecutedAt, &ms, &r.Error, &r.ErrorStmt, &r.Hash, &partial, &r.OperatorVersion); err != nil {
			return nil, err
		}
		r.ExecutionTime = time.Duration(ms) * time.Millisecond
		if err := json.Unmarshal([]byte(partial), &r.PartialHashes); err != nil {
			return nil, fmt.Errorf("%s.partial_hashes of %s: %w", Table, r.Version, err)
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// WriteRevision implements atlas's RevisionReadWriter. The sum it keeps is that of the
// file alone, so that each that was edited can be named.
func (t *table) WriteRevision(ctx context.Context, r *atlas.Revision) error {
	hash, total := r.Hash, r.Total
	for _, f := range t.folder.Files {
		if f.Version() != r.Version {
			continue
		}
		list, err := statements(f)
		if err != nil {
			return err
		}
		hash, total = sum(f), len(list) // what was broken off may have been mended since
	}
	partial, err := json.Marshal(r.PartialHashes)
	if err != nil {
		return err
	}
	_, err = t.ExecContext(ctx, t.db.bind("INSERT INTO "+Table+" ("+columns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"+
		` ON CONFLICT (version) DO UPDATE SET applied = excluded.applied, total = excluded.total, executed_at = excluded.executed_at,
		execution_ms = excluded.execution_ms, error = excluded.error, error_statement = excluded.error_statement, hash = excluded.hash,
		partial_hashes = excluded.partial_hashes, operator = excluded.operator`),
		r.Version, r.Description, r.Applied, total, r.ExecutedAt.UTC(), r.ExecutionTime.Milliseconds(), r.Error, r.ErrorStmt, hash, string(partial), r.OperatorVersion)
	return err
}

// DeleteRevision implements atlas's RevisionReadWriter.
func (t *table) DeleteRevision(ctx context.Context, version string) error {
	_, err := t.ExecContext(ctx, t.db.bind("DELETE FROM "+Table+" WHERE version = ?"), version)
	return err
}

// Database is what applying files needs of an engine.
type Database struct {
	SQL *sql.DB
	// Moment is the engine's type of a moment; Now is the present one in milliseconds.
	Moment, Now string
	// Placeholder is how the n-th argument stands in a statement, from 1.
	Placeholder func(n int) string
	// HasTable reports whether there is a table of a name.
	HasTable func(ctx context.Context, name string) (bool, error)
	// Driver makes atlas's driver of a connection or transaction.
	Driver func(schema.ExecQuerier) (atlas.Driver, error)
	// Within runs a file's statements in a transaction, in which the schema may change:
	// all of them, or none.
	Within func(ctx context.Context, do func(*sql.Tx) error) error
	// Begin begins a transaction for one statement of a file that has none.
	Begin func(context.Context, *sql.Conn) (*sql.Tx, error)
	// Alone reports that a statement can run in no transaction.
	Alone func(statement string) bool
	// Leftover tidies up what such a statement left when it was broken off. It reports
	// whether it is done already, where the process was killed at it.
	Leftover func(ctx context.Context, q schema.ExecQuerier, statement string, killed bool) (done bool, err error)
	// Again reports that others stood in the way, so that the same may succeed later.
	Again func(error) bool
	// Reason is what the engine says of an error, without the driver's words.
	Reason func(error) string
}

// bind writes the engine's placeholders for question marks.
func (d *Database) bind(query string) string {
	var b strings.Builder
	n := 0
	for _, r := range query {
		if r == '?' {
			n++
			b.WriteString(d.Placeholder(n))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
