package mutation

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"coppice/core/fault"
	"coppice/core/model"
)

// Create adds a record to be made from a create input. What is wrong with the
// input comes as one error, several ones joined; the set is then not to be
// applied.
func (s *Set) Create(e *model.Entity, input map[string]any, path *Path) (*Node, error) {
	return s.read(&Node{Entity: e, Path: path, action: create}, input)
}

// Upsert adds a record that is found by the unique key by, or any of its
// unique keys when by is nil, and then updated; else it is made. Errors are as
// Create's.
func (s *Set) Upsert(e *model.Entity, by *model.Key, input map[string]any, path *Path) (*Node, error) {
	n, err := s.read(&Node{Entity: e, Path: path, action: upsert, by: by}, input)
	if err == nil && by != nil && n.key(by) == nil && !n.unclear {
		return nil, fault.Input(path.String(), "The input must give %s, which this is to be found by.", by.Name)
	}
	return n, err
}

// Update adds a change of the record with an own id in ent's Go type. Errors
// are as Create's.
func (s *Set) Update(e *model.Entity, id any, input map[string]any, path *Path) (*Node, error) {
	return s.read(&Node{Entity: e, Path: path, ID: id, action: update, found: true}, input)
}

func (s *Set) read(n *Node, input map[string]any) (*Node, error) {
	before := len(s.faults)
	s.decode(n, input)
	wrong := s.faults[before:]
	s.faults = s.faults[:before]
	if len(wrong) > 0 {
		return nil, together(wrong)
	}
	return n, nil
}

// fault notes an error of the input: others are to be found as well.
func (s *Set) fault(err error) {
	if err != nil {
		s.faults = append(s.faults, err)
	}
}

func (s *Set) wrong(path *Path, format string, args ...any) {
	s.fault(fault.Input(path.String(), format, args...))
}

// together is errors as one: one error as it is, several joined.
func together(errs []error) error {
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}

// decoding is the reading of one input.
type decoding struct {
	*Set
	node  *Node
	input map[string]any
	taken int // how many of the input's names were known
}

func (d *decoding) take(name string) (any, bool) {
	v, ok := d.input[name]
	if ok {
		d.taken++
	}
	return v, ok
}

// unfit reports whether a value has been refused before it came here. Then less
// is known of the record.
func (d *decoding) unfit(v any) bool {
	unfit := model.IsUnfit(v)
	d.node.unclear = d.node.unclear || unfit
	return unfit
}

// decode reads an input into a node, and what is nested in it into nodes of
// their own.
func (s *Set) decode(n *Node, input map[string]any) {
	s.nodes = append(s.nodes, n)
	d := decoding{Set: s, node: n, input: input}
	n.values = make([]value, 0, min(len(input), len(n.Entity.Fields)+1))
	d.name()
	d.ownID()
	for _, f := range n.Entity.Fields {
		d.field(f)
	}
	// Before what is nested in it, which may name it by its key.
	s.register(n)
	for _, ed := range n.Entity.Edges {
		d.edge(ed)
	}
	s.register(n)
	if d.taken < len(input) {
		d.unknownFields()
	}
	if s.findByName != nil && n.Name == "" && !n.hasKey() {
		s.nameByContent(n)
	}
}

// ownID reads the id of a record that may choose it.
func (d *decoding) ownID() {
	n := d.node
	if !n.Entity.UserID || n.action == update {
		return
	}
	v, ok := d.take("id")
	if !ok && !n.Entity.Counted && !n.Entity.ID.Default {
		d.missing("id")
	}
	if ok && !d.unfit(v) {
		if n.Entity.Counted {
			if largest, exhausted := exhausts(n.Entity.ID, v); exhausted {
				d.wrong(n.Path.At("id"), "id must be at most %d: ids that are not given go on from the largest.", largest)
				return
			}
		}
		d.value(n.Entity.ID, v, "id")
	}
}

// exhausts reports whether an id that is given leaves the database too few to
// count on with: it is in the upper half of its type. The largest that leaves
// enough is told as well.
func exhausts(id *model.Field, v any) (largest uint64, exhausted bool) {
	bits := id.Bits
	if id.Unsigned && bits < 64 { // the database counts to 2^63 at most
		bits++
	}
	largest = 1 << (bits - 2)
	parsed, err := id.Parse(v)
	if err != nil {
		return largest, false
	}
	switch n := parsed.(type) {
	case int64:
		return largest, n > 0 && uint64(n) > largest
	case uint64:
		return largest, n > largest
	default:
		return largest, false
	}
}

// unknownFields refuses the names that the entity does not have.
func (d *decoding) unknownFields() {
	n := d.node
	names := make([]string, 0, len(d.input)-d.taken)
	for name := range d.input {
		if !n.writes(name) && (name != labelField && name != AliasField && name != StoredField || d.findByName == nil) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		d.wrong(n.Path.At(name), "%s has no field %s to write. It has %s.", n.Entity.Name, name, n.names())
	}
}

