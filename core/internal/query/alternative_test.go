package query_test

import (
	"fmt"
	"strings"
	"testing"

	"coppice/core/server"
)

// What the engine weighs while it compiles is bounded, however many conditions
// there are; what it finds is not changed by that.
func TestConditionsThatAreWeighedAreFew(t *testing.T) {
	t.Parallel()
	a := openSQLite(t, func(o *server.Options) { o.Timeout = 0 }).blog()
	many := func(n int, of func(i int) map[string]any) []any {
		list := make([]any, n)
		for i := range list {
			list[i] = of(i)
		}
		return append(list, of(-1))
	}
	slug := func(i int) string {
		if i < 0 {
			return "one"
		}
		return fmt.Sprintf("x%d", i)
	}
	both := func(i int) map[string]any { return map[string]any{"slug": slug(i), "titleNEQ": "x"} }
	list := func(i int) map[string]any { return map[string]any{"slugIn": []any{"one", slug(i), "two"}} }
	some := func(i int) map[string]any {
		return map[string]any{"slugIn": []any{"one", slug(i), "two"}, "titleNEQ": "x"}
	}
	nested := map[string]any{"or": many(20, both)}
	for range 15 {
		nested = map[string]any{"or": []any{nested, map[string]any{"and": many(20, both)}}}
	}
	for name, c := range map[string]struct {
		where  map[string]any
		unions int // in each statement
		scan   bool
		want   string
	}{
		"values of one field":        {map[string]any{"or": many(4900, func(i int) map[string]any { return map[string]any{"slug": slug(i)} })}, 0, false, "one"},
		"lists of one field":         {map[string]any{"or": many(3000, list)}, 0, false, "one two"},
		"ids":                        {map[string]any{"or": many(4900, func(i int) map[string]any { return map[string]any{"id": fmt.Sprintf("Post:%d", i+2)} })}, 0, false, "one two three four five six"},
		"few alternatives":           {map[string]any{"or": many(200, both)}, 200, false, "one"},
		"many alternatives":          {map[string]any{"or": many(2400, both)}, 0, true, "one"},
		"alternatives of each other": {nested, 35, false, "one"},
		"common to lists":            {map[string]any{"and": many(4900, list)}, 0, false, "one two"},
		"many demands":               {map[string]any{"and": many(2400, some)}, 0, true, "one two"},
		"few lists":                  {map[string]any{"and": many(10, list)}, 0, false, "one two"},
		"lists in lists": {map[string]any{"and": many(60, func(int) map[string]any { return map[string]any{"and": many(30, some)} })}, 0, false,
			"one two"},
		"lists over an edge": {map[string]any{"hasAuthorWith": many(4000, func(int) map[string]any { return map[string]any{"usernameIn": []any{"ada", "x"}} })}, 0, false,
			"one two five"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res := a.ok(`query($w: PostWhereInput) { posts(where: $w) { totalCount edges { node { slug } } } }`, map[string]any{"w": c.where})
			for _, s := range res.Extensions.SQL.Statements {
				if !strings.HasPrefix(s.SQL, "SELECT") {
					continue
				}
				if n := strings.Count(s.SQL, " UNION "); n != c.unions {
					t.Errorf("%d unions", n)
				}
				if scan := strings.Contains(strings.Join(s.Plan, "\n"), "SCAN posts"); scan != c.scan {
					t.Errorf("plan %q", s.Plan)
				}
			}
			var got []string
			for _, part := range strings.Split(string(res.Data), `"slug":"`)[1:] {
				got = append(got, part[:strings.IndexByte(part, '"')])
			}
			if got := strings.Join(got, " "); got != c.want {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestAlternativesAreRefusedWhereTheyStand(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	a.refuse(`{ posts(where: {or: [{slug: "one"}, {slug: "two"}, {title: "x"}, {slug: null}]}) { totalCount } }`, "BAD_USER_INPUT", "where.or.3.slug")
	a.refuse(`{ posts(where: {or: [{id: "Post:1"}, {id: "Post:2"}, {createdAtIn: ["2026-01-01T00:00:00Z", "x"]}]}) { totalCount } }`, "BAD_USER_INPUT", "where.or.2.createdAtIn.1")
	for where, want := range map[string]string{
		`{or: [{slug: "one"}]}`:                                                                   "1",
		`{or: [{slug: "one"}, {slug: "one"}, {slug: "two"}]}`:                                     "2",
		`{not: {or: [{rating: 4}, {rating: 3}]}}`:                                                 "2", // null is neither met nor not
		`{or: [{slug: "one"}, {slugIn: []}, {slug: "nothing"}]}`:                                  "1",
		`{not: {and: [{ratingIn: [4, 3]}, {rating: 4.5}]}}`:                                       "4",
		`{and: [{ratingIn: [3, 4.5]}, {ratingIn: [3, 4]}]}`:                                       "2",
		`{not: {and: [{slugIn: ["one"]}, {slug: "two"}]}}`:                                        "6",
		`{and: [{idIn: ["Post:1", "User:1", "Post:2"]}, {idIn: ["User:1", "Post:2", "Post:9"]}]}`: "1",
		`{and: [{viewCountIn: [0, 7]}, {viewCount: 7}]}`:                                          "1",
		`{or: [{slugIn: []}, {slugIn: []}]}`:                                                      "0",
		`{not: {or: [{id: "User:1"}, {id: "User:2"}]}}`:                                           "6",
	} {
		a.want(`{ posts(where: `+where+`) { totalCount } }`, `{"posts":{"totalCount":`+want+`}}`)
	}
}
