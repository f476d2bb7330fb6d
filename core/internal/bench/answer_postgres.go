package main

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

func (h pgHandler) levels(ctx context.Context, _ map[string]any) (any, error) {
	l := list[*member]{Edges: make([]edge[*member], 0, 10)}
	err := h.snapshot(ctx, func(tx pgx.Tx) error {
		byUser := map[int64]*member{}
		ids := make([]int64, 0, 10)
		if err := eachOf(ctx, tx, pgUsers, func(rows pgx.Rows) error {
			m := &member{}
			var id int64
			err := rows.Scan(&id, &m.Username)
			m.ID, m.Posts.TotalCount, m.Posts.Edges = globalID("User", id), new(int), []edge[*article]{}
			byUser[id], ids = m, append(ids, id)
			l.Edges = append(l.Edges, edge[*member]{m})
			return err
		}); err != nil {
			return err
		}
		byPost := map[int64]*article{}
		posts := make([]int64, 0, 50)
		if err := eachOf(ctx, tx, pgUsersPosts, func(rows pgx.Rows) error {
			a := &article{Tags: list[tag]{Edges: []edge[tag]{}}, Comments: list[comment]{Edges: []edge[comment]{}}}
			var user, id int64
			var n int
			if err := rows.Scan(&user, &id, &a.Title, &n); err != nil {
				return err
			}
			a.ID = globalID("Post", id)
			byPost[id], posts = a, append(posts, id)
			m := byUser[user]
			*m.Posts.TotalCount = n
			m.Posts.Edges = append(m.Posts.Edges, edge[*article]{a})
			return nil
		}, ids); err != nil {
			return err
		}
		return tagsAndComments(ctx, tx, posts, byPost)
	})
	return map[string]any{"users": l}, err
}

// tagsAndComments reads both in one round trip.
func tagsAndComments(ctx context.Context, tx pgx.Tx, posts []int64, byPost map[int64]*article) error {
	b := &pgx.Batch{}
	b.Queue(pgPostTags, posts).Query(func(rows pgx.Rows) error {
		return eachRow(rows, func(rows pgx.Rows) error {
			var id int64
			var t tag
			err := rows.Scan(&id, &t.Name)
			a := byPost[id]
			a.Tags.Edges = append(a.Tags.Edges, edge[tag]{t})
			return err
		})
	})
	b.Queue(pgComments, posts).Query(func(rows pgx.Rows) error {
		return eachRow(rows, func(rows pgx.Rows) error {
			var post, id int64
			var c comment
			err := rows.Scan(&post, &id, &c.Body, &c.Author.Username)
			c.ID = globalID("Comment", id)
			a := byPost[post]
			a.Comments.Edges = append(a.Comments.Edges, edge[comment]{c})
			return err
		})
	})
	return tx.SendBatch(ctx, b).Close()
}

func (h pgHandler) grouped(ctx context.Context, _ map[string]any) (any, error) {
	groups := make([]group, 0, 3)
	err := eachOf(ctx, h, pgGroups, func(rows pgx.Rows) error {
		var g group
		err := rows.Scan(&g.Key.Status, &g.Count)
		groups = append(groups, g)
		return err
	})
	return map[string]any{"postsAggregate": groups}, err
}

func (h pgHandler) sorted(ctx context.Context, _ map[string]any) (any, error) {
	l := list[viewed]{Edges: make([]edge[viewed], 0, 20)}
	err := eachOf(ctx, h, pgOrdered, func(rows pgx.Rows) error {
		var p viewed
		var id int64
		err := rows.Scan(&id, &p.Title, &p.ViewCount)
		p.ID = globalID("Post", id)
		l.Edges = append(l.Edges, edge[viewed]{p})
		return err
	})
	return map[string]any{"posts": l}, err
}

func (h pgHandler) containing(ctx context.Context, vars map[string]any) (any, error) {
	l := list[post]{TotalCount: new(int), Edges: make([]edge[post], 0, 20)}
	err := h.snapshot(ctx, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		b.Queue(pgTextCount, vars["t"]).QueryRow(func(row pgx.Row) error { return row.Scan(l.TotalCount) })
		b.Queue(pgText, vars["t"]).Query(func(rows pgx.Rows) error {
			return eachRow(rows, func(rows pgx.Rows) error {
				var p post
				var id int64
				err := rows.Scan(&id, &p.Title, &p.CreatedAt)
				p.ID = globalID("Post", id)
				l.Edges = append(l.Edges, edge[post]{p})
				return err
			})
		})
		return tx.SendBatch(ctx, b).Close()
	})
	return map[string]any{"posts": l}, err
}

func (h pgHandler) change(ctx context.Context, vars map[string]any) (any, error) {
	from, until, err := bounds(vars)
	if err != nil {
		return nil, err
	}
	tag, err := h.Exec(ctx, pgUpdate, vars["rating"], time.Now().UTC().Truncate(time.Microsecond), from, until)
	return map[string]any{"updatePosts": tag.RowsAffected()}, err
}
