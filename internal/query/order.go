package query

import (
	"fmt"
	"hash/fnv"
	"strconv"

	"coppice/core/fault"
	"coppice/internal/model"
)

// term is one expression of an order.
type term struct {
	by       model.Order
	desc     bool
	nullable bool
	last     bool // nulls come last
	path     string
}

// field is the field whose values the term compares; for a count, one like it.
func (t term) field() *model.Field {
	if t.by.Field == nil {
		return &model.Field{Kind: model.Int, Bits: 64}
	}
	return t.by.Field
}

// order reads an orderBy argument. The id breaks ties, in the direction of
// the last term, so that an order is always total.
func (r *reader) order(e *model.Entity, v any, path string) ([]term, error) {
	var terms []term
	if v != nil {
		os, err := r.objects(r.value(v), path)
		if err != nil {
			return nil, err
		}
		for i, o := range os {
			t, err := r.term(e, o, at(path, i))
			if err != nil {
				return nil, err
			}
			terms = append(terms, t)
			if t.by.Edge == nil && t.by.Field == e.ID {
				return terms, nil
			}
		}
	}
	id := term{by: model.Order{Name: "ID", Field: e.ID}}
	if len(terms) > 0 {
		id.desc = terms[len(terms)-1].desc
	}
	return append(terms, id), nil
}

func (r *reader) term(e *model.Entity, o object, path string) (term, error) {
	name, _ := o.get("field")
	by, ok := e.Order(fmt.Sprint(r.value(name)))
	if !ok {
		return term{}, fault.Input(join(path, "field"), "%s has no such order.", e.Name)
	}
	t := term{by: by, path: join(path, "field")}
	if d, ok := o.get("direction"); ok {
		t.desc = r.value(d) == "DESC"
	}
	t.nullable = by.Field != nil && (by.Field.Nullable || by.Edge != nil && (!by.Edge.Required || r.hides(by.Edge)))
	t.last = t.desc
	if n, ok := o.get("nulls"); ok && r.value(n) != nil {
		t.last = r.value(n) == "LAST"
	}
	return t, nil
}

// signature tells orders apart, so that a cursor of another is recognised.
func signature(e *model.Entity, terms []term) string {
	h := fnv.New32a()
	h.Write([]byte(e.Name))
	for _, t := range terms {
		// What an edge leads to may be null, or be hidden one day.
		open := t.nullable || t.by.Edge != nil && t.by.Field != nil
		_, _ = fmt.Fprintf(h, "|%s %v %v", t.by.Name, t.desc, open && t.last)
	}
	return strconv.FormatUint(uint64(h.Sum32()), 36)
}

// term writes what a term compares, on a table or alias.
func (b *builder) term(e *model.Entity, table string, t term) {
	b.asked = t.path
	b.expression(e, table, t.by)
	b.asked = ""
}

// expression does so for an order whoever asks for it.
func (b *builder) expression(e *model.Entity, table string, o model.Order) {
	ed := o.Edge
	switch {
	case ed == nil:
		b.field(table, o.Field)
	case o.Field == nil && ed.Storage == model.Join:
		t, j := "", b.alias()
		b.raw("(SELECT count(*) FROM ").association(ed, j)
		if b.hides(ed.Target) {
			t = b.alias()
			b.raw(" JOIN ").table(ed.Target, t).raw(" ON ").column(t, ed.Target.ID.Column).raw(" = ").column(j, ed.Ref)
		}
		b.raw(" WHERE ").column(j, ed.From).raw(" = ").column(table, e.ID.Column)
		b.visible(b.connected(" AND ", ed, j), ed.Target, t)
		b.raw(")")
	case o.Field == nil:
		t := b.alias()
		b.raw("(SELECT count(*) FROM ").table(ed.Target, t).raw(" WHERE ")
		b.column(t, ed.Column).raw(" = ").column(table, e.ID.Column)
		b.visible(" AND ", ed.Target, t)
		b.raw(")")
	case ed.Storage == model.Own && o.Field == ed.Target.ID && !b.hides(ed.Target):
		b.column(table, ed.Column)
	case ed.Storage == model.Join:
		t, j := b.alias(), b.alias()
		b.raw("(SELECT ").field(t, o.Field).raw(" FROM ").association(ed, j).raw(" JOIN ").table(ed.Target, t).raw(" ON ")
		b.column(t, ed.Target.ID.Column).raw(" = ").column(j, ed.Ref).raw(" WHERE ")
		b.column(j, ed.From).raw(" = ").column(table, e.ID.Column)
		b.visible(b.connected(" AND ", ed, j), ed.Target, t)
		b.raw(")")
	default:
		t := b.alias()
		b.raw("(SELECT ").field(t, o.Field).raw(" FROM ").table(ed.Target, t).raw(" WHERE ")
		if ed.Storage == model.Own {
			b.column(t, ed.Target.ID.Column).raw(" = ").column(table, ed.Column)
		} else {
			b.column(t, ed.Column).raw(" = ").column(table, e.ID.Column)
		}
		b.visible(" AND ", ed.Target, t)
		b.raw(")")
	}
}

// orderBy writes the terms of an ORDER BY, all turned round when backward.
func (b *builder) orderBy(e *model.Entity, table string, terms []term, backward bool) {
	for i, t := range terms {
		if i > 0 {
			b.raw(", ")
		}
		b.term(e, table, t)
		desc, last := t.desc != backward, t.last != backward
		if desc {
			b.raw(" DESC")
		}
		if t.nullable && last != desc {
			b.raw(map[bool]string{true: " NULLS LAST", false: " NULLS FIRST"}[last])
		}
	}
}

// beyond writes the condition that a record lies after the cursor's position,
// or before it when backward: the record differs from it first in a term in
// which it comes later.
func (b *builder) beyond(e *model.Entity, table string, terms []term, c *position, backward bool) {
	if t := terms[0]; len(terms) > 1 && !c.null(0) && (!t.nullable || t.last == backward) {
		// Implied by what follows; it lets the engine start its scan of an
		// index on the first term at the cursor.
		b.term(e, table, t)
		b.raw(map[bool]string{true: " <= ", false: " >= "}[t.desc != backward])
		c.arg(b, 0)
		b.raw(" AND ")
	}
	b.raw("(")
	for i, t := range terms {
		if i > 0 {
			b.raw(" OR (")
			for j := range i {
				b.same(e, table, terms[j], c, j)
				b.raw(" AND ")
			}
		}
		b.later(e, table, t, c, i, backward)
		if i > 0 {
			b.raw(")")
		}
	}
	b.raw(")")
}

func (b *builder) same(e *model.Entity, table string, t term, c *position, i int) {
	b.term(e, table, t)
	if c.null(i) {
		b.raw(" IS NULL")
		return
	}
	b.raw(" = ")
	c.arg(b, i)
}

func (b *builder) later(e *model.Entity, table string, t term, c *position, i int, backward bool) {
	desc, last := t.desc != backward, t.last != backward
	if c.null(i) {
		if last {
			b.raw("1 = 0")
			return
		}
		b.term(e, table, t)
		b.raw(" IS NOT NULL")
		return
	}
	open := t.nullable && last
	if open {
		b.raw("(")
	}
	b.term(e, table, t)
	b.raw(map[bool]string{true: " < ", false: " > "}[desc])
	c.arg(b, i)
	if open {
		b.raw(" OR ")
		b.term(e, table, t)
		b.raw(" IS NULL)")
	}
}
