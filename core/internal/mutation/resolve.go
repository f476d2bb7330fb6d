package mutation

import (
	"context"
	"slices"
	"strings"

	"coppice/core/fault"
	"coppice/core/model"
)

// seeker is a node that may exist already, and the keys to try.
type seeker struct {
	node *Node
	keys []*model.Key
}

// resolve finds what references, upserts and connects name: in the set, or
// else in the database. A key that holds a reference has to wait for that one,
// so this goes in rounds. What names nothing is a fault of the set.
func (s *Set) resolve(ctx context.Context) error {
	s.merge()
	if err := s.verifyIDs(ctx); err != nil {
		return err
	}
	if s.findByName != nil {
		if err := s.resolveNames(ctx); err != nil {
			return err
		}
	}
	clear(s.keys)
	if s.recall != nil {
		if err := s.recallNodes(ctx); err != nil {
			return err
		}
	}
	pending, seekers := s.refs, s.seekers()
	for all := true; ; all = false {
		s.index(all)
		l := lookups{}
		var waiting, asked []*ref
		for _, r := range pending {
			switch {
			case r.key == nil || r.id != nil || r.node != nil:
			case !ready(r.values):
				waiting = append(waiting, r)
			case s.seek(r, l):
				asked = append(asked, r)
			case r.node == nil:
				waiting = append(waiting, r)
			}
		}
		seekers = seekNodes(seekers, l)
		if len(l) == 0 && (len(waiting) == 0 || len(waiting) == len(pending)) {
			if len(waiting) > 0 && len(s.faults) == 0 {
				s.fault(waiting[0].missing())
			}
			return nil
		}
		if err := s.find(ctx, l); err != nil {
			return err
		}
		if s.recall != nil {
			if err := s.recallRefs(ctx, asked); err != nil {
				return err
			}
		}
		for _, r := range asked {
			if r.id == nil {
				s.fault(r.missing())
			}
		}
		pending = waiting
	}
}

// index notes under which keys the set's own nodes can be found: all of them,
// or those that hold a reference, which may have been found since. Two seed
// records with one key are an error.
func (s *Set) index(all bool) {
	for _, n := range s.nodes {
		for _, k := range n.Entity.Keys {
			if !all && !leads(k) {
				continue
			}
			v := n.key(k)
			if v == nil {
				continue
			}
			other := s.keys[place{k, v}]
			if other == nil {
				s.keys[place{k, v}] = n
			} else if s.findByName != nil && other != n && other.action == upsert && n.action == upsert {
				s.clash(n, k)
			}
		}
	}
}

// clash refuses, once, a seed record with a key that another has.
func (s *Set) clash(n *Node, k *model.Key) {
	err := fault.New(fault.Conflict, "Another %s of this set has this %s already.", n.Entity.Name, strings.Join(k.Of, " and ")).
		At(n.at(k.Parts[0].Name()).String())
	if !slices.ContainsFunc(s.faults, func(f error) bool { return f.Error() == err.Error() }) {
		s.fault(err)
	}
}

// leads reports whether a key holds a reference.
func leads(k *model.Key) bool {
	return slices.ContainsFunc(k.Parts, func(p model.Part) bool { return p.Edge != nil })
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
	return !slices.ContainsFunc(values, func(v any) bool { return argument(v) == nil })
}

// argument is a key's value as a statement takes it; nil for a record that is
// not in the database.
func argument(v any) any {
	switch v := v.(type) {
	case *Node:
		return v.ID
	case *ref:
		if v.id == nil && v.node != nil {
			return v.node.ID
		}
		return v.id
	default:
		return v
	}
}

// seek finds a reference in the set, or has it looked up in the database,
// which it reports. It does neither while a record of the set that the key
// holds may yet be found.
func (s *Set) seek(r *ref, l lookups) bool {
	at := place{r.key, keysTogether(r.values)}
	if n := s.keys[at]; n != nil && n.action != update {
		r.node = n
		return false
	}
	if !stored(r.values) {
		return false
	}
	found := l.at(r.entity, at, r.values)
	found.refs = append(found.refs, r)
	return true
}

// seekers lists the nodes that may exist already, each with the keys to try.
func (s *Set) seekers() []seeker {
	list := make([]seeker, 0, len(s.nodes))
	for _, n := range s.nodes {
		switch {
		case n.action == upsert && n.by != nil:
			list = append(list, seeker{n, []*model.Key{n.by}})
		case n.action == upsert || n.action == connect:
			list = append(list, seeker{n, n.Entity.Keys})
		}
	}
	return list
}

// seekNodes has nodes looked up, and returns those whose keys have to wait.
func seekNodes(seekers []seeker, l lookups) []seeker {
	var left []seeker
	for _, sk := range seekers {
		var wait []*model.Key
		for _, k := range sk.keys {
			v := sk.node.key(k)
			if v == nil {
				continue
			}
			values := sk.node.keyValues(k)
			if !stored(values) {
				wait = append(wait, k)
				continue
			}
			found := l.at(sk.node.Entity, place{k, v}, values)
			found.nodes = append(found.nodes, sk.node)
		}
		if len(wait) > 0 {
			left = append(left, seeker{sk.node, wait})
		}
	}
	return left
}

// exists notes that a node's record was found by one of its keys.
func (s *Set) exists(n *Node, id any) {
	if n.found && n.ID != id {
		n.ambiguous = true
		s.fault(n.tears())
		return
	}
	n.ID, n.found = id, true
}

// tears is the error of a record whose keys belong to two.
func (n *Node) tears() error {
	return fault.New(fault.Conflict, "Its unique keys belong to two different records.").At(n.Path.String())
}
