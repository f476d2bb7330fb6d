package graph

import (
	"reflect"
	"strings"
	"testing"

	"coppice/ent"
	"coppice/internal/statement"
)

func TestScanAdvice(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		sql, plan string
		want      string // the line to add, or ""
	}{
		"a condition":       {"SELECT `posts`.`id` FROM `posts` WHERE `posts`.`status` = ? LIMIT ?", "SCAN posts", `index.Fields("status")`},
		"an order":          {"SELECT `posts`.`id` FROM `posts` ORDER BY `posts`.`view_count` DESC, `posts`.`id` DESC LIMIT ?", "SCAN posts", `index.Fields("view_count")`},
		"both":              {"SELECT `posts`.`id` FROM `posts` WHERE `posts`.`status` = ? ORDER BY `posts`.`published_at` DESC NULLS LAST, `posts`.`id` LIMIT ?", "SCAN posts", `index.Fields("status", "published_at")`},
		"a range":           {"SELECT `posts`.`id` FROM `posts` WHERE `posts`.`rating` >= ? AND `posts`.`view_count` > ?", "SCAN posts", `index.Fields("rating")`},
		"an alias":          {"SELECT `_found`.`id` FROM `posts` AS `_found` WHERE `_found`.`title` = ?", "SCAN _found", `index.Fields("title")`},
		"a bare alias":      {"SELECT `t1`.`id` FROM `posts` AS t1 WHERE `t1`.`title` = ?", "  SCAN t1 LEFT-JOIN", `index.Fields("title")`},
		"a bare column":     {"UPDATE `posts` SET `body` = ? WHERE `title` = ?", "SCAN posts", `index.Fields("title")`},
		"an edge":           {"SELECT `comments`.`id` FROM `comments` WHERE `comments`.`body` = ? AND `comments`.`user_comments` = ?", "SCAN comments", `index.Fields("body").Edges("author")`},
		"double quotes":     {`SELECT "posts"."id" FROM "posts" WHERE "posts"."title" = $1`, "SCAN posts", `index.Fields("title")`},
		"an index scan":     {"SELECT `posts`.`id` FROM `posts` ORDER BY `posts`.`view_count`", "SCAN posts USING INDEX post_view_count", ""},
		"a search":          {"SELECT `posts`.`id` FROM `posts` WHERE `posts`.`title` = ?", "SEARCH posts USING INDEX post_title (title=?)", ""},
		"a list":            {"SELECT `posts`.`id` FROM json_each(?) AS `_parent`", "SCAN _parent VIRTUAL TABLE INDEX 1:", ""},
		"no condition":      {"SELECT count(*) FROM `posts`", "SCAN posts", ""},
		"the order of ids":  {"SELECT `posts`.`id` FROM `posts` ORDER BY `posts`.`id` LIMIT ?", "SCAN posts", ""},
		"a function":        {"SELECT `posts`.`id` FROM `posts` WHERE instr(`posts`.`title`, ?) > 0", "SCAN posts", ""},
		"either of two":     {"SELECT `posts`.`id` FROM `posts` WHERE `posts`.`title` = ? OR `posts`.`body` = ?", "SCAN posts", ""},
		"a negation":        {"SELECT `posts`.`id` FROM `posts` WHERE NOT (`posts`.`title` = ?)", "SCAN posts", ""},
		"another's order":   {"SELECT `posts`.`id` FROM `posts` ORDER BY (SELECT `t1`.`name` FROM `users` AS t1 WHERE `t1`.`id` = `posts`.`user_posts`), `posts`.`id`", "SCAN posts", ""},
		"declared already":  {"SELECT `posts`.`id` FROM `posts` ORDER BY `posts`.`created_at`", "SCAN posts", ""},
		"unique already":    {"SELECT `posts`.`id` FROM `posts` WHERE `posts`.`slug` = ?", "SCAN posts", ""},
		"an unknown table":  {"SELECT `x`.`id` FROM `x` WHERE `x`.`y` = ?", "SCAN x", ""},
		"a constant":        {"SELECT 1", "SCAN CONSTANT ROW", ""},
		"a subquery's rows": {"SELECT `a` FROM (SELECT 1)", "SCAN (subquery-1)", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want []string
			if tc.want != "" {
				file, table := "post", "posts"
				if strings.Contains(tc.sql, "`comments`") {
					file, table = "comment", "comments"
				}
				want = []string{"full scan of " + table + ": add to Indexes() in ent/schema/" + file + ".go: " + tc.want}
			}
			got := adviseOn([]statement.Statement{{SQL: tc.sql, Plan: []string{tc.plan, "USE TEMP B-TREE FOR ORDER BY"}}}, ent.Describe())
			if !reflect.DeepEqual(got, [][]string{want}) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestRepetitionAdvice(t *testing.T) {
	t.Parallel()
	var list []statement.Statement
	for _, text := range []string{"BEGIN", "a", "b", "a", "COMMIT", "BEGIN IMMEDIATE", "a", "b", "COMMIT", "COMMIT", "begin", "BEGIN", "BEGIN"} {
		list = append(list, statement.Statement{SQL: text})
	}
	for i, advice := range adviseOn(list, ent.Describe()) {
		if want := i == 1; (len(advice) == 1) != want {
			t.Errorf("statement %d, %s: %q", i, list[i].SQL, advice)
		} else if want && !strings.Contains(advice[0], "runs 3 times") {
			t.Errorf("got %q", advice[0])
		}
	}
}
