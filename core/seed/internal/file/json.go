package file

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/go-json-experiment/json/jsontext"
)

func readJSON(f *File, r io.Reader) iter.Seq2[Record, *Error] {
	return func(yield func(Record, *Error) bool) {
		b := &bounded{in: r}
		t := &window{in: afterByteOrderMark(b), bound: b}
		s := &scan{window: t, dec: decoder(t), line: 1}
		err := s.list(f, yield)
		if err == nil {
			return
		}
		fault := f.textFault(t.text[s.from-t.start:], s.line)
		switch {
		case t.err != nil:
			fault = f.oversized(s.line, t.err)
		case errors.Is(err, errTooLarge):
			fault = f.oversized(s.errorLine(err), err)
		case fault == nil:
			fault = f.fault(s.errorLine(err), "The JSON is not well-formed: %s.", describe(err))
		}
		yield(Record{}, fault)
	}
}

// decoder leaves to this package what it says in its own words.
func decoder(r io.Reader) *jsontext.Decoder {
	return jsontext.NewDecoder(r, jsontext.AllowDuplicateNames(true))
}

// window keeps what is read of a file for as long as it is needed.
type window struct {
	in    io.Reader
	bound *bounded // of the file, or nil
	text  []byte
	start int   // where in the file the text begins
	err   error // why reading failed, or nil
}

// Read implements io.Reader.
func (t *window) Read(p []byte) (int, error) {
	n, err := t.in.Read(p)
	t.text = append(t.text, p[:n]...)
	if err != nil && !errors.Is(err, io.EOF) {
		t.err = err
	}
	return n, err
}

// cut forgets what stands before an offset. What was taken out of the text
// stays as it is.
func (t *window) cut(offset int) {
	t.text, t.start = t.text[offset-t.start:], offset
}

// scan reads JSON and keeps count of lines.
type scan struct {
	window *window
	dec    *jsontext.Decoder
	line   int // at from
	from   int // an offset in the file
}

func newScan(text []byte, line int) *scan {
	return &scan{window: &window{text: text}, dec: decoder(bytes.NewBuffer(text)), line: line}
}

// between is the text from one offset to another.
func (s *scan) between(from, to int) []byte {
	return s.window.text[from-s.window.start : min(to-s.window.start, len(s.window.text))]
}

// here is the line of the token read last. Calls must come in order.
func (s *scan) here() int {
	to := int(s.dec.InputOffset())
	s.line += bytes.Count(s.between(s.from, to), []byte("\n"))
	s.from = to
	return s.line
}

func (s *scan) errorLine(err error) int {
	line := s.here()
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		rest := s.window.text[s.from-s.window.start:]
		return line + bytes.Count(bytes.TrimRight(rest, "\n"), []byte("\n"))
	case errors.As(err, &syntax) && int(syntax.ByteOffset) > s.from:
		return line + bytes.Count(s.between(s.from, int(syntax.ByteOffset)), []byte("\n"))
	default:
		return line
	}
}

// list yields the records of a list. It returns what makes the rest of the
// file unreadable.
func (s *scan) list(f *File, yield func(Record, *Error) bool) error {
	t, err := s.dec.ReadToken()
	if err != nil {
		return err
	}
	if t.Kind() != '[' {
		yield(Record{}, f.fault(s.here(), "A seed file is a list of records: [ { … }, { … } ]."))
		return nil
	}
	for s.dec.PeekKind() != ']' {
		start, line := s.next()
		s.window.cut(s.from)
		s.window.bound.next()
		v, err := s.value(0)
		if err != nil {
			return err
		}
		text := s.between(start, int(s.dec.InputOffset()))
		input, ok := v.(map[string]any)
		if !ok {
			if !yield(Record{}, f.fault(line, "A record is { \"name\": value, … }.")) {
				return nil
			}
			continue
		}
		if !yield(Record{File: f, Line: line, Input: input, Size: len(text), parts: span{text, line}}, nil) {
			return nil
		}
	}
	if _, err := s.dec.ReadToken(); err != nil {
		return err
	}
	return s.end()
}

