package query

import (
	"entgo.io/ent/dialect/sql"

	"coppice/internal/model"
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
// alias is not hidden, and reports whether there is one.
func (b *builder) visible(glue string, e *model.Entity, alias string) bool {
	scope := b.scope(e, alias)
	if scope == nil {
		return false
	}
	b.raw(glue, "(")
	b.Join(scope)
	b.raw(")")
	return true
}

// shown writes, after glue, the condition that a record of the table at alias
// is not hidden, if there is one, and returns what to write before the next.
func (b *builder) shown(glue string, e *model.Entity, alias string) string {
	if b.visible(glue, e, alias) {
		return " AND "
	}
	return glue
}

// scope is the condition for one entity's records, or nil for none.
type scope func(e *model.Entity, alias string) *sql.Predicate

func everything(*model.Entity, string) *sql.Predicate { return nil }
