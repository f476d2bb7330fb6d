package sqlite

import (
	"context"
	"strings"
	"testing"
)

var routes = map[string]kind{
	"SELECT 1":              read,
	"  \n\t select 1":       read,
	"SELECT 1;":             read,
	"SELECT 1 ; ; -- done":  read,
	"values (1), (2)":       read,
	"EXPLAIN DELETE FROM t": read,
	"EXPLAIN QUERY PLAN INSERT INTO t VALUES (1)": read,
	"-- INSERT\nSELECT 1":                         read,
	"/* DELETE; */ SELECT 1":                      read,
	"/* open":                                     other,
	"SELECT ';', \"; DELETE FROM t\", `;`, [; DELETE] FROM t": read,
	"SELECT 'it''s; DELETE FROM t'":                           read,
	"WITH a AS (SELECT 1) SELECT * FROM a":                    read,
	"WITH RECURSIVE a(n) AS (VALUES (1) UNION SELECT n + 1 FROM a), b AS NOT MATERIALIZED (SELECT 2) SELECT * FROM a, b": read,
	"WITH a AS (SELECT 1) VALUES (1)":                                     read,
	"WITH a AS (SELECT ')', \"(\" /* ( */ -- (\n) INSERT INTO t SELECT 1": write,
	"with a as (select 1) insert into t select * from a":                  write,
	"WITH a AS (SELECT 1) UPDATE t SET x = 1":                             write,
	"WITH a AS (SELECT 1) DELETE FROM t":                                  write,
	"WITH a AS (SELECT 1) REPLACE INTO t SELECT 1":                        write,
	"WITH \"delete\" AS (SELECT 1) SELECT * FROM \"delete\"":              read,
	"INSERT INTO t VALUES (1) RETURNING id":                               write,
	"REPLACE INTO t VALUES (1)":                                           write,
	"update t set x = 1":                                                  write,
	"DELETE FROM t":                                                       write,
	"CREATE TABLE t (x)":                                                  write,
	"CREATE TEMP TRIGGER a AFTER INSERT ON t BEGIN DELETE FROM u; END":    write,
	"CREATE TRIGGER a AFTER INSERT ON t BEGIN DELETE FROM u; END;":        write,
	"DROP TABLE t":            write,
	"PRAGMA user_version = 5": other,
	"PRAGMA table_info(t)":    other,
	"VACUUM":                  other,
	"ATTACH 'x' AS y":         other,
	"":                        other,
	" -- nothing":             other,
	"(SELECT 1)":              other,
	"SELEKT 1":                other,
	"SELECT 1; DELETE FROM t": write,
	"SELECT 1; PRAGMA x":      other,
	"DELETE FROM t; SELECT 1": write,
	"SELECT 1; WITH a AS (SELECT 1) DELETE FROM t": write,
	"WITH a AS (SELECT 1); DELETE FROM t":          other,
	"BEGIN":                                        control,
	"begin immediate":                              control,
	"COMMIT":                                       control,
	"END TRANSACTION":                              control,
	"ROLLBACK":                                     control,
	"ROLLBACK TO a":                                control,
	"SAVEPOINT a":                                  control,
	"RELEASE a":                                    control,
	"INSERT INTO t VALUES (1); COMMIT":             control,
	"SELECT 1 \x00; DELETE FROM t":                 read,
}

func TestRoute(t *testing.T) {
	t.Parallel()
	for query, want := range routes {
		if got := route(query); got != want {
			t.Errorf("%q is of kind %d, not %d", query, got, want)
		}
	}
}

func TestSavepoint(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]bool{
		"SAVEPOINT a": true, "release a": true, "RELEASE SAVEPOINT a": true, "ROLLBACK TO a": true,
		"ROLLBACK TRANSACTION TO SAVEPOINT a": true, "ROLLBACK": false, "ROLLBACK TRANSACTION": false, "COMMIT": false,
		"BEGIN": false, "SAVEPOINT a; COMMIT": false, "ROLLBACK TO a; COMMIT": false,
	} {
		if got := savepoint(query); got != want {
			t.Errorf("%s: %t", query, got)
		}
	}
}

func TestDeed(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"INSERT INTO `Posts` (`a`) VALUES (?)": "insert into posts", "insert or ignore into posts values (1)": "insert into posts",
		"REPLACE INTO posts VALUES (1)": "insert into posts", "UPDATE OR FAIL \"posts\" SET a = 1": "update of posts",
		"DELETE FROM [posts]": "delete from posts", "WITH a AS (SELECT 1) DELETE FROM posts": "write", "": "write",
	} {
		if got := deed(query); got != want {
			t.Errorf("%s: %q, not %q", query, got, want)
		}
	}
}

// FuzzRoute holds the routing to SQLite's own view: what goes to the readers
// must never be a write, which they would refuse.
func FuzzRoute(f *testing.F) {
	for query := range routes {
		f.Add(query)
	}
	client := open(f, "sqlite::memory:")
	if _, err := client.ExecContext(context.Background(), "CREATE TABLE t (x); CREATE TABLE u (x)"); err != nil {
		f.Fatal(err)
	}
	h := handleOf(client)
	l, _, err := h.engine.acquire(context.Background(), h.engine.readers)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { h.engine.release(l) })
	if err := l.run(context.Background(), "PRAGMA query_only = on"); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, query string) {
		k := route(query)
		savepoint(query)
		deed(query)
		selected(query, nil)
		if k != read || strings.Contains(strings.ToUpper(query), "RECURSIVE") {
			return
		}
		if err := l.run(t.Context(), query); err != nil && strings.Contains(err.Error(), "readonly") {
			t.Errorf("%q goes to a reader", query)
		}
	})
}
