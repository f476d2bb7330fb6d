package file

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// KeyName is the name under which a record tells what it is known by.
const KeyName = "$key"

// Record is one record of a file: a create input, and where it stands.
type Record struct {
	File  *File
	Line  int
	Input map[string]any
	Size  int   // in bytes, of its text
	parts parts // nil where the whole record stands on one line
}

// parts tells on which lines of the file the parts of a record at some paths of
// names and positions stand, or their nearest parents that are there.
type parts interface {
	lines(paths [][]string) []int
}

// LineOf is the line of the part at a path.
func (r *Record) LineOf(path []string) int {
	if r.parts == nil || len(path) == 0 {
		return r.Line
	}
	return r.parts.lines([][]string{path})[0]
}

// Lines are those of the parts at some paths, or nil where the whole record stands
// on one line.
func (r *Record) Lines(paths [][]string) []int {
	if r.parts == nil {
		return nil
	}
	return r.parts.lines(paths)
}

// At is the part at a path, or nil.
func (r *Record) At(path []string) any {
	var v any = r.Input
	for _, name := range path {
		switch in := v.(type) {
		case map[string]any:
			v = in[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}

// fault is an error in the file outside of its records' fields.
func (f *File) fault(line int, format string, args ...any) *Error {
	return &Error{file: f.Number, File: f.Name, Line: line, Reason: fmt.Sprintf(format, args...)}
}

// Fault is an error in a field of the record, the dotted path of which is given;
// it stands at the line where the record begins.
func (r *Record) Fault(field, reason string, cause error) *Error {
	return &Error{file: r.File.Number, File: r.File.Name, Line: r.Line, Entity: r.File.Entity.Name, Field: field, Reason: reason, Cause: cause}
}

// in returns the error as one of a field of the file's records.
func (e *Error) in(f *File, field string) *Error {
	e.Entity, e.Field = f.Entity.Name, field
	return e
}

// textFault is the error of text that is not UTF-8 or has a zero byte, or nil.
func (f *File) textFault(text []byte, line int) *Error {
	if utf8.Valid(text) && bytes.IndexByte(text, 0) < 0 {
		return nil
	}
	at := 0
	for text[at] != 0 {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	line += strings.Count(string(text[:at]), "\n")
	if text[at] == 0 {
		return f.fault(line, "This is not text: it has the byte 0x00. Take it out.")
	}
	return f.fault(line, "This is not UTF-8: it has the byte 0x%02x. Save the file as UTF-8.", text[at])
}
