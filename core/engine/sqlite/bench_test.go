package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"coppice/core/internal/fixture/blog/ent"
)

const lookup = "SELECT `id`, `username`, `email`, `name`, `role`, `created_at` FROM `users` WHERE `username` = ?"

// filled returns a client on a file of a thousand users.
func filled(tb testing.TB) (*ent.Client, string) {
	tb.Helper()
	file := filepath.Join(tb.TempDir(), "bench.db")
	client, err := openBlog(tb.Context(), Config{URL: "sqlite:" + file})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := client.Close(); err != nil {
			tb.Error(err)
		}
	})
	users := make([]*ent.UserCreate, 1000)
	for i := range users {
		users[i] = client.User.Create().SetUsername(fmt.Sprintf("user_%d", i)).SetEmail(fmt.Sprintf("u%d@example.org", i)).SetName("Ada")
	}
	if err := client.User.CreateBulk(users...).Exec(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return client, file
}

type scanned interface {
	Next() bool
	Scan(...any) error
	Close() error
}

func readUser(tb testing.TB, rows scanned) {
	var id sql.NullInt64
	var username, email, name, role sql.NullString
	var created sql.NullTime
	for rows.Next() {
		if err := rows.Scan(&id, &username, &email, &name, &role, &created); err != nil {
			tb.Fatal(err)
		}
	}
	if err := rows.Close(); err != nil {
		tb.Fatal(err)
	}
	if !id.Valid || !created.Valid {
		tb.Fatal("no row")
	}
}

func lookUp(tb testing.TB, ctx context.Context, drv dialect.ExecQuerier, i int) {
	var rows entsql.Rows
	if err := drv.Query(ctx, lookup, []any{fmt.Sprintf("user_%d", i%1000)}, &rows); err != nil {
		tb.Fatal(err)
	}
	readUser(tb, &rows)
}

// BenchmarkLookup compares a look-up of one row under a context that can end,
// as a request's can, with a statement that database/sql prepared once.
func BenchmarkLookup(b *testing.B) {
	client, file := filled(b)
	drv := ent.Coppice().Driver(client)
	plain, err := sql.Open("sqlite", dsn(Target{path: file, synchronous: "normal"}, time.Second, true))
	if err != nil {
		b.Fatal(err)
	}
	defer plain.Close()
	st, err := plain.Prepare(lookup)
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	ways := map[string]func(i int){
		"coppice": func(i int) { lookUp(b, ctx, drv, i) },
		"plain": func(i int) {
			rows, err := st.QueryContext(ctx, fmt.Sprintf("user_%d", i%1000))
			if err != nil {
				b.Fatal(err)
			}
			readUser(b, rows)
		},
		"unprepared": func(i int) {
			rows, err := plain.QueryContext(ctx, lookup, fmt.Sprintf("user_%d", i%1000))
			if err != nil {
				b.Fatal(err)
			}
			readUser(b, rows)
		},
	}
	took := map[string]time.Duration{}
	b.ReportAllocs()
	// The ways take turns, so that what else the machine does hits them alike.
	const round = 500
	n := 0
	for b.Loop() {
		for name, way := range ways {
			start := time.Now()
			for i := range round {
				way(n + i)
			}
			took[name] += time.Since(start)
		}
		n += round
	}
	for name, d := range took {
		b.ReportMetric(float64(d.Nanoseconds())/float64(n), name+"-ns")
	}
	b.ReportMetric(float64(took["coppice"])/float64(took["plain"]), "ratio")
}

// BenchmarkSnapshot is what a request of two statements costs.
func BenchmarkSnapshot(b *testing.B) {
	client, _ := filled(b)
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			tx, err := client.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
			if err != nil {
				b.Error(err)
				return
			}
			lookUp(b, ctx, ent.Coppice().Driver(tx.Client()), i)
			lookUp(b, ctx, ent.Coppice().Driver(tx.Client()), i+1)
			if err := tx.Rollback(); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	client, _ := filled(b)
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := client.User.UpdateOneID(1 + i%1000).SetName(fmt.Sprint(i)).Exec(ctx); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkScaling compares what sorts, groups or scans, for one client and
// for eight, with plain connections of database/sql. Each way gets its turns of
// a few hundred milliseconds.
func BenchmarkScaling(b *testing.B) {
	client, file := filled(b)
	db, err := dbOf(client)
	if err != nil {
		b.Fatal(err)
	}
	const more = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) INSERT INTO posts (slug, title, body, status, created_at, updated_at, " +
		"view_count, user_posts) SELECT i, hex(randomblob(20)), hex(randomblob(200)), CASE i % 3 WHEN 0 THEN 'DRAFT' ELSE 'PUBLISHED' END, '2026-01-01', '2026-01-01', 0, 1 FROM n"
	if _, err := db.Exec(more); err != nil {
		b.Fatal(err)
	}
	plain, err := sql.Open("sqlite", "file:"+file+"?_query_only=1&_pragma=mmap_size(268435456)&_pragma=cache_size(-8192)")
	if err != nil {
		b.Fatal(err)
	}
	defer plain.Close()
	plain.SetMaxIdleConns(8)
	for name, query := range map[string]string{
		"group":  "SELECT status, COUNT(*) FROM posts GROUP BY status ORDER BY 1",
		"order":  "SELECT id, title FROM posts ORDER BY title LIMIT 20",
		"filter": "SELECT COUNT(*) FROM posts WHERE instr(body, 'ABCDEFG') > 0",
	} {
		b.Run(name, func(b *testing.B) {
			took := map[string]time.Duration{}
			for b.Loop() {
				for way, db := range map[string]*sql.DB{"coppice": db, "plain": plain} {
					for _, clients := range []int{1, 8} {
						took[fmt.Sprint(way, clients)] += together(b, db, query, clients)
					}
				}
			}
			b.ReportMetric(float64(took["coppice1"])/float64(took["coppice8"]), "8-against-1")
			b.ReportMetric(float64(took["plain1"])/float64(took["plain8"]), "plain-8-against-1")
			b.ReportMetric(float64(took["plain8"])/float64(took["coppice8"]), "against-plain")
		})
	}
}

// together runs a query 32 times, shared out to some clients.
func together(b *testing.B, db *sql.DB, query string, clients int) time.Duration {
	start := time.Now()
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for range 32 / clients {
				rows, err := db.QueryContext(b.Context(), query)
				if err != nil {
					b.Error(err)
					return
				}
				for rows.Next() {
				}
				if err := rows.Close(); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}
