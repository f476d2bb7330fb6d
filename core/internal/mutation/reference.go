package mutation

import (
	"cmp"
	"strings"

	"coppice/core/fault"
	"coppice/core/model"
)

// edge reads what an input says of an edge.
func (d *decoding) edge(ed *model.Edge) {
	n := d.node
	given, before := n.via != nil && n.via.Inverse == ed, len(d.faults)
	if name, v, ok := d.said(ed.GraphQL, ed.Kept, plain); d.unfit(v) {
		given = true
	} else if ok {
		c := d.change(ed, replace, name, v, given)
		given = given || len(c.refs) > 0
		if ed.Required && len(d.faults) == before && (v == nil || len(c.refs) == 0 && n.action == update) {
			d.wrong(c.path, "%s is required, and cannot be cleared.", name)
		}
	}
	switch {
	case n.action != update:
		if ed.Required && !given && len(d.faults) == before {
			d.missing(ed.GraphQL)
		}
	case !ed.Unique:
		for _, m := range []mode{add, remove} {
			if name, v, _ := d.said(ed.GraphQL, ed.Kept, m.verb()); v != nil && !d.unfit(v) {
				d.change(ed, m, name, v, false)
			}
		}
	}
}

// change reads one way of saying something of an edge.
func (d *decoding) change(ed *model.Edge, m mode, name string, v any, given bool) change {
	n := d.node
	c := change{edge: ed, mode: m, path: n.Path.At(name)}
	if given && ed.Unique {
		d.wrong(c.path, "%s is given by the record that this one is nested in: leave it out.", name)
		return c
	}
	list, ok := v.([]any)
	switch {
	case v == nil:
	case ed.Unique:
		d.refer(&c, v, c.path)
	case !ok:
		d.refer(&c, v, c.path.Index(0))
	default:
		c.refs = make([]*ref, 0, len(list))
		for i, v := range list {
			d.refer(&c, v, c.path.Index(i))
		}
	}
	n.edges = append(n.edges, c)
	return c
}

// refer reads one reference of a change.
func (d *decoding) refer(c *change, v any, path *Path) {
	target := c.edge.Target
	if d.unfit(v) {
		return
	}
	with, v := d.beside(c, v, path)
	name, v, ok := only(v)
	if !ok {
		d.wrong(path, "A reference must give exactly one of %s.", refNames(target))
		return
	}
	r := (*ref)(nil)
	if d.unfit(v) {
		return
	}
	switch name {
	case "create", "connectOrCreate":
		r = d.nested(c, name, v, path)
	default:
		r = d.keyed(target, name, v, path)
	}
	if r == nil {
		d.node.unclear = true
		return
	}
	r.heldByForeignKey, r.with = c.heldByForeignKey(), with
	c.refs = append(c.refs, r)
}

// only is the one name and value of an object; ok is false where it has none,
// or several.
func only(v any) (name string, value any, ok bool) {
	m, _ := v.(map[string]any)
	for name, v := range m {
		return name, v, len(m) == 1
	}
	return "", nil, false
}

// nested reads a record inside another's input; nil where that is wrong.
func (d *decoding) nested(c *change, name string, v any, path *Path) *ref {
	inner := path.At(name)
	input, ok := v.(map[string]any)
	if !ok {
		d.wrong(inner, "%s must be an object: the input of a new %s.", name, c.edge.To)
		return nil
	}
	if c.mode == remove {
		d.wrong(inner, "A record to remove must exist: refer to it by its id or a unique key.")
		return nil
	}
	node := &Node{Entity: c.edge.Target, Path: inner, action: create, parent: d.node, via: c.edge}
	if d.findByName != nil {
		node.action = upsert
	}
	if name == "connectOrCreate" {
		node.action = connect
	}
	nodes, refs := len(d.nodes), len(d.refs)
	d.decode(node, input)
	if node.action == connect {
		if same := d.firstWithKey(node); same != nil && same != node {
			d.forget(nodes, refs)
			node = same
		}
	}
	return &ref{entity: c.edge.Target, path: path, node: node}
}

