//go:build postgres

package postgres_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"coppice/core/internal/enginetest"
)

// twin answers the works of the benchmark as somebody would who writes for these and no
// others: pgx's pool, which prepares, structs and encoding/json.
type twin struct{ pool *pgxpool.Pool }

type (
	item struct {
		ID         string `json:"id"`
		Title      string `json:"title,omitempty"`
		CreatedAt  *time.Time
		Name       string `json:"name,omitempty"`
		Body       string `json:"body,omitempty"`
		Author     *item  `json:"author,omitempty"`
		Posts      *items `json:"posts,omitempty"`
		Tags       *items `json:"tags,omitempty"`
		Comments   *items `json:"comments,omitempty"`
		Slug       string `json:"slug,omitempty"`
		Email      string `json:"email,omitempty"`
		TotalCount *int   `json:"totalCount,omitempty"`
	}
	items struct {
		TotalCount *int `json:"totalCount,omitempty"`
		Edges      []struct {
			Node *item `json:"node"`
		} `json:"edges"`
	}
)

func (l *items) add(i *item) {
	l.Edges = append(l.Edges, struct {
		Node *item `json:"node"`
	}{i})
}

const twinPage = `SELECT p.id, p.title, p.created_at, u.id, u.username FROM posts p JOIN users u ON u.id = p.user_posts ORDER BY p.created_at DESC, p.id DESC LIMIT 21`

func (w *twin) page(ctx context.Context, _ string) (any, error) {
	rows, err := w.pool.Query(ctx, twinPage)
	if err != nil {
		return nil, err
	}
	l := &items{}
	for rows.Next() {
		p, id, author := &item{Author: &item{}}, int64(0), int64(0)
		if err := rows.Scan(&id, &p.Title, &p.CreatedAt, &author, &p.Author.Name); err != nil {
			return nil, err
		}
		p.ID, p.Author.ID = fmt.Sprint("Post:", id), fmt.Sprint("User:", author)
		l.add(p)
	}
	return map[string]any{"posts": l}, rows.Err()
}

func (w *twin) levels(ctx context.Context, _ string) (any, error) {
	tx, err := w.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	l, users, posts := &items{}, map[int64]*item{}, map[int64]*item{}
	var ids []int64
	each := func(query string, read func(pgx.Rows) error) {
		if err != nil {
			return
		}
		var rows pgx.Rows
		if len(ids) == 0 {
			rows, err = tx.Query(ctx, query)
		} else {
			rows, err = tx.Query(ctx, query, ids)
		}
		if err != nil {
			return
		}
		for rows.Next() {
			if err = read(rows); err != nil {
				rows.Close()
				return
			}
		}
		err = rows.Err()
	}
	each(`SELECT id, username FROM users ORDER BY id LIMIT 10`, func(rows pgx.Rows) error {
		u, id := &item{Posts: &items{TotalCount: new(int)}}, int64(0)
		err := rows.Scan(&id, &u.Name)
		u.ID, users[id] = fmt.Sprint("User:", id), u
		l.add(u)
		return err
	})
	for id := range users {
		ids = append(ids, id)
	}
	each(`SELECT k.id, p.id, p.title, n.n FROM unnest($1::bigint[]) WITH ORDINALITY AS k (id, place)
		CROSS JOIN LATERAL (SELECT count(*) AS n FROM posts WHERE user_posts = k.id) n
		CROSS JOIN LATERAL (SELECT id, title FROM posts WHERE user_posts = k.id ORDER BY id LIMIT 5) p ORDER BY k.place, p.id`, func(rows pgx.Rows) error {
		p, user, id, n := &item{Tags: &items{}, Comments: &items{}}, int64(0), int64(0), 0
		err := rows.Scan(&user, &id, &p.Title, &n)
		p.ID, posts[id] = fmt.Sprint("Post:", id), p
		*users[user].Posts.TotalCount = n
		users[user].Posts.add(p)
		return err
	})
	ids = nil
	for id := range posts {
		ids = append(ids, id)
	}
	each(`SELECT pt.post_id, t.name FROM post_tags pt JOIN tags t ON t.id = pt.tag_id WHERE pt.post_id = ANY ($1) ORDER BY pt.post_id, t.id`, func(rows pgx.Rows) error {
		t, post := &item{}, int64(0)
		err := rows.Scan(&post, &t.Name)
		posts[post].Tags.add(t)
		return err
	})
	each(`SELECT k.id, c.id, c.body, c.username FROM unnest($1::bigint[]) AS k (id) CROSS JOIN LATERAL (SELECT c.id, c.body, u.username FROM comments c
		JOIN users u ON u.id = c.user_comments WHERE c.post_comments = k.id ORDER BY c.id LIMIT 3) c ORDER BY k.id, c.id`, func(rows pgx.Rows) error {
		c, post, id := &item{Author: &item{}}, int64(0), int64(0)
		err := rows.Scan(&post, &id, &c.Body, &c.Author.Name)
		c.ID = fmt.Sprint("Comment:", id)
		posts[post].Comments.add(c)
		return err
	})
	return map[string]any{"users": l}, err
}

