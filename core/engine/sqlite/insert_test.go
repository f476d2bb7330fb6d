package sqlite

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"

	"coppice/core/fault"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/fixture/blog/ent/comment"
	fields "coppice/core/internal/fixture/blog/ent/user"
	"coppice/core/internal/statement"
)

// What ent writes as one statement is prepared for one row, once, whatever the
// number of rows; and those who look on see the statement that was asked for.
func TestManyRowsAreInsertedOneByOne(t *testing.T) {
	t.Parallel()
	client := open(t)
	r := &statement.Recorder{}
	ctx := statement.NewContext(t.Context(), r)
	insert := func(from, n int) []*ent.User {
		t.Helper()
		tx, err := client.Tx(ctx)
		if err != nil {
			t.Fatal(err)
		}
		list := make([]*ent.UserCreate, n)
		for i := range list {
			list[i] = tx.User.Create().SetUsername(fmt.Sprintf("user%d", from+i)).SetEmail(fmt.Sprintf("user%d@example.org", from+i))
		}
		users := tx.User.CreateBulk(list...).SaveX(ctx)
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		return users
	}
	insert(0, 2)
	before := handleOf(client).engine.prepared.Load()
	users := insert(2, 200)
	insert(202, 7)
	if n := handleOf(client).engine.prepared.Load() - before; n != 0 {
		t.Errorf("%d statements were prepared for more rows", n)
	}
	for _, u := range users {
		if got := client.User.GetX(ctx, u.ID); got.Username != u.Username {
			t.Fatalf("%d is the id of %s, not of %s", u.ID, got.Username, u.Username)
		}
	}
	seen := r.Statements()[4] // BEGIN, INSERT, COMMIT, BEGIN
	if strings.Count(seen.SQL, "(?") != 200 || len(seen.Args) != 800 || seen.Rows != 200 {
		t.Errorf("%d rows of %d arguments are recorded for\n%s", seen.Rows, len(seen.Args), seen.SQL)
	}
}

// A row that breaks a constraint takes those of its statement with it, and
// nothing else of the transaction.
func TestAStatementThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	client := open(t)
	ctx := t.Context()
	tx := tx(t, client)
	user(t, tx.Client(), "ada")
	err := tx.User.CreateBulk(
		tx.User.Create().SetUsername("grace").SetEmail("grace@example.org"),
		tx.User.Create().SetUsername("ada").SetEmail("other@example.org"),
		tx.User.Create().SetUsername("alan").SetEmail("alan@example.org"),
	).Exec(ctx)
	var unique *fault.Unique
	if !errors.As(err, &unique) || unique.Table != "users" || !slices.Equal(unique.Columns, []string{"username"}) {
		t.Fatalf("got %v", err)
	}
	if names := tx.User.Query().Select(fields.FieldUsername).StringsX(ctx); !slices.Equal(names, []string{"ada"}) {
		t.Errorf("there are %v", names)
	}
	user(t, tx.Client(), "grace")
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if n := client.User.Query().CountX(ctx); n != 2 {
		t.Errorf("%d users", n)
	}
}

// A row may refer to one that comes after it in its statement, as SQL has it.
func TestARowMayReferToALaterOne(t *testing.T) {
	t.Parallel()
	client := open(t)
	ctx := t.Context()
	u := user(t, client, "ada")
	p := client.Post.Create().SetSlug("one").SetTitle("One").SetBody("…").SetAuthor(u).SaveX(ctx)
	tx := tx(t, client)
	insert := "INSERT INTO `comments` (`id`, `body`, `created_at`, `comment_replies`, `post_comments`, `user_comments`) VALUES (?, ?, ?, ?, ?, ?), (?, ?, ?, NULL, ?, ?)"
	if _, err := tx.ExecContext(ctx, insert, 1, "reply", "2026-01-01", 2, p.ID, u.ID, 2, "first", "2026-01-01", p.ID, u.ID); err != nil {
		t.Fatal(err)
	}
	if got := tx.Comment.Query().Where(comment.Body("reply")).QueryParent().OnlyX(ctx); got.Body != "first" {
		t.Errorf("it replies to %q", got.Body)
	}
}

