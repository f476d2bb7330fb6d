package query

import "coppice/internal/model"

// The aliases of a level's statement: the list of the parents' values that it
// is joined by, and the records found for them.
const (
	parents = "_parent"
	found   = "_found"
)

// Columns that stand before a level's own in each row.
const (
	prefixRoot  = 0
	prefixChild = 1 // which parent
	prefixTotal = 3 // which parent, its total, and an id that is null when it has no record
)

func (l *level) prefix() int {
	switch {
	case l.edge == nil:
		return prefixRoot
	case l.total:
		return prefixTotal
	default:
		return prefixChild
	}
}

// width is the number of columns of a row.
func (l *level) width() int {
	n := l.prefix() + max(1, len(l.columns))
	for j := range l.joins {
		n += len(j.columns)
	}
	return n
}

// compiler writes a plan's statements for one view.
type compiler struct {
	dialect string
	reader  *reader
	view    *view
}

func (c *compiler) builder(l *level) *builder { return newBuilder(c.dialect, c.reader, c.view, l) }

// level writes the statements of a level, and of those joined to it.
func (c *compiler) level(l *level, to []compiled) error {
	var main *builder
	if l.edge != nil || l.page == nil || l.rows {
		main = c.builder(l)
		if err := main.main(l); err != nil {
			return err
		}
		to[l.index].main = main.prepare()
		for refused, err := range main.refused {
			to[refused.index].err = err
		}
	}
	if l.edge == nil && l.page != nil && l.total {
		b := c.builder(l)
		b.raw("SELECT count(*) FROM ").table(l.entity, l.entity.Table)
		if err := b.where(l, false, " WHERE "); err != nil {
			return err
		}
		to[l.index].counting = b.prepare()
		if err := b.refused[l]; err != nil {
			to[l.index].err = err
		}
	}
	return nil
}

// main writes what reads a level's records.
func (b *builder) main(l *level) error {
	switch {
	case l.aggregate != nil:
		return b.aggregate(l)
	case l.edge == nil && l.page != nil:
		return b.rootPage(l)
	case l.edge == nil:
		return b.one(l)
	case l.page == nil:
		b.toOne(l)
		return nil
	default:
		return b.toMany(l)
	}
}

// check looks at a list's arguments apart from its statements, which may leave
// some out, or may not run for want of parents: wrong is wrong even so.
func (c *compiler) check(l *level) error {
	if l.page == nil || l.edge == nil && l.rows { // its statement has every argument, and runs
		return nil
	}
	b := c.builder(l)
	if err := b.where(l, true, " WHERE "); err != nil {
		return err
	}
	l.checks = nil
	var cursor *position
	for _, a := range b.prepare().args {
		c, ok := a.(*binding)
		if ok && (c.cursor == nil || c.cursor != cursor) { // one of its values stands for the whole cursor
			cursor = c.cursor
			l.checks = append(l.checks, c)
		}
	}
	return nil
}

func (b *builder) one(l *level) error {
	t := l.entity.Table
	b.raw("SELECT ")
	b.columns(l, t)
	b.raw(" FROM ").table(l.entity, t)
	b.joins(l, t)
	b.raw(" WHERE ")
	if err := l.key(b); err != nil {
		return err
	}
	b.visible(" AND ", l.entity, t)
	return nil
}

// where writes the conditions of a list, the first of them after glue.
func (b *builder) where(l *level, cursors bool, glue string) error {
	pg, t := l.page, l.entity.Table
	next := func() {
		b.raw(glue)
		glue = " AND "
	}
	glue = b.visible(glue, l.entity, t)
	if len(pg.where) > 0 {
		next()
		b.raw("(")
		if err := b.filter(l.entity, t, pg.where, "where"); err != nil {
			return err
		}
		b.raw(")")
	}
	if cursors && pg.after != nil {
		next()
		b.beyond(l.entity, t, pg.terms, pg.after, false)
	}
	if cursors && pg.before != nil {
		next()
		b.beyond(l.entity, t, pg.terms, pg.before, true)
	}
	return nil
}

// limit writes how many records are read: one more than asked, where it
// matters whether there are more.
func (b *builder) limit(pg *page) {
	extra := 0
	if pg.more {
		extra = 1
	}
	b.raw(" LIMIT ")
	if s, ok := pg.size.(slot); ok {
		b.Arg(&binding{name: s.name, parse: func(v any) (any, error) {
			n, err := PageRows(pg.argument, v, pg.limits.PageMax)
			return n + extra, err
		}})
		return
	}
	n, _ := pg.rows(nil)
	b.Arg(n + extra)
}

// rootPage reads a page of a root's list. What is joined to it is looked up for its
// own records only: where the engine may have to sort, they are chosen inside.
func (b *builder) rootPage(l *level) error {
	t := l.entity.Table
	table := t
	inside := l.countJoins() > 0 && (len(l.page.terms) > 1 || len(l.page.where) > 0)
	if inside {
		table = found
	}
	b.raw("SELECT ")
	b.columns(l, table)
	b.raw(" FROM ").table(l.entity, table)
	b.joins(l, table)
	if inside {
		b.raw(" WHERE ").column(found, l.entity.ID.Column).raw(" IN (SELECT ").column(t, l.entity.ID.Column).raw(" FROM ").table(l.entity, t)
	}
	if err := b.where(l, true, " WHERE "); err != nil {
		return err
	}
	b.raw(" ORDER BY ")
	b.orderBy(l.entity, t, l.page.terms, l.page.backward)
	b.limit(l.page)
	if inside {
		b.raw(") ORDER BY ")
		b.orderBy(l.entity, found, l.page.terms, l.page.backward)
	}
	return nil
}

