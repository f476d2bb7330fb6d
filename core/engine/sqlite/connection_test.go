package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"coppice/core/internal/fixture/blog/ent"
)

// everyLink runs f on each connection that the database can have.
func everyLink(t *testing.T, h *entDriver, f func(l *connection, reader bool)) {
	t.Helper()
	for _, p := range []*pool{h.engine.writer, h.engine.readers} {
		var held []*connection
		for range cap(p.slots) {
			l, _, err := h.engine.acquire(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			f(l, p != h.engine.writer)
			held = append(held, l)
		}
		for _, l := range held {
			h.engine.release(l)
		}
	}
}

// C3: a PRAGMA by Exec reaches one connection of a pool.
func TestEveryConnectionHasThePragmas(t *testing.T) {
	t.Parallel()
	for parameter, synchronous := range map[string]string{"": "1", "?synchronous=full": "2"} {
		client := open(t, fileURL(t)+parameter)
		links := 0
		everyLink(t, handleOf(client), func(l *connection, reader bool) {
			links++
			queryOnly := "0"
			if reader {
				queryOnly = "1"
			}
			for pragma, want := range map[string]string{
				"busy_timeout": "5000", "foreign_keys": "1", "journal_mode": "wal", "synchronous": synchronous,
				"temp_store": "0", "query_only": queryOnly, "locking_mode": "normal", "mmap_size": "268435456",
			} {
				if got := pragmaOf(t, l, pragma); got != want {
					t.Errorf("reader %t: %s is %s, not %s", reader, pragma, got, want)
				}
			}
		})
		if links < 5 {
			t.Errorf("only %d connections were seen", links)
		}
	}
}

func pragmaOf(t *testing.T, l *connection, name string) string {
	t.Helper()
	st, err := l.statement(t.Context(), "PRAGMA "+name, other)
	if err != nil {
		t.Fatal(err)
	}
	defer l.done(st)
	rows, err := st.QueryContext(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	row := make([]driver.Value, 1)
	if err := rows.Next(row); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(row[0])
}

// C4: ent inserts through Query.
func TestStatementsGoWhereTheirTextSays(t *testing.T) {
	t.Parallel()
	client := open(t)
	ctx := t.Context()
	// No reader can be had: what reads has to wait, what writes has not.
	held := holdReaders(t, client, 0)
	rows, err := client.QueryContext(ctx, "INSERT INTO tags (name) VALUES ('go') RETURNING id")
	if err != nil {
		t.Fatal(err)
	}
	shut(t, rows)
	if _, err := client.Tag.Create().SetName("sqlite").Save(ctx); err != nil {
		t.Fatal(err)
	}
	held()

	// No writer can be had.
	tx, err := client.Tx(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if n := client.Tag.Query().CountX(ctx); n != 2 {
		t.Errorf("%d tags", n)
	}
	if _, err := client.ExecContext(ctx, "SELECT 1"); err != nil {
		t.Error(err)
	}
}

func holdReaders(t *testing.T, client *ent.Client, spares int) (release func()) {
	t.Helper()
	h := handleOf(client)
	var held []*connection
	for range cap(h.engine.readers.slots) + spares {
		l, _, err := h.engine.acquire(t.Context(), h.engine.readers)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, l)
	}
	return func() {
		for _, l := range held {
			h.engine.release(l)
		}
	}
}

func TestReadersRefuseToWrite(t *testing.T) {
	t.Parallel()
	client := open(t)
	everyLink(t, handleOf(client), func(l *connection, reader bool) {
		err := l.run(t.Context(), "INSERT INTO tags (name) VALUES (hex(randomblob(8)))")
		if reader && (err == nil || !strings.Contains(err.Error(), "readonly")) {
			t.Errorf("a reader wrote: %v", err)
		}
		if !reader && err != nil {
			t.Error(err)
		}
	})
}

func TestReadOnlyTransactionRefusesToWrite(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"file": fileURL(t), "memory": "sqlite::memory:"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := open(t, url)
			tx, err := client.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback()
			for _, query := range []string{"DELETE FROM tags", "INSERT INTO tags (name) VALUES ('x') RETURNING id", "CREATE TABLE x (y)", "WITH a AS (SELECT 1) DELETE FROM tags"} {
				if _, err := tx.ExecContext(t.Context(), query); err == nil {
					t.Errorf("%s was run", query)
				}
				if rows, err := tx.QueryContext(t.Context(), query); err == nil {
					t.Errorf("%s was run as a query", query)
					shut(t, rows)
				}
			}
			if n := tx.Tag.Query().CountX(t.Context()); n != 0 {
				t.Errorf("%d tags", n)
			}
		})
	}
}

