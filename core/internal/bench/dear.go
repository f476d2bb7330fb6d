package main

import (
	"context"
	"time"
)

// The answers to the works that read or write many rows.
type (
	group struct {
		Key struct {
			Status string `json:"status"`
		} `json:"key"`
		Count int `json:"count"`
	}
	viewed struct {
		ID        string `json:"id"`
		Title     string `json:"title"`
		ViewCount int    `json:"viewCount"`
	}
)

func (h *handler) grouped(ctx context.Context, _ map[string]any) (any, error) {
	groups := make([]group, 0, 3)
	rows, err := h.groups.QueryContext(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var g group
		if err := rows.Scan(&g.Key.Status, &g.Count); err != nil {
			return nil, err
		}
		groups = append(groups, g)
	}
	return map[string]any{"postsAggregate": groups}, rows.Err()
}

func (h *handler) sorted(ctx context.Context, _ map[string]any) (any, error) {
	l := list[viewed]{Edges: make([]edge[viewed], 0, 20)}
	rows, err := h.ordered.QueryContext(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var p viewed
		var id int64
		if err := rows.Scan(&id, &p.Title, &p.ViewCount); err != nil {
			return nil, err
		}
		p.ID = globalID("Post", id)
		l.Edges = append(l.Edges, edge[viewed]{p})
	}
	return map[string]any{"posts": l}, rows.Err()
}

func (h *handler) containing(ctx context.Context, vars map[string]any) (any, error) {
	l := list[post]{TotalCount: new(int), Edges: make([]edge[post], 0, 20)}
	if err := h.textCount.QueryRowContext(ctx, vars["t"]).Scan(l.TotalCount); err != nil {
		return nil, err
	}
	rows, err := h.text.QueryContext(ctx, vars["t"])
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var p post
		var id int64
		if err := rows.Scan(&id, &p.Title, &p.CreatedAt); err != nil {
			return nil, err
		}
		p.ID = globalID("Post", id)
		l.Edges = append(l.Edges, edge[post]{p})
	}
	return map[string]any{"posts": l}, rows.Err()
}

func (h *handler) change(ctx context.Context, vars map[string]any) (any, error) {
	from, until, err := bounds(vars)
	if err != nil {
		return nil, err
	}
	res, err := h.update.ExecContext(ctx, vars["rating"], time.Now().UTC().Truncate(time.Microsecond), from, until)
	if err != nil {
		return nil, err
	}
	n, err := res.RowsAffected()
	return map[string]any{"updatePosts": n}, err
}

// bounds are the times between which records are changed.
func bounds(vars map[string]any) (from, until time.Time, err error) {
	text, _ := vars["from"].(string)
	if from, err = time.Parse(time.RFC3339Nano, text); err != nil {
		return from, until, err
	}
	text, _ = vars["until"].(string)
	until, err = time.Parse(time.RFC3339Nano, text)
	return from, until, err
}