// writes reports whether an input may say something under a name.
func (n *Node) writes(name string) bool {
	if name == "id" {
		return n.Entity.UserID && n.action != update
	}
	if n.Entity.Field(name) != nil || n.Entity.Edge(name) != nil {
		return true
	}
	if n.action != update {
		return false
	}
	return slices.ContainsFunc(n.Entity.ShownFields(), func(f *model.Field) bool {
		return f.Appends && f.Prefixed("append") == name
	}) || slices.ContainsFunc(n.Entity.ShownEdges(), func(ed *model.Edge) bool {
		return !ed.Unique && (ed.Prefixed("add") == name || ed.Prefixed("remove") == name)
	})
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

func (d *decoding) field(f *model.Field) {
	n := d.node
	name, v, ok := d.said(f.GraphQL, f.Kept, plain)
	switch {
	case d.unfit(v):
	case !ok && n.action != update && !f.Nullable && !f.Default:
		d.missing(f.GraphQL)
	case ok && v == nil && !f.Nullable:
		d.wrong(n.Path.At(name), "%s cannot be null.", name)
	case ok && v == nil:
		n.values = append(n.values, value{field: f})
	case ok:
		d.value(f, v, name)
	}
	if f.Appends && n.action == update {
		d.appended(f, ok)
	}
}

// value reads the value of a field from under a name.
func (d *decoding) value(f *model.Field, v any, name string) {
	n := d.node
	parsed, err := f.Parse(v)
	if err != nil {
		d.fault(refusal(n.Path.At(name), f, err))
		n.unclear = true
		return
	}
	n.values = append(n.values, value{field: f, value: parsed})
}

// appended reads what an update adds to the end of a list, which may be the
// list that the same update sets.
func (d *decoding) appended(f *model.Field, isSet bool) {
	n := d.node
	before := len(n.values)
	name, v, ok := d.said(f.GraphQL, f.Kept, "append")
	more, isList := v.([]any)
	switch {
	case !ok || v == nil || isList && len(more) == 0 || d.unfit(v):
		return
	case !isList && !f.Kind.List():
		d.wrong(n.Path.At(name), "%s must be a list.", name)
		return
	}
	if d.value(f, v, name); len(n.values) == before {
		return
	}
	added := &n.values[before]
	if added.append = !isSet; added.append || before == 0 || n.values[before-1].field != f {
		return
	}
	last := &n.values[before-1]
	n.values = n.values[:before]
	joined, err := joinLists(last.value, added.value)
	if err != nil {
		d.wrong(n.at(f.GraphQL), "%s must be a list.", f.GraphQL)
		return
	}
	last.value = joined
}

// joinLists is two JSON lists, the first of which may be nil, as one.
func joinLists(values ...any) (json.RawMessage, error) {
	all := []json.RawMessage{}
	for _, v := range values {
		var list []json.RawMessage
		if raw, ok := v.(json.RawMessage); ok {
			if err := json.Unmarshal(raw, &list); err != nil {
				return nil, fmt.Errorf("mutation: %w", err)
			}
		}
		all = append(all, list...)
	}
	raw, err := json.Marshal(all)
	if err != nil {
		return nil, fmt.Errorf("mutation: %w", err)
	}
	return raw, nil
}

// missing notes that something required is not given: an error now, or, for a
// record that may exist already, once it turns out that it does not.
func (d *decoding) missing(name string) {
	n := d.node
	if n.action == create {
		d.wrong(n.Path.At(name), "%s is required.", name)
		return
	}
	n.missing = append(n.missing, name)
}

// plain is no verb: the name as it is.
const plain = ""

// said takes what an input gives of a field or an edge under its name, or under an
// older one that the API has still, behind a verb; the name is the one that it is given
// under. Under two it is refused.
func (d *decoding) said(current string, kept []model.Kept, verb string) (name string, v any, ok bool) {
	name = verbal(verb, current)
	v, ok = d.take(name)
	for _, k := range kept {
		old := verbal(verb, k.GraphQL)
		other, also := d.take(old)
		switch {
		case !also:
		case ok:
			d.wrong(d.node.Path.At(old), "%s and %s are both given, and %[1]s is an older name for %[3]s: give one of them.", old, name, verbal(verb, current))
			d.node.unclear = true
		default:
			name, v, ok = old, other, true
		}
	}
	if ok && verb == plain && name != current {
		if d.node.spoken == nil {
			d.node.spoken = map[string]string{}
		}
		d.node.spoken[current] = name
	}
	return name, v, ok
}

// verbal is a name behind a verb, if there is one.
func verbal(verb, name string) string {
	if verb == plain {
		return name
	}
	return (&model.Field{GraphQL: name}).Prefixed(verb)
}

// at is where the input gives a field or an edge, or should.
func (n *Node) at(name string) *Path {
	if said, ok := n.spoken[name]; ok {
		name = said
	}
	return n.Path.At(name)
}
