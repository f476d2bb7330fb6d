package server

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"coppice/core/fault"
	"coppice/core/model"
)

// maxTangle bounds the comparisons that the rule of overlapping fields makes,
// and with them the number of fields that a document has once its fragments
// are written out.
const maxTangle = 50_000

// countTangle counts, in all places of a response, the pairs of fields that
// share a response key there, and the pairs of fragments. It gives up beyond
// maxTangle. Ten thousand times the same field is a short document, and takes
// the rule seconds; fragments that each spread the next twice double with each.
func countTangle(doc *ast.QueryDocument) int {
	t := 0
	var visit func([]ast.SelectionSet)
	visit = func(sets []ast.SelectionSet) {
		m := mergedSelection{leaves: true}
		m.addAll(sets)
		t += len(m.fragments) * len(m.fragments)
		for _, g := range m.groups {
			t += g.fields * g.fields
			if t > maxTangle {
				return
			}
			visit(g.sets)
		}
	}
	for _, op := range doc.Operations {
		visit([]ast.SelectionSet{op.SelectionSet})
	}
	return t
}

// mergedSelection is a selection with its fragments written out and its fields
// brought together by response key, as execution does, so that a field asked
// for in two fragments counts once. Its lists are short, and searched faster
// than a map would be.
type mergedSelection struct {
	groups    []fieldGroup
	fragments []*ast.FragmentDefinition
	include   func(ast.DirectiveList, string) bool // or nil for everything
	leaves    bool                                 // whether fields without a selection count
}

// fieldGroup is the fields that share a response key.
type fieldGroup struct {
	field  *ast.Field
	fields int
	sets   []ast.SelectionSet
}

func (m *mergedSelection) addAll(sets []ast.SelectionSet) {
	for _, set := range sets {
		m.add(set)
	}
}

func (m *mergedSelection) add(set ast.SelectionSet) {
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			if (m.leaves || len(sel.SelectionSet) > 0) && m.includes(sel.Directives, "") {
				g := m.group(sel)
				g.fields++
				g.sets = append(g.sets, sel.SelectionSet)
			}
		case *ast.InlineFragment:
			if m.includes(sel.Directives, sel.TypeCondition) {
				m.add(sel.SelectionSet)
			}
		case *ast.FragmentSpread:
			if !slices.Contains(m.fragments, sel.Definition) && m.includes(sel.Directives, sel.Definition.TypeCondition) {
				m.fragments = append(m.fragments, sel.Definition)
				m.add(sel.Definition.SelectionSet)
			}
		}
	}
}

func (m *mergedSelection) includes(directives ast.DirectiveList, condition string) bool {
	return m.include == nil || m.include(directives, condition)
}

// group is the group that a field belongs to, a new one if need be.
func (m *mergedSelection) group(f *ast.Field) *fieldGroup {
	for i := range m.groups {
		if m.groups[i].field.Alias == f.Alias {
			return &m.groups[i]
		}
	}
	m.groups = append(m.groups, fieldGroup{field: f})
	return &m.groups[len(m.groups)-1]
}

// costWalk works out an operation's complexity: the largest number of records
// that it could return. The tangle of its document bounds how long it takes.
type costWalk struct {
	schema   *ast.Schema
	model    *model.Schema
	vars     map[string]any
	pageSize int
	pageMax  int

	shares  *shares    // which list adds what, where that is asked
	altered *ast.Field // whose list is taken to hold so many
	length  int
}

func (h *httpHandler) complexity(op *validOperation, vars map[string]any) int {
	return h.costWalk(vars).operation(op)
}

func (h *httpHandler) costWalk(vars map[string]any) *costWalk {
	return &costWalk{schema: h.schema, model: h.model, vars: vars, pageSize: h.opts.PageSize, pageMax: h.opts.PageMax}
}

func (c *costWalk) operation(op *validOperation) int {
	root := c.schema.Query
	if op.definition.Operation == ast.Mutation {
		root = c.schema.Mutation
	}
	return c.selection(root, []ast.SelectionSet{op.definition.SelectionSet}, 0)
}

