package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/statement"
)

func TestEveryStatementIsRecorded(t *testing.T) {
	t.Parallel()
	client := open(t)
	r := &statement.Recorder{Plans: true}
	ctx := statement.NewContext(t.Context(), r)
	work(t, ctx, client)
	want := []struct {
		sql, path  string
		args, rows int
		plan       string
	}{
		{sql: "BEGIN IMMEDIATE"},
		{sql: "INSERT INTO `users`", path: "[createUser]", args: 4, rows: 1},
		{sql: "UPDATE `users`", path: "[createUser]", args: 1, rows: 1, plan: "SCAN users"},
		{sql: "COMMIT"},
		{sql: "BEGIN"},
		{sql: "SELECT `users`.`id`", path: "[user]", args: 1, rows: 1, plan: "SEARCH users USING INTEGER PRIMARY KEY (rowid=?)"},
		{sql: "ROLLBACK"},
		{sql: "INSERT INTO `users`", args: 4},
	}
	got := r.Statements()
	if len(got) != len(want) {
		t.Fatalf("%d statements, not %d", len(got), len(want))
	}
	for i, s := range got {
		w := want[i]
		path := ""
		if s.Path != nil {
			path = fmt.Sprint(s.Path)
		}
		if !strings.HasPrefix(s.SQL, w.sql) || path != w.path || len(s.Args) != w.args || s.Rows != w.rows ||
			w.plan != "" && (len(s.Plan) == 0 || s.Plan[0] != w.plan) {
			t.Errorf("%d: %+v", i, s)
		}
		if s.Duration <= 0 || s.Duration > time.Minute {
			t.Errorf("%d: %s took %s", i, s.SQL, s.Duration)
		}
	}
}

// work writes in a transaction, reads in a snapshot, and fails on its own.
func work(t *testing.T, ctx context.Context, client *ent.Client) {
	t.Helper()
	tx, err := client.Tx(ctx)
	if err != nil {
		t.Fatal(err)
	}
	field := statement.At(ctx, []any{"createUser"})
	u := tx.User.Create().SetUsername("ada").SetEmail("ada@example.org").SaveX(field)
	tx.User.Update().SetName("Ada").ExecX(field)
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	snapshot, err := client.BeginTx(ctx, readOnly)
	if err != nil {
		t.Fatal(err)
	}
	snapshot.User.GetX(statement.At(ctx, []any{"user"}), u.ID)
	if err := snapshot.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := client.User.Create().SetUsername("ada").SetEmail("other@example.org").Exec(ctx); err == nil {
		t.Fatal("a user was stored twice")
	}
}

func TestPlanIsIndentedByDepth(t *testing.T) {
	t.Parallel()
	client := open(t)
	r := &statement.Recorder{Plans: true}
	ctx := statement.NewContext(t.Context(), r)
	rows, err := client.QueryContext(ctx, "SELECT * FROM (SELECT author_id FROM (SELECT user_posts AS author_id FROM posts UNION SELECT id FROM users) WHERE author_id > ?)", 1)
	if err != nil {
		t.Fatal(err)
	}
	shut(t, rows)
	want := []string{
		"CO-ROUTINE (subquery-2)", "  MERGE (UNION)",
		"    LEFT", "      SEARCH posts USING COVERING INDEX post_user_posts (user_posts>?)",
		"    RIGHT", "      SEARCH users USING INTEGER PRIMARY KEY (rowid>?)",
		"SCAN (subquery-2)",
	}
	if got := r.Statements()[0].Plan; !slices.Equal(got, want) {
		t.Errorf("the plan is\n%s", strings.Join(got, "\n"))
	}
}

func TestPlanIsOnlyMadeWhenAskedFor(t *testing.T) {
	t.Parallel()
	client := open(t)
	r := &statement.Recorder{}
	client.User.Query().AllX(statement.NewContext(t.Context(), r))
	if got := r.Statements(); len(got) != 1 || got[0].Plan != nil {
		t.Errorf("%+v", got)
	}
}

var hidden = statement.Secrets{"users": {"email", "token"}, "keys": {"secret"}}

