package query

import (
	"coppice/core/model"
)

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
	b.raw(") AS ").Ident(start).WriteString(" CROSS JOIN ")
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
	b.raw("SELECT value AS ").Ident(startID).WriteString(" FROM json_each(")
	b.Arg(listOf(known...))
	b.raw(")")
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
		b.raw(") UNION ")
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
