package query

import (
	"slices"
	"strconv"
	"strings"

	"entgo.io/ent/dialect/sql"

	"coppice/core/internal/scope"
	"coppice/core/model"
)

// Every statement names a table here, in a FROM or a JOIN, and says here, in
// its WHERE or ON, which of the table's records are there for the request.

// table writes an entity's table under an alias.
func (b *builder) table(e *model.Entity, alias string) *builder {
	return b.named(e.Table, alias)
}

// association writes the table of an edge's association rows under an alias.
func (b *builder) association(ed *model.Edge, alias string) *builder {
	return b.named(ed.Table, alias)
}

func (b *builder) named(table, alias string) *builder {
	b.Ident(table)
	if alias != table {
		b.raw(" AS ").Ident(alias)
	}
	return b
}

// visible writes, after glue, the condition that a record of the table at
// alias is not hidden, if there is one, and returns the glue of the next.
func (b *builder) visible(glue string, e *model.Entity, alias string) string {
	s := b.view.of(e)
	if !s.Hides() {
		return glue
	}
	b.raw(glue, "(")
	if s.Err != nil {
		b.refuse(s.Refusal(b.asked))
		b.raw("1 = 0")
	} else {
		b.Join(&scoped{s.At(alias), e})
	}
	b.raw(")")
	return " AND "
}

// connected does so for the association rows of an edge that are records.
func (b *builder) connected(glue string, ed *model.Edge, alias string) string {
	if ed.By == nil {
		return glue
	}
	return b.visible(glue, ed.By, alias)
}

// hides reports whether what an edge leads to may be hidden.
func (b *builder) hides(e *model.Entity) bool { return b.view.of(e).Hides() }

// refuse notes that a level may not be read, of several reasons one that names
// an argument.
func (b *builder) refuse(err error) {
	if b.refused == nil {
		b.refused = map[*level]error{}
	}
	if b.refused[b.level] == nil || b.asked != "" {
		b.refused[b.level] = err
	}
}

// scoped is the condition of an entity's scope, with places for its arguments.
type scoped struct {
	*sql.Predicate
	entity *model.Entity
}

// Query implements sql.Querier.
func (s *scoped) Query() (string, []any) {
	text, args := s.Predicate.Query()
	for i := range args {
		args[i] = scopeArgument{s.entity.Index, i}
	}
	return text, args
}

// scopeArgument stands in a statement's arguments for one of an entity's scope.
type scopeArgument struct{ entity, place int }

// view is how one request sees the entities: their scopes, nil where nothing
// hides.
type view struct {
	scopes []*scope.Scope
	named  map[*model.Entity]bool // those that the statements name, or nil where nobody asks
}

func (v *view) of(e *model.Entity) *scope.Scope {
	if v.named != nil {
		v.named[e] = true
	}
	if v.scopes == nil {
		return nil
	}
	return v.scopes[e.Index]
}

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
		case b.words.Bytes != "" && l.isStamp(c):
			// The driver would parse it, at some cost, to be printed again.
			b.form(b.words.Bytes, func() { b.column(from, c.name) })
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

// maxJoins bounds the levels that are read by one statement; engines bound the
// tables of one.
const maxJoins = 16

// join makes a level that a foreign key of its parent leads to a part of the
// parent's statement, and reports whether it did. It does not where hand-written
// fields are to see the records on their own.
func (l *level) join() bool {
	host := l.parent
	for host.joined {
		host = host.parent
	}
	if l.edge.Storage != model.Own || host.aggregate != nil || len(l.customs) > 0 ||
		l.countJoins()+host.countJoins() >= maxJoins {
		return false
	}
	l.link, l.joined, l.alias = l.at(column{name: l.entity.ID.Column}), true, "_j"+strconv.Itoa(l.index)
	return true
}

// joins yields the levels that are read by the level's statement besides it,
// each after the one that it hangs on.
func (l *level) joins(yield func(*level) bool) { l.eachJoin(yield) }

func (l *level) eachJoin(yield func(*level) bool) bool {
	for _, c := range l.children {
		if c.joined && (!yield(c) || !c.eachJoin(yield)) {
			return false
		}
	}
	return true
}

func (l *level) countJoins() int {
	n := 0
	for range l.joins {
		n++
	}
	return n
}

// place settles where in the rows the columns of the joined levels stand.
func (l *level) place() {
	n := l.prefix() + max(1, len(l.columns))
	for j := range l.joins {
		j.offset = n
		n += len(j.columns)
	}
}

// joins writes the tables of the levels that are joined to one.
func (b *builder) joins(l *level, table string) {
	for j := range l.joins {
		from := table
		if j.parent != l {
			from = j.parent.alias
		}
		if b.words.Lateral {
			b.lookUp(l, j, from)
			continue
		}
		b.raw(" LEFT JOIN ").table(j.entity, j.alias).raw(b.readByID(j.entity)).raw(" ON ")
		b.column(j.alias, j.entity.ID.Column).raw(" = ").column(from, j.edge.Column)
		b.level = j
		b.visible(" AND ", j.entity, j.alias)
		b.level = l
	}
}

