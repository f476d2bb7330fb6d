package mutation

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"coppice/core/fault"
	"coppice/core/model"
)

// A set of seed records that is too large for one transaction is written in
// parts, each a Set of its own. What a part refers to may stand in a later one.

// Name tells a seed record from all others: the text stands for its values of
// a unique key, or for its own name where Key is nil.
type Name struct {
	Text string
	Key  *model.Key
}

// Names lists the names of a record: one for each unique key that its input
// gives in full, and its own.
func (s *Set) Names(n *Node) []Name {
	var names []Name
	if n.Name != "" {
		names = append(names, Name{Text: n.Entity.Name + "|" + n.Name})
	}
	for _, k := range n.Entity.Keys {
		if n.key(k) != nil {
			names = append(names, Name{s.keyText(n.Entity, k, n.keyValues(k), today), k})
		}
	}
	return names
}

// Mention is what the input of a record says of one edge.
type Mention struct {
	Edge *model.Edge
	// Names are the texts of the names of the records referred to; "" for one
	// that may go by several.
	Names []string
}

// Mentions lists what a record's input says of its edges; nested records are
// not referred to.
func (s *Set) Mentions(n *Node) []Mention {
	list := make([]Mention, 0, len(n.edges))
	for _, c := range n.edges {
		m := Mention{Edge: c.edge}
		for _, r := range c.refs {
			if r.node == nil {
				m.Names = append(m.Names, s.nameOf(r))
			}
		}
		list = append(list, m)
	}
	return list
}

func (s *Set) nameOf(r *ref) string {
	switch {
	case r.label != "":
		return r.entity.Name + "|" + r.label
	case r.key == nil && len(r.values) > 0:
		return s.keyText(r.entity, r.entity.IDKey(), r.values, today)
	case r.id != nil:
		return fmt.Sprintf("%s|id|%v", r.entity.Name, r.id)
	case slices.ContainsFunc(r.values, func(v any) bool { _, ok := v.(*ref); return ok }):
		return ""
	default:
		return s.keyText(r.entity, r.key, r.values, today)
	}
}

// AddOnly lets the lists of the edges that pick chooses add to what is there,
// and take nothing away: where other parts tell the same relation from its
// other side.
func (s *Set) AddOnly(pick func(*model.Edge) bool) {
	for _, n := range s.nodes {
		for i := range n.edges {
			if c := &n.edges[i]; !c.edge.Unique && c.mode == replace && len(c.refs) > 0 && pick(c.edge) {
				c.mode = add
			}
		}
	}
}

// Resolve does the first step of Apply: it finds what the set names. An error
// that is only about references to nothing is ErrDangling.
func (s *Set) Resolve(ctx context.Context) error {
	if s.resolved {
		return nil
	}
	if err := s.resolve(ctx); err != nil {
		return err
	}
	loose := !slices.ContainsFunc(s.faults, func(err error) bool {
		var f *fault.Error
		return !errors.As(err, &f) || f.Code != fault.NotFound
	})
	if loose && len(s.faults) > 0 {
		return &dangling{s.failed()}
	}
	if err := s.failedAll(); err != nil {
		return err
	}
	s.resolved = true
	return nil
}

// ErrDangling is the error of references that name nothing.
var ErrDangling = errors.New("references that name nothing")

type dangling struct{ error }

func (d *dangling) Is(target error) bool { return target == ErrDangling }
func (d *dangling) Unwrap() error        { return d.error }

// Postpone takes the edges that lead to nothing out of the set, after a
// Resolve that was ErrDangling, where their records can be written without
// them. It lists the records of the input, by their position, of which
// something was taken, and those that have to wait as a whole.
func (s *Set) Postpone() (partly, whole map[int]bool) {
	partly, whole = map[int]bool{}, map[int]bool{}
	for _, n := range s.nodes {
		top := n.Path.top()
		n.edges = slices.DeleteFunc(n.edges, func(c change) bool {
			if !slices.ContainsFunc(c.refs, (*ref).dangles) {
				return false
			}
			if c.needed(n) {
				whole[top] = true
				return false
			}
			partly[top] = true
			return true
		})
	}
	s.refs = slices.DeleteFunc(s.refs, (*ref).dangles)
	return partly, whole
}

// needed reports whether a record cannot do without what a change says, or
// other records are nested in it.
func (c *change) needed(n *Node) bool {
	return c.edge.Required || c.edge.Immutable ||
		slices.ContainsFunc(c.refs, func(r *ref) bool { return r.node != nil && r.node.parent == n }) ||
		slices.ContainsFunc(n.Entity.Keys, func(k *model.Key) bool {
			return slices.ContainsFunc(k.Parts, func(p model.Part) bool { return p.Edge == c.edge })
		})
}

