package postgres

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"coppice/core/fault"
)

// PostgreSQL does not tell which row of an INSERT broke a rule. Where one did, the rows
// are tried one by one to find out, and taken back.

// rowsOf splits an INSERT of several rows, as ent writes it, into what stands before
// the rows, and the rows; it finds none where the statement is of another form.
func rowsOf(query string) (head string, rows []string) {
	if !strings.HasPrefix(query, "INSERT INTO ") {
		return "", nil
	}
	head, list, ok := strings.Cut(query, ") VALUES ")
	if !ok {
		return "", nil
	}
	for strings.HasPrefix(list, "(") {
		end := strings.IndexByte(list, ')') + 1
		if end == 0 {
			return "", nil
		}
		for item := range strings.SplitSeq(list[1:end-1], ", ") {
			if _, err := strconv.Atoi(strings.TrimPrefix(item, "$")); err != nil && item != "NULL" && item != "DEFAULT" {
				return "", nil
			}
		}
		rows = append(rows, list[:end])
		next, more := strings.CutPrefix(list[end:], ", ")
		if !more {
			break
		}
		list = next
	}
	return head + ") VALUES ", rows
}

// locate finds the row that broke a rule, and writes it into the error.
func (t *transaction) locate(ctx context.Context, query string, args []any, err error) {
	row := rowIn(err)
	if row == nil {
		return
	}
	head, rows := rowsOf(query)
	if len(rows) < 2 {
		*row = max(0, *row)
		if len(rows) == 0 && errors.As(err, new(*fault.Unique)) {
			*row = -1
		}
		return
	}
	code := codeOf(err)
	for i, values := range rows {
		text, own := single(values, args)
		if _, failed := t.conn.Exec(ctx, head+text, own...); failed != nil {
			if codeOf(failed) == code {
				*row = i
			}
			break
		}
	}
	_, _ = t.conn.Exec(context.WithoutCancel(ctx), "ROLLBACK TO SAVEPOINT "+savepoint) // what follows tells
}

// rowIn is where an error says which row it was, or nil.
func rowIn(err error) *int {
	var unique *fault.Unique
	var check *fault.Check
	var trigger *fault.Trigger
	var form *fault.Form
	switch {
	case errors.As(err, &unique):
		return &unique.Row
	case errors.As(err, &check):
		return &check.Row
	case errors.As(err, &trigger):
		return &trigger.Row
	case errors.As(err, &form):
		return &form.Row
	}
	return nil
}

func codeOf(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

// single is a row of several as the only one, with its arguments.
func single(values string, args []any) (text string, own []any) {
	items := strings.Split(strings.Trim(values, "()"), ", ")
	for i, item := range items {
		if n, err := strconv.Atoi(strings.TrimPrefix(item, "$")); err == nil && n <= len(args) {
			own = append(own, args[n-1])
			items[i] = "$" + strconv.Itoa(len(own))
		}
	}
	return "(" + strings.Join(items, ", ") + ")", own
}
