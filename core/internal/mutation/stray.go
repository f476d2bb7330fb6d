package mutation

import (
	"context"
	"fmt"
	"strings"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"coppice/core/model"
	"coppice/core/record"
)

// Stray tells, as a sentence, which tables that the schemas no longer have
// still refer to records of an entity, those with the given ids or, without
// any, all; it is "" where none does.
func Stray(ctx context.Context, client *record.Client, e *model.Entity, ids []any) (string, error) {
	s := NewSet(client)
	keys, err := s.strayKeys(ctx, e.Table)
	if err != nil {
		return "", err
	}
	var told []string
	for _, k := range keys {
		t := sql.Table(k.table)
		count := sql.Dialect(dialect.SQLite).Select("COUNT(*)").From(t).Where(sql.NotNull(t.C(k.column)))
		if len(ids) > 0 {
			count.Where(sql.In(t.C(k.column), ids...))
		}
		query, args := count.Query()
		var n int64
		err := s.query(ctx, query, args, 1, func(row []any) error {
			n, _ = row[0].(int64)
			return nil
		})
		if err != nil {
			return "", err
		}
		if n > 0 {
			told = append(told, fmt.Sprintf("Table %s, which the schemas no longer have, still has %d rows that refer to it, by %s.", k.table, n, k.column))
		}
	}
	if len(told) > 0 {
		told = append(told, "To let such tables go, open the database once with ?loss=allow in its URL.")
	}
	return strings.Join(told, " "), nil
}

// strayKey is a foreign key of a table that is of no schema.
type strayKey struct{ table, column string }

// strayKeys lists those that lead to a table, and are not cleared with it.
func (s *Set) strayKeys(ctx context.Context, to string) (list []strayKey, err error) {
	if s.client.Driver().Dialect() != dialect.SQLite {
		return []strayKey{}, nil
	}
	ours := map[string]bool{}
	for _, e := range s.model.Entities {
		ours[strings.ToLower(e.Table)] = true
		for _, ed := range e.Edges {
			ours[strings.ToLower(ed.Table)] = true
		}
	}
	const keys = `SELECT m.name, f."from" FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f
		WHERE m.type = 'table' AND f."table" = ? COLLATE NOCASE AND f.on_delete IN ('NO ACTION', 'RESTRICT') ORDER BY m.name`
	err = s.query(ctx, keys, []any{to}, 2, func(row []any) error {
		k := strayKey{fmt.Sprint(row[0]), fmt.Sprint(row[1])}
		if !ours[strings.ToLower(k.table)] {
			list = append(list, k)
		}
		return nil
	})
	return list, err
}
