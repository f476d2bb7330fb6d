package codegen

import (
	"regexp"
	"strings"

	"entgo.io/ent/entc/gen"
)

// The naming functions of ent, so that the API's names and those of the typed
// client follow one set of rules, initialisms and irregular plurals included.
var (
	camel  = gen.Funcs["camel"].(func(string) string)
	pascal = gen.Funcs["pascal"].(func(string) string)
	snake  = gen.Funcs["snake"].(func(string) string)
	plural = gen.Funcs["plural"].(func(string) string)
)

var graphQLName = regexp.MustCompile(`^[_A-Za-z][_0-9A-Za-z]*$`)

func upper(s string) string { return strings.ToUpper(snake(s)) }