// toOne reads what an edge leads to from each of a list of values, which is
// the statement's first argument.
func (b *builder) toOne(l *level) {
	t := l.entity.Table
	column := l.entity.ID.Column
	if l.edge.Storage == model.Other {
		column = l.edge.Column
	}
	b.raw("SELECT ").column(parents, "key").raw(", ")
	b.columns(l, t)
	b.raw(" FROM ")
	b.given()
	b.raw(" AS ").Ident(parents).WriteString(" CROSS JOIN ")
	if l.edge.Storage == model.Join {
		b.association(l.edge, l.edge.Table).raw(" ON ")
		b.column(l.edge.Table, l.edge.From).raw(" = ").column(parents, "value")
		b.connected(" AND ", l.edge, l.edge.Table)
		b.raw(" JOIN ")
		b.table(l.entity, t).raw(" ON ")
		b.column(t, column).raw(" = ").column(l.edge.Table, l.edge.Ref)
	} else {
		b.table(l.entity, t).raw(" ON ")
		b.column(t, column).raw(" = ").column(parents, "value")
	}
	b.joins(l, t)
	b.visible(" WHERE ", l.entity, t)
}

// toMany reads a page of what an edge leads to, and how many there are, for
// each of a list of values, which is the statement's first argument. The page
// of each is cut inside, so that only its records are read. Where nothing of it
// is wanted, there is no statement.
func (b *builder) toMany(l *level) error {
	if !l.rows && !l.total {
		return nil
	}
	if l.total {
		b.raw("WITH ").Ident(parents).WriteString(" AS MATERIALIZED (SELECT key, value, (SELECT count(*)")
		if err := b.members(l, false); err != nil {
			return err
		}
		b.raw(") AS total FROM ")
		b.given()
		b.raw(" AS ").Ident(parents).WriteString(") ")
	}
	b.raw("SELECT ").column(parents, "key").raw(", ")
	if l.total {
		b.column(parents, "total").raw(", ")
	}
	if !l.rows {
		b.raw("NULL, 1 FROM ").Ident(parents)
		return nil
	}
	if l.total {
		b.column(found, l.entity.ID.Column).raw(", ")
	}
	b.columns(l, found)
	b.raw(" FROM ")
	if !l.total {
		b.given()
		b.raw(" AS ")
	}
	b.Ident(parents)
	b.raw(map[bool]string{true: " LEFT JOIN ", false: " CROSS JOIN "}[l.total]).table(l.entity, found).raw(" ON ")
	b.column(found, l.entity.ID.Column).raw(" IN (SELECT ")
	if b.direct(l) {
		b.column(l.edge.Table, l.edge.Ref)
	} else {
		b.column(l.entity.Table, l.entity.ID.Column)
	}
	if err := b.members(l, true); err != nil {
		return err
	}
	b.raw(" ORDER BY ")
	if b.direct(l) {
		b.column(l.edge.Table, l.edge.Ref)
		if l.page.terms[0].desc != l.page.backward {
			b.raw(" DESC")
		}
	} else {
		b.orderBy(l.entity, l.entity.Table, l.page.terms, l.page.backward)
	}
	b.limit(l.page)
	b.raw(")")
	b.joins(l, found)
	b.raw(" ORDER BY ").column(parents, "key").raw(", ")
	b.orderBy(l.entity, found, l.page.terms, false)
	return nil
}

// given writes the list of values that is known when the statement runs, as
// rows of a key, their position, and a value.
func (b *builder) given() {
	b.raw("json_each(")
	b.Arg(given{})
	b.raw(")")
}

// direct reports whether an association table alone says which records a page
// holds.
func (b *builder) direct(l *level) bool {
	return l.edge.Storage == model.Join && len(l.page.where) == 0 && !b.hides(l.entity) && len(l.page.terms) == 1 &&
		l.page.after == nil && l.page.before == nil
}

// members writes the records that the edge leads to from one parent's value.
func (b *builder) members(l *level, cursors bool) error {
	t, ed := l.entity.Table, l.edge
	b.raw(" FROM ")
	if ed.Storage != model.Join {
		b.table(l.entity, t).raw(" WHERE ").column(t, ed.Column).raw(" = ").column(parents, "value")
		return b.where(l, cursors, " AND ")
	}
	b.association(ed, ed.Table)
	alone := b.direct(l) || !cursors && len(l.page.where) == 0 && !b.hides(l.entity)
	if !alone {
		b.raw(" JOIN ").table(l.entity, t).raw(" ON ")
		b.column(t, l.entity.ID.Column).raw(" = ").column(ed.Table, ed.Ref)
	}
	b.raw(" WHERE ").column(ed.Table, ed.From).raw(" = ").column(parents, "value")
	b.connected(" AND ", ed, ed.Table)
	if alone {
		return nil
	}
	return b.where(l, cursors, " AND ")
}
