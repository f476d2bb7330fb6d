package mutation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"coppice/internal/fault"
	"coppice/internal/model"
)

// labelField is the name under which a seed record tells its own name.
const labelField = "$key"

func labelName(text string) string { return "$key " + text }

// named reads a seed record's own name.
func (s *Set) named(n *Node, input map[string]any) error {
	v, ok := input[labelField]
	if !ok || s.known == nil {
		return nil
	}
	text, ok := v.(string)
	if !ok || text == "" {
		return fault.Input(n.Path.At(labelField).String(), "%s is a text.", labelField)
	}
	n.Name = labelName(text)
	return nil
}

// hasKey reports whether the input gives one of the entity's unique keys.
func (s *Set) hasKey(n *Node) bool {
	for _, k := range n.Entity.Keys {
		if _, text := s.keyOf(n, k); text != "" {
			return true
		}
	}
	return false
}

// identity tells a record of the set from all others by what the files say.
func (s *Set) identity(n *Node) string {
	if n.Name != "" {
		return n.Name
	}
	for _, k := range n.Entity.Keys {
		if _, text := s.keyOf(n, k); text != "" {
			return text
		}
	}
	return s.contentName(n)
}

// contentName names a record by its own content: its values, what it refers
// to, and what it is nested in. Records nested in it are not part of it.
func (s *Set) contentName(n *Node) string {
	var b strings.Builder
	b.WriteString(n.Entity.Name)
	if n.parent != nil {
		fmt.Fprintf(&b, "\x00in %s %s", n.via.Name, s.identity(n.parent))
	}
	for _, v := range n.values {
		b.WriteString("\x00" + v.field.Name + " ")
		writeKeyValue(&b, v.value)
	}
	for _, c := range n.edges {
		for _, r := range c.refs {
			if r.node != nil && r.node.parent == n && c.edge.Storage != model.Own {
				continue
			}
			b.WriteString("\x00" + c.edge.Name + " " + s.refText(r))
		}
	}
	sum := sha256.Sum256([]byte(b.String()))
	return "content " + hex.EncodeToString(sum[:16])
}

func (s *Set) refText(r *ref) string {
	switch {
	case r.label != "":
		return r.label
	case r.id != nil:
		return fmt.Sprint(r.id)
	case r.node != nil:
		return s.identity(r.node)
	default:
		return s.keyText(r.entity, r.key, r.values)
	}
}

// resolveNames finds the records that the set's names and references by name
// stand for.
func (s *Set) resolveNames(ctx context.Context) error {
	nodes := map[*model.Entity]map[string]*Node{}
	asked := map[*model.Entity][]string{}
	same := map[string]int{}
	for _, n := range s.nodes {
		if n.Name == "" {
			continue
		}
		m := nodes[n.Entity]
		if m == nil {
			m = map[string]*Node{}
			nodes[n.Entity] = m
		}
		if label, ok := strings.CutPrefix(n.Name, labelName("")); ok && m[n.Name] != nil {
			return fault.New(fault.Conflict, "Another %s has the %s %q already.", n.Entity.Name, labelField, label).At(n.Path.At(labelField).String())
		}
		// Records with the same content are as many records: the second is
		// known by being the second.
		if same[n.Name]++; same[n.Name] > 1 {
			n.Name = fmt.Sprintf("%s no %d", n.Name, same[n.Name])
		}
		m[n.Name] = n
		asked[n.Entity] = append(asked[n.Entity], n.Name)
	}
	for _, r := range s.refs {
		if r.label != "" && nodes[r.entity][r.label] == nil {
			asked[r.entity] = append(asked[r.entity], r.label)
		}
	}
	for _, e := range s.model.Entities {
		if len(asked[e]) == 0 {
			continue
		}
		ids, err := s.known(ctx, e, asked[e])
		if err != nil {
			return err
		}
		for name, n := range nodes[e] {
			if id, ok := ids[name]; ok && (n.action == upsert || n.action == connect) {
				n.ID, n.found = id, true
			}
		}
		for _, r := range s.refs {
			if r.entity != e || r.label == "" {
				continue
			}
			if r.node = nodes[e][r.label]; r.node == nil {
				if r.id = ids[r.label]; r.id == nil {
					return r.missing()
				}
			}
		}
	}
	return nil
}
