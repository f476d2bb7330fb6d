package query

import (
	"strconv"

	"coppice/core/internal/dialect"
	"coppice/core/model"
)

// The aliases of a level's statement: the list of the parents' values that it
// is joined by, the ids of the records on its page, and the records.
const (
	parents  = "_parent"
	chosen   = "_chosen"
	found    = "_found"
	leading  = "_leading"
	counted  = "_counted"
	standing = "_place"
)

// Columns that stand before a level's own in each row.
const (
	prefixRoot  = 0
	prefixPage  = 2 // the total, and an id that is null when there is no record
	prefixChild = 1 // which parent
	prefixTotal = 3 // which parent, its total, and an id that is null when it has no record
)

func (l *level) prefix() int {
	switch {
	case l.together:
		return prefixPage
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
	dialect *dialect.Dialect
	reader  *reader
	view    *view
	writes  bool // the plan is a mutation's
	roots   []*root
	limit   int // bytes of an answer at most
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
		if l.given && l.key == nil && c.dialect.Place != "" && c.writes {
			placed := c.builder(l)
			placed.placed = true
			if err := placed.main(l); err != nil {
				return err
			}
			to[l.index].placed = placed.prepare()
		}
		if l.together && l.page.after == nil && l.page.before == nil {
			page := c.builder(l)
			if err := page.rootPage(l); err != nil {
				return err
			}
			to[l.index].page = page.prepare()
		}
		if c.dialect.Making != "" && len(c.roots) == 1 && c.roots[0].level == l {
			made := c.builder(l)
			to[l.index].making = made.makes(l, c.roots[0].sub, c.limit)
			to[l.index].made = made.prepare()
		}
		for refused, err := range main.refused {
			to[refused.index].err = err
		}
	}
	if l.edge == nil && l.page != nil && l.total && !l.together {
		b := c.builder(l)
		if err := b.count(l); err != nil {
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
	case l.together:
		return b.rootTogether(l)
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

// one reads the records of a root that is no list: by their ids, by a where
// input, or by the level's key.
func (b *builder) one(l *level) error {
	t := l.entity.Table
	b.raw("SELECT ")
	b.columns(l, t)
	b.raw(" FROM ")
	glue := " WHERE "
	switch {
	case l.given:
		by := l.entity.ID.Column
		if b.placed {
			by = b.words.Place
		}
		b.parentValues(l.entity.ID)
		b.raw(" AS ").Ident(parents)
		if b.words.Lateral {
			b.matching(l.entity, by, parents, "value")
			b.joins(l, t)
			return nil
		}
		b.raw(b.words.Join).table(l.entity, t).raw(b.readByID(l.entity), " ON ").column(t, by).raw(" = ").column(parents, "value")
		b.joins(l, t)
	case l.key == nil:
		if err := b.source(l.entity, t, b.access(l.entity, nil, "", clause{l.where, "where"})); err != nil {
			return err
		}
		b.joins(l, t)
		b.raw(" WHERE (")
		if err := b.filter(l.entity, t, l.where, "where"); err != nil {
			return err
		}
		b.raw(")")
		glue = " AND "
	default:
		b.table(l.entity, t).raw(b.lookup(l))
		b.byID[t] = true
		b.joins(l, t)
		b.raw(" WHERE ")
		if err := l.key(b); err != nil {
			return err
		}
		glue = " AND "
	}
	b.visible(glue, l.entity, t)
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
	// Behind an association table all of this is for afterwards: what it says of ids
	// the engine would take to its index, or not, as it believes.
	after := ""
	if l.edge != nil && l.edge.Storage == model.Join {
		after = b.words.Apart
	}
	if len(pg.where) > 0 {
		next()
		b.raw(after, "(")
		if err := b.filter(l.entity, t, pg.where, "where"); err != nil {
			return err
		}
		b.raw(")")
	}
	if cursors && pg.after != nil {
		next()
		b.raw(after)
		b.beyond(l.entity, t, pg.terms, pg.after, false)
	}
	if cursors && pg.before != nil {
		next()
		b.raw(after)
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
		b.Arg(&binding{name: s.name, limit: true, parse: func(v any) (any, error) {
			n, err := PageRows(pg.argument, v, pg.limits.PageMax)
			return n + extra, err
		}})
		return
	}
	n, _ := pg.rows(nil)
	b.number(n + extra)
}

// number writes a number that is the same at each run: where the engine chooses a
// plan by it, as it stands.
func (b *builder) number(n int) {
	if b.words.WeighsLimit {
		b.raw(strconv.Itoa(n))
		return
	}
	b.Arg(n)
}

// count counts a root's list. Where that is the whole table, the engine knows a
// way of its own, and to name an index would keep it from that.
func (b *builder) count(l *level) error {
	b.raw("SELECT count(*) FROM ")
	if len(l.page.where) == 0 && !b.hides(l.entity) {
		b.table(l.entity, l.entity.Table)
		return nil
	}
	if err := b.source(l.entity, l.entity.Table, b.access(l.entity, nil, "", clause{l.page.where, "where"})); err != nil {
		return err
	}
	return b.where(l, false, " WHERE ")
}

// rootPage reads a page of a root's list. What is joined to it is looked up for its
// own records only: where they have to be sorted, they are chosen inside.
func (b *builder) rootPage(l *level) error {
	t, id := l.entity.Table, l.entity.ID.Column
	a := b.access(l.entity, l.page.terms, "", clause{l.page.where, "where"})
	table := t
	if b.words.Lateral && l.countJoins() > 0 {
		return b.rootChosen(l, a)
	}
	inside := l.countJoins() > 0 && !a.total
	if inside {
		table = found
	}
	b.head(l, table)
	if inside {
		b.raw("(SELECT ").column(t, id).raw(" AS ").Ident(startID).WriteString(" FROM ")
	}
	if err := b.source(l.entity, t, a); err != nil {
		return err
	}
	if !inside {
		b.joins(l, t)
	}
	if err := b.where(l, true, " WHERE "); err != nil {
		return err
	}
	b.raw(" ORDER BY ")
	b.orderBy(l.entity, t, l.page.terms, l.page.backward)
	b.limit(l.page)
	if inside {
		b.raw(") AS ").Ident(chosen).WriteString(b.words.Join)
		b.table(l.entity, found).raw(b.readByID(l.entity), " ON ").column(found, id).raw(" = ").column(chosen, startID)
		b.joins(l, found)
		b.raw(" ORDER BY ")
		b.orderBy(l.entity, found, l.page.terms, l.page.backward)
	}
	return nil
}

// head writes what a root's page has of its records, as a page and a total have it.
func (b *builder) head(l *level, table string) {
	b.raw("SELECT ")
	for range l.prefix() {
		b.raw("NULL, ")
	}
	b.columns(l, table)
	b.raw(" FROM ")
}

// rootChosen is rootPage where what is joined is looked up for the records of the page
// alone by the form of the statement, whatever the engine believes of its tables.
func (b *builder) rootChosen(l *level, a access) error {
	b.head(l, found)
	b.raw("(")
	if err := b.rootRecords(l, a); err != nil {
		return err
	}
	b.raw(") AS ").Ident(found)
	b.joins(l, found)
	b.raw(" ORDER BY ")
	b.orderBy(l.entity, found, l.page.terms, l.page.backward)
	return nil
}

// rootRecords reads the records of a root's page.
func (b *builder) rootRecords(l *level, a access) error {
	t := l.entity.Table
	b.raw("SELECT ").every(t).raw(" FROM ")
	if err := b.source(l.entity, t, a); err != nil {
		return err
	}
	if err := b.where(l, true, " WHERE "); err != nil {
		return err
	}
	b.raw(" ORDER BY ")
	b.orderBy(l.entity, t, l.page.terms, l.page.backward)
	b.limit(l.page)
	return nil
}

// rootTogether reads a page of a root's list, and beside each of its records, or alone
// where there is none, how many there are: one statement needs no transaction.
func (b *builder) rootTogether(l *level) error {
	b.raw("SELECT ").column(counted, "n").raw(", ").column(found, l.entity.ID.Column).raw(", ")
	b.columns(l, found)
	b.raw(" FROM (")
	known := *b // what is settled of the page holds nowhere else
	b.done, b.byID, b.merged, b.shut = map[string]bool{}, map[string]bool{}, map[string]arms{}, map[string]bool{}
	if err := b.count(l); err != nil {
		return err
	}
	b.done, b.byID, b.merged, b.shut = known.done, known.byID, known.merged, known.shut
	b.raw(") AS ").Ident(counted).WriteString(" (n) LEFT JOIN (")
	if err := b.rootRecords(l, b.access(l.entity, l.page.terms, "", clause{l.page.where, "where"})); err != nil {
		return err
	}
	b.raw(") AS ").Ident(found)
	b.raw(" ON TRUE")
	b.joins(l, found)
	b.raw(" ORDER BY ")
	b.orderBy(l.entity, found, l.page.terms, l.page.backward)
	return nil
}
