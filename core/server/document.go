package server

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"coppice/core/fault"
	"coppice/core/internal/query"
	"coppice/core/model"
)

// documentKey is what a parsed document is kept under. It has the operation's
// name, since a fragment's variables are bound to one operation's definitions.
type documentKey struct{ query, operation string }

// validOperation is one of a valid document, with what the guards know of it.
type validOperation struct {
	document   *ast.QueryDocument
	definition *ast.OperationDefinition
	survey     *docSurvey
	plans      *query.Plans // of an operation that is kept, else nil
}

// maxErrors is how many validation errors are told.
const maxErrors = 20

// prepare parses and validates a document, chooses one of its operations, and
// checks whatever does not depend on variables.
func (h *httpHandler) prepare(text, name string) (*validOperation, gqlerror.List) {
	key := documentKey{text, name}
	if op, ok := h.documents.Get(key); ok {
		return op, nil
	}
	tokens, longest := countTokens(text)
	if tokens > h.opts.MaxTokens {
		return nil, rejectionOf(fault.Limit("number of tokens", h.opts.MaxTokens, tokens))
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		wrong := withCode(gqlerror.WrapIfUnwrapped(err), fault.ParseFailed)
		wrong.Message = withoutValues(wrong.Message)
		return nil, gqlerror.List{wrong}
	}
	if errs := h.unservedOperation(doc); errs != nil {
		return nil, errs
	}
	linear := h.rules
	if longest > maxQuote { // what is like it takes the longer to find, and is no help
		linear = h.plainRules
	}
	if errs := h.validate(doc, linear...); len(errs) > 0 {
		return nil, errs
	}
	op, errs := chooseOperation(doc, name)
	if len(errs) > 0 {
		return nil, errs
	}
	op.survey = surveyOf(op.definition, h.model)
	if err := h.guardDocument(op); err != nil {
		return nil, rejectionOf(err)
	}
	if errs := h.validate(doc, h.overlap); len(errs) > 0 {
		return nil, errs
	}
	if len(doc.Operations) > 1 {
		// Validation left the variables in fragments bound to the last
		// operation that spreads them.
		op.document = &ast.QueryDocument{Operations: ast.OperationList{op.definition}, Fragments: doc.Fragments, Position: doc.Position}
		validator.Walk(h.schema, op.document, &core.Events{})
	}
	// Errors are not kept: they are cheap, and anybody can make new ones.
	if tokens <= keptTokens && len(text) <= keptLength {
		op.plans = &query.Plans{}
		h.documents.Add(key, op)
	}
	return op, nil
}

// countTokens counts a document's tokens without its comments, up to the
// first that is none, and the bytes of the longest.
func countTokens(query string) (n, longest int) {
	lex := lexer.New(&ast.Source{Input: query})
	for {
		token, err := lex.ReadToken()
		if err != nil || token.Kind == lexer.EOF {
			return n, longest
		}
		if token.Kind != lexer.Comment {
			n++
			longest = max(longest, len(token.Value))
		}
	}
}

// chooseOperation picks the operation that a request names; it may leave the
// name out when there is just one.
func chooseOperation(doc *ast.QueryDocument, name string) (*validOperation, gqlerror.List) {
	def := doc.Operations.ForName(name)
	if def != nil {
		return &validOperation{document: doc, definition: def}, nil
	}
	var message string
	var at []gqlerror.Location
	switch {
	case len(doc.Operations) == 0:
		message, at = "The document holds no operation.", []gqlerror.Location{{Line: 1, Column: 1}}
	case name == "":
		message = "The document holds several operations: name one of them in operationName."
	default:
		message = "The document holds no operation named " + strconv.Quote(quoteShort(name)) + "."
	}
	if len(doc.Operations) > 0 {
		first := doc.Operations[0].Position
		at = []gqlerror.Location{{Line: first.Line, Column: first.Column}}
	}
	return nil, gqlerror.List{withCode(&gqlerror.Error{Message: message, Locations: at}, fault.ValidationFailed)}
}

// validationRules are gqlparser's, and what they leave out. Overlap stands
// alone: it takes a time that is quadratic in how often a field is repeated,
// and may run only after the guards. How deep introspection goes is for the
// guards to say. Suggestions are left out where introspection is off, since they
// would tell the schema bit by bit.
func validationRules(introspection, suggestions bool, secrets secretNames, names *suggester) (linear []validator.Rule, overlap validator.Rule) {
	set := rules.NewDefaultRules()
	set.RemoveRule(rules.MaxIntrospectionDepth.Name)
	if !introspection {
		set.AddRule("NoIntrospection", noIntrospection)
	}
	if !introspection || !suggestions {
		for _, r := range []validator.Rule{
			rules.FieldsOnCorrectTypeRuleWithoutSuggestions, rules.KnownArgumentNamesRuleWithoutSuggestions,
			rules.KnownTypeNamesRuleWithoutSuggestions, rules.ScalarLeafsRuleWithoutSuggestions,
			rules.ValuesOfCorrectTypeRuleWithoutSuggestions,
		} {
			set.RemoveRule(strings.TrimSuffix(r.Name, "WithoutSuggestions"))
			set.AddRule(r.Name, r.RuleFunc)
		}
	}
	set.AddRule("LiteralsFit", literalsFit)
	for name, f := range set.GetInner() {
		r := validator.Rule{Name: name, RuleFunc: f}
		switch name {
		case rules.OverlappingFieldsCanBeMergedRule.Name:
			overlap = r
			continue
		case rules.ValuesOfCorrectTypeRule.Name, rules.ValuesOfCorrectTypeRuleWithoutSuggestions.Name, "LiteralsFit":
			r = secrets.hiding(names.suggesting(r))
		case rules.KnownArgumentNamesRule.Name:
			r = names.suggesting(r)
		}
		linear = append(linear, r)
	}
	// The set is a map; errors are told in one order.
	slices.SortFunc(linear, func(a, b validator.Rule) int { return strings.Compare(a.Name, b.Name) })
	return linear, overlap
}

