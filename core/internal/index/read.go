package index

import (
	"regexp"
	"strings"

	"coppice/core/internal/dialect"
)

var by = regexp.MustCompile(" INDEXED BY `[^`]*`| NOT INDEXED")

// Free returns a statement without what it says of indexes: how it is to be run
// where one of them is gone.
func Free(query string) string { return by.ReplaceAllString(query, "") }

// Read returns a query with how it reads its first table: by an index on some
// columns.
func (ts Tables) Read(d *dialect.Dialect, query, table string, columns ...string) string {
	t := ts.Of(table)
	if t == nil || d.ReadBy == "" {
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
	return before + " FROM `" + table + "`" + alias + d.By(name) + after
}

// Value is, in a query that Each returns, one of its values.
const Value = "`_key`.`column1`"

// Each returns a query that starts from a number of values, its first arguments,
// and reads its first table by its rows' own key for each of them. By a list of
// so many ids the engine may take it for cheaper to read all of a table.
func Each(d *dialect.Dialect, query, table string, values int) string {
	from := " FROM `" + table + "`"
	list := strings.Repeat(", (?)", values)[2:]
	return strings.Replace(query, from, " FROM (VALUES "+list+") AS `_key` CROSS JOIN `"+table+"`"+d.By(""), 1)
}
