package migrate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"coppice/core/internal/lexer"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"
)

// SQLite counts ids in the table sqlite_sequence, and forgets its row when a
// table is dropped, as it is when it is made anew.
const hasSequences = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'sqlite_sequence'"

// sequences are the highest ids that the tables have given, by table.
func sequences(ctx context.Context, tx *Tx) (map[string]int64, error) {
	given := map[string]int64{}
	var there bool
	if err := tx.QueryRowContext(ctx, hasSequences).Scan(&there); err != nil || !there {
		return given, err
	}
	rows, err := tx.QueryContext(ctx, "SELECT name, CAST(seq AS INTEGER) FROM sqlite_sequence")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var last int64
		if err := rows.Scan(&name, &last); err != nil {
			return nil, err
		}
		given[name] = max(given[name], last)
	}
	return given, rows.Err()
}

// renamedSequences are the ids that tables had given, by the names that they have now.
func renamedSequences(given map[string]int64, to map[string]string) map[string]int64 {
	now := make(map[string]int64, len(given))
	for name, last := range given {
		if other, ok := to[name]; ok {
			name = other
		}
		now[name] = max(now[name], last)
	}
	return now
}

// restoreSequences lets the tables count on from what they had given. Of a
// table that is gone the row stays, for one of its name that comes after it.
func restoreSequences(ctx context.Context, tx *Tx, given map[string]int64) error {
	now, err := sequences(ctx, tx)
	if err != nil {
		return err
	}
	for name, last := range given {
		query := "UPDATE sqlite_sequence SET seq = ?2 WHERE name = ?1"
		if reached, ok := now[name]; !ok {
			query = "INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)"
		} else if reached >= last {
			continue
		}
		if _, err := tx.ExecContext(ctx, query, name, last); err != nil {
			return err
		}
	}
	return nil
}

// counting makes each table with an integer for its id, which SQLite can count,
// count it: else it gives the id of the last record anew once that is deleted.
func counting(tables []*schema.Table) {
	for _, t := range tables {
		if len(t.PrimaryKey) != 1 || t.View {
			continue
		}
		if id := t.PrimaryKey[0]; id.Type.Integer() && id.Default == nil {
			id.Increment = true
			if id.SchemaType[dialect.SQLite] != "" {
				id.SchemaType = map[string]string{dialect.SQLite: "integer"}
			}
		}
	}
}

// countIDs makes the tables of the file count their ids where they did not.
// They are stored alike, so that only the text of the table changes.
func countIDs(ctx context.Context, tx *Tx, tables []*schema.Table) error {
	var changed []object
	list, err := objects(ctx, tx, "'table'")
	if err != nil {
		return err
	}
	for _, t := range tables {
		i := slices.IndexFunc(list, func(o object) bool { return o.name == t.Name })
		if i < 0 || t.View || len(t.PrimaryKey) != 1 || !t.PrimaryKey[0].Increment {
			continue
		}
		var rowid bool // the id is the engine's own number of the row
		err := tx.QueryRowContext(ctx, "SELECT COUNT(*) = 1 AND upper(max(type)) = 'INTEGER' FROM pragma_table_info(?) WHERE pk > 0", t.Name).Scan(&rowid)
		if err != nil {
			return err
		}
		if made, ok := withAutoincrement(list[i].made); ok && rowid {
			changed = append(changed, object{name: t.Name, made: made})
		}
	}
	if len(changed) == 0 {
		return nil
	}
	var version int
	if err := tx.QueryRowContext(ctx, "PRAGMA schema_version").Scan(&version); err != nil {
		return err
	}
	// sqlite_sequence comes with the first table that counts.
	run := []string{"CREATE TABLE coppice_counts (id INTEGER PRIMARY KEY AUTOINCREMENT)", "DROP TABLE coppice_counts", "PRAGMA writable_schema = on"}
	for _, o := range changed {
		run = append(run, "UPDATE sqlite_master SET sql = "+asText(o.made)+" WHERE type = 'table' AND name = "+asText(o.name))
	}
	run = append(run, fmt.Sprintf("PRAGMA schema_version = %d", version+3), "PRAGMA writable_schema = reset")
	for _, o := range changed {
		run = append(run, "INSERT INTO sqlite_sequence (name, seq) SELECT "+asText(o.name)+", max(_rowid_) FROM "+quote(o.name)+" HAVING max(_rowid_) > 0")
	}
	for _, query := range run {
		if _, err := tx.ExecContext(ctx, query); err != nil {
			return fmt.Errorf("count ids: %w", err)
		}
	}
	return nil
}

// withAutoincrement is the statement that makes a table, with a primary key
// that the engine counts; false where it does so, or cannot.
func withAutoincrement(made string) (string, bool) {
	place := -1
	sc := lexer.Scanner{SQL: made}
	for t := sc.Next(); t.Kind != lexer.End; t = sc.Next() {
		if t.Is("AUTOINCREMENT") || t.Is("WITHOUT") || t.Is("DESC") {
			return made, false
		}
		if t.Is("KEY") && place < 0 && strings.HasSuffix(strings.ToUpper(strings.TrimSpace(made[:sc.Offset()-len("KEY")])), "PRIMARY") {
			place = afterKey(sc)
		}
	}
	if place < 0 {
		return made, false
	}
	return made[:place] + " AUTOINCREMENT" + made[place:], true
}

// afterKey is where AUTOINCREMENT stands after PRIMARY KEY.
func afterKey(sc lexer.Scanner) int {
	place := sc.Offset()
	next := sc.Next()
	list := next.Is("(")
	if list {
		sc.Next() // the column
		place = sc.Offset()
		next = sc.Next()
	}
	if next.Is("ASC") {
		place = sc.Offset()
		next = sc.Next()
	}
	if next.Is("ON") && !list { // CONFLICT, and what to do then
		sc.Next()
		sc.Next()
		place = sc.Offset()
	}
	return place
}
