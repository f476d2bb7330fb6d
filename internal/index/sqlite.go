package index

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
