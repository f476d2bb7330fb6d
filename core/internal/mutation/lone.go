package mutation

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/sqlgraph"
	"entgo.io/ent/schema/field"

	"coppice/core/internal/dialect"
	"coppice/core/model"
	"coppice/core/record"
)

// Lone is the INSERT of the set's record, where that is all there is to write: one new
// record that no hook is to see, which leads to others by foreign keys of its own
// alone. Those that a key names are looked up by the same statement, which makes
// nothing where there is no such. ok is false where more is to be done, or something
// may be hidden: then, and where the statement fails, Apply is the way, and the set is
// as it was.
func (s *Set) Lone(ctx context.Context) (text string, args []any, ok bool) {
	n, ok := s.lone(ctx)
	if !ok {
		return "", nil, false
	}
	defer func() {
		for _, c := range n.edges {
			for _, r := range c.refs {
				if r.key != nil {
					r.id = nil
				}
			}
		}
	}()
	for _, c := range n.edges {
		for _, r := range c.refs {
			var err error
			if r.id == nil {
				// The builder wants to know that there is one.
				if r.id, err = r.entity.TypedID(int64(0)); err != nil {
					return "", nil, false
				}
			}
		}
	}
	b := s.record(n.Entity).Create(s.client)
	if err := s.setValues(n, b); err != nil {
		return "", nil, false
	}
	spec, err := b.Spec()
	if err != nil {
		return "", nil, false
	}
	columns, values, ok := rowOf(spec)
	if !ok {
		return "", nil, false
	}
	text, args = n.insertion(s.words(), columns, values)
	return text, args, true
}

// lone is the set's only record, if Lone can be of it.
func (s *Set) lone(ctx context.Context) (n *Node, ok bool) {
	if s.findByName != nil || len(s.nodes) != 1 || len(s.faults) > 0 {
		return nil, false
	}
	n = s.nodes[0]
	if n.action != create || len(n.missing) > 0 || n.unclear || !n.Entity.Numbered() || s.hooked(n.Entity) || s.guarded(ctx, n.Entity) {
		return nil, false
	}
	for i := range n.edges {
		c := &n.edges[i]
		if c.mode != replace || !c.heldByForeignKey() || c.edge.Inverse == c.edge || len(c.refs) > 1 {
			return nil, false
		}
		for _, r := range c.refs {
			if !r.direct() || s.guarded(ctx, r.entity) {
				return nil, false
			}
		}
	}
	return n, true
}

// direct reports whether a reference names its record by an id, or by fields of that
// record.
func (r *ref) direct() bool {
	if r.node != nil || len(r.with) > 0 || r.lost {
		return false
	}
	if r.key == nil {
		return r.id != nil && len(r.values) == 0
	}
	return r.entity.Numbered() && !slices.ContainsFunc(r.key.Parts, func(p model.Part) bool { return p.Field == nil })
}

// insertion writes the INSERT of a record's columns, in the engine's words. A foreign key
// to what a key names has no value yet.
func (n *Node) insertion(words *dialect.Dialect, columns []string, values []any) (text string, args []any) {
	var b strings.Builder
	b.Grow(128 + 32*len(columns)) // most are shorter
	args = make([]any, 0, len(values)+len(n.edges))
	place := func(v any) {
		args = append(args, v)
		words.Placeholder(&b, len(args))
	}
	b.WriteString(`INSERT INTO "` + n.Entity.Table + `" (`)
	sought := 0
	for i, column := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(`"` + column + `"`)
		if n.named(column) != nil {
			sought++
		}
	}
	verb, end := ") SELECT ", ""
	if sought == 0 {
		verb, end = ") VALUES (", ")"
	}
	b.WriteString(verb)
	alias := func(i int) string { return `"_` + strconv.Itoa(len(columns)+i) + `"` }
	for i, column := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		if r := n.named(column); r != nil {
			b.WriteString(alias(i) + `."` + r.entity.ID.Column + `"`)
		} else {
			place(values[i])
		}
	}
	b.WriteString(end)
	glue := " FROM "
	for i, column := range columns {
		if r := n.named(column); r != nil {
			b.WriteString(glue + "(")
			r.lookUp(&b, words, place)
			b.WriteString(") AS " + alias(i))
			glue = ", "
		}
	}
	return b.String(), args
}

