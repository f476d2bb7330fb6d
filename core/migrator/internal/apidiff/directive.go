package apidiff

import (
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// defaultReason is why something is deprecated where the schema does not say
// (specification, section 3.13.3).
const defaultReason = "No longer supported"

// state is whether, and why, something is deprecated.
type state struct {
	deprecated bool
	reason     string
}

func deprecation(list ast.DirectiveList) state {
	d := list.ForName("deprecated")
	if d == nil {
		return state{}
	}
	if reason := d.Arguments.ForName("reason"); reason != nil {
		return state{true, reason.Value.Raw}
	}
	return state{true, defaultReason}
}

// deprecated compares whether a field is.
func (d *differ) deprecated(path, what string, from, to ast.DirectiveList) {
	was, is := deprecation(from), deprecation(to)
	switch {
	case !was.deprecated && !is.deprecated:
	case !was.deprecated:
		d.add(Safe, path+".@deprecated", "%s is deprecated: %s", what, is.reason)
	case !is.deprecated:
		d.add(Safe, path+".@deprecated", "%s is no longer deprecated.", what)
	case was.reason == is.reason:
	case is.reason == defaultReason && was.reason != defaultReason:
		d.add(Safe, path, "%s is deprecated without a reason now.", what)
	default:
		d.add(Safe, path+".@deprecated", "%s is deprecated for another reason: %s", what, is.reason)
	}
}

// directives compares those that the schemas declare, but for GraphQL's own.
func (d *differ) directives() {
	pair(directivesOf(d.from), directivesOf(d.to), func(x *ast.DirectiveDefinition) string { return x.Name },
		func(x *ast.DirectiveDefinition) {
			d.add(Breaking, "@"+x.Name, "The directive @%s was removed.", x.Name)
		},
		func(x *ast.DirectiveDefinition) {
			d.add(Safe, "@"+x.Name, "The directive @%s is new.", x.Name)
			d.inside(func() { d.directive(&ast.DirectiveDefinition{}, x, true) })
		},
		func(from, to *ast.DirectiveDefinition) { d.directive(from, to, false) })
}

// directivesOf lists the directives in the order of their names.
func directivesOf(s *ast.Schema) (list []*ast.DirectiveDefinition) {
	for _, name := range slices.Sorted(maps.Keys(s.Directives)) {
		x := s.Directives[name]
		own := x.Position == nil || x.Position.Src == nil || !x.Position.Src.BuiltIn
		if own && !slices.Contains([]string{"skip", "include", "deprecated", "specifiedBy", "oneOf"}, name) {
			list = append(list, x)
		}
	}
	return list
}

func (d *differ) directive(from, to *ast.DirectiveDefinition, fresh bool) {
	path := "@" + to.Name
	what := "The directive " + path
	d.describe(path, what, from.Description, to.Description)
	switch {
	case from.IsRepeatable && !to.IsRepeatable:
		d.add(Dangerous, path, "%s may stand once in a place only.", what)
	case to.IsRepeatable && !from.IsRepeatable:
		d.add(Safe, path, "%s may be repeated in a place.", what)
	}
	pair(from.Locations, to.Locations, func(l ast.DirectiveLocation) string { return string(l) },
		func(l ast.DirectiveLocation) { d.add(Breaking, path, "%s may no longer stand at %s.", what, l) },
		func(l ast.DirectiveLocation) { d.add(Safe, path, "%s may stand at %s now.", what, l) },
		func(ast.DirectiveLocation, ast.DirectiveLocation) {})
	pair(from.Arguments, to.Arguments, func(a *ast.ArgumentDefinition) string { return a.Name },
		func(a *ast.ArgumentDefinition) {
			d.add(Breaking, path+"."+a.Name, "%s takes no argument %s any more.", what, a.Name)
		},
		func(a *ast.ArgumentDefinition) {
			if a.Type.NonNull {
				d.add(unless(fresh, Breaking), path, "%s takes a new argument that may not be null, %s.", what, a.Name)
			} else {
				d.add(Safe, path, "%s takes a new argument, %s.", what, a.Name)
			}
		},
		func(was, a *ast.ArgumentDefinition) {
			d.argument(path+"."+a.Name, "The argument "+a.Name+" of "+path, was, a)
		})
}

// usages compares the directives on something. Those of one name are told apart by
// their order.
func (d *differ) usages(path string, from, to ast.DirectiveList, fresh bool) {
	left := slices.Clone(from)
	for _, x := range to {
		at := path + ".@" + x.Name
		tell := d.add
		if x.Name == "deprecated" {
			tell = d.told
		}
		i := slices.IndexFunc(left, func(was *ast.Directive) bool { return was.Name == x.Name })
		if i >= 0 {
			d.usage(at, left[i].Arguments, x.Arguments, d.add)
			left = slices.Delete(left, i, i+1)
			continue
		}
		level := Dangerous
		switch {
		case fresh, x.Name == "deprecated":
			level = Safe
		case x.Name == "oneOf":
			level = Breaking
		}
		tell(level, at, "@%s stands on %s now.", x.Name, place(path))
		d.usage(at, nil, x.Arguments, d.told)
	}
	for _, x := range left {
		at := path + ".@" + x.Name
		switch x.Name {
		case "deprecated":
			d.told(Safe, at, "@%s no longer stands on %s.", x.Name, place(path))
		case "oneOf":
			d.add(Safe, at, "@%s no longer stands on %s.", x.Name, place(path))
		default:
			d.add(Dangerous, at, "@%s no longer stands on %s.", x.Name, place(path))
		}
	}
}

// place is what a directive stands on, for people.
func place(path string) string {
	if path == "" {
		return "the schema"
	}
	return path
}

// usage compares the arguments of a directive on something. One with another value is
// one that was removed, and one that is new.
func (d *differ) usage(at string, from, to ast.ArgumentList, tell func(Level, string, string, ...any)) {
	pair(from, to, func(a *ast.Argument) string { return a.Name },
		func(a *ast.Argument) {
			d.add(Dangerous, at+"."+a.Name, "%s is no longer given %s, which was %s.", at, a.Name, a.Value)
		},
		func(a *ast.Argument) { tell(Safe, at+"."+a.Name, "%s is given %s now: %s.", at, a.Name, a.Value) },
		func(was, a *ast.Argument) {
			if was.Value.String() != a.Value.String() {
				d.add(Dangerous, at+"."+a.Name, "%s is given %s instead of %s for %s.", at, a.Value, was.Value, a.Name)
				d.told(Safe, at+"."+a.Name, "%s is given %s now: %s.", at, a.Name, a.Value)
			}
		})
}
