package mutation

import (
	"errors"

	"coppice/ent"
	"coppice/internal/model"
)

// validate notes the values of the set's records that a validator refuses,
// all of each record. Values that hooks may still change are left alone; so
// are, until it is decided which ones are made, those that may only connect.
func (s *Set) validate(decided bool) {
	for _, n := range s.nodes {
		if n.action == connect && (n.found || !decided) || s.hooked(n.Entity) {
			continue
		}
		for _, v := range n.values {
			if v.value != nil {
				s.validateValue(n, v)
			}
		}
	}
}

func (s *Set) validateValue(n *Node, v value) {
	typed, err := v.field.Go(v.value)
	if err != nil {
		if v.field.Sensitive || foreign(err) { // it may hold the value
			err = errors.New("is not valid")
		}
		s.wrong(n.Path.At(v.field.GraphQL), "%s %s.", v.field.GraphQL, err)
		return
	}
	err = s.record(n.Entity).Validate(v.field.Name, typed)
	var invalid *ent.ValidationError
	if errors.As(err, &invalid) {
		s.fault(n.invalid(err, invalid))
	}
}

// hooked reports whether hooks, those of a policy included, see the records of
// an entity when they are written, before its validators do.
func (s *Set) hooked(e *model.Entity) bool {
	return s.record(e).Hooked(s.client)
}
