package crowd

import (
	"fmt"
	"slices"

	"coppice/core/internal/fake"
)

// besides finds out how to make what edges' own schemas hold. An edge for which
// nothing can be made is left out, if records can do without it.
func (c *crowd) besides() error {
	var wrong error
	c.bonds = slices.DeleteFunc(c.bonds, func(b *bond) bool {
		if len(b.edge.Fields) == 0 {
			return false
		}
		var err error
		if b.beside, err = fake.Relation(c.order.project, b.edge, 1); err != nil && b.edge.Required {
			wrong = fmt.Errorf("%w: %w", Err, err)
		}
		return err != nil
	})
	return wrong
}

// related is a reference with what the relation holds: the at-th one of the
// record i.
func (b *bond) related(d *dice, i, at int, ref map[string]any) map[string]any {
	if b.beside == nil {
		return ref
	}
	with := make(map[string]any, len(ref)+len(b.edge.Fields))
	for name, v := range ref {
		with[name] = v
	}
	for _, f := range b.beside.Fields() {
		if filled(f) {
			d.roll(mixed(b.salt^hashed(f.Name)), i*many+at)
			with[f.GraphQL] = b.beside.Value(f, d.Rand, 0)
		}
	}
	return with
}

// many is more than a record has relations of one kind that are told apart.
const many = 64
