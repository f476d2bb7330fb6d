//go:build postgres

package postgres

import (
	"context"
	"strings"
	"testing"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5/pgxpool"

	"coppice/core/internal/enginetest"
	"coppice/core/internal/statement"
	"coppice/core/record"
)

// The URL says how many connections there are at most, where it says so.
func TestTheURLSaysHowManyConnections(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]int32{
		"postgres://u@h/d":                                      16,
		"postgres://u@h/d?pool_max_conns=3":                     3,
		"postgres://u@h/d?pool_max_conns=90&pool_min_conns=0":   90,
		"postgresql://u@h/d?application_name=x&sslmode=disable": 16,
		"postgres://u@h/d?sslmode=&channel_binding=":            16,
	} {
		target, err := Parse(url)
		if err != nil {
			t.Fatal(err)
		}
		if got := target.pool(16).MaxConns; got != want {
			t.Errorf("%s has %d, not %d", url, got, want)
		}
		if got := target.pool(1).MaxConns; got != 1 {
			t.Errorf("%s has %d to ask whether it answers", url, got)
		}
	}
}

// A replica that is known to be far enough is read from while all its connections are at
// work, instead of being asked on one of them; nor does it rest for who went away.
func TestABusyReplicaIsReadFrom(t *testing.T) {
	t.Parallel()
	target, err := Parse(enginetest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), target.pool(1))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	held, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	long := time.Now().Add(-time.Hour).UnixNano()
	r := &replica{target: target, pool: pool}
	r.applied.Store(100)
	r.asked.Store(long)
	if !r.caughtUp(t.Context(), "", 50) || r.rests.Load() != 0 {
		t.Error("it is not read from")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if r.caughtUp(gone, "", 150) || r.rests.Load() != 0 {
		t.Errorf("one who went away was told that it had come further, or has it rest until %d", r.rests.Load())
	}
}

// Where a record lay that a transaction made is forgotten with the transaction: the
// next one of the request must not take another record for it.
func TestPlacesGoWithTheirTransaction(t *testing.T) {
	t.Parallel()
	target, err := Parse(enginetest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	d, err := Open(t.Context(), target, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Exec(t.Context(), `CREATE TABLE "things" ("id" text PRIMARY KEY)`, []any{}, nil); err != nil {
		t.Fatal(err)
	}
	p := &statement.Progress{}
	ctx := statement.WithProgress(t.Context(), p)
	tx, err := d.Tx(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var rows entsql.Rows
	if err := tx.Query(ctx, `INSERT INTO "things" ("id") VALUES ($1), ($2) RETURNING "id"`, []any{"a", "b"}, &rows); err != nil {
		t.Fatal(err)
	}
	var ids []string
	if err := entsql.ScanSlice(rows, &ids); err != nil || len(ids) != 2 {
		t.Fatal(ids, err)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	if places, ok := p.Places("things", []any{"b", "a"}); !ok || len(places) != 2 || places[0] == places[1] {
		t.Errorf("they lie at %v", places)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	again, err := d.Tx(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if places, ok := p.Places("things", []any{"a"}); ok {
		t.Errorf("what was taken back is believed to lie at %v", places)
	}
	if err := again.Rollback(); err != nil {
		t.Fatal(err)
	}
}

// A view that is only of another engine is refused with what to write, instead of the
// server's words about an empty statement.
func TestAViewThatSaysNothingOfPostgresIsRefused(t *testing.T) {
	t.Parallel()
	views := []record.View{{Name: "loud", As: map[string]string{"sqlite3": "SELECT 1"}}, {Name: "calm", As: map[string]string{"": "SELECT 1"}}}
	err := fitNames(nil, views)
	if err == nil || !strings.Contains(err.Error(), "the view loud ") || !strings.Contains(err.Error(), "ViewFor") || strings.Contains(err.Error(), "calm") {
		t.Errorf("%v", err)
	}
}
