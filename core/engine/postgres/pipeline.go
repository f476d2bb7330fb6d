package postgres

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"coppice/core/internal/statement"
)

// idle is the status of a connection that is in no transaction.
const idle = 'I'

// status is that of the connection, as the server told it last.
func (t *transaction) status() byte { return t.conn.PgConn().TxStatus() }

// open begins the transaction where that has not been done, for what is not sent with
// send.
func (t *transaction) open(ctx context.Context) error {
	if t.pending == nil {
		return nil
	}
	_, err := t.conn.Exec(ctx, strings.Join(t.pending, "; "))
	if err == nil {
		t.pending = nil
	}
	return err
}

// send sends a statement in one round trip with what stands around it: before it what
// begins the transaction, and a savepoint where it writes; behind it the end of a
// snapshot, where its reader said that nothing follows. The result to be read next is
// the statement's own. The driver prepares what it has not seen on this connection
// before any of it runs, so that a statement which cannot be prepared leaves a
// transaction that has begun without the savepoint.
func (t *transaction) send(ctx context.Context, query string, args []any) (pgx.BatchResults, error) {
	if t.readOnly && t.pending == nil && t.status() == idle {
		return nil, errNoTransaction // its reader had said that nothing follows
	}
	b := &pgx.Batch{}
	for _, q := range t.pending {
		b.Queue(q)
	}
	saves := !t.readOnly && !reads(query)
	if saves {
		if t.saved {
			b.Queue("RELEASE SAVEPOINT " + savepoint)
		}
		b.Queue("SAVEPOINT " + savepoint)
	}
	before := b.Len()
	b.Queue(query, args...)
	if t.readOnly && statement.IsLast(ctx) {
		b.Queue("ROLLBACK")
	}
	res := t.conn.SendBatch(ctx, b)
	for range before {
		if _, err := res.Exec(); err != nil {
			_ = res.Close()
			t.torn = t.pending == nil
			return nil, err
		}
	}
	t.pending, t.saved = nil, t.saved || saves
	return res, nil
}
