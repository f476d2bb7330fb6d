package query

import (
	"strconv"

	"coppice/core/model"
)

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
		b.raw(" LEFT JOIN ").table(j.entity, j.alias).raw(b.readByID(j.entity)).raw(" ON ")
		b.column(j.alias, j.entity.ID.Column).raw(" = ").column(from, j.edge.Column)
		b.level = j
		b.visible(" AND ", j.entity, j.alias)
		b.level = l
	}
}
