package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
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

var errCursorClosed = errors.New("the rows are closed")

// cursor is an open result. Closing it gives back the statement, and outside a
// transaction the connection, exactly once.
type cursor struct {
	result
	engine *engine
	link   *link
	stmt   *stmt
	query  string
	scope  *scope // nil outside a transaction
	ctx    context.Context
	done   <-chan struct{}
	trace  *trace
	rows   int
	times  []bool // which columns are expressions over times, once asked for
	over   error  // why it reads no further, or nil while it is open
}

// Next implements driver.Rows.
func (c *cursor) Next(dest []driver.Value) error {
	if c.over != nil {
		return c.over
	}
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
	if c.over != nil {
		return nil
	}
	sc := c.scope
	err := c.cut(errCursorClosed)
	if sc == nil {
		// An INSERT … RETURNING commits here.
		err = c.engine.failed(c.ctx, nil, err)
		c.engine.release(c.link)
		return err
	}
	if i := slices.Index(sc.cursors, c); i >= 0 {
		sc.cursors = slices.Delete(sc.cursors, i, i+1)
	}
	return c.engine.failed(c.ctx, sc, err)
}

// cut ends the result without giving back its connection.
func (c *cursor) cut(why error) error {
	c.over = why
	c.trace.start()
	err := c.result.Close()
	c.trace.stop()
	c.link.done(c.stmt)
	c.trace.record(c.rows)
	return err
}