// keyed reads a reference to a record by its id or by a unique key; nil where
// that is wrong.
func (s *Set) keyed(e *model.Entity, name string, v any, path *Path) *ref {
	r := &ref{entity: e, path: path}
	if s.findByName == nil { // the seeder adds to the message itself
		r.asked = v
	}
	switch k := e.Key(name); {
	case v == nil:
		s.wrong(path.At(name), "A reference must not be null.")
		return nil
	case name == labelField && s.findByName != nil:
		text, ok := v.(string)
		if !ok {
			s.wrong(path.At(name), "%s must be a text.", labelField)
			return nil
		}
		r.label = labelName(text)
	case name == "id":
		id, ok := e.ParseID(v)
		if ok {
			var err error
			r.id, err = e.ID.Go(id)
			ok = err == nil
		}
		if e.UserID {
			r.values = []any{id}
		}
		if !ok {
			s.fault(r.missing())
			return nil
		}
	case k == nil:
		s.wrong(path, "A reference to %s must give exactly one of %s.", model.An(e.Name), refNames(e))
		return nil
	default:
		r.key, r.said = k.Current(), name
		if r.values = s.keyParts(k, v, path); r.values == nil {
			return nil
		}
	}
	s.refs = append(s.refs, r)
	return r
}

// keyParts reads the values of a key; nil where one is wrong.
func (s *Set) keyParts(k *model.Key, v any, path *Path) []any {
	values := make([]any, len(k.Parts))
	var input map[string]any
	if len(k.Parts) > 1 {
		var ok bool
		path = path.At(k.Name)
		if input, ok = v.(map[string]any); !ok {
			s.wrong(path, "%s must be an object.", k.Name)
			return nil
		}
	}
	good := true
	for i, part := range k.Parts {
		if len(k.Parts) > 1 {
			v = input[part.Name()]
		}
		values[i] = s.keyPart(part, v, path)
		good = good && values[i] != nil
	}
	if !good {
		return nil
	}
	return values
}

// keyPart reads the value of a key's member, of a field as Field.Parse gives
// it, of an edge as a *ref; nil where it is wrong.
func (s *Set) keyPart(part model.Part, v any, path *Path) any {
	switch {
	case v == nil:
		s.wrong(path.At(part.Name()), "%s is required.", part.Name())
		return nil
	case model.IsUnfit(v):
		return nil
	}
	if f := part.Field; f != nil {
		parsed, err := f.Parse(v)
		if err != nil {
			s.fault(refusal(path.At(part.Name()), f, err))
			return nil
		}
		return parsed
	}
	name, v, ok := only(v)
	if ok && model.IsUnfit(v) {
		return nil
	}
	if !ok || name == "create" || name == "connectOrCreate" {
		s.wrong(path.At(part.Name()), "A key can only refer to a record that exists: by its id or a unique key.")
		return nil
	}
	if r := s.keyed(part.Edge.Target, name, v, path.At(part.Name())); r != nil {
		return r
	}
	return nil
}

func refNames(e *model.Entity) string {
	names := []string{"id"}
	for _, k := range e.Keys {
		if !k.IsID() {
			names = append(names, k.Name)
		}
	}
	names = append(names, "create")
	if len(e.Keys) > 0 {
		names = append(names, "connectOrCreate")
	}
	return strings.Join(names, ", ")
}

func (r *ref) missing() *fault.Error {
	r.lost = true
	name := "id"
	switch {
	case r.asked == nil:
		return fault.New(fault.NotFound, "There is no such %s.", r.entity.Name).At(r.path.String())
	case r.key != nil:
		name = cmp.Or(r.said, r.key.Name)
	}
	return r.entity.Missing(name, r.asked).At(r.path.String())
}
