package server

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"coppice/core/fault"
	"coppice/core/internal/query"
	"coppice/core/model"
)

// docSurvey is what the guards need to know of an operation's document.
type docSurvey struct {
	depth      int // levels of fields
	metaDepth  int // levels of lists of the schema's parts
	aliases    int // renamed fields, counted as often as their fragment is spread
	inputs     int // input objects in literals
	inputDepth int
	uses       []variableUse // of variables, in the order of the document
	pages      []pageArgument
	varying    bool           // pages and complexity are judged with the variables
	complexity int            // unless varying
	asked      conditionCount // in literals

	model     *model.Schema
	fragments map[string]docExtent
	path      []string // where in an argument the survey is
	fields    ast.Path // and where in the response
}

// pageArgument says how long a page is.
type pageArgument struct {
	*ast.Argument
	field ast.Path // whose it is; of a fragment's field, where that is spread first
}

// variableUse is one place where a variable stands.
type variableUse struct {
	variable string
	path     string // of the argument, and on to the place: where.and.0.title
	depth    int    // input objects around it
	required bool   // the place takes no null
	weight   int    // how many values of a condition each value of it is; 0 for none
}

// docExtent is the part of a survey that counts a fragment at each spread.
type docExtent struct{ depth, aliases, metaDepth int }

// maxMetaDepth is how many lists of the schema's parts may stand within each
// other: each multiplies what the others hold.
const maxMetaDepth = 3

// isMetaList reports whether a field of the schema's types leads to others.
func isMetaList(f *ast.Field) bool {
	if f.ObjectDefinition == nil || f.ObjectDefinition.Name != "__Type" {
		return false
	}
	switch f.Name {
	case "fields", "inputFields", "interfaces", "possibleTypes":
		return true
	}
	return false
}

// hugeCount is where counts stop growing.
const hugeCount = 1 << 30

// surveyOf surveys a valid operation. Each fragment is looked at once,
// however often it is spread.
func surveyOf(op *ast.OperationDefinition, schema *model.Schema) *docSurvey {
	// All that is wrong with a mutation is told at once, its pages with its inputs.
	s := &docSurvey{model: schema, fragments: map[string]docExtent{}, varying: op.Operation == ast.Mutation}
	s.directives(op.Directives)
	e := s.selection(op.SelectionSet)
	s.depth, s.aliases, s.metaDepth = e.depth, e.aliases, e.metaDepth
	return s
}

// selection surveys a selection and what it spreads. Validation has seen to it
// that fragments do not lead back to themselves.
func (s *docSurvey) selection(set ast.SelectionSet) (e docExtent) {
	for _, sel := range set {
		var part docExtent
		switch sel := sel.(type) {
		case *ast.Field:
			part = s.field(sel)
		case *ast.InlineFragment:
			s.directives(sel.Directives)
			part = s.selection(sel.SelectionSet)
		case *ast.FragmentSpread:
			s.directives(sel.Directives)
			known := false
			if part, known = s.fragments[sel.Name]; !known {
				s.directives(sel.Definition.Directives)
				part = s.selection(sel.Definition.SelectionSet)
				s.fragments[sel.Name] = part
			}
		}
		e.depth = max(e.depth, part.depth)
		e.metaDepth = max(e.metaDepth, part.metaDepth)
		e.aliases = min(e.aliases+part.aliases, hugeCount)
	}
	return e
}

func (s *docSurvey) field(f *ast.Field) docExtent {
	s.directives(f.Directives)
	for _, arg := range f.Arguments {
		s.argument(arg)
		if (arg.Name == "first" || arg.Name == "last") && arg.Value.ExpectedType.NamedType == "Int" && len(f.SelectionSet) > 0 {
			s.pages = append(s.pages, pageArgument{arg, append(slices.Clone(s.fields), ast.PathName(f.Alias))})
		}
		// Other types say what a list holds, but not how long it is.
		if v := arg.Value; v.Kind == ast.Variable && (v.ExpectedType.Elem != nil || v.ExpectedType.NamedType == "Int") {
			s.varying = true
		}
	}
	s.fields = append(s.fields, ast.PathName(f.Alias))
	e := s.selection(f.SelectionSet)
	s.fields = s.fields[:len(s.fields)-1]
	// Tools ask the schema in depths that no data has.
	if strings.HasPrefix(f.Name, "__") {
		e.depth = 0
	} else {
		e.depth++
	}
	if isMetaList(f) {
		e.metaDepth++
	}
	if f.Alias != f.Name {
		e.aliases++
	}
	return e
}

func (s *docSurvey) directives(list ast.DirectiveList) {
	for _, d := range list {
		for _, arg := range d.Arguments {
			s.argument(arg)
			s.varying = s.varying || arg.Value.Kind == ast.Variable
		}
	}
}

func (s *docSurvey) argument(arg *ast.Argument) {
	// One slice serves all arguments: most hold no variable whose path is kept.
	s.path = append(s.path[:0], arg.Name)
	s.value(arg.Value, 0, 0)
}

