package query_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"coppice/core/server"
)

// SQLite's time to compile a statement grows with the square of its constants, and
// nothing interrupts it: no request makes a statement that has many, but in long
// lists, which it takes as a whole.
func TestStatementsHoldFewConstants(t *testing.T) {
	t.Parallel()
	a := open(t, func(o *server.Options) { o.Timeout = time.Minute }).blog()
	many := func(n int, condition string) []any {
		list := make([]any, n)
		for i := range list {
			list[i] = map[string]any{condition: []any{fmt.Sprintf("x%d", i), "first"}}
			if !strings.HasSuffix(condition, "In") {
				list[i] = map[string]any{condition: fmt.Sprintf("x%d", i)}
			}
		}
		return list
	}
	names := make([]any, 9000)
	for i := range names {
		names[i] = fmt.Sprintf("x%d", i)
	}
	for name, where := range map[string]any{
		"comparisons":   map[string]any{"not": map[string]any{"or": many(4000, "titleGT")}},
		"in a row":      map[string]any{"and": many(4000, "titleNEQ")},
		"short lists":   map[string]any{"and": many(400, "titleNotIn")},
		"prefixes":      map[string]any{"not": map[string]any{"or": many(4000, "titleHasPrefix")}},
		"over an edge":  map[string]any{"hasAuthorWith": map[string]any{"and": many(4000, "usernameNEQ")}},
		"one long list": map[string]any{"not": map[string]any{"titleIn": names}},
	} {
		res := a.ok(`query($w: PostWhereInput) { posts(where: $w) { totalCount edges { node { id comments { totalCount } } } } }`, map[string]any{"w": where})
		for _, s := range res.statements() {
			plain := strings.Count(s, "?") - strings.Count(s, "(SELECT ?)")
			if plain > 9500 || name != "one long list" && plain > 256 {
				t.Errorf("%s: %d constants in %.200s", name, plain, s)
			}
		}
		if name == "short lists" { // they name the title of a post
			continue
		}
		if all := string(a.ok(`{ posts { totalCount edges { node { id comments { totalCount } } } } }`, nil).Data); string(res.Data) != all {
			t.Errorf("%s: %s\nwant %s", name, res.Data, all)
		}
	}
}
