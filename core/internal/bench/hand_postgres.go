package main

import (
	"context"
	"errors"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// pgHandler is handler on PostgreSQL, by pgx, which prepares each statement once a
// connection: one round trip a level, a transaction only where several statements are
// to see the same.
type pgHandler struct{ *pgxpool.Pool }

// servePostgresByHand serves until ctx ends.
func servePostgresByHand(ctx context.Context, database, addr string) error {
	collectRarely()
	config, err := pgxpool.ParseConfig(database)
	if err != nil {
		return err
	}
	config.MaxConns = int32(max(16, 4*runtime.GOMAXPROCS(0)))
	config.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		conn.TypeMap().RegisterType(&pgtype.Type{Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC}})
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return err
	}
	defer pool.Close()
	h := pgHandler{pool}
	return listen(ctx, addr, answers{
		queryPage: h.page(pgPosts), queryGuarded: h.page(pgGuarded), queryLevels: h.levels, queryOne: h.one, queryFiltered: h.filtered,
		mutationCreate: h.make, mutationIsolated: h.makeIsolated, queryGroups: h.grouped, queryOrdered: h.sorted, queryText: h.containing, mutationUpdate: h.change,
	}.mux())
}

const (
	pgPosts = `SELECT p.id, p.title, p.created_at, u.id, u.username FROM posts p JOIN users u ON u.id = p.user_posts
		ORDER BY p.created_at DESC, p.id DESC LIMIT 21`
	pgGuarded = `SELECT p.id, p.title, p.created_at, u.id, u.username FROM posts p JOIN users u ON u.id = p.user_posts
		WHERE p.slug <> 'post-1' AND u.username <> 'nobody' ORDER BY p.created_at DESC, p.id DESC LIMIT 21`
	pgUsers      = `SELECT id, username FROM users ORDER BY id LIMIT 10`
	pgUsersPosts = `SELECT k.id, p.id, p.title, t.n FROM unnest($1::bigint[]) WITH ORDINALITY AS k (id, place)
		CROSS JOIN LATERAL (SELECT count(*) AS n FROM posts WHERE user_posts = k.id) t
		CROSS JOIN LATERAL (SELECT id, title FROM posts WHERE user_posts = k.id ORDER BY id LIMIT 5) p ORDER BY k.place, p.id`
	pgPostTags = `SELECT k.id, t.name FROM unnest($1::bigint[]) WITH ORDINALITY AS k (id, place) JOIN post_tags pt ON pt.post_id = k.id
		JOIN tags t ON t.id = pt.tag_id ORDER BY k.place, t.id`
	pgComments = `SELECT k.id, c.id, c.body, u.username FROM unnest($1::bigint[]) WITH ORDINALITY AS k (id, place)
		CROSS JOIN LATERAL (SELECT id, body, user_comments FROM comments WHERE post_comments = k.id ORDER BY id LIMIT 3) c
		JOIN users u ON u.id = c.user_comments ORDER BY k.place, c.id`
	pgUser     = `SELECT id, username, name, email, role, created_at FROM users WHERE username = $1`
	pgAuthored = `SELECT id, title, created_at, count(*) OVER () FROM posts WHERE user_posts = (SELECT id FROM users WHERE username = $1)
		ORDER BY created_at DESC, id DESC LIMIT 20`
	pgCreate = `INSERT INTO posts (slug, title, body, status, view_count, created_at, updated_at, user_posts)
		SELECT $1, $2, $3, 'DRAFT', 0, $4, $4, id FROM users WHERE username = $5 RETURNING id, user_posts`
	pgAuthor = `SELECT id FROM users WHERE username = $1`
	pgInsert = `INSERT INTO posts (slug, title, body, status, view_count, created_at, updated_at, user_posts)
		VALUES ($1, $2, $3, 'DRAFT', 0, $4, $4, $5) RETURNING id`
	pgGroups    = `SELECT status, count(*) FROM posts GROUP BY status ORDER BY status`
	pgOrdered   = `SELECT id, title, view_count FROM posts ORDER BY view_count DESC, id DESC LIMIT 20`
	pgText      = `SELECT id, title, created_at FROM posts WHERE strpos(title, $1) > 0 ORDER BY id LIMIT 20`
	pgTextCount = `SELECT count(*) FROM posts WHERE strpos(title, $1) > 0`
	pgUpdate    = `UPDATE posts SET rating = $1, updated_at = $2 WHERE created_at >= $3 AND created_at < $4`
)

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, query string, args ...any) (pgx.Rows, error)
}

