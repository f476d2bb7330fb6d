package apidiff

import (
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// types compares the types of the schemas, but for those of GraphQL itself.
func (d *differ) types() {
	pair(typesOf(d.from), typesOf(d.to), func(t *ast.Definition) string { return t.Name },
		func(t *ast.Definition) { d.add(Breaking, t.Name, "The %s %s was removed.", kind(t), t.Name) },
		func(t *ast.Definition) {
			d.add(Safe, t.Name, "The %s %s is new.", kind(t), t.Name)
			d.inside(func() { d.definition(&ast.Definition{Kind: t.Kind}, t, true) })
		},
		func(from, to *ast.Definition) { d.definition(from, to, false) })
}

// typesOf lists the types in the order of their names.
func typesOf(s *ast.Schema) (list []*ast.Definition) {
	for _, name := range slices.Sorted(maps.Keys(s.Types)) {
		if t := s.Types[name]; !t.BuiltIn {
			list = append(list, t)
		}
	}
	return list
}

// kind is what a type is called by people.
func kind(t *ast.Definition) string {
	switch t.Kind {
	case ast.Object:
		return "type"
	case ast.Interface:
		return "interface"
	case ast.Union:
		return "union"
	case ast.Enum:
		return "enum"
	case ast.InputObject:
		return "input type"
	default:
		return "scalar"
	}
}

// definition compares two versions of a type. A fresh one has no old version but an
// empty one.
func (d *differ) definition(from, to *ast.Definition, fresh bool) {
	if from.Kind != to.Kind {
		d.add(Breaking, to.Name, "The kind of %s changed from %s to %s.", to.Name, kind(from), kind(to))
		d.describe(to.Name, "The "+kind(to)+" "+to.Name, from.Description, to.Description)
		return
	}
	switch to.Kind {
	case ast.Enum:
		d.enum(from, to, fresh)
	case ast.Union:
		d.union(from, to, fresh)
	case ast.InputObject:
		d.input(from, to, fresh)
	case ast.Object, ast.Interface:
		d.object(from, to, fresh)
	}
	d.usages(to.Name, from.Directives, to.Directives, fresh)
	d.describe(to.Name, "The "+kind(to)+" "+to.Name, from.Description, to.Description)
}

// unless is one level where something is fresh, which nobody relies on, else another.
func unless(fresh bool, level Level) Level {
	if fresh {
		return Safe
	}
	return level
}

func same(name string) string { return name }

func (d *differ) enum(from, to *ast.Definition, fresh bool) {
	pair(from.EnumValues, to.EnumValues, func(v *ast.EnumValueDefinition) string { return v.Name },
		func(v *ast.EnumValueDefinition) {
			d.add(Breaking, to.Name+"."+v.Name, "The value %s of the enum %s was removed.", v.Name, to.Name)
		},
		func(v *ast.EnumValueDefinition) {
			d.add(unless(fresh, Dangerous), to.Name+"."+v.Name, "The enum %s has a new value, %s: clients that know all its values meet one that they do not know.", to.Name, v.Name)
			d.inside(func() { d.enumValue(to, &ast.EnumValueDefinition{}, v, true) })
		},
		func(was, v *ast.EnumValueDefinition) { d.enumValue(to, was, v, false) })
}

func (d *differ) enumValue(of *ast.Definition, from, to *ast.EnumValueDefinition, fresh bool) {
	path, what := of.Name+"."+to.Name, "The value "+to.Name+" of the enum "+of.Name
	d.describe(path, what, from.Description, to.Description)
	was, is := deprecation(from.Directives), deprecation(to.Directives)
	switch {
	case was.reason == is.reason:
	case was.reason == "" || was.reason == defaultReason:
		d.add(Safe, path+".@deprecated", "%s is deprecated: %s", what, is.reason)
	case !is.deprecated:
		d.add(Safe, path, "%s is no longer deprecated.", what)
	case is.reason == defaultReason:
		d.add(Safe, path, "%s is deprecated without a reason now.", what)
	default:
		d.add(Safe, path+".@deprecated", "%s is deprecated for another reason: %s", what, is.reason)
	}
	d.usages(path, from.Directives, to.Directives, fresh)
}

func (d *differ) union(from, to *ast.Definition, fresh bool) {
	pair(from.Types, to.Types, same,
		func(name string) {
			d.add(Breaking, to.Name, "The union %s has no %s any more: fragments on it fail.", to.Name, name)
		},
		func(name string) {
			d.add(unless(fresh, Dangerous), to.Name, "The union %s may be a %s now: clients meet a type that they do not know.", to.Name, name)
		},
		func(string, string) {})
}

func (d *differ) object(from, to *ast.Definition, fresh bool) {
	pair(from.Interfaces, to.Interfaces, same,
		func(name string) {
			d.add(Breaking, to.Name, "The %s %s no longer implements %s: fragments on that fail.", kind(to), to.Name, name)
		},
		func(name string) {
			d.add(unless(fresh, Dangerous), to.Name, "The %s %s implements %s now: clients meet a type there that they do not know.", kind(to), to.Name, name)
		},
		func(string, string) {})
	pair(fieldsOf(from), fieldsOf(to), func(f *ast.FieldDefinition) string { return f.Name },
		func(f *ast.FieldDefinition) {
			d.add(Breaking, to.Name+"."+f.Name, "The field %s.%s was removed.", to.Name, f.Name)
		},
		func(f *ast.FieldDefinition) {
			d.add(Safe, to.Name+"."+f.Name, "The field %s.%s is new.", to.Name, f.Name)
			d.inside(func() { d.field(to, &ast.FieldDefinition{Type: f.Type}, f, true) })
		},
		func(was, f *ast.FieldDefinition) { d.field(to, was, f, false) })
}

// fieldsOf are the fields of a type, but for those that GraphQL itself gives it.
func fieldsOf(t *ast.Definition) ast.FieldList {
	return slices.DeleteFunc(slices.Clone(t.Fields), func(f *ast.FieldDefinition) bool { return len(f.Name) > 1 && f.Name[:2] == "__" })
}

func (d *differ) field(of *ast.Definition, from, to *ast.FieldDefinition, fresh bool) {
	path := of.Name + "." + to.Name
	what := "The field " + path
	d.describe(path, what, from.Description, to.Description)
	d.deprecated(path, what, from.Directives, to.Directives)
	if was, is := from.Type.String(), to.Type.String(); was != is {
		level := Breaking
		if narrows(from.Type, to.Type) {
			level = Safe
		}
		d.add(level, path, "%s is of type %s instead of %s.", what, is, was)
	}
	pair(from.Arguments, to.Arguments, func(a *ast.ArgumentDefinition) string { return a.Name },
		func(a *ast.ArgumentDefinition) {
			d.add(Breaking, path+"."+a.Name, "%s takes no argument %s any more.", what, a.Name)
		},
		func(a *ast.ArgumentDefinition) { d.newArgument(path, what, a, fresh) },
		func(was, a *ast.ArgumentDefinition) {
			d.argument(path+"."+a.Name, "The argument "+a.Name+" of "+path, was, a)
			d.usages(path+"."+a.Name, was.Directives, a.Directives, false)
		})
	d.usages(path, from.Directives, to.Directives, fresh)
}

func (d *differ) newArgument(path, what string, a *ast.ArgumentDefinition, fresh bool) {
	switch {
	case a.Type.NonNull && !given(d.to, a.Type, a.DefaultValue):
		d.add(unless(fresh, Breaking), path+"."+a.Name, "%s needs a new argument, %s.", what, a.Name)
	default:
		d.add(unless(fresh, Dangerous), path+"."+a.Name, "%s takes a new argument, %s: what it does where that is not given may be something else than before.", what, a.Name)
	}
}

// argument compares two versions of an argument, of a field or a directive.
func (d *differ) argument(path, what string, from, to *ast.ArgumentDefinition) {
	d.describe(path, what, from.Description, to.Description)
	d.defaults(path, what, from.Type, to.Type, from.DefaultValue, to.DefaultValue)
	d.takes(path, what, from.Type, to.Type)
}

// takes compares the types of what goes in.
func (d *differ) takes(path, what string, from, to *ast.Type) {
	if was, is := from.String(), to.String(); was != is {
		level := Breaking
		if widens(from, to) {
			level = Safe
		}
		d.add(level, path, "%s takes %s instead of %s.", what, is, was)
	}
}

func (d *differ) input(from, to *ast.Definition, fresh bool) {
	pair(from.Fields, to.Fields, func(f *ast.FieldDefinition) string { return f.Name },
		func(f *ast.FieldDefinition) {
			d.add(Breaking, to.Name+"."+f.Name, "The input field %s.%s was removed.", to.Name, f.Name)
		},
		func(f *ast.FieldDefinition) {
			d.newInputField(to, f, fresh)
			d.inside(func() { d.inputField(to, &ast.FieldDefinition{}, f, true) })
		},
		func(was, f *ast.FieldDefinition) { d.inputField(to, was, f, false) })
}

func (d *differ) newInputField(of *ast.Definition, f *ast.FieldDefinition, fresh bool) {
	path := of.Name + "." + f.Name
	switch filled := given(d.to, f.Type, f.DefaultValue); {
	case filled:
		d.add(unless(fresh, Dangerous), path, "The input field %s is new, and has a default: what leaves it out may do something else than before.", path)
	case f.Type.NonNull:
		d.add(unless(fresh, Breaking), path, "The input field %s is new, and required.", path)
	default:
		d.add(Safe, path, "The input field %s is new.", path)
	}
}

func (d *differ) inputField(of *ast.Definition, from, to *ast.FieldDefinition, fresh bool) {
	path := of.Name + "." + to.Name
	what := "The input field " + path
	d.describe(path, what, from.Description, to.Description)
	if !fresh {
		d.defaults(path, what, from.Type, to.Type, from.DefaultValue, to.DefaultValue)
		d.takes(path, what, from.Type, to.Type)
	}
	d.usages(path, from.Directives, to.Directives, fresh)
}

// narrows reports that every value of the second type is one of the first, so that
// who reads it notices nothing.
func narrows(from, to *ast.Type) bool {
	if to.NonNull {
		return narrows(nullable(from), nullable(to))
	}
	switch {
	case from.NonNull:
		return false
	case from.Elem == nil || to.Elem == nil:
		return from.Elem == nil && to.Elem == nil && from.NamedType == to.NamedType
	}
	return narrows(from.Elem, to.Elem)
}

// widens reports that every value of the first type is one of the second, so that
// what is sent is still taken.
func widens(from, to *ast.Type) bool {
	switch {
	case from.NonNull:
		return widens(nullable(from), nullable(to))
	case to.NonNull:
		return false
	case from.Elem == nil || to.Elem == nil:
		return from.Elem == nil && to.Elem == nil && from.NamedType == to.NamedType
	}
	return widens(from.Elem, to.Elem)
}

// nullable is a type with null among its values.
func nullable(t *ast.Type) *ast.Type { return &ast.Type{NamedType: t.NamedType, Elem: t.Elem} }
