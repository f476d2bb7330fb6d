package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"coppice/core/engine"
	"coppice/core/internal/fixture/blog"
)

const (
	users = 1000
	tags  = 100
)

// layout is how a time is stored.
const layout = "2006-01-02 15:04:05.999999-07:00"

// fill makes a database of SQLite with the same records each time.
func fill(ctx context.Context, path string, posts, comments, postTags int) (err error) {
	client, err := blog.Open(ctx, engine.Config{URL: "sqlite:" + path})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	db, err := blog.DB(client)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	f := newFiller(func(table, columns string, values []any) error {
		for i, v := range values {
			if at, ok := v.(time.Time); ok {
				values[i] = at.Format(layout)
			}
		}
		places := strings.Repeat(", ?", len(values))[2:]
		_, err := tx.ExecContext(ctx, "INSERT INTO "+table+" ("+columns+") VALUES ("+places+")", values...)
		return err
	})
	if err := f.fill(posts, comments, postTags); err != nil {
		return err
	}
	return tx.Commit()
}

// age makes a copy of a database whose statistics are those of thirty rows: of
// a file that was analysed when it was small, and has grown since.
func age(ctx context.Context, path, old string) (err error) {
	db, err := sql.Open("sqlite", name(path))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", old)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	if db, err = sql.Open("sqlite", name(old)); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, `ANALYZE; UPDATE sqlite_stat1 SET stat = CASE WHEN idx IS NULL THEN '30'
		ELSE '30' || replace(substr(stat, instr(stat, ' ')), substr(stat, instr(stat, ' ')), ' 1' || CASE WHEN stat LIKE '% % %' THEN ' 1' ELSE '' END) END`)
	return err
}

// filler inserts records until one fails.
type filler struct {
	insert func(table, columns string, values []any) error
	rand   *rand.Rand
	err    error
}

func newFiller(insert func(table, columns string, values []any) error) *filler {
	return &filler{insert: insert, rand: rand.New(rand.NewPCG(6, 6))}
}

func (f *filler) fill(posts, comments, postTags int) error {
	f.users()
	f.posts(posts)
	f.comments(comments, posts)
	f.tags(postTags, posts)
	if f.err != nil {
		return fmt.Errorf("make data: %w", f.err)
	}
	return nil
}

func (f *filler) add(table, columns string, values ...any) {
	if f.err == nil {
		f.err = f.insert(table, columns, values)
	}
}

// start is when the first of the data was made.
var start = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant in all but name

// time is an instant some seconds after the start of the data.
func (f *filler) time(seconds int) time.Time {
	return start.Add(time.Duration(seconds)*time.Second + time.Duration(f.rand.IntN(1_000_000))*time.Microsecond)
}

func (f *filler) text(words int) string {
	list := make([]string, words)
	for i := range list {
		list[i] = vocabulary[f.rand.IntN(len(vocabulary))]
	}
	return strings.Join(list, " ")
}

var vocabulary = []string{"one", "constructor", "opens", "the", "database", "and", "every", "program", "calls", "it", "a", "reader",
	"waits", "for", "no", "writer", "while", "snapshot", "lasts", "“quoted”", "prose", "über", "tables"}

func (f *filler) users() {
	for i := 1; i <= users; i++ {
		var name any
		if i%3 > 0 {
			name = fmt.Sprintf("Person %d", i)
		}
		f.add("users", "id, username, email, name, role, created_at", i, username(i),
			fmt.Sprintf("user%d@example.org", i), name, []string{"READER", "AUTHOR", "ADMIN"}[i%3], f.time(i))
	}
}

func username(i int) string { return fmt.Sprintf("user_%04d", i) }

func (f *filler) posts(n int) {
	for i := 1; i <= n; i++ {
		created := f.time(i * 60)
		f.add("posts", "id, slug, title, body, status, published_at, view_count, rating, created_at, updated_at, user_posts", i, fmt.Sprintf("post-%d", i), f.text(6), f.text(60),
			[]string{"DRAFT", "PUBLISHED", "ARCHIVED"}[i%3], created, f.rand.IntN(10_000), float64(f.rand.IntN(50))/10, created, created, 1+f.rand.IntN(users))
	}
}

func (f *filler) comments(n, posts int) {
	for i := 1; i <= n; i++ {
		f.add("comments", "id, body, created_at, post_comments, user_comments", i, f.text(12),
			f.time(i*20), 1+f.rand.IntN(posts), 1+f.rand.IntN(users))
	}
}

func (f *filler) tags(rows, posts int) {
	for i := 1; i <= tags; i++ {
		f.add("tags", "id, name", i, fmt.Sprintf("tag-%d", i))
	}
	for i := range rows {
		post := 1 + i%max(1, posts)
		f.add("post_tags", "post_id, tag_id", post, 1+(post*7+i/max(1, posts)*31)%tags)
	}
}
