package mutation

import (
	"context"
	"slices"
	"strings"

	"coppice/core/fault"
	"coppice/core/model"
)

// explainUnique names the record and the members of the unique index that
// another record has the same values of, and all other keys that are taken.
func (s *Set) explainUnique(ctx context.Context, unique *fault.Unique, nodes []*Node) error {
	e := nodes[0].Entity
	if unique.Table != "" && unique.Table != e.Table { // of an expression, the engine does not say
		return takenBy(s.model.Table(unique.Table), unique).At(association(nodes, unique.Table).String())
	}
	k := uniqueIndex(e, unique.Columns)
	n := nodes[0]
	switch {
	case unique.Row >= 0 && unique.Row < len(nodes):
		n = nodes[unique.Row]
		unique.Unseen = k != nil && s.words().Concurrent && s.taken(ctx, k, nodes[:unique.Row+1]) == nil
	case k != nil && (len(nodes) > 1 || s.words().Concurrent):
		if found := s.taken(ctx, k, nodes); found != nil {
			n = found
		} else {
			unique.Unseen = s.words().Concurrent
		}
	}
	reported := takenBy(e, unique).At(n.keyPath(k).String())
	s.fault(reported)
	s.alsoTaken(ctx, nodes, reported)
	return s.failed()
}

// takenBy is the error of an index's values that another record of an entity
// has; the entity is nil for a table that associates records.
func takenBy(e *model.Entity, unique *fault.Unique) *fault.Error {
	reported := &fault.Error{Code: fault.Conflict, Cause: unique}
	switch k := uniqueIndex(e, unique.Columns); {
	case e == nil && unique.Table == "":
		reported.Message = "Another record has values already that must differ in each."
	case e == nil:
		reported.Message = "These two records are connected already."
	case k == nil:
		reported.Message = "Another " + e.Name + " has values already that must differ in each."
	default:
		reported.Message = "Another " + e.Name + " has this " + strings.Join(k.Of, " and ") + " already."
	}
	return reported
}

// uniqueIndex describes a unique index by its columns, whether or not it is a key of
// the API: fields first, as in those. It is nil where it holds anything else.
func uniqueIndex(e *model.Entity, columns []string) *model.Key {
	if e == nil || len(columns) == 0 {
		return nil
	}
	var fields, edges []model.Part
columns:
	for _, c := range columns {
		for _, f := range append([]*model.Field{e.ID}, e.Fields...) {
			if f.Column == c {
				fields = append(fields, model.Part{Field: f})
				continue columns
			}
		}
		for _, ed := range e.Edges {
			if ed.Storage == model.Own && ed.Column == c {
				edges = append(edges, model.Part{Edge: ed})
				continue columns
			}
		}
		return nil
	}
	k := &model.Key{Parts: append(fields, edges...)}
	for _, p := range k.Parts {
		k.Of = append(k.Of, p.Name())
	}
	return k
}

// keyPath is the path of the first member of a key that the input itself gives;
// of the first of all where it gives none, and of the record where there is no
// key.
func (n *Node) keyPath(k *model.Key) *Path {
	if k == nil {
		return n.Path
	}
	for _, p := range k.Parts {
		if v := n.part(p); v != nil && v != any(n.parent) {
			return n.at(p.Name())
		}
	}
	return n.at(k.Parts[0].Name())
}

// alsoTaken notes the other keys that records cannot have, since others of the
// database have them. Of those that the set changes as well it is left to the
// database: they may lose their keys.
func (s *Set) alsoTaken(ctx context.Context, nodes []*Node, reported *fault.Error) {
	e, every := nodes[0].Entity, *s
	every.scopes = nil // it may be a hidden record that has it
	for _, k := range e.Keys {
		l := lookups{}
		for _, n := range nodes {
			if v, values := n.key(k), n.keyValues(k); v != nil && stored(values) {
				found := l.at(e, place{k, v}, values)
				found.nodes = append(found.nodes, n)
			}
		}
		if l[k] == nil {
			continue
		}
		for part := range slices.Chunk(l[k].list, batch) {
			err := every.rows(ctx, e, keyColumns(e, k), keyIn(k, part), func(row []any) error {
				v, err := scanKey(k, row[1:])
				if err != nil || l[k].by[v] == nil || s.changes(e, row[0]) {
					return err
				}
				for _, n := range l[k].by[v].nodes {
					also := fault.New(fault.Conflict, "Another %s has this %s already.", e.Name, strings.Join(k.Of, " and ")).At(n.keyPath(k).String())
					if also.Field != reported.Field {
						s.fault(also)
					}
				}
				return nil
			})
			if err != nil {
				return // what is known is told
			}
		}
	}
}

// changes reports whether the set changes the record of an id as the driver
// gives it.
func (s *Set) changes(e *model.Entity, id any) bool {
	own, err := e.TypedID(id)
	return err != nil || slices.ContainsFunc(s.nodes, func(n *Node) bool { return n.Entity == e && n.ID == own })
}

// keyColumns are an entity's id and the columns of a key.
func keyColumns(e *model.Entity, k *model.Key) []string {
	columns := make([]string, 1, 1+len(k.Parts))
	columns[0] = e.ID.Column
	for _, p := range k.Parts {
		columns = append(columns, p.Column())
	}
	return columns
}

// association is the path of what an input says of the edge that a table holds.
func association(nodes []*Node, table string) *Path {
	for _, n := range nodes {
		for _, c := range n.edges {
			if (c.edge.Table == table || c.edge.Storage == model.Other && c.edge.Target.Table == table) && c.mode != remove && len(c.refs) > 0 {
				return c.path
			}
		}
	}
	return nodes[0].Path
}

// taken is the node whose key another record has, or another node before it; nil
// where none is seen to.
func (s *Set) taken(ctx context.Context, k *model.Key, nodes []*Node) *Node {
	every := *s
	every.scopes = nil // it may be a hidden record that has it
	seen := map[any]bool{}
	for _, n := range nodes {
		v, values := n.key(k), n.keyValues(k)
		if v == nil || !stored(values) {
			continue
		}
		if seen[v] {
			return n
		}
		seen[v] = true
		taken := false
		err := every.rows(ctx, n.Entity, []string{n.Entity.ID.Column}, keyIn(k, []*lookup{{values: values}}), func([]any) error {
			taken = true
			return nil
		})
		if err == nil && taken {
			return n
		}
	}
	return nil
}