// next is the offset and the line at which the next element of a list begins,
// which must have been peeked at.
func (s *scan) next() (int, int) {
	line := s.here()
	at := s.from
	for _, ch := range s.window.text[s.from-s.window.start:] {
		if bytes.IndexByte([]byte(" \t\r\n,"), ch) < 0 {
			break
		}
		if ch == '\n' {
			line++
		}
		at++
	}
	return at, line
}

var errMore = errors.New("there is more after its end")

// end makes sure that nothing follows.
func (s *scan) end() error {
	switch _, err := s.dec.ReadToken(); {
	case err == nil:
		return errMore
	case errors.Is(err, io.EOF):
		return nil
	default:
		return err
	}
}

// value reads one value: a string, a bool, a json.Number, nil, a list or a
// map. It refuses an object with a name twice.
func (s *scan) value(depth int) (any, error) {
	t, err := s.dec.ReadToken()
	if err != nil {
		return nil, unexpected(err)
	}
	if depth > maxDepth {
		return nil, errDeep
	}
	switch t.Kind() {
	case '[':
		list := []any{}
		for s.dec.PeekKind() != ']' {
			v, err := s.value(depth + 1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = s.dec.ReadToken()
		return list, unexpected(err)
	case '{':
		return s.object(depth)
	case '"':
		return t.String(), nil
	case '0':
		return json.Number(t.String()), nil
	case 'n':
		return nil, nil //nolint:nilnil // null has no other form
	default:
		return t.Bool(), nil
	}
}

func (s *scan) object(depth int) (any, error) {
	m := map[string]any{}
	for s.dec.PeekKind() != '}' {
		t, err := s.dec.ReadToken()
		if err != nil {
			return nil, unexpected(err)
		}
		name := t.String()
		if _, ok := m[name]; ok {
			return nil, fmt.Errorf("%q stands twice in one object", name)
		}
		if m[name], err = s.value(depth + 1); err != nil {
			return nil, err
		}
	}
	_, err := s.dec.ReadToken()
	return m, unexpected(err)
}

// unexpected is the error for an end inside of a value.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func describe(err error) string {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "it ends in the middle of a value"
	case errors.Is(err, io.EOF):
		return "it is empty; an empty list is []"
	case errors.As(err, &syntax):
		return syntax.Err.Error()
	default:
		return err.Error()
	}
}

// span is the text of a record, to find lines in.
type span struct {
	text []byte
	from int // its first line
}

func (p span) lines(paths [][]string) []int {
	lines := make([]int, len(paths))
	want(paths).inJSON(newScan(p.text, p.from), p.from, lines)
	return lines
}

// readLines reads JSON Lines: an object on each line that is not blank.
func readLines(f *File, r io.Reader) iter.Seq2[Record, *Error] {
	return func(yield func(Record, *Error) bool) {
		b := &bounded{in: r}
		in := afterByteOrderMark(b)
		for n := 1; ; n++ {
			b.next()
			text, err := in.ReadBytes('\n')
			if err != nil && !errors.Is(err, io.EOF) {
				yield(Record{}, f.oversized(n, err))
				return
			}
			if text = bytes.TrimSpace(text); len(text) > 0 {
				if !yield(f.jsonLine(text, n)) {
					return
				}
			}
			if err != nil {
				return
			}
		}
	}
}

func (f *File) jsonLine(text []byte, n int) (Record, *Error) {
	if fault := f.textFault(text, n); fault != nil {
		return Record{}, fault
	}
	s := newScan(text, n)
	v, err := s.value(0)
	if err == nil {
		err = s.end()
	}
	if errors.Is(err, errTooLarge) {
		return Record{}, f.oversized(n, err)
	}
	if err != nil {
		return Record{}, f.fault(n, "The JSON is not well-formed: %s. Each line holds one whole record.", describe(err))
	}
	input, ok := v.(map[string]any)
	if !ok {
		return Record{}, f.fault(n, "A record is { \"name\": value, … }, all of it on one line.")
	}
	return Record{File: f, Line: n, Input: input, Size: len(text)}, nil
}