// lookUp writes the table of a joined level as a statement that names its parent, and
// is not merged into the one around it: its record is looked up by its key, whatever
// the engine believes of the table.
func (b *builder) lookUp(l, j *level, from string) {
	b.raw(" LEFT JOIN LATERAL (SELECT ").every(j.alias).raw(" FROM ").table(j.entity, j.alias)
	b.raw(" WHERE ").column(j.alias, j.entity.ID.Column).raw(" = ").column(from, j.edge.Column)
	b.level = j
	b.visible(" AND ", j.entity, j.alias)
	b.level = l
	b.raw(" OFFSET 0) AS ").Ident(j.alias).WriteString(" ON TRUE")
}

// matching is lookUp for the records whose column has a value that stands before it.
func (b *builder) matching(e *model.Entity, column, from, value string) {
	t := e.Table
	b.raw(" CROSS JOIN LATERAL (SELECT ").every(t).raw(" FROM ").table(e, t).raw(" WHERE ").column(t, column).raw(" = ").column(from, value)
	b.visible(" AND ", e, t)
	b.raw(" OFFSET 0) AS ").Ident(t)
}

// connecting is matching for the rows of an association table that start at a parent.
func (b *builder) connecting(ed *model.Edge) {
	b.raw(" CROSS JOIN LATERAL (SELECT ").every(ed.Table).raw(" FROM ").association(ed, ed.Table)
	b.raw(" WHERE ").column(ed.Table, ed.From).raw(" = ").column(parents, "value")
	b.connected(" AND ", ed, ed.Table)
	b.raw(" OFFSET 0) AS ").Ident(ed.Table)
}

// made is the name of the row that a statement makes and reads.
const made = "_made"

// perOutput is how long a field of an answer is at the most, beside its name and the
// text in it, and perByte how long a byte of a text is there.
const (
	perOutput = 64
	perByte   = 6
)

// most is how many bytes of text the records may hold for the fields to be answered
// within a limit, however often each is asked for.
func most(outs []output, limit int) int {
	n, fixed := measure(outs)
	return max(0, limit-fixed) / perByte / max(1, n)
}

func measure(outs []output) (n, fixed int) {
	for i := range outs {
		in, beside := measure(outs[i].sub)
		n, fixed = n+in+1, fixed+beside+len(outs[i].key)+perOutput
	}
	return n, fixed
}

// returns reports whether the INSERT that makes a level's record can itself return all
// that is asked for, which is columns of the row alone. Of another record each column
// would be looked up by itself, which costs as much as the join.
func (l *level) returns() bool { return l.countJoins() == 0 }

// makes writes what reads a level's record from the row that the statement itself
// makes, as long as its texts are within what may be answered. Where the INSERT returns
// it, a last column says so, since that has no condition. What it returns stands before
// the INSERT, and the text behind.
func (b *builder) makes(l *level, outs []output, limit int) (before string) {
	t := l.entity.Table
	if l.returns() {
		b.raw(" RETURNING ")
		b.columns(l, t)
		b.raw(", ")
		if !b.within(l, most(outs, limit)) {
			b.raw("TRUE")
		}
		return ""
	}
	const insert = "\x00" // which no name holds
	before, behind, _ := strings.Cut(b.words.Making.With(insert, made), insert)
	b.raw(behind, "SELECT ")
	b.columns(l, t)
	b.raw(" FROM ").Ident(made).WriteString(" AS ")
	b.Ident(t)
	b.joins(l, t)
	b.raw(" WHERE ")
	if !b.within(l, most(outs, limit)) {
		b.raw("TRUE")
	}
	return before
}

// within writes the condition that the texts among the columns of a level, and of those
// joined to it, have no more bytes together; ok is false where there are none.
func (b *builder) within(l *level, limit int) (ok bool) {
	var texts []func()
	note := func(l *level, table string) {
		for _, c := range l.columns {
			if isText(l.entity, c.name) {
				texts = append(texts, func() { b.form(b.words.Length, func() { b.column(table, c.name) }) })
			}
		}
	}
	note(l, l.entity.Table)
	for j := range l.joins {
		note(j, j.alias)
	}
	if len(texts) == 0 {
		return false
	}
	b.form(b.words.Within, func() {
		for i, text := range texts {
			if i > 0 {
				b.raw(" + ")
			}
			text()
		}
	}, func() { b.raw(strconv.Itoa(limit)) })
	return true
}

// isText reports whether a column holds texts.
func isText(e *model.Entity, column string) bool {
	return slices.ContainsFunc(e.Fields, func(f *model.Field) bool { return f.Column == column && f.Kind == model.String })
}