func (w *twin) one(ctx context.Context, name string) (any, error) {
	u, id := &item{}, int64(0)
	err := w.pool.QueryRow(ctx, `SELECT id, username, email, created_at FROM users WHERE username = $1`, name).Scan(&id, &u.Name, &u.Email, &u.CreatedAt)
	u.ID = fmt.Sprint("User:", id)
	return map[string]any{"userByUsername": u}, err
}

func (w *twin) filtered(ctx context.Context, name string) (any, error) {
	tx, err := w.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	l := &items{TotalCount: new(int)}
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM posts WHERE user_posts = (SELECT id FROM users WHERE username = $1)`, name).Scan(l.TotalCount); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `SELECT id, title, created_at FROM posts WHERE user_posts = (SELECT id FROM users WHERE username = $1) ORDER BY created_at DESC, id DESC LIMIT 20`, name)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		p, id := &item{}, int64(0)
		if err := rows.Scan(&id, &p.Title, &p.CreatedAt); err != nil {
			return nil, err
		}
		p.ID = fmt.Sprint("Post:", id)
		l.add(p)
	}
	return map[string]any{"posts": l}, rows.Err()
}

func (w *twin) grouped(ctx context.Context, _ string) (any, error) {
	rows, err := w.pool.Query(ctx, `SELECT status, count(*) FROM posts GROUP BY status ORDER BY status`)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*item, error) {
		i := &item{TotalCount: new(int)}
		return i, row.Scan(&i.Name, i.TotalCount)
	})
	return map[string]any{"postsAggregate": list}, err
}

var slugs atomic.Int64

func (w *twin) create(ctx context.Context, name string) (any, error) {
	tx, err := w.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.Serializable})
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	p, id, author, now := &item{Slug: fmt.Sprint("twin-", slugs.Add(1)), Author: &item{Name: name}}, int64(0), int64(0), time.Now()
	if err := tx.QueryRow(ctx, `SELECT id FROM users WHERE username = $1`, name).Scan(&author); err != nil {
		return nil, err
	}
	if err := tx.QueryRow(ctx, `INSERT INTO posts (slug, title, body, status, view_count, created_at, updated_at, user_posts) VALUES ($1, 'A post', 'Of few words.', 'DRAFT', 0, $2, $2, $3) RETURNING id`,
		p.Slug, now, author).Scan(&id); err != nil {
		return nil, err
	}
	p.ID, p.Author.ID, p.CreatedAt = fmt.Sprint("Post:", id), fmt.Sprint("User:", author), &now
	return map[string]any{"createPost": p}, tx.Commit(ctx)
}

// BenchmarkTwin runs the works by Coppice and by hand, eight clients each: the ratio of
// the two times is what counts.
func BenchmarkTwin(b *testing.B) {
	url := enginetest.Postgres(b)
	client := open(b, url)
	admin(b, url,
		`INSERT INTO users (username, email, role, created_at) SELECT 'user_' || n, n || '@x.org', 'READER', now() FROM generate_series(1, 1000) n`,
		`INSERT INTO posts (slug, title, body, status, view_count, created_at, updated_at, user_posts) SELECT 'post-' || n, 'Title ' || n, repeat('word ', 40),
			(ARRAY['DRAFT', 'PUBLISHED'])[1 + n % 2], n % 977, now() - n * interval '1 minute', now(), 1 + n % 1000 FROM generate_series(1, 10000) n`,
		`INSERT INTO comments (body, created_at, post_comments, user_comments) SELECT 'comment ' || n, now(), 1 + n % 10000, 1 + n % 1000 FROM generate_series(1, 50000) n`,
		`INSERT INTO tags (name) SELECT 'tag ' || n FROM generate_series(1, 100) n`,
		`INSERT INTO post_tags (post_id, tag_id) SELECT 1 + n % 10000, 1 + (n / 10000 * 37 + n) % 100 FROM generate_series(1, 30000) n ON CONFLICT DO NOTHING`,
		`ANALYZE`)
	handler := newHandler(b, client)
	pool, err := pgxpool.New(b.Context(), url+"?pool_max_conns=16")
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	hand := &twin{pool}
	for _, w := range []struct {
		name, query string
		byHand      func(context.Context, string) (any, error)
	}{
		{"q1", `{ posts(first: 20, orderBy: [{field: CREATED_AT, direction: DESC}]) { edges { node { id title createdAt author { id username } } } pageInfo { hasNextPage endCursor } } }`, hand.page},
		{"q2", `{ users(first: 10) { edges { node { id username posts(first: 5) { totalCount edges { node { id title tags { edges { node { name } } } comments(first: 3) { edges { node { id body author { username } } } } } } } } } } }`, hand.levels},
		{"q3", `query($u: String!) { userByUsername(username: $u) { id username email createdAt } }`, hand.one},
		{"q4", `query($u: String!) { posts(first: 20, where: {hasAuthorWith: [{username: $u}]}, orderBy: [{field: CREATED_AT, direction: DESC}]) { totalCount edges { node { id title createdAt } } } }`, hand.filtered},
		{"g1", `{ postsAggregate(groupBy: [STATUS]) { key { status } count } }`, hand.grouped},
		{"w1", `mutation($u: String!, $s: String!) { createPost(input: {slug: $s, title: "A post", body: "Of few words.", author: {username: $u}}) { id slug createdAt author { id username } } }`, hand.create},
	} {
		run := func(b *testing.B, ask func(name string) error) {
			var n atomic.Int64
			b.SetParallelism(4)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := ask(fmt.Sprint("user_", 1+n.Add(7)%1000)); err != nil {
						b.Error(err)
					}
				}
			})
		}
		b.Run(w.name+"/coppice", func(b *testing.B) {
			var before, after int
			rolledBack := func(n *int) {
				if err := pool.QueryRow(b.Context(), "SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()").Scan(n); err != nil {
					b.Fatal(err)
				}
			}
			rolledBack(&before)
			defer func() {
				rolledBack(&after)
				b.ReportMetric(float64(after-before)/float64(b.N), "rollbacks/op")
			}()
			run(b, func(name string) error {
				vars := map[string]string{"u": name, "s": fmt.Sprint("coppice-", slugs.Add(1))}
				body, err := json.Marshal(map[string]any{"query": w.query, "variables": vars})
				if err != nil {
					return err
				}
				r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/graphql", bytes.NewReader(body))
				r.Header.Set("Content-Type", "application/json")
				rec := httptest.NewRecorder()
				handler.ServeHTTP(rec, r)
				if rec.Code != http.StatusOK || bytes.Contains(rec.Body.Bytes(), []byte(`"errors"`)) {
					return fmt.Errorf("%d %s", rec.Code, rec.Body)
				}
				return nil
			})
		})
		b.Run(w.name+"/hand", func(b *testing.B) {
			run(b, func(name string) error {
				body, err := json.Marshal(map[string]any{"query": w.query, "variables": map[string]string{"u": name}})
				if err != nil {
					return err
				}
				var request struct {
					Query     string
					Variables map[string]string
				}
				if err := json.Unmarshal(body, &request); err != nil {
					return err
				}
				data, err := w.byHand(b.Context(), request.Variables["u"])
				if err != nil {
					return err
				}
				_, err = json.Marshal(map[string]any{"data": data})
				return err
			})
		})
	}
}
