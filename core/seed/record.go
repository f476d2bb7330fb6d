package seed

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// record is one entry of a file: a create input, and where it stands.
type entry struct {
	file  *file
	line  int
	input map[string]any
	size  int   // in bytes, of its text
	parts parts // nil where the whole record stands on one line
}

// parts tells on which lines of the file the parts of a record at some paths of
// names and positions stand, or their nearest parents that are there.
type parts interface {
	lines(paths [][]string) []int
}

// lineOf is the line of the part at a path.
func (r *entry) lineOf(path []string) int {
	if r.parts == nil || len(path) == 0 {
		return r.line
	}
	return r.parts.lines([][]string{path})[0]
}

// at is the part at a path, or nil.
func (r *entry) at(path []string) any {
	var v any = r.input
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
func (f *file) fault(line int, format string, args ...any) *Error {
	return &Error{file: f.number, File: f.name, Line: line, Reason: fmt.Sprintf(format, args...)}
}

// in returns the error as one of a field of the file's records.
func (e *Error) in(f *file, field string) *Error {
	e.Entity, e.Field = f.entity.Name, field
	return e
}

// textFault is the error of text that is not UTF-8 or has a zero byte, or nil.
func (f *file) textFault(text []byte, line int) *Error {
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
