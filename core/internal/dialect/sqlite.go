package dialect

import "sync"

// SQLite is the dialect of SQLite 3.38 and later, with the functions that package
// engine/sqlite registers.
//
// Its planner weighs by what it believes of how many rows a table has: by
// statistics, which anybody may have written into the file at any time, and which
// say nothing of the rows of today. What a statement says itself, it keeps to: the
// index by which a table is read, or that it is none, and the order of tables that
// CROSS JOIN joins.
var SQLite = sync.OnceValue(func() *Dialect {
	return &Dialect{
		Name:      "sqlite3",
		Fold:      "coppice_fold({1})",
		Folded:    foldCase,
		Contains:  "instr({1}, {2}) > 0",
		HasPrefix: "substr({1}, 1, length({2})) = {2}",
		HasSuffix: "substr({1}, length({1}) - length({2}) + 1) = {2}",
		Same:      "{1} IS {2}",
		Equal:     "{1} IS {2}",
		Text:      "CAST({1} AS TEXT)",
		Bytes:     "CAST({1} AS BLOB)",
		Items:     "json_each({1})",
		ItemsOf:   "json_each((SELECT json_group_array(id) FROM ({1})))",
		High:      "sum({1} / {2})",
		Low:       "sum({1} % {2})",
		Number:    "printf('%09d', {1})",
		Greatest:  "MAX({1}, {2})",
		Hash:      "coppice_hash({1})",

		// Times are kept as text in UTC that starts with the date.
		Day: "substr({1}, 1, 10)", Month: "substr({1}, 1, 7)", Year: "substr({1}, 1, 4)",
		Sum: "sum({2})", Avg: "avg({2})", FloatSum: "sum({2})", FloatAvg: "avg({2})", Extreme: "{1}({2})",

		NullsFirst: " NULLS FIRST", NullsLast: " NULLS LAST",
		Join: " CROSS JOIN ", Apart: "+",
		ReadBy: " INDEXED BY `{1}`", ReadByKey: " NOT INDEXED",

		// A constant is worked out once, and for each all before it are looked through
		// for the same: a statement of some thousand would take seconds to compile, in
		// which nothing can interrupt it. A subquery is no constant.
		MaxConstants:  256,
		TellsInserted: true,

		References: `SELECT m.name, f."from" FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f
		WHERE m.type = 'table' AND f."table" = ? COLLATE NOCASE AND f.on_delete IN ('NO ACTION', 'RESTRICT') ORDER BY m.name`,
		Tables: "SELECT COUNT(*) FROM sqlite_master WHERE name IN ({1})",
		Word:   "VARCHAR(255)",
		// The file is read instead of mapped, for a mapped file counts as memory of
		// this process; more is kept in memory, and the log grows longer, before the
		// places are looked for where new records go in the indexes. What a single
		// statement would have to take back, a page of each index for each row, stays
		// in memory as well: it is gone when the statement ends.
		Tuning: []string{"PRAGMA mmap_size = 0", "PRAGMA temp_store = memory", "PRAGMA cache_size = -65536", "PRAGMA wal_autocheckpoint = 32768"},
	}
})
