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
