package query

import (
	"errors"
	"slices"

	"golang.org/x/text/cases"

	"coppice/core/fault"
	"coppice/internal/model"
)

// filter writes the conditions of a where input on a table or alias as one
// SQL condition. An object without any condition is met by everything.
func (b *builder) filter(e *model.Entity, table string, where object, path string) error {
	if len(where) == 0 {
		b.raw("1 = 1")
		return nil
	}
	for i, p := range where {
		if i > 0 {
			b.raw(" AND ")
		}
		if err := b.condition(e, table, p, join(path, p.name)); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) condition(e *model.Entity, table string, p pair, path string) error {
	if p.value == nil {
		return fault.Input(path, "null is not a condition. Ask with IsNil or NotNil, or leave the condition out.")
	}
	switch p.name {
	case "not":
		o, ok := b.r.value(p.value).(object)
		if !ok {
			return fault.Input(path, "An object is wanted here.")
		}
		b.raw("NOT (")
		if err := b.filter(e, table, o, path); err != nil {
			return err
		}
		b.raw(")")
		return nil
	case "and":
		return b.list(e, table, p.value, path, " AND ", "1 = 1")
	case "or":
		return b.list(e, table, p.value, path, " OR ", "1 = 0")
	}
	c, ok := e.Condition(p.name)
	switch {
	case !ok:
		return fault.Input(path, "%s has no condition %s.", e.Name, p.name)
	case c.Edge != nil:
		return b.edgeCondition(c, table, p.value, path)
	case c.Field == e.ID:
		return b.idCondition(e, c.Op, table, p.value, path)
	default:
		return b.compare(c.Field, c.Op, table, p.value, path)
	}
}

func (b *builder) list(e *model.Entity, table string, v any, path, glue, empty string) error {
	os, err := b.r.objects(v, path)
	if err != nil {
		return err
	}
	if len(os) == 0 {
		b.raw(empty)
		return nil
	}
	return b.balanced(e, table, os, 0, path, glue)
}

// inRow is how many conditions are written in a row: engines nest a row as
// deep as it is long, and bound how deep that may be.
const inRow = 16

// balanced writes conditions joined by and, or by or, in halves of halves
// where there are many. The first of them stands at first in its list.
func (b *builder) balanced(e *model.Entity, table string, os []object, first int, path, glue string) error {
	b.raw("(")
	if len(os) > inRow {
		half := len(os) / 2
		if err := b.balanced(e, table, os[:half], first, path, glue); err != nil {
			return err
		}
		b.raw(glue)
		if err := b.balanced(e, table, os[half:], first+half, path, glue); err != nil {
			return err
		}
		b.raw(")")
		return nil
	}
	for i, o := range os {
		if i > 0 {
			b.raw(glue)
		}
		b.raw("(")
		if err := b.filter(e, table, o, at(path, first+i)); err != nil {
			return err
		}
		b.raw(")")
	}
	b.raw(")")
	return nil
}

// edgeCondition asks whether an edge leads to a record that meets all of a
// list of conditions. It is true or false, never null.
func (b *builder) edgeCondition(c model.Condition, table string, v any, path string) error {
	ed := c.Edge
	var where []object
	if c.With {
		var err error
		if where, err = b.r.objects(v, path); err != nil {
			return err
		}
	} else {
		has, ok := b.r.value(v).(bool)
		if !ok {
			return fault.Input(path, "must be true or false.")
		}
		if !has {
			b.raw("NOT ")
		}
	}
	if ed.Storage == model.Own && len(where) == 0 && !b.hides(ed.Target) {
		b.raw("(")
		b.column(table, ed.Column).raw(" IS NOT NULL)")
		return nil
	}
	b.raw("(")
	b.asked = path
	target, glue := b.reach(ed, table)
	b.asked = ""
	switch {
	case !slices.ContainsFunc(where, func(o object) bool { return len(o) > 0 }):
	case len(where) == 1:
		b.raw(glue, "(")
		if err := b.filter(ed.Target, target, where[0], at(path, 0)); err != nil {
			return err
		}
		b.raw(")")
	default:
		b.raw(glue)
		if err := b.balanced(ed.Target, target, where, 0, path, " AND "); err != nil {
			return err
		}
	}
	b.raw("))")
	return nil
}

// reach opens a subquery over the records that ed leads to from table, and
// returns their alias, and what to write before a condition on them. A list of ids, rather than an EXISTS, leaves it to the
// engine to start from whichever side is smaller.
func (b *builder) reach(ed *model.Edge, table string) (t, glue string) {
	t = b.alias()
	id := ed.Target.ID.Column
	switch ed.Storage {
	case model.Own:
		if !ed.Required {
			b.column(table, ed.Column).raw(" IS NOT NULL AND ")
		}
		b.column(table, ed.Column).raw(" IN (SELECT ").column(t, id).raw(" FROM ")
		b.table(ed.Target, t)
		return t, b.visible(" WHERE ", ed.Target, t)
	case model.Other:
		b.column(table, ed.Source.ID.Column).raw(" IN (SELECT ").column(t, ed.Column).raw(" FROM ")
		b.table(ed.Target, t).raw(" WHERE ")
		b.column(t, ed.Column).raw(" IS NOT NULL")
		return t, b.visible(" AND ", ed.Target, t)
	default:
		j := b.alias()
		b.column(table, ed.Source.ID.Column).raw(" IN (SELECT ").column(j, ed.From).raw(" FROM ")
		b.association(ed, j).raw(" JOIN ").table(ed.Target, t).raw(" ON ")
		b.column(t, id).raw(" = ").column(j, ed.Ref)
		return t, b.visible(b.connected(" WHERE ", ed, j), ed.Target, t)
	}
}

// idCondition compares global ids. One that names nothing of the entity is
// equal to none of its records.
func (b *builder) idCondition(e *model.Entity, op model.Op, table string, v any, path string) error {
	if s, ok := v.(slot); ok && op == model.EQ {
		// IS, since what names nothing is bound as null: it differs from every
		// id, and so its not is met.
		b.column(table, e.ID.Column).raw(" IS ")
		b.Arg(&binding{name: s.name, path: path, parse: func(v any) (any, error) {
			id, _ := e.ParseID(v)
			return id, nil
		}})
		return nil
	}
	v = b.r.value(v)
	if op.List() {
		l, ok := v.(list)
		if !ok {
			l = list{v}
		}
		known := make([]any, 0, len(l))
		for i, x := range l {
			if x = b.r.value(x); x == nil {
				return fault.Input(at(path, i), "null is not an id.")
			}
			if id, ok := e.ParseID(x); ok {
				known = append(known, id)
			}
		}
		b.in(e.ID, op, table, known)
		return nil
	}
	id, ok := e.ParseID(v)
	switch {
	case ok:
		b.column(table, e.ID.Column).raw(" ", comparison[op], " ")
		b.Arg(id)
	case op == model.EQ:
		b.raw("1 = 0")
	case op == model.NEQ:
		b.raw("1 = 1")
	default:
		return fault.Input(path, "This is not the id of a %s.", e.Name)
	}
	return nil
}

var comparison = map[model.Op]string{model.EQ: "=", model.NEQ: "<>", model.GT: ">", model.GTE: ">=", model.LT: "<", model.LTE: "<="}

// compare writes a comparison of a field, as SQL has it: neither it nor its
// negation is met by null.
func (b *builder) compare(f *model.Field, op model.Op, table string, v any, path string) error {
	switch op {
	case model.IsNil, model.NotNil:
		yes, ok := b.r.value(v).(bool)
		if !ok {
			return fault.Input(path, "must be true or false.")
		}
		b.field(table, f)
		if yes == (op == model.IsNil) {
			b.raw(" IS NULL")
		} else {
			b.raw(" IS NOT NULL")
		}
		return nil
	case model.In, model.NotIn:
		return b.inList(f, op, table, v, path)
	case model.EqualFold:
		b.raw(foldFunction, "(").field(table, f).raw(") = ")
		return b.argument(f, v, path, fold)
	case model.ContainsFold:
		b.raw("instr(", foldFunction, "(").field(table, f).raw("), ")
		err := b.argument(f, v, path, fold)
		b.raw(") > 0")
		return err
	case model.Contains:
		b.raw("instr(").field(table, f).raw(", ")
		err := b.argument(f, v, path, nil)
		b.raw(") > 0")
		return err
	case model.HasPrefix:
		b.raw("substr(").field(table, f).raw(", 1, length(")
		err := b.argument(f, v, path, nil)
		b.raw(")) = ")
		return errors.Join(err, b.argument(f, v, path, nil))
	case model.HasSuffix:
		b.raw("substr(").field(table, f).raw(", length(").field(table, f).raw(") - length(")
		err := b.argument(f, v, path, nil)
		b.raw(") + 1) = ")
		return errors.Join(err, b.argument(f, v, path, nil))
	default:
		b.field(table, f).raw(" ", comparison[op], " ")
		return b.argument(f, v, path, nil)
	}
}

// foldFunction is the SQL function that folds case; the constructor's package
// provides it where the engine has none.
const foldFunction = "coppice_fold"

func fold(v any) any {
	if s, ok := v.(string); ok {
		return cases.Fold().String(s)
	}
	return v
}

func (b *builder) inList(f *model.Field, op model.Op, table string, v any, path string) error {
	v = b.r.value(v)
	l, ok := v.(list)
	if !ok {
		l = list{v}
	}
	values := make([]any, len(l))
	for i, x := range l {
		parsed, err := parseValue(f, b.r.value(x), at(path, i))
		if err != nil {
			return err
		}
		values[i] = parsed
	}
	if len(values) > maxPlaceholders {
		return fault.Input(path, "A list here holds %d values at most.", maxPlaceholders)
	}
	b.in(f, op, table, values)
	return nil
}

// maxPlaceholders keeps one list well below the number of variables that a
// statement may have.
const maxPlaceholders = 10_000

func (b *builder) in(f *model.Field, op model.Op, table string, values []any) {
	if len(values) == 0 {
		b.raw(map[bool]string{true: "1 = 0", false: "1 = 1"}[op == model.In])
		return
	}
	b.field(table, f)
	if op == model.NotIn {
		b.raw(" NOT")
	}
	b.raw(" IN (")
	b.Args(values...)
	b.raw(")")
}

// empty reports whether a where input asks for nothing, nested objects
// included.
func (r *reader) empty(where object) bool {
	for _, p := range where {
		switch p.name {
		case "not":
			if o, ok := r.value(p.value).(object); ok && r.empty(o) {
				continue
			}
		case "and", "or":
			os, err := r.objects(p.value, "")
			if err == nil && allEmpty(r, os) {
				continue
			}
		}
		return false
	}
	return true
}

func allEmpty(r *reader, os []object) bool {
	for _, o := range os {
		if !r.empty(o) {
			return false
		}
	}
	return true
}
