package mutation

import (
	"context"
	"fmt"
	"slices"

	"coppice/core/fault"
	"coppice/core/model"
	"coppice/core/record"
)

// leave takes back, from the builder of a new record, the defaults of what the
// input says is null, and of foreign keys that are set once all records are
// there.
func (n *Node) leave(b record.Builder) {
	var columns []string
	for i := range n.values {
		if v := &n.values[i]; v.value == nil && (v.field.Default || v.field.DatabaseDefault) {
			columns = append(columns, v.field.Column)
		}
	}
	for _, ed := range n.Entity.Edges {
		if ed.Default && len(b.Mutation().AddedIDs(ed.Name)) == 0 && n.says(ed) {
			columns = append(columns, ed.Column)
		}
	}
	if len(columns) > 0 {
		b.Leave(columns)
	}
}

// says reports whether the input of a record, or that which it is nested in, says
// where an edge leads, or that it leads nowhere.
func (n *Node) says(ed *model.Edge) bool {
	return n.via != nil && n.via.Inverse == ed ||
		slices.ContainsFunc(n.edges, func(c change) bool { return c.edge == ed }) ||
		slices.ContainsFunc(n.after, func(l link) bool { return l.edge == ed })
}

// misled is the error of new records whose foreign key has a default of the
// schema that names nothing, or nil where there are none.
func (s *Set) misled(ctx context.Context, cause error, nodes []*Node) error {
	for _, n := range nodes {
		if n.builder == nil || n.found {
			continue
		}
		for _, ed := range n.Entity.Edges {
			if !ed.Default || n.says(ed) {
				continue
			}
			ids := n.builder.Mutation().AddedIDs(ed.Name)
			if len(ids) == 0 && s.onlyReference == nil { // the database's own default
				return &fault.Error{Code: fault.BadUserInput, Field: n.Path.At(ed.GraphQL).String(), Cause: cause, Message: fmt.Sprintf(
					"%s is not given, and the default that the database has for it names no %s: %s.", ed.GraphQL, ed.To, wayOut(ed))}
			}
			if len(ids) == 0 {
				continue
			}
			there, every := false, *s
			every.scopes = nil // it may be hidden
			err := every.rows(ctx, ed.Target, []string{ed.Target.ID.Column}, s.withID(ed.Target, []any{ids[0]}), func([]any) error {
				there = true
				return nil
			})
			if err != nil || there {
				continue
			}
			wrong := fault.Input(n.Path.At(ed.GraphQL).String(), "%s is not given, and the default that the schema has for it, %s, names no %s: %s.",
				ed.GraphQL, fault.Quote(ed.Target.GlobalID(fmt.Sprint(ids[0]))), ed.To, wayOut(ed))
			wrong.Cause = cause
			return wrong
		}
	}
	return nil
}

func wayOut(ed *model.Edge) string {
	if ed.Required {
		return "give one"
	}
	return "give one, or null for none"
}
