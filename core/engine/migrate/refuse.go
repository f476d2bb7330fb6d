package migrate

import (
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
)

// Of the rows that a change would break, a message names some, and a statement
// that names rows one by one takes so many at a time.
const (
	namedRows  = 3
	listedRows = 100
)

// refuse keeps a reason for which nothing is changed.
func (r *reviewer) refuse(format string, args ...any) { r.propose("", format, args...) }

// propose is refuse, with the statement that ends the reason, if there is one.
func (r *reviewer) propose(statement, format string, args ...any) {
	why := Refusal{Reason: fmt.Sprintf(format, args...), Statement: statement, Rows: r.shown}
	r.shown = Rows{}
	if !slices.ContainsFunc(r.found, func(f Refusal) bool { return f.String() == why.String() }) {
		r.found = append(r.found, why)
	}
}

// verdict is the error of all that was found.
func (r *reviewer) verdict() error {
	if r.err == nil && len(r.found) > 0 {
		r.err = &RefusedError{r.found}
	}
	return r.err
}

// works is the first of some statements that no rule of the database refuses,
// or "". Each is tried, and taken back.
func (r *reviewer) works(statements ...string) string {
	for _, s := range statements {
		if s == "" || r.err != nil {
			continue
		}
		r.exec("SAVEPOINT tried")
		_, refused := r.tx.ExecContext(r.ctx, s)
		r.exec("ROLLBACK TO tried")
		r.exec("RELEASE tried")
		if refused == nil {
			return s
		}
	}
	return ""
}

// key is the column that tells the rows of a table apart, in SQL.
func (r *reviewer) key(table string) string {
	i := slices.IndexFunc(r.tables, func(t *schema.Table) bool { return t.Name == table })
	if i >= 0 && len(r.tables[i].PrimaryKey) == 1 {
		return quote(r.tables[i].PrimaryKey[0].Name)
	}
	return "_rowid_"
}

// listed is the condition that takes the first rows that meet another one, by
// their keys.
func (r *reviewer) listed(table, where string) string {
	key := r.key(table)
	return key + " IN (" + strings.Join(r.texts(fmt.Sprintf("SELECT quote(%s) FROM %s WHERE %s ORDER BY _rowid_ LIMIT %d",
		key, quote(table), where, listedRows)), ", ") + ")"
}

// example tells some rows that meet a condition, by their keys, with what a
// column holds unless that is to stay secret. It is ", such as …".
func (r *reviewer) example(table, column, where string) string {
	list := r.show(table, column, where)
	if len(list) == 0 {
		return ""
	}
	return ", such as " + strings.Join(list, ", ")
}

// show lists such rows, for the next reason that is found to be about.
func (r *reviewer) show(table, column, where string) []string {
	shown := "''"
	if i := slices.IndexFunc(r.tables, func(t *schema.Table) bool { return t.Name == table }); i >= 0 {
		key := names(r.tables[i].PrimaryKey)
		for i, name := range key {
			key[i] = asText(name+" ") + " || quote(" + quote(name) + ")"
		}
		shown = "' (' || " + strings.Join(key, " || ', ' || ") + " || ')'"
	}
	if column != "" && !slices.Contains(r.secrets[strings.ToLower(table)], strings.ToLower(column)) {
		shown = fmt.Sprintf("substr(quote(%s), 1, 60) || %s", quote(column), shown)
	}
	list := r.texts(fmt.Sprintf("SELECT ltrim(%s) FROM %s WHERE %s ORDER BY _rowid_ LIMIT %d", shown, quote(table), where, namedRows))
	if len(list) > 0 {
		r.shown = Rows{Table: table, Count: r.count("SELECT COUNT(*) FROM %s WHERE %s", quote(table), where), Examples: list}
	}
	return list
}

// fillStatement is a value that a column may have, in SQL.
func fillStatement(c *schema.Column) string {
	if c.Nullable {
		return "NULL"
	}
	switch d := c.Default.(type) {
	case string:
		if len(c.Enums) == 0 || slices.Contains(c.Enums, d) {
			return asText(d)
		}
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, float32, float64, bool:
		return fmt.Sprint(d)
	}
	switch {
	case c.Type == field.TypeString:
		return "''"
	case c.Type == field.TypeEnum && len(c.Enums) > 0:
		return asText(c.Enums[0])
	case c.Type == field.TypeTime:
		return "'1970-01-01 00:00:00+00:00'"
	case c.Type == field.TypeUUID:
		return "'00000000-0000-0000-0000-000000000000'"
	case c.Type == field.TypeJSON:
		return "CAST('null' AS BLOB)"
	case c.Type == field.TypeBytes:
		return "x''"
	}
	return "0"
}

