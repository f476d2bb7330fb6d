package query_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// listing is one page of a list of posts.
type listing struct {
	TotalCount int
	PageInfo   struct {
		HasNextPage, HasPreviousPage bool
		StartCursor, EndCursor       string
	}
	Edges []struct {
		Cursor string
		Node   struct{ ID string }
	}
}

func (l listing) ids() []string {
	ids := []string{}
	for _, e := range l.Edges {
		ids = append(ids, e.Node.ID)
	}
	return ids
}

// page reads a page of posts: all of them, or those of one user.
func (a *api) page(of, args string) listing {
	a.Helper()
	const selection = ` { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } } }`
	query := `{ posts` + args + selection + ` }`
	if of != "" {
		query = `{ user(id: "` + of + `") { posts` + args + selection + ` } }`
	}
	var data struct {
		Posts listing
		User  struct{ Posts listing }
	}
	if err := json.Unmarshal(a.ok(query, nil).Data, &data); err != nil {
		a.Fatal(err)
	}
	if of != "" {
		return data.User.Posts
	}
	return data.Posts
}

func randomOrder(r *rand.Rand) string {
	fields := []string{"ID", "TITLE", "RATING", "PUBLISHED_AT", "VIEW_COUNT", "STATUS", "CREATED_AT", "AUTHOR_NAME", "AUTHOR_USERNAME",
		"COMMENTS_COUNT", "TAGS_COUNT", "AUTHOR_ID"}
	var terms []string
	for range r.IntN(4) {
		t := "{field: " + fields[r.IntN(len(fields))]
		if r.IntN(2) == 0 {
			t += ", direction: DESC"
		}
		switch r.IntN(3) {
		case 0:
			t += ", nulls: FIRST"
		case 1:
			t += ", nulls: LAST"
		}
		terms = append(terms, t+"}")
	}
	return "[" + strings.Join(terms, ", ") + "]"
}

func randomFilter(r *rand.Rand) string {
	return []string{`{}`, `{ratingNotNil: true}`, `{hasTags: true}`, `{or: [{ratingIsNil: true}, {ratingGT: 3}]}`,
		`{hasAuthorWith: [{username: "ada"}]}`, `{not: {slug: "two"}}`}[r.IntN(6)]
}

func TestFullPagingSeesEachRecordOnce(t *testing.T) { // W3, W9
	t.Parallel()
	a := open(t).blog()
	for i := range 14 {
		a.ok(fmt.Sprintf(`mutation { createPost(input: {slug: "more-%d", title: "The %d", body: "", author: {username: %q}, viewCount: %d, %s}) { id } }`,
			i, i%3, []string{"ada", "bob", "cyd"}[i%3], i%2, []string{"rating: 3", "rating: null", "rating: 4.5"}[i%3]), nil)
	}
	r := rand.New(rand.NewPCG(1, 2))
	rounds := 150
	if testing.Short() {
		rounds = 30
	}
	for range rounds {
		of := []string{"", "User:1", "User:2"}[r.IntN(3)]
		args := fmt.Sprintf("orderBy: %s, where: %s", randomOrder(r), randomFilter(r))
		all := a.page(of, "("+args+", first: 1000)")
		want := all.ids()
		if all.TotalCount != len(want) {
			t.Fatalf("%s: totalCount %d of %d", args, all.TotalCount, len(want))
		}
		n := 1 + r.IntN(5)
		var forward []string
		for after := ""; ; {
			p := a.page(of, fmt.Sprintf("(%s, first: %d%s)", args, n, after))
			forward = append(forward, p.ids()...)
			if p.TotalCount != len(want) || len(p.Edges) > n || p.PageInfo.HasPreviousPage != (after != "") {
				t.Fatalf("%s %s: %+v", of, args, p)
			}
			if !p.PageInfo.HasNextPage || len(forward) > len(want) {
				break
			}
			if p.PageInfo.EndCursor != p.Edges[len(p.Edges)-1].Cursor || p.PageInfo.StartCursor != p.Edges[0].Cursor {
				t.Fatalf("%s: cursors %+v", args, p)
			}
			after = fmt.Sprintf(", after: %q", p.PageInfo.EndCursor)
		}
		var backward []string
		for before := ""; ; {
			p := a.page(of, fmt.Sprintf("(%s, last: %d%s)", args, n, before))
			backward = append(p.ids(), backward...)
			if !p.PageInfo.HasPreviousPage || len(backward) > len(want) {
				break
			}
			before = fmt.Sprintf(", before: %q", p.PageInfo.StartCursor)
		}
		if !slices.Equal(forward, want) || !slices.Equal(backward, want) {
			t.Fatalf("%q %s by %d:\n    want %v\n forward %v\nbackward %v", of, args, n, want, forward, backward)
		}
	}
}

