package mutation

import (
	"context"
	"fmt"
	"slices"

	"entgo.io/ent/dialect/sql"

	"coppice/core/internal/dialect"
	"coppice/core/internal/index"
	"coppice/core/internal/scope"
	"coppice/core/model"
)

// batch is how many keys or ids are looked up in one statement.
const batch = 500

// lookup is a key to look up, and what is to be found by it.
type lookup struct {
	values []any
	refs   []*ref
	nodes  []*Node
}

// path is where in the input the first stands for whose sake it is.
func (l *lookup) path() string {
	if len(l.refs) > 0 {
		return l.refs[0].path.String()
	}
	return l.nodes[0].Path.String()
}

// sought is what is to be looked up by one key.
type sought struct {
	entity *model.Entity
	list   []*lookup
	by     map[any]*lookup
}

type lookups map[*model.Key]*sought

// at is the look-up of one key's values, each once.
func (l lookups) at(e *model.Entity, p place, values []any) *lookup {
	of := l[p.key]
	if of == nil {
		of = &sought{entity: e, by: map[any]*lookup{}}
		l[p.key] = of
	}
	found := of.by[p.value]
	if found == nil {
		found = &lookup{values: values}
		of.by[p.value] = found
		of.list = append(of.list, found)
	}
	return found
}

// find looks up what there is to look up.
func (s *Set) find(ctx context.Context, l lookups) error {
	for _, e := range s.model.Entities {
		for _, k := range e.Keys {
			if l[k] == nil {
				continue
			}
			for part := range slices.Chunk(l[k].list, batch) {
				if err := s.findKeys(ctx, k, l[k], part); err != nil {
					return refusedAt(err, part[0].path())
				}
			}
		}
	}
	return nil
}

// findKeys looks up the records with the given values of one key.
func (s *Set) findKeys(ctx context.Context, k *model.Key, of *sought, part []*lookup) error {
	e := of.entity
	return s.rows(ctx, e, keyColumns(e, k), keyIn(k, part), func(row []any) error {
		id, err := e.TypedID(row[0])
		if err != nil {
			return err
		}
		v, err := scanKey(k, row[1:])
		if err != nil {
			return err
		}
		found := of.by[v]
		if found == nil {
			return nil // as where the engine takes for the same what is not
		}
		for _, r := range found.refs {
			r.id = id
		}
		for _, n := range found.nodes {
			s.exists(n, id)
		}
		return nil
	})
}

// scanKey is the values of a key in a row, as Node.key has them.
func scanKey(k *model.Key, row []any) (any, error) {
	values := make([]any, len(k.Parts))
	for i, p := range k.Parts {
		var err error
		if p.Field != nil {
			values[i], err = p.Field.Scan(row[i])
		} else {
			values[i], err = p.Edge.Target.TypedID(row[i])
		}
		if err != nil {
			return nil, err
		}
	}
	return keysTogether(values), nil
}

// match is which records are wanted, and the columns that they are to be found
// by.
type match struct {
	columns []string
	ids     []any // nil but where they are found by their id
	where   func(*sql.Selector)
}

// among matches the records with one of some values in a column.
func among(column string, values []any) match {
	return match{columns: []string{column}, where: sql.FieldIn(column, values...)}
}

// withID matches the records with one of some ids.
func (s *Set) withID(e *model.Entity, ids []any) match {
	if t := s.client.Indexes().Of(e.Table); t == nil || t.RowID != e.ID.Column || s.words().ReadByKey == "" {
		return among(e.ID.Column, ids)
	}
	once := make([]any, 0, len(ids))
	seen := make(map[any]bool, len(ids))
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			once = append(once, id)
		}
	}
	return match{ids: once, where: func(s *sql.Selector) {
		s.Where(sql.ExprP(s.C(e.ID.Column) + " = " + index.Value))
	}}
}

// keyIn matches the records with one of the given values of a key.
func keyIn(k *model.Key, list []*lookup) match {
	var m match
	for _, p := range k.Parts {
		m.columns = append(m.columns, p.Column())
	}
	m.where = func(s *sql.Selector) {
		if len(k.Parts) == 1 {
			values := make([]any, len(list))
			for i, l := range list {
				values[i] = argument(l.values[0])
			}
			s.Where(sql.In(keyColumn(s, k.Parts[0]), values...))
			return
		}
		ors := make([]*sql.Predicate, len(list))
		for i, l := range list {
			ands := make([]*sql.Predicate, len(k.Parts))
			for j, p := range k.Parts {
				ands[j] = sql.EQ(keyColumn(s, p), argument(l.values[j]))
			}
			ors[i] = sql.And(ands...)
		}
		s.Where(sql.Or(ors...))
	}
	return m
}

// keyColumn is what a member of a key is compared by.
func keyColumn(s *sql.Selector, p model.Part) string {
	if p.Field != nil && p.Field.OwnStorage {
		return dialect.Of(s.Dialect()).Text.With(s.C(p.Column()))
	}
	return s.C(p.Column())
}

