package mutation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent"

	"coppice/core/fault"
	"coppice/core/model"
	"coppice/core/record"
)

// Explain turns an error of ent, met outside a set, into one for a client.
func Explain(m *model.Schema, err error) error {
	var known *fault.Error
	var invalid record.Invalid
	switch {
	case errors.As(err, &known):
		return err
	case errors.As(err, &invalid):
		return &fault.Error{Code: fault.BadUserInput, Cause: err, Message: invalid.InvalidField() + " " + reason(invalid, true) + "."}
	default:
		return explainAt(m, err, nil)
	}
}

// explain turns an error of ent or the database into one for a client, with
// the path of the input at fault.
func (s *Set) explain(ctx context.Context, err error, nodes []*Node) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return s.place(err, f, nodes)
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
	if raised := explainRaised(err, nodes); raised != nil {
		return raised
	}
	var foreign *fault.ForeignKey
	if errors.As(err, &foreign) {
		if led := s.misled(ctx, err, nodes); led != nil {
			return led
		}
	}
	if errors.As(err, &foreign) && s.onlyReference != nil {
		lost := s.onlyReference.missing()
		lost.Cause = err
		return lost
	}
	var invalid record.Invalid
	if errors.As(err, &invalid) {
		return s.explainInvalid(err, invalid, nodes)
	}
	err = explainAt(s.model, err, nodes[0].Path)
	if errors.As(err, &f) && f.Code == fault.NotFound {
		f.Message = nodes[0].Entity.Missing("id", nodes[0].Entity.GlobalID(fmt.Sprint(nodes[0].ID))).Message
	}
	return err
}

// explainRaised is the error of what a trigger of the database refused; nil for
// others.
func explainRaised(err error, nodes []*Node) error {
	var trigger *fault.Trigger
	if errors.As(err, &trigger) {
		n := nodes[min(trigger.Row, len(nodes)-1)]
		return trigger.Of(n.Entity.Name).At(n.Path.String())
	}
	var form *fault.Form
	if !errors.As(err, &form) {
		return nil
	}
	n := nodes[min(form.Row, len(nodes)-1)]
	if n.Entity.Table == form.Table {
		for _, f := range n.Entity.Fields {
			if f.Column == form.Column {
				return form.Of(f.GraphQL).At(n.at(f.GraphQL).String())
			}
		}
	}
	return form.Of("A value that the database puts here").At(n.Path.String())
}

// place gives an error that a hook or a validator made for the client its path:
// they know the field, but not where in the input their record stands.
func (s *Set) place(err error, f *fault.Error, nodes []*Node) error {
	var invalid record.Invalid
	if f.Field == "" && errors.As(err, &invalid) {
		return s.explainInvalid(err, invalid, nodes)
	}
	if len(nodes) > 1 || f.Field == "id" { // of several, the hook's record is not known
		return err
	}
	n := nodes[0]
	switch field, edge := n.Entity.EntField(f.Field), n.Entity.EntEdge(f.Field); {
	case n.Entity.Field(f.Field) != nil || n.Entity.Edge(f.Field) != nil:
		return f.At(n.Path.At(f.Field).String())
	case field != nil:
		return f.At(n.at(field.GraphQL).String())
	case edge != nil:
		return f.At(n.at(edge.GraphQL).String())
	default:
		return err
	}
}

// explainAt does the same where only the path is known.
func explainAt(m *model.Schema, err error, path *Path) error {
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
			Message: "A record that this refers to does not exist, or others still refer to the one that is to be deleted. Correct the reference, or reassign those first."}
	case errors.As(err, &unique):
		return takenBy(m.Table(unique.Table), unique).At(path.String())
	case record.IsNotFound(err):
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
func (s *Set) explainInvalid(err error, invalid record.Invalid, nodes []*Node) error {
	n := culprit(nodes)
	if s.findByName != nil {
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
		var invalid record.Invalid
		if errors.As(err, &invalid) {
			s.fault(n.invalid(err, invalid))
		}
	}
}

// invalid is what a validator said of a node, for a client.
func (n *Node) invalid(err error, invalid record.Invalid) error {
	name, hint, shown := invalid.InvalidField(), "", true
	f := n.Entity.EntField(name)
	if f != nil {
		name, shown = f.GraphQL, !f.Sensitive
		if f.Comment != "" {
			hint = " " + f.Comment
		}
	} else if ed := n.Entity.EntEdge(name); ed != nil {
		name = ed.GraphQL
	}
	path := n.at(name).String()
	var reported *fault.Error // the validator's, made for the client
	if errors.As(err, &reported) && (shown || !n.quoted(f, reported.Message)) {
		if reported.Field == "" {
			reported = reported.At(path)
		}
		return reported
	}
	return &fault.Error{Code: fault.BadUserInput, Field: path, Cause: err, Message: name + " " + reason(invalid, shown) + "." + hint}
}

