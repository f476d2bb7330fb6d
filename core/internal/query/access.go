package query

import (
	"slices"
	"strings"

	"coppice/core/internal/index"
	"coppice/core/model"
)

// access is how a statement reads one table: what it starts from is settled
// here, by rules, and written into the statement, so that it does not depend on
// what the engine believes of how much there is in the tables.
type access struct {
	rank   rank
	inner  rank // of what is reached: how it is read itself
	fixed  int  // columns of the index that conditions give values of
	sorted int  // terms of the order that the index has done
	total  bool // those are all of them
	hint   string
	byID   bool // a condition on the id is what it is read by
	// start writes a statement for the ids to start from, in the place of the
	// condition at a path.
	start func(*builder) error
	path  string
}

// rank orders the ways to read a table, the most narrow first.
type rank uint8

const (
	one     rank = iota // by a unique key
	some                // by given values, or the parent's
	reached             // by what an edge leads to
	between             // by a range
	ordered             // all, in the order asked, as far as the page goes
	every               // all
)

// better reports whether a is to be preferred to c.
func (a access) better(c access) bool {
	switch {
	case a.rank != c.rank:
		return a.rank < c.rank
	case a.inner != c.inner:
		return a.inner < c.inner
	case a.fixed != c.fixed:
		return a.fixed > c.fixed
	default:
		return a.sorted > c.sorted
	}
}

// clause is a where input at its path.
type clause struct {
	where object
	path  string
}

// conjunct is one of the conditions that all have to be met.
type conjunct struct {
	model.Condition
	value any
	path  string
	or    arms // the alternatives that it consists of
}

// conjuncts adds to a list the conditions of a where input.
func (b *builder) conjuncts(e *model.Entity, c clause, list []conjunct) []conjunct {
	for _, p := range c.where {
		path := join(c.path, p.name)
		switch p.name {
		case "not":
		case "and":
			a, _ := b.demands(e, p.value, path)
			list = b.each(e, a, path, list)
		case "or":
			switch a, _ := b.alternatives(e, p.value, path); len(a.list) {
			case 0:
			case 1:
				list = b.each(e, a, path, list)
			default:
				list = append(list, conjunct{or: a, path: path})
			}
		default:
			if cond, ok := e.Condition(p.name); ok && p.value != nil {
				list = append(list, conjunct{Condition: cond, value: p.value, path: path})
			}
		}
	}
	return list
}

// each adds to a list the conditions of where inputs that all have to be met,
// unless those are too many to weigh.
func (b *builder) each(e *model.Entity, a arms, path string, list []conjunct) []conjunct {
	if b.shut[path] = len(list)+len(a.list) > maxConjuncts; b.shut[path] {
		return list
	}
	for i, o := range a.list {
		list = b.conjuncts(e, clause{o, at(path, a.places[i])}, list)
	}
	return list
}

// fix is what a condition says of a column.
type fix struct {
	rank rank // one, some, reached or between
	null bool // it may be met by many rows of a unique index
}

// chooser works out the access to one table.
type chooser struct {
	b     *builder
	e     *model.Entity
	table *index.Table
	fixes map[string]fix
	terms []term
	best  access
}

// access chooses how to read an entity's table, given the conditions that all
// of its records must meet, the order they are wanted in, and the column that
// has its value from a parent, if there is one.
func (b *builder) access(e *model.Entity, terms []term, parent string, clauses ...clause) access {
	c := &chooser{b: b, e: e, table: b.r.indexes.Of(e.Table), fixes: map[string]fix{}, terms: terms, best: access{rank: every}}
	if c.table == nil {
		return c.best
	}
	c.best.hint = b.words.By("")
	if parent != "" {
		c.fixes[parent] = fix{rank: one, null: true}
	}
	var list []conjunct
	if len(clauses) > maxConjuncts { // of one list
		b.shut[clauses[0].path[:strings.LastIndexByte(clauses[0].path, '.')]] = true
		clauses = nil
	}
	for _, cl := range clauses {
		list = b.conjuncts(e, cl, list)
	}
	for _, cj := range list {
		c.consider(cj, parent == "")
	}
	c.rows()
	for _, idx := range c.table.Indexes {
		c.index(idx)
	}
	return c.best
}

