package query

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"coppice/core/fault"
	"coppice/core/internal/dialect"
	"coppice/core/model"
)

// aggregate is what is read of an entity's records as a whole.
type aggregate struct {
	groups []*model.Group
	where  object
	first  any // an int, or the slot of one
	limits Limits
}

// low splits integers of 64 bits in two for their sum, which may need more:
// x/low and x%low are summed apart.
const low = 1_000_000_000

func (p *planner) aggregate(r *root, l *level) error {
	args := p.reader.arguments(r.field.Field)
	a := &aggregate{limits: p.engine.limits, first: p.engine.limits.PageMax}
	l.aggregate = a
	if v, ok := notNull(args, "first"); ok {
		a.first = v
		if _, isSlot := v.(slot); !isSlot {
			if _, err := PageRows("first", v, a.limits.PageMax); err != nil {
				return err
			}
		}
	}
	if v, ok := notNull(args, "where"); ok {
		if a.where, ok = p.reader.value(v).(object); !ok {
			return fault.Input("where", "An object is wanted here.")
		}
	}
	if v, ok := notNull(args, "groupBy"); ok {
		v = p.reader.value(v)
		names, ok := v.(list)
		if !ok {
			names = list{v}
		}
		for i, name := range names {
			g := l.entity.Group(fmt.Sprint(p.reader.value(name)))
			if g == nil {
				return fault.Input(at("groupBy", i), "%s cannot be grouped by this.", l.entity.Name)
			}
			if !slices.Contains(a.groups, g) {
				a.groups = append(a.groups, g)
			}
		}
		if len(a.groups) > maxTerms {
			return fault.Limit("number of different groups", maxTerms, len(a.groups)).At("groupBy")
		}
	}
	for _, g := range a.groups {
		l.at(column{group: g})
	}
	r.sub = p.aggregateFields(r, l)
	if len(a.groups) == 0 {
		l.at(column{fn: "count"}) // makes one row of them all, whatever is selected
	}
	return nil
}

func (p *planner) aggregateFields(r *root, l *level) []output {
	name := l.entity.Name
	var outs []output
	for _, f := range p.collect(r.field.Selections, name+"Aggregate") {
		out := newOutput(f, outTypename)
		switch f.Name {
		case "__typename":
			out.key = append(out.key, `"`+name+`Aggregate"`...)
		case "key":
			out.kind = outObject
			for _, f := range p.collect(f.Selections, name+"GroupKey") {
				out.sub = append(out.sub, p.keyField(l, newOutput(f, outTypename), f.Name))
			}
		case "count":
			out.kind, out.field = outScalar, &model.Field{Name: "count", Kind: model.Int}
			out.col = l.at(column{fn: "count"})
		default:
			out.kind = outObject
			for _, sub := range p.collect(f.Selections, name+upperFirst(f.Name)) {
				out.sub = append(out.sub, aggregateField(l, newOutput(sub, outTypename), f.Name, sub.Name))
			}
		}
		outs = append(outs, out)
	}
	return outs
}

func (p *planner) keyField(l *level, out output, name string) output {
	if name == "__typename" {
		out.key = append(out.key, `"`+l.entity.Name+`GroupKey"`...)
		return out
	}
	for _, g := range l.aggregate.groups {
		if g.Key != name {
			continue
		}
		out.col = l.at(column{group: g})
		switch {
		case g.Edge != nil:
			out.kind, out.entity = outID, g.Edge.Target
		case g.Bucket != model.NoBucket:
			out.kind, out.field = outScalar, &model.Field{Name: g.Key, GraphQL: g.Key, Kind: model.String}
		default:
			out.kind, out.field = outScalar, g.Field
		}
		return out
	}
	out.key = append(out.key, "null"...)
	return out
}

func aggregateField(l *level, out output, fn, name string) output {
	if name == "__typename" {
		out.key = append(out.key, `"`+l.entity.Name+upperFirst(fn)+`"`...)
		return out
	}
	f := l.entity.Field(name)
	out.kind, out.field, out.entity, out.function = outScalar, f, l.entity, fn
	switch {
	case fn == "avg":
		out.field = &model.Field{Name: f.Name, GraphQL: f.GraphQL, Kind: model.Float}
	case fn == "sum" && f.Kind == model.BigInt:
		out.kind = outSum
		out.col = l.at(column{fn: "high", field: f})
		l.at(column{fn: "low", field: f})
		return out
	case fn == "sum" && f.Kind == model.Int:
		out.field = &model.Field{Name: f.Name, GraphQL: f.GraphQL, Kind: model.BigInt}
	}
	out.col = l.at(column{fn: fn, field: f})
	return out
}

