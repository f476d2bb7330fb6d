package main

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"
)

// The answers, as encoding/json is to write them.
type (
	list[T any] struct {
		TotalCount *int      `json:"totalCount,omitempty"`
		Edges      []edge[T] `json:"edges"`
		PageInfo   *pageInfo `json:"pageInfo,omitempty"`
	}
	edge[T any] struct {
		Node T `json:"node"`
	}
	pageInfo struct {
		HasNextPage bool    `json:"hasNextPage"`
		EndCursor   *string `json:"endCursor"`
	}
	person struct {
		ID       string `json:"id"`
		Username string `json:"username"`
	}
	post struct {
		ID        string    `json:"id"`
		Title     string    `json:"title"`
		CreatedAt time.Time `json:"createdAt"`
		Author    *person   `json:"author,omitempty"`
	}
	member struct {
		person
		Posts list[*article] `json:"posts"`
	}
	article struct {
		ID       string        `json:"id"`
		Title    string        `json:"title"`
		Tags     list[tag]     `json:"tags"`
		Comments list[comment] `json:"comments"`
	}
	tag struct {
		Name string `json:"name"`
	}
	comment struct {
		ID     string `json:"id"`
		Body   string `json:"body"`
		Author struct {
			Username string `json:"username"`
		} `json:"author"`
	}
	profile struct {
		ID        string    `json:"id"`
		Username  string    `json:"username"`
		Name      *string   `json:"name"`
		Email     string    `json:"email"`
		Role      string    `json:"role"`
		CreatedAt time.Time `json:"createdAt"`
	}
	made struct {
		ID        string    `json:"id"`
		Slug      string    `json:"slug"`
		CreatedAt time.Time `json:"createdAt"`
		Author    person    `json:"author"`
	}
)

// each reads the rows of a statement.
func each(ctx context.Context, s *sql.Stmt, args []any, read func(*sql.Rows) error) error {
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := read(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// page answers q1 by a statement.
func (h *handler) page(posts *sql.Stmt) func(context.Context, map[string]any) (any, error) {
	return func(ctx context.Context, _ map[string]any) (any, error) { return pageOf(ctx, posts) }
}

func pageOf(ctx context.Context, posts *sql.Stmt) (any, error) {
	l := list[post]{Edges: make([]edge[post], 0, 20), PageInfo: &pageInfo{}}
	var id int64
	var last time.Time
	err := each(ctx, posts, nil, func(rows *sql.Rows) error {
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

func (h *handler) levels(ctx context.Context, _ map[string]any) (any, error) {
	l := list[*member]{Edges: make([]edge[*member], 0, 10)}
	byUser := map[int64]*member{}
	ids := make([]int64, 0, 10)
	err := each(ctx, h.users, nil, func(rows *sql.Rows) error {
		m := &member{}
		var id int64
		if err := rows.Scan(&id, &m.Username); err != nil {
			return err
		}
		m.ID, m.Posts.TotalCount, m.Posts.Edges = globalID("User", id), new(int), []edge[*article]{}
		byUser[id], ids = m, append(ids, id)
		l.Edges = append(l.Edges, edge[*member]{m})
		return nil
	})
	if err != nil {
		return nil, err
	}
	byPost := map[int64]*article{}
	posts := make([]int64, 0, 50)
	if err := each(ctx, h.usersPosts, inJSON(ids), func(rows *sql.Rows) error {
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
	}); err != nil {
		return nil, err
	}
	keys := inJSON(posts)
	return map[string]any{"users": l}, errors.Join(h.tagsOf(ctx, keys, byPost), h.commentsOf(ctx, keys, byPost))
}

// inJSON is the one argument of a statement on a list of ids.
func inJSON(ids []int64) []any {
	buf := []byte{'['}
	for i, id := range ids {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = strconv.AppendInt(buf, id, 10)
	}
	return []any{string(append(buf, ']'))}
}

func (h *handler) tagsOf(ctx context.Context, keys []any, byPost map[int64]*article) error {
	return each(ctx, h.postTags, keys, func(rows *sql.Rows) error {
		var id int64
		var t tag
		err := rows.Scan(&id, &t.Name)
		a := byPost[id]
		a.Tags.Edges = append(a.Tags.Edges, edge[tag]{t})
		return err
	})
}

func (h *handler) commentsOf(ctx context.Context, keys []any, byPost map[int64]*article) error {
	return each(ctx, h.comments, keys, func(rows *sql.Rows) error {
		var post, id int64
		var c comment
		err := rows.Scan(&post, &id, &c.Body, &c.Author.Username)
		c.ID = globalID("Comment", id)
		a := byPost[post]
		a.Comments.Edges = append(a.Comments.Edges, edge[comment]{c})
		return err
	})
}

func (h *handler) one(ctx context.Context, vars map[string]any) (any, error) {
	var p profile
	var id int64
	err := h.user.QueryRowContext(ctx, vars["u"]).Scan(&id, &p.Username, &p.Name, &p.Email, &p.Role, &p.CreatedAt)
	if errors.Is(err, sql.ErrNoRows) {
		return map[string]any{"userByUsername": nil}, nil
	}
	p.ID = globalID("User", id)
	return map[string]any{"userByUsername": p}, err
}

func (h *handler) filtered(ctx context.Context, vars map[string]any) (any, error) {
	l := list[post]{TotalCount: new(int), Edges: make([]edge[post], 0, 20)}
	if err := h.authoredCount.QueryRowContext(ctx, vars["u"]).Scan(l.TotalCount); err != nil {
		return nil, err
	}
	err := each(ctx, h.authored, []any{vars["u"]}, func(rows *sql.Rows) error {
		var p post
		var id int64
		err := rows.Scan(&id, &p.Title, &p.CreatedAt)
		p.ID = globalID("Post", id)
		l.Edges = append(l.Edges, edge[post]{p})
		return err
	})
	return map[string]any{"posts": l}, err
}

func (h *handler) make(ctx context.Context, vars map[string]any) (any, error) {
	tx, err := h.write.BeginTx(ctx, nil) // immediate, by the parameter of its name
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }()
	m := made{Author: person{}}
	m.Slug, _ = vars["slug"].(string)
	m.Author.Username, _ = vars["u"].(string)
	var author int64
	//nolint:sqlclosecheck // the end of the transaction closes its statements
	if err := tx.StmtContext(ctx, h.author).QueryRowContext(ctx, m.Author.Username).Scan(&author); err != nil {
		return nil, err
	}
	m.CreatedAt = time.Now().UTC().Truncate(time.Microsecond)
	//nolint:sqlclosecheck // the end of the transaction closes its statements
	res, err := tx.StmtContext(ctx, h.create).ExecContext(ctx, m.Slug, "A post", "Of few words.", m.CreatedAt, m.CreatedAt, author)
	if err != nil {
		return nil, err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return nil, err
	}
	m.ID, m.Author.ID = globalID("Post", id), globalID("User", author)
	return map[string]any{"createPost": m}, tx.Commit()
}
