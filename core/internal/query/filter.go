package query

import (
	"errors"

	"coppice/core/fault"
	"coppice/core/internal/dialect"
	"coppice/core/model"
)

// filter writes the conditions of a where input on a table or alias as one
// SQL condition. An object without any condition is met by everything.
func (b *builder) filter(e *model.Entity, table string, where object, path string) error {
	if len(where) == 0 {
		b.raw("1 = 1")
		return nil
	}
	var wrong []error // all that is: the statement is not used then
	for i, p := range where {
		if i > 0 {
			b.raw(" AND ")
		}
		if err := b.condition(e, table, p, join(path, p.name)); err != nil {
			wrong = append(wrong, err)
		}
	}
	return errors.Join(wrong...)
}

func (b *builder) condition(e *model.Entity, table string, p pair, path string) error {
	if b.done[path] {
		b.raw("1 = 1")
		return nil
	}
	if model.IsUnfit(b.r.refused(p.value)) {
		return nil
	}
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
		b.negated++
		err := b.filter(e, table, o, path)
		b.negated--
		b.raw(")")
		return err
	case "and":
		a, err := b.demands(e, p.value, path)
		if err != nil {
			return err
		}
		return b.list(e, table, a, path, " AND ", "1 = 1")
	case "or":
		a, err := b.alternatives(e, p.value, path)
		if err != nil {
			return err
		}
		return b.list(e, table, a, path, " OR ", "1 = 0")
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

func (b *builder) list(e *model.Entity, table string, a arms, path, glue, empty string) error {
	if len(a.list) == 0 {
		b.raw(empty)
		return nil
	}
	if b.shut[path] || glue == " OR " && len(a.list) > 1 {
		b.raw(b.words.Apart) // the engine would weigh whether to read by an index for each of them
	}
	return b.balanced(e, table, a, path, glue)
}

// inRow is how many conditions are written in a row: engines nest a row as
// deep as it is long, and bound how deep that may be.
const inRow = 16

// balanced writes conditions joined by and, or by or, in halves of halves
// where there are many.
func (b *builder) balanced(e *model.Entity, table string, a arms, path, glue string) error {
	b.raw("(")
	if len(a.list) > inRow {
		before := b.balanced(e, table, a.half(true), path, glue)
		b.raw(glue)
		after := b.balanced(e, table, a.half(false), path, glue)
		b.raw(")")
		return both(before, after)
	}
	var wrong []error
	for i, o := range a.list {
		if i > 0 {
			b.raw(glue)
		}
		b.raw("(")
		if err := b.filter(e, table, o, at(path, a.places[i])); err != nil {
			wrong = append(wrong, err)
		}
		b.raw(")")
	}
	b.raw(")")
	return errors.Join(wrong...)
}

// edgeCondition asks whether an edge leads to a record that meets all of a
// list of conditions. It is true or false, never null. A list of ids, rather
// than an EXISTS, is worked out once.
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
	b.raw("(")
	column := ed.Source.ID.Column
	if ed.Storage == model.Own {
		column = ed.Column
		if !ed.Required || len(where) == 0 {
			b.column(table, column).raw(" IS NOT NULL")
		}
		if len(where) == 0 && !b.hides(ed.Target) {
			b.raw(")")
			return nil
		}
		if !ed.Required || len(where) == 0 {
			b.raw(" AND ")
		}
	}
	if ed.Storage == model.Own {
		b.column(table, column)
	} else {
		b.id(ed.Source, table)
	}
	b.raw(" IN (")
	err := b.reach(c, v, path, "")
	b.raw("))")
	return err
}

