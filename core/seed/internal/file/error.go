package file

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Shown is how many errors are kept in full.
const Shown = 20

// Error is what is wrong with a seed file, or with a part of one.
type Error struct {
	File   string
	Line   int    // from 1; 0 where the file as a whole is at fault
	Entity string // the entity's name, or ""
	Field  string // the dotted path in the record, or ""
	Reason string // a sentence for a person
	Cause  error  // or nil
	file   int    // the number of the file in the set; 0 where it is not in it
}

// Error is "file:line: entity.field: reason", without what is not known.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		b.WriteString(":" + strconv.Itoa(e.Line))
	}
	if e.Entity != "" {
		b.WriteString(": " + e.Entity)
		if e.Field != "" {
			b.WriteString("." + e.Field)
		}
	}
	return b.String() + ": " + e.Reason
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Errors is everything that was found wrong with the files.
type Errors struct {
	First []*Error // the first 20, in the order of the files and their lines
	Total int      // how many there are
}

// Error has a line for each of the first 20, and then the number of the rest.
func (e *Errors) Error() string {
	lines := make([]string, len(e.First), len(e.First)+1)
	for i, f := range e.First {
		lines[i] = f.Error()
	}
	if more := e.Total - len(e.First); more > 0 {
		lines = append(lines, fmt.Sprintf("… and %d more.", more))
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the first 20.
func (e *Errors) Unwrap() []error {
	errs := make([]error, len(e.First))
	for i, f := range e.First {
		errs[i] = f
	}
	return errs
}

// Add puts an error in its place: some are found long after those of later
// lines.
func (e *Errors) Add(f *Error) {
	f.Field, f.Reason = Shorten(f.Field, 100), Shorten(f.Reason, 2000)
	e.Total++
	at := len(e.First)
	for at > 0 && f.before(e.First[at-1]) {
		at--
	}
	e.First = slices.Insert(e.First, at, f)
	e.First = e.First[:min(len(e.First), Shown)]
}

// Shorten is the beginning of a text that is too long to be shown.
func Shorten(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

func (e *Error) before(other *Error) bool {
	return e.file < other.file || e.file == other.file && e.Line < other.Line
}

// Join adds the errors of err, where that is an *Errors; others it returns.
func (e *Errors) Join(err error) error {
	var more *Errors
	if !errors.As(err, &more) {
		return err
	}
	for _, f := range more.First {
		e.Add(f)
	}
	e.Total += more.Total - len(more.First)
	return nil
}
