package migrate

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql/schema"
)

// The statements of the table that tells what was applied.
const (
	createHistory  = "CREATE TABLE IF NOT EXISTS coppice_schema (id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL, applied_at DATETIME NOT NULL, made TEXT)"
	widenHistory   = "ALTER TABLE coppice_schema ADD COLUMN made TEXT"
	findHistory    = "SELECT COUNT(*) FROM pragma_table_info('coppice_schema') WHERE name IN ('fingerprint', 'made')"
	readHistory    = "SELECT fingerprint, coalesce(made, '') FROM coppice_schema ORDER BY id"
	readOldHistory = "SELECT fingerprint, '' FROM coppice_schema ORDER BY id"
	addHistory     = "INSERT INTO coppice_schema (fingerprint, applied_at, made) VALUES (?, ?, ?)"
)

// current reports that the last schema applied is ours, and on record.
func (m *Migration) current(applied []application) bool {
	if len(applied) == 0 {
		return false
	}
	last := applied[len(applied)-1]
	return last.print == m.want && last.made.Tables != nil
}

// Made reports that a schema was applied to a database before.
func (m *Migration) Made(ctx context.Context, db *sql.DB) (bool, error) {
	applied, err := history(ctx, db)
	return len(applied) > 0, err
}

// newer reports whether the last schema applied came after ours. One that was
// there before is an older one that somebody went back to.
func newer(applied []application, ours string) bool {
	find := func(print string) int {
		return slices.IndexFunc(applied, func(a application) bool { return a.print == print })
	}
	first := find(ours)
	return first >= 0 && find(applied[len(applied)-1].print) > first
}

// application is a schema that was applied to a database.
type application struct {
	print string
	made  inventory
}

// history returns the schemas that were applied to the database.
func history(ctx context.Context, q interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}) ([]application, error) {
	applied := []application{}
	var columns int
	if err := q.QueryRowContext(ctx, findHistory).Scan(&columns); err != nil || columns == 0 {
		return applied, err
	}
	read := readHistory
	if columns == 1 {
		read = readOldHistory
	}
	rows, err := q.QueryContext(ctx, read)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var a application
		var made string
		if err := rows.Scan(&a.print, &made); err != nil {
			return nil, err
		}
		if made != "" {
			if err := json.Unmarshal([]byte(made), &a.made); err != nil {
				return nil, fmt.Errorf("read what is recorded of its schema: %w", err)
			}
		}
		applied = append(applied, a)
	}
	return applied, rows.Err()
}

// recordSchema adds the program's schema to those that were applied.
func (m *Migration) recordSchema(ctx context.Context, tx *Tx, tables []*schema.Table) error {
	made, err := json.Marshal(inventoryOf(tables, m.views))
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, createHistory); err != nil {
		return err
	}
	var columns int
	if err := tx.QueryRowContext(ctx, findHistory).Scan(&columns); err != nil {
		return err
	}
	if columns == 1 { // of an older version of this program, which kept no inventory
		if _, err := tx.ExecContext(ctx, widenHistory); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, addHistory, m.want, time.Now(), string(made))
	return err
}