// enough ends a walk that has found as many errors as are told.
type enough struct{}

// validate is validator.ValidateWithRules, but it ends with the errors that are
// told: a document can cause more of them than memory holds, and finding what
// each might have meant takes time.
func (h *httpHandler) validate(doc *ast.QueryDocument, rules ...validator.Rule) (errs gqlerror.List) {
	observers := &core.Events{}
	for _, r := range rules {
		r.RuleFunc(observers, func(options ...validator.ErrorOption) {
			err := &gqlerror.Error{Rule: r.Name}
			for _, option := range options {
				option(err)
			}
			if errs = append(errs, withCode(err, fault.ValidationFailed)); len(errs) == maxErrors {
				panic(enough{})
			}
		})
	}
	defer func() {
		if v := recover(); v != nil && v != (enough{}) {
			panic(v)
		}
	}()
	validator.Walk(h.schema, doc, observers)
	return errs
}

// noIntrospection refuses __schema and __type.
func noIntrospection(observers *validator.Events, addError validator.AddErrFunc) {
	observers.OnField(func(_ *validator.Walker, field *ast.Field) {
		if field.Name == "__schema" || field.Name == "__type" {
			addError(core.Message("Introspection is switched off: %s cannot be asked.", field.Name), core.At(field.Position))
		}
	})
}

// literalsFit refuses what gqlparser lets through: integers of more than 32
// bits as Int, and empty objects as scalars or enums. It also lets through
// what gqlparser would refuse: integers of more than 64 bits, and fractions that
// no float64 holds, where a scalar of the schema's own is to judge them.
func literalsFit(observers *validator.Events, addError validator.AddErrFunc) {
	observers.OnValue(func(_ *validator.Walker, value *ast.Value) {
		def := value.Definition
		builtIn := def != nil && def.OneOf("Int", "Float", "String", "Boolean", "ID")
		switch {
		case value.Kind == ast.ObjectValue && len(value.Children) == 0 && def != nil && (builtIn || def.Kind == ast.Enum):
			addError(core.Message("%s cannot represent an object.", def.Name), core.At(value.Position))
		case value.Kind == ast.FloatValue && (def == nil || def.Kind == ast.Scalar && !builtIn):
			if _, err := strconv.ParseFloat(value.Raw, 64); err != nil {
				value.Kind = ast.EnumValue // whose text is its value, and no name begins like a number
			}
		case value.Kind != ast.IntValue:
		case def != nil && def.Name == "Int":
			_, wide := strconv.ParseInt(value.Raw, 10, 64)
			if _, err := strconv.ParseInt(value.Raw, 10, 32); err != nil && wide == nil {
				addError(core.Message("Int cannot represent non 32-bit signed integer value: %s", value.Raw), core.At(value.Position))
			}
		case def == nil || def.Kind == ast.Scalar && !builtIn:
			if _, err := strconv.ParseInt(value.Raw, 10, 64); err != nil {
				value.Kind = ast.StringValue
				if def == nil || def.Name == "JSON" { // within JSON nothing has a definition
					value.Kind = ast.FloatValue
				}
			}
		}
	})
}

// rejectionOf is an error, or several, joined, in the form of a response's list.
func rejectionOf(err error) gqlerror.List {
	paths := map[*fault.Error]ast.Path{}
	var find func(error)
	find = func(err error) {
		var several interface{ Unwrap() []error }
		var at fieldError
		switch {
		case errors.As(err, &several):
			for _, part := range several.Unwrap() {
				find(part)
			}
		case errors.As(err, &at):
			paths[at.fault] = at.path
		}
	}
	find(err)
	var list gqlerror.List
	for _, f := range fault.All(err) {
		e := faultError(f)
		e.Path = paths[f]
		list = append(list, e)
	}
	return list
}

// withCode gives an error of gqlparser its code.
func withCode(err *gqlerror.Error, code fault.Code) *gqlerror.Error {
	err.Message = shortMessage(err.Message)
	err.Extensions = map[string]any{"code": code}
	return err
}

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
