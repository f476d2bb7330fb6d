package query

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/99designs/gqlgen/graphql"

	"coppice/core/fault"
	"coppice/core/internal/statement"
	"coppice/core/model"
)

// made is the name of the row that a statement makes and reads.
const made = "_made"

// perOutput is how long a field of an answer is at the most, beside its name and the
// text in it, and perByte how long a byte of a text is there.
const (
	perOutput = 64
	perByte   = 6
)

// loneRecord answers a mutation whose one field makes one record, and asks for no more
// than stands in its row and in those that its foreign keys lead to, by one statement
// that is all of the transaction. It is nil where that cannot be, or did not come about:
// then nothing was written, and what is wrong is found the ordinary way.
func (r *run) loneRecord(ctx context.Context) *graphql.Response {
	if !r.makesOne() {
		return nil
	}
	root := r.plan.roots[0]
	insert, args, ok := r.changes[0].set.Lone(ctx)
	if !ok {
		return nil
	}
	r.prepare(ctx)
	text := r.statements.levels[root.level.index].made
	if text.text == "" || len(text.args) > 0 {
		return nil
	}
	text.text = r.engine.dialect.Making.With(r.engine.dialect.Bind(insert), made) + text.text
	text.args = args
	if r.traced {
		ctx = statement.At(ctx, root.path)
	}
	res := &r.results[root.level.index]
	*res = root.level.result(res)
	err := r.query(statement.Whole(ctx), &text, nil, res, rowTally{})
	var gone *fault.Unreachable
	switch {
	case ctx.Err() != nil && err != nil, errors.As(err, new(*fault.Locked)), errors.As(err, &gone) && !gone.Unbegun:
		r.begun = true
		return r.failed(err)
	case err != nil || res.n != 1: // or a key names nothing
		return nil
	}
	if err := r.below(ctx, root.level); err != nil {
		return r.failed(err)
	}
	r.made = true
	return r.answer(ctx)
}

// makesOne reports whether the plan is one of loneRecord's.
func (r *run) makesOne() bool {
	if r.engine.dialect.Making == "" || r.engine.RootFields || len(r.plan.roots) != 1 {
		return false
	}
	root := r.plan.roots[0]
	if root.kind != rootWrite || len(root.directives) > 0 || root.level == nil || slices.ContainsFunc(r.plan.named, r.engine.guarded) {
		return false
	}
	for _, l := range r.plan.levels {
		if l != root.level && !l.joined || len(l.customs) > 0 {
			return false
		}
	}
	return most(root.sub, r.engine.limits.Answer) > 0 && sure(root.sub, false)
}

// sure reports whether fields can be answered with whatever a record holds: nothing
// may turn out wrong once it is written. Of other records less is sure: their values
// may be of any program.
func sure(outs []output, other bool) bool {
	for i := range outs {
		switch out := &outs[i]; out.kind {
		case outTypename, outID:
		case outScalar:
			kinds := []model.Kind{model.String, model.Bool, model.BigInt, model.UUID}
			if !other {
				kinds = append(kinds, model.Enum, model.Int, model.Float, model.Time)
			}
			if out.field.OwnStorage || !slices.Contains(kinds, out.field.Kind) {
				return false
			}
		case outOne:
			if len(out.directives) > 0 || !sure(out.sub, true) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

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

// makes writes what reads a level's record from the row that the statement itself
// makes, as long as its texts are within what may be answered.
func (b *builder) makes(l *level, outs []output, limit int) {
	t := l.entity.Table
	b.raw("SELECT ")
	b.columns(l, t)
	b.raw(" FROM ").Ident(made).WriteString(" AS ")
	b.Ident(t)
	b.joins(l, t)
	var texts []func()
	note := func(l *level, table string) {
		for _, c := range l.columns {
			if isText(l.entity, c.name) {
				texts = append(texts, func() { b.form(b.words.Length, func() { b.column(table, c.name) }) })
			}
		}
	}
	note(l, t)
	for j := range l.joins {
		note(j, j.alias)
	}
	if len(texts) == 0 {
		return
	}
	b.raw(" WHERE ").form(b.words.Within, func() {
		for i, text := range texts {
			if i > 0 {
				b.raw(" + ")
			}
			text()
		}
	}, func() { b.raw(strconv.Itoa(most(outs, limit))) })
}

// isText reports whether a column holds texts.
func isText(e *model.Entity, column string) bool {
	return slices.ContainsFunc(e.Fields, func(f *model.Field) bool { return f.Column == column && f.Kind == model.String })
}
