package postgres

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"

	atlas "ariga.io/atlas/sql/schema"
	"entgo.io/ent/dialect/sql/schema"

	"coppice/core/engine/migrate"
)

// namedRows is how many of the rows that stand in the way are named.
const namedRows = 3

// refuse keeps a reason for which nothing is changed.
func (m *migration) refuse(format string, args ...any) { m.propose("", format, args...) }

// propose is refuse, with the statement that ends the reason, if there is one.
func (m *migration) propose(statement, format string, args ...any) {
	m.found = append(m.found, migrate.Refusal{Reason: fmt.Sprintf(format, args...), Statement: statement, Rows: m.shown})
	m.shown = migrate.Rows{}
}

// show lets the next reason name some rows that meet a condition, by their keys, with what
// a column holds unless that is to stay secret.
func (m *migration) show(table, column, where string) {
	rows := migrate.Rows{Table: table, Count: m.count(fmt.Sprintf("SELECT count(*) FROM %s WHERE %s", quote(table), where))}
	shown, order := []string{}, "ctid"
	if i := slices.IndexFunc(m.tables, func(t *schema.Table) bool { return t.Name == table }); i >= 0 && len(m.tables[i].PrimaryKey) > 0 {
		order = ""
		for _, c := range m.tables[i].PrimaryKey {
			shown = append(shown, literal(c.Name+" ")+" || quote_literal("+quote(c.Name)+"::text)")
			order += ", " + quote(c.Name)
		}
		order = order[2:]
	}
	text := "'(' || " + strings.Join(append(shown, "''"), " || ', ' || ") + " || ')'"
	text = "replace(" + text + ", ', )', ')')"
	if column != "" && !slices.Contains(m.secrets[strings.ToLower(table)], strings.ToLower(column)) {
		text = fmt.Sprintf("substr(quote_nullable(%s::text), 1, 60) || ' ' || %s", quote(column), text)
	}
	rows.Examples = m.texts(fmt.Sprintf("SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT %d", text, quote(table), where, order, namedRows))
	m.shown = rows
}

// texts are those that a query lists.
func (m *migration) texts(query string) (list []string) {
	if m.err != nil {
		return nil
	}
	var rows *sql.Rows
	if rows, m.err = m.tx.QueryContext(m.ctx, query); m.err != nil {
		return nil
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if m.err = rows.Scan(&s); m.err != nil {
			return nil
		}
		list = append(list, s)
	}
	m.err = rows.Err()
	return list
}

// mended is a statement that gives rows which meet a condition a value of a column that
// may not be null, or takes them away where nobody knows one.
func (m *migration) mended(t *atlas.Table, c *atlas.Column, where string) string {
	value := ""
	switch column := m.column(t.Name, c.Name); {
	case slices.ContainsFunc(t.ForeignKeys, func(k *atlas.ForeignKey) bool {
		return slices.Contains(k.Columns, c) || slices.ContainsFunc(k.Columns, func(x *atlas.Column) bool { return x.Name == c.Name })
	}):
	case column == nil || column.Unique:
	case len(column.Enums) > 0:
		value = literal(column.Enums[0])
	case column.Type.Numeric():
		value = "0"
	default:
		value = map[string]string{"boolean": "false", "text": "''", "character varying": "''", "timestamp with time zone": "now()", "json": "'null'", "jsonb": "'null'", "bytea": `'\x'`}[typeName(c.Type.Type)]
	}
	if value == "" {
		return fmt.Sprintf("DELETE FROM %s WHERE %s", quote(t.Name), where)
	}
	return fmt.Sprintf("UPDATE %s SET %s = %s WHERE %s", quote(t.Name), quote(c.Name), value, where)
}

// apart is a statement that leaves rows which meet a condition with another value of a
// column of an index, or without one.
func (m *migration) apart(t *atlas.Table, idx *atlas.Index, where string) string {
	set := func(column, value string) string {
		return fmt.Sprintf("UPDATE %s SET %s = %s WHERE %s", quote(t.Name), quote(column), value, where)
	}
	for _, p := range idx.Parts {
		if name := typeName(p.C.Type.Type); (name == "text" || strings.HasPrefix(name, "character varying")) && t.PrimaryKey != nil && len(t.PrimaryKey.Parts) == 1 {
			return set(p.C.Name, quote(p.C.Name)+" || '-' || "+quote(t.PrimaryKey.Parts[0].C.Name))
		}
	}
	for _, p := range idx.Parts {
		if p.C.Type.Null {
			return set(p.C.Name, "NULL")
		}
	}
	return fmt.Sprintf("DELETE FROM %s WHERE %s", quote(t.Name), where)
}

// column is one of the schema's.
func (m *migration) column(table, name string) *schema.Column {
	for _, t := range m.tables {
		for _, c := range t.Columns {
			if t.Name == table && c.Name == name {
				return c
			}
		}
	}
	return nil
}

// enums refuses values of a table that its enums no longer have: nobody could read them.
func (m *migration) enums(t *atlas.Table) {
	for _, was := range t.Columns {
		c := m.column(t.Name, was.Name)
		if c == nil || len(c.Enums) == 0 {
			continue
		}
		list := make([]string, len(c.Enums))
		for i, v := range c.Enums {
			list[i] = literal(v)
		}
		where := fmt.Sprintf("%s::text NOT IN (%s)", quote(c.Name), strings.Join(list, ", "))
		n := m.count(fmt.Sprintf("SELECT count(*) FROM %s WHERE %s", quote(t.Name), where))
		if n == 0 {
			continue
		}
		value := list[0]
		if c.Nullable {
			value = "NULL"
		}
		m.show(t.Name, c.Name, where)
		m.propose(fmt.Sprintf("UPDATE %s SET %s = %s WHERE %s", quote(t.Name), quote(c.Name), value, where),
			"%d rows of %s have a %s that is no longer one of %s: put the values back, or change them first", n, t.Name, c.Name, strings.Join(c.Enums, ", "))
	}
}

// gone notes tables that schemas of ours made, and no longer have: they stay, and what is
// in them is out of sight.
func (m *migration) gone() {
	const others = "SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' ORDER BY 1"
	for _, name := range m.texts(others) {
		if !m.made[name] || slices.ContainsFunc(m.tables, func(t *schema.Table) bool { return t.Name == name }) {
			continue
		}
		if n := m.count("SELECT count(*) FROM " + quote(name)); n > 0 {
			m.notes = append(m.notes, fmt.Sprintf("the table %s is not in the schema any more: its %d rows stay, out of sight", name, n))
		}
	}
}
