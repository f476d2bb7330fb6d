package mutation

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"coppice/internal/fault"
	"coppice/internal/model"
)

// Create adds a record to be made from a create input.
func (s *Set) Create(e *model.Entity, input map[string]any, path *Path) (*Node, error) {
	return s.decode(&Node{Entity: e, Path: path, action: create}, input)
}

// Upsert adds a record that is found by the unique key by, or any of its
// unique keys when by is nil, and then updated; else it is made.
func (s *Set) Upsert(e *model.Entity, by *model.Key, input map[string]any, path *Path) (*Node, error) {
	n, err := s.decode(&Node{Entity: e, Path: path, action: upsert, by: by}, input)
	if err != nil || by == nil {
		return n, err
	}
	if values, _ := s.keyOf(n, by); values == nil {
		return nil, fault.Input(path.String(), "The key to find this by is %s, and the input does not give it.", by.Name)
	}
	return n, nil
}

// Update adds a change of the record with an own id in ent's Go type.
func (s *Set) Update(e *model.Entity, id any, input map[string]any, path *Path) (*Node, error) {
	return s.decode(&Node{Entity: e, Path: path, ID: id, action: update, found: true}, input)
}

// decode reads an input into a node, and what is nested in it into nodes of
// their own.
func (s *Set) decode(n *Node, input map[string]any) (*Node, error) {
	s.nodes = append(s.nodes, n)
	if err := s.named(n, input); err != nil {
		return nil, err
	}
	if err := n.known(input); err != nil {
		return nil, err
	}
	if v, ok := input["id"]; ok && n.Entity.UserID && n.action != update {
		id, err := parse(n.Entity.ID, v, n.Path.At("id"))
		if err != nil {
			return nil, err
		}
		n.values = append(n.values, value{field: n.Entity.ID, value: id})
	}
	for _, f := range n.Entity.Fields {
		if err := n.field(f, input); err != nil {
			return nil, err
		}
	}
	// Before what is nested in it, which may name it by its key.
	s.register(n)
	for _, ed := range n.Entity.Edges {
		if err := s.edge(n, ed, input); err != nil {
			return nil, err
		}
	}
	s.register(n)

	if s.known != nil && n.Name == "" && !s.hasKey(n) {
		n.Name = s.contentName(n)
	}
	return n, nil
}

// known refuses names that the entity does not have.
func (n *Node) known(input map[string]any) error {
	for _, name := range sortedNames(input) {
		f, ed := n.Entity.Field(name), n.Entity.Edge(name)
		switch {
		case name == "id" && n.Entity.UserID && n.action != update:
		case name == labelField && n.Name != "":
		case f != nil && f != n.Entity.ID:
		case ed != nil:
		case n.action == update && n.derived(name):
		default:
			return fault.Input(n.Path.At(name).String(), "%s has no field %s to write. It has %s.", n.Entity.Name, name, n.names())
		}
	}
	return nil
}

