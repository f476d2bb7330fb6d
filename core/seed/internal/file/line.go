package file

import (
	"strconv"

	"github.com/goccy/go-yaml/ast"
)

// wanted are the parts of a record whose lines are asked for: all of them are
// found in one pass, however many there are.
type wanted struct {
	at    []int // of the paths that end here
	inner map[string]*wanted
}

func want(paths [][]string) *wanted {
	top := &wanted{}
	for i, path := range paths {
		w := top
		for _, name := range path {
			if w.inner == nil {
				w.inner = map[string]*wanted{}
			}
			if w.inner[name] == nil {
				w.inner[name] = &wanted{}
			}
			w = w.inner[name]
		}
		w.at = append(w.at, i)
	}
	return top
}

// all gives every part from here on a line, until its own is known.
func (w *wanted) all(line int, lines []int) {
	for _, i := range w.at {
		lines[i] = line
	}
	for _, in := range w.inner {
		in.all(line, lines)
	}
}

// inTree finds the lines in a node that begins at one.
func (w *wanted) inTree(n ast.Node, line int, lines []int) {
	w.all(line, lines)
	if len(w.inner) == 0 {
		return
	}
	switch in := untagged(n).(type) {
	case *ast.MappingNode:
		for _, pair := range in.Values {
			if name, err := keyText(pair.Key); err == nil && w.inner[name] != nil {
				w.inner[name].inTree(pair.Value, lineOf(pair.Key), lines)
			}
		}
	case *ast.SequenceNode:
		for i, v := range in.Values {
			if part := w.inner[strconv.Itoa(i)]; part != nil {
				part.inTree(v, firstLine(v), lines)
			}
		}
	}
}

// inJSON finds the lines in the value that comes next, which begins at one; it
// reports whether it could be read.
func (w *wanted) inJSON(s *scan, line int, lines []int) bool {
	w.all(line, lines)
	if len(w.inner) == 0 {
		return s.dec.SkipValue() == nil
	}
	t, err := s.dec.ReadToken()
	if err != nil {
		return false
	}
	kind := t.Kind()
	if kind != '{' && kind != '[' {
		return true
	}
	const closing = '}' - '{' // and ']' - '['
	for i := 0; s.dec.PeekKind() != kind+closing; i++ {
		name := strconv.Itoa(i)
		_, at := s.next()
		if kind == '{' {
			k, err := s.dec.ReadToken()
			if err != nil {
				return false
			}
			name = k.String()
		}
		part := w.inner[name]
		if part == nil {
			part = &wanted{}
		}
		if !part.inJSON(s, at, lines) {
			return false
		}
	}
	_, err = s.dec.ReadToken()
	return err == nil
}
