// Package apidiff tells what one version of a GraphQL schema does to the clients of
// another. It sorts changes as GraphQL Inspector's diff does
// (https://the-guild.dev/graphql/inspector/docs/commands/diff), which tests hold it
// against, and says each in a sentence of its own.
package apidiff

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// Level is what a change means to a client that knows the old schema.
type Level int

// The levels, the worst first.
const (
	// Breaking: an operation that was valid fails, or is answered in another shape.
	Breaking Level = iota
	// Dangerous: an operation stays valid, and may be answered as it was not before.
	Dangerous
	// Safe: an operation is answered as before.
	Safe
)

// String is the name of the level.
func (l Level) String() string {
	switch l {
	case Breaking:
		return "breaking"
	case Dangerous:
		return "dangerous"
	default:
		return "safe"
	}
}

// MarshalJSON writes the level as its name.
func (l Level) MarshalJSON() ([]byte, error) { return json.Marshal(l.String()) }

// Change is one difference of two schemas.
type Change struct {
	Level Level `json:"level"`
	// Path leads to what changed, as Type.field.argument, Enum.VALUE, @directive or
	// Type.field.@directive; of the roots of the schema it is empty.
	Path string `json:"path"`
	// Message says in a sentence what changed.
	Message string `json:"message"`

	implied bool
}

// Diff lists all that differs between two schemas, in the order of level and path.
// Either was loaded from the text of one schema, without extensions.
func Diff(from, to *ast.Schema) []Change {
	d := &differ{from: from, to: to}
	d.directives()
	d.roots()
	d.types()
	d.usages("", from.SchemaDirectives, to.SchemaDirectives, false)
	slices.SortStableFunc(d.changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(a.Path, b.Path))
	})
	return d.changes
}

// Tell leaves out of a list what other changes of it say already: the fields of a new
// type, and the directive by which something is deprecated.
func Tell(changes []Change) []Change {
	told := []Change{}
	for _, c := range changes {
		if !c.implied {
			told = append(told, c)
		}
	}
	return told
}

// differ collects changes.
type differ struct {
	from, to *ast.Schema
	changes  []Change
	within   int // how many new things the current one lies in
}

// add adds a change. What lies in something new is safe, and implied by it.
func (d *differ) add(level Level, path, format string, args ...any) {
	d.changes = append(d.changes, Change{Level: level, Path: path, Message: fmt.Sprintf(format, args...), implied: d.within > 0 && level == Safe})
}

// told is add, of what another change says already.
func (d *differ) told(level Level, path, format string, args ...any) {
	d.add(level, path, format, args...)
	last := &d.changes[len(d.changes)-1]
	last.implied = level == Safe
}

// inside runs a comparison of what lies in something new.
func (d *differ) inside(compare func()) {
	d.within++
	compare()
	d.within--
}

// pair compares two lists by name: what is in one of them only, and what is in both.
func pair[T any](from, to []T, name func(T) string, removed, added func(T), both func(from, to T)) {
	find := func(list []T, n string) (T, bool) {
		i := slices.IndexFunc(list, func(x T) bool { return name(x) == n })
		if i < 0 {
			var none T
			return none, false
		}
		return list[i], true
	}
	for _, x := range from {
		if _, ok := find(to, name(x)); !ok {
			removed(x)
		}
	}
	for _, x := range to {
		if was, ok := find(from, name(x)); ok {
			both(was, x)
		} else {
			added(x)
		}
	}
}

// describe compares descriptions; what is a name for people.
func (d *differ) describe(path, what, from, to string) {
	switch {
	case from == to:
	case from == "":
		d.add(Safe, path, "%s has a description now.", what)
	case to == "":
		d.add(Safe, path, "%s has no description any more.", what)
	default:
		d.add(Safe, path, "%s is described in other words.", what)
	}
}

// roots compares the types that operations start from.
func (d *differ) roots() {
	for _, r := range []struct {
		what     string
		from, to *ast.Definition
	}{
		{"queries", d.from.Query, d.to.Query},
		{"mutations", d.from.Mutation, d.to.Mutation},
		{"subscriptions", d.from.Subscription, d.to.Subscription},
	} {
		switch {
		case r.from == nil && r.to == nil || r.from != nil && r.to != nil && r.from.Name == r.to.Name:
		case r.from == nil:
			d.add(Safe, "", "The schema takes %s now, which start from the type %s.", r.what, r.to.Name)
		case r.to == nil:
			d.add(Breaking, "", "The schema takes no %s any more; they started from the type %s.", r.what, r.from.Name)
		default:
			d.add(Breaking, "", "The %s start from the type %s instead of %s.", r.what, r.to.Name, r.from.Name)
		}
	}
}
