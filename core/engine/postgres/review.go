package postgres

import (
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/postgres"
	atlas "ariga.io/atlas/sql/schema"
	"entgo.io/ent/dialect/sql/sqlgraph"
)

// review keeps of the changes those that lose nothing, and notes why others cannot be
// done.
func (m *migration) review(changes []atlas.Change) []atlas.Change {
	var kept []atlas.Change
	for _, c := range changes {
		switch c := c.(type) {
		case *atlas.ModifyTable:
			var inner []atlas.Change
			for _, of := range c.Changes {
				if reviewed := m.table(c.T, of); reviewed != nil {
					inner = append(inner, reviewed)
				}
			}
			if len(inner) > 0 {
				kept = append(kept, &atlas.ModifyTable{T: c.T, Changes: inner})
			}
		case *atlas.DropTable, *atlas.DropSchema, *atlas.ModifySchema:
		default:
			kept = append(kept, c)
		}
	}
	return kept
}

// table reviews a change of one table; nil is for none.
func (m *migration) table(t *atlas.Table, c atlas.Change) atlas.Change {
	switch c := c.(type) {
	case *atlas.DropColumn:
		if m.whole {
			return c
		}
		m.notes = append(m.notes, fmt.Sprintf("the column %s of the table %s is not in the schema any more: its values stay, out of sight", c.C.Name, t.Name))
		if c.C.Type.Null || c.C.Default != nil {
			return nil
		}
		open := *c.C
		open.Type = &atlas.ColumnType{Type: c.C.Type.Type, Null: true, Raw: c.C.Type.Raw}
		return &atlas.ModifyColumn{From: c.C, To: &open, Change: atlas.ChangeNull} // new records have none
	case *atlas.AddForeignKey:
		m.retargeted(t, c.F)
		m.dangling(t, c.F)
		if m.whole {
			m.addReference(t, c.F)
			return nil
		}
		return c
	case *atlas.AddCheck:
		m.broken(t, c.C)
		if m.whole {
			m.addCheck(t, c.C)
			return nil
		}
		return c
	case *atlas.DropIndex:
		if !m.whole && !m.made[c.I.Name] {
			return nil // somebody's own
		}
		return c
	case *atlas.DropForeignKey, *atlas.DropCheck, *atlas.DropAttr:
		return c
	case *atlas.AddColumn:
		return m.addColumn(t, c)
	case *atlas.ModifyColumn:
		return m.modifyColumn(t, c)
	case *atlas.AddIndex:
		if c.I.Unique {
			m.repeated(t, c.I)
		}
		return c
	default:
		return c
	}
}

