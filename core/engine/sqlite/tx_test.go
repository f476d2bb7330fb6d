package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"coppice/core/fault"
	"coppice/core/internal/fixture/blog/ent"
)

var readOnly = &sql.TxOptions{ReadOnly: true}

func TestReadOnlyTransactionIsASnapshot(t *testing.T) {
	t.Parallel()
	client := open(t)
	user(t, client, "ada")
	ctx := t.Context()
	snapshot, err := client.BeginTx(ctx, readOnly)
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Rollback()
	if n := snapshot.User.Query().CountX(ctx); n != 1 {
		t.Fatalf("%d users", n)
	}
	user(t, client, "grace")
	if n := snapshot.User.Query().CountX(ctx); n != 1 {
		t.Errorf("the snapshot sees %d users", n)
	}
	if n := client.User.Query().CountX(ctx); n != 2 {
		t.Errorf("others see %d users", n)
	}
	if err := snapshot.Commit(); err != nil {
		t.Error(err)
	}
}

func TestTransactionSeesItsOwnWrites(t *testing.T) {
	t.Parallel()
	client := open(t)
	ctx := t.Context()
	tx := tx(t, client)
	u := user(t, tx.Client(), "ada")
	if got := tx.User.GetX(ctx, u.ID); got.Username != "ada" {
		t.Error(got)
	}
	if n := client.User.Query().CountX(ctx); n != 0 {
		t.Errorf("others see %d users", n)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if n := client.User.Query().CountX(ctx); n != 0 {
		t.Errorf("%d users after the rollback", n)
	}
}

func TestTransactionEndsOnce(t *testing.T) {
	t.Parallel()
	client := open(t)
	for name, end := range map[string]func(*ent.Tx) error{"commit": (*ent.Tx).Commit, "rollback": (*ent.Tx).Rollback} {
		tx := tx(t, client)
		if err := end(tx); err != nil {
			t.Fatal(name, err)
		}
		if err := tx.Commit(); !errors.Is(err, sql.ErrTxDone) {
			t.Errorf("commit after %s: %v", name, err)
		}
		if err := tx.Rollback(); !errors.Is(err, sql.ErrTxDone) {
			t.Errorf("rollback after %s: %v", name, err)
		}
		if _, err := tx.Tag.Query().All(t.Context()); !errors.Is(err, sql.ErrTxDone) {
			t.Errorf("a query after %s: %v", name, err)
		}
		if err := tx.Tag.Create().SetName("x").Exec(t.Context()); !errors.Is(err, sql.ErrTxDone) {
			t.Errorf("a write after %s: %v", name, err)
		}
	}
	if n := client.Tag.Query().CountX(t.Context()); n != 0 {
		t.Errorf("%d tags were written after the end", n)
	}
}

func TestPanicDoesNotKeepTheWriter(t *testing.T) {
	t.Parallel()
	client := open(t)
	func() {
		defer func() { _ = recover() }()
		tx, err := client.Tx(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		user(t, tx.Client(), "ada")
		panic("user code")
	}()
	user(t, client, "ada")
}

func TestEndOfTheContextRollsBack(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	synctest.Test(t, func(t *testing.T) {
		client := open(t, url)
		ctx, cancel := context.WithCancel(context.Background())
		forgotten, err := client.Tx(ctx)
		if err != nil {
			t.Fatal(err)
		}
		user(t, forgotten.Client(), "ada")
		cancel()
		synctest.Wait()
		user(t, client, "ada") // neither kept waiting nor in conflict
		if err := forgotten.Commit(); !errors.Is(err, context.Canceled) {
			t.Errorf("the commit: %v", err)
		}
		if err := forgotten.Rollback(); err != nil {
			t.Errorf("the rollback: %v", err)
		}
		if _, err := forgotten.Tag.Query().All(context.Background()); !errors.Is(err, context.Canceled) {
			t.Errorf("a query: %v", err)
		}
	})
}

func TestEndOfTheContextCutsOffRows(t *testing.T) {
	t.Parallel()
	client := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	forgotten, err := client.Tx(ctx)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := forgotten.QueryContext(t.Context(), "SELECT 1 UNION SELECT 2")
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	user(t, client, "ada") // waits for the rollback
	if rows.Next() || !errors.Is(rows.Err(), context.Canceled) {
		t.Errorf("the rows went on: %v", rows.Err())
	}
	shut(t, rows)
}

func TestCommitUnderAnEndedContextRollsBack(t *testing.T) {
	t.Parallel()
	client := open(t)
	for range 50 { // either side may be first
		ctx, cancel := context.WithCancel(t.Context())
		tx, err := client.Tx(ctx)
		if err != nil {
			t.Fatal(err)
		}
		user(t, tx.Client(), "ada")
		cancel()
		if err := tx.Commit(); !errors.Is(err, context.Canceled) {
			t.Errorf("the commit: %v", err)
		}
	}
	if n := client.User.Query().CountX(t.Context()); n != 0 {
		t.Errorf("%d users are left", n)
	}
}

func TestEndOfATransactionCutsOffItsRows(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]*sql.TxOptions{"write": nil, "read": readOnly} {
		client := open(t)
		user(t, client, "ada")
		user(t, client, "grace")
		tx, err := client.BeginTx(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := tx.QueryContext(t.Context(), "SELECT id FROM users")
		if err != nil {
			t.Fatal(err)
		}
		if !rows.Next() {
			t.Fatal(rows.Err())
		}
		if err := tx.Commit(); err != nil {
			t.Error(name, err)
		}
		user(t, client, "linus")
		if types, err := rows.ColumnTypes(); err != nil || len(types) != 1 || types[0].Name() != "id" {
			t.Errorf("%s: the columns are %v, %v", name, types, err)
		}
		if rows.Next() || !errors.Is(rows.Err(), sql.ErrTxDone) {
			t.Errorf("%s: the rows went on: %v", name, rows.Err())
		}
		shut(t, rows)
	}
}

// SQLite rolls a transaction back when a write in it is interrupted. What
// follows must not run outside of it.
func TestLostTransactionWritesNoMore(t *testing.T) {
	t.Parallel()
	client := open(t)
	ctx := t.Context()
	tx := tx(t, client)
	user(t, tx.Client(), "ada")
	brief, cancel := context.WithCancel(ctx)
	go cancel()
	const endless = `INSERT INTO tags (name) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
		SELECT 'tag-' || i FROM n LIMIT 100000000`
	if _, err := tx.ExecContext(brief, endless); !errors.Is(err, context.Canceled) {
		t.Fatalf("the endless insert: %v", err)
	}
	lost := tx.Tag.Create().SetName("go").Exec(ctx)
	err := tx.Commit()
	switch {
	case lost != nil: // it was interrupted
		if !errors.Is(lost, context.Canceled) || !errors.Is(err, context.Canceled) {
			t.Errorf("after the loss: %v; the commit: %v", lost, err)
		}
		if n := client.User.Query().CountX(ctx) + client.Tag.Query().CountX(ctx); n != 0 {
			t.Errorf("%d records are left", n)
		}
	case err != nil: // it had not begun
		t.Error(err)
	}
	user(t, client, "grace")
}

func TestFailedStatementLeavesItsTransactionAlive(t *testing.T) {
	t.Parallel()
	client := open(t)
	ctx := t.Context()
	user(t, client, "ada")
	tx := tx(t, client)
	if _, err := tx.ExecContext(ctx, "INSERT INTO users (username) VALUES ('x')"); err == nil {
		t.Fatal("a null was stored")
	}
	if err := tx.User.Create().SetUsername("ada").SetEmail("x@example.org").Exec(ctx); err == nil {
		t.Fatal("a user was stored twice")
	}
	if _, err := tx.QueryContext(ctx, "SELEKT"); err == nil || !strings.Contains(err.Error(), "syntax") {
		t.Fatal(err)
	}
	user(t, tx.Client(), "grace")
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if n := client.User.Query().CountX(ctx); n != 2 {
		t.Errorf("%d users", n)
	}
}

func TestContextEndsRows(t *testing.T) {
	t.Parallel()
	client := open(t)
	user(t, client, "ada")
	user(t, client, "grace")
	ctx, cancel := context.WithCancel(t.Context())
	var rows entRows
	if err := ent.Coppice().Driver(client).Query(ctx, "SELECT id FROM users", []any{}, &rows); err != nil {
		t.Fatal(err)
	}
	if !rows.Next() {
		t.Fatal(rows.Err())
	}
	cancel()
	if rows.Next() || !errors.Is(rows.Err(), context.Canceled) {
		t.Errorf("the rows went on: %v", rows.Err())
	}
	shut(t, rows)
}

// A write on its own that returns rows is over when the call is: ent reads the
// first row only, and looks at no error of Close.
func TestWriteThatReturnsRowsIsOverAtOnce(t *testing.T) {
	t.Parallel()
	client := open(t)
	ctx := t.Context()
	rows, err := client.QueryContext(ctx, "INSERT INTO tags (name) VALUES ('a'), ('b'), ('c') RETURNING id, name")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	user(t, client, "ada") // the writer is free
	var got []string
	for rows.Next() {
		var id int
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			t.Fatal(err)
		}
		got = append(got, name)
	}
	types, err := rows.ColumnTypes()
	if err == nil && types[0].DatabaseTypeName() == "" {
		t.Error("the columns have lost their types")
	}
	if strings.Join(got, "") != "abc" || rows.Err() != nil {
		t.Errorf("returned %v, %v", got, rows.Err())
	}

	if _, err := client.ExecContext(ctx, "CREATE TABLE late (tag REFERENCES tags (id) DEFERRABLE INITIALLY DEFERRED)"); err != nil {
		t.Fatal(err)
	}
	_, err = client.QueryContext(ctx, "INSERT INTO late VALUES (99) RETURNING tag")
	var key *fault.ForeignKey
	if !errors.As(err, &key) {
		t.Errorf("the commit failed unseen: %v", err)
	}
}
