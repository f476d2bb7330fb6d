package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"coppice/core/fault"
	"coppice/core/internal/statement"
)

const (
	// restAfterFailure is how long nothing is asked of a replica that failed.
	restAfterFailure = time.Second
	// askFor bounds the question how far a replica is.
	askFor = 250 * time.Millisecond
	// askAgain is how long what a replica answered is relied upon.
	askAgain = time.Second
)

// position is a place in the log of writes, as PostgreSQL counts them (type pg_lsn);
// later ones are greater.
type position uint64

// String is the position as PostgreSQL writes it: 0/16B3740.
func (p position) String() string { return fmt.Sprintf("%X/%X", uint64(p)>>32, uint32(p)) }

// parsePosition reads a token that String made.
func parsePosition(s string) (position, error) {
	high, low, _ := strings.Cut(s, "/")
	h, err := strconv.ParseUint(high, 16, 32)
	l, lerr := strconv.ParseUint(low, 16, 32)
	if err = errors.Join(err, lerr); err != nil || position(h<<32|l).String() != s {
		return 0, fault.New(fault.BadRequest, "X-Written holds no token of this API: send back what the answer to a write carried, as it was.")
	}
	return position(h<<32 | l), nil
}

// identityOf is an expression that is the same on a server and those that follow it, for
// one schema of one database, and on no others.
const identityOf = `(SELECT system_identifier FROM pg_control_system())::text || ' ' ||
	(SELECT oid FROM pg_database WHERE datname = current_database()) || ' ' || coalesce(current_schema()::regnamespace::oid, 0)`

// replica is a server that follows the one that is written to.
type replica struct {
	target  Target
	pool    *pgxpool.Pool
	applied atomic.Uint64 // the position it is known to have applied
	asked   atomic.Int64  // when it was asked last, in nanoseconds since 1970
	rests   atomic.Int64  // until when, in nanoseconds since 1970, nothing is asked of it
}

// errPromoted is the error of a read from a replica that has become a server of its own.
var errPromoted = errors.New("the replica was promoted")

// promoted reports whether the server of a connection had left recovery by its last
// answer, which it tells by itself.
func promoted(conn *pgconn.PgConn) bool { return conn.ParameterStatus("in_hot_standby") == "off" }

// caughtUp reports whether the replica, of the database of an identity, has applied all
// up to a position, and asks it where that is not known.
func (r *replica) caughtUp(ctx context.Context, identity string, to position) bool {
	now := time.Now().UnixNano()
	if now < r.rests.Load() {
		return false
	}
	// Behind a pooler a connection does not tell that its server was promoted. One request
	// asks for all, and none where every connection is at work, which shows that it lives.
	if asked := r.asked.Load(); r.applied.Load() >= uint64(to) && asked > 0 {
		if pool := r.pool.Stat(); now < asked+askAgain.Nanoseconds() || pool.AcquiredConns() == pool.MaxConns() || !r.asked.CompareAndSwap(asked, now) {
			return true
		}
	}
	asking, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	var follows bool
	var text, got string
	err := r.pool.QueryRow(asking, "SELECT pg_is_in_recovery(), coalesce(pg_last_wal_replay_lsn(), '0/0')::text, "+identityOf).Scan(&follows, &text, &got)
	if ctx.Err() != nil { // who asked went away
		return false
	}
	if err != nil || !follows || got != identity { // one that was promoted follows nobody
		r.rest()
		return false
	}
	at, err := parsePosition(text)
	if err != nil {
		return false
	}
	r.asked.Store(now)
	r.applied.Store(uint64(at)) // it only grows, and what is older is no harm
	return at >= to
}

// rest leaves the replica alone for a while, and has it asked before it is read from again.
func (r *replica) rest() {
	r.asked.Store(0)
	r.rests.Store(time.Now().Add(restAfterFailure).UnixNano())
}

// replicated is the servers to read from besides the one that is written to.
type replicated struct {
	replicas []*replica
	next     atomic.Uint32
	written  atomic.Uint64 // the last position that this process acknowledged
	identity string        // of the database that is written to
}

// openReplicas connects to the replicas that URLs name. One that is not there now is
// no error: it is asked again.
func openReplicas(ctx context.Context, urls []string, size int) (*replicated, error) {
	set := &replicated{}
	for _, u := range urls {
		t, err := Parse(u)
		if err != nil {
			set.close()
			return nil, fmt.Errorf("replica: %w", err)
		}
		pool, err := pgxpool.NewWithConfig(ctx, t.pool(size))
		if err != nil {
			set.close()
			return nil, t.refused(err)
		}
		set.replicas = append(set.replicas, &replica{target: t, pool: pool})
	}
	return set, nil
}

// checkReplicas refuses replicas that answer, and have another database than the one that is
// written to: what is read from them would be somebody else's. Of those that do not answer
// it tells the log.
func (set *replicated) checkReplicas(ctx context.Context, log *slog.Logger) error {
	for _, r := range set.replicas {
		ctx, cancel := context.WithTimeout(ctx, askFor)
		var got string
		err := r.pool.QueryRow(ctx, "SELECT "+identityOf).Scan(&got)
		cancel()
		if err != nil {
			log.WarnContext(ctx, "a replica is not read from until it answers", "error", r.target.refused(err))
		} else if got != set.identity {
			return fmt.Errorf("replica: database: open %s: it does not follow the server that is written to, or names another database or schema there: correct its URL", r.target)
		}
	}
	return nil
}

func (set *replicated) close() {
	for _, r := range set.replicas {
		r.pool.Close()
	}
}

// pick chooses where a read goes: to a replica that has applied all that this process
// has acknowledged, and what the request wants to see; to the primary where none has,
// and then from is nil.
func (set *replicated) pick(ctx context.Context, primary *pgxpool.Pool) (p *pgxpool.Pool, from *replica, err error) {
	want := position(set.written.Load())
	if p := statement.ProgressOf(ctx); p != nil && p.After != "" {
		for token := range strings.SplitSeq(p.After, ",") {
			if token = strings.TrimSpace(token); token == "" {
				continue
			}
			after, err := parsePosition(token)
			if err != nil {
				return nil, nil, err
			}
			want = max(want, after)
		}
	}
	if !statement.MayUseReplica(ctx) {
		return primary, nil, nil
	}
	first := set.next.Add(1)
	for i := range uint32(len(set.replicas)) {
		if r := set.replicas[(first+i)%uint32(len(set.replicas))]; r.caughtUp(ctx, set.identity, want) {
			return r.pool, r, nil
		}
	}
	return primary, nil, nil // which has all of it
}

// acknowledge notes what a transaction wrote, for the process and its request.
func (set *replicated) acknowledge(ctx context.Context, text string) {
	at, err := parsePosition(text)
	if err != nil {
		return
	}
	for {
		have := set.written.Load()
		if uint64(at) <= have || set.written.CompareAndSwap(have, uint64(at)) {
			break
		}
	}
	if p := statement.ProgressOf(ctx); p != nil {
		p.Written = text // as String has it, or it would not be read
	}
}

// wrote acknowledges a statement outside of a transaction that may have written: what
// is read after it from a replica is to show it. Where there is none, nothing is asked.
func (s *server) wrote(ctx context.Context, query string, ask func(context.Context, *string) error) {
	if len(s.replicas) == 0 || reads(query) {
		return
	}
	var at string
	if err := ask(context.WithoutCancel(ctx), &at); err == nil {
		s.acknowledge(ctx, at)
	}
}

// position asks how far the log of writes has come, on a connection that is lent.
func (l lent) position(ctx context.Context, at *string) error {
	return l.QueryRow(ctx, positionNow).Scan(at)
}