// selection is the complexity of a selection on one value of a type. In a
// connection, page is the number of its records.
func (c *costWalk) selection(t *ast.Definition, sets []ast.SelectionSet, page int) int {
	if t.IsAbstractType() {
		// A value is of one type only, so that its fragments do not add up.
		most, start := 0, c.shares.noted()
		for _, possible := range c.schema.GetPossibleTypes(t) {
			best := c.shares.branch(start)
			n := c.selection(possible, sets, page)
			if c.shares.choose(start, best, n > most); n > most {
				most = n
			}
		}
		return most
	}
	m := mergedSelection{include: func(directives ast.DirectiveList, condition string) bool {
		return c.included(directives) && c.applies(condition, t)
	}}
	m.addAll(sets)
	sum := 0
	for i := range m.groups {
		if g := &m.groups[i]; !strings.HasPrefix(g.field.Name, "__") {
			sum = min(sum+c.field(t, g, page), hugeCount)
		}
	}
	return sum
}

// field is the complexity of one field, with all that is selected on it.
func (c *costWalk) field(parent *ast.Definition, g *fieldGroup, page int) int {
	if c.shares == nil {
		return c.fieldIn(parent, g, page)
	}
	s := c.shares
	within, factor := s.within, s.factor
	s.path = append(s.path, g.field.Alias)
	n := c.fieldIn(parent, g, page)
	s.within, s.factor, s.path = within, factor, s.path[:len(s.path)-1]
	return n
}

// fieldIn does so for field, which keeps what the walk is in.
func (c *costWalk) fieldIn(parent *ast.Definition, g *fieldGroup, page int) int {
	t := c.schema.Types[g.field.Definition.Type.Name()]
	switch {
	case isConnection(t):
		// A connection whose records are not asked for is still counted, or
		// tells whether there are more.
		c.shares.list(g.field)
		n := c.selection(t, g.sets, c.rows(g.field, c.pageSize))
		if n == 0 {
			n = 1
			c.shares.add(1)
		}
		return n
	case isConnection(parent) && g.field.Name == "edges":
		return c.list(t, g.sets, page)
	case g.field.Definition.Type.Elem != nil:
		c.shares.list(g.field)
		return c.list(t, g.sets, c.rows(g.field, c.pageMax))
	case isEdge(parent) && g.field.Name == "node":
		return c.selection(t, g.sets, 0)
	case c.isPart(t):
		return 0
	default:
		c.shares.add(1)
		return 1 + c.selection(t, g.sets, 0)
	}
}

// list is n records and what is selected on them. The selection counts once
// even for none, since it is planned all the same.
func (c *costWalk) list(t *ast.Definition, sets []ast.SelectionSet, n int) int {
	c.shares.add(n)
	c.shares.times(max(n, 1))
	return min(n+max(n, 1)*c.selection(t, sets, 0), hugeCount)
}

// rows is the largest number of values in a field's list: the page that its
// arguments ask for, else the length of the list of what it was given to find
// or make, else the size that it has when nothing is said.
func (c *costWalk) rows(f *ast.Field, unsaid int) int {
	if f == c.altered {
		return c.length
	}
	for _, name := range []string{"first", "last"} {
		if n, ok := c.argument(f, name).(int64); ok {
			return int(n)
		}
	}
	paged := false
	for _, def := range f.Definition.Arguments {
		paged = paged || def.Name == "first"
		if def.Type.Elem != nil && def.Type.NonNull {
			if list, ok := c.argument(f, def.Name).([]any); ok {
				return len(list)
			}
			return 1
		}
	}
	if !paged {
		return c.pageSize
	}
	return unsaid
}

// argument is the value of an argument as the engine will see it; nil when it
// is left out or null.
func (c *costWalk) argument(f *ast.Field, name string) any {
	arg := f.Arguments.ForName(name)
	if arg == nil {
		return nil
	}
	v, _ := arg.Value.Value(c.vars)
	return v
}

// included reports whether @skip and @include leave a selection in.
func (c *costWalk) included(directives ast.DirectiveList) bool {
	for _, d := range directives {
		if d.Name != "skip" && d.Name != "include" {
			continue
		}
		if v, _ := d.Arguments.ForName("if").Value.Value(c.vars); v == (d.Name == "skip") {
			return false
		}
	}
	return true
}