// quoted reports whether a text holds the value that a field is given.
func (n *Node) quoted(f *model.Field, text string) bool {
	return slices.ContainsFunc(n.values, func(v value) bool {
		return v.field == f && v.value != nil && strings.Contains(text, fmt.Sprint(v.value))
	})
}

// reason completes a sentence that starts with the field's name: with the
// validator's own text, which its author wrote for people, but for those that
// ent brings, which are put in plainer words, and those of Go's packages. The
// text of one that is not shown might hold the value.
func reason(invalid record.Invalid, shown bool) string {
	said := errors.Unwrap(invalid)
	if said == nil { // a hook made it
		return "is not valid"
	}
	if inner := errors.Unwrap(said); inner != nil {
		said = inner // what ent put before it
	}
	message := model.Words(said)
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
	switch {
	case strings.HasPrefix(message, "ent:"):
		return "is required"
	case !shown || message == "" || model.FromLibrary(said):
		return "is not valid"
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

// refuse notes what no write can bring about: ent would pass over it without a
// word, or fail halfway.
func (s *Set) refuse(ctx context.Context) error {
	for _, n := range s.nodes {
		if n.action == connect && n.found {
			continue
		}
		for i := range n.edges {
			c := &n.edges[i]
			if c.mode == remove {
				continue
			}
			if c.edge.Inverse == c.edge && (c.edge.Unique || c.edge.Through) {
				s.refuseSelf(n, c)
			}
			if c.edge.Storage == model.Other && c.edge.Inverse != nil && c.edge.Inverse.Immutable {
				if err := s.refuseMove(ctx, n, c); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// refuseSelf refuses that a record is half of a pair with itself. Each pair is
// stored from both its ends, and these would be one.
func (s *Set) refuseSelf(n *Node, c *change) {
	for _, r := range c.refs {
		if id := r.existing(); r.node != n && (id == nil || !n.found || id != n.ID) {
			continue
		}
		among := ""
		if !c.edge.Unique {
			among = " among"
		}
		s.wrong(r.path, "A"+strings.TrimPrefix(model.An(n.Entity.Name), "a")+" cannot be"+among+" its own %s.", c.edge.GraphQL)
	}
}

// refuseMove refuses to give a record to another whose edge to that one cannot
// be changed.
func (s *Set) refuseMove(ctx context.Context, n *Node, c *change) error {
	ids := c.existing()
	if len(ids) == 0 {
		return nil
	}
	owners, err := s.owners(ctx, c.edge, ids)
	if err != nil {
		return err
	}
	own := map[any]bool{}
	if n.found {
		for _, id := range owners[n.ID] {
			own[id] = true
		}
	}
	for _, r := range c.refs {
		if id := r.existing(); id != nil && !own[id] {
			s.fault(unmoved(c.edge).At(r.path.String()))
		}
	}
	return nil
}

// unmoved is the error of a record that an edge leads to and cannot be taken
// from where it is.
func unmoved(ed *model.Edge) *fault.Error {
	return fault.New(fault.BadUserInput, "The %s of %s is set when it is created, and cannot be changed.", ed.Inverse.GraphQL, model.An(ed.Target.Name))
}

// witness finds out which record's hooks refuse, of records that are saved at once:
// ent runs the hooks of each within those of the one before.
type witness struct {
	below bool // an error came from what the hooks of some record called
	at    int  // the record whose hooks refused, or -1
}

// witness watches the hooks of records that are about to be saved; nil where the
// entity has none.
func (s *Set) witness(nodes []*Node, builders []record.Builder) *witness {
	if !s.hooked(nodes[0].Entity) {
		return nil
	}
	w := &witness{at: -1}
	for i, b := range builders {
		b.Hook(w.hook(func() {
			if w.at < 0 && !w.below {
				w.at = i
			}
		}), w.hook(func() { w.below = true }))
	}
	return w
}

// hook tells of errors that come past it.
func (w *witness) hook(tell func()) ent.Hook {
	return func(next ent.Mutator) ent.Mutator {
		return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
			v, err := next.Mutate(ctx, m)
			if err != nil {
				tell()
			}
			return v, err
		})
	}
}

// refused is the error of saving records for a client: that of a hook at its record.
// What a hook of a seed record returned is for whoever seeds, in its own words.
func (s *Set) refused(ctx context.Context, err error, nodes []*Node, w *witness) error {
	if w == nil || w.at < 0 {
		return s.explain(ctx, err, nodes)
	}
	n := nodes[w.at]
	var f *fault.Error
	var invalid record.Invalid
	switch {
	case errors.As(err, &invalid):
	case errors.As(err, &f) && f.Field == "":
		return f.At(n.Path.String())
	case !errors.As(err, &f) && s.findByName != nil && ctx.Err() == nil:
		return &fault.Error{Code: fault.Internal, Field: n.Path.String(), Message: err.Error(), Cause: err}
	}
	return s.explain(ctx, err, nodes[w.at:w.at+1])
}