// lookup chooses how to find the record with a unique key, or nil for the id.
func (b *builder) lookup(l *level) string {
	c := &chooser{b: b, e: l.entity, table: b.r.indexes.Of(l.entity.Table), fixes: map[string]fix{}, best: access{rank: every}}
	switch {
	case c.table == nil:
		return ""
	case l.unique == nil && l.countJoins() == 0:
		return b.readAlone(l.entity)
	case l.unique == nil:
		return b.readByID(l.entity)
	}
	for _, p := range l.unique.Parts {
		if p.Field == nil || !p.Field.OwnStorage {
			c.fixes[p.Column()] = fix{rank: one}
		}
	}
	c.best.hint = b.words.By("")
	for _, idx := range c.table.Indexes {
		c.index(idx)
	}
	return c.best.hint
}

func (c *chooser) offer(a access) {
	if a.better(c.best) {
		c.best = a
	}
}

// consider notes what a condition fixes, and offers what it can start from by
// itself.
func (c *chooser) consider(cj conjunct, start bool) {
	switch {
	case cj.or.list != nil:
		if start {
			c.union(cj)
		}
	case cj.Edge != nil:
		c.edge(cj, start)
	case cj.Field.OwnStorage:
	case cj.Field == c.e.ID && cj.Op == model.In && c.table.RowID != "":
		if start {
			c.offer(access{rank: some, fixed: 1, hint: c.b.words.By(""), path: cj.path, start: func(b *builder) error { return b.listed(c.e, cj) }})
		}
	default:
		c.fix(cj.Field.Column, cj.Op, cj.value)
	}
}

func (c *chooser) fix(column string, op model.Op, value any) {
	f := fix{rank: every}
	switch op {
	case model.EQ:
		f.rank = one
	case model.In:
		if l, ok := c.b.r.value(value).(list); !ok || len(l) > 0 { // else it is met by nothing
			f.rank = some
		}
	case model.GT, model.GTE, model.LT, model.LTE:
		f.rank = between
	case model.IsNil, model.NotNil:
		if yes, _ := c.b.r.value(value).(bool); yes == (op == model.IsNil) {
			f = fix{rank: one, null: true}
		} else {
			f.rank = between
		}
	}
	if have, ok := c.fixes[column]; f.rank < every && (!ok || f.rank < have.rank || have.null && !f.null) {
		c.fixes[column] = f
	}
}

// edge considers a condition on what an edge leads to.
func (c *chooser) edge(cj conjunct, start bool) {
	ed := cj.Edge
	inner, with := every, false
	if cj.With {
		os, _ := c.b.r.objects(cj.value, cj.path)
		with = len(os) > 0
		inner = c.b.access(ed.Target, nil, "", clausesAt(os, cj.path)...).rank
	} else if has, _ := c.b.r.value(cj.value).(bool); !has {
		return
	}
	if ed.Storage == model.Own {
		switch _, ok := c.fixes[ed.Column]; {
		case ok:
		case with || c.b.hides(ed.Target):
			c.fixes[ed.Column] = fix{rank: reached}
		case !ed.Required:
			c.fixes[ed.Column] = fix{rank: between}
		}
		return
	}
	if start {
		c.offer(access{rank: reached, inner: inner, hint: c.b.readByID(c.e), path: cj.path, start: func(b *builder) error {
			return b.reach(cj.Condition, cj.value, cj.path, "DISTINCT ")
		}})
	}
}

// union offers to start from the ids that each of some alternatives finds, where
// each is narrow.
func (c *chooser) union(cj conjunct) {
	if c.b.alternates > maxAlternatives {
		return
	}
	worst := some
	for i, o := range cj.or.list {
		worst = max(worst, c.b.access(c.e, nil, "", clause{o, at(cj.path, cj.or.places[i])}).rank)
	}
	if worst < ordered {
		c.offer(access{rank: worst, inner: every, hint: c.b.readByID(c.e), path: cj.path, start: func(b *builder) error {
			return b.union(c.e, cj.or, cj.path)
		}})
	}
}