// applies reports whether a type condition holds for values of an object type.
func (c *costWalk) applies(condition string, t *ast.Definition) bool {
	if condition == "" || condition == t.Name {
		return true
	}
	for _, super := range c.schema.GetImplements(t) {
		if super.Name == condition {
			return true
		}
	}
	return false
}

// isConnection and isEdge know the types of the Relay cursor specification by
// their names and what they must hold.
func isConnection(t *ast.Definition) bool {
	return strings.HasSuffix(t.Name, "Connection") && t.Fields.ForName("edges") != nil
}

func isEdge(t *ast.Definition) bool {
	return strings.HasSuffix(t.Name, "Edge") && t.Fields.ForName("node") != nil
}

// isPart reports whether a type is a part of what holds it rather than a
// record: a PageInfo, the key or the sum of an aggregate.
func (c *costWalk) isPart(t *ast.Definition) bool {
	if c.model.Entity(t.Name) != nil {
		return false
	}
	for _, f := range t.Fields {
		if !c.schema.Types[f.Type.Name()].IsLeafType() {
			return false
		}
	}
	return !t.IsAbstractType()
}

// What the conditions of a request may hold, beside as many of them as it may
// hold input objects. The first keeps what is looked up for them, and the
// compiling of it, within bounds; the second the arguments of a statement, of
// which SQLite takes 32,766, and which may hold each value twice.
const (
	maxEdgeConditions  = 500
	maxConditionValues = 16_000
)

// conditionCount is what the conditions of where inputs come to.
type conditionCount struct {
	conditions int // comparisons, and those over edges
	edges      int // those over edges
	values     int // that are compared with
}

func (c *conditionCount) add(o conditionCount) {
	c.conditions = min(c.conditions+o.conditions, hugeCount)
	c.edges = min(c.edges+o.edges, hugeCount)
	c.values = min(c.values+o.values, hugeCount)
}

// conditionOf is what a field of an input object asks, by itself; known is false
// where it is no condition. A value that is given counts as weight values.
func conditionOf(s *model.Schema, input, field string) (c conditionCount, weight int, known bool) {
	name, ok := strings.CutSuffix(input, "WhereInput")
	if !ok || s == nil {
		return c, 0, false
	}
	e := s.Entity(name)
	if e == nil {
		return c, 0, false
	}
	condition, ok := e.Condition(field)
	switch {
	case !ok: // not, and, or
		return c, 0, false
	case condition.Edge != nil:
		return conditionCount{conditions: 1, edges: 1}, 0, true
	case condition.Op == model.HasPrefix || condition.Op == model.HasSuffix:
		return conditionCount{conditions: 1}, 2, true // they are compared by their length as well
	default:
		return conditionCount{conditions: 1}, 1, true
	}
}

// lengthOf is how many values a variable's value is.
func lengthOf(v any) int {
	if list, ok := v.([]any); ok {
		return len(list)
	}
	return 1
}

// literal counts the condition that a literal in an input object is.
func (s *docSurvey) literal(input *ast.Definition, child *ast.ChildValue) (weight int) {
	c, weight, known := conditionOf(s.model, input.Name, child.Name)
	if !known {
		return 0
	}
	switch child.Value.Kind {
	case ast.Variable:
	case ast.ListValue:
		c.values = weight * len(child.Value.Children)
	default:
		c.values = weight
	}
	s.asked.add(c)
	return weight
}

// guardConditions checks what the conditions of a request come to.
func (h *httpHandler) guardConditions(c conditionCount) error {
	switch {
	case c.conditions > h.opts.MaxInputs:
		return fault.Limit("number of conditions", h.opts.MaxInputs, c.conditions)
	case c.edges > maxEdgeConditions:
		return fault.Limit("number of conditions over edges", maxEdgeConditions, c.edges)
	case c.values > maxConditionValues:
		return fault.Limit("number of values in conditions", maxConditionValues, c.values)
	default:
		return nil
	}
}
