//go:build postgres

package query_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"coppice/core/internal/enginetest"
	"coppice/core/internal/fixture/blog"
)

// What PostgreSQL holds and no field can give is null with an error that names it, and
// the other records are as they were.
func TestValuesOfOtherProgramsAreNamed(t *testing.T) {
	t.Parallel()
	a := openOn(t, enginetest.Postgres(t)).blog()
	a.foreign()
	res := a.do(`{ posts(first: 5) { edges { node { id rating publishedAt } } } }`, nil)
	if got, want := string(res.Data), `{"posts":{"edges":[{"node":{"id":"Post:1","rating":null,"publishedAt":null}},{"node":{"id":"Post:2","rating":null,"publishedAt":null}},`+
		`{"node":{"id":"Post:3","rating":null,"publishedAt":null}},{"node":{"id":"Post:4","rating":3,"publishedAt":null}},{"node":{"id":"Post:5","rating":null,"publishedAt":null}}]}}`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	told := []string{"Post.rating of Post:1 is NaN", "Post.publishedAt of Post:1 is infinity", "Post.rating of Post:2 is Infinity", "Post.publishedAt of Post:2 is -infinity",
		"Post.rating of Post:3 is -Infinity", "Post.publishedAt of Post:3 is -0043-03-15T10:00:00Z", "Post.publishedAt of Post:4 is 12026-03-15T10:00:00Z",
		"Post.publishedAt of Post:5 is 290000-03-15T10:00:00Z"}
	if len(res.Errors) != len(told) {
		t.Fatalf("%+v", res.Errors)
	}
	for i, e := range res.Errors {
		if !strings.HasPrefix(e.Message, told[i]+" in the database, and a ") || !strings.HasSuffix(e.Message, "set it to another value.") || len(e.Path) != 5 {
			t.Errorf("%+v\nwant %s", e, told[i])
		}
	}
	res = a.do(`{ postsAggregate { count min { publishedAt } max { rating } sum { rating viewCount } } }`, nil)
	if got, want := string(res.Data), `{"postsAggregate":[{"count":6,"min":{"publishedAt":null},"max":{"rating":null},"sum":{"rating":null,"viewCount":"7"}}]}`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	for i, want := range []string{"The min of Post.publishedAt is -infinity", "The max of Post.rating is NaN", "The sum of Post.rating is NaN"} {
		if len(res.Errors) != 3 || !strings.HasPrefix(res.Errors[i].Message, want) {
			t.Errorf("%+v\nwant %s", res.Errors, want)
		}
	}
	if res = a.do(`mutation { updatePost(id: "Post:1", input: {title: "x"}) { title } }`, nil); len(res.Errors) != 1 || !strings.Contains(res.Errors[0].Message, "published_at is infinity") {
		t.Errorf("%+v", res)
	}
	a.want(`mutation { updatePost(id: "Post:1", input: {publishedAt: "2026-01-01T00:00:00Z", rating: 1}) { publishedAt rating } }`,
		`{"updatePost":{"publishedAt":"2026-01-01T00:00:00Z","rating":1}}`)
}

// Records page in both directions over what no field can give.
func TestPagesGoOverValuesOfOtherPrograms(t *testing.T) {
	t.Parallel()
	a := openOn(t, enginetest.Postgres(t)).blog()
	for _, column := range []string{"double precision", "numeric"} {
		a.other("ALTER TABLE posts ALTER COLUMN rating TYPE " + column)
		a.foreign()
		for _, order := range []string{"RATING", "PUBLISHED_AT"} {
			for _, direction := range []string{"ASC", "DESC"} {
				by := "orderBy: {field: " + order + ", direction: " + direction + "}"
				want := a.page("", "("+by+")").ids()
				forward, backward := a.walk(by, "first", "after"), a.walk(by, "last", "before")
				slices.Reverse(backward)
				if len(want) != 6 || !slices.Equal(forward, want) || !slices.Equal(backward, want) {
					t.Errorf("%s %s: in one page %v\nforward %v\nbackward %v", column, by, want, forward, backward)
				}
			}
		}
	}
}

// foreign writes what no field can give, as a program beside the server may.
func (a *api) foreign() {
	a.Helper()
	a.other("UPDATE posts SET rating = 'NaN', published_at = 'infinity' WHERE id = 1",
		"UPDATE posts SET rating = 'Infinity', published_at = '-infinity' WHERE id = 2",
		"UPDATE posts SET rating = '-Infinity', published_at = '0044-03-15 10:00:00.000001Z BC' WHERE id = 3",
		"UPDATE posts SET published_at = '12026-03-15 10:00:00.000001Z' WHERE id = 4",
		"UPDATE posts SET published_at = '290000-03-15 10:00:00Z' WHERE id = 5")
}

// walk is the ids of all posts, read one by one.
func (a *api) walk(by, count, beyond string) (ids []string) {
	a.Helper()
	for cursor := ""; len(ids) < 10; {
		var data struct {
			Posts struct {
				Edges []struct {
					Cursor string
					Node   struct{ ID string }
				}
			}
		}
		if err := json.Unmarshal(a.ok("{ posts("+by+", "+count+": 1"+cursor+") { edges { cursor node { id } } } }", nil).Data, &data); err != nil {
			a.Fatal(err)
		}
		if len(data.Posts.Edges) == 0 {
			return ids
		}
		ids = append(ids, data.Posts.Edges[0].Node.ID)
		cursor = fmt.Sprintf(", %s: %q", beyond, data.Posts.Edges[0].Cursor)
	}
	return ids
}

// A sum is exact beyond 64 bits, of integers that an Int does not hold, too.
func TestSumsGoBeyond64Bits(t *testing.T) {
	t.Parallel()
	a := openOn(t, enginetest.Postgres(t)).blog()
	a.other("UPDATE posts SET view_count = 9223372036854775807 WHERE id < 4", "UPDATE posts SET view_count = -9223372036854775808 WHERE id > 4")
	a.want(`{ postsAggregate(where: {idIn: ["Post:1", "Post:2", "Post:3", "Post:4"]}) { sum { viewCount } avg { viewCount } } }`,
		`{"postsAggregate":[{"sum":{"viewCount":"27670116110564327421"},"avg":{"viewCount":6.917529027641082e+18}}]}`)
	a.want(`{ postsAggregate(where: {slugIn: ["five", "six"]}) { sum { viewCount } } }`, `{"postsAggregate":[{"sum":{"viewCount":"-18446744073709551616"}}]}`)
}

// other runs statements as a program beside the server would.
func (a *api) other(statements ...string) {
	a.Helper()
	handle, err := blog.DB(a.client)
	if err != nil {
		a.Fatal(err)
	}
	for _, s := range statements {
		if _, err := handle.Exec(s); err != nil {
			a.Fatal(s, err)
		}
	}
}
