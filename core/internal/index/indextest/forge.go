// Package indextest forges what SQLite believes of a file's tables, for tests
// that its plans do not depend on it.
package indextest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"coppice/core/engine"
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/index"
	"coppice/core/internal/statement"
)

// A forgery says what stands in sqlite_stat1 for an index of so many columns: the
// number of rows, then how many of them are the same in the first column, in the
// first two, and so on.
type forgery struct {
	name string
	stat func(table string, columns int) string
	// believed is set where a statement's own words are to hold against it: a
	// connection believes it, since it had no turn to disregard it.
	believed bool
	alone    bool // without sqlite_stat4, as most builds of SQLite write it
}

func alike(rows, same, flags string) forgery {
	return forgery{name: rows + " rows, " + same + " alike" + flags, stat: func(_ string, columns int) string {
		return rows + strings.Repeat(" "+same, columns) + flags
	}}
}

// apart gives one table other rows than all the others have.
func apart(one, rows, others string) forgery {
	return forgery{name: one + " has " + rows + " rows, others " + others, stat: func(table string, columns int) string {
		n := others
		if table == one {
			n = rows
		}
		return n + strings.Repeat(" "+n, columns)
	}}
}

// forgeries are small, huge, and for each table, it alone is small, and it alone
// is huge.
func forgeries(tables []string) []forgery {
	list := []forgery{
		alike("30", "1", ""), alike("30", "30", ""), alike("100000000", "1", ""), alike("100000000", "100000000", ""),
		alike("5000", "5000", " sz=4000"), alike("5000", "2", " noskipscan"), alike("100000000", "3000", " sz=1"),
	}
	for _, t := range tables {
		list = append(list, apart(t, "30", "100000000"), apart(t, "100000000", "30"))
	}
	for i := range list {
		believed := list[i]
		believed.believed = true
		believed.name += ", believed"
		list = append(list, believed)
	}
	// SQLite reads a table that it takes for one of so few rows as a whole,
	// unless it is told by which index not to.
	for _, rows := range []string{"0", "1", "2"} {
		few := alike(rows, "1", "")
		few.alone = true
		list = append(list, few, alike(rows, "1", " unordered"))
	}
	return list
}

// Query is a statement that was run.
type Query struct {
	SQL  string
	Args []any
}

// plansUnder maps what a file may say of its tables to the plan of each statement
// under it, in their order; "none" is where it says nothing.
func plansUnder(t testing.TB, path string, list []Query, explain string, believed bool) map[string][]string {
	t.Helper()
	ctx := context.Background()
	plans := map[string][]string{"none": plansOf(t, path, list, explain, false)}
	var tables []string
	var indexes [][2]string
	columns := map[string]int{}
	with(t, path, func(c *ent.Client) {
		rows, err := c.QueryContext(ctx, "SELECT m.tbl_name, m.name, (SELECT count(*) FROM pragma_index_info(m.name)) FROM sqlite_master m WHERE m.type = 'index'")
		must(t, err)
		for rows.Next() {
			var table, name string
			var n int
			must(t, rows.Scan(&table, &name, &n))
			if !slices.Contains(tables, table) {
				tables = append(tables, table)
			}
			indexes, columns[name] = append(indexes, [2]string{table, name}), n
		}
		must(t, rows.Close())
	})
	slices.Sort(tables)
	for i, f := range forgeries(tables) {
		if f.believed && !believed || testing.Short() && i%24 > 0 {
			continue
		}
		forged := filepath.Join(t.TempDir(), "forged.db")
		text, err := os.ReadFile(path)
		must(t, err)
		must(t, os.WriteFile(forged, text, 0o600))
		with(t, forged, func(c *ent.Client) {
			exec := func(query string, args ...any) {
				_, err := c.ExecContext(ctx, query, args...)
				must(t, err)
			}
			exec("ANALYZE")
			exec("DELETE FROM sqlite_stat1")
			if f.alone {
				exec("DROP TABLE sqlite_stat4")
			}
			for _, idx := range indexes {
				exec("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", idx[0], idx[1], f.stat(idx[0], columns[idx[1]]))
			}
		})
		plans[f.name] = plansOf(t, forged, list, explain, f.believed)
	}
	return plans
}

