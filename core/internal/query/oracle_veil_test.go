package query_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"

	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/fixture/blog/ent/comment"
	"coppice/core/internal/fixture/blog/ent/intercept"
	"coppice/core/internal/fixture/blog/ent/post"
	"coppice/core/internal/fixture/blog/ent/predicate"
	"coppice/core/internal/fixture/blog/ent/privacy"
	"coppice/core/internal/fixture/blog/ent/profile"
	"coppice/core/internal/fixture/blog/ent/tag"
	"coppice/core/internal/fixture/blog/ent/user"
)

// veil is what one request may see: of each kind all, what meets a condition,
// or nothing at all, which is to ask for what is forbidden.
type veil map[string]curtain

// curtain hides records of one kind: by a predicate of ent's, and by the same
// on the oracle's records.
type curtain struct {
	deny  bool
	where func(*sql.Selector)
	shows func(*rec) bool
}

type veilKey struct{}

// veils are the conditions that may hide records of each kind, with a number
// that they depend on: by fields, over edges, by joins and in plain SQL.
var veils = map[string][]func(n int) curtain{
	"User": {
		func(n int) curtain {
			name := fmt.Sprintf("user_%c", 'a'+n*5%26)
			return curtain{where: user.UsernameNEQ(name), shows: func(r *rec) bool { return r.fields["username"] != name }}
		},
		func(int) curtain {
			return curtain{where: user.NameNotNil(), shows: func(r *rec) bool { return r.fields["name"] != nil }}
		},
		func(int) curtain {
			return curtain{where: user.HasProfile(), shows: func(r *rec) bool { return r.one["profile"] != nil }}
		},
		func(n int) curtain {
			return curtain{where: user.HasFollowingWith(user.IDLT(n % 12)), shows: func(r *rec) bool {
				return slices.ContainsFunc(r.many["following"], func(f *rec) bool { return f.id < n%12 })
			}}
		},
		func(n int) curtain { // a column without its table, that others have, too
			return curtain{where: func(s *sql.Selector) { s.Where(sql.NEQ("id", n%12)) }, shows: func(r *rec) bool { return r.id != n%12 }}
		},
	},
	"Post": {
		func(n int) curtain {
			status := []post.Status{post.StatusDRAFT, post.StatusARCHIVED, post.StatusPUBLISHED}[n%3]
			return curtain{where: post.StatusNEQ(status), shows: func(r *rec) bool { return r.fields["status"] != string(status) }}
		},
		func(n int) curtain {
			return curtain{where: post.HasAuthorWith(user.IDGT(n % 10)), shows: func(r *rec) bool { return r.one["author"].id > n%10 }}
		},
		func(int) curtain {
			return curtain{where: post.Or(post.HasTags(), post.Not(post.HasComments())), shows: func(r *rec) bool {
				return len(r.many["tags"]) > 0 || len(r.many["comments"]) == 0
			}}
		},
		func(n int) curtain { // a join, and the table by its own name
			return curtain{where: func(s *sql.Selector) {
				t := sql.Table(user.Table)
				s.Join(t).On(s.C(post.AuthorColumn), t.C(user.FieldID)).Where(sql.NEQ(t.C(user.FieldID), n%12))
			}, shows: func(r *rec) bool { return r.one["author"].id != n%12 }}
		},
	},
	"Comment": {
		func(n int) curtain {
			return curtain{where: comment.IDNotIn(n%70, n%7, n%11), shows: func(r *rec) bool { return !slices.Contains([]int{n % 70, n % 7, n % 11}, r.id) }}
		},
		func(int) curtain {
			return curtain{where: comment.Not(comment.HasParent()), shows: func(r *rec) bool { return r.one["parent"] == nil }}
		},
		func(int) curtain {
			return curtain{where: comment.HasReplies(), shows: func(r *rec) bool { return len(r.many["replies"]) > 0 }}
		},
		func(n int) curtain {
			return curtain{where: comment.HasPostWith(post.HasAuthorWith(user.IDNEQ(n % 12))), shows: func(r *rec) bool { return r.one["post"].one["author"].id != n%12 }}
		},
		func(n int) curtain {
			text := strings.Repeat("e", 1+n%2)
			find := func(b *sql.Builder) {
				b.WriteString(map[string]string{"sqlite3": "instr", "postgres": "strpos"}[b.Dialect()] + "(body, ").Arg(text).WriteString(") > 0")
			}
			return curtain{where: func(s *sql.Selector) { s.Where(sql.P(find)) },
				shows: func(r *rec) bool { return strings.Contains(r.fields["body"].(string), text) }}
		},
	},
	"Tag": {
		func(n int) curtain {
			name := []string{"go", "sql", "alone"}[n%3]
			return curtain{where: tag.NameNEQ(name), shows: func(r *rec) bool { return r.fields["name"] != name }}
		},
		func(n int) curtain {
			return curtain{where: tag.HasPostsWith(post.IDLT(n % 40)), shows: func(r *rec) bool {
				return slices.ContainsFunc(r.many["posts"], func(p *rec) bool { return p.id < n%40 })
			}}
		},
	},
	"Profile": {
		func(int) curtain {
			return curtain{where: profile.LocationNotNil(), shows: func(r *rec) bool { return r.fields["location"] != nil }}
		},
		func(n int) curtain {
			return curtain{where: profile.HasUserWith(user.IDNEQ(n % 12)), shows: func(r *rec) bool { return r.one["user"].id != n%12 }}
		},
	},
}

