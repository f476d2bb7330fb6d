package server

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"coppice/core/fault"
	"coppice/core/model"
)

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