// mended are statements that give rows another value of a column, the least
// harmful first.
func (r *reviewer) mended(table string, c *schema.Column, where string) []string {
	set := func(v string) string {
		return "UPDATE " + quote(table) + " SET " + quote(c.Name) + " = " + v + " WHERE " + where
	}
	var list []string
	switch ref := r.leads(table, c.Name); {
	case ref == "" || c.Nullable:
		list = append(list, set(fillStatement(c)))
	case r.exists(ref) && !c.Unique && r.key(table) != "_rowid_": // an association is its two ends
		first := r.texts("SELECT quote(min(" + r.key(ref) + ")) FROM " + quote(ref))
		if len(first) == 1 && first[0] != "NULL" {
			list = append(list, set(first[0]))
		}
	}
	return append(list, r.without(table, where))
}

// without is a statement that takes rows away, or first what keeps them: foreign keys are
// off while it is tried, and on when somebody runs it.
func (r *reviewer) without(table, where string) string {
	return r.free(table, where, map[string]bool{})
}

// free is without, for rows of which others lead to those of the tables in seen.
func (r *reviewer) free(table, where string, seen map[string]bool) string {
	const referring = `SELECT m.name || char(10) || k."from" || char(10) || coalesce(k."to", '') || char(10) || c."notnull"
		FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) k JOIN pragma_table_info(m.name) c ON c.name = k."from" COLLATE NOCASE
		WHERE m.type = 'table' AND k."table" = ? COLLATE NOCASE AND k.on_delete IN ('NO ACTION', 'RESTRICT') ORDER BY 1`
	seen[table] = true
	for _, line := range r.texts(referring, table) {
		by := strings.Split(line, "\n")
		key := r.key(table)
		if by[2] != "" {
			key = quote(by[2])
		}
		held := fmt.Sprintf("%s IN (SELECT %s FROM %s WHERE %s)", quote(by[1]), key, quote(table), where)
		if r.fresh[by[0]+"."+by[1]] || r.count("SELECT COUNT(*) FROM %s WHERE %s", quote(by[0]), held) == 0 {
			continue
		}
		if by[3] == "0" {
			return "UPDATE " + quote(by[0]) + " SET " + quote(by[1]) + " = NULL WHERE " + held
		}
		if !seen[by[0]] {
			return r.free(by[0], held, seen)
		}
	}
	return "DELETE FROM " + quote(table) + " WHERE " + where
}

// leads is the table that a column's foreign key refers to, or "".
func (r *reviewer) leads(table, column string) string {
	for _, t := range r.tables {
		for _, k := range t.ForeignKeys {
			if t.Name == table && len(k.Columns) == 1 && k.Columns[0].Name == column {
				return k.RefTable.Name
			}
		}
	}
	return ""
}

// texts are those that a query lists.
func (r *reviewer) texts(query string, args ...any) (list []string) {
	if r.err != nil {
		return nil
	}
	rows, err := r.tx.QueryContext(r.ctx, query, args...)
	if r.fail(err) {
		return nil
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		r.fail(rows.Scan(&s))
		list = append(list, s)
	}
	r.fail(rows.Err())
	return list
}

// references makes up for the foreign keys that were off: it refuses rows of
// the schema that refer to nothing.
func (r *reviewer) references() {
	for _, t := range r.tables {
		for _, k := range t.ForeignKeys {
			if len(k.Columns) != 1 || r.err != nil {
				continue
			}
			c, to := k.Columns[0], k.RefTable.Name
			where := quote(c.Name) + " IS NOT NULL"
			if r.had[strings.ToLower(to)] {
				where += fmt.Sprintf(" AND %s NOT IN (SELECT %s FROM %s)", quote(c.Name), quote(k.RefColumns[0].Name), quote(to))
			}
			n := r.count("SELECT COUNT(*) FROM %s WHERE %s", quote(t.Name), where)
			switch {
			case n == 0:
			case r.fresh[t.Name+"."+c.Name]:
				r.refuse("%s.%s is new, and its default leads %d rows to %s that are not there: make the edge Optional, without a default", t.Name, c.Name, n, to)
			default:
				statement := r.works(r.mended(t.Name, c, where)...)
				r.propose(statement, "%d rows of %s refer to a row of %s that does not exist, by %s%s: lead them elsewhere first", n, t.Name, to, c.Name,
					r.example(t.Name, c.Name, where))
			}
		}
	}
}