// randomVeil hides records of some kinds, in one of ten of them all.
func randomVeil(r *rand.Rand) veil {
	v := veil{}
	for _, kind := range []string{"User", "Post", "Comment", "Tag", "Profile"} {
		switch r.IntN(10) {
		case 0:
			if r.IntN(3) == 0 {
				v[kind] = curtain{deny: true, shows: func(*rec) bool { return false }}
			}
		case 1, 2, 3, 4, 5, 6:
			list := veils[kind]
			v[kind] = list[r.IntN(len(list))](r.IntN(100))
		}
	}
	return v
}

// listen puts up what a request's veil says, as interceptors of either sort.
func listen(c *ent.Client) {
	c.User.Intercept(intercept.TraverseUser(func(ctx context.Context, q *ent.UserQuery) error {
		return draw(ctx, "User", func(p func(*sql.Selector)) { q.Where(predicate.User(p)) })
	}))
	c.Post.Intercept(ent.InterceptFunc(func(next ent.Querier) ent.Querier {
		return intercept.PostFunc(func(ctx context.Context, q *ent.PostQuery) (ent.Value, error) {
			if err := draw(ctx, "Post", func(p func(*sql.Selector)) { q.Where(predicate.Post(p)) }); err != nil {
				return nil, err
			}
			return next.Query(ctx, q)
		})
	}))
	for kind, t := range map[string]string{ent.TypeComment: "Comment", ent.TypeTag: "Tag", ent.TypeProfile: "Profile"} {
		c.Intercept(intercept.TraverseFunc(func(ctx context.Context, q intercept.Query) error {
			if q.Type() != kind {
				return nil
			}
			return draw(ctx, t, func(p func(*sql.Selector)) { q.WhereP(p) })
		}))
	}
}

func draw(ctx context.Context, kind string, where func(func(*sql.Selector))) error {
	v, _ := ctx.Value(veilKey{}).(veil)
	switch c, ok := v[kind]; {
	case c.deny:
		return privacy.Denyf("no %s", kind)
	case ok:
		where(c.where)
	}
	return nil
}

// behind is the world without what a veil hides.
func (w world) behind(v veil) world {
	seen := map[*rec]*rec{}
	for kind, list := range w {
		for _, r := range list {
			if c, ok := v[kind]; !ok || c.shows(r) {
				seen[r] = &rec{kind: kind, id: r.id, fields: r.fields, one: map[string]*rec{}, many: map[string][]*rec{}}
			}
		}
	}
	left := world{}
	for kind, list := range w {
		for _, r := range list {
			s := seen[r]
			if s == nil {
				continue
			}
			left[kind] = append(left[kind], s)
			for edge, to := range r.one {
				if seen[to] != nil {
					s.one[edge] = seen[to]
				}
			}
			for edge, to := range r.many {
				for _, t := range to {
					if seen[t] != nil {
						s.many[edge] = append(s.many[edge], seen[t])
					}
				}
			}
		}
	}
	return left
}

// nulled gives up a value that cannot be null, and what holds it up to where
// null may stand.
type nulled struct{}

// nullable writes a value that may be null, and reports whether it is for an
// error below it.
func (o *oracle) nullable(w *text, do func()) (null bool) {
	mark, depth := w.Len(), len(w.path)
	defer func() {
		switch v := recover(); v {
		case nil:
		case nulled{}:
			w.Truncate(mark)
			w.path = w.path[:depth]
			w.WriteString("null")
			null = true
		default:
			panic(v)
		}
	}()
	do()
	return false
}

// forbid notes that what stands here may not be seen.
func (o *oracle) forbid(w *text) {
	o.problems = append(o.problems, &problem{code: "FORBIDDEN", path: slices.Clone(w.path)})
	panic(nulled{})
}

// ask is asking for records of some kinds.
func (o *oracle) ask(w *text, kinds ...string) {
	if slices.ContainsFunc(kinds, func(kind string) bool { return o.veil[kind].deny }) {
		o.forbid(w)
	}
}

// askPage is asking for what is selected of a list.
func (o *oracle) askPage(w *text, p *pager, f *gathered) {
	rows, total := false, false
	for _, g := range o.collect(f.sets, p.kind+"Connection") {
		rows = rows || g.field.Name == "edges" || g.field.Name == "pageInfo"
		total = total || g.field.Name == "totalCount"
	}
	if rows || total {
		o.ask(w, p.kind)
		o.ask(w, p.named...)
	}
	if rows {
		for _, t := range p.terms {
			o.ask(w, t.target)
		}
	}
}

// String tells a veil from others.
func (v veil) String() string {
	var list []string
	for kind, c := range v {
		text := kind + " forbidden"
		if !c.deny {
			s := sql.Dialect("sqlite3").Select().From(sql.Table(strings.ToLower(kind) + "s"))
			c.where(s)
			query, args := s.Query()
			text = fmt.Sprint(query, args)
		}
		list = append(list, text)
	}
	slices.Sort(list)
	return strings.Join(list, "\n")
}
