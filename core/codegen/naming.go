package codegen

import (
	"regexp"
	"strings"

	"entgo.io/ent/entc/gen"
)

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