// aggregate writes the one statement of an aggregate.
func (b *builder) aggregate(l *level) error {
	t, a := l.entity.Table, l.aggregate
	b.raw("SELECT ")
	b.columns(l, t)
	b.raw(" FROM ")
	if err := b.source(l.entity, t, b.aggregated(l)); err != nil {
		return err
	}
	glue := b.visible(" WHERE ", l.entity, t)
	if len(a.where) > 0 {
		b.raw(glue, "(")
		if err := b.filter(l.entity, t, a.where, "where"); err != nil {
			return err
		}
		b.raw(")")
	}
	var keys []string
	for _, g := range a.groups {
		keys = append(keys, strconv.Itoa(l.at(column{group: g})+1))
	}
	if list := strings.Join(keys, ", "); list != "" {
		b.raw(" GROUP BY ", list, " ORDER BY ")
		for i, key := range keys {
			if i > 0 {
				b.raw(", ")
			}
			b.raw(key)
			if b.words.NullsLargest {
				b.raw(b.words.NullsFirst)
			}
		}
	}
	b.raw(" LIMIT ")
	if s, ok := a.first.(slot); ok {
		b.Arg(&binding{name: s.name, parse: func(v any) (any, error) { return PageRows("first", v, a.limits.PageMax) }})
		return nil
	}
	n, err := PageRows("first", a.first, a.limits.PageMax)
	b.number(n)
	return err
}

// aggregated chooses how the records of an aggregate are read: where all of
// them are, by an index that has all that is asked of them.
func (b *builder) aggregated(l *level) access {
	best := b.access(l.entity, nil, "", clause{l.aggregate.where, "where"})
	table := b.r.indexes.Of(l.entity.Table)
	if table == nil || best.rank < every || len(l.aggregate.where) > 0 || b.hides(l.entity) {
		return best
	}
	var columns []string
	for _, c := range l.columns {
		switch {
		case c.group != nil && c.group.Edge != nil && c.group.Edge.Storage == model.Own && !b.hides(c.group.Edge.Target):
			columns = append(columns, c.group.Edge.Column)
		case c.group != nil && c.group.Field != nil:
			columns = append(columns, c.group.Field.Column)
		case c.field != nil:
			columns = append(columns, c.field.Column)
		case c.fn != "count":
			return best
		}
	}
	if len(columns) == 0 {
		best.hint = "" // as in count
		return best
	}
	for _, idx := range table.Indexes {
		if table.Covers(idx, columns) && (best.fixed == 0 || idx.Columns[0] == columns[0] && best.fixed == 1) {
			best.hint, best.fixed = b.words.By(idx.Name), 1
			if idx.Columns[0] == columns[0] {
				best.fixed = 2
			}
		}
	}
	return best
}

func (b *builder) group(l *level, table string, g *model.Group) {
	switch {
	case g.Edge != nil:
		b.asked = at("groupBy", slices.Index(l.aggregate.groups, g))
		defer func() { b.asked = "" }()
		b.expression(l.entity, table, model.Order{Field: g.Edge.Target.ID, Edge: g.Edge})
	case g.Bucket != model.NoBucket:
		of := map[model.Bucket]dialect.Form{model.Day: b.words.Day, model.Month: b.words.Month, model.Year: b.words.Year}[g.Bucket]
		b.form(of, func() { b.field(table, g.Field) })
	default:
		b.field(table, g.Field)
	}
}

// function writes an aggregate function of a column.
func (b *builder) function(table string, c column) {
	switch c.fn {
	case "count":
		b.raw("count(*)")
	case "high":
		b.form(b.words.High, func() { b.column(table, c.field.Column) }, func() { b.raw(strconv.Itoa(low)) })
	case "low":
		b.form(b.words.Low, func() { b.column(table, c.field.Column) }, func() { b.raw(strconv.Itoa(low)) })
	default:
		b.form(b.aggregateForm(c), func() { b.raw(c.fn) }, func() { b.field(table, c.field) })
	}
}

// aggregateForm is how a function of a column's values is written: of sums and
// averages the operand 2 is the column, as of extremes.
func (b *builder) aggregateForm(c column) dialect.Form {
	whole := c.field.Kind != model.Float
	switch {
	case c.fn == "sum" && whole:
		return b.words.Sum
	case c.fn == "sum":
		return b.words.FloatSum
	case c.fn == "avg" && whole:
		return b.words.Avg
	case c.fn == "avg":
		return b.words.FloatAvg
	}
	if f, ok := b.words.ExtremeOf[c.field.Kind]; ok && !c.field.OwnStorage {
		return f
	}
	return b.words.Extreme
}

// appendSum writes the sum of which a row holds the two parts.
func appendSum(buf []byte, parts []any) []byte {
	high, ok := parts[0].(int64)
	rest, _ := parts[1].(int64)
	if !ok {
		return append(buf, "null"...)
	}
	sum := big.NewInt(high)
	sum.Mul(sum, big.NewInt(low)).Add(sum, big.NewInt(rest))
	buf = append(buf, '"')
	buf = sum.Append(buf, 10)
	return append(buf, '"')
}

// aggregates answers an aggregate's root field.
func (w *writer) aggregates(ctx context.Context, root *root) bool {
	if err := w.run.load(ctx, root.level, nil); err != nil {
		w.fail(err)
		return false
	}
	res := &w.run.results[root.level.index]
	w.buf = append(w.buf, '[')
	for i := range res.n {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.element(i)
		if !w.object(root.sub, res, i) {
			return false
		}
		w.at = w.at[:len(w.at)-1]
	}
	w.buf = append(w.buf, ']')
	return true
}
