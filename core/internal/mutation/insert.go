package mutation

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"

	"entgo.io/ent/dialect/sql"

	"coppice/core/fault"
	"coppice/core/model"
	"coppice/core/record"
)

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

// leave takes back, from the builder of a new record, the defaults of what the
// input says is null, and of foreign keys that are set once all records are
// there.
func (n *Node) leave(b record.Builder) {
	var columns []string
	for i := range n.values {
		if v := &n.values[i]; v.value == nil && (v.field.Default || v.field.DatabaseDefault) {
			columns = append(columns, v.field.Column)
		}
	}
	for _, ed := range n.Entity.Edges {
		if ed.Default && len(b.Mutation().AddedIDs(ed.Name)) == 0 && n.says(ed) {
			columns = append(columns, ed.Column)
		}
	}
	if len(columns) > 0 {
		b.Leave(columns)
	}
}

// says reports whether the input of a record, or that which it is nested in, says
// where an edge leads, or that it leads nowhere.
func (n *Node) says(ed *model.Edge) bool {
	return n.via != nil && n.via.Inverse == ed ||
		slices.ContainsFunc(n.edges, func(c change) bool { return c.edge == ed }) ||
		slices.ContainsFunc(n.after, func(l link) bool { return l.edge == ed })
}

// misled is the error of new records whose foreign key has a default of the
// schema that names nothing, or nil where there are none.
func (s *Set) misled(ctx context.Context, cause error, nodes []*Node) error {
	for _, n := range nodes {
		if n.builder == nil || n.found {
			continue
		}
		for _, ed := range n.Entity.Edges {
			if !ed.Default || n.says(ed) {
				continue
			}
			ids := n.builder.Mutation().AddedIDs(ed.Name)
			if len(ids) == 0 && s.onlyReference == nil { // the database's own default
				return &fault.Error{Code: fault.BadUserInput, Field: n.at(ed.GraphQL).String(), Cause: cause, Message: fmt.Sprintf(
					"%s is not given, and the default that the database has for it names no %s: %s.", ed.GraphQL, ed.To, wayOut(ed))}
			}
			if len(ids) == 0 {
				continue
			}
			there, every := false, *s
			every.scopes = nil // it may be hidden
			err := every.rows(ctx, ed.Target, []string{ed.Target.ID.Column}, s.withID(ed.Target, []any{ids[0]}), func([]any) error {
				there = true
				return nil
			})
			if err != nil || there {
				continue
			}
			wrong := fault.Input(n.at(ed.GraphQL).String(), "%s is not given, and the default that the schema has for it, %s, names no %s: %s.",
				ed.GraphQL, fault.Quote(ed.Target.GlobalID(fmt.Sprint(ids[0]))), ed.To, wayOut(ed))
			wrong.Cause = cause
			return wrong
		}
	}
	return nil
}

func wayOut(ed *model.Edge) string {
	if ed.Required {
		return "give one"
	}
	return "give one, or null for none"
}