// Whatever rows are inserted, row by row leads to what one statement does.
func TestInsertedAlike(t *testing.T) {
	t.Parallel()
	one, all := open(t), open(t)
	ctx := t.Context()
	rng := rand.New(rand.NewPCG(42, 0))
	run := func(client *ent.Client, query string, args []any) (ids []int, err error) {
		tx := tx(t, client)
		rows, err := tx.QueryContext(ctx, query, args...)
		if err == nil {
			for rows.Next() {
				var id int
				if err := rows.Scan(&id); err != nil {
					t.Fatal(err)
				}
				ids = append(ids, id)
			}
			err = errors.Join(rows.Err(), rows.Close())
		}
		if cerr := tx.Commit(); cerr != nil {
			t.Fatal(cerr)
		}
		return ids, err
	}
	failures := 0
	for range 200 {
		var rows []string
		var args []any
		for range 1 + rng.IntN(6) {
			name, values := fmt.Sprint("u", rng.IntN(400)), "(?, ?, NULL, ?, ?)"
			args = append(args, "2026-01-01", name+"@example.org")
			if rng.IntN(2) == 0 {
				values = "(?, ?, ?, ?, ?)"
				args = append(args, "Name")
			}
			args = append(args, "READER", name)
			rows = append(rows, values)
		}
		query := "INSERT INTO `users` (`created_at`, `email`, `name`, `role`, `username`) VALUES " + strings.Join(rows, ", ") + " RETURNING `id`"
		got, gotErr := run(one, query, args)
		want, wantErr := run(all, query+" -- as it is", args)
		if fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
			t.Fatalf("%s\n%v\ngives %v, not %v", query, args, gotErr, wantErr)
		}
		if wantErr != nil {
			failures++
		} else if len(got) != len(want) {
			t.Fatalf("%s\ngives %v, not %v", query, got, want)
		}
	}
	if failures == 0 || failures > 150 {
		t.Errorf("%d of 200 statements failed", failures)
	}
	names := func(client *ent.Client) []string {
		return client.User.Query().Order(ent.Asc(fields.FieldUsername)).Select(fields.FieldUsername).StringsX(ctx)
	}
	if got, want := names(one), names(all); !slices.Equal(got, want) {
		t.Errorf("there are %v, not %v", got, want)
	}
}

