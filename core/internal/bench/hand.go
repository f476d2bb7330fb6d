package main

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"runtime"

	_ "modernc.org/sqlite" // the same driver, used as its documentation says
)

// handler is what somebody would write who needs to answer these works and no
// others: prepared statements, structs, encoding/json.
type handler struct {
	answers answers
	write   *sql.DB

	posts, user, authored, authoredCount  *sql.Stmt
	users, usersPosts, postTags, comments *sql.Stmt
	author, create, update                *sql.Stmt
	guarded, groups, ordered              *sql.Stmt
	text, textCount                       *sql.Stmt
}

// serveByHand serves until ctx ends.
func serveByHand(ctx context.Context, file, addr string) (err error) {
	collectRarely()
	read, err := sql.Open("sqlite", name(file))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, read.Close()) }()
	size := max(4, 2*runtime.GOMAXPROCS(0))
	read.SetMaxOpenConns(size)
	read.SetMaxIdleConns(size)
	write, err := sql.Open("sqlite", name(file)+"&_txlock=immediate")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, write.Close()) }()
	write.SetMaxOpenConns(1)
	h := &handler{write: write}
	if err := h.prepare(ctx, read); err != nil {
		return err
	}
	return listen(ctx, addr, h.answers.mux())
}

func name(file string) string {
	q := url.Values{"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(NORMAL)", "foreign_keys(1)",
		"mmap_size(268435456)", "cache_size(-8192)"}, "_timezone": {"UTC"}, "_time_format": {"sqlite"}}
	return "file:" + file + "?" + q.Encode()
}

func (h *handler) prepare(ctx context.Context, read *sql.DB) (err error) {
	for _, p := range []struct {
		stmt  **sql.Stmt
		db    *sql.DB
		query string
	}{
		{&h.posts, read, `SELECT p.id, p.title, p.created_at, u.id, u.username FROM posts p CROSS JOIN users u ON u.id = p.user_posts
			ORDER BY p.created_at DESC, p.id DESC LIMIT 21`},
		{&h.users, read, `SELECT id, username FROM users ORDER BY id LIMIT 10`},
		// A page of each parent is cut by a LIMIT inside: three times as fast as
		// window functions, and twice as fast as a statement for each parent.
		{&h.usersPosts, read, `SELECT k.value, p.id, p.title, (SELECT count(*) FROM posts WHERE user_posts = k.value)
			FROM json_each(?) k CROSS JOIN posts p ON p.id IN (SELECT id FROM posts WHERE user_posts = k.value ORDER BY id LIMIT 5)
			ORDER BY k.key, p.id`},
		{&h.postTags, read, `SELECT k.value, t.name FROM json_each(?) k CROSS JOIN post_tags pt ON pt.post_id = k.value
			CROSS JOIN tags t ON t.id = pt.tag_id ORDER BY k.key, t.id`},
		{&h.comments, read, `SELECT k.value, c.id, c.body, u.username FROM json_each(?) k CROSS JOIN comments c
			ON c.id IN (SELECT id FROM comments WHERE post_comments = k.value ORDER BY id LIMIT 3)
			CROSS JOIN users u ON u.id = c.user_comments ORDER BY k.key, c.id`},
		{&h.user, read, `SELECT id, username, name, email, role, created_at FROM users WHERE username = ?`},
		{&h.authored, read, `SELECT id, title, created_at FROM posts WHERE user_posts = (SELECT id FROM users WHERE username = ?)
			ORDER BY created_at DESC, id DESC LIMIT 20`},
		{&h.authoredCount, read, `SELECT count(*) FROM posts WHERE user_posts = (SELECT id FROM users WHERE username = ?)`},
		{&h.guarded, read, `SELECT p.id, p.title, p.created_at, u.id, u.username FROM posts p CROSS JOIN users u ON u.id = p.user_posts
			WHERE p.slug <> 'post-1' AND u.username <> 'nobody' ORDER BY p.created_at DESC, p.id DESC LIMIT 21`},
		{&h.groups, read, `SELECT status, count(*) FROM posts GROUP BY status ORDER BY status`},
		{&h.ordered, read, `SELECT id, title, view_count FROM posts ORDER BY view_count DESC, id DESC LIMIT 20`},
		{&h.text, read, `SELECT id, title, created_at FROM posts WHERE instr(title, ?) > 0 ORDER BY id LIMIT 20`},
		{&h.textCount, read, `SELECT count(*) FROM posts WHERE instr(title, ?) > 0`},
		{&h.update, h.write, `UPDATE posts SET rating = ?, updated_at = ? WHERE created_at >= ? AND created_at < ?`},
		{&h.author, h.write, `SELECT id FROM users WHERE username = ?`},
		{&h.create, h.write, `INSERT INTO posts (slug, title, body, status, view_count, created_at, updated_at, user_posts)
			VALUES (?, ?, ?, 'DRAFT', 0, ?, ?, ?)`},
	} {
		//nolint:sqlclosecheck // they live as long as the process
		if *p.stmt, err = p.db.PrepareContext(ctx, p.query); err != nil {
			return err
		}
	}
	h.answers = answers{
		queryGuarded: h.page(h.guarded), queryGroups: h.grouped, queryOrdered: h.sorted, queryText: h.containing, mutationUpdate: h.change,
		queryPage: h.page(h.posts), queryLevels: h.levels, queryOne: h.one, queryFiltered: h.filtered, mutationCreate: h.make,
	}
	return nil
}
