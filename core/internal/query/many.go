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
	b.parentValues(ed.Linked())
	b.raw(" AS ").Ident(parents)
	from, value := parents, "value"
	if b.words.Lateral {
		if ed.Storage == model.Join {
			b.connecting(ed)
			from, value = ed.Table, ed.Ref
		}
		b.matching(l.entity, column, from, value)
		b.joins(l, t)
		return
	}
	b.raw(b.words.Join)
	if ed.Storage == model.Join {
		b.association(ed, ed.Table).raw(b.readBy(ed.Table, ed.From, ed.Ref), " ON ")
		b.column(ed.Table, ed.From).raw(" = ").column(parents, "value")
		b.connected(" AND ", ed, ed.Table)
		b.raw(b.words.Join)
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
	if l.rows && b.words.Lateral {
		return b.lateral(l)
	}
	b.raw("SELECT ").column(parents, "key").raw(", ")
	if l.total {
		if err := b.totals(l); err != nil {
			return err
		}
	}
	if !l.rows {
		b.raw("NULL, 1 FROM ")
		b.parentValues(l.edge.Linked())
		b.raw(" AS ").Ident(parents)
		return nil
	}
	if l.total {
		b.column(found, l.entity.ID.Column).raw(", ")
	}
	b.columns(l, found)
	b.raw(" FROM ")
	b.parentValues(l.edge.Linked())
	b.raw(" AS ").Ident(parents)
	join, lists := b.words.Join, " CROSS JOIN "
	if l.total {
		join, lists = " LEFT JOIN ", " LEFT JOIN "
	}
	var err error
	b.raw(lists).form(b.words.ItemsOf, func() { err = b.chosen(l) })
	if err != nil {
		return err
	}
	b.raw(" AS ").Ident(chosen)
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

// lateral is toMany where a table may be a statement that names those before it. It
// reads each one's page as it is, and the count before it, once a parent. Rows that an
// engine joins in any order are sorted again, by values that it has at hand; of an
// order that would have to be looked up again by their places instead.
func (b *builder) lateral(l *level) error {
	direct := b.direct(l)
	b.raw("SELECT ").column(parents, "key").raw(", ")
	if l.total {
		b.column(map[bool]string{true: parents, false: counted}[direct], "n").raw(", ").column(found, l.entity.ID.Column).raw(", ")
	}
	b.columns(l, found)
	b.raw(" FROM ")
	join, lists, always := b.words.Join, " CROSS JOIN LATERAL (", ""
	if l.total {
		join, lists, always = " LEFT JOIN ", " LEFT JOIN LATERAL (", " ON TRUE"
	}
	if direct {
		b.raw("(SELECT ").every(parents).raw(", ").column(chosen, startID)
		if l.total {
			b.raw(", ").column(counted, "n")
		}
		b.raw(" FROM ")
	}
	b.parentValues(l.edge.Linked())
	b.raw(" AS ").Ident(parents)
	if l.total {
		b.raw(" CROSS JOIN LATERAL (SELECT count(*) AS n")
		if err := b.members(l, false); err != nil {
			return err
		}
		b.raw(") AS ").Ident(counted)
	}
	numbered := !direct && slices.ContainsFunc(l.page.terms, func(t term) bool { return t.by.Edge != nil })
	b.raw(lists)
	if numbered {
		b.raw("SELECT *, row_number() OVER () AS ").Ident(standing).WriteString(" FROM (")
	}
	if err := b.chosen(l); err != nil {
		return err
	}
	switch {
	case direct: // all pages, before any of their records, which may be the same
		b.raw(") AS ").Ident(chosen).WriteString(always)
		b.raw(" OFFSET 0) AS ").Ident(parents).WriteString(join)
		b.table(l.entity, found).raw(" ON ").column(found, l.entity.ID.Column).raw(" = ").column(parents, startID)
	case numbered:
		b.raw(") AS ").Ident(b.alias()).WriteString(") AS ")
		b.Ident(found).WriteString(always)
	default:
		b.raw(") AS ").Ident(found).WriteString(always)
	}
	if slices.ContainsFunc(l.columns, func(c column) bool { return c.edge != nil }) {
		b.raw(join).association(l.edge, leading).raw(" ON ").column(leading, l.edge.From).raw(" = ").column(parents, "value")
		b.raw(" AND ").column(leading, l.edge.Ref).raw(" = ").column(found, l.entity.ID.Column)
	}
	b.joins(l, found)
	b.raw(" ORDER BY ").column(parents, "key").raw(", ")
	if !numbered {
		b.orderBy(l.entity, found, l.page.terms, false)
		return nil
	}
	b.column(found, standing)
	if l.page.backward {
		b.raw(" DESC")
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

// chosen writes a statement for the page of one parent: its ids, or where a level is
// read by one that is lateral, and more than them is at hand, its records.
func (b *builder) chosen(l *level) error {
	b.raw("SELECT ")
	direct := b.direct(l)
	switch {
	case direct:
		b.column(l.edge.Table, l.edge.Ref).raw(" AS ").Ident(startID)
	case b.words.Lateral:
		b.every(l.entity.Table)
	default:
		b.column(l.entity.Table, l.entity.ID.Column).raw(" AS ").Ident(startID)
	}
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
		b.raw("(SELECT 1) AS ").Ident(b.alias()).WriteString(" CROSS JOIN ") // of which there is one
	}
	b.association(ed, ed.Table).raw(b.readBy(ed.Table, ed.From, ed.Ref))
	if !alone {
		b.raw(b.words.Join).table(l.entity, t).raw(b.readByID(l.entity), " ON ")
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

// source writes an entity's table under an alias, to be read as access says.
func (b *builder) source(e *model.Entity, alias string, a access) error {
	b.byID[alias] = a.byID
	if a.start == nil {
		b.table(e, alias).raw(a.hint)
		return nil
	}
	start := b.alias()
	b.raw("(")
	if err := a.start(b); err != nil {
		return err
	}
	b.raw(") AS ").Ident(start).WriteString(b.words.Join)
	b.table(e, alias).raw(a.hint, " ON ").column(alias, e.ID.Column).raw(" = ").column(start, startID)
	b.done[a.path] = true
	return nil
}

// startID is the column of the ids that a statement starts from.
const startID = "id"

// listed writes a statement for the ids that a condition lists, each once.
func (b *builder) listed(e *model.Entity, cj conjunct) error {
	known, err := b.ids(e, cj.value, cj.path)
	if err != nil {
		return err
	}
	b.raw("SELECT value AS ").Ident(startID).WriteString(" FROM ")
	b.form(b.words.Items, func() { b.Arg(listOf(b.words, known...)) }, b.typeOf(e.ID)).raw(" AS ").Ident(b.alias())
	return nil
}

// inUnion is how many statements are united in a row: engines bound it.
const inUnion = 100

// union writes a statement for the ids of the records that meet any of some
// where inputs.
func (b *builder) union(e *model.Entity, a arms, path string) error {
	if len(a.list) > inUnion {
		b.raw("SELECT ").Ident(startID).WriteString(" FROM (")
		if err := b.union(e, a.half(true), path); err != nil {
			return err
		}
		b.raw(") AS ").Ident(b.alias()).WriteString(" UNION ")
		return b.union(e, a.half(false), path)
	}
	for i, o := range a.list {
		if i > 0 {
			b.raw(" UNION ")
		}
		t, path := b.alias(), at(path, a.places[i])
		b.raw("SELECT ").column(t, e.ID.Column).raw(" AS ").Ident(startID).WriteString(" FROM ")
		if err := b.source(e, t, b.access(e, nil, "", clause{o, path})); err != nil {
			return err
		}
		b.raw(b.visible(" WHERE ", e, t))
		if err := b.filter(e, t, o, path); err != nil {
			return err
		}
	}
	return nil
}

// reach writes a statement for what records whose edge leads to one that meets
// a condition have in the column that the edge is stored in: their ids, or of
// an edge of their own the foreign key.
func (b *builder) reach(c model.Condition, v any, path, distinct string) error {
	ed := c.Edge
	var where []object
	if c.With {
		var err error
		if where, err = b.r.objects(v, path); err != nil {
			return err
		}
	}
	t := b.alias()
	a := b.access(ed.Target, nil, "", clausesAt(where, path)...)
	glue := " WHERE "
	b.raw("SELECT ", distinct)
	switch ed.Storage {
	case model.Own:
		b.column(t, ed.Target.ID.Column)
	case model.Other:
		if a.rank >= ordered {
			a.hint = b.readBy(ed.Target.Table, ed.Column)
		}
		b.column(t, ed.Column)
	default:
		j := b.alias()
		b.column(j, ed.From).raw(" AS ").Ident(startID).WriteString(" FROM ")
		b.association(ed, j)
		if b.open(where) && !b.hides(ed.Target) {
			b.raw(b.readBy(ed.Table, ed.From, ed.Ref))
			b.asked = path
			b.connected(" WHERE ", ed, j)
			b.asked = ""
			return nil
		}
		b.raw(b.readBy(ed.Table, ed.Ref, ed.From))
		b.asked = path
		b.raw(b.connected(" WHERE ", ed, j)).column(j, ed.Ref).raw(" IN (SELECT ").column(t, ed.Target.ID.Column)
		b.asked = ""
		defer b.raw(")")
	}
	b.raw(" AS ").Ident(startID).WriteString(" FROM ")
	if err := b.source(ed.Target, t, a); err != nil {
		return err
	}
	if ed.Storage == model.Other {
		b.raw(glue).column(t, ed.Column).raw(" IS NOT NULL")
		glue = " AND "
	}
	b.asked = path
	glue = b.visible(glue, ed.Target, t)
	b.asked = ""
	switch {
	case b.open(where):
		return nil
	case len(where) == 1:
		b.raw(glue, "(")
		err := b.filter(ed.Target, t, where[0], at(path, 0))
		b.raw(")")
		return err
	default:
		b.raw(glue)
		return b.list(ed.Target, t, armsOf(where), path, " AND ", "")
	}
}
