package mutation

import (
	"fmt"
	"strings"
	"time"

	"coppice/internal/model"
)

// keyOf returns a node's values for a key, and a text that is the same for
// the same values; both are empty when the input does not give the key in
// full.
func (s *Set) keyOf(n *Node, k *model.Key) ([]any, string) {
	values := make([]any, 0, len(k.Parts))
	for _, part := range k.Parts {
		v := n.part(part)
		if v == nil {
			return nil, ""
		}
		values = append(values, v)
	}
	return values, s.keyText(n.Entity, k, values)
}

// part is what a node's input gives for the member of a key.
func (n *Node) part(p model.Part) any {
	if p.Field != nil {
		for _, v := range n.values {
			if v.field == p.Field && !v.append {
				return v.value
			}
		}
		return nil
	}
	if n.via != nil && n.via.Inverse == p.Edge && n.parent != nil {
		return &ref{entity: n.parent.Entity, node: n.parent}
	}
	for _, c := range n.edges {
		if c.edge == p.Edge && len(c.refs) == 1 {
			return c.refs[0]
		}
	}
	return nil
}

// keyText tells keys apart. A record that has no id yet stands for itself.
func (s *Set) keyText(e *model.Entity, k *model.Key, values []any) string {
	var b strings.Builder
	b.WriteString(e.Name + "|" + k.Name)
	for _, v := range values {
		b.WriteByte('|')
		r, ok := v.(*ref)
		switch {
		case !ok:
			writeKeyValue(&b, v)
		case r.id != nil:
			fmt.Fprintf(&b, "id %v", r.id)
		case r.node != nil && r.node.ID != nil:
			fmt.Fprintf(&b, "id %v", r.node.ID)
		case r.node != nil:
			fmt.Fprintf(&b, "node %p", r.node)
		default:
			b.WriteString(s.keyText(r.entity, r.key, r.values))
		}
	}
	return b.String()
}

func writeKeyValue(b *strings.Builder, v any) {
	switch v := v.(type) {
	case string:
		fmt.Fprintf(b, "%d:%s", len(v), v)
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
		if _, text := s.keyOf(n, k); text != "" && s.keys[text] == nil {
			s.keys[text] = n
		}
	}
}
