package model

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
)

// Misread is the error of a value that a field's Go type does not take. Its text
// completes a sentence that starts with the field's name: with the type's own
// words, where these were written for people.
type Misread struct{ cause error }

// Error is what the type's author says of the value, if anything.
func (m *Misread) Error() string {
	if m.cause == nil || m.cause.Error() == "" || FromLibrary(m.cause) {
		return "does not have the form that this field takes"
	}
	return "is not valid: " + Words(m.cause)
}

// Unwrap returns the type's error, unless that is another library's.
func (m *Misread) Unwrap() error {
	if m.cause == nil || FromLibrary(m.cause) {
		return nil
	}
	return m.cause
}

// quiet is an error about a value of the field as it may be shown: of a
// sensitive field the type's words might hold the value.
func (f *Field) quiet(err error) error {
	if f.Sensitive && errors.As(err, new(*Misread)) {
		return &Misread{}
	}
	return err
}

// FromLibrary reports whether an error has words in it that were not written for
// this project: those of Go's packages, of a driver or another library.
func FromLibrary(err error) bool {
	for _, known := range []error{sql.ErrNoRows, sql.ErrConnDone, sql.ErrTxDone, context.Canceled, context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF} {
		if errors.Is(err, known) {
			return true
		}
	}
	for err != nil {
		t := reflect.TypeOf(err)
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if !own(t.PkgPath()) {
			return true
		}
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			return slices.ContainsFunc(joined.Unwrap(), FromLibrary)
		}
		err = errors.Unwrap(err)
	}
	return false
}

// own reports whether a package's errors may wrap words that were written for this
// project: it is the program's module, or Coppice, or does nothing but wrap.
func own(path string) bool {
	if path == "errors" || path == "fmt" || path == "main" {
		return true
	}
	for _, module := range []string{program(), "coppice"} {
		if module != "" && (path == module || strings.HasPrefix(path, module+"/")) {
			return true
		}
	}
	return false
}

// program is the path of the module that the program is of.
var program = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return info.Main.Path
})
