package mutation

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"entgo.io/ent/dialect/sql"

	"coppice/ent"
	"coppice/internal/fault"
	"coppice/internal/model"
)

// batch is how many keys are looked up in one statement.
const batch = 500

// lookup is a key that something of the set is to be found by.
type lookup struct {
	values []any
	text   string
	found  func(id any) error
}

// resolve finds what references, upserts and connects name: in the set, or
// else in the database. A key that holds a reference has to wait for that one,
// so this goes in rounds.
func (s *Set) resolve(ctx context.Context) error {
	s.merge()
	if err := s.verifyIDs(ctx); err != nil {
		return err
	}
	if s.known != nil {
		if err := s.resolveNames(ctx); err != nil {
			return err
		}
	}
	pending := append([]*ref(nil), s.refs...)
	seekers := s.seekers()
	for {
		if err := s.index(); err != nil {
			return err
		}
		groups := map[*model.Key][]lookup{}
		owner := map[*model.Key]*model.Entity{}
		var waiting, asked []*ref
		for _, r := range pending {
			switch {
			case r.key == nil || r.id != nil || r.node != nil:
			case !ready(r.values):
				waiting = append(waiting, r)
			case s.seek(r, groups, owner):
				asked = append(asked, r)
			case r.node == nil:
				waiting = append(waiting, r)
			}
		}
		seekers = s.seekNodes(seekers, groups, owner)
		if len(groups) == 0 && len(waiting) == 0 {
			return nil
		}
		for _, e := range s.model.Entities {
			for _, k := range e.Keys {
				if err := s.findKeys(ctx, owner[k], k, groups[k]); err != nil {
					return err
				}
			}
		}
		var missing []error
		for _, r := range asked {
			if r.id == nil {
				missing = append(missing, r.missing())
			}
		}
		if len(missing) > 0 {
			return errors.Join(missing...)
		}
		if len(waiting) == len(pending) && len(groups) == 0 {
			return waiting[0].missing()
		}
		pending = waiting
	}
}

// index notes under which keys the set's own nodes can be found. Two seed
// records with one key are an error.
func (s *Set) index() error {
	clear(s.keys)
	for _, n := range s.nodes {
		for _, k := range n.Entity.Keys {
			values, text := s.keyOf(n, k)
			if text == "" || !ready(values) {
				continue
			}
			other := s.keys[text]
			if other == nil {
				s.keys[text] = n
			} else if s.known != nil && other != n && other.action == upsert && n.action == upsert {
				return fault.New(fault.Conflict, "Another %s of this set has this %s already.", n.Entity.Name, strings.Join(k.Of, " and ")).
					At(n.Path.At(k.Parts[0].Name()).String())
			}
		}
	}
	return nil
}

// ready reports whether the references among a key's values are resolved.
func ready(values []any) bool {
	for _, v := range values {
		if r, ok := v.(*ref); ok && r.id == nil && r.node == nil {
			return false
		}
	}
	return true
}

// stored reports whether a key could be in the database: none of its members
// is yet to be made.
func stored(values []any) bool {
	for _, v := range values {
		if r, ok := v.(*ref); ok && r.id == nil && (r.node == nil || r.node.ID == nil) {
			return false
		}
	}
	return true
}

// seek finds a reference in the set, or has it looked up in the database,
// which it reports. It does neither while a record of the set that the key
// holds may yet be found.
func (s *Set) seek(r *ref, groups map[*model.Key][]lookup, owner map[*model.Key]*model.Entity) bool {
	text := s.keyText(r.entity, r.key, r.values)
	if n := s.keys[text]; n != nil && n.action != update {
		r.node = n
		return false
	}
	if !stored(r.values) {
		return false
	}
	owner[r.key] = r.entity
	groups[r.key] = append(groups[r.key], lookup{r.values, text, func(id any) error {
		r.id = id
		return nil
	}})
	return true
}

// seekers lists the nodes that may exist already, each with the keys to try.
func (s *Set) seekers() map[*Node][]*model.Key {
	m := map[*Node][]*model.Key{}
	for _, n := range s.nodes {
		switch {
		case n.action == upsert && n.by != nil:
			m[n] = []*model.Key{n.by}
		case n.action == upsert || n.action == connect:
			m[n] = n.Entity.Keys
		}
	}
	return m
}

func (s *Set) seekNodes(seekers map[*Node][]*model.Key, groups map[*model.Key][]lookup, owner map[*model.Key]*model.Entity) map[*Node][]*model.Key {
	left := map[*Node][]*model.Key{}
	for n, keys := range seekers {
		for _, k := range keys {
			values, text := s.keyOf(n, k)
			switch {
			case text == "":
			case !stored(values):
				left[n] = append(left[n], k)
			default:
				owner[k] = n.Entity
				groups[k] = append(groups[k], lookup{values, text, n.exists})
			}
		}
	}
	return left
}

// exists notes that a node's record was found by one of its keys.
func (n *Node) exists(id any) error {
	if n.found && n.ID != id {
		return fault.New(fault.Conflict, "Its unique keys belong to two different records.").At(n.Path.String())
	}
	n.ID, n.found = id, true
	return nil
}

