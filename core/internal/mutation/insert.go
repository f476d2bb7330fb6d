package mutation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/sqlgraph"
	"entgo.io/ent/schema/field"

	"coppice/core/fault"
	"coppice/core/model"
	"coppice/core/record"
)

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

// evenly splits a list into parts of about the same length, up to size: the
// same length is the same statement.
func evenly[T any](list []T, size int) iter.Seq[[]T] {
	parts := (len(list) + size - 1) / size
	return slices.Chunk(list, max(1, (len(list)+max(1, parts)-1)/max(1, parts)))
}

// batches splits new records of an entity into what one statement makes: up to
// size at once, those that give what the database would make up, an id or a
// default of its own, apart from those that do not, for a statement says null
// of what only some give. One by one go those that are at both ends of one
// association table, as people who follow and are followed: ent does not make
// such in bulk.
func (s *Set) batches(e *model.Entity, nodes []*Node, size int) iter.Seq[[]*Node] {
	var lists [][]*Node
	at := map[uint64]int{}
	var single []*Node
	made := e.DatabaseFilled()
	circular := s.circular(e)
	for _, n := range nodes {
		if circular && n.bothEnds() {
			single = append(single, n)
			continue
		}
		given := n.gives(made)
		i, ok := at[given]
		if !ok {
			i = len(lists)
			at[given] = i
			lists = append(lists, nil)
		}
		lists[i] = append(lists[i], n)
	}
	return func(yield func([]*Node) bool) {
		for _, list := range lists {
			for part := range evenly(list, size) {
				if !yield(part) {
					return
				}
			}
		}
		for part := range slices.Chunk(single, 1) {
			if !yield(part) {
				return
			}
		}
	}
}

// gives is which of some fields a record gives, null included, a bit for each.
func (n *Node) gives(fields []*model.Field) (set uint64) {
	for i, f := range fields {
		if slices.ContainsFunc(n.values, func(v value) bool { return v.field == f }) {
			set |= 1 << (i % 64)
		}
	}
	return set
}

// circular reports whether an association table that leads from an entity to
// itself, and has a name at either end, is left to ent.
func (s *Set) circular(e *model.Entity) bool {
	return slices.ContainsFunc(e.Edges, func(ed *model.Edge) bool {
		return ed.Storage == model.Join && ed.Target == e && ed.Inverse != nil && !s.bulkAssociation(ed)
	})
}

func (n *Node) bothEnds() bool {
	ends := map[string]*model.Edge{}
	second := func(ed *model.Edge) bool {
		if ed.Storage != model.Join {
			return false
		}
		first := ends[ed.Table]
		ends[ed.Table] = ed
		return first != nil && first != ed
	}
	return slices.ContainsFunc(n.edges, func(c change) bool { return len(c.refs) > 0 && second(c.edge) }) ||
		slices.ContainsFunc(n.links, func(l link) bool { return second(l.edge) })
}

// UpdateMany applies one update input to all records with own ids in ent's Go
// type: in one statement where the input says nothing that depends on the
// single record.
func UpdateMany(ctx context.Context, client *record.Client, e *model.Entity, ids []any, input map[string]any, path *Path) error {
	s := NewSet(client)
	n, err := s.Update(e, ids[0], input, path)
	if err != nil {
		return err
	}
	n.sure = true
	if !n.uniform() {
		for _, id := range ids[1:] {
			n, err := s.Update(e, id, input, path)
			if err != nil {
				return err
			}
			n.sure = true
		}
		return s.Apply(ctx)
	}
	if err := s.resolve(ctx); err != nil {
		return err
	}
	if err := s.failed(); err != nil {
		return err
	}
	for part := range slices.Chunk(ids, maxParameters/2) {
		b, err := s.record(e).UpdateMany(client, part)
		if err != nil {
			return err
		}
		if err := n.set(b); err != nil {
			return err
		}
		if err := s.updateEdges(ctx, n, b); err != nil {
			return err
		}
		if _, err := b.Save(ctx); err != nil {
			return s.explain(ctx, err, []*Node{n})
		}
	}
	return nil
}

// uniform reports whether an update does the same to every record: it sets
// values and foreign keys of its own to what exists.
func (n *Node) uniform() bool {
	for _, c := range n.edges {
		if c.edge.Storage != model.Own || c.edge.Inverse != nil && c.edge.Inverse.Unique {
			return false
		}
		for _, r := range c.refs {
			if r.node != nil {
				return false
			}
		}
	}
	return true
}

