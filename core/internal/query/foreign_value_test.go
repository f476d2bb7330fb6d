package query_test

import (
	"testing"

	"coppice/core/internal/fixture/blog"
)

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

// A sum is exact beyond 64 bits, of integers that an Int does not hold, too.
func TestSumsGoBeyond64Bits(t *testing.T) {
	t.Parallel()
	a := open(t).blog()
	a.other("UPDATE posts SET view_count = 9223372036854775807 WHERE id < 4", "UPDATE posts SET view_count = -9223372036854775808 WHERE id > 4")
	a.want(`{ postsAggregate(where: {idIn: ["Post:1", "Post:2", "Post:3", "Post:4"]}) { sum { viewCount } avg { viewCount } } }`,
		`{"postsAggregate":[{"sum":{"viewCount":"27670116110564327421"},"avg":{"viewCount":6.917529027641082e+18}}]}`)
	a.want(`{ postsAggregate(where: {slugIn: ["five", "six"]}) { sum { viewCount } } }`, `{"postsAggregate":[{"sum":{"viewCount":"-18446744073709551616"}}]}`)
}