func TestPagesBetweenCursors(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	all := a.page("", "(orderBy: {field: RATING})")
	after, before := all.Edges[0].Cursor, all.Edges[4].Cursor
	for _, of := range []string{"first", "last"} {
		p := a.page("", fmt.Sprintf("(orderBy: {field: RATING}, after: %q, before: %q, %s: 2)", after, before, of))
		want := all.ids()[1:3]
		if of == "last" {
			want = all.ids()[2:4]
		}
		if !slices.Equal(p.ids(), want) {
			t.Errorf("%s: %v, want %v", of, p.ids(), want)
		}
	}
	if p := a.page("", "(first: 0)"); len(p.Edges) != 0 || p.TotalCount != 6 || !p.PageInfo.HasNextPage {
		t.Errorf("first: 0 gives %+v", p)
	}
	if p := a.page("User:3", "(first: 0)"); len(p.Edges) != 0 || p.TotalCount != 1 {
		t.Errorf("first: 0 of an edge gives %+v", p)
	}
}

func FuzzCursor(f *testing.F) {
	f.Add("WyJxdDg3OXMiLDFd")
	f.Add("")
	f.Add("W251bGxd")
	a := open(f)
	f.Fuzz(func(t *testing.T, cursor string) {
		in := *a
		in.TB = t
		res := in.do(`query($c: Cursor!) { posts(after: $c) { totalCount edges { cursor } } }`, map[string]any{"c": cursor})
		for _, e := range res.Errors {
			if e.Extensions.Code != "BAD_USER_INPUT" || e.Extensions.Field != "after" {
				t.Errorf("%q: %s at %q", cursor, e.Extensions.Code, e.Extensions.Field)
			}
		}
	})
}

// TestRepeatedTermsAndGroups holds that an order or grouping with repeats is the
// one without: its cursors are good for both, and its statement is the same.
func TestRepeatedTermsAndGroups(t *testing.T) {
	t.Parallel()
	a := open(t).embedded()
	repeated := "orderBy: [" + strings.Repeat("{field: TITLE}, {field: SLUG}, {field: TITLE, direction: DESC}", 96) + "]"
	plain := "orderBy: [{field: TITLE}, {field: SLUG}]"
	all := a.page("", "("+plain+", first: 1000)")
	first := a.page("", "("+repeated+", first: 5)")
	rest := a.page("", fmt.Sprintf("(%s, first: 1000, after: %q)", repeated, first.PageInfo.EndCursor))
	same := a.page("", fmt.Sprintf("(%s, first: 1000, after: %q)", plain, first.PageInfo.EndCursor))
	if got := append(first.ids(), rest.ids()...); !slices.Equal(got, all.ids()) || !slices.Equal(rest.ids(), same.ids()) {
		t.Errorf("got %v, want %v", got, all.ids())
	}
	groups := func(n int) answer {
		return a.ok("{ postsAggregate(groupBy: ["+strings.Repeat("STATUS, AUTHOR, STATUS ", n)+"]) { key { status author } count } }", nil)
	}
	if many, one := groups(700), groups(1); string(many.Data) != string(one.Data) || !slices.Equal(many.statements(), one.statements()) {
		t.Errorf("got %s by %v", many.Data, many.statements())
	}
}