func sortedNames(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// derived reports whether a name is that of an update of a list or a set.
func (n *Node) derived(name string) bool {
	for _, f := range n.Entity.Fields {
		if f.Kind.List() && f.Prefixed("append") == name {
			return true
		}
	}
	for _, ed := range n.Entity.Edges {
		if !ed.Unique && (ed.Prefixed("add") == name || ed.Prefixed("remove") == name) {
			return true
		}
	}
	return false
}

func (n *Node) names() string {
	var names []string
	for _, f := range n.Entity.Fields {
		names = append(names, f.GraphQL)
	}
	for _, ed := range n.Entity.Edges {
		names = append(names, ed.GraphQL)
	}
	return strings.Join(names, ", ")
}

func (n *Node) field(f *model.Field, input map[string]any) error {
	v, ok := input[f.GraphQL]
	path := n.Path.At(f.GraphQL)
	switch {
	case !ok && n.action != update && !f.Nullable && !f.Default:
		return n.lacks(path)
	case ok && v == nil && !f.Nullable:
		return fault.Input(path.String(), "%s cannot be null.", f.GraphQL)
	case ok && v == nil:
		n.values = append(n.values, value{field: f})
	case ok:
		parsed, err := parse(f, v, path)
		if err != nil {
			return err
		}
		n.values = append(n.values, value{field: f, value: parsed})
	}
	if f.Kind.List() && n.action == update {
		return n.appended(f, input, ok)
	}
	return nil
}

// appended reads what an update adds to the end of a list, which may be the
// list that the same update sets.
func (n *Node) appended(f *model.Field, input map[string]any, isSet bool) error {
	name := f.Prefixed("append")
	v := input[name]
	if v == nil {
		return nil
	}
	parsed, err := parse(f, v, n.Path.At(name))
	if err != nil {
		return err
	}
	if !isSet {
		n.values = append(n.values, value{field: f, value: parsed, append: true})
		return nil
	}
	last := &n.values[len(n.values)-1]
	var list, more []any
	if last.value != nil {
		if err := json.Unmarshal(last.value.(json.RawMessage), &list); err != nil {
			return fmt.Errorf("mutation: %w", err)
		}
	}
	if err := json.Unmarshal(parsed.(json.RawMessage), &more); err != nil {
		return fmt.Errorf("mutation: %w", err)
	}
	last.value, err = f.Parse(append(list, more...))
	return err
}

func parse(f *model.Field, v any, path *Path) (any, error) {
	parsed, err := f.Parse(v)
	if err != nil {
		return nil, fault.Input(path.String(), "%s %s.", f.GraphQL, err)
	}
	return parsed, nil
}

func (s *Set) edge(n *Node, ed *model.Edge, input map[string]any) error {
	modes := []struct {
		name string
		mode mode
	}{{ed.GraphQL, replace}, {ed.Prefixed("add"), add}, {ed.Prefixed("remove"), remove}}
	given := n.via != nil && n.via.Inverse == ed
	for i, m := range modes {
		if i > 0 && (ed.Unique || n.action != update) {
			break
		}
		v, ok := input[m.name]
		if !ok || v == nil && i > 0 {
			continue
		}
		path := n.Path.At(m.name)
		if given && ed.Unique {
			return fault.Input(path.String(), "%s is settled by the record that this one is nested in.", ed.GraphQL)
		}
		c := change{edge: ed, mode: m.mode, path: path}
		if err := s.references(n, &c, v); err != nil {
			return err
		}
		given = given || len(c.refs) > 0
		if v == nil && ed.Required || len(c.refs) == 0 && ed.Required && n.action == update && i == 0 {
			return fault.Input(path.String(), "%s is required, and cannot be cleared.", ed.GraphQL)
		}
		n.edges = append(n.edges, c)
	}
	if ed.Required && !given && n.action != update {
		return n.lacks(n.Path.At(ed.GraphQL))
	}
	return nil
}

// lacks notes that something required is not given: an error now, or, for a
// record that may exist already, once it turns out that it does not.
func (n *Node) lacks(path *Path) error {
	err := fault.Input(path.String(), "%s is required.", path.name)
	if n.action == create {
		return err
	}
	if n.missing == nil {
		n.missing = err
	}
	return nil
}

func (s *Set) references(n *Node, c *change, v any) error {
	if v == nil {
		return nil
	}
	if c.edge.Unique {
		r, err := s.reference(n, c, v, c.path)
		c.refs = append(c.refs, r)
		return err
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for i, v := range list {
		r, err := s.reference(n, c, v, c.path.Index(i))
		if err != nil {
			return err
		}
		c.refs = append(c.refs, r)
	}
	return nil
}

// reference reads one reference of an edge's change.
func (s *Set) reference(n *Node, c *change, v any, path *Path) (*ref, error) {
	m, ok := v.(map[string]any)
	if !ok || len(m) != 1 {
		return nil, fault.Input(path.String(), "A reference has exactly one of its fields set: %s.", refNames(c.edge.Target))
	}
	target := c.edge.Target
	for name, v := range m {
		switch name {
		case "create", "connectOrCreate":
			return s.nested(n, c, name, v, path)
		default:
			return s.keyed(target, name, v, path)
		}
	}
	return nil, fmt.Errorf("mutation: empty reference at %s", path)
}

func (s *Set) nested(n *Node, c *change, name string, v any, path *Path) (*ref, error) {
	inner := path.At(name)
	input, ok := v.(map[string]any)
	if !ok {
		return nil, fault.Input(inner.String(), "%s takes the input of a new %s.", name, c.edge.To)
	}
	if c.mode == remove {
		return nil, fault.Input(inner.String(), "What is removed must exist: name it by its id or a unique key.")
	}
	node := &Node{Entity: c.edge.Target, Path: inner, action: create, parent: n, via: c.edge}
	if s.known != nil {
		node.action = upsert
	}
	if name == "connectOrCreate" {
		node.action = connect
	}
	nodes, refs := len(s.nodes), len(s.refs)
	node, err := s.decode(node, input)
	if err != nil {
		return nil, err
	}
	if node.action == connect {
		if same := s.firstWithKey(node); same != nil && same != node {
			s.forget(nodes, refs)
			node = same
		}
	}
	return &ref{entity: c.edge.Target, path: path, node: node}, nil
}

// firstWithKey is the first node of the set with one of the node's keys.
func (s *Set) firstWithKey(n *Node) *Node {
	for _, k := range n.Entity.Keys {
		if _, text := s.keyOf(n, k); text != "" {
			return s.keys[text]
		}
	}
	return n
}

// keyed reads a reference to a record by its id or by a unique key.
func (s *Set) keyed(e *model.Entity, name string, v any, path *Path) (*ref, error) {
	r := &ref{entity: e, path: path}
	s.refs = append(s.refs, r)
	if v == nil {
		return nil, fault.Input(path.At(name).String(), "null names nothing.")
	}
	if name == labelField && s.known != nil {
		text, ok := v.(string)
		if !ok {
			return nil, fault.Input(path.At(name).String(), "%s takes a text.", labelField)
		}
		r.label = labelName(text)
		return r, nil
	}
	if name == "id" {
		id, ok := e.ParseID(v)
		if !ok {
			return nil, r.missing()
		}
		var err error
		r.id, err = e.ID.Go(id)
		return r, err
	}
	k := e.Key(name)
	if k == nil {
		return nil, fault.Input(path.String(), "A reference to a %s has exactly one of these: %s.", e.Name, refNames(e))
	}
	r.key = k
	input := map[string]any{k.Parts[0].Name(): v}
	inner := path
	if len(k.Parts) > 1 {
		m, ok := v.(map[string]any)
		if !ok {
			return nil, fault.Input(path.At(name).String(), "%s takes an object.", name)
		}
		input, inner = m, path.At(name)
	}
	for _, part := range k.Parts {
		v, err := s.keyPart(part, input[part.Name()], inner.At(part.Name()))
		if err != nil {
			return nil, err
		}
		r.values = append(r.values, v)
	}
	return r, nil
}

func (s *Set) keyPart(part model.Part, v any, path *Path) (any, error) {
	if v == nil {
		return nil, fault.Input(path.String(), "%s is required.", part.Name())
	}
	if part.Field != nil {
		return parse(part.Field, v, path)
	}
	m, ok := v.(map[string]any)
	if !ok || len(m) != 1 || m["create"] != nil || m["connectOrCreate"] != nil {
		return nil, fault.Input(path.String(), "A key names what exists: by its id or a unique key.")
	}
	var r *ref
	var err error
	for name, v := range m {
		r, err = s.keyed(part.Edge.Target, name, v, path)
	}
	return r, err
}

func refNames(e *model.Entity) string {
	names := []string{"id"}
	for _, k := range e.Keys {
		names = append(names, k.Name)
	}
	names = append(names, "create")
	if len(e.Keys) > 0 {
		names = append(names, "connectOrCreate")
	}
	return strings.Join(names, ", ")
}

func (r *ref) missing() error {
	return fault.New(fault.NotFound, "There is no such %s.", r.entity.Name).At(r.path.String())
}
