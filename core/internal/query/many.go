package query

import (
	"slices"

	"coppice/core/model"
)

// toOne reads what an edge leads to from each of a list of values, which is
// the statement's first argument.
func (b *builder) toOne(l *level) {
	t, ed := l.entity.Table, l.edge
	column := l.entity.ID.Column
	if ed.Storage == model.Other {
		column = ed.Column
	}
	b.raw("SELECT ").column(parents, "key").raw(", ")
	b.columns(l, t)
	b.raw(" FROM ")
	b.parentValues()
	b.raw(" AS ").Ident(parents).WriteString(" CROSS JOIN ")
	from, value := parents, "value"
	if ed.Storage == model.Join {
		b.association(ed, ed.Table).raw(b.readBy(ed.Table, ed.From, ed.Ref), " ON ")
		b.column(ed.Table, ed.From).raw(" = ").column(parents, "value")
		b.connected(" AND ", ed, ed.Table)
		b.raw(" CROSS JOIN ")
		from, value = ed.Table, ed.Ref
	}
	b.table(l.entity, t).raw(b.readBy(t, column), " ON ").column(t, column).raw(" = ").column(from, value)
	b.joins(l, t)
	b.visible(" WHERE ", l.entity, t)
}

// toMany reads a page of what an edge leads to, and how many there are, for
// each of a list of values, which is the statement's first argument. The ids of
// each one's page are a list of their own, so that only its records are read,
// one by one: they come in the order of the lists, as the engine joins what CROSS
// and LEFT JOIN join in the order in which it stands. The count stands in each
// one's first row. Where nothing of it is wanted, there is no statement.
func (b *builder) toMany(l *level) error {
	if !l.rows && !l.total {
		return nil
	}
	b.raw("SELECT ").column(parents, "key").raw(", ")
	if l.total {
		if err := b.totals(l); err != nil {
			return err
		}
	}
	if !l.rows {
		b.raw("NULL, 1 FROM ")
		b.parentValues()
		b.raw(" AS ").Ident(parents)
		return nil
	}
	if l.total {
		b.column(found, l.entity.ID.Column).raw(", ")
	}
	b.columns(l, found)
	b.raw(" FROM ")
	b.parentValues()
	b.raw(" AS ").Ident(parents)
	join := map[bool]string{true: " LEFT JOIN ", false: " CROSS JOIN "}[l.total]
	b.raw(join, "json_each((SELECT json_group_array(", startID, ") FROM (")
	if err := b.chosen(l); err != nil {
		return err
	}
	b.raw("))) AS ").Ident(chosen)
	b.raw(join).table(l.entity, found).raw(b.readByID(l.entity), " ON ")
	b.column(found, l.entity.ID.Column).raw(" = ").column(chosen, "value")
	if slices.ContainsFunc(l.columns, func(c column) bool { return c.edge != nil }) {
		b.raw(join).association(l.edge, leading).raw(b.readBy(l.edge.Table, l.edge.From, l.edge.Ref), " ON ")
		b.column(leading, l.edge.From).raw(" = ").column(parents, "value").raw(" AND ").column(leading, l.edge.Ref).raw(" = ").column(chosen, "value")
	}
	b.joins(l, found)
	if l.page.backward {
		b.raw(" ORDER BY ").column(parents, "key").raw(", ").column(chosen, "key").raw(" DESC")
	}
	return nil
}

// totals writes how many records there are for a parent, in its first row.
func (b *builder) totals(l *level) error {
	first := l.rows
	if first {
		b.raw("CASE WHEN coalesce(").column(chosen, "key").raw(", 0) = 0 THEN ")
	}
	b.raw("(SELECT count(*)")
	err := b.members(l, false)
	b.raw(")")
	if first {
		b.raw(" END")
	}
	b.raw(", ")
	return err
}

// chosen writes a statement for the ids of the page of one parent.
func (b *builder) chosen(l *level) error {
	b.raw("SELECT ")
	direct := b.direct(l)
	if direct {
		b.column(l.edge.Table, l.edge.Ref)
	} else {
		b.column(l.entity.Table, l.entity.ID.Column)
	}
	b.raw(" AS ").Ident(startID)
	if err := b.members(l, true); err != nil {
		return err
	}
	b.raw(" ORDER BY ")
	if direct {
		b.column(l.edge.Table, l.edge.Ref)
		if l.page.terms[0].desc != l.page.backward {
			b.raw(" DESC")
		}
	} else {
		b.orderBy(l.entity, l.entity.Table, l.page.terms, l.page.backward)
	}
	b.limit(l.page)
	return nil
}

// parentList writes the list of values that is known when the statement runs, as
// rows of a key, their position, and a value.
func (b *builder) parentValues() {
	b.raw("json_each(")
	b.Arg(parentList{})
	b.raw(")")
}

// direct reports whether an association table alone says which records a page
// holds.
func (b *builder) direct(l *level) bool {
	return l.edge.Storage == model.Join && len(l.page.where) == 0 && !b.hides(l.entity) && len(l.page.terms) == 1
}

// members writes the records that the edge leads to from one parent's value.
func (b *builder) members(l *level, cursors bool) error {
	t, ed := l.entity.Table, l.edge
	b.raw(" FROM ")
	if ed.Storage != model.Join {
		var terms []term
		if cursors {
			terms = l.page.terms
		}
		a := b.access(l.entity, terms, ed.Column, clause{l.page.where, "where"})
		b.byID[t] = a.byID
		b.table(l.entity, t).raw(a.hint, " WHERE ").column(t, ed.Column).raw(" = ").column(parents, "value")
		return b.where(l, cursors, " AND ")
	}
	alone := b.direct(l) || !cursors && len(l.page.where) == 0 && !b.hides(l.entity)
	if !alone {
		// Of what the engine has no statistics of, it does not think that it is
		// looked up so often that all of the table should be read before.
		b.raw("(SELECT 1) AS ").Ident(b.alias()).WriteString(" CROSS JOIN ")
	}
	b.association(ed, ed.Table).raw(b.readBy(ed.Table, ed.From, ed.Ref))
	if !alone {
		b.raw(" CROSS JOIN ").table(l.entity, t).raw(b.readByID(l.entity), " ON ")
		b.column(t, l.entity.ID.Column).raw(" = ").column(ed.Table, ed.Ref)
	}
	b.raw(" WHERE ").column(ed.Table, ed.From).raw(" = ").column(parents, "value")
	b.connected(" AND ", ed, ed.Table)
	if alone {
		if cursors {
			b.reference(ed, l.page.terms[0], l.page.after, false)
			b.reference(ed, l.page.terms[0], l.page.before, true)
		}
		return nil
	}
	return b.where(l, cursors, " AND ")
}

// reference is beyond, of an order by the ids that an association table has.
func (b *builder) reference(ed *model.Edge, t term, c *position, backward bool) {
	if c == nil {
		return
	}
	b.raw(" AND ").column(ed.Table, ed.Ref).raw(map[bool]string{true: " < ", false: " > "}[t.desc != backward])
	c.arg(b, 0)
}
