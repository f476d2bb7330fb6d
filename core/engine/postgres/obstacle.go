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
			shown = append(shown, literal(c.Name+" ")+" || "+quote(c.Name)+"::text")
			order += ", " + quote(c.Name)
		}
		order = order[2:]
	}
	text := "''"
	if len(shown) > 0 {
		text = "'(' || " + strings.Join(shown, " || ', ' || ") + " || ')'"
	}
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
		return m.without(t.Name, where)
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
	return m.without(t.Name, where)
}

// without is a statement that takes rows away; "" where others may lead to them, for
// which nobody can say what is to become of those.
func (m *migration) without(table, where string) string {
	const led = `SELECT count(*) FROM pg_constraint c JOIN pg_class t ON t.oid = c.confrelid
		WHERE c.contype = 'f' AND c.confdeltype IN ('a', 'r') AND t.relnamespace = current_schema()::regnamespace AND t.relname = %s`
	if m.count(fmt.Sprintf(led, literal(table))) > 0 {
		return ""
	}
	return fmt.Sprintf("DELETE FROM %s WHERE %s", quote(table), where)
}

// integers are the values that a text has for each of a type's, and the range of that.
var integers = map[string]struct{ form, low, high string }{
	"smallint": {`^(0|-?[1-9]\d{0,3})$`, "-32768", "32767"},
	"integer":  {`^(0|-?[1-9]\d{0,8})$`, "-2147483648", "2147483647"},
	"bigint":   {`^(0|-?[1-9]\d{0,17})$`, "-9223372036854775808", "9223372036854775807"},
}

// retyped refuses a type that may not hold what a column holds, with the way to it.
func (m *migration) retyped(t *atlas.Table, c *atlas.ModifyColumn, from, to string) {
	name := quote(c.From.Name)
	alter := fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s TYPE %s USING %[2]s::%[3]s", quote(t.Name), name, to)
	misfit := ""
	if of, ok := integers[to]; ok {
		switch _, number := integers[from]; {
		case number:
			misfit = fmt.Sprintf("%s NOT BETWEEN %s AND %s", name, of.low, of.high)
		case from == "text" || strings.HasPrefix(from, "character varying"):
			misfit = fmt.Sprintf("%s !~ '%s'", name, of.form)
		}
	}
	if misfit != "" {
		if n := m.count(fmt.Sprintf("SELECT count(*) FROM %s WHERE %s", quote(t.Name), misfit)); n > 0 {
			statement := ""
			if c.To.Type.Null && c.From.Type.Null {
				statement = fmt.Sprintf("UPDATE %s SET %s = NULL WHERE %s", quote(t.Name), name, misfit)
			}
			m.show(t.Name, c.From.Name, misfit)
			m.propose(statement, "the column %s of %s is of type %s, and the schema wants %s, which cannot hold what %d rows have: put the type back, or change them first",
				c.From.Name, t.Name, from, to, n)
			return
		}
	}
	m.show(t.Name, c.From.Name, name+" IS NOT NULL")
	if misfit == "" {
		m.refuse("the column %s of %s is of type %s, and the schema wants %s, which may not hold what is there: put the type back, or run ALTER TABLE %s ALTER COLUMN %s TYPE %[4]s USING … by yourself",
			c.From.Name, t.Name, from, to, quote(t.Name), name)
		return
	}
	m.propose(alter, "the column %s of %s is of type %s, and the schema wants %s, which may not hold what is there: put the type back", c.From.Name, t.Name, from, to)
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
		if m.tx.Dry { // where rows keep the older names of values
			for _, n := range migrate.ValuesOf(t.Name, c, m.schema.Renames, m.done) {
				list = append(list, literal(n.From))
			}
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
		if !m.last.HasTable(name) || slices.ContainsFunc(m.tables, func(t *schema.Table) bool { return t.Name == name }) {
			continue
		}
		if n := m.count("SELECT count(*) FROM " + quote(name)); n > 0 {
			m.notes = append(m.notes, fmt.Sprintf("the table %s is not in the schema any more: its %d rows stay, out of sight", name, n))
		}
	}
}