func TestMask(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"INSERT INTO `users` (`name`, `email`, `age`) VALUES (?, ?, ?) RETURNING `id`":                       "1 *** 3",
		"INSERT INTO users (name, Email) VALUES (?, ?), (?, ?)":                                              "1 *** 3 ***",
		"INSERT INTO users (name, email) VALUES (lower(?), coppice_fold(trim(?))) RETURNING email":           "1 ***",
		"INSERT INTO users (email, name) VALUES ('x', ?)":                                                    "1",
		"REPLACE INTO [users] ([email]) VALUES (?)":                                                          "***",
		"UPDATE `users` SET `name` = ?, `email` = ?, `token` = NULL WHERE `id` = ?":                          "1 *** 3",
		"UPDATE \"users\" SET \"email\" = coalesce(?, ?), name = ? WHERE id IN (?, ?) RETURNING \"email\"":   "*** *** 3 4 5",
		"INSERT INTO users (name, email) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET email = ?, name = ?": "1 *** *** 4",
		// As PostgreSQL numbers them.
		`INSERT INTO "users" ("name", "email", "age") VALUES ($1, $2, $3) RETURNING "id"`: "1 *** 3",
		`INSERT INTO "users" ("name", "email") VALUES ($1, $2), ($3, $4)`:                 "1 *** 3 ***",
		`UPDATE "users" SET "name" = $1, "email" = $2 WHERE "id" = $3`:                    "1 *** 3",
		`UPDATE "users" SET "name" = $2, "email" = $1`:                                    "*** 2",
		// Nothing secret is named.
		"SELECT name FROM users WHERE id = ?":               "1",
		"SELECT email FROM letters WHERE id = ?":            "1",
		"INSERT INTO users (name) VALUES (?)":               "1",
		"SELECT 'email' FROM users WHERE name = ? -- email": "1",
		"DELETE FROM users WHERE id = ?":                    "1",
		// It is, in a way that tells nothing of the arguments.
		"SELECT id FROM users WHERE email = ? AND name = ?":                                              "*** ***",
		"SELECT id, email FROM users WHERE id = ?":                                                       "***",
		"INSERT INTO users VALUES (?, ?)":                                                                "*** ***",
		"INSERT INTO users (name, email) SELECT ?, ?":                                                    "*** ***",
		"INSERT INTO users (name, email) VALUES (?2, ?1)":                                                "*** ***",
		"INSERT INTO users (name, email) VALUES (:a, @b)":                                                "*** ***",
		"UPDATE users SET name = ? WHERE email = ?":                                                      "*** ***",
		"UPDATE users SET name = email || ?":                                                             "***",
		"UPDATE users SET (name, email) = (?, ?)":                                                        "*** ***",
		"WITH v AS (SELECT 1) INSERT INTO users (email) SELECT ? FROM v":                                 "***",
		"INSERT INTO users (name, email) VALUES (?, ?) ON CONFLICT (email) DO UPDATE SET name = ?":       "*** *** ***",
		"UPDATE users SET email = v FROM (SELECT ? AS v)":                                                "***",
		"INSERT INTO users (name, email) VALUES (?, '') ON CONFLICT DO UPDATE SET email = excluded.name": "***",
		"SELECT k.secret FROM users u JOIN keys k ON k.user = u.id WHERE u.id = ?":                       "***",
	} {
		var args []any
		for i := range len(strings.Fields(want)) {
			args = append(args, i+1)
		}
		got := strings.Trim(fmt.Sprint(hidden.Mask(query, args)), "[]")
		if got != want {
			t.Errorf("%s\n shows %s, not %s", query, got, want)
		}
	}
}

func TestSensitiveArgumentsAreNotRecorded(t *testing.T) {
	t.Parallel()
	target, err := parseURL(fileURL(t))
	if err != nil {
		t.Fatal(err)
	}
	h, err := openTables(t.Context(), target, options{lockWait: DefaultLockWait, tables: ent.Coppice().Tables, secrets: hidden})
	if err != nil {
		t.Fatal(err)
	}
	client := ent.NewClient(ent.Driver(h))
	defer shut(t, client)
	r := &statement.Recorder{Plans: true}
	ctx := statement.NewContext(context.Background(), r)
	client.User.Create().SetUsername("ada").SetEmail("ada@example.org").SaveX(ctx)
	client.User.Update().SetEmail("countess@example.org").SetName("Ada").ExecX(ctx)
	text := fmt.Sprint(r.Statements())
	if strings.Contains(text, "@") || !strings.Contains(text, "[ada *** READER") || !strings.Contains(text, "[*** Ada") {
		t.Errorf("recorded %s", text)
	}
}

// FuzzMask looks for an argument that reaches a secret column and is shown.
func FuzzMask(f *testing.F) {
	f.Add("INSERT INTO users (name, email) VALUES (", ", ", ")")
	f.Add("INSERT INTO users (email, name) VALUES (trim(", "), coalesce(", ", 'x')), ('a', 'b') RETURNING email")
	f.Add("REPLACE INTO users VALUES (1, ", ", ", ", 2)")
	f.Add("UPDATE users SET name = ", ", email = ", " WHERE id = 1")
	f.Add("UPDATE users SET email = v FROM (SELECT ", " AS v, ", ")")
	f.Add("INSERT INTO users (id, name) VALUES (1, ", ") ON CONFLICT DO UPDATE SET email = excluded.name, name = ", "")
	f.Add("WITH a(b) AS (VALUES (", ")) INSERT INTO users (email, name) SELECT b, ", " FROM a")
	ctx := context.Background()
	client := open(f, "sqlite::memory:")
	const table = "DROP TABLE users; CREATE TABLE users (id INTEGER PRIMARY KEY, name, email, token); INSERT INTO users VALUES (1, 'n', 'e', 't')"
	for _, query := range []string{"PRAGMA foreign_keys = off", table} {
		if _, err := client.ExecContext(ctx, query); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, a, b, c string) {
		query := a + "?" + b + "?" + c
		if strings.Contains(strings.ToUpper(query), "RECURSIVE") || route(query) > write {
			return
		}
		args := []driver.NamedValue{{Ordinal: 1, Value: "first"}, {Ordinal: 2, Value: "second"}}
		shown := hidden.Mask(query, values(args))
		tx, err := client.Tx(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		if _, err := tx.ExecContext(ctx, query, "first", "second"); err != nil {
			return
		}
		stored := fmt.Sprint(all[string](t, tx, "SELECT concat(email, token) FROM users"))
		for _, v := range shown {
			if v != "***" && strings.Contains(stored, v.(string)) {
				t.Errorf("%q shows %v of %s", query, v, stored)
			}
		}
	})
}
