// Package postgres is the engine of PostgreSQL: pgx behind ent's driver. What reads
// sees one snapshot, what writes is serializable, a failed statement leaves its
// transaction as it was before it, and errors are known by their SQLSTATE.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"entgo.io/ent/dialect"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"coppice/core/engine/migrate"
	"coppice/core/engine/revision"
	"coppice/core/internal/lane"
	"coppice/core/internal/statement"
)

// DefaultLockWait bounds the wait for a lock, and for a server that is gone, where
// Options does not.
const DefaultLockWait = 5 * time.Second

// oldest is the first version that is served, as server_version_num has it.
const oldest = 140_000

// Options are what a database is opened with, apart from where it is.
type Options struct {
	LockWait time.Duration // bounds the wait for a lock; zero or less is DefaultLockWait
	Replicas []string      // URLs of servers that follow the one that is written to
	Log      *slog.Logger  // nil is slog's default
	Schema   migrate.Schema
	Mode     migrate.Mode     // how the schema is made ready
	Files    *revision.Folder // of Versioned
	Apply    revision.Options // how they are applied
	Complete bool             // a change is for a migration file
}

// server is the connections to one database. It is safe for concurrent use.
type server struct {
	target   Target
	lockWait time.Duration
	begins   []string // what begins a transaction that writes
	secrets  statement.Secrets
	want     string           // the fingerprint of the schema that this program has
	files    *revision.Folder // that somebody else applies
	pool     *pgxpool.Pool
	probe    *pgxpool.Pool                 // of one connection, for those who ask whether the database answers
	db       *sql.DB                       // the pool, for code that wants database/sql
	lanes    map[*pgxpool.Pool]*lane.Lanes // of each pool but probe
	*replicated

	mu       sync.Mutex
	uniques  map[constraint][]string
	triggers map[string]bool // the tables that have some of their owner's
}

// Open connects to the database and makes its schema ready. Closing the driver
// closes all of it.
func Open(ctx context.Context, t Target, o Options) (dialect.Driver, error) {
	s, err := connect(ctx, t, o)
	if err != nil {
		return nil, err
	}
	if err := s.prepare(ctx, o); err != nil {
		s.close()
		return nil, err
	}
	return &entDriver{server: s}, nil
}

// connect opens the pools, and sees that the server is one that is served.
func connect(ctx context.Context, t Target, o Options) (*server, error) {
	if o.LockWait <= 0 {
		o.LockWait = DefaultLockWait
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	s := &server{target: t, lockWait: o.LockWait, begins: beginsFor(o.LockWait), secrets: o.Schema.Secrets}
	var err error
	if s.pool, err = pgxpool.NewWithConfig(ctx, t.pool(connections())); err != nil {
		return nil, t.refused(err)
	}
	if s.probe, err = pgxpool.NewWithConfig(ctx, t.pool(1)); err != nil {
		s.pool.Close()
		return nil, t.refused(err)
	}
	s.db = stdlib.OpenDBFromPool(s.pool)
	if s.replicated, err = openReplicas(ctx, o.Replicas, connections()); err != nil {
		s.replicated = &replicated{}
		s.close()
		return nil, err
	}
	s.lanes = map[*pgxpool.Pool]*lane.Lanes{s.pool: lane.New(int(s.pool.Config().MaxConns))}
	for _, r := range s.replicas {
		s.lanes[r.pool] = lane.New(int(r.pool.Config().MaxConns))
	}
	if err := s.checkServer(ctx, o.Log); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// checkServer refuses a server, or a database, on which the answers would not be those of
// the other engines.
func (s *server) checkServer(ctx context.Context, log *slog.Logger) error {
	var version int
	var encoding, role string
	if err := s.db.QueryRowContext(ctx, "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), current_setting('session_replication_role')").
		Scan(&version, &encoding, &role); err != nil {
		return s.target.refused(err)
	}
	switch {
	case version < oldest:
		return fmt.Errorf("database: open %s: the server is of version %d, and versions from %d are served: update it", s.target, version/10_000, oldest/10_000)
	case encoding != "UTF8":
		return fmt.Errorf("database: open %s: its encoding is %s, which does not hold every text: make one with createdb --template=template0 --encoding=UTF8", s.target, encoding)
	case role == "replica":
		return fmt.Errorf("database: open %s: session_replication_role is replica, with which foreign keys are not kept: set it back to origin, with ALTER ROLE or ALTER DATABASE … RESET session_replication_role", s.target)
	}
	if len(s.replicas) == 0 {
		return nil
	}
	err := s.db.QueryRowContext(ctx, "SELECT "+identityOf).Scan(&s.identity)
	if pg := (*pgconn.PgError)(nil); errors.As(err, &pg) && pg.Code == insufficientPrivilege {
		return fmt.Errorf("database: open %s: this user may not ask which server it is, by which replicas are known: GRANT EXECUTE ON FUNCTION pg_control_system() TO %s, or start without replicas",
			s.target, pgx.Identifier{s.target.config.ConnConfig.User}.Sanitize())
	}
	if err != nil {
		return s.target.refused(err)
	}
	return s.checkReplicas(ctx, log)
}

// prepare makes the schema ready, and learns what there is.
func (s *server) prepare(ctx context.Context, o Options) error {
	want, err := o.Schema.Fingerprint()
	if err != nil {
		return err
	}
	s.want = want
	switch o.Mode {
	case migrate.Off:
		s.files = o.Files
	case migrate.Versioned:
		if err := s.version(ctx, o, want); err != nil {
			return err
		}
	default:
		if err := s.migrate(ctx, o, want); err != nil {
			return s.target.refused(err)
		}
	}
	if err := s.learn(ctx, s.db); err != nil {
		return s.target.refused(err)
	}
	return nil
}

func (s *server) close() {
	_ = s.db.Close() // it has nothing of its own
	s.replicated.close()
	s.probe.Close()
	s.pool.Close()
}

// connections is how many a pool has at most, where its URL does not say.
func connections() int { return max(16, 4*runtime.GOMAXPROCS(0)) }

// pool is how the connections of a pool are made.
func (t Target) pool(size int) *pgxpool.Config {
	c := t.config.Copy()
	if size == 1 || !t.sized {
		c.MaxConns = int32(size)
	}
	t.set(c.ConnConfig)
	// A request that ends is to end its statement on the server as well.
	c.ConnConfig.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, CancelRequestDelay: 0, DeadlineDelay: time.Second}
	}
	c.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		inUTC(conn.TypeMap())
		return nil
	}
	return c
}