// value looks at a value that stands within depth input objects, and is so many
// values of a condition.
func (s *docSurvey) value(v *ast.Value, depth, weight int) {
	switch v.Kind {
	case ast.Variable:
		s.uses = append(s.uses, variableUse{
			variable: v.Raw, path: strings.Join(s.path, "."), depth: depth,
			required: v.ExpectedType != nil && v.ExpectedType.NonNull, weight: weight,
		})
	case ast.ObjectValue:
		// What a scalar of the schema takes as an object is one value.
		if v.Definition != nil && v.Definition.Kind == ast.InputObject {
			depth++
			s.inputs++
			s.inputDepth = max(s.inputDepth, depth)
		}
		for _, child := range v.Children {
			s.path = append(s.path, child.Name)
			weight := 0
			if v.Definition != nil {
				weight = s.literal(v.Definition, child)
			}
			s.value(child.Value, depth, weight)
			s.path = s.path[:len(s.path)-1]
		}
	case ast.ListValue:
		for i, child := range v.Children {
			s.path = append(s.path, strconv.Itoa(i))
			s.value(child.Value, depth, 0) // it is counted with its list
			s.path = s.path[:len(s.path)-1]
		}
	}
}

// pathOf is the path of the first argument that a variable stands in, or of
// the first that takes no null there; "" when there is none.
func (s *docSurvey) pathOf(variable string, required bool) string {
	for _, u := range s.uses {
		if u.variable == variable && (u.required || !required) {
			return u.path
		}
	}
	return ""
}

// guardDocument checks what does not depend on variables. It runs once for a
// document that is kept.
func (h *httpHandler) guardDocument(op *validOperation) error {
	s := op.survey
	switch {
	case s.aliases > h.opts.MaxAliases:
		return fault.Limit("number of aliases", h.opts.MaxAliases, s.aliases)
	case s.depth > h.opts.MaxDepth:
		return fault.Limit("depth", h.opts.MaxDepth, s.depth)
	case s.metaDepth > maxMetaDepth:
		return fault.Limit("depth of introspection", maxMetaDepth, s.metaDepth)
	case s.inputDepth > h.opts.MaxInputDepth:
		return fault.Limit("depth of input objects", h.opts.MaxInputDepth, s.inputDepth)
	case s.inputs > h.opts.MaxInputs:
		return fault.Limit("number of input objects", h.opts.MaxInputs, s.inputs)
	}
	if err := h.guardConditions(s.asked); err != nil {
		return err
	}
	// Only now: what follows takes the longer the more a document holds.
	if n := countTangle(op.document); n > maxTangle {
		e := fault.New(fault.LimitExceeded, "This document asks for the same fields so often that it would take too long to check.")
		e.Extra = map[string]any{"limit": maxTangle, "actual": n}
		return e
	}
	if s.varying {
		return nil
	}
	if err := h.guardPages(s, nil); err != nil {
		return err
	}
	s.complexity = h.complexity(op, nil)
	return h.guardComplexity(op, nil, s.complexity)
}

// guardVariables checks what depends on variables, given what input objects
// they hold.
func (h *httpHandler) guardVariables(op *validOperation, vars map[string]any, held map[string]inputCount) error {
	s := op.survey
	count, depth, asked := s.inputs, s.inputDepth, s.asked
	for _, u := range s.uses {
		// Each use counts, since each becomes a condition or a record.
		in := held[u.variable]
		count = min(count+in.count, hugeCount)
		asked.add(in.asked)
		if v, given := vars[u.variable]; given && u.weight > 0 {
			asked.add(conditionCount{values: u.weight * lengthOf(v)})
		}
		if in.depth > 0 {
			depth = max(depth, u.depth+in.depth)
		}
	}
	switch {
	case depth > h.opts.MaxInputDepth:
		return fault.Limit("depth of input objects", h.opts.MaxInputDepth, depth)
	case count > h.opts.MaxInputs:
		return fault.Limit("number of input objects", h.opts.MaxInputs, count)
	}
	if err := h.guardConditions(asked); err != nil || !s.varying {
		return err
	}
	if err := h.guardPages(s, vars); err != nil {
		return err
	}
	return h.guardComplexity(op, vars, h.complexity(op, vars))
}

// guardPages checks the length of every page. It comes before the complexity,
// which a page that is too long would exceed as well, for a reason that helps
// less. The error may be several, joined.
func (h *httpHandler) guardPages(s *docSurvey, vars map[string]any) error {
	var wrong []error
	for _, arg := range s.pages {
		n, err := arg.Value.Value(vars)
		if err != nil || n == nil {
			continue
		}
		_, err = query.PageRows(arg.Name, n, h.opts.PageMax)
		var f *fault.Error
		said := func(other error) bool { return other.Error() == fieldError{f, arg.field}.Error() } // fields that are merged say it twice
		if errors.As(err, &f) && len(wrong) < maxErrors && !slices.ContainsFunc(wrong, said) {
			wrong = append(wrong, fieldError{f, arg.field})
		}
	}
	return errors.Join(wrong...)
}

// fieldError is an error of one field of a request that is not run.
type fieldError struct {
	fault *fault.Error
	path  ast.Path
}

// Error tells it with its path.
func (e fieldError) Error() string { return e.path.String() + ": " + e.fault.Error() }

// Unwrap returns the error.
func (e fieldError) Unwrap() error { return e.fault }
