package codegen

import (
	"fmt"
	"regexp"
	"strings"

	"entgo.io/ent/entc/gen"

	"coppice/core/model"
)

// enumValues names the values of an enum: as they are where GraphQL allows
// that, else in upper case, after ent's name for the value.
func enumValues(e *entity, f *gen.Field) ([]model.EnumValue, error) {
	var list []model.EnumValue
	api, constant := map[string]string{}, map[string]string{}
	for _, v := range f.Enums {
		name := v.Value
		if !enumName(name) {
			name = legal(strings.TrimPrefix(v.Name, f.StructField()))
		}
		if strings.HasPrefix(name, "__") {
			return nil, fmt.Errorf("%s.%s: GraphQL keeps names that start with __ for itself, so that the value %q needs another: %s",
				e.Type.Name, f.Name, v.Value, nameValues(f))
		}
		if other, twice := api[name]; twice {
			return nil, fmt.Errorf("%s.%s: the values %q and %q would both be %s in the API: %s",
				e.Type.Name, f.Name, other, v.Value, name, nameValues(f))
		}
		// A Go type of the schema's own has constants of its own.
		if other, twice := constant[v.Name]; twice && !f.HasGoType() {
			return nil, fmt.Errorf("%s.%s: the values %q and %q would both be %s in Go: %s",
				e.Type.Name, f.Name, other, v.Value, v.Name, nameValues(f))
		}
		api[name], constant[v.Name] = v.Value, v.Value
		list = append(list, model.EnumValue{Name: name, Value: v.Value})
	}
	return list, nil
}

func nameValues(f *gen.Field) string {
	if f.HasGoType() {
		return "change one of them in its Go type"
	}
	return "give each a name of its own with NamedValues(name, value, …)"
}

// enumName reports whether a text can be an enum's value in GraphQL.
func enumName(s string) bool {
	return graphQLName.MatchString(s) && s != "true" && s != "false" && s != "null"
}

var notInNames = regexp.MustCompile(`[^_0-9A-Za-z]`)

// legal makes a name in upper case of whatever text.
func legal(s string) string {
	s = upper(notInNames.ReplaceAllString(s, "_"))
	if !graphQLName.MatchString(s) {
		s = "_" + s
	}
	return s
}
