package query

import (
	"errors"

	"github.com/vektah/gqlparser/v2/ast"
)

// placed is an error with the path of the field at fault. What is found while
// planning, or by a statement that answers for many records, is of no one
// element of a list, so that the path has no positions.
type placed struct {
	path ast.Path
	err  error
}

// Error is the error's own text.
func (p *placed) Error() string { return p.err.Error() }

// Unwrap returns the error.
func (p *placed) Unwrap() error { return p.err }

// place puts an error at a field, unless it has its place.
func place(path ast.Path, err error) error {
	if err == nil || len(path) == 0 || errors.As(err, new(*placed)) {
		return err
	}
	return &placed{path: path, err: err}
}

// enter goes into a field of the selection that is planned. What it returns goes
// back.
func (p *planner) enter(name string) (leave func()) {
	depth := len(p.at)
	p.at = append(p.at, ast.PathName(name))
	return func() { p.at = p.at[:depth] }
}

// here is the path of the field that is planned.
func (p *planner) here() ast.Path { return append(ast.Path(nil), p.at...) }

// byPlace is the errors that were joined to one, where they have places of
// their own.
func byPlace(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || !errors.As(err, new(*placed)) {
		return []error{err}
	}
	var list []error
	for _, part := range joined.Unwrap() {
		list = append(list, byPlace(part)...)
	}
	return list
}