// An interrupted statement costs the transaction, not a part of the rows.
func TestAnInterruptedInsertLeavesNothing(t *testing.T) {
	t.Parallel()
	client := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	tx := tx(t, client)
	list := make([]*ent.UserCreate, 100)
	for i := range list {
		list[i] = tx.User.Create().SetUsername(fmt.Sprint("user", i)).SetEmail(fmt.Sprintf("user%d@example.org", i))
	}
	cancel()
	if err := tx.User.CreateBulk(list...).Exec(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	_ = tx.Commit()
	if n := client.User.Query().CountX(t.Context()); n != 0 {
		t.Errorf("%d users", n)
	}
}

func TestParseInsert(t *testing.T) {
	t.Parallel()
	counted := &schema.Column{Name: "id", Type: field.TypeInt, Increment: true}
	chosen := &schema.Column{Name: "id", Type: field.TypeUUID}
	odd := &schema.Column{Name: "id", Type: field.TypeInt, Increment: true, SchemaType: map[string]string{"sqlite3": "bigint"}}
	ids := identities([]*schema.Table{
		{Name: "counted", PrimaryKey: []*schema.Column{counted}}, {Name: "chosen", PrimaryKey: []*schema.Column{chosen}},
		{Name: "odd", PrimaryKey: []*schema.Column{odd}}, {Name: "pairs", PrimaryKey: []*schema.Column{counted, chosen}},
	})
	for query, rows := range map[string]int{
		"INSERT INTO `counted` (`a`) VALUES (?)":                                         1,
		"INSERT INTO `counted` (`a`, `b`) VALUES (?, NULL), (?, ?) RETURNING `id`":       2,
		"INSERT INTO `chosen` (`a`, `id`) VALUES (?, ?), (?, ?) RETURNING `id`":          2,
		"INSERT INTO `pairs` (`a`, `b`) VALUES (?, ?), (?, ?) ON CONFLICT DO NOTHING":    2,
		"INSERT INTO `odd` (`a`) VALUES (?)":                                             1,
		"INSERT INTO `odd` (`a`) VALUES (?) RETURNING `id`":                              0,
		"INSERT INTO `odd` (`id`) VALUES (?) RETURNING `id`":                             0,
		"INSERT INTO `chosen` (`a`) VALUES (?) RETURNING `id`":                           0,
		"INSERT INTO `pairs` (`a`) VALUES (?) RETURNING ``":                              0,
		"INSERT INTO `counted` (`a`) VALUES (?) RETURNING `a`":                           0,
		"INSERT INTO `counted` (`a`) VALUES (?) RETURNING `id`, `a`":                     0,
		"INSERT INTO `counted` (`a`) VALUES (?) ON CONFLICT DO NOTHING RETURNING `id`":   0,
		"INSERT INTO `counted` (`a`) VALUES (?) ON CONFLICT (`a`) DO UPDATE SET `a` = ?": 0,
		"INSERT INTO `counted` (`a`) VALUES (?), (lower(?))":                             0,
		"INSERT INTO `counted` (`a`) VALUES (?), ('), (?')":                              0,
		"INSERT INTO `counted` (`a`) VALUES (?), ":                                       0,
		"INSERT INTO `counted` (`a`) VALUES (?); DELETE FROM `counted`":                  0,
		"INSERT INTO `counted` (`a`) VALUES ":                                            0,
		"INSERT INTO `counted` (`a`) VALUES (?":                                          0,
		"INSERT INTO `counted` (`a`) SELECT 1":                                           0,
		"INSERT INTO `counted` DEFAULT VALUES RETURNING `id`":                            0,
		"INSERT INTO `other` (`a`) VALUES (?)":                                           0,
		"INSERT OR IGNORE INTO `counted` (`a`) VALUES (?)":                               0,
		"INSERT INTO `counted` (`a`) VALUES (?1)":                                        0,
		"INSERT INTO `counted` (`) VALUES ?`) VALUES (?)":                                0,
	} {
		in := parseInsert(query, ids)
		if got := 0; in != nil {
			got = len(in.rows)
			if got != rows {
				t.Errorf("%s: %d rows", query, got)
			}
		} else if rows != 0 {
			t.Errorf("%s: is not read", query)
		}
	}
}

// Whatever is read as an INSERT is that statement, to the letter.
func FuzzParseInsert(f *testing.F) {
	ids := identities(ent.Coppice().Tables)
	f.Add("INSERT INTO `users` (`email`, `username`) VALUES (?, NULL), (?, ?) RETURNING `id`")
	f.Add("INSERT INTO `post_tags` (`post_id`, `tag_id`) VALUES (?, ?), (?, ?) ON CONFLICT DO NOTHING")
	f.Fuzz(func(t *testing.T, query string) {
		in := parseInsert(query, ids)
		if in == nil {
			return
		}
		again := in.head + strings.Join(in.rows, ", ") + in.conflict
		if in.id != "" {
			again += " RETURNING `" + in.id + "`"
		}
		if again != query {
			t.Errorf("%q is read as %q", query, again)
		}
		for _, row := range in.rows {
			if strings.Trim(row, "?(), NUL") != "" {
				t.Errorf("%q has the row %q", query, row)
			}
		}
	})
}
