package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"coppice/core/fault"
)

// SQLite copies each page that a statement touches if it may have to undo a
// part of the statement. An INSERT of many rows copies a page for nearly each
// row and index, and RETURNING makes it one of many. Rows that a prepared
// statement inserts one at a time, without RETURNING, need no copies: so what
// ent writes as one statement runs as one for each row, three times as fast.

// identity is the column by which a table's rows are told apart.
type identity struct {
	column  string
	counted bool // by the engine: it is the rowid
	plain   bool // what it is given is what it holds
}

// identities returns those of tables by name. A composite one has no column.
func identities(tables []*schema.Table) map[string]identity {
	ids := make(map[string]identity, len(tables))
	for _, t := range tables {
		var id identity
		if len(t.PrimaryKey) == 1 {
			c := t.PrimaryKey[0]
			id.column = c.Name
			if len(c.SchemaType) == 0 {
				id.counted = c.Increment && c.Type.Integer()
				id.plain = c.Type.Integer() || c.Type == field.TypeString || c.Type == field.TypeUUID
			}
		}
		ids[t.Name] = id
	}
	return ids
}

// insertion is an INSERT as ent writes it, in its parts.
type insertion struct {
	table    string
	head     string   // up to VALUES
	rows     []string // such as (?, NULL, ?)
	conflict string   // the clause about conflicts, or ""
	id       string   // the column that is returned, or ""
	given    int      // where in a row its value stands; -1 where the engine makes it
}

// The one clause about conflicts by which no row depends on another.
const passOver = " ON CONFLICT DO NOTHING"

// parseInsert reads an INSERT into one of ent's tables, or returns nil: what
// is not of this very form runs as it is.
func parseInsert(query string, ids map[string]identity) *insertion {
	rest, ok := strings.CutPrefix(query, "INSERT INTO `")
	if !ok {
		return nil
	}
	table, rest, _ := strings.Cut(rest, "` (")
	columns, rest, ok := strings.Cut(rest, ") VALUES ")
	id, known := ids[table]
	if !ok || !known {
		return nil
	}
	in := &insertion{table: table, head: query[:len(query)-len(rest)], given: -1}
	in.rows, rest = valueRows(rest)
	switch {
	case len(in.rows) == 0:
		return nil
	case rest == "":
		return in
	case rest == passOver:
		in.conflict = rest
		return in
	case rest != " RETURNING `"+id.column+"`":
		return nil
	}
	in.id = id.column
	in.given = slices.Index(strings.Split(columns, ", "), "`"+id.column+"`")
	if in.given < 0 && id.counted || in.given >= 0 && id.plain {
		return in
	}
	return nil
}

// valueRows splits a list of rows that hold nothing but parameters and NULL
// from what follows it. It finds no rows where they hold anything else.
func valueRows(list string) (rows []string, rest string) {
	for strings.HasPrefix(list, "(") {
		end := strings.IndexByte(list, ')') + 1
		if end == 0 {
			return nil, ""
		}
		for item := range strings.SplitSeq(list[1:end-1], ", ") {
			if item != "?" && item != "NULL" {
				return nil, ""
			}
		}
		rows, list = append(rows, list[:end]), list[end:]
		next, more := strings.CutPrefix(list, ", ")
		if !more {
			return rows, list
		}
		list = next
	}
	return nil, ""
}

// inserted is what became of an insertion.
type inserted struct {
	rowids []int64
	ids    []driver.Value // those that are returned
	passed int            // rows that were passed over
}

// LastInsertId implements driver.Result.
func (r *inserted) LastInsertId() (int64, error) {
	if len(r.rowids) == 0 {
		return 0, nil
	}
	return r.rowids[len(r.rowids)-1], nil
}

// RowsAffected implements driver.Result.
func (r *inserted) RowsAffected() (int64, error) { return int64(len(r.rowids)), nil }

// table is the ids as the rows of a query.
func (r *inserted) table(in *insertion) *table {
	t := &table{columns: []string{in.id}, types: []string{""}, rows: make([][]driver.Value, len(r.ids))}
	for i := range r.ids {
		t.rows[i] = r.ids[i : i+1]
	}
	return t
}

// query runs a statement that gives rows, on a connection that was borrowed for
// it. The statement is nil where it has ended already.
func (s *session) query(ctx context.Context, l *connection, query string, k kind, args []driver.NamedValue) (*stmt, result, error) {
	if in := s.insertion(query, k, args); in != nil && in.id != "" {
		if res, done, err := s.insert(ctx, l, in, args); done {
			return nil, res.table(in), err
		}
	}
	return l.query(ctx, query, k, args)
}

