package mutation

import (
	"context"
	"errors"
	"strings"

	"coppice/core/fault"
	"coppice/ent"
)

// Explain turns an error of ent, met outside a set, into one for a client.
func Explain(err error) error {
	var known *fault.Error
	var invalid *ent.ValidationError
	switch {
	case errors.As(err, &known):
		return err
	case errors.As(err, &invalid):
		return &fault.Error{Code: fault.BadUserInput, Cause: err, Message: invalid.Name + " " + reason(invalid) + "."}
	default:
		return (*Set)(nil).explainAt(err, nil)
	}
}

// explain turns an error of ent or the database into one for a client, with
// the path of the input at fault.
func (s *Set) explain(ctx context.Context, err error, nodes []*Node) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	var unique *fault.Unique
	if errors.As(err, &unique) {
		return s.explainUnique(ctx, unique, nodes)
	}
	var check *fault.Check
	if errors.As(err, &check) {
		n := nodes[0]
		if check.Row < len(nodes) {
			n = nodes[check.Row]
		}
		return check.Of(n.Entity.Name).At(n.Path.String())
	}
	var foreign *fault.ForeignKey
	if errors.As(err, &foreign) && s.told != nil {
		lost := s.told.missing()
		lost.Cause = err
		return lost
	}
	var invalid *ent.ValidationError
	if errors.As(err, &invalid) {
		return s.explainInvalid(err, invalid, nodes)
	}
	err = s.explainAt(err, nodes[0].Path)
	if errors.As(err, &f) && f.Code == fault.NotFound {
		f.Message = "There is no such " + nodes[0].Entity.Name + "."
	}
	return err
}

// explainAt does the same where only the path is known.
func (s *Set) explainAt(err error, path *Path) error {
	if err == nil {
		return nil
	}
	var foreign *fault.ForeignKey
	var unique *fault.Unique
	var check *fault.Check
	switch {
	case errors.As(err, &check):
		return check.Of("record").At(path.String())
	case errors.As(err, &foreign):
		return &fault.Error{Code: fault.Conflict, Field: path.String(), Cause: err,
			Message: "A record that is needed here does not exist, or one that was to go is still referred to."}
	case errors.As(err, &unique):
		return takenBy(ent.Describe().Table(unique.Table), unique).At(path.String())
	case ent.IsNotFound(err):
		field := path.String()
		if path == nil || !strings.Contains(field, ".") {
			field = "id"
		}
		return &fault.Error{Code: fault.NotFound, Field: field, Cause: err, Message: "There is no such record."}
	default:
		return err
	}
}

// explainInvalid names the fields that validators of the schema refused, of
// seed records all of the set's.
func (s *Set) explainInvalid(err error, invalid *ent.ValidationError, nodes []*Node) error {
	n := culprit(nodes)
	if s.known != nil {
		s.validate(true)
	} else {
		s.validateBuilt(n)
	}
	if all := s.failed(); all != nil {
		return all
	}
	return n.invalid(err, invalid)
}

// validateBuilt notes what validators refuse of a record as hooks have left it.
func (s *Set) validateBuilt(n *Node) {
	if n.builder == nil {
		return
	}
	m := n.builder.Mutation()
	for _, f := range n.Entity.Fields {
		typed, set := m.Field(f.Column)
		if !set {
			continue
		}
		err := s.record(n.Entity).Validate(f.Name, typed)
		var invalid *ent.ValidationError
		if errors.As(err, &invalid) {
			s.fault(n.invalid(err, invalid))
		}
	}
}

// invalid is what a validator said of a node, for a client.
func (n *Node) invalid(err error, invalid *ent.ValidationError) error {
	name, hint := invalid.Name, ""
	if f := n.Entity.EntField(name); f != nil {
		name = f.GraphQL
		if f.Comment != "" {
			hint = " " + f.Comment
		}
	} else if ed := n.Entity.EntEdge(name); ed != nil {
		name = ed.GraphQL
	}
	return &fault.Error{Code: fault.BadUserInput, Field: n.Path.At(name).String(), Cause: err,
		Message: name + " " + reason(invalid) + "." + hint}
}

// reason completes a sentence that starts with the field's name. It is the
// innermost error: the validator's own text, which its author wrote for
// people, but for those that ent brings, which are put in plainer words.
func reason(invalid *ent.ValidationError) string {
	inner := error(invalid)
	for next := errors.Unwrap(inner); next != nil; next = errors.Unwrap(inner) {
		inner = next
	}
	message := inner.Error()
	switch message {
	case "value is less than the required length":
		return "is too short"
	case "value is greater than the required length":
		return "is too long"
	case "value does not match validation":
		return "does not have the form it needs"
	case "value out of range":
		return "is out of its range"
	}
	if strings.HasPrefix(message, "ent:") {
		return "is required"
	}
	return "is not valid: " + strings.TrimPrefix(message, "value ")
}

// culprit is the node that the validator refused: of records written together
// ent does not say which one it was, so each is checked again.
func culprit(nodes []*Node) *Node {
	for _, n := range nodes {
		if n.builder != nil && n.builder.Check() != nil {
			return n
		}
	}
	return nodes[0]
}
