package query

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"coppice/core/fault"
	"coppice/core/model"
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

// maxTerms bounds the terms of an order, and the groups of an aggregate.
const maxTerms = 32

// order reads an orderBy argument. A field decides nothing where it stands a
// second time, nor does anything after the id, which breaks all ties: it comes
// last, in the direction of the term before it, where it is not given.
func (r *reader) order(e *model.Entity, v any) ([]term, error) {
	const path = "orderBy"
	var terms []term
	if v != nil {
		os, err := r.objects(r.value(v), path)
		if err != nil {
			return nil, err
		}
		seen := make(map[string]bool, min(len(os), maxTerms))
		for i, o := range os {
			t, err := r.term(e, o, at(path, i))
			if err != nil {
				return nil, err
			}
			if !seen[t.by.Name] {
				seen[t.by.Name] = true
				terms = append(terms, t)
			}
		}
	}
	if len(terms) > maxTerms {
		return nil, fault.Limit("number of different terms of an order", maxTerms, len(terms)).At(path)
	}
	for i, t := range terms {
		if t.by.Edge == nil && t.by.Field == e.ID {
			return terms[:i+1], nil
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
		b.raw("(SELECT count(*) FROM ").association(ed, j).raw(b.readBy(ed.Table, ed.From, ed.Ref))
		if b.hides(ed.Target) {
			t = b.alias()
			b.raw(b.words.Join).table(ed.Target, t).raw(b.readByID(ed.Target), " ON ").column(t, ed.Target.ID.Column).raw(" = ").column(j, ed.Ref)
		}
		b.raw(" WHERE ").column(j, ed.From).raw(" = ").column(table, e.ID.Column)
		b.visible(b.connected(" AND ", ed, j), ed.Target, t)
		b.raw(")")
	case o.Field == nil:
		t := b.alias()
		b.raw("(SELECT count(*) FROM ").table(ed.Target, t).raw(b.readBy(ed.Target.Table, ed.Column), " WHERE ")
		b.column(t, ed.Column).raw(" = ").column(table, e.ID.Column)
		b.visible(" AND ", ed.Target, t)
		b.raw(")")
	case ed.Storage == model.Own && o.Field == ed.Target.ID && !b.hides(ed.Target):
		b.column(table, ed.Column)
	case ed.Storage == model.Join:
		t, j := b.alias(), b.alias()
		b.raw("(SELECT ").field(t, o.Field).raw(" FROM ").association(ed, j).raw(b.readBy(ed.Table, ed.From, ed.Ref), b.words.Join)
		b.table(ed.Target, t).raw(b.readByID(ed.Target), " ON ")
		b.column(t, ed.Target.ID.Column).raw(" = ").column(j, ed.Ref).raw(" WHERE ")
		b.column(j, ed.From).raw(" = ").column(table, e.ID.Column)
		b.visible(b.connected(" AND ", ed, j), ed.Target, t)
		b.raw(")")
	default:
		t := b.alias()
		b.raw("(SELECT ").field(t, o.Field).raw(" FROM ").table(ed.Target, t)
		if ed.Storage == model.Own {
			b.raw(b.readAlone(ed.Target), " WHERE ").column(t, ed.Target.ID.Column).raw(" = ").column(table, ed.Column)
		} else {
			b.raw(b.readBy(ed.Target.Table, ed.Column), " WHERE ").column(t, ed.Column).raw(" = ").column(table, e.ID.Column)
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
		if t.nullable && last != (desc != b.words.NullsLargest) {
			b.raw(map[bool]string{true: b.words.NullsLast, false: b.words.NullsFirst}[last])
		}
	}
}

// beyond writes the condition that a record lies after the cursor's position,
// or before it when backward: it comes later by the first term, or is the same
// and comes later by those that follow. Each term stands there twice, however
// many there are.
func (b *builder) beyond(e *model.Entity, table string, terms []term, c *position, backward bool) {
	if t := terms[0]; len(terms) > 1 && !c.null(0) && (!t.nullable || t.last == backward) {
		// Implied by what follows; it lets the engine start its scan of an
		// index on the first term at the cursor.
		b.term(e, table, t)
		b.raw(map[bool]string{true: " <= ", false: " >= "}[t.desc != backward])
		c.arg(b, 0)
		b.raw(" AND ")
	}
	if len(terms) > 1 {
		b.raw(b.words.Apart) // not to be read by an index for each alternative
	}
	for i, t := range terms {
		b.raw("(")
		b.later(e, table, t, c, i, backward)
		if i < len(terms)-1 {
			b.raw(" OR (")
			b.same(e, table, t, c, i)
			b.raw(" AND ")
		}
	}
	b.raw(strings.Repeat(")", 2*len(terms)-1))
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
