package server

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"coppice/core/fault"
)

// shares is what each list adds to a complexity: its own records, and those
// that they lead to without a list between. Together they are the complexity.
// A nil one notes nothing.
type shares struct {
	lists  []share // the first is what is in no list
	within int     // the list that the walk is in
	factor float64
	path   []string
}

// share is what one list adds.
type share struct {
	field   *ast.Field
	path    string
	records float64 // which no limit keeps from growing, unlike a complexity
}

// list begins the list of the field that the walk is in.
func (s *shares) list(f *ast.Field) {
	if s != nil {
		s.within = len(s.lists)
		s.lists = append(s.lists, share{field: f, path: strings.Join(s.path, ".")})
	}
}

// times multiplies what is added within the field that the walk is in.
func (s *shares) times(n int) {
	if s != nil {
		s.factor *= float64(n)
	}
}

// add notes n records for each of those around.
func (s *shares) add(n int) {
	if s != nil {
		s.lists[s.within].records += float64(n) * s.factor
	}
}

// noted is what has been noted up to some moment.
type noted struct {
	lists   int
	records float64 // of the list that the walk is in
}

func (s *shares) noted() (n noted) {
	if s != nil {
		n = noted{len(s.lists), s.lists[s.within].records}
	}
	return n
}

// branch begins one of several ways from start, of which one counts.
func (s *shares) branch(start noted) (best noted) {
	if s != nil {
		best = s.noted()
		s.lists[s.within].records = start.records
	}
	return best
}

// choose ends a branch: it takes the place of the best before it where it is
// better, and is forgotten else.
func (s *shares) choose(start, best noted, better bool) {
	switch {
	case s == nil:
	case better:
		s.lists = slices.Delete(s.lists, start.lists, best.lists)
	default:
		s.lists = s.lists[:best.lists]
		s.lists[s.within].records = best.records
	}
}

// sharesOf is what each list of an operation adds, after what is in none.
func (h *httpHandler) sharesOf(op *validOperation, vars map[string]any) []share {
	c := h.costWalk(vars)
	c.shares = &shares{lists: make([]share, 1), factor: 1}
	c.operation(op)
	return c.shares.lists
}

// guardComplexity checks a complexity. The error names the list that adds most,
// and a length of a list that would do: of this one if possible, else of one
// around it, else of any.
func (h *httpHandler) guardComplexity(op *validOperation, vars map[string]any, n int) error {
	limit := h.opts.MaxComplexity
	if n <= limit {
		return nil
	}
	e := fault.Limit("complexity", limit, n)
	list := h.sharesOf(op, vars)[1:]
	if len(list) == 0 {
		return e
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].records > list[j].records })
	most := list[0]
	sort.SliceStable(list[1:], func(i, j int) bool { return most.inside(list[1+i]) && !most.inside(list[1+j]) })
	if n == hugeCount {
		e.Message = fmt.Sprintf("The complexity of this request is beyond %d, and at most %d is allowed. The list %s adds most", n, limit, quoteShort(most.path))
	} else {
		e.Message += fmt.Sprintf(" The list %s adds most, %.0f records", quoteShort(most.path), most.records)
	}
	for i, s := range list[:min(len(list), maxAdvice)] {
		length := h.length(op, vars, s)
		if length == 0 {
			continue
		}
		e.Message += fmt.Sprintf("; "+s.says(vars), length)
		if i > 0 {
			e.Message += " on " + quoteShort(s.path)
		}
		e.Message += " would do."
		return e
	}
	e.Message += ". Ask for less of it, in more than one request."
	return e
}

// maxAdvice is how many lists are tried for a length that would do.
const maxAdvice = 8

// inside reports whether a list hangs on the records of another.
func (s share) inside(other share) bool { return strings.HasPrefix(s.path, other.path+".") }

// says is the argument that decides on the length of a list, as a format of
// its length; "" when there is none.
func (s share) says(vars map[string]any) string {
	c := &costWalk{vars: vars}
	for _, def := range s.field.Definition.Arguments {
		_, first := c.argument(s.field, "first").(int64)
		_, last := c.argument(s.field, "last").(int64)
		switch {
		case def.Name == "first" && last && !first:
			return "last: %d"
		case def.Name == "first":
			return "first: %d"
		case def.Type.Elem != nil && def.Type.NonNull:
			return "%d values in " + def.Name
		}
	}
	return ""
}

// length is the greatest length of a list, of 1 at least, with which the
// complexity is within its limit; 0 for none.
func (h *httpHandler) length(op *validOperation, vars map[string]any, s share) int {
	if s.says(vars) == "" {
		return 0
	}
	c := h.costWalk(vars)
	most := c.rows(s.field, c.pageMax)
	c.altered = s.field
	return sort.Search(most, func(n int) bool {
		c.length = n + 1
		return c.operation(op) > h.opts.MaxComplexity
	})
}