// exec runs a statement whose rows, if any, are not wanted.
func (s *session) exec(ctx context.Context, l *connection, query string, k kind, args []driver.NamedValue) (driver.Result, error) {
	if in := s.insertion(query, k, args); in != nil {
		if res, done, err := s.insert(ctx, l, in, args); done {
			return res, err
		}
	}
	return l.exec(ctx, query, k, args)
}

// insertion returns the parts of a statement that is to run row by row, or
// nil. Outside of a transaction that is only a single row: of several, some
// could stay.
func (s *session) insertion(query string, k kind, args []driver.NamedValue) *insertion {
	if k != write {
		return nil
	}
	in := parseInsert(query, s.engine.ids)
	if in == nil || s.scope == nil && len(in.rows) > 1 {
		return nil
	}
	wanted := 0
	for _, row := range in.rows {
		wanted += strings.Count(row, "?")
		if in.given >= 0 && in.position(row) < 0 {
			return nil
		}
	}
	if wanted != len(args) {
		return nil // the driver says what is wrong
	}
	return in
}

// position is that of the given id among a row's arguments, or -1.
func (in *insertion) position(row string) int {
	items := strings.Split(strings.Trim(row, "()"), ", ")
	if in.given >= len(items) || items[in.given] != "?" {
		return -1
	}
	n := 0
	for _, item := range items[:in.given] {
		if item == "?" {
			n++
		}
	}
	return n
}

// insert runs an insertion row by row. It is not done where a row of several
// breaks a constraint: then the statement is to run as it is, for a row may
// refer to one that comes after it.
func (s *session) insert(ctx context.Context, l *connection, in *insertion, args []driver.NamedValue) (res *inserted, done bool, err error) {
	res = &inserted{rowids: make([]int64, 0, len(in.rows))}
	err = res.add(ctx, l, in, args)
	if err == nil || len(in.rows) == 1 {
		return res, true, err
	}
	if undone := res.undo(l, in); undone != nil {
		l.rollback()
		s.scope.lost = err
		return res, true, err
	}
	row := len(res.rowids) + res.passed
	var broken *sqlite.Error
	if errors.As(err, &broken) {
		switch broken.Code() { // of what no later row can make good
		case lib.SQLITE_CONSTRAINT_CHECK:
			return res, true, &fault.Check{Name: checkName(broken.Error()), Row: row, Cause: err}
		case lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY, lib.SQLITE_CONSTRAINT_ROWID:
			table, columns := uniqueColumns(broken.Error())
			return res, true, &fault.Unique{Table: table, Columns: columns, Row: row, Cause: err}
		case lib.SQLITE_CONSTRAINT_TRIGGER:
			return res, true, s.engine.raised(err, row)
		}
	}
	return res, code(err) != lib.SQLITE_CONSTRAINT, err
}

// add inserts the rows.
func (r *inserted) add(ctx context.Context, l *connection, in *insertion, args []driver.NamedValue) error {
	for len(in.rows) > len(r.rowids)+r.passed {
		from := len(r.rowids) + r.passed
		row := in.rows[from]
		end := from + 1
		for end < len(in.rows) && in.rows[end] == row {
			end++
		}
		width := strings.Count(row, "?")
		n := width * (end - from)
		if err := r.alike(ctx, l, in, row, args[:n], width, end-from); err != nil {
			return err
		}
		args = args[n:]
	}
	return nil
}

// alike inserts n rows of the same form.
func (r *inserted) alike(ctx context.Context, l *connection, in *insertion, row string, args []driver.NamedValue, width, n int) error {
	st, err := l.statement(ctx, in.head+row+in.conflict, write)
	if err != nil {
		return err
	}
	defer l.done(st)
	given := -1
	if in.given >= 0 {
		given = in.position(row)
	}
	values := make([]driver.NamedValue, width)
	for range n {
		if err := ctx.Err(); err != nil {
			return err
		}
		for i := range values {
			values[i] = driver.NamedValue{Ordinal: i + 1, Value: args[i].Value}
		}
		args = args[width:]
		// A row takes no time that is worth interrupting.
		res, err := st.ExecContext(context.Background(), values)
		if err != nil {
			return err
		}
		if affected, err := res.RowsAffected(); err != nil || affected == 0 {
			r.passed++
			continue
		}
		id, err := res.LastInsertId()
		if err != nil {
			return err
		}
		r.rowids = append(r.rowids, id)
		switch {
		case given >= 0:
			r.ids = append(r.ids, values[given].Value)
		case in.id != "":
			r.ids = append(r.ids, id)
		}
	}
	return nil
}

// undo takes the rows out again.
func (r *inserted) undo(l *connection, in *insertion) error {
	for _, id := range slices.Backward(r.rowids) {
		_, err := l.exec(context.Background(), "DELETE FROM `"+in.table+"` WHERE rowid = ?", write, []driver.NamedValue{{Ordinal: 1, Value: id}})
		if err != nil {
			return err
		}
	}
	return nil
}
