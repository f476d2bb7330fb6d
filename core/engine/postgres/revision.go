package postgres

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	atlas "ariga.io/atlas/sql/postgres"
	"ariga.io/atlas/sql/schema"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"coppice/core/engine/migrate"
	"coppice/core/engine/revision"
	"coppice/core/internal/lexer"
)

// lockTimeout bounds how long a statement that changes the schema stands in line for a
// table: whoever comes after it stands behind it.
const lockTimeout = "2s"

// revisions is what applying migration files needs of a database.
func (s *server) revisions() *revision.Database { return s.revisionsBy(s.db) }

func (s *server) revisionsBy(db *sql.DB) *revision.Database {
	return &revision.Database{
		SQL: db, Moment: "timestamptz", Now: "(extract(epoch FROM clock_timestamp()) * 1000)::bigint", Placeholder: func(n int) string { return fmt.Sprintf("$%d", n) },
		Driver: atlas.Open, Within: s.within, Begin: begin, Alone: alone, Leftover: leftover, Reason: reason,
		HasTable: func(ctx context.Context, name string) (there bool, err error) {
			err = db.QueryRowContext(ctx, "SELECT to_regclass(quote_ident(current_schema()) || '.' || quote_ident($1)) IS NOT NULL", name).Scan(&there)
			return there, err
		},
		Again: func(err error) bool {
			var pg *pgconn.PgError
			return errors.As(err, &pg) && (pg.Code == lockNotAvailable || pg.Code == deadlockDetected || pg.Code == serializationFailure)
		},
	}
}

// within runs statements that change the schema in a transaction.
func (s *server) within(ctx context.Context, do func(*sql.Tx) error) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	tx, err := begin(ctx, conn)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// begin begins a transaction that does not stand in line for long.
func begin(ctx context.Context, conn *sql.Conn) (*sql.Tx, error) {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, "SET LOCAL lock_timeout = '"+lockTimeout+"'"); err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	return tx, nil
}

// alone reports that a statement can run in no transaction.
func alone(statement string) bool {
	words := tokens(statement)
	is := func(i int, list ...string) bool {
		return i < len(words) && slices.ContainsFunc(list, words[i].Is)
	}
	return is(0, "VACUUM", "REINDEX", "CLUSTER", "CALL") || is(0, "CREATE", "DROP", "ALTER") && is(1, "DATABASE", "TABLESPACE", "SYSTEM", "SUBSCRIPTION") ||
		slices.ContainsFunc(words, func(t lexer.Token) bool { return t.Kind == lexer.Word && t.Is("CONCURRENTLY") })
}

// reason is what the server says of an error, without its severity and number.
func reason(err error) string {
	pg := (*pgconn.PgError)(nil)
	switch {
	case !errors.As(err, &pg):
		return err.Error()
	case pg.Code == insufficientPrivilege:
		return pg.Message + ": grant this user the right, or name one that has it"
	case pg.Code == lockNotAvailable:
		return "others held what it changes for too long: try again, or wait longer with --lock-wait"
	}
	return pg.Message
}

// leftover tidies up what a statement that makes or drops an index beside others left
// when it was broken off: an index that serves nobody takes the name. One that is whole is
// what the statement was to make, where the process was killed at it: nobody noted that.
func leftover(ctx context.Context, q schema.ExecQuerier, statement string, killed bool) (done bool, err error) {
	index, drops, ok := indexOf(statement)
	if !ok {
		return false, nil
	}
	there, valid, err := state(ctx, q, index)
	if err != nil {
		return false, err
	}
	switch {
	case drops:
		return killed && !there, nil
	case !there || valid:
		return killed && there, nil
	}
	_, err = q.ExecContext(ctx, "DROP INDEX CONCURRENTLY "+index)
	return false, err
}

