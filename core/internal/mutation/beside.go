package mutation

import (
	"errors"
	"maps"
	"slices"

	"coppice/core/model"
	"coppice/core/record"
)

// beside reads what stands beside a reference: the fields of the relation
// itself, which an association table holds. It returns them, and the reference
// that is left.
func (d *decoding) beside(c *change, v any, path *Path) (with []value, rest any) {
	m, ok := v.(map[string]any)
	if !ok || len(c.edge.Fields) == 0 || c.mode == remove {
		return nil, v
	}
	left := maps.Clone(m)
	for _, f := range c.edge.Fields {
		given, ok := m[f.GraphQL]
		delete(left, f.GraphQL)
		switch at := path.At(f.GraphQL); {
		case ok && d.unfit(given):
		case ok && given == nil && !f.Nullable:
			d.wrong(at, "%s cannot be null.", f.GraphQL)
		case ok && given == nil:
			with = append(with, value{field: f})
		case ok:
			parsed, err := f.Parse(given)
			if err != nil {
				d.fault(refusal(at, f, err))
				continue
			}
			with = append(with, value{field: f, value: parsed})
		case d.node.action == create && demanded(f):
			d.wrong(at, "%s is required.", f.GraphQL)
		}
	}
	return with, left
}

// demanded reports whether a new relation cannot do without a value of its
// field.
func demanded(f *model.Field) bool { return !f.Nullable && !f.Default && !f.DatabaseDefault }

// demanding reports whether a relation cannot be made without values of its own.
func demanding(ed *model.Edge) bool { return slices.ContainsFunc(ed.Fields, demanded) }

// validateRelations notes what the validators of edges' own schemas refuse of
// what stands beside a node's references.
func (s *Set) validateRelations(n *Node) {
	for i := range n.edges {
		c := &n.edges[i]
		for _, r := range c.refs {
			for j := range r.with {
				if v := &r.with[j]; v.value != nil {
					s.validateRelation(c, r, v)
				}
			}
		}
	}
}

func (s *Set) validateRelation(c *change, r *ref, v *value) {
	beside := &Node{Entity: c.edge.Target, Path: r.path}
	typed, err := v.inGo()
	if err != nil {
		s.fault(beside.misread(v.field, err))
		return
	}
	err = s.client.ValidateRelation(c.edge.Table, v.field.Name, typed)
	var invalid record.Invalid
	if !errors.As(err, &invalid) {
		return
	}
	s.wrong(r.path.At(v.field.GraphQL), "%s %s.", v.field.GraphQL, reason(invalid, !v.field.Sensitive))
}
