package mutation_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// shrinker looks for as few requests, and as little in them, as still go wrong
// at the last.
type shrinker struct {
	testing.TB
	reqs  []request
	tries int // left
}

func shrink(t testing.TB, reqs []request) []request {
	s := &shrinker{TB: t, reqs: reqs, tries: 500}
	for before := 0; before != len(listing(s.reqs)); {
		before = len(listing(s.reqs))
		for size := max(1, len(s.reqs)/2); size > 0; size /= 2 {
			for at := 0; at+size < len(s.reqs); {
				if !s.take(slices.Delete(slices.Clone(s.reqs), at, at+size)) {
					at += size
				}
			}
		}
		for at := len(s.reqs) - 1; at >= 0; at-- {
			s.shrinkAt(at)
		}
	}
	return s.reqs
}

// take goes on with fewer requests, if they still go wrong.
func (s *shrinker) take(fewer []request) bool {
	s.tries--
	if s.tries < 0 || wrong(s.TB, fewer) == "" {
		return false
	}
	s.reqs = fewer
	return true
}

// shrinkAt leaves out what it can of one request.
func (s *shrinker) shrinkAt(at int) {
	for skip := 0; ; {
		less, ok := s.reqs[at].without(skip)
		if !ok {
			return
		}
		fewer := slices.Clone(s.reqs)
		if fewer[at] = less; !s.take(fewer) {
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

func listing(reqs []request) string {
	var b strings.Builder
	for _, req := range reqs {
		b.WriteString(req.String() + "\n\n")
	}
	return b.String()
}
