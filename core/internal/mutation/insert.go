package mutation

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/sqlgraph"
	"entgo.io/ent/schema/field"

	"coppice/core/model"
	"coppice/core/record"
)

// saveOne writes a new record as ent does. Where no hook is to see it, and its
// row is all that there is to write, this takes ent's columns and values, and
// leaves out what ent needs a statement's builder and a transaction of its own
// for.
func (s *Set) saveOne(ctx context.Context, e *model.Entity, b record.Builder) (any, error) {
	counted := e.Counted || !e.UserID && (e.ID.Kind == model.Int || e.ID.Kind == model.BigInt)
	if !counted || s.hooked(e) || s.client.Driver().Dialect() != dialect.SQLite {
		return b.Save(ctx)
	}
	spec, err := b.Spec()
	if err != nil {
		return nil, err
	}
	columns, values, ok := rowOf(spec)
	if !ok {
		return b.Save(ctx)
	}
	var res sql.Result
	if err := s.client.Driver().Exec(ctx, insertText(e.Table, columns), values, &res); err != nil {
		return nil, fmt.Errorf("mutation: %w", err)
	}
	id, err := res.LastInsertId()
	if err != nil {
		return nil, fmt.Errorf("mutation: %w", err)
	}
	return e.TypedID(id)
}

// rowOf is the columns of a new record and their values; ok is false where more
// than the row has to be written, or an id is given.
func rowOf(spec *sqlgraph.CreateSpec) (columns []string, values []any, ok bool) {
	if spec.ID == nil || spec.ID.Value != nil {
		return nil, nil, false
	}
	n := len(spec.Fields) + len(spec.Edges)
	columns, values = make([]string, 0, n), make([]any, 0, n)
	for _, f := range spec.Fields {
		v := f.Value
		if f.Type == field.TypeJSON {
			raw, err := json.Marshal(v)
			if err != nil {
				return nil, nil, false
			}
			v = json.RawMessage(raw)
		}
		columns, values = append(columns, f.Column), append(values, v)
	}
	for _, ed := range spec.Edges {
		own := ed.Rel == sqlgraph.M2O || ed.Rel == sqlgraph.O2O && ed.Inverse && !ed.Bidi
		if !own || len(ed.Target.Nodes) != 1 || slices.Contains(columns, ed.Columns[0]) {
			return nil, nil, false
		}
		columns, values = append(columns, ed.Columns[0]), append(values, any(ed.Target.Nodes[0]))
	}
	return columns, values, len(columns) > 0
}

// insertText is the INSERT of a row with values for some columns.
func insertText(table string, columns []string) string {
	var b strings.Builder
	b.Grow(len("INSERT INTO `` () VALUES ()") + len(table) + 24*len(columns))
	b.WriteString("INSERT INTO `" + table + "` (")
	for i, c := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('`')
		b.WriteString(c)
		b.WriteByte('`')
	}
	b.WriteString(") VALUES (")
	for i := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('?')
	}
	b.WriteByte(')')
	return b.String()
}