// verifyIDs makes sure that the records that references name by id exist. A
// single one is left to the foreign key that is to hold it.
func (s *Set) verifyIDs(ctx context.Context) error {
	byEntity := map[*model.Entity][]*ref{}
	own := s.ownIDs()
	for _, r := range s.refs {
		if r.key != nil || r.id == nil {
			continue
		}
		if n := own[r.idPlace()]; n != nil {
			r.node, r.id = n, nil
			continue
		}
		byEntity[r.entity] = append(byEntity[r.entity], r)
	}
	if s.onlyReference = s.singleReference(ctx, byEntity); s.onlyReference != nil {
		clear(byEntity)
	}
	// Of what does not write its own record, or may be hidden, nothing else
	// tells that it is not there.
	for _, n := range s.nodes {
		if n.action == update && !n.sure && (s.examined || n.verified() || s.guarded(ctx, n.Entity)) && n.ID != nil {
			byEntity[n.Entity] = append(byEntity[n.Entity], &ref{entity: n.Entity, id: n.ID, path: (*Path)(nil).At("id")})
		}
	}
	for _, e := range s.model.Entities {
		refs := byEntity[e]
		if len(refs) == 0 {
			continue
		}
		have := make(map[any]bool, len(refs))
		var ids []any
		for _, r := range refs {
			if _, asked := have[r.id]; !asked {
				have[r.id] = false
				ids = append(ids, r.id)
			}
		}
		for part := range slices.Chunk(ids, batch) {
			err := s.rows(ctx, e, []string{e.ID.Column}, s.withID(e, part), func(row []any) error {
				id, err := e.TypedID(row[0])
				have[id] = true
				return err
			})
			if err != nil {
				return refusedAt(err, refs[0].path.String())
			}
		}
		for _, r := range refs {
			if !have[r.id] {
				s.fault(r.missing())
			}
		}
	}
	return nil
}

// ownIDs lists the set's records that give their id by it.
func (s *Set) ownIDs() map[place]*Node {
	own := map[place]*Node{}
	for _, n := range s.nodes {
		if k := n.Entity.IDKey(); k != nil && n.action != update {
			if v := n.key(k); v != nil && own[place{k, v}] == nil {
				own[place{k, v}] = n
			}
		}
	}
	return own
}

// idPlace is where a record of the set that gives the id of the reference
// would be.
func (r *ref) idPlace() place {
	if len(r.values) == 0 {
		return place{}
	}
	return place{r.entity.IDKey(), keysTogether(r.values)}
}

// singleReference is the set's one reference by id, if there is just one and a
// foreign key says no when it names nothing.
func (s *Set) singleReference(ctx context.Context, byEntity map[*model.Entity][]*ref) *ref {
	if s.findByName != nil || s.examined || len(byEntity) != 1 {
		return nil
	}
	for e, refs := range byEntity {
		if len(refs) == 1 && refs[0].heldByForeignKey && !s.guarded(ctx, e) {
			return refs[0]
		}
	}
	return nil
}

// verified reports whether the record of an update has to be looked for.
func (n *Node) verified() bool {
	return slices.ContainsFunc(n.edges, func(c change) bool { return !c.heldByForeignKey() })
}

// heldByForeignKey reports whether the change is of a foreign key of the record's own,
// that others are free to have as well.
func (c *change) heldByForeignKey() bool {
	return c.edge.Storage == model.Own && (c.edge.Inverse == nil || !c.edge.Inverse.Unique)
}

// rows reads columns of those of an entity's records that are not hidden.
func (s *Set) rows(ctx context.Context, e *model.Entity, columns []string, m match, each func([]any) error) error {
	sel := sql.Dialect(s.client.Driver().Dialect()).Select().From(sql.Table(e.Table))
	m.where(sel)
	if err := s.visible(ctx, sel, e, e.Table); err != nil {
		return err
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = sel.C(c)
	}
	query, args := sel.Select(names...).Query()
	if m.ids != nil {
		query, args = index.Each(s.words(), query, e.Table, len(m.ids)), append(slices.Clone(m.ids), args...)
	} else {
		query = s.client.Indexes().Read(s.words(), query, e.Table, m.columns...)
	}
	return s.query(ctx, query, args, len(columns), each)
}

// visible adds to a selection that records of the table at alias are not
// hidden. Whatever reads records to write asks here.
func (s *Set) visible(ctx context.Context, sel *sql.Selector, e *model.Entity, alias string) error {
	of := s.scopes.Of(ctx, e)
	if err := of.Refusal(""); err != nil {
		return err
	}
	if p := of.At(alias); p != nil {
		sel.Where(p)
	}
	return nil
}

// guarded reports whether records of an entity may be hidden.
func (s *Set) guarded(ctx context.Context, e *model.Entity) bool { return s.scopes.Of(ctx, e).Hides() }

// Visible tells which of an entity's records with the given ids, in ent's Go
// type, interceptors and policies show to whoever the context is of, also of a
// set that sees what is hidden.
func (s *Set) Visible(ctx context.Context, e *model.Entity, ids []any) (map[any]bool, error) {
	shown := make(map[any]bool, len(ids))
	scoped := *s
	scoped.scopes = scope.New(s.client)
	for part := range slices.Chunk(ids, batch) {
		err := scoped.rows(ctx, e, []string{e.ID.Column}, s.withID(e, part), func(row []any) error {
			id, err := e.TypedID(row[0])
			shown[id] = true
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return shown, nil
}

// query runs a statement; each must not keep the row.
func (s *Set) query(ctx context.Context, query string, args []any, width int, each func([]any) error) (err error) {
	var rows sql.Rows
	if err := s.client.Driver().Query(ctx, query, args, &rows); err != nil {
		return fmt.Errorf("mutation: %w", err)
	}
	defer func() {
		if cerr := rows.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("mutation: %w", cerr)
		}
	}()
	row, dest := make([]any, width), make([]any, width)
	for i := range row {
		dest[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return fmt.Errorf("mutation: %w", err)
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return rows.Err()
}
