package mutation

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"coppice/core/fault"
	"coppice/core/model"
	"coppice/core/record"
)

// Validate tells what the validators refuse of an API's set, and which unique
// keys it gives twice: what can be told without a database, beyond what reading
// it has told.
func (s *Set) Validate() error {
	s.validate(false)
	s.repeats()
	return s.failed()
}

// validate notes the values of the set's records that a validator refuses,
// all of each record. Values that hooks may still change are left alone; so
// are, until it is decided which ones are made, those that may only connect.
func (s *Set) validate(decided bool) {
	for _, n := range s.nodes {
		if n.action == connect && (n.found || !decided) {
			continue
		}
		s.validateNode(n)
		s.validateRelations(n)
	}
}

func (s *Set) validateNode(n *Node) {
	if s.hooked(n.Entity) {
		return
	}
	for i := range n.values {
		if v := &n.values[i]; v.value != nil {
			s.validateValue(n, v)
		}
	}
}

func (s *Set) validateValue(n *Node, v *value) {
	typed, err := v.inGo()
	if err != nil {
		s.fault(n.misread(v.field, err))
		return
	}
	err = s.record(n.Entity).Validate(v.field.Name, typed)
	var invalid record.Invalid
	if errors.As(err, &invalid) {
		s.fault(n.invalid(err, invalid))
	}
}

// misread is the error of what a node gives for a field, and the field's Go type
// does not take.
func (n *Node) misread(f *model.Field, err error) error {
	path := n.at(f.GraphQL)
	if f.Sensitive || !errors.As(err, new(*model.Misread)) && model.FromLibrary(err) { // it may hold the value
		return fault.Input(path.String(), "%s is not valid.", f.GraphQL)
	}
	return refusal(path, f, err)
}

// refusal is the error of a value that a field does not take: that which the
// field's Go type made for the client, if it did.
func refusal(path *Path, f *model.Field, err error) error {
	var reported *fault.Error
	if errors.As(err, &reported) {
		return reported.At(path.String())
	}
	return fault.Input(path.String(), "%s %s.", f.GraphQL, err)
}

// repeats notes the records to be made that have a unique key which one before
// them in the set has.
func (s *Set) repeats() {
	if len(s.nodes) < 2 {
		return
	}
	first := map[place]*Node{}
	for _, n := range s.nodes {
		if n.action != create || n.dropped() || s.hooked(n.Entity) {
			continue
		}
		for _, k := range n.Entity.Keys {
			v := n.key(k)
			if v == nil {
				continue
			}
			if at := (place{k, v}); first[at] == nil {
				first[at] = n
			} else if first[at] != n {
				s.fault(fault.New(fault.Conflict, "Another %s of this request has the same %s.", n.Entity.Name, strings.Join(k.Of, " and ")).
					At(n.at(k.Parts[0].Name()).String()))
			}
		}
	}
}

// dropped reports whether a record may turn out not to be made, since it stands
// in the input of one that may only be connected to.
func (n *Node) dropped() bool {
	for up := n.parent; up != nil; up = up.parent {
		if up.action == connect {
			return true
		}
	}
	return false
}

// hooked reports whether hooks, those of a policy included, see the records of
// an entity when they are written, before its validators do.
func (s *Set) hooked(e *model.Entity) bool {
	return s.record(e).Hooked(s.client)
}

// Check reports what can be told of a set of seed records without a database,
// beyond what reading them has told: values that a validator refuses, keys and
// names that two records share, and what is missing in a record that is
// nowhere else. Errors are joined in the order of the input. The set stays as
// it is.
func (s *Set) Check(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.named()
	clear(s.keys)
	s.index(true)
	for _, n := range s.nodes {
		if strings.HasPrefix(n.Name, contentPrefix) {
			s.missingInputs(n)
		}
	}
	s.validate(false)
	return s.failed()
}

// missingInputs notes what is missing in the input of a record that has to be made.
func (s *Set) missingInputs(n *Node) {
	for _, name := range n.missing {
		s.wrong(n.Path.At(name), "%s is required.", name)
	}
}

// failed is the faults of the set as one error, or nil.
func (s *Set) failed() error {
	wrong := s.faults
	s.faults = nil
	if len(wrong) == 0 {
		return nil
	}
	slices.SortStableFunc(wrong, func(a, b error) int { return cmp.Compare(positionOf(a), positionOf(b)) })
	return together(wrong)
}

// failedAll is failed, of seed records with what their validators find.
func (s *Set) failedAll() error {
	if s.findByName != nil && len(s.faults) > 0 {
		s.validate(true)
	}
	return s.failed()
}

// positionOf is the number of the record that an error is about, or -1.
func positionOf(err error) int {
	var f *fault.Error
	if errors.As(err, &f) {
		for part := range strings.SplitSeq(f.Field, ".") {
			if i, err := strconv.Atoi(part); err == nil {
				return i
			}
		}
	}
	return -1
}
