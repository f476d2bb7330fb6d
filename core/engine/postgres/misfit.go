package postgres

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"coppice/core/fault"
)

// PostgreSQL does not tell which column a value does not fit into, nor does the driver,
// which refuses some by itself. Where one does not, each is tried alone, on a table of
// the same columns that nobody else sees.

// forProbe bounds the wait for a connection to try values on, which may have to be made.
const forProbe = 2 * time.Second

// given is a value that a statement gives a column, in one of its rows.
type given struct {
	row    int
	column string
	value  any
}

// misfit names in the error of a statement the column whose value it does not take,
// where that is what failed.
func (s *server) misfit(ctx context.Context, query string, args []any, err error) error {
	var form *fault.Form
	switch known := errors.As(err, &form); {
	case known && form.Column != "":
		return err
	case !known && (ctx.Err() != nil || isOurs(err) || lostConnection(err) || errors.As(err, new(*pgconn.PgError))):
		return err
	}
	table, values := valuesOf(query, args)
	at := s.firstMisfit(ctx, table, values, form)
	switch {
	case at == nil:
		return err
	case form == nil: // the driver's own
		return &fault.Form{Table: table, Column: at.column, Row: at.row, Takes: "a value that its column holds", Cause: err}
	}
	form.Table, form.Column = table, at.column
	return err
}

// firstMisfit is the first value that its column does not take; in the row that an
// error names, if there is one.
func (s *server) firstMisfit(ctx context.Context, table string, values []given, form *fault.Form) *given {
	if len(values) == 0 {
		return nil
	}
	wait, cancel := context.WithTimeout(ctx, forProbe)
	defer cancel()
	c, err := s.pool.Acquire(wait)
	if err != nil {
		return nil // the error stays as it is
	}
	defer c.Release()
	tx, err := c.Begin(ctx)
	if err != nil {
		return nil
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // what was tried goes
	const probe = "coppice_probe"
	if _, err := tx.Exec(ctx, "CREATE TEMP TABLE "+probe+" AS SELECT * FROM "+pgx.Identifier{table}.Sanitize()+" WITH NO DATA"); err != nil {
		return nil
	}
	for _, v := range values {
		if form != nil && v.row != form.Row {
			continue
		}
		// In a part of the transaction of its own, which is taken back.
		err := pgx.BeginFunc(ctx, tx, func(part pgx.Tx) error {
			_, err := part.Exec(ctx, "INSERT INTO pg_temp."+probe+" ("+pgx.Identifier{v.column}.Sanitize()+") VALUES ($1)", v.value)
			return err
		})
		var pg *pgconn.PgError
		switch refused := errors.As(err, &pg); {
		case ctx.Err() != nil || lostConnection(err):
			return nil
		case refused && strings.HasPrefix(pg.Code, dataException), err != nil && !refused:
			return &v
		}
	}
	return nil
}

// sets finds what an UPDATE sets to an argument.
var sets = regexp.MustCompile(`"([^"]+)" = \$(\d+)`)

// valuesOf are the values that an INSERT or UPDATE of ent's, or ours, gives the columns
// of a table; none of a statement of another form.
func valuesOf(query string, args []any) (table string, values []given) {
	value := func(row int, column, number string) {
		if n, err := strconv.Atoi(number); err == nil && n >= 1 && n <= len(args) {
			values = append(values, given{row, column, args[n-1]})
		}
	}
	if rest, ok := strings.CutPrefix(query, `UPDATE "`); ok {
		table, rest, _ = strings.Cut(rest, `" SET `)
		rest, _, _ = strings.Cut(rest, " WHERE ")
		for _, m := range sets.FindAllStringSubmatch(rest, -1) {
			value(0, m[1], m[2])
		}
		return table, values
	}
	head, rows := rowsOf(query)
	table, names, _ := strings.Cut(strings.TrimPrefix(head, `INSERT INTO "`), `" (`)
	columns := strings.Split(strings.TrimSuffix(names, ") VALUES "), ", ")
	for i, row := range rows {
		items := strings.Split(strings.Trim(row, "()"), ", ")
		for j := range min(len(items), len(columns)) {
			if number, ok := strings.CutPrefix(items[j], "$"); ok {
				value(i, strings.Trim(columns[j], `"`), number)
			}
		}
	}
	return table, values
}