// plansOf asks a database that is opened anew for its plans. Where it is to
// believe what it reads there, another program writes all the while.
func plansOf(t testing.TB, path string, list []Query, explain string, believing bool) (plans []string) {
	t.Helper()
	if believing {
		with(t, path, func(c *ent.Client) {
			tx, err := c.Tx(context.Background())
			must(t, err)
			plans = plansOf(t, path, list, explain, false)
			must(t, tx.Rollback())
		})
		return plans
	}
	with(t, path, func(c *ent.Client) {
		for _, q := range list {
			plans = append(plans, planOf(t, c, q, explain))
		}
	})
	return plans
}

// How a plan is asked for: as it is read, or as the program that runs, with what
// becomes of foreign keys.
const (
	steps   = "EXPLAIN QUERY PLAN "
	program = "EXPLAIN "
)

func planOf(t testing.TB, c *ent.Client, q Query, explain string) string {
	t.Helper()
	rows, err := c.QueryContext(context.Background(), explain+q.SQL, q.Args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, q.SQL)
	}
	columns, err := rows.Columns()
	must(t, err)
	row, dest := make([]any, len(columns)), make([]any, len(columns))
	for i := range row {
		dest[i] = &row[i]
	}
	var b strings.Builder
	for rows.Next() {
		must(t, rows.Scan(dest...))
		switch {
		case explain == steps:
			fmt.Fprintf(&b, "\n    %v", row[3])
		case row[1] != "Transaction": // it has the schema's number
			fmt.Fprintf(&b, "\n    %v", row[:len(row)-1])
		}
	}
	must(t, rows.Close())
	return b.String()
}

func with(t testing.TB, path string, do func(*ent.Client)) {
	t.Helper()
	c, err := blog.Open(context.Background(), engine.Config{URL: "sqlite:" + path})
	must(t, err)
	do(c)
	must(t, c.Close())
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var (
	// wholeCount is the plan of a count of a whole table. The engine reads the smallest
	// tree that has all rows, by a width that anybody may have made up, and
	// cannot be told which.
	wholeCount = regexp.MustCompile("^SELECT count\\(\\*\\) FROM `[^`]*` LIMIT|^SELECT count\\(\\*\\) FROM `[^`]*`$")
	scan       = regexp.MustCompile(`(?m)^ *SCAN ([A-Za-z0-9_]+)( USING .*)?$`)
	search     = regexp.MustCompile(`(?m)^ *SEARCH ([A-Za-z0-9_]+) .*$`)
)

// Hold fails where what the file says of its tables changes the plan of a
// statement, or where a statement scans a table that the engine, left to itself
// and without anything to believe, would search. The file must be closed.
func Hold(t testing.TB, path string, list []Query) {
	t.Helper()
	bare := make([]Query, len(list))
	for i, q := range list {
		bare[i] = Query{index.Free(q.SQL), q.Args}
	}
	free := plansOf(t, path, bare, steps, false)
	plans := plansUnder(t, path, list, steps, true)
	same(t, list, plans)
	for i, q := range list {
		for _, s := range scan.FindAllStringSubmatch(plans["none"][i], -1) {
			for _, f := range search.FindAllStringSubmatch(free[i], -1) {
				if s[1] == f[1] {
					t.Errorf("%s\nscans %s:%s\nwhich is not needed:%s", q.SQL, s[1], plans["none"][i], free[i])
				}
			}
		}
	}
}

// HoldWrites is Hold of statements that cannot say how they are run, and of what
// the engine looks up for foreign keys: a connection must have had its turn to
// disregard what the file says.
func HoldWrites(t testing.TB, path string, list []Query) {
	t.Helper()
	same(t, list, plansUnder(t, path, list, program, false))
}

func same(t testing.TB, list []Query, plans map[string][]string) {
	t.Helper()
	for i, q := range list {
		for name, under := range plans {
			if under[i] != plans["none"][i] && !wholeCount.MatchString(q.SQL) {
				t.Errorf("%s\nwhere %s:%s\nwhere nothing is known:%s", q.SQL, name, under[i], plans["none"][i])
				break
			}
		}
	}
}

// Queries are the different texts among recorded statements that have a plan.
func Queries(list []statement.Statement) (qs []Query) {
	seen := map[string]bool{}
	for _, s := range list {
		if len(s.Plan) > 0 && !seen[s.SQL] {
			seen[s.SQL] = true
			qs = append(qs, Query{s.SQL, s.Args})
		}
	}
	return qs
}