// addColumn fills a column that may not be null in the rows that are there.
func (m *migration) addColumn(t *atlas.Table, c *atlas.AddColumn) atlas.Change {
	if c.C.Type.Null || c.C.Default != nil || slices.ContainsFunc(c.C.Attrs, func(a atlas.Attr) bool { _, ok := a.(*postgres.Identity); return ok }) {
		return c
	}
	rows := m.count("SELECT count(*) FROM " + quote(t.Name))
	if rows == 0 && !m.whole {
		return c
	}
	value, ok := m.filler.value(t.Name, c.C.Name)
	if m.whole {
		value, ok = m.filler.whole(t.Name, c.C)
	}
	if !ok && m.whole {
		m.refuse("%s.%s is new and required, and the rows there are have no value for it that SQL knows: make it Optional in this step, fill it, and require it in the next", t.Name, c.C.Name)
		return nil
	}
	if !ok {
		m.show(t.Name, "", "true")
		m.refuse("the %d rows of %s have no value for the new column %s, which is required: make it Optional, or give it a Default", rows, t.Name, c.C.Name)
		return nil
	}
	filled := *c.C
	filled.Default = &atlas.RawExpr{X: value}
	m.after = append(m.after, fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s DROP DEFAULT", quote(t.Name), quote(c.C.Name)))
	return &atlas.AddColumn{C: &filled}
}

// modifyColumn lets a column take more than it does, and refuses what would change
// its values.
func (m *migration) modifyColumn(t *atlas.Table, c *atlas.ModifyColumn) atlas.Change {
	if c.Change.Is(atlas.ChangeType) {
		from, to := typeName(c.From.Type.Type), typeName(c.To.Type.Type)
		switch {
		case from == "jsonb" && to == "json":
			c.Change &^= atlas.ChangeType // as ent alone would have made it
			c.To.Type = &atlas.ColumnType{Type: c.From.Type.Type, Null: c.To.Type.Null, Raw: c.From.Type.Raw}
			if c.Change == atlas.NoChange {
				return nil
			}
		case m.whole && casts(from, to):
			m.exec(fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s TYPE %s USING %[2]s::%[3]s", quote(t.Name), quote(c.From.Name), m.declared(c.To.Type.Type, to)))
			if c.Change &^= atlas.ChangeType; c.Change == atlas.NoChange {
				return nil
			}
		case !widens(from, to):
			m.retyped(t, c, from, to)
			return nil
		}
	}
	if c.Change.Is(atlas.ChangeNull) && !c.To.Type.Null {
		if m.whole {
			if value, ok := m.filler.whole(t.Name, c.To); ok {
				m.exec(fmt.Sprintf("UPDATE %s SET %s = %s WHERE %[2]s IS NULL", quote(t.Name), quote(c.From.Name), value))
			}
		} else if n := m.count(fmt.Sprintf("SELECT count(*) FROM %s WHERE %s IS NULL", quote(t.Name), quote(c.From.Name))); n > 0 {
			value, ok := m.filler.value(t.Name, c.To.Name)
			if !ok {
				where := quote(c.From.Name) + " IS NULL"
				m.show(t.Name, "", where)
				m.propose(m.mended(t, c.To, where), "%d rows of %s have no value in the column %s, which is required now: leave it Optional, or fill them first", n, t.Name, c.From.Name)
				return nil
			}
			m.exec(fmt.Sprintf("UPDATE %s SET %s = %s WHERE %s IS NULL", quote(t.Name), quote(c.From.Name), value, quote(c.From.Name)))
		}
	}
	return c
}

// repeated refuses a unique index over values that repeat.
func (m *migration) repeated(t *atlas.Table, idx *atlas.Index) {
	var columns, present []string
	for _, p := range idx.Parts {
		if p.C == nil || p.C.Type == nil {
			return
		}
		columns = append(columns, quote(p.C.Name))
		present = append(present, quote(p.C.Name)+" IS NOT NULL")
		if m.count(fmt.Sprintf("SELECT count(*) FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = %s AND column_name = %s", literal(t.Name), literal(p.C.Name))) == 0 {
			return // it is new
		}
	}
	for _, a := range idx.Attrs {
		if where, ok := a.(*postgres.IndexPredicate); ok {
			present = append(present, "("+where.P+")")
		}
	}
	list := strings.Join(columns, ", ")
	n := m.count(fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM %s WHERE %s GROUP BY %s HAVING count(*) > 1) AS d", quote(t.Name), strings.Join(present, " AND "), list))
	if n > 0 {
		where := fmt.Sprintf("%s AND ctid NOT IN (SELECT DISTINCT ON (%[3]s) ctid FROM %[2]s WHERE %[1]s ORDER BY %[3]s, ctid)", strings.Join(present, " AND "), quote(t.Name), list)
		m.show(t.Name, idx.Parts[0].C.Name, where)
		m.propose(m.apart(t, idx, where), "%d values of %s (%s) are there more than once, and are to be unique: find them with SELECT %s FROM %s GROUP BY %s HAVING count(*) > 1, and change or delete all but one",
			n, t.Name, list, list, quote(t.Name), list)
	}
}

// count runs a query for a number.
func (m *migration) count(query string) (n int) {
	if m.err == nil {
		m.err = m.tx.QueryRowContext(m.ctx, query).Scan(&n)
	}
	return n
}

func (m *migration) exec(query string) {
	if m.err == nil {
		_, m.err = m.tx.ExecContext(m.ctx, query)
	}
}

// typeName is a type as PostgreSQL writes it.
func typeName(t atlas.Type) string {
	name, err := postgres.FormatType(t)
	if err != nil {
		return fmt.Sprint(t)
	}
	return name
}

// widens reports whether each value of a type is one of another.
func widens(from, to string) bool {
	order := []string{"smallint", "integer", "bigint", "numeric"}
	i, j := slices.Index(order, from), slices.Index(order, to)
	switch {
	case i >= 0 && j > i:
		return true
	case from == "real" && to == "double precision":
		return true
	case strings.HasPrefix(from, "character varying"):
		return to == "text" || to == "character varying"
	case from == "text":
		return to == "character varying"
	}
	return false
}

// filler knows what the defaults of the schema give a new record.
type filler struct {
	defaults func(table string) ([]*sqlgraph.FieldSpec, error)
}

// value is the default of a column as it stands in a statement.
func (f filler) value(table, column string) (string, bool) {
	if f.defaults == nil {
		return "", false
	}
	specs, err := f.defaults(table)
	if err != nil {
		return "", false
	}
	for _, s := range specs {
		if s.Column == column {
			return asLiteral(s.Value)
		}
	}
	return "", false
}
