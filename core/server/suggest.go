package server

import (
	"regexp"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/core"

	"coppice/core/model"
)

// suggester finds what a client may have meant by a name that is not there. It
// is nil where the schema is not to be told bit by bit.
type suggester struct{ model *model.Schema }

// What gqlparser says of names that are not there.
var (
	unknownInputField = regexp.MustCompile(`^Field "(\w+)" is not defined by type "(\w+)"\.`)
	unknownArgument   = regexp.MustCompile(`^Unknown argument "(\w+)" on field "Query\.(\w+)"\.`)
)

// suggesting is a validation rule that knows what names are made of, and not
// just which look alike.
func (s *suggester) suggesting(rule validator.Rule) validator.Rule {
	if s == nil {
		return rule
	}
	check := rule.RuleFunc
	rule.RuleFunc = func(observers *validator.Events, addError validator.AddErrFunc) {
		check(observers, func(options ...validator.ErrorOption) {
			addError(append(options, s.improve)...)
		})
	}
	return rule
}

// improve puts better names into a message.
func (s *suggester) improve(err *gqlerror.Error) {
	var names []string
	said := unknownInputField.FindStringSubmatch(err.Message)
	if said != nil {
		names = s.condition(said[2], said[1])
	} else if said = unknownArgument.FindStringSubmatch(err.Message); said != nil {
		names = s.byKey(said[2], said[1])
	}
	if len(names) > 0 {
		err.Message = said[0] + " Did you mean " + core.QuotedOrList(names...) + "?"
	}
}

// field lists the fields of an input type that a name may stand for.
func (s *suggester) field(def *ast.Definition, name string) []string {
	if s == nil || len(name) > maxQuote { // what is like it takes the longer to find, and is no help
		return nil
	}
	if names := s.condition(def.Name, name); len(names) > 0 {
		return names
	}
	all := make([]string, len(def.Fields))
	for i, f := range def.Fields {
		all[i] = f.Name
	}
	names := core.SuggestionList(name, all)
	return names[:min(len(names), 5)]
}

// elsewhere are suffixes of conditions as others name them, longer ones first.
var elsewhere = []struct {
	suffix string
	op     model.Op
}{
	{"notequals", model.NEQ}, {"startswith", model.HasPrefix}, {"endswith", model.HasSuffix}, {"beginswith", model.HasPrefix},
	{"isnotnull", model.NotNil}, {"isnull", model.IsNil}, {"equals", model.EQ}, {"ilike", model.ContainsFold},
	{"like", model.Contains}, {"after", model.GT}, {"before", model.LT}, {"not", model.NEQ}, {"ne", model.NEQ}, {"eq", model.EQ},
}

// condition lists the conditions of a filter that a name may stand for: those
// of an edge by the edge's name or that of its foreign key, those of a field
// however other APIs spell them.
func (s *suggester) condition(typeName, name string) []string {
	e := s.model.Entity(strings.TrimSuffix(typeName, "WhereInput"))
	if e == nil || !strings.HasSuffix(typeName, "WhereInput") {
		return nil
	}
	plain := strings.ToLower(strings.ReplaceAll(name, "_", ""))
	offered := func(names ...string) (list []string) {
		for _, n := range names {
			if _, ok := e.Condition(n); ok {
				list = append(list, n)
			}
		}
		return list
	}
	for _, ed := range e.Edges {
		edge := strings.ToLower(ed.GraphQL)
		if plain == edge || plain == edge+"id" || plain == edge+"ids" || plain == strings.TrimSuffix(edge, "s")+"ids" {
			return offered(ed.Has()+"With", ed.Has())
		}
	}
	for _, f := range e.Fields {
		rest, ok := strings.CutPrefix(plain, strings.ToLower(f.GraphQL))
		if !ok {
			continue
		}
		for _, op := range f.Ops() {
			if rest == strings.ToLower(op.Suffix()) {
				return offered(f.GraphQL + op.Suffix())
			}
		}
		for _, other := range elsewhere {
			if rest == other.suffix {
				return offered(f.GraphQL + other.op.Suffix())
			}
		}
	}
	return nil
}

// byKey is the query field that finds a record by a unique key, where a field
// that takes an id is given that key.
func (s *suggester) byKey(field, argument string) []string {
	for _, e := range s.model.Entities {
		if e.Single != field {
			continue
		}
		for _, k := range e.Keys {
			if len(k.Parts) == 1 && k.Parts[0].Name() == argument {
				return []string{k.Query}
			}
		}
	}
	return nil
}
