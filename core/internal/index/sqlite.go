package index

import (
	"regexp"
	"strings"
)

// SQLite's planner weighs by what it believes of how many rows a table has:
// by statistics, which anybody may have written into the file at any time, and
// which say nothing of the rows of today. What a statement says itself, it
// keeps to: the index by which a table is read, or that it is none, and the
// order of tables that CROSS JOIN joins.

// By is what follows a table's name and alias where it is read by an index; ""
// is for its rows' own key.
func By(name string) string {
	if name == "" {
		return " NOT INDEXED"
	}
	return " INDEXED BY `" + name + "`"
}

var by = regexp.MustCompile(" INDEXED BY `[^`]*`| NOT INDEXED")

// Free returns a statement without what it says of indexes: how it is to be run
// where one of them is gone.
func Free(query string) string { return by.ReplaceAllString(query, "") }

// Read returns a query with how it reads its first table: by an index on some
// columns.
func (ts Tables) Read(query, table string, columns ...string) string {
	t := ts.Of(table)
	if t == nil {
		return query
	}
	name := t.Key(columns...)
	if name == "" {
		name = t.Leading(columns[0], columns[1:]...)
	}
	if name == "" {
		return query
	}
	before, after, found := strings.Cut(query, " FROM `"+table+"`")
	if !found {
		return query
	}
	alias := ""
	if rest, ok := strings.CutPrefix(after, " AS `"); ok {
		i := strings.IndexByte(rest, '`') + 1
		alias, after = " AS `"+rest[:i], rest[i:]
	}
	return before + " FROM `" + table + "`" + alias + By(name) + after
}

// Value is, in a query that Each returns, one of its values.
const Value = "`_key`.`column1`"

// Each returns a query that starts from a number of values, its first arguments,
// and reads its first table by its rows' own key for each of them. By a list of
// so many ids the engine may take it for cheaper to read all of a table.
func Each(query, table string, values int) string {
	from := " FROM `" + table + "`"
	list := strings.Repeat(", (?)", values)[2:]
	return strings.Replace(query, from, " FROM (VALUES "+list+") AS `_key` CROSS JOIN `"+table+"`"+By(""), 1)
}