// state reports whether there is an index, and whether it serves.
func state(ctx context.Context, q schema.ExecQuerier, index string) (there, valid bool, err error) {
	rows, err := q.QueryContext(ctx, "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)", index)
	if err != nil {
		return false, false, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if there = rows.Next(); there {
		err = rows.Scan(&valid)
	}
	return there, valid, errors.Join(err, rows.Err())
}

// indexOf is the index, quoted, that a statement makes or drops beside others.
func indexOf(statement string) (name string, drops, ok bool) {
	words := tokens(statement)
	next := func(words ...string) func([]lexer.Token) []lexer.Token {
		return func(list []lexer.Token) []lexer.Token {
			for i, word := range words {
				if i >= len(list) || !list[i].Is(word) {
					return list
				}
			}
			return list[len(words):]
		}
	}
	if len(words) == 0 {
		return "", false, false
	}
	drops = words[0].Is("DROP")
	rest := next("UNIQUE")(words[1:])
	if len(rest) < 3 || !drops && !words[0].Is("CREATE") || !rest[0].Is("INDEX") || !rest[1].Is("CONCURRENTLY") {
		return "", false, false
	}
	rest = next("IF", "EXISTS")(next("IF", "NOT", "EXISTS")(rest[2:]))
	if len(rest) == 0 || rest[0].Is("ON") {
		return "", false, false // it has no name yet
	}
	name = identifier(rest[0])
	if len(rest) > 2 && rest[1].Is(".") {
		name += "." + identifier(rest[2])
	}
	return name, drops, true
}

func identifier(t lexer.Token) string {
	if t.Kind == lexer.Quoted {
		return quote(strings.ReplaceAll(t.Text, `""`, `"`))
	}
	return quote(strings.ToLower(t.Text))
}

func tokens(statement string) (list []lexer.Token) {
	sc := lexer.Scanner{SQL: statement}
	for t := sc.Next(); t.Kind != lexer.End; t = sc.Next() {
		list = append(list, t)
	}
	return list
}

// version brings the database to the schema by migration files.
func (s *server) version(ctx context.Context, o Options, want string) error {
	d := s.revisions()
	look, err := revision.Look(ctx, d, o.Files)
	if errors.As(err, new(*revision.FilesError)) {
		return fmt.Errorf("database: open %s: %w", s.target, err)
	}
	if err != nil {
		return s.target.refused(err)
	}
	current, err := applied(ctx, s.db, want)
	if err != nil || current && len(look.Pending) == 0 {
		return err
	}
	var made bool
	if look.Unversioned {
		if err := s.db.QueryRowContext(ctx, findHistory).Scan(&made); err != nil {
			return s.target.refused(err)
		}
	}
	switch {
	case made && !current:
		return fmt.Errorf("database: open %s: it was made without migration files, and its schema is another one than this program's: start this program once with --migrate auto, which brings it there, and from then on the files are applied to it", s.target)
	case made:
		err = revision.Adopt(ctx, d, o.Files, o.Apply)
	default:
		err = revision.Apply(ctx, d, o.Files, o.Apply)
	}
	if err != nil {
		return fmt.Errorf("database: open %s: %w", s.target, err)
	}
	return s.settle(ctx, o, want)
}

// settle sees that a database to which the migration files were applied is what the
// schema says, and notes it.
func (s *server) settle(ctx context.Context, o Options, want string) error {
	begun, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return s.target.refused(err)
	}
	tx := recorded(begun)
	defer func() { _ = tx.Rollback() }()
	o.Schema.Settled = true
	if _, err := bring(ctx, tx, o, want); err != nil {
		return s.target.refused(err)
	}
	if missing := tx.Statements(); len(missing) > 0 {
		return fmt.Errorf("database: open %s: %w", s.target, &migrate.BehindError{Statements: missing})
	}
	return tx.Commit()
}

// Pending says in words what a database lacks of the schema of this program, or of the
// files that it does not apply; nothing where it lacks nothing.
func (d *entDriver) Pending(ctx context.Context) (string, error) {
	s := d.server
	db := stdlib.OpenDBFromPool(s.probe) // which requests at work leave free
	defer func() { _ = db.Close() }()
	var there bool
	if err := db.QueryRowContext(ctx, findHistory).Scan(&there); err != nil {
		return "", err
	}
	if there { // one to which a later schema was applied since lacks nothing
		if err := db.QueryRowContext(ctx, knownHistory, s.want).Scan(&there); err != nil {
			return "", err
		}
	}
	if !there {
		return "the database lacks what this program's schemas say", nil
	}
	return revision.Pending(ctx, s.revisionsBy(db), s.files)
}

// Look returns what the database has of the migration files, and whether the schema of
// this program is the last that was applied to it. It changes nothing.
func Look(ctx context.Context, t Target, o Options) (state *revision.State, current bool, err error) {
	s, err := connect(ctx, t, o)
	if err != nil {
		return nil, false, err
	}
	defer s.close()
	want, err := o.Schema.Fingerprint()
	if err != nil {
		return nil, false, err
	}
	if state, err = revision.Look(ctx, s.revisions(), o.Files); err == nil {
		current, err = applied(ctx, s.db, want)
	}
	return state, current, err
}

// Develop makes an empty database on the server of another one, and returns its URL and
// what drops it again.
func Develop(ctx context.Context, t Target, text string) (dev string, drop func(context.Context) error, err error) {
	s, err := connect(ctx, t, Options{})
	if err != nil {
		return "", nil, err
	}
	name := "coppice_dev_" + strings.ToLower(rand.Text())
	if _, err := s.db.ExecContext(ctx, "CREATE DATABASE "+quote(name)); err != nil {
		s.close()
		return "", nil, fmt.Errorf("database: make an empty database beside that of %s, to try the files on: %w. Give this user CREATEDB, or name an empty database with --dev URL", t, redacted{err})
	}
	return withDatabase(text, name), func(ctx context.Context) error {
		defer s.close()
		_, err := s.db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+quote(name)+" WITH (FORCE)")
		return err
	}, nil
}

// withDatabase is a URL that names another database.
func withDatabase(text, name string) string {
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	u.Path = "/" + name
	q := u.Query()
	q.Del("dbname")
	u.RawQuery = q.Encode()
	return u.String()
}

// Apply applies the migration files that the database lacks, whether they lead to the
// schema or not.
func Apply(ctx context.Context, t Target, o Options) error {
	s, err := connect(ctx, t, o)
	if err != nil {
		return err
	}
	defer s.close()
	return revision.Apply(ctx, s.revisions(), o.Files, o.Apply)
}
