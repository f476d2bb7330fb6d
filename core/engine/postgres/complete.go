package postgres

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	atlas "ariga.io/atlas/sql/schema"
)

// What a change for a migration file has beside one that a program makes by itself: it
// knows no row, lets go what the schemas no longer have, and stops no server that is at
// work for long.

// casts reports that a value of a type becomes one of another that is the same, or that
// the server refuses it.
func casts(from, to string) bool {
	whole := []string{"smallint", "integer", "bigint"}
	exact := []string{"smallint", "integer", "bigint", "boolean", "uuid", "double precision", "real", "jsonb", "json", "timestamp with time zone"}
	switch {
	case slices.Contains(whole, from) && slices.Contains(whole, to):
		return true
	case textual(from):
		return slices.Contains(exact, to)
	case textual(to):
		return slices.Contains(append(whole, "boolean", "uuid", "numeric", "json", "jsonb"), from) || strings.HasPrefix(from, "numeric")
	}
	return false
}

// textual reports a type that holds texts of any length.
func textual(name string) bool { return name == "text" || name == "character varying" }

// declared is a type as a column is declared with it.
func (m *migration) declared(t atlas.Type, name string) string {
	if _, ok := t.(*atlas.StringType); ok && textual(name) {
		return name + ` COLLATE "C"`
	}
	return name
}

// addReference adds a foreign key without a look at the rows there are, which is made
// afterwards, while others go on.
func (m *migration) addReference(t *atlas.Table, k *atlas.ForeignKey) {
	names := func(columns []*atlas.Column) string {
		list := make([]string, len(columns))
		for i, c := range columns {
			list[i] = quote(c.Name)
		}
		return strings.Join(list, ", ")
	}
	clause := fmt.Sprintf("FOREIGN KEY (%s) REFERENCES %s (%s)", names(k.Columns), quote(k.RefTable.Name), names(k.RefColumns))
	if k.OnUpdate != "" {
		clause += " ON UPDATE " + string(k.OnUpdate)
	}
	if k.OnDelete != "" {
		clause += " ON DELETE " + string(k.OnDelete)
	}
	m.addConstraint(t.Name, k.Symbol, clause)
}

func (m *migration) addCheck(t *atlas.Table, c *atlas.Check) {
	m.addConstraint(t.Name, c.Name, "CHECK ("+c.Expr+")")
}

func (m *migration) addConstraint(table, name, clause string) {
	m.after = append(m.after, fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s %s NOT VALID", quote(table), quote(name), clause),
		fmt.Sprintf("%s%s VALIDATE CONSTRAINT %s", validating, quote(table), quote(name)))
}

// validating begins a statement that looks at all rows, while others go on.
const validating = "ALTER TABLE "

// dropGone drops the tables that the schemas no longer have. The database is one that
// holds nothing else.
func (m *migration) dropGone() {
	rows, err := m.tx.QueryContext(m.ctx, "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace AND relname NOT LIKE 'coppice\\_%' ORDER BY relname")
	if err != nil {
		m.err = err
		return
	}
	defer rows.Close()
	var gone []string
	for rows.Next() {
		var name string
		if m.err = rows.Scan(&name); m.err != nil {
			return
		}
		kept := false
		for _, t := range m.tables {
			kept = kept || t.Name == name
		}
		if !kept {
			gone = append(gone, quote(name))
		}
	}
	if m.err = rows.Err(); m.err == nil && len(gone) > 0 {
		m.after = append(m.after, "DROP TABLE "+strings.Join(gone, ", "))
	}
}

// whole is the default of a column for rows of which nothing is known.
func (f filler) whole(table string, c *atlas.Column) (string, bool) {
	one, ok := f.value(table, c.Name)
	two, _ := f.value(table, c.Name)
	switch c.Type.Type.(type) {
	case *atlas.TimeType:
		return "now()", ok
	case *atlas.UUIDType:
		if one != two {
			return "gen_random_uuid()", ok
		}
	}
	return one, ok && reflect.DeepEqual(one, two)
}

// Part is a file of a change.
type Part struct {
	Statements []string
	// Outside says that they run outside of a transaction.
	Outside bool
}

// Parts divides the statements of a change: what takes long on tables with rows, and can
// be done while others write, runs by itself.
func Parts(statements []string) []Part {
	made := map[string]bool{}
	var first, second Part
	second.Outside = true
	for _, s := range statements {
		switch words := strings.Fields(s); {
		case len(words) > 2 && words[0] == "CREATE" && words[1] == "TABLE":
			made[words[2]] = true
			first.Statements = append(first.Statements, s)
		case strings.HasPrefix(s, "CREATE INDEX ") && !made[tableOf(s)]:
			second.Statements = append(second.Statements, strings.Replace(s, "CREATE INDEX ", "CREATE INDEX CONCURRENTLY ", 1))
		case strings.HasPrefix(s, "CREATE UNIQUE INDEX ") && !made[tableOf(s)]:
			second.Statements = append(second.Statements, strings.Replace(s, "CREATE UNIQUE INDEX ", "CREATE UNIQUE INDEX CONCURRENTLY ", 1))
		case strings.HasPrefix(s, validating) && strings.Contains(s, " VALIDATE CONSTRAINT "):
			second.Statements = append(second.Statements, s)
		default:
			first.Statements = append(first.Statements, s)
		}
	}
	var parts []Part
	for _, p := range []Part{first, second} {
		if len(p.Statements) > 0 {
			parts = append(parts, p)
		}
	}
	return parts
}

// tableOf is the table of a statement that makes an index, quoted.
func tableOf(statement string) string {
	_, rest, _ := strings.Cut(statement, " ON ")
	if words := strings.Fields(rest); len(words) > 0 {
		return words[0]
	}
	return ""
}