// verifyIDs makes sure that the records that references name by id exist.
func (s *Set) verifyIDs(ctx context.Context) error {
	byEntity := map[*model.Entity][]*ref{}
	for _, r := range s.refs {
		if r.key == nil && r.id != nil {
			byEntity[r.entity] = append(byEntity[r.entity], r)
		}
	}
	for _, n := range s.nodes {
		// Without edges its own UPDATE tells.
		if n.action == update && len(n.edges) > 0 && !n.sure {
			byEntity[n.Entity] = append(byEntity[n.Entity], &ref{entity: n.Entity, id: n.ID, path: (*Path)(nil).At("id")})
		}
	}
	for _, e := range s.model.Entities {
		refs := byEntity[e]
		if len(refs) == 0 {
			continue
		}
		ids := make([]any, len(refs))
		for i, r := range refs {
			ids[i] = r.id
		}
		have := map[any]bool{}
		err := s.rows(ctx, e, []string{e.ID.Column}, sql.FieldIn(e.ID.Column, ids...), func(row []any) error {
			id, err := e.TypedID(row[0])
			have[id] = true
			return err
		})
		if err != nil {
			return err
		}
		for _, r := range refs {
			if !have[r.id] {
				return r.missing()
			}
		}
	}
	return nil
}

// findKeys looks up the records with the given values of one key.
func (s *Set) findKeys(ctx context.Context, e *model.Entity, k *model.Key, list []lookup) error {
	for len(list) > 0 {
		part := list[:min(batch, len(list))]
		list = list[len(part):]
		byText := map[string][]lookup{}
		for _, l := range part {
			byText[l.text] = append(byText[l.text], l)
		}
		columns := []string{e.ID.Column}
		for _, p := range k.Parts {
			columns = append(columns, p.Column())
		}
		err := s.rows(ctx, e, columns, keyIn(k, part), func(row []any) error {
			id, err := e.TypedID(row[0])
			if err != nil {
				return err
			}
			values, err := scanKey(k, row[1:])
			if err != nil {
				return err
			}
			for _, l := range byText[s.keyText(e, k, values)] {
				if err := l.found(id); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func scanKey(k *model.Key, row []any) ([]any, error) {
	values := make([]any, len(k.Parts))
	for i, p := range k.Parts {
		if row[i] == nil {
			values[i] = ""
			continue
		}
		var err error
		if p.Field != nil {
			values[i], err = p.Field.Scan(row[i])
		} else {
			var id any
			id, err = p.Edge.Target.TypedID(row[i])
			values[i] = &ref{entity: p.Edge.Target, id: id}
		}
		if err != nil {
			return nil, err
		}
	}
	return values, nil
}

// keyIn is the condition that a record has one of the given values of a key.
func keyIn(k *model.Key, list []lookup) func(*sql.Selector) {
	return func(s *sql.Selector) {
		ors := make([]*sql.Predicate, len(list))
		first := make([]any, len(list))
		for i, l := range list {
			ands := make([]*sql.Predicate, len(k.Parts))
			for j, p := range k.Parts {
				ands[j] = sql.EQ(s.C(p.Column()), argument(l.values[j]))
			}
			ors[i], first[i] = sql.And(ands...), argument(l.values[0])
		}
		if len(k.Parts) == 1 {
			s.Where(sql.In(s.C(k.Parts[0].Column()), first...))
			return
		}
		s.Where(sql.Or(ors...))
	}
}

func argument(v any) any {
	r, ok := v.(*ref)
	switch {
	case !ok:
		return v
	case r.id != nil:
		return r.id
	default:
		return r.node.ID
	}
}

// rows reads columns of an entity's records through ent's own query, so that
// interceptors and policies have their say.
func (s *Set) rows(ctx context.Context, e *model.Entity, columns []string, where func(*sql.Selector), each func([]any) error) error {
	read := func(ctx context.Context, sel *sql.Selector) error {
		where(sel)
		names := make([]string, len(columns))
		for i, c := range columns {
			names[i] = sel.C(c)
		}
		query, args := sel.Select(names...).Query()
		return s.query(ctx, query, args, len(columns), each)
	}
	if rec := s.record(e); rec.Guarded(s.client) {
		return rec.Scope(ctx, s.client, read)
	}
	return read(ctx, sql.Dialect(ent.DriverOf(s.client).Dialect()).Select().From(sql.Table(e.Table)))
}

func (s *Set) query(ctx context.Context, query string, args []any, width int, each func([]any) error) (err error) {
	var rows sql.Rows
	if err := ent.DriverOf(s.client).Query(ctx, query, args, &rows); err != nil {
		return fmt.Errorf("mutation: %w", err)
	}
	defer func() {
		if cerr := rows.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("mutation: %w", cerr)
		}
	}()
	for rows.Next() {
		row, dest := make([]any, width), make([]any, width)
		for i := range row {
			dest[i] = &row[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return fmt.Errorf("mutation: %w", err)
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return rows.Err()
}