// DeleteMany removes the records with own ids in ent's Go type.
func DeleteMany(ctx context.Context, client *record.Client, e *model.Entity, ids []any) error {
	s := NewSet(client)
	for part := range slices.Chunk(ids, maxParameters/2) {
		if err := s.spared(ctx, e, part, "where"); err != nil {
			return err
		}
		_, err := s.record(e).DeleteMany(ctx, client, part)
		var foreign *fault.ForeignKey
		if errors.As(err, &foreign) {
			return s.needed(ctx, e, part, "where", err)
		}
		if err != nil {
			return refusedDelete(err, e, "where")
		}
	}
	return nil
}

// bulkAssociation reports whether the associations of new records are written as rows,
// many records' at once: the edge has a table that holds none of the schema's
// records, and neither hooks nor validators ask to see them. What ent cannot
// write, since it needs values of its own, hooks do not see.
func (s *Set) bulkAssociation(ed *model.Edge) bool {
	switch {
	case ed.Storage != model.Join || ed.Required || ed.Inverse != nil && ed.Inverse.Required || ed.Through && len(ed.Fields) == 0:
		return false
	default:
		return demanding(ed) || !s.hooked(ed.Source)
	}
}

// associate writes the plain associations of the records that were made.
func (s *Set) associate(ctx context.Context) error {
	rows := map[*model.Edge][][2]any{}
	for _, n := range s.nodes {
		if !n.Created {
			continue
		}
		for i := range n.edges {
			c := &n.edges[i]
			if len(c.refs) == 0 || !s.bulkAssociation(c.edge) || len(c.edge.Fields) > 0 {
				continue
			}
			both := opposite(c.edge) == c.edge
			for _, r := range c.refs {
				id := argument(r)
				rows[c.edge] = append(rows[c.edge], [2]any{n.ID, id})
				if both {
					rows[c.edge] = append(rows[c.edge], [2]any{id, n.ID})
				}
			}
		}
	}
	for _, e := range s.model.Entities {
		for _, ed := range e.Edges {
			for part := range evenly(rows[ed], bulkParameters/2) {
				if err := s.join(ctx, ed, part); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// join writes rows of an association table, but for those that are there.
func (s *Set) join(ctx context.Context, ed *model.Edge, rows [][2]any) error {
	insert := sql.Dialect(s.client.Driver().Dialect()).Insert(ed.Table).Columns(ed.From, ed.Ref).OnConflict(sql.DoNothing())
	for _, row := range rows {
		insert.Values(row[0], row[1])
	}
	query, args := insert.Query()
	if err := s.client.Driver().Exec(ctx, query, args, nil); err != nil {
		return fmt.Errorf("mutation: %w", err)
	}
	return nil
}

// countOn moves the numbers that the database counts for an entity past the ids that
// new records give, before these are written: an id is never given twice.
func (s *Set) countOn(ctx context.Context, e *model.Entity, nodes []*Node) error {
	if !e.Counted {
		return nil
	}
	highest := int64(0)
	for _, n := range nodes {
		for i := range n.values {
			if v := &n.values[i]; v.field == e.ID && v.value != nil {
				id, err := v.inGo()
				if err != nil {
					return n.misread(e.ID, err)
				}
				highest = max(highest, whole(id))
			}
		}
	}
	if highest == 0 {
		return nil
	}
	return s.countPast(ctx, e, highest)
}

// whole is an id of any of Go's types for whole numbers.
func whole(id any) int64 {
	v := reflect.ValueOf(id)
	if v.CanUint() {
		return int64(v.Uint()) // what may be given leaves as many to count on with
	}
	return v.Int()
}

// countPast lets the next number be more than highest. While it looks how far they are
// and moves them, nobody takes one, so that they never go back.
func (s *Set) countPast(ctx context.Context, e *model.Entity, highest int64) error {
	words := s.words()
	if words.Behind == "" {
		return nil
	}
	quote := func(name string) string { return "'" + name + "'" }
	ask := func(query string) (found bool, err error) {
		var rows sql.Rows
		if err := s.client.Driver().Query(ctx, words.Bind(query), []any{highest}, &rows); err != nil {
			return false, fmt.Errorf("mutation: %w", err)
		}
		for rows.Next() {
			found = true
		}
		if err := rows.Err(); err != nil {
			return false, fmt.Errorf("mutation: %w", err)
		}
		if err := rows.Close(); err != nil {
			return false, fmt.Errorf("mutation: %w", err)
		}
		return found, nil
	}
	behind, err := ask(words.Behind.With(quote(e.Table), quote(e.ID.Column)))
	if err != nil || !behind {
		return err
	}
	if err := s.client.Driver().Exec(ctx, words.Lock.With(`"`+e.Table+`"`), []any{}, nil); err != nil {
		return fmt.Errorf("mutation: %w", err)
	}
	_, err = ask(words.Advance.With(quote(e.Table), quote(e.ID.Column)))
	return err
}
