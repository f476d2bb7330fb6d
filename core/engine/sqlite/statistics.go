package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
)

// The planner weighs by sqlite_stat1, which says how many rows there were when
// somebody last counted; a connection reads it with the schema. Our statements say
// by themselves how they are to be run (internal/index), but there are others: a
// resolver's own SQL, ent's, the engine's own look for what a foreign key points
// from. So a connection is made to plan as if the file said nothing. The file keeps what
// it says, for other programs.

// disregard makes a connection forget what the file says of its tables: it takes
// that out in a transaction, reads that there is nothing, and rolls back. Where somebody
// else writes at this moment it leaves it for the next time.
func (l *connection) disregard(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	tables := l.column(ctx, "SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('sqlite_stat1', 'sqlite_stat4')")
	if len(tables) == 0 {
		l.believes = false
		return
	}
	restore := []string{"PRAGMA busy_timeout = 0", "PRAGMA query_only = 0"}
	for i, name := range []string{"busy_timeout", "query_only"} {
		if v := l.column(ctx, "PRAGMA "+name); len(v) == 1 {
			restore[i] = "PRAGMA " + name + " = " + fmt.Sprint(v[0])
		}
	}
	defer func() {
		for _, pragma := range restore {
			if l.run(ctx, pragma) != nil {
				l.broken = true
			}
		}
	}()
	begin := []string{"PRAGMA busy_timeout = 0", "PRAGMA query_only = 0", "BEGIN IMMEDIATE"}
	if len(tables) == 1 {
		// To read is to make the table that is missing, empty; to take that back would
		// have all be read once more.
		begin = slices.Insert(begin, 2, "ANALYZE sqlite_schema")
	}
	for _, query := range begin {
		if err := l.run(ctx, query); err != nil {
			l.believes = busy(err)
			return
		}
	}
	defer l.rollback()
	l.believes = false
	for _, table := range tables {
		// A count of its own first: what is not there does not take back that an
		// index is said to be in no order.
		query := "DELETE FROM " + fmt.Sprint(table)
		if fmt.Sprint(table) == "sqlite_stat1" {
			if l.run(ctx, "UPDATE sqlite_stat1 SET stat = '1000000'") != nil || l.run(ctx, "ANALYZE sqlite_schema") != nil {
				return
			}
		}
		if l.run(ctx, query) != nil {
			return
		}
	}
	_ = l.run(ctx, "ANALYZE sqlite_schema")
}

// column is the first column of a query's rows; none where it fails.
func (l *connection) column(ctx context.Context, query string) (values []driver.Value) {
	st, rows, err := l.query(ctx, query, other, nil)
	if err != nil {
		return nil
	}
	defer l.done(st)
	defer rows.Close()
	row := make([]driver.Value, len(rows.Columns()))
	for rows.Next(row) == nil {
		values = append(values, row[0])
	}
	return values
}