// hasColumns reports whether a table had all columns of a list before.
func (m *migration) hasColumns(table string, columns ...string) bool {
	for _, c := range columns {
		if m.count(fmt.Sprintf("SELECT count(*) FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = %s AND column_name = %s", literal(table), literal(c))) == 0 {
			return false
		}
	}
	return true
}

// retargeted refuses that a foreign key means rows of another table than it did.
func (m *migration) retargeted(t *atlas.Table, k *atlas.ForeignKey) {
	if len(k.Columns) != 1 || !m.hasColumns(t.Name, k.Columns[0].Name) {
		return
	}
	column := k.Columns[0].Name
	const was = `SELECT r.relname::text FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class r ON r.oid = c.confrelid
		JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]
		WHERE c.contype = 'f' AND t.relnamespace = current_schema()::regnamespace AND cardinality(c.conkey) = 1 AND t.relname = %s AND a.attname = %s`
	old := m.texts(fmt.Sprintf(was, literal(t.Name), literal(column)))
	if len(old) == 0 || slices.Contains(old, k.RefTable.Name) {
		return
	}
	where := quote(column) + " IS NOT NULL"
	n := m.count(fmt.Sprintf("SELECT count(*) FROM %s WHERE %s", quote(t.Name), where))
	if n == 0 {
		return
	}
	m.show(t.Name, column, where)
	m.propose(m.unled(t, k, where), "the column %s of %s leads to %s in the database and to %s in the schema, and %d rows would lead to what they did not mean: give the edge another name or column",
		column, t.Name, old[0], k.RefTable.Name, n)
}

// dangling refuses rows that a new foreign key would lead to nothing.
func (m *migration) dangling(t *atlas.Table, k *atlas.ForeignKey) {
	if len(k.Columns) != 1 || len(k.RefColumns) != 1 || !m.hasColumns(t.Name, k.Columns[0].Name) || !m.hasColumns(k.RefTable.Name, k.RefColumns[0].Name) {
		return
	}
	column := k.Columns[0].Name
	where := fmt.Sprintf("%s IS NOT NULL AND NOT EXISTS (SELECT FROM %s AS led WHERE led.%s = %s.%[1]s)", quote(column), quote(k.RefTable.Name), quote(k.RefColumns[0].Name), quote(t.Name))
	n := m.count(fmt.Sprintf("SELECT count(*) FROM %s WHERE %s", quote(t.Name), where))
	if n == 0 || len(m.found) > 0 && m.found[len(m.found)-1].Rows.Table == t.Name {
		return // of rows that mean another table that was told
	}
	m.show(t.Name, column, where)
	m.propose(m.unled(t, k, where), "%d rows of %s lead to rows of %s that are not there, by %s: lead them elsewhere first", n, t.Name, k.RefTable.Name, column)
}

// unled is a statement that leaves rows without a foreign key.
func (m *migration) unled(t *atlas.Table, k *atlas.ForeignKey, where string) string {
	if k.Columns[0].Type != nil && k.Columns[0].Type.Null {
		return fmt.Sprintf("UPDATE %s SET %s = NULL WHERE %s", quote(t.Name), quote(k.Columns[0].Name), where)
	}
	return m.without(t.Name, where)
}

// broken refuses rows that break a new check, where its columns are there.
func (m *migration) broken(t *atlas.Table, c *atlas.Check) {
	for _, column := range t.Columns {
		if strings.Contains(c.Expr, column.Name) && !m.hasColumns(t.Name, column.Name) {
			return
		}
	}
	where := "NOT (" + c.Expr + ")"
	if n := m.count(fmt.Sprintf("SELECT count(*) FROM %s WHERE %s", quote(t.Name), where)); n > 0 {
		m.show(t.Name, "", where)
		m.propose(m.without(t.Name, where), "%d rows of %s break the check %s of the schema, %s: take the check out, or change them first", n, t.Name, c.Name, c.Expr)
	}
}
