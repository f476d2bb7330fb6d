package codegen

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"entgo.io/ent/entc/gen"
)

// declared collects the names of one scope of the generated Go, each with the
// field or edge that it comes from.
type declared struct {
	entity string
	of     map[string]string
	err    error
}

// add notes the names that a field or edge brings, as ent's templates derive
// them.
func (d *declared) add(name string, brings ...string) {
	for _, n := range brings {
		other, twice := d.of[n]
		switch {
		case !twice || d.err != nil:
		case other == name: // only an enum's value can be named as its field
			d.err = fmt.Errorf("%s.%s: the generated Go would hold %s twice, for it and for one of its values: "+
				"give that a name of its own with NamedValues(name, value, …)", d.entity, name, n)
		default:
			d.err = fmt.Errorf("%s.%s: the generated Go would hold %s twice, for it and for %s: rename one of them in ent/schema, "+
				"and keep its column with StorageKey", d.entity, name, n, other)
		}
		d.of[n] = name
	}
}

// declares finds two names of a schema that lead to one in the Go that is
// generated of it: a field default_name beside a name that has a default.
func declares(t *gen.Type) error {
	inPackage := &declared{entity: t.Name, of: map[string]string{}}
	inMutation := &declared{entity: t.Name, of: map[string]string{}}
	fields := t.Fields
	if t.ID != nil {
		fields = append([]*gen.Field{t.ID}, fields...)
	}
	for _, f := range fields {
		inPackage.add(f.Name, fieldNames(f)...)
		if !t.IsView() && f != t.ID {
			inMutation.add(f.Name, fieldMethods(f)...)
		}
	}
	for _, ed := range t.Edges {
		inPackage.add(ed.Name, edgeNames(t, ed)...)
		if !t.IsView() && !ed.Type.HasCompositeID() {
			inMutation.add(ed.Name, edgeMethods(ed)...)
		}
	}
	if inPackage.err != nil {
		return inPackage.err
	}
	return inMutation.err
}

// unequalled are the fields that ent makes no predicate of their own name for,
// only the one that ends in EQ: its packages have these names already.
var unequalled = strings.Fields("Label OrderOption Hooks Policy Table FieldID")

// fieldNames is what a field brings to its entity's package.
func fieldNames(f *gen.Field) []string {
	names := []string{f.Constant()}
	if f.Default {
		names = append(names, f.DefaultName())
	}
	if f.UpdateDefault {
		names = append(names, f.UpdateDefaultName())
	}
	if f.Validators > 0 || f.IsEnum() {
		names = append(names, f.Validator())
	}
	if f.Type.Comparable() {
		names = append(names, f.OrderName())
	}
	switch {
	case f.IsEnum() && !f.HasGoType():
		names = append(append(names, f.StructField()), f.EnumNames()...)
	case !f.IsEnum() && !f.IsJSON() && (f.ConvertedToBasic() || f.Type.Valuer()) && !slices.Contains(unequalled, f.StructField()):
		names = append(names, f.StructField())
	}
	for _, op := range f.Ops() {
		names = append(names, f.StructField()+op.Name())
	}
	return names
}

// edgeNames is what an edge brings to its entity's package.
func edgeNames(t *gen.Type, ed *gen.Edge) []string {
	has := "Has" + ed.StructField()
	names := []string{ed.Constant(), ed.TableConstant(), has, has + "With"}
	if ed.M2M() {
		names = append(names, ed.PKConstant())
	} else {
		names = append(names, ed.ColumnConstant())
	}
	if t.Table() != ed.Type.Table() {
		names = append(names, ed.InverseTableConstant())
	}
	if ed.Unique {
		return append(names, "By"+ed.StructField()+"Field")
	}
	return append(names, "By"+ed.StructField()+"Count", "By"+ed.StructField())
}

// fieldMethods is what a field brings to its entity's mutation.
func fieldMethods(f *gen.Field) []string {
	names := []string{f.MutationSet(), f.MutationGet(), f.MutationGetOld(), f.MutationReset()}
	if f.SupportsMutationAdd() {
		names = append(names, f.MutationAdd(), f.MutationAdded())
	}
	if f.SupportsMutationAppend() {
		names = append(names, f.MutationAppend(), f.MutationAppended())
	}
	if f.Optional {
		names = append(names, f.MutationClear(), f.MutationCleared())
	}
	return names
}

// edgeMethods is what an edge brings to its entity's mutation. A field that is
// its foreign key may have some of them already.
func edgeMethods(ed *gen.Edge) []string {
	names := []string{ed.MutationClear(), ed.MutationCleared(), ed.MutationReset(), ed.StructField() + "IDs"}
	switch {
	case ed.Unique && ed.HasFieldSetter():
		return names
	case ed.Unique:
		return append(names, ed.MutationSet(), ed.StructField()+"ID")
	}
	return append(names, ed.MutationAdd(), ed.MutationRemove(), "Removed"+ed.StructField()+"IDs")
}

// The naming functions of ent, so that the API's names and those of the typed
// client follow one set of rules, initialisms and irregular plurals included.
var (
	camelWords = gen.Funcs["camel"].(func(string) string)
	pascal     = gen.Funcs["pascal"].(func(string) string)
	snake      = gen.Funcs["snake"].(func(string) string)
	plural     = gen.Funcs["plural"].(func(string) string)
	// hasImport reports whether ent's own import template brings a package of
	// a name.
	hasImport = gen.Funcs["hasImport"].(func(string) bool)
)

var graphQLName = regexp.MustCompile(`^[_A-Za-z][_0-9A-Za-z]*$`)

// camel is a name of an ent schema in camel case. One that is in it already
// stays as its author wrote it.
func camel(s string) string {
	if strings.ContainsAny(s, "_- ") || s == "" || s[0] >= 'A' && s[0] <= 'Z' {
		return camelWords(s)
	}
	return s
}

func upper(s string) string { return strings.ToUpper(snake(s)) }

// typeCamel is the name of a GraphQL type in camel case: a capital that starts
// it is lowered, and of an initialism that does, all but the letter that starts
// the next word: httpRequest, oAuth2Client, url.
func typeCamel(name string) string {
	if strings.Contains(name, "_") {
		return camel(snake(name))
	}
	n := 0
	for n < len(name) && name[n] >= 'A' && name[n] <= 'Z' {
		n++
	}
	if n > 1 && n < len(name) && name[n] >= 'a' && name[n] <= 'z' {
		n--
	}
	return strings.ToLower(name[:n]) + name[n:]
}

// named sets what an entity's root fields are called: post and posts, and
// createPosts. A name that is its own plural has allSeries and createManySeries.
func (e *entity) named() {
	e.Single = typeCamel(e.Name)
	many := plural(e.Name)
	switch rest, ok := strings.CutPrefix(many, e.Name); {
	case many == e.Name+"Slice":
		e.Plural, e.Several = "all"+e.Name, "many"+e.Name
	case ok:
		e.Plural, e.Several = e.Single+rest, many
	default:
		e.Plural, e.Several = typeCamel(many), many
	}
	if pascalFirst(e.Plural) == e.Several {
		e.Several = ""
	}
}

func pascalFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
