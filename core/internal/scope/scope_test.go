package scope

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"entgo.io/ent/dialect/sql"

	"coppice/core/engine"
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/fixture/blog/ent/intercept"
	"coppice/core/internal/fixture/blog/ent/post"
	"coppice/core/internal/fixture/blog/ent/user"
)

func open(t *testing.T) *ent.Client {
	t.Helper()
	client, err := blog.Open(t.Context(), engine.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "test.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return client
}

func TestQualified(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"`_scope`.`name` <> ?":                      true,
		"`_scope`.`a` IS NOT NULL AND NOT (?1 = 2)": true,
		"EXISTS (SELECT `users`.`id` FROM `users` WHERE `_scope`.`user_posts` = `users`.`id`)":         true,
		"`_scope`.`id` IN (SELECT `x`.`id` FROM `post_tags` JOIN `tags` AS `x` ON `x`.`id` = `y`.`z`)": true,
		`"_scope"."name" = 'it''s deleted_at' AND lower("_scope"."name") = $1`:                         true,
		"`deleted_at` IS NULL":                          false,
		"deleted_at IS NULL":                            false,
		"posts.deleted_at IS NULL":                      false,
		"`_scope`.`name` = lower(name)":                 false,
		"`_scope`.`a` = ? AND `b` = ?":                  false,
		"EXISTS (SELECT `id` FROM `users` WHERE 1 = 1)": false,
		"`_scope`.`a` = 'open":                          false,
	} {
		if got := qualified(text); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestEntsOwnConditionsAreKeptBesideOtherTables(t *testing.T) {
	t.Parallel()
	client := open(t)
	var where func(*sql.Selector)
	client.Post.Intercept(intercept.TraversePost(func(_ context.Context, q *ent.PostQuery) error {
		q.Where(where)
		return nil
	}))
	var want string
	for want, where = range map[string]func(*sql.Selector){
		"`x`.`status` <> ?": post.StatusNEQ(post.StatusARCHIVED),
		"EXISTS (SELECT `users`.`id` FROM `users` WHERE `x`.`user_posts` = `users`.`id` AND `users`.`id` > ?)": post.HasAuthorWith(user.IDGT(1)),
		"`x`.`id` IN (SELECT `posts`.`id` FROM `posts` WHERE `posts`.`title` = ?)":                             func(s *sql.Selector) { s.Where(sql.EQ(sql.Table(post.Table).C("title"), "x")) },
		"`x`.`id` IN (SELECT `posts`.`id` FROM `posts` WHERE `title` = ?)":                                     func(s *sql.Selector) { s.Where(sql.EQ("title", "x")) },
		"`x`.`id` IN (SELECT `posts`.`id` FROM `posts` WHERE `posts`.`id` > ? LIMIT 3)":                        func(s *sql.Selector) { s.Where(sql.GT(s.C("id"), 1)).Limit(3) },
		"`x`.`id` IN (SELECT `posts`.`id` FROM posts WHERE `id` > ?)": func(s *sql.Selector) {
			s.Table().Unquote()
			s.Where(sql.GT("id", 1))
		},
		"`x`.`id` IN (SELECT `old`.`id` FROM `posts` AS `old` WHERE `old`.`id` > ?)": func(s *sql.Selector) {
			s.From(sql.Table("posts").As("old"))
			s.Where(sql.GT(s.C("id"), 1))
		},
		"`x`.`id` IN (SELECT `posts`.`id` FROM `posts` ORDER BY `posts`.`id`)": func(s *sql.Selector) { s.OrderBy(s.C("id")) },
		"`x`.`id` IN (SELECT `posts`.`id` FROM `posts` JOIN `users` AS `t1` ON `posts`.`user_posts` = `t1`.`id`)": func(s *sql.Selector) {
			u := sql.Table(user.Table)
			s.Join(u).On(s.C(post.AuthorColumn), u.C("id"))
		},
	} {
		s := New(ent.Coppice().Of(client)).Of(t.Context(), ent.Coppice().Model.Entity("Post"))
		p := s.At("x")
		p.SetDialect("sqlite3")
		if got, args := p.Query(); got != want || len(args) != len(s.Args) {
			t.Errorf(" got %s\nwant %s", got, want)
		}
	}
}

func limit(_ context.Context, q intercept.Query) error {
	q.Limit(1000)
	return nil
}

func skipSome(_ context.Context, q intercept.Query) error {
	q.Offset(2)
	return nil
}

// TestWhatNoConditionSaysIsRefused names the interceptor that wants it.
func TestWhatNoConditionSaysIsRefused(t *testing.T) {
	t.Parallel()
	for want, inter := range map[string]ent.Interceptor{
		"": intercept.TraverseFunc(limit),
		"set an offset: coppice/core/internal/scope.skipSome": intercept.TraverseFunc(skipSome),
		"chose fields: coppice/core/internal/scope": intercept.TraversePost(func(_ context.Context, q *ent.PostQuery) error {
			q.Select(post.FieldTitle)
			return nil
		}),
		"answered without the database": ent.InterceptFunc(func(ent.Querier) ent.Querier {
			return ent.QuerierFunc(func(context.Context, ent.Query) (ent.Value, error) { return []*ent.Post{}, nil })
		}),
	} {
		client := open(t)
		client.Post.Intercept(inter)
		err := New(ent.Coppice().Of(client)).Of(t.Context(), ent.Coppice().Model.Entity("Post")).Refusal("")
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
}