// lookUp writes what finds the record that a key names.
func (r *ref) lookUp(b *strings.Builder, words *dialect.Dialect, place func(any)) {
	b.WriteString(`SELECT "` + r.entity.ID.Column + `" FROM "` + r.entity.Table + `"`)
	glue := " WHERE "
	for i, p := range r.key.Parts {
		what := `"` + p.Column() + `"`
		if p.Field.OwnStorage {
			what = words.Text.With(what)
		}
		b.WriteString(glue + what + " = ")
		place(r.values[i])
		glue = " AND "
	}
}

// named is the reference whose record a foreign key is to hold, where a key names it.
func (n *Node) named(column string) *ref {
	for _, c := range n.edges {
		if c.edge.Column == column && len(c.refs) == 1 && c.refs[0].key != nil {
			return c.refs[0]
		}
	}
	return nil
}

// saveOne writes a new record as ent does. Where no hook is to see it, and its
// row is all that there is to write, this takes ent's columns and values, and
// leaves out what ent needs a statement's builder and a transaction of its own
// for.
func (s *Set) saveOne(ctx context.Context, e *model.Entity, b record.Builder) (any, error) {
	if !e.Numbered() || s.hooked(e) || !s.words().TellsInserted {
		return b.Save(ctx)
	}
	spec, err := b.Spec()
	if err != nil {
		return nil, err
	}
	columns, values, ok := rowOf(spec)
	if !ok {
		return b.Save(ctx)
	}
	var res sql.Result
	if err := s.client.Driver().Exec(ctx, insertText(e.Table, columns), values, &res); err != nil {
		return nil, fmt.Errorf("mutation: %w", err)
	}
	id, err := res.LastInsertId()
	if err != nil {
		return nil, fmt.Errorf("mutation: %w", err)
	}
	return e.TypedID(id)
}

// rowOf is the columns of a new record and their values; ok is false where more
// than the row has to be written, or an id is given.
func rowOf(spec *sqlgraph.CreateSpec) (columns []string, values []any, ok bool) {
	if spec.ID == nil || spec.ID.Value != nil {
		return nil, nil, false
	}
	n := len(spec.Fields) + len(spec.Edges)
	columns, values = make([]string, 0, n), make([]any, 0, n)
	for _, f := range spec.Fields {
		v := f.Value
		if f.Type == field.TypeJSON {
			raw, err := json.Marshal(v)
			if err != nil {
				return nil, nil, false
			}
			v = json.RawMessage(raw)
		}
		columns, values = append(columns, f.Column), append(values, v)
	}
	for _, ed := range spec.Edges {
		own := ed.Rel == sqlgraph.M2O || ed.Rel == sqlgraph.O2O && ed.Inverse && !ed.Bidi
		if !own || len(ed.Target.Nodes) != 1 || slices.Contains(columns, ed.Columns[0]) {
			return nil, nil, false
		}
		columns, values = append(columns, ed.Columns[0]), append(values, any(ed.Target.Nodes[0]))
	}
	return columns, values, len(columns) > 0
}

// insertText is the INSERT of a row with values for some columns.
func insertText(table string, columns []string) string {
	var b strings.Builder
	b.Grow(len("INSERT INTO `` () VALUES ()") + len(table) + 24*len(columns))
	b.WriteString("INSERT INTO `" + table + "` (")
	for i, c := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('`')
		b.WriteString(c)
		b.WriteByte('`')
	}
	b.WriteString(") VALUES (")
	for i := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('?')
	}
	b.WriteByte(')')
	return b.String()
}
