package postgres

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"coppice/core/internal/statement"
)

// A serializable transaction that reads a row by an index marks the page of the index,
// on which others insert theirs: two that each make a record and read it again would
// stand in each other's way. Where a row lies in its table it is read without a mark, if
// the transaction made it. So an INSERT that returns ids is asked for that as well.

// placing is a statement that is about to run, with the place of each row that it
// makes where it returns their ids, and the table of these. After any other that
// changes something, rows may lie elsewhere.
func (t *transaction) placing(ctx context.Context, query string) (asked, table string) {
	p := statement.ProgressOf(ctx)
	if p == nil || t.readOnly || reads(query) {
		return query, ""
	}
	rest, inserts := strings.CutPrefix(query, `INSERT INTO "`)
	if !inserts {
		p.Move()
		return query, ""
	}
	table, _, _ = strings.Cut(rest, `"`)
	_, returned, ok := strings.Cut(rest, ` RETURNING "`)
	if !ok || strings.Contains(rest, " ON CONFLICT ") || strings.Count(returned, `"`) != 1 {
		return query, ""
	}
	return query + ", ctid", table
}

// noted notes where the row lies that is being read, which its last column says.
func (r *rows) noted(raw [][]byte) error {
	id, err := r.value(r.fields[0], raw[0])
	if err != nil {
		return err
	}
	at, err := tid(r.fields[1], raw[1])
	if err != nil {
		return err
	}
	statement.ProgressOf(r.ctx).Place(r.places, id, at)
	return nil
}

// tid is the place of a row in its table as PostgreSQL writes it: (block,offset).
func tid(f pgconn.FieldDescription, raw []byte) (string, error) {
	switch {
	case f.Format == pgx.TextFormatCode:
		return string(raw), nil
	case len(raw) == 6:
		return fmt.Sprintf("(%d,%d)", binary.BigEndian.Uint32(raw), binary.BigEndian.Uint16(raw[4:])), nil
	}
	return "", fmt.Errorf("database: a place of a row has %d bytes", len(raw))
}