// eachOf reads the rows of a statement.
func eachOf(ctx context.Context, q querier, query string, read func(pgx.Rows) error, args ...any) error {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	return eachRow(rows, read)
}

func eachRow(rows pgx.Rows, read func(pgx.Rows) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := read(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// snapshot runs what is to see one state of the database.
func (h pgHandler) snapshot(ctx context.Context, do func(pgx.Tx) error) error {
	return pgx.BeginTxFunc(ctx, h.Pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, do)
}

func (h pgHandler) page(query string) func(context.Context, map[string]any) (any, error) {
	return func(ctx context.Context, _ map[string]any) (any, error) {
		l := list[post]{Edges: make([]edge[post], 0, 20), PageInfo: &pageInfo{}}
		var id int64
		var last time.Time
		err := eachOf(ctx, h, query, func(rows pgx.Rows) error {
			if len(l.Edges) == 20 {
				l.PageInfo.HasNextPage = true
				return nil
			}
			p := post{Author: &person{}}
			var author int64
			if err := rows.Scan(&id, &p.Title, &p.CreatedAt, &author, &p.Author.Username); err != nil {
				return err
			}
			p.ID, p.Author.ID, last = globalID("Post", id), globalID("User", author), p.CreatedAt
			l.Edges = append(l.Edges, edge[post]{p})
			return nil
		})
		if len(l.Edges) > 0 {
			cursor := cursorOf(last, id)
			l.PageInfo.EndCursor = &cursor
		}
		return map[string]any{"posts": l}, err
	}
}

func (h pgHandler) one(ctx context.Context, vars map[string]any) (any, error) {
	var p profile
	var id int64
	err := h.QueryRow(ctx, pgUser, vars["u"]).Scan(&id, &p.Username, &p.Name, &p.Email, &p.Role, &p.CreatedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return map[string]any{"userByUsername": nil}, nil
	}
	p.ID = globalID("User", id)
	return map[string]any{"userByUsername": p}, err
}

func (h pgHandler) filtered(ctx context.Context, vars map[string]any) (any, error) {
	l := list[post]{TotalCount: new(int), Edges: make([]edge[post], 0, 20)}
	err := eachOf(ctx, h, pgAuthored, func(rows pgx.Rows) error {
		var p post
		var id int64
		err := rows.Scan(&id, &p.Title, &p.CreatedAt, l.TotalCount)
		p.ID = globalID("Post", id)
		l.Edges = append(l.Edges, edge[post]{p})
		return err
	}, vars["u"])
	return map[string]any{"posts": l}, err
}

func (h pgHandler) make(ctx context.Context, vars map[string]any) (any, error) {
	var m made
	m.Slug, _ = vars["slug"].(string)
	m.Author.Username, _ = vars["u"].(string)
	m.CreatedAt = time.Now().UTC().Truncate(time.Microsecond)
	var id, author int64
	err := h.QueryRow(ctx, pgCreate, m.Slug, "A post", "Of few words.", m.CreatedAt, m.Author.Username).Scan(&id, &author)
	m.ID, m.Author.ID = globalID("Post", id), globalID("User", author)
	return map[string]any{"createPost": m}, err
}

// makeIsolated is make with the isolation that Coppice's writes have.
func (h pgHandler) makeIsolated(ctx context.Context, vars map[string]any) (any, error) {
	var m made
	m.Slug, _ = vars["slug"].(string)
	m.Author.Username, _ = vars["u"].(string)
	m.CreatedAt = time.Now().UTC().Truncate(time.Microsecond)
	err := pgx.BeginTxFunc(ctx, h.Pool, pgx.TxOptions{IsoLevel: pgx.Serializable}, func(tx pgx.Tx) error {
		var id, author int64
		if err := tx.QueryRow(ctx, pgAuthor, m.Author.Username).Scan(&author); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, pgInsert, m.Slug, "A post", "Of few words.", m.CreatedAt, author).Scan(&id)
		m.ID, m.Author.ID = globalID("Post", id), globalID("User", author)
		return err
	})
	return map[string]any{"createPost": m}, err
}
