package server

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"

	"coppice/core/model"
)

// secretNames are the names under which inputs and arguments take values of
// sensitive fields. A value under one of them is held for secret whatever its
// type: where a literal is of the wrong type, so may be all that is around it.
type secretNames map[string]bool

func secretNamesOf(m *model.Schema) secretNames {
	names := secretNames{}
	for _, e := range m.Entities {
		for _, f := range e.Fields {
			if f.Sensitive {
				names[f.GraphQL], names[f.Prefixed("append")] = true, true
			}
		}
	}
	return names
}

// namesOnly is what gqlparser's messages begin with that quote no value.
var namesOnly = regexp.MustCompile(`^(Field|OneOf Input Object) "`)

// hiding is a validation rule whose messages quote no value that is, holds or
// stands in one that is secret.
func (names secretNames) hiding(rule validator.Rule) validator.Rule {
	check := rule.RuleFunc
	rule.RuleFunc = func(observers *validator.Events, addError validator.AddErrFunc) {
		var current *ast.Value
		var secrets map[*ast.Value]bool
		var doc *ast.QueryDocument
		observers.OnValue(func(w *validator.Walker, v *ast.Value) { current, doc = v, w.Document })
		check(observers, func(options ...validator.ErrorOption) {
			if secrets == nil { // errors are rare
				secrets = names.in(doc)
			}
			if v := current; secrets[v] {
				options = append(options, func(err *gqlerror.Error) {
					if !namesOnly.MatchString(err.Message) {
						err.Message = fmt.Sprintf("A value of type %s is wanted here.", v.ExpectedType)
					}
				})
			}
			addError(options...)
		})
	}
	return rule
}

// in finds the values of a document that must not be quoted.
func (names secretNames) in(doc *ast.QueryDocument) map[*ast.Value]bool {
	s := &secretSearch{names: names, found: map[*ast.Value]bool{}, variables: map[string]bool{}}
	for _, op := range doc.Operations {
		s.directives(op.Directives)
		s.selection(op.SelectionSet)
	}
	for _, f := range doc.Fragments {
		s.directives(f.Directives)
		s.selection(f.SelectionSet)
	}
	for _, op := range doc.Operations {
		for _, def := range op.VariableDefinitions {
			if def.DefaultValue != nil {
				s.value(def.DefaultValue, s.variables[def.Variable])
			}
		}
	}
	return s.found
}

type secretSearch struct {
	names     secretNames
	found     map[*ast.Value]bool
	variables map[string]bool // that stand where a value is secret
}

func (s *secretSearch) selection(set ast.SelectionSet) {
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			s.arguments(sel.Arguments)
			s.directives(sel.Directives)
			s.selection(sel.SelectionSet)
		case *ast.InlineFragment:
			s.directives(sel.Directives)
			s.selection(sel.SelectionSet)
		case *ast.FragmentSpread:
			s.directives(sel.Directives)
		}
	}
}

func (s *secretSearch) directives(list ast.DirectiveList) {
	for _, d := range list {
		s.arguments(d.Arguments)
	}
}

func (s *secretSearch) arguments(list ast.ArgumentList) {
	for _, arg := range list {
		s.value(arg.Value, s.names[arg.Name])
	}
}

// value reports whether a value is secret, or holds one that is.
func (s *secretSearch) value(v *ast.Value, secret bool) bool {
	if v.Kind == ast.Variable {
		s.variables[v.Raw] = s.variables[v.Raw] || secret
		return secret
	}
	holds := secret
	for _, child := range v.Children {
		if s.value(child.Value, secret || s.names[child.Name]) {
			holds = true
		}
	}
	if holds {
		s.found[v] = true
	}
	return holds
}

// What the parser quotes of values: a token, or all that follows in the
// document.
var (
	quotedToken  = regexp.MustCompile(`(?s)(Unexpected|found) (String|BlockString|Int|Float) ".*"$`)
	quotedEscape = regexp.MustCompile(`(?s)(Invalid character escape sequence).*$`)
)

// withoutValues is a message of the parser without the values in it: it does not
// know which of them are secret.
func withoutValues(message string) string {
	message = quotedToken.ReplaceAllString(message, "$1 $2")
	if strings.Contains(message, `\`) {
		message = quotedEscape.ReplaceAllString(message, "$1.")
	}
	return message
}
