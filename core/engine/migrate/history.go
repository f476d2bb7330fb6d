package migrate

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql/schema"

	"coppice/core/record"
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
	made  Inventory
}

// Applied is a schema that was applied to a database, and the renamings that it knew of.
type Applied struct {
	Fingerprint string
	Renames     []string
}

// Done reports whether a renaming was done in a database, where its names alone do not
// tell, since something else has the older one today. It was if the schema applied last
// knew of it, or if that is one from before it, to which somebody went back: what is in
// the database stayed under its new names.
func Done(history []Applied, renaming string) bool {
	if len(history) == 0 {
		return false
	}
	last := history[len(history)-1]
	knows := func(a Applied) bool { return slices.Contains(a.Renames, renaming) }
	is := func(a Applied) bool { return a.Fingerprint == last.Fingerprint }
	first := slices.IndexFunc(history, knows)
	return knows(last) || first >= 0 && slices.IndexFunc(history, is) < first
}

// Done reports whether a renaming was done in a database, under whatever names: what was
// renamed then may have been so again since.
func (s Schema) Done(history []Applied, n record.Rename) bool {
	if s.Settled {
		return true
	}
	if len(s.Renamed) > 0 {
		history = append(history[:len(history):len(history)], Applied{Renames: s.Renamed})
	}
	for _, table := range s.since(record.Rename{Table: n.Table}, n) {
		columns, values := []string{""}, []string{""}
		if n.Column != "" {
			columns = s.since(record.Rename{Table: n.Table, Column: n.Column}, n)
		}
		if n.Value != "" {
			values = s.since(n, n)
		}
		for _, column := range columns {
			for _, value := range values {
				if Done(history, declared(record.Rename{Table: table, Column: column, Value: value, From: n.From})) {
					return true
				}
			}
		}
	}
	return false
}

// since are the names of something, and of what has the renaming those that came after
// its older name: an earlier one may have been another's when that was given up.
func (s Schema) since(of, n record.Rename) []string {
	list := []string{}
	for _, o := range s.Renames {
		if o.Table != of.Table || o.Column != of.Column || o.Value != of.Value {
			continue
		}
		if list = append(list, o.From); o == n {
			list = list[:0]
		}
	}
	return append(list, cmp.Or(of.Value, of.Column, of.Table))
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
	inventory := InventoryOf(tables, m.views)
	inventory.Renames = m.schema.Declared()
	made, err := json.Marshal(inventory)
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