// idCondition compares global ids. One that names nothing of the entity is
// equal to none of its records.
func (b *builder) idCondition(e *model.Entity, op model.Op, table string, v any, path string) error {
	if s, ok := v.(slot); ok && op == model.EQ {
		// Same, since what names nothing is bound as null: it differs from every
		// id, and so its not is met.
		b.form(b.sameID(), func() { b.id(e, table) }, func() {
			b.Arg(&binding{name: s.name, path: path, parse: func(v any) (any, error) {
				id, _ := e.ParseID(v)
				return id, nil
			}})
		})
		return nil
	}
	if op.List() {
		known, err := b.ids(e, v, path)
		if err != nil {
			return err
		}
		if len(known) > 0 && !b.byID[table] {
			b.raw(b.words.Apart)
		}
		b.in(e.ID, op, table, known)
		return nil
	}
	v = b.r.value(v)
	id, ok := e.ParseID(v)
	switch {
	case ok:
		b.id(e, table).raw(" ", comparison[op], " ")
		b.Arg(id)
	case op == model.EQ: // as of a variable
		b.form(b.sameID(), func() { b.id(e, table) }, func() {
			b.Arg(&binding{parse: func(any) (any, error) { return nil, nil }}) //nolint:nilnil // SQL's null
		})
	case op == model.NEQ:
		b.raw("1 = 1")
	default:
		return fault.Input(path, "This is not the id of %s.", model.An(e.Name))
	}
	return nil
}

// sameID is how an id is compared that may be null where it names nothing: where
// nothing turns the answer round, that it is not equal is enough.
func (b *builder) sameID() dialect.Form {
	if b.negated > 0 {
		return b.words.Same
	}
	return b.words.Equal
}

// id writes the id of a table's record.
func (b *builder) id(e *model.Entity, table string) *builder {
	if !b.byID[table] {
		b.raw(b.words.Apart)
	}
	return b.column(table, e.ID.Column)
}

// ids reads a list of global ids, and leaves out those that name nothing of the
// entity.
func (b *builder) ids(e *model.Entity, v any, path string) ([]any, error) {
	v = b.r.value(v)
	l, ok := v.(list)
	if !ok {
		l = list{v}
	}
	if len(l) > maxPlaceholders {
		return nil, tooLong(path, len(l))
	}
	known := make([]any, 0, len(l))
	for i, x := range l {
		if x = b.r.value(x); x == nil {
			return nil, fault.Input(at(path, i), "null is not an id.")
		}
		if id, ok := e.ParseID(x); ok {
			known = append(known, id)
		}
	}
	return known, nil
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
		b.form(b.words.Fold, func() { b.field(table, f) }).raw(" = ")
		return b.argument(f.Part(), v, path, b.fold)
	case model.ContainsFold:
		return b.text(b.words.Contains, func() { b.form(b.words.Fold, func() { b.field(table, f) }) }, f, v, path, b.fold)
	case model.Contains, model.HasPrefix, model.HasSuffix:
		form := map[model.Op]dialect.Form{model.Contains: b.words.Contains, model.HasPrefix: b.words.HasPrefix, model.HasSuffix: b.words.HasSuffix}[op]
		return b.text(form, func() { b.field(table, f) }, f, v, path, nil)
	default:
		b.field(table, f).raw(" ", comparison[op], " ")
		return b.argument(f, v, path, nil)
	}
}

// text writes a comparison of texts with a value.
func (b *builder) text(form dialect.Form, field func(), f *model.Field, v any, path string, conv func(any) any) (err error) {
	b.form(form, field, func() { err = errors.Join(err, b.argument(f.Part(), v, path, conv)) })
	return err
}

// fold folds a value that is a text.
func (b *builder) fold(v any) any {
	if s, ok := v.(string); ok {
		return b.words.Folded(s)
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
	var wrong []error
	for i, x := range l {
		var err error
		if x = b.r.value(x); model.IsUnfit(x) {
			continue
		}
		if values[i], err = parseValue(f, x, at(path, i)); err != nil && len(wrong) < maxErrors {
			wrong = append(wrong, err)
		}
	}
	if len(wrong) > 0 {
		return errors.Join(wrong...)
	}
	if len(values) > maxPlaceholders {
		return tooLong(path, len(values))
	}
	b.in(f, op, table, values)
	return nil
}

// maxPlaceholders keeps one list well below the number of variables that a
// statement may have.
const maxPlaceholders = 10_000

func tooLong(path string, n int) error {
	return fault.Limit("number of values in a list", maxPlaceholders, n).At(path)
}

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

// open reports whether a list of where inputs has no condition.
func (b *builder) open(where []object) bool {
	for _, o := range where {
		if len(o) > 0 {
			return false
		}
	}
	return true
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
