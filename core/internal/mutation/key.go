package mutation

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"coppice/core/model"
)

// place is what a key's values point at: the same for the same values, and
// comparable.
type place struct {
	key   *model.Key
	value any
}

// pair is the values of a key of several members: the first ones, and the
// next one.
type pair struct{ head, next any }

// key tells what an input gives for a key from what others give: nil when it
// does not give the key in full.
func (n *Node) key(k *model.Key) any {
	var id any
	for i, part := range k.Parts {
		v := sameness(n.part(part))
		if v == nil {
			return nil
		}
		if i == 0 {
			id = v
		} else {
			id = pair{id, v}
		}
	}
	return id
}

// keyValues is what an input gives for a key.
func (n *Node) keyValues(k *model.Key) []any {
	values := make([]any, len(k.Parts))
	for i, part := range k.Parts {
		values[i] = n.part(part)
	}
	return values
}

// part is what an input gives for the member of a key: for an edge a *ref, or
// the *Node that it is nested in.
func (n *Node) part(p model.Part) any {
	if p.Field != nil {
		for i := range n.values {
			if v := &n.values[i]; v.field == p.Field && !v.append {
				return v.value
			}
		}
		return nil
	}
	if n.via != nil && n.via.Inverse == p.Edge && n.parent != nil {
		return n.parent
	}
	for i := range n.edges {
		if c := &n.edges[i]; c.edge == p.Edge && len(c.refs) == 1 {
			return c.refs[0]
		}
	}
	return nil
}

// hasKey reports whether the input gives one of the entity's unique keys.
func (n *Node) hasKey() bool {
	for _, k := range n.Entity.Keys {
		if n.key(k) != nil {
			return true
		}
	}
	return false
}

// keysTogether tells the values of a key apart, as key does.
func keysTogether(values []any) any {
	var id any
	for i, v := range values {
		if v = sameness(v); i == 0 {
			id = v
		} else {
			id = pair{id, v}
		}
	}
	return id
}

// sameness is a value of a key as something comparable. A record that has no
// id yet stands for itself.
func sameness(v any) any {
	switch v := v.(type) {
	case json.RawMessage:
		return string(v)
	case []byte:
		return string(v)
	case *Node:
		if v.ID != nil {
			return v.ID
		}
		return v
	case *ref:
		switch {
		case v.id != nil:
			return v.id
		case v.node != nil:
			return sameness(v.node)
		case v.key != nil:
			return place{v.key, keysTogether(v.values)}
		default:
			return place{nil, v.label}
		}
	default:
		return v
	}
}

// keyText is the values of a key as a text, the same in every run.
func (s *Set) keyText(e *model.Entity, k *model.Key, values []any, in terms) string {
	var b strings.Builder
	b.WriteString(in.entity(e) + "|" + in.key(k))
	for i, v := range values {
		b.WriteByte('|')
		switch v := v.(type) {
		case *ref:
			if v.id != nil && v.label == "" {
				b.WriteString("id ")
			}
			b.WriteString(s.refText(v, in))
		case *Node:
			b.WriteString(s.identity(v, in))
		default:
			writeKeyValue(&b, in.value(k.Parts[i].Field, v))
		}
	}
	return b.String()
}

func writeKeyValue(b *strings.Builder, v any) {
	switch v := v.(type) {
	case string:
		b.WriteString(strconv.Itoa(len(v)) + ":" + v)
	case time.Time:
		b.WriteString(v.UTC().Format(time.RFC3339Nano))
	default:
		fmt.Fprint(b, v)
	}
}

// register notes the keys by which a node can be found, unless another node
// has them already.
func (s *Set) register(n *Node) {
	for _, k := range n.Entity.Keys {
		if v := n.key(k); v != nil && s.keys[place{k, v}] == nil {
			s.keys[place{k, v}] = n
		}
	}
}