// inUTC lets times be read in UTC, instead of in this machine's zone.
func inUTC(m *pgtype.Map) {
	m.RegisterType(&pgtype.Type{Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC}})
	m.RegisterType(&pgtype.Type{Name: "timestamp", OID: pgtype.TimestampOID, Codec: &pgtype.TimestampCodec{ScanLocation: time.UTC}})
}

// constraint is a unique constraint, or index, of a table.
type constraint struct{ table, name string }

// catalog is what the tables of the system are read from.
type catalog interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}

// learn reads which tables have triggers, and the columns of the unique constraints and indexes; of one over
// expressions there are none.
func (s *server) learn(ctx context.Context, db catalog) (err error) {
	const query = `SELECT t.relname, i.relname, a.attname FROM pg_index x
		JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
		JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = current_schema()
		JOIN LATERAL unnest(x.indkey[0:x.indnkeyatts-1]) WITH ORDINALITY AS k (attnum, place) ON true
		JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum
		WHERE x.indisunique AND NOT 0 = ANY (x.indkey::int[]) ORDER BY t.relname, i.relname, k.place`
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	uniques := map[constraint][]string{}
	for rows.Next() {
		var c constraint
		var column string
		if err := rows.Scan(&c.table, &c.name, &column); err != nil {
			return err
		}
		uniques[c] = append(uniques[c], column)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	triggers, err := triggersIn(ctx, db)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.uniques, s.triggers = uniques, triggers
	return nil
}

// triggersIn are the tables that have triggers, or rules, which are not of foreign keys.
func triggersIn(ctx context.Context, db catalog) (tables map[string]bool, err error) {
	rows, err := db.QueryContext(ctx, `SELECT c.relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
		AND (c.relhasrules OR EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal))`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	tables = map[string]bool{}
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return nil, err
		}
		tables[table] = true
	}
	return tables, rows.Err()
}

// columnsOf are those of a unique constraint; none where it is not of columns alone.
// One that is not known yet was made since.
func (s *server) columnsOf(ctx context.Context, table, name string) []string {
	of := func() ([]string, bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		columns, ok := s.uniques[constraint{table, name}]
		return columns, ok
	}
	if columns, ok := of(); ok {
		return columns
	}
	if err := s.learn(ctx, s.db); err != nil {
		return nil
	}
	columns, _ := of()
	return columns
}
