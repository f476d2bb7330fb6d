package mutation

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"coppice/core/fault"
)

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
	if s.known != nil && len(s.faults) > 0 {
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
