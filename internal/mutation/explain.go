package mutation

import (
	"context"
	"errors"
	"strings"

	"coppice/core/fault"
	"coppice/ent"
	"coppice/internal/model"
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
			Message: "Another record is needed here that is gone, or is still led to."}
	case errors.As(err, &unique):
		return &fault.Error{Code: fault.Conflict, Field: path.String(), Cause: err, Message: "A record with this key exists already."}
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

// explainInvalid names the field that a validator of the schema refused; in
// seed records all of them.
func (s *Set) explainInvalid(err error, invalid *ent.ValidationError, nodes []*Node) error {
	n := culprit(nodes)
	if s.known != nil {
		s.validate(true)
	}
	if all := s.failed(); all != nil {
		return all
	}
	return n.invalid(err, invalid)
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

// explainUnique names the record and the key that is taken.
func (s *Set) explainUnique(ctx context.Context, unique *fault.Unique, nodes []*Node) error {
	e := nodes[0].Entity
	if unique.Table != e.Table {
		return &fault.Error{Code: fault.Conflict, Field: association(nodes, unique.Table).String(), Cause: unique,
			Message: "A record with this key exists already."}
	}
	n := nodes[0]
	key := keyWith(e, unique.Columns)
	if key != nil && len(nodes) > 1 {
		n = s.taken(ctx, key, nodes)
	}
	path, what := n.Path, e.Name
	if key != nil {
		path, what = n.Path.At(key.Parts[0].Name()), strings.Join(key.Of, " and ")
	}
	return &fault.Error{Code: fault.Conflict, Field: path.String(), Cause: unique,
		Message: "Another " + e.Name + " has this " + what + " already."}
}

// association is the path of what an input says of the edge that a table holds.
func association(nodes []*Node, table string) *Path {
	for _, n := range nodes {
		for _, c := range n.edges {
			if c.edge.Table == table && c.mode != remove && len(c.refs) > 0 {
				return c.path
			}
		}
	}
	return nodes[0].Path
}

func keyWith(e *model.Entity, columns []string) *model.Key {
	if len(columns) == 1 && columns[0] == e.ID.Column {
		return &model.Key{Name: "id", Of: []string{"id"}, Parts: []model.Part{{Field: e.ID}}}
	}
next:
	for _, k := range e.Keys {
		if len(k.Parts) != len(columns) {
			continue
		}
		for i, p := range k.Parts {
			if p.Column() != columns[i] {
				continue next
			}
		}
		return k
	}
	return nil
}

// taken is the node whose key another record has, or another node before it.
func (s *Set) taken(ctx context.Context, k *model.Key, nodes []*Node) *Node {
	every := *s
	every.scopes = nil // it may be a hidden record that has it
	seen := map[any]bool{}
	for _, n := range nodes {
		v, values := n.key(k), n.keyValues(k)
		if v == nil || !stored(values) {
			continue
		}
		if seen[v] {
			return n
		}
		seen[v] = true
		taken := false
		err := every.rows(ctx, n.Entity, []string{n.Entity.ID.Column}, keyIn(k, []*lookup{{values: values}}), func([]any) error {
			taken = true
			return nil
		})
		if err == nil && taken {
			return n
		}
	}
	return nodes[0]
}
