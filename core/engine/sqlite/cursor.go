package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"reflect"
	"slices"
)

// result is what the engine's driver offers on rows.
type result interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypePrecisionScale
	driver.RowsColumnTypeScanType
}

// errCursorClosed is never seen: database/sql reads no closed rows.
var errCursorClosed = errors.New("the rows are closed")

// cursor is an open result. Closing it gives back the statement, and outside a
// transaction the connection, exactly once.
type cursor struct {
	result
	engine *engine
	link   *connection
	stmt   *stmt // nil where it has ended already
	query  string
	scope  *scope // nil outside a transaction
	ctx    context.Context
	done   <-chan struct{}
	trace  *trace
	permit permit
	rows   int
	times  []bool // which columns are expressions over times, once asked for
	over   error  // why it reads no further, or nil while it is open
}

// Next implements driver.Rows.
func (c *cursor) Next(dest []driver.Value) error {
	if c.over != nil {
		return c.over
	}
	// The driver watches the context during the first step only.
	select {
	case <-c.done:
		return c.ctx.Err()
	default:
	}
	c.trace.start()
	err := c.result.Next(dest)
	c.trace.stop()
	if err != nil {
		if errors.Is(err, io.EOF) {
			return io.EOF
		}
		return c.engine.failed(c.ctx, c.scope, err)
	}
	c.rows++
	for i, v := range dest {
		if text, ok := v.(string); ok && looksLikeTime(text) && c.ofTime(i) {
			dest[i] = parseTime(text)
		}
	}
	return nil
}

// ofTime reports an expression over a time column, such as MAX(created_at).
// The driver goes by the declared type, which an expression has not.
func (c *cursor) ofTime(column int) bool {
	if c.ColumnTypeDatabaseTypeName(column) != "" {
		return false
	}
	if c.times == nil {
		c.times = make([]bool, len(c.Columns()))
		if items := selected(c.query, c.engine.times); len(items) == len(c.times) {
			c.times = items
		}
	}
	return c.times[column]
}

// Close implements driver.Rows.
func (c *cursor) Close() error {
	if c.over != nil { // closed already, which is no error of this call
		return nil //nolint:nilerr // over is why the cursor ended, and was told then
	}
	err := c.finish(errCursorClosed)
	if c.scope == nil {
		err = c.engine.confirm(c.link, err)
		c.engine.release(c.link)
	} else if i := slices.Index(c.scope.cursors, c); i >= 0 {
		c.scope.cursors = slices.Delete(c.scope.cursors, i, i+1)
	}
	return c.engine.failed(c.ctx, c.scope, err)
}

// finish ends the result without giving back its connection.
func (c *cursor) finish(why error) error {
	c.over = why
	c.trace.start()
	err := c.result.Close()
	c.trace.stop()
	if c.stmt != nil {
		c.link.done(c.stmt)
	}
	c.permit.end(c.scope)
	c.trace.record(c.rows)
	return err
}

// collect reads all rows and closes the cursor. A write on its own commits
// only then: it must not hold up others for as long as its caller reads, nor
// may its failure be left to a Close that nobody looks at.
func (c *cursor) collect() (driver.Rows, error) {
	t := &table{columns: c.Columns()}
	for i := range t.columns {
		t.types = append(t.types, c.ColumnTypeDatabaseTypeName(i))
	}
	for {
		row := make([]driver.Value, len(t.columns))
		err := c.Next(row)
		if err == nil {
			t.rows = append(t.rows, row)
			continue
		}
		closed := c.Close() // where reading failed it only repeats that
		if !errors.Is(err, io.EOF) {
			return nil, err
		}
		if closed != nil {
			return nil, closed
		}
		return t, nil
	}
}

// table is a result in memory. It may outlive its connection.
type table struct {
	columns []string
	types   []string
	rows    [][]driver.Value
}

// Columns implements driver.Rows.
func (t *table) Columns() []string { return t.columns }

// Close implements driver.Rows.
func (t *table) Close() error { return nil }

// Next implements driver.Rows.
func (t *table) Next(dest []driver.Value) error {
	if len(t.rows) == 0 {
		return io.EOF
	}
	copy(dest, t.rows[0])
	t.rows = t.rows[1:]
	return nil
}

// ColumnTypeDatabaseTypeName implements driver.RowsColumnTypeDatabaseTypeName.
func (t *table) ColumnTypeDatabaseTypeName(i int) string {
	if i < len(t.types) {
		return t.types[i]
	}
	return ""
}

// ColumnTypeLength implements driver.RowsColumnTypeLength.
func (*table) ColumnTypeLength(int) (int64, bool) { return 0, false }

// ColumnTypeNullable implements driver.RowsColumnTypeNullable.
func (*table) ColumnTypeNullable(int) (nullable, ok bool) { return true, true }

// ColumnTypePrecisionScale implements driver.RowsColumnTypePrecisionScale.
func (*table) ColumnTypePrecisionScale(int) (precision, scale int64, ok bool) { return 0, 0, false }

// ColumnTypeScanType implements driver.RowsColumnTypeScanType.
func (*table) ColumnTypeScanType(int) reflect.Type { return reflect.TypeFor[any]() }
