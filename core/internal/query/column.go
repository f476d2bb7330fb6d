package query

import (
	"entgo.io/ent/dialect"

	"coppice/core/model"
)

// columns writes the level's columns, read from a table or alias, and those of
// the levels joined to it.
func (b *builder) columns(l *level, table string) {
	b.own(l, table, l.prefix())
	for j := range l.joins {
		b.raw(", ")
		b.own(j, j.alias, j.offset)
	}
}

// own writes a level's own columns, the first of which stands at a place in the
// rows.
func (b *builder) own(l *level, table string, place int) {
	for i, c := range l.columns {
		if i > 0 {
			b.raw(", ")
		}
		from := table
		if c.edge != nil {
			from = leading
		}
		switch {
		case c.order != nil:
			b.expression(l.entity, table, *c.order)
		case c.group != nil:
			b.group(l, table, c.group)
		case c.fn != "":
			b.function(table, c)
		case b.Dialect() == dialect.SQLite && l.isStamp(c):
			// The driver would parse it, at some cost, to be printed again.
			b.raw("CAST(").column(from, c.name).raw(" AS BLOB)")
			b.timeColumns = append(b.timeColumns, place+i)
		default:
			b.column(from, c.name)
		}
	}
	if len(l.columns) == 0 {
		b.raw("1")
	}
}

// isStamp reports whether a column holds times in the form that the constructor's
// package keeps them in.
func isStamp(e *model.Entity, column string) bool {
	for _, f := range e.Fields {
		if f.Column == column {
			return f.Kind == model.Time && !f.OwnStorage
		}
	}
	return false
}

// isStamp reports the same of a column of the level.
func (l *level) isStamp(c column) bool {
	if c.edge != nil {
		return c.edge.Kind == model.Time && !c.edge.OwnStorage
	}
	return isStamp(l.entity, c.name)
}
