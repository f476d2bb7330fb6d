package seed

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
)

func readJSON(f *file, r io.Reader) iter.Seq2[record, *Error] {
	return func(yield func(record, *Error) bool) {
		text, err := io.ReadAll(r)
		if err != nil {
			yield(record{}, unreadable(f.name, err))
			return
		}
		text = bytes.TrimPrefix(text, []byte(byteOrderMark))
		if fault := f.textFault(text, 1); fault != nil {
			yield(record{}, fault)
			return
		}
		s := newScan(text, 1)
		if err := s.list(f, yield); err != nil {
			yield(record{}, f.fault(s.errorLine(err), "The JSON is not well-formed: %s.", describe(err)))
		}
	}
}

const byteOrderMark = "\ufeff"

// scan reads JSON and keeps count of lines.
type scan struct {
	text []byte
	dec  *json.Decoder
	line int // at offset
	from int
}

func newScan(text []byte, line int) *scan {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	return &scan{text: text, dec: dec, line: line}
}

// here is the line of the token read last. Calls must come in order.
func (s *scan) here() int {
	to := int(s.dec.InputOffset())
	s.line += bytes.Count(s.text[s.from:to], []byte("\n"))
	s.from = to
	return s.line
}

func (s *scan) errorLine(err error) int {
	line := s.here()
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) && int(syntax.Offset) > s.from && int(syntax.Offset) <= len(s.text) {
		return line + bytes.Count(s.text[s.from:syntax.Offset], []byte("\n"))
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return line + bytes.Count(bytes.TrimRight(s.text[s.from:], "\n"), []byte("\n"))
	}
	return line
}

// list yields the records of a list. It returns what makes the rest of the
// file unreadable.
func (s *scan) list(f *file, yield func(record, *Error) bool) error {
	t, err := s.dec.Token()
	if err != nil {
		return err
	}
	if t != json.Delim('[') {
		yield(record{}, f.fault(s.here(), "A seed file is a list of records: [ { … }, { … } ]."))
		return nil
	}
	for s.dec.More() {
		start, line := s.next()
		v, err := s.value(0)
		if err != nil {
			return err
		}
		input, ok := v.(map[string]any)
		if !ok {
			if !yield(record{}, f.fault(line, "A record is { \"name\": value, … }.")) {
				return nil
			}
			continue
		}
		part := span{s.text[start:s.dec.InputOffset()], line}
		if !yield(record{file: f, line: line, input: input, parts: part}, nil) {
			return nil
		}
	}
	if _, err := s.dec.Token(); err != nil {
		return err
	}
	return s.end()
}

// next is the offset and the line at which the next element of a list begins.
func (s *scan) next() (int, int) {
	line := s.here()
	at := s.from
	for at < len(s.text) && bytes.IndexByte([]byte(" \t\r\n,"), s.text[at]) >= 0 {
		if s.text[at] == '\n' {
			line++
		}
		at++
	}
	return at, line
}

var errMore = errors.New("there is more after its end")

// end makes sure that nothing follows.
func (s *scan) end() error {
	switch _, err := s.dec.Token(); {
	case err == nil:
		return errMore
	case errors.Is(err, io.EOF):
		return nil
	default:
		return err
	}
}

// value reads one value: a string, a bool, a json.Number, nil, a list or a
// map. Unlike the decoder itself, it refuses an object with a name twice.
func (s *scan) value(depth int) (any, error) {
	t, err := s.dec.Token()
	if err != nil {
		return nil, unexpected(err)
	}
	if depth > maxDepth {
		return nil, fmt.Errorf("values nest at most %d deep", maxDepth)
	}
	switch t {
	case json.Delim('['):
		list := []any{}
		for s.dec.More() {
			v, err := s.value(depth + 1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = s.dec.Token()
		return list, unexpected(err)
	case json.Delim('{'):
		return s.object(depth)
	default:
		return t, nil
	}
}

func (s *scan) object(depth int) (any, error) {
	m := map[string]any{}
	for s.dec.More() {
		t, err := s.dec.Token()
		if err != nil {
			return nil, unexpected(err)
		}
		name, _ := t.(string)
		if _, ok := m[name]; ok {
			return nil, fmt.Errorf("%q stands twice in one object", name)
		}
		if m[name], err = s.value(depth + 1); err != nil {
			return nil, err
		}
	}
	_, err := s.dec.Token()
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
	switch {
	case errors.Is(err, io.EOF):
		return "it is empty; an empty list is []"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "it ends in the middle of a value"
	default:
		return err.Error()
	}
}

// span is the text of a record, to find lines in.
type span struct {
	text []byte
	from int // its first line
}

func (p span) line(path []string) int {
	s := newScan(p.text, p.from)
	line := p.from
	for _, name := range path {
		t, err := s.dec.Token()
		if err != nil || !s.descend(t, name, &line) {
			break
		}
	}
	return line
}

// descend goes on to the part of a name in the object or list that t opens,
// and notes its line; it reports whether the part is there.
func (s *scan) descend(t json.Token, name string, line *int) bool {
	for i := 0; s.dec.More(); i++ {
		key := strconv.Itoa(i)
		_, at := s.next()
		switch t {
		case json.Delim('{'):
			k, err := s.dec.Token()
			if err != nil {
				return false
			}
			key, _ = k.(string)
		case json.Delim('['):
		default:
			return false
		}
		if key == name {
			*line = at
			return true
		}
		if _, err := s.value(0); err != nil {
			return false
		}
	}
	return false
}

// readLines reads JSON Lines: an object on each line that is not blank.
func readLines(f *file, r io.Reader) iter.Seq2[record, *Error] {
	return func(yield func(record, *Error) bool) {
		in := bufio.NewReaderSize(r, 1<<16)
		for n := 1; ; n++ {
			text, err := in.ReadBytes('\n')
			if err != nil && !errors.Is(err, io.EOF) {
				yield(record{}, unreadable(f.name, err))
				return
			}
			if n == 1 {
				text = bytes.TrimPrefix(text, []byte(byteOrderMark))
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

func (f *file) jsonLine(text []byte, n int) (record, *Error) {
	if fault := f.textFault(text, n); fault != nil {
		return record{}, fault
	}
	s := newScan(text, n)
	v, err := s.value(0)
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return record{}, f.fault(n, "The JSON is not well-formed: %s. Each line holds one whole record.", describe(err))
	}
	input, ok := v.(map[string]any)
	if !ok {
		return record{}, f.fault(n, "A record is { \"name\": value, … }, all of it on one line.")
	}
	return record{file: f, line: n, input: input}, nil
}