// S3: a look-up that is prepared anew costs half as much again.
func TestStatementIsPreparedOnce(t *testing.T) {
	t.Parallel()
	client := open(t)
	u := user(t, client, "ada")
	h := handleOf(client)
	client.User.GetX(t.Context(), u.ID)
	before := h.engine.prepared.Load()
	for range 100 {
		client.User.GetX(t.Context(), u.ID)
		if err := client.User.UpdateOneID(u.ID).SetName("Ada").Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		tx, err := client.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		tx.User.GetX(t.Context(), u.ID)
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
	// BEGIN and ROLLBACK of the reader, and what the update consists of.
	if n := h.engine.prepared.Load() - before; n > 8 {
		t.Errorf("%d statements were prepared in 100 rounds", n)
	}
}

func TestPreparedStatementsAreBounded(t *testing.T) {
	t.Parallel()
	client := open(t)
	for i := range 3 * keptStatements {
		if n := one[int](t, client, fmt.Sprintf("SELECT %d", i)); n != i {
			t.Errorf("SELECT %d is %d", i, n)
		}
	}
	one[string](t, client, "SELECT '"+strings.Repeat("x", keptLength)+"'")
	everyLink(t, handleOf(client), func(l *connection, _ bool) {
		if n := l.kept.Len(); n > keptStatements {
			t.Errorf("%d statements are kept", n)
		}
		for _, query := range l.kept.Keys() {
			if len(query) > keptLength {
				t.Error("a long statement is kept")
			}
		}
	})
}

// A prepared statement runs one query at a time.
func TestSameStatementRunsInsideItself(t *testing.T) {
	t.Parallel()
	client := open(t)
	for i := range 3 {
		user(t, client, fmt.Sprintf("user_%d", i))
	}
	tx, err := client.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	const query = "SELECT id FROM users WHERE id >= ? ORDER BY id"
	var pairs []string
	for _, outer := range nested(t, tx, query, func(id int64) {
		pairs = append(pairs, fmt.Sprint(id, nested(t, tx, query, func(int64) {}, id)))
	}, 0) {
		pairs = append(pairs, fmt.Sprint(outer))
	}
	if want := []string{"1 [1 2 3]", "2 [2 3]", "3 [3]", "1", "2", "3"}; !slices.Equal(pairs, want) {
		t.Errorf("read %v, not %v", pairs, want)
	}
}

func nested(t *testing.T, q contextQuerier, query string, each func(id int64), args ...any) []int64 {
	t.Helper()
	rows, err := q.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var list []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		each(id)
		list = append(list, id)
	}
	return list
}

func TestRawHandleTakesTheSameWay(t *testing.T) {
	t.Parallel()
	client := open(t)
	db, err := dbOf(client)
	if err != nil {
		t.Fatal(err)
	}
	// 16 goroutines write through the SQL handle, beside ent.
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for j := range 10 {
				name := fmt.Sprintf("tag-%d-%d", i, j)
				tx, err := db.BeginTx(t.Context(), nil)
				if err != nil {
					t.Error(err)
					return
				}
				var n int
				err = tx.QueryRow("SELECT COUNT(*) FROM tags").Scan(&n)
				if err == nil {
					_, err = tx.Exec("INSERT INTO tags (name) VALUES (?)", name)
				}
				if err == nil {
					err = tx.Commit()
				}
				if err != nil {
					t.Error(err)
				}
				if err := client.Tag.Create().SetName("ent-" + name).Exec(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := one[int](t, db, "SELECT COUNT(*) FROM tags"); n != 320 {
		t.Errorf("%d tags", n)
	}
	st, err := db.PrepareContext(t.Context(), "SELECT name FROM tags WHERE id = ?")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	var name string
	if err := st.QueryRow(1).Scan(&name); err != nil || name == "" {
		t.Error(name, err)
	}
	if err := db.PingContext(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := dbOf(tx(t, client).Client()); err == nil {
		t.Error("the client of a transaction gave a handle")
	}
}

func tx(t *testing.T, client *ent.Client) *ent.Tx {
	t.Helper()
	tx, err := client.Tx(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	return tx
}

func TestTransactionsAreNotBegunByText(t *testing.T) {
	t.Parallel()
	client := open(t)
	for _, query := range []string{"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT a", "SELECT 1; BEGIN"} {
		if _, err := client.ExecContext(t.Context(), query); err == nil {
			t.Errorf("%s was run", query)
		}
	}
	inside := tx(t, client)
	for _, query := range []string{"COMMIT", "ROLLBACK", "END"} {
		if _, err := inside.ExecContext(t.Context(), query); err == nil {
			t.Errorf("%s was run inside", query)
		}
	}
	for _, query := range []string{"SAVEPOINT a", "INSERT INTO tags (name) VALUES ('x')", "ROLLBACK TO a", "RELEASE a"} {
		if _, err := inside.ExecContext(t.Context(), query); err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
	if n := inside.Tag.Query().CountX(t.Context()); n != 0 {
		t.Errorf("%d tags after ROLLBACK TO", n)
	}
}
