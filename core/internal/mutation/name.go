package mutation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"coppice/core/fault"
	"coppice/core/model"
)

// labelField is the name under which a seed record tells its own name.
const labelField = "$key"

// AliasField is the name under which a dump tells by what else its record was
// known where it comes from.
const AliasField = "$aliases"

// contentPrefix is what a record's name starts with that has no other.
const contentPrefix = "content "

func labelName(text string) string { return "$key " + text }

// name reads a seed record's own name.
func (d *decoding) name() {
	if d.findByName == nil {
		return
	}
	d.aliases()
	d.stored()
	v, ok := d.take(labelField)
	if !ok {
		return
	}
	text, ok := v.(string)
	if !ok || text == "" {
		d.wrong(d.node.Path.At(labelField), "%s must be a text that is not empty.", labelField)
		return
	}
	d.node.Name = labelName(text)
}

// aliases reads by what else a seed record is known.
func (d *decoding) aliases() {
	v, ok := d.take(AliasField)
	if !ok {
		return
	}
	list, isList := v.([]any)
	for _, v := range list {
		text, ok := v.(string)
		isList = isList && ok && text != ""
		d.node.Aliases = append(d.node.Aliases, text)
	}
	if !isList {
		d.wrong(d.node.Path.At(AliasField), "%s is a list of texts, as a dump writes it.", AliasField)
	}
}

// Known lists what a seed record goes by: its name, if it has one, in the names of
// today and of old, and its aliases.
func (n *Node) Known() []string {
	switch {
	case n.Name == "":
		return n.Aliases
	case n.origin != "": // of several with the same content it has the same number
		return append([]string{n.Name, n.origin + n.Name[min(len(n.origin), len(n.Name)):]}, n.Aliases...)
	case len(n.Aliases) == 0:
		return []string{n.Name}
	default:
		return append([]string{n.Name}, n.Aliases...)
	}
}

// terms are the names by which a record's content is told: those of today or, where it
// says origin, the oldest of the schema, in which a database may know it from before
// something was renamed.
type terms bool

const (
	today  terms = false
	origin terms = true
)

func (t terms) entity(e *model.Entity) string {
	if t == origin {
		return e.Origin()
	}
	return e.Name
}

func (t terms) field(f *model.Field) string {
	if t == origin {
		return f.Origin()
	}
	return f.Name
}

func (t terms) edge(ed *model.Edge) string {
	if t == origin {
		return ed.Origin()
	}
	return ed.Name
}

func (t terms) key(k *model.Key) string {
	if t == origin {
		return k.Origin()
	}
	return k.Name
}

func (t terms) value(f *model.Field, v any) any {
	if t == origin && f != nil {
		return f.OriginOf(v)
	}
	return v
}

// identity tells a record of the set from all others by what the files say.
func (s *Set) identity(n *Node, in terms) string {
	if in == origin && n.origin != "" {
		return n.origin
	}
	if n.Name != "" {
		return n.Name
	}
	for _, k := range n.Entity.Keys {
		if n.key(k) != nil {
			return s.keyText(n.Entity, k, n.keyValues(k), in)
		}
	}
	return s.contentName(n, in)
}

// contentName names a record by its own content: its values, what it refers
// to, and what it is nested in. Records nested in it are not part of it.
func (s *Set) contentName(n *Node, in terms) string {
	var b strings.Builder
	b.WriteString(in.entity(n.Entity))
	if n.parent != nil {
		b.WriteString("\x00in " + in.edge(n.via) + " " + s.identity(n.parent, in))
	}
	for _, v := range n.values {
		b.WriteString("\x00" + in.field(v.field) + " ")
		writeKeyValue(&b, in.value(v.field, v.value))
	}
	for _, c := range n.edges {
		for _, r := range c.refs {
			if r.node != nil && r.node.parent == n && c.edge.Storage != model.Own {
				continue
			}
			b.WriteString("\x00" + in.edge(c.edge) + " " + s.refText(r, in))
		}
	}
	sum := sha256.Sum256([]byte(b.String()))
	return contentPrefix + hex.EncodeToString(sum[:16])
}

// nameByContent names a record by its content, in the names of today and, where
// something was renamed, in the oldest.
func (s *Set) nameByContent(n *Node) {
	n.Name = s.contentName(n, today)
	if s.model.Evolved() {
		if n.origin = s.contentName(n, origin); n.origin == n.Name {
			n.origin = ""
		}
	}
}

func (s *Set) refText(r *ref, in terms) string {
	switch {
	case r.label != "":
		return r.label
	case r.id != nil:
		return fmt.Sprint(r.id)
	case r.node != nil:
		return s.identity(r.node, in)
	default:
		return s.keyText(r.entity, r.key, r.values, in)
	}
}

// named are the records of a set that are known by a name, by entity.
type named map[*model.Entity]map[string]*Node

// named lists the set's records by their names. Two with one $key are an
// error. Records with the same content are as many records: the second is known
// by being the second.
func (s *Set) named() named {
	all := named{}
	same := map[string]int{}
	for _, n := range s.nodes {
		if n.Name == "" {
			continue
		}
		m := all[n.Entity]
		if m == nil {
			m = map[string]*Node{}
			all[n.Entity] = m
		}
		if label, ok := strings.CutPrefix(n.Name, labelName("")); !ok {
			if same[n.Name]++; same[n.Name] > 1 {
				n.Name = fmt.Sprintf("%s no %d", n.Name, same[n.Name])
			}
		} else if m[n.Name] != nil {
			s.fault(fault.New(fault.Conflict, "Another %s has the %s %q already.", n.Entity.Name, labelField, label).
				At(n.Path.At(labelField).String()))
			continue
		}
		m[n.Name] = n
	}
	for _, n := range s.nodes {
		for _, alias := range n.Known() {
			if all[n.Entity] == nil {
				all[n.Entity] = map[string]*Node{}
			}
			if all[n.Entity][alias] == nil {
				all[n.Entity][alias] = n
			}
		}
	}
	return all
}

// findByName notes that a record is there by the first of its names that one is
// known by.
func (n *Node) findByName(ids map[string]any, nodes map[string]*Node) {
	for _, name := range n.Known() {
		if id, ok := ids[name]; ok && nodes[name] == n {
			n.ID, n.found = id, true
			return
		}
	}
}

// resolveNames finds the records that the set's names and references by name
// stand for.
func (s *Set) resolveNames(ctx context.Context) error {
	nodes := s.named()
	asked := map[*model.Entity][]string{}
	for _, n := range s.nodes {
		for _, name := range n.Known() {
			if nodes[n.Entity][name] == n {
				asked[n.Entity] = append(asked[n.Entity], name)
			}
		}
	}
	labelled := map[*model.Entity][]*ref{}
	for _, r := range s.refs {
		if r.label == "" {
			continue
		}
		labelled[r.entity] = append(labelled[r.entity], r)
		if r.node = nodes[r.entity][r.label]; r.node == nil {
			asked[r.entity] = append(asked[r.entity], r.label)
		}
	}
	for _, e := range s.model.Entities {
		if len(asked[e]) == 0 {
			continue
		}
		ids, err := s.findByName(ctx, e, asked[e])
		if err != nil {
			return err
		}
		for _, n := range s.nodes {
			if n.Entity == e && (n.action == upsert || n.action == connect) {
				n.findByName(ids, nodes[e])
			}
		}
		for _, r := range labelled[e] {
			if r.node != nil {
				continue
			}
			if r.id = ids[r.label]; r.id == nil {
				s.fault(r.missing())
			}
		}
	}
	return nil
}