// Awaited lists the records of the input, by their position, that connect to
// records that are not there yet, and that other parts of the set have: given
// picks those by their names. The set must have been resolved.
func (s *Set) Awaited(given func(name string) bool) map[int]bool {
	tops := map[int]bool{}
	for _, n := range s.nodes {
		if s.awaits(n, given) {
			tops[n.Path.top()] = true
		}
	}
	return tops
}

func (s *Set) awaits(n *Node, given func(name string) bool) bool {
	return n.action == connect && !n.found && slices.ContainsFunc(s.Names(n), func(name Name) bool { return given(name.Text) })
}

// dangles reports whether the reference, or one in its key, named nothing.
func (r *ref) dangles() bool {
	return r.lost || r.node == nil && slices.ContainsFunc(r.values, func(v any) bool {
		in, ok := v.(*ref)
		return ok && in.dangles()
	})
}

// top is the position that a path begins with.
func (p *Path) top() int {
	for p.up != nil {
		p = p.up
	}
	return p.index
}

// Top is the position, in the input, of the record that the node is, or is
// nested in.
func (n *Node) Top() int { return n.Path.top() }

// Touched lists the ids of an entity's records that were written for the sake
// of others.
func (s *Set) Touched(e *model.Entity) []any {
	ids := make([]any, 0, len(s.writtenForOthers[e]))
	for id := range s.writtenForOthers[e] {
		ids = append(ids, id)
	}
	return ids
}

// Several reports whether the record's input gives more than one unique key, so
// that two records may be found by it.
func (n *Node) Several() bool {
	keys := 0
	for _, k := range n.Entity.Keys {
		if n.key(k) != nil {
			keys++
		}
	}
	return keys > 1
}

// Lacks reports whether the record's input lacks what it needs, should it have
// to be made.
func (n *Node) Lacks() bool { return len(n.missing) > 0 }

// Verify finds references to nothing, of those whose name want picks, records
// that lack what they need to be made and are not there, and those whose keys
// belong to two records. Nothing can
// be written through the set afterwards. The other errors of the set are left
// to Resolve. A database that is empty need not be asked. Other parts of the set
// have the records whose names given picks.
func (s *Set) Verify(ctx context.Context, empty bool, want, given func(name string) bool) []error {
	keys := map[*ref]bool{}
	for _, n := range s.nodes {
		for _, k := range n.Entity.Keys {
			for _, v := range n.keyValues(k) {
				if r, ok := v.(*ref); ok {
					keys[r] = true
				}
			}
		}
	}
	wanted := func(r *ref) bool {
		name := s.nameOf(r)
		return name != "" && want(name)
	}
	s.refs = slices.DeleteFunc(s.refs, func(r *ref) bool { return !keys[r] && !wanted(r) })
	if !slices.ContainsFunc(s.nodes, func(n *Node) bool { return len(n.missing) > 0 || !empty && n.Several() }) {
		s.nodes = nil
	}
	if len(s.nodes) == 0 && len(s.refs) == 0 {
		return nil
	}
	if !empty {
		if err := s.resolve(ctx); err != nil {
			return []error{err}
		}
	}
	s.faults = nil // they are told again, of what is wanted
	var wrong []error
	for _, r := range s.refs {
		if (r.lost || empty) && wanted(r) {
			wrong = append(wrong, r.missing())
		}
	}
	for _, n := range s.nodes {
		if n.ambiguous {
			s.fault(n.tears())
		}
		if !n.found && !n.discarded() && !s.awaits(n, given) {
			s.missingInputs(n)
		}
	}
	wrong = append(wrong, s.faults...)
	s.faults = nil
	return wrong
}

// Expect adds a record that must exist, though the set writes nothing of it.
func (s *Set) Expect(e *model.Entity, id any, path *Path) {
	s.refs = append(s.refs, &ref{entity: e, id: id, path: path, asked: e.GlobalID(fmt.Sprint(id))})
}

// Reads lists the entities whose records decide whether the set can be written.
func (s *Set) Reads() []*model.Entity {
	read := map[*model.Entity]bool{}
	for _, r := range s.refs {
		read[r.entity] = true
	}
	for _, n := range s.nodes {
		if n.action != create {
			read[n.Entity] = true
		}
	}
	return slices.Collect(maps.Keys(read))
}

// Writes lists the entities whose records the set may change.
func (s *Set) Writes() []*model.Entity {
	written := map[*model.Entity]bool{}
	for _, n := range s.nodes {
		written[n.Entity] = true
		for _, c := range n.edges {
			if c.edge.Storage == model.Other {
				written[c.edge.Target] = true
			}
		}
	}
	return slices.Collect(maps.Keys(written))
}

// Hooked reports whether hooks see the set's records when they are written: they
// may do anything else as well.
func (s *Set) Hooked() bool {
	return slices.ContainsFunc(s.nodes, func(n *Node) bool { return s.hooked(n.Entity) })
}
