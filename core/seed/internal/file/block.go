package file

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// block is a part of a YAML file that is parsed by itself: an item of a list
// that stands at the left margin, or else a document.
type block struct {
	text  []byte
	first int // its line
}

// parse returns the documents of the block, with the lines of the file.
func (p block) parse() ([]*ast.DocumentNode, error) {
	docs, err := p.parseBefore("")
	if err != nil {
		// At the end of its text the parser refuses blank lines after |2.
		if again, ok := p.parseBefore("...\n"); ok == nil && bytes.HasSuffix(p.text, []byte("\n")) {
			return again, nil
		}
	}
	return docs, err
}

func (p block) parseBefore(end string) ([]*ast.DocumentNode, error) {
	if p.crowded() {
		return nil, errTokens
	}
	tokens := lexer.Tokenize(string(p.text) + end)
	if err := measure(tokens); err != nil {
		return nil, err
	}
	for _, t := range tokens {
		t.Position.Line += p.first - 1
	}
	tree, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, err
	}
	return tree.Docs, nil
}

// crowded reports whether there are more characters than tokens are allowed that
// make tokens: a token takes hundreds of bytes.
func (p block) crowded() bool {
	n := 0
	for _, c := range p.text {
		switch c {
		case ',', ':', '[', ']', '{', '}', '-', '?', '&', '*', '!', '\n', '\r':
			n++
		}
	}
	return n > maxTokens
}

// ends is how many line ends there are; to YAML a carriage return is one too.
func (p block) ends() int {
	return bytes.Count(p.text, []byte("\n")) + bytes.Count(p.text, []byte("\r"))
}

// lines finds lines for the one record of the block: a syntax tree takes many
// times the memory of its text, so it is made again for this.
func (p block) lines(paths [][]string) []int {
	if docs, err := p.parse(); err == nil {
		if list, ok := docs[len(docs)-1].Body.(*ast.SequenceNode); ok {
			return tree{list.Values[0]}.lines(paths)
		}
	}
	lines := make([]int, len(paths))
	want(paths).all(p.first, lines)
	return lines
}

// layout is what is known of a document from the lines read so far.
type layout uint8

const (
	atStart     layout = iota // there were comments and directives
	afterDashes               // and the line --- that ends them
	inList                    // it is a list at the left margin
	inOther                   // it is anything else
)

// splitter cuts a YAML file into blocks. By YAML 1.2 nothing but a comment
// stands at the left margin within an item of a list that stands there.
type splitter struct {
	in     *bufio.Reader
	line   int // of what comes next
	layout layout
}

// next returns the next block, or io.EOF after the last.
func (s *splitter) next() (block, error) {
	p := block{first: s.line}
	defer func() { s.line += p.ends() }()
	for {
		start, err := s.in.Peek(4)
		switch {
		case len(start) == 0 && (len(p.text) == 0 || !errors.Is(err, io.EOF)):
			return block{}, err
		case len(start) == 0:
			return p, nil
		case indicator(start) == "---" && s.layout != atStart:
			s.layout = atStart
			return p, nil
		case indicator(start) == "-" && s.layout == inList && len(p.text) > 0:
			return p, nil
		}
		from := len(p.text)
		if p.text, err = appendLine(p.text, s.in); err != nil && !errors.Is(err, io.EOF) {
			return block{}, err
		}
		if s.see(p.text[from:]); indicator(p.text[from:]) == "..." {
			s.layout = atStart
			return p, nil
		}
	}
}

// see learns what a line says of the layout.
func (s *splitter) see(line []byte) {
	if s.layout >= inList {
		return
	}
	content := line
	switch m := indicator(line); {
	case m == "-":
		s.layout = inList
		return
	case m == "---":
		s.layout = afterDashes
		content = line[len(m):]
	case s.layout == atStart && line[0] == '%':
		return
	}
	if content = bytes.TrimSpace(content); len(content) > 0 && content[0] != '#' {
		s.layout = inOther
	}
}

// indicator is the -, --- or ... that a line begins with, or "".
func indicator(line []byte) string {
	for _, m := range []string{"---", "...", "-"} {
		if rest, ok := bytes.CutPrefix(line, []byte(m)); ok && (len(rest) == 0 || bytes.IndexByte([]byte(" \t\r\n"), rest[0]) >= 0) {
			return m
		}
	}
	return ""
}

// appendLine appends a line, with a line feed for its end.
func appendLine(text []byte, in *bufio.Reader) ([]byte, error) {
	for {
		piece, err := in.ReadSlice('\n')
		if text = append(text, piece...); errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if n := len(text); bytes.HasSuffix(text, []byte("\r\n")) {
			text[n-2] = '\n'
			text = text[:n-1]
		}
		return text, err
	}
}

// level is a list or mapping that is open: one in brackets, or one whose items
// or keys stand in a column.
type level struct {
	column int // 0 in brackets
	keys   int
}

// measure refuses what would take the parser long: its time grows with the
// square of the depth, and of the keys of a mapping.
func measure(tokens token.Tokens) error {
	if len(tokens) > maxTokens {
		return errTokens
	}
	var open []level
	for i, t := range tokens {
		column := 0
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			open = append(open, level{})
		case token.MappingEndType, token.SequenceEndType:
			for len(open) > 0 && open[len(open)-1].column > 0 {
				open = open[:len(open)-1]
			}
			open = open[:max(0, len(open)-1)]
			continue
		case token.MappingValueType:
			column = tokens[max(0, i-1)].Position.Column
		case token.SequenceEntryType, token.MappingKeyType:
			column = t.Position.Column
		default:
			continue
		}
		if column > 0 {
			open = under(open, column)
		}
		switch last := &open[len(open)-1]; {
		case len(open) > maxDepth:
			return errDeep
		case t.Type == token.MappingValueType:
			if last.keys++; last.keys > maxKeys {
				return errKeys
			}
		}
	}
	return nil
}

// under closes what an item or key in a column ends, and opens what it begins.
func under(open []level, column int) []level {
	for len(open) > 0 && open[len(open)-1].column > column {
		open = open[:len(open)-1]
	}
	if len(open) > 0 && (open[len(open)-1].column == column || open[len(open)-1].column == 0) {
		return open
	}
	return append(open, level{column: column})
}