// rows offers to read along the rows' own key.
func (c *chooser) rows() {
	if c.table.RowID == "" || c.table.RowID != c.e.ID.Column {
		return
	}
	a := access{rank: every, hint: c.b.words.By("")}
	if len(c.terms) > 0 && c.column(c.terms[0]) == c.table.RowID {
		a.rank, a.sorted, a.total = ordered, 1, true
	}
	if f, ok := c.fixes[c.table.RowID]; ok {
		a.rank, a.fixed, a.byID = f.rank, 1, true
		a.total = a.total || f.rank == one
	}
	c.offer(a)
}

// index offers to read by an index.
func (c *chooser) index(idx index.Index) {
	a := access{rank: every, hint: c.b.words.By(idx.Name)}
	unique, inOrder, worst := idx.Unique, true, one
	for _, column := range idx.Columns {
		f, ok := c.fixes[column]
		if !ok || f.rank == between {
			break
		}
		a.fixed++
		a.byID = a.byID || column == c.e.ID.Column
		unique = unique && f.rank == one && !f.null
		inOrder = inOrder && f.rank == one
		if f.rank == reached {
			worst = reached
		}
	}
	if inOrder {
		a.sorted, a.total = c.inOrder(idx, a.fixed)
	}
	switch {
	case a.fixed == len(idx.Columns) && unique:
		a.rank, a.total = one, true
	case a.fixed > 0:
		a.rank = max(some, worst)
	case c.fixes[idx.Columns[0]].rank == between:
		a.rank, a.byID = between, idx.Columns[0] == c.e.ID.Column
	case a.sorted > 0 && !c.skips(idx):
		a.rank = ordered
	default:
		return
	}
	c.offer(a)
}

// skips reports whether the engine could be led to skip over an index by a
// column that is not its first.
func (c *chooser) skips(idx index.Index) bool {
	return slices.ContainsFunc(idx.Columns[1:], func(column string) bool { _, ok := c.fixes[column]; return ok })
}

// inOrder is how many terms of the order an index has done whose first columns
// have one value, and whether those are all.
func (c *chooser) inOrder(idx index.Index, fixed int) (n int, total bool) {
	columns := idx.Columns[fixed:]
	if c.table.RowID != "" {
		columns = append(slices.Clone(columns), c.table.RowID)
	}
	for i, t := range c.terms {
		if i >= len(columns) || c.column(t) != columns[i] || t.desc != c.terms[0].desc || t.nullable && t.last != t.desc {
			return n, false
		}
		n++
	}
	return n, n > 0
}

// column is the column that a term compares, "" for what is no column.
func (c *chooser) column(t term) string {
	switch ed := t.by.Edge; {
	case ed == nil && !t.by.Field.OwnStorage:
		return t.by.Field.Column
	case ed != nil && ed.Storage == model.Own && t.by.Field == ed.Target.ID && !c.b.hides(ed.Target):
		return ed.Column
	default:
		return ""
	}
}

// readByID is how one record is read by its id.
func (b *builder) readByID(e *model.Entity) string { return b.readBy(e.Table, e.ID.Column) }

// readAlone is how one record is read by its id where no other table stands beside
// it: by row id the engine does so by itself, whatever it believes.
func (b *builder) readAlone(e *model.Entity) string {
	if t := b.r.indexes.Of(e.Table); t == nil || t.RowID == e.ID.Column {
		return ""
	}
	return b.readByID(e)
}

// readBy is how rows are read by the value of a column.
func (b *builder) readBy(table, column string, others ...string) string {
	t := b.r.indexes.Of(table)
	if t == nil {
		return ""
	}
	if t.RowID == column {
		return b.words.By("")
	}
	return b.words.By(t.Leading(column, others...))
}

func clausesAt(os []object, path string) []clause {
	list := make([]clause, len(os))
	for i, o := range os {
		list[i] = clause{o, at(path, i)}
	}
	return list
}
