package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"

	"coppice/core/engine"
	"coppice/core/internal/fixture/blog"
)

// postgres is a PostgreSQL server, and the databases that were made on it.
type postgres struct {
	server string
	made   []string
}

// create makes a database, like another where that is not "", and returns its URL.
func (p *postgres) create(ctx context.Context, like string) (string, error) {
	name := "coppice_bench_" + strings.ToLower(rand.Text())
	query := "CREATE DATABASE " + name
	if like != "" {
		u, err := url.Parse(like)
		if err != nil {
			return "", err
		}
		query += " TEMPLATE " + strings.Trim(u.Path, "/")
	}
	if err := execute(ctx, p.server, query); err != nil {
		return "", err
	}
	p.made = append(p.made, name)
	u, err := url.Parse(p.server)
	if err != nil {
		return "", err
	}
	u.Path = "/" + name
	return u.String(), nil
}

// drop takes all of them away.
func (p *postgres) drop(ctx context.Context) error {
	var err error
	for _, name := range p.made {
		err = errors.Join(err, execute(ctx, p.server, "DROP DATABASE "+name+" WITH (FORCE)"))
	}
	return err
}

// execute runs statements on a connection of their own.
func execute(ctx context.Context, server string, queries ...string) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, q := range queries {
		if _, err := conn.Exec(ctx, q); err != nil {
			return fmt.Errorf("%s: %w", q, err)
		}
	}
	return nil
}

// tables are those of the data, each after those that it refers to.
var tables = []string{"users", "posts", "comments", "tags", "post_tags"}

// analyze writes statistics of each table.
const analyze = "ANALYZE users, posts, comments, tags, post_tags"

// fill makes a database with the records that SQLite's has. Its statistics are
// those of the records, or of the first thirty of each table where they are to be old;
// nothing writes others meanwhile.
func (p *postgres) fill(ctx context.Context, posts, comments, postTags int, old bool) (string, error) {
	to, err := p.create(ctx, "")
	if err != nil {
		return "", err
	}
	client, err := blog.Open(ctx, engine.Config{URL: to})
	if err != nil {
		return "", err
	}
	if err := client.Close(); err != nil {
		return "", err
	}
	conn, err := pgx.Connect(ctx, to)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close(ctx) }()
	c := &copier{ctx: ctx, conn: conn, rows: map[string][][]any{}, columns: map[string][]string{}}
	if err := newFiller(c.add).fill(posts, comments, postTags); err != nil {
		return "", err
	}
	for _, t := range tables {
		if _, err := conn.Exec(ctx, "ALTER TABLE "+t+" SET (autovacuum_enabled = false)"); err != nil {
			return "", err
		}
	}
	if old {
		if err := c.flush(30); err != nil {
			return "", err
		}
		if _, err := conn.Exec(ctx, analyze); err != nil {
			return "", err
		}
	}
	if err := c.flush(1 << 30); err != nil {
		return "", err
	}
	for _, t := range tables[:4] {
		if _, err := conn.Exec(ctx, "SELECT setval(pg_get_serial_sequence($1, 'id'), (SELECT max(id) FROM "+t+"))", t); err != nil {
			return "", err
		}
	}
	if old {
		return to, nil
	}
	_, err = conn.Exec(ctx, "VACUUM "+analyze)
	return to, err
}

// copier keeps records until they are copied into their tables.
type copier struct {
	ctx     context.Context
	conn    *pgx.Conn
	rows    map[string][][]any
	columns map[string][]string
}

func (c *copier) add(table, columns string, values []any) error {
	c.columns[table] = strings.Split(columns, ", ")
	c.rows[table] = append(c.rows[table], values)
	return nil
}

// flush copies so many records of each table that are left, whatever they refer to.
func (c *copier) flush(n int) error {
	if _, err := c.conn.Exec(c.ctx, "SET session_replication_role = replica"); err != nil {
		return err
	}
	for _, t := range tables {
		rows := c.rows[t][:min(n, len(c.rows[t]))]
		if len(rows) == 0 { // nor is it known of which columns
			continue
		}
		if _, err := c.conn.CopyFrom(c.ctx, pgx.Identifier{t}, c.columns[t], pgx.CopyFromRows(rows)); err != nil {
			return err
		}
		c.rows[t] = c.rows[t][len(rows):]
	}
	return nil
}

// forgetIn is forget on PostgreSQL.
func forgetIn(ctx context.Context, database, slug string) error {
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, "DELETE FROM posts WHERE slug = $1", slug); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "SELECT setval(pg_get_serial_sequence('posts', 'id'), (SELECT max(id) FROM posts))")
	return err
}
