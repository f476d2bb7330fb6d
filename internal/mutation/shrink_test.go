package mutation_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// shrink looks for as few requests, and as little in them, as still go wrong
// at the last.
func shrink(t testing.TB, reqs []request) []request {
	for before := 0; before != len(print(reqs)); {
		before = len(print(reqs))
		for size := max(1, len(reqs)/2); size > 0; size /= 2 {
			for at := 0; at+size < len(reqs); {
				fewer := slices.Delete(slices.Clone(reqs), at, at+size)
				if wrong(t, fewer) != "" {
					reqs = fewer
				} else {
					at += size
				}
			}
		}
		for at := len(reqs) - 1; at >= 0; at-- {
			reqs = shrinkAt(t, reqs, at)
		}
	}
	return reqs
}

// shrinkAt leaves out what it can of one request.
func shrinkAt(t testing.TB, reqs []request, at int) []request {
	for skip := 0; ; {
		less, ok := reqs[at].without(skip)
		if !ok {
			return reqs
		}
		fewer := slices.Clone(reqs)
		if fewer[at] = less; wrong(t, fewer) != "" {
			reqs = fewer
		} else {
			skip++
		}
	}
}

// wrong tells what goes wrong at the last of some requests, and nothing where
// nothing does or an earlier one goes wrong.
func wrong(t testing.TB, reqs []request) string {
	r := newRunner(t, memory(t))
	defer r.close()
	for i, req := range reqs {
		if !sendable(evaluate(r.st, req)) {
			return ""
		}
		if problem := r.try(req); problem != "" || i == len(reqs)-1 {
			if i < len(reqs)-1 {
				return ""
			}
			return problem
		}
	}
	return ""
}

// without is a copy of the request that lacks the nth thing that can be left
// out of it.
func (req request) without(n int) (request, bool) {
	var less request
	cut := &cutter{left: n}
	if req.typo != nil {
		return less, false
	}
	for _, c := range req.calls {
		if len(req.calls) > 1 && cut.here() {
			continue
		}
		c.vars = c.vars && !cut.here()
		if c.input != nil {
			c.input = cut.copy(c.input).(object)
		}
		if c.inputs != nil {
			c.inputs = cut.copy(c.inputs).([]any)
		}
		if c.where != nil {
			c.where = cut.copy(c.where).(object)
		}
		less.calls = append(less.calls, c)
	}
	return less, cut.left < 0
}

// cutter counts down to what is to be left out.
type cutter struct{ left int }

func (c *cutter) here() bool {
	c.left--
	return c.left == -1
}

func (c *cutter) copy(v any) any {
	switch v := v.(type) {
	case object:
		m := object{}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if !slices.Contains([]string{"slug", "title", "body", "username", "email", "name", "id"}, name) && len(v) > 1 && c.here() {
				continue
			}
			m[name] = c.copy(v[name])
		}
		return m
	case []any:
		list := []any{}
		for _, v := range v {
			if !c.here() {
				list = append(list, c.copy(v))
			}
		}
		return list
	}
	return v
}

func print(reqs []request) string {
	var b strings.Builder
	for _, req := range reqs {
		b.WriteString(req.String() + "\n\n")
	}
	return b.String()
}
