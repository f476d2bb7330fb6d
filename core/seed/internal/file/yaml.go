package file

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// maxAliased bounds the values that the aliases of a file may stand for, all
// told: a few nested ones can stand for more than fits a memory.
const maxAliased = 100_000

// document converts the syntax tree of a YAML file to values.
type document struct {
	anchors  map[string]ast.Node
	within   map[string]bool // the aliases being converted
	aliased  int
	anchored int // bytes of the blocks with anchors, which are kept
}

// yamlFault is an error at a line of a YAML file.
type yamlFault struct {
	line   int
	reason string
}

func (e *yamlFault) Error() string { return e.reason }

func misplaced(n ast.Node, format string, args ...any) error {
	return &yamlFault{lineOf(n), fmt.Sprintf(format, args...)}
}

func readYAML(f *File, r io.Reader) iter.Seq2[Record, *Error] {
	return func(yield func(Record, *Error) bool) {
		b := &bounded{in: r}
		s := &splitter{in: afterByteOrderMark(b), line: 1}
		d := &document{anchors: map[string]ast.Node{}, within: map[string]bool{}}
		for {
			b.next()
			began := s.line
			p, err := s.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(Record{}, f.oversized(began, err))
				return
			}
			if !f.yamlRecords(d, p, yield) {
				return
			}
		}
	}
}

func (f *File) yamlSyntax(err error, last int) *Error {
	fault := f.fault(last, "The YAML is not well-formed: %s.", err)
	var at yaml.Error
	if errors.As(err, &at) {
		fault.Reason = "The YAML is not well-formed: " + at.GetMessage() + "."
		if t := at.GetToken(); t != nil && t.Position != nil {
			fault.Line = t.Position.Line
		}
	}
	fault.Cause = err
	return fault
}

// yamlRecords yields the records of a block; it reports whether to go on.
func (f *File) yamlRecords(d *document, p block, yield func(Record, *Error) bool) bool {
	if fault := f.textFault(p.text, p.first); fault != nil {
		return yield(Record{}, fault) && false
	}
	docs, err := p.parse()
	if errors.Is(err, errTooLarge) {
		return yield(Record{}, f.oversized(p.first, err)) && false
	}
	if err != nil {
		return yield(Record{}, f.yamlSyntax(err, p.first+p.ends())) && false
	}
	known := len(d.anchors)
	defer func() {
		if len(d.anchors) > known {
			d.anchored += len(p.text)
		}
	}()
	if d.anchored > maxRecord {
		return yield(Record{}, f.fault(p.first, "The records before this one that have an anchor, as &name, take more than %d MiB. Write some of them out.", maxRecord>>20)) && false
	}
	for i, doc := range docs {
		body := doc.Body
		if body == nil || body.Type() == ast.NullType || body.Type() == ast.DirectiveType {
			continue
		}
		list, ok := body.(*ast.SequenceNode)
		if !ok {
			if !yield(Record{}, f.fault(lineOf(body), "A seed file is a list of records, each beginning with \"- \".")) {
				return false
			}
			continue
		}
		for _, n := range list.Values {
			r, fault := f.yamlRecord(d, n)
			r.Size = len(p.text) / len(list.Values)
			if fault == nil && len(list.Values) == 1 && i == len(docs)-1 {
				r.parts = p
			}
			if !yield(r, fault) {
				return false
			}
		}
	}
	return true
}

func (f *File) yamlRecord(d *document, n ast.Node) (Record, *Error) {
	v, err := d.value(n, 0)
	input, ok := v.(map[string]any)
	var fault *yamlFault
	switch {
	case errors.As(err, &fault):
		return Record{}, f.fault(fault.line, "%s", fault.reason)
	case !ok:
		return Record{}, f.fault(firstLine(n), "A record is its fields, each as \"name: value\".")
	default:
		return Record{File: f, Line: firstLine(n), Input: input, parts: tree{n}}, nil
	}
}

// value converts a node to a string, a bool, a json.Number, nil, a list or a
// map.
func (d *document) value(n ast.Node, depth int) (any, error) {
	if depth > maxDepth {
		return nil, misplaced(n, "Values nest at most %d deep.", maxDepth)
	}
	if len(d.within) > 0 {
		if d.aliased++; d.aliased > maxAliased {
			return nil, misplaced(n, "The aliases of this file stand for more than %d values. Write some of them out.", maxAliased)
		}
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		return d.mapping(n.Values, depth)
	case *ast.MappingValueNode:
		return d.mapping([]*ast.MappingValueNode{n}, depth)
	case *ast.SequenceNode:
		list := make([]any, len(n.Values))
		for i, inner := range n.Values {
			var err error
			if list[i], err = d.value(inner, depth+1); err != nil {
				return nil, err
			}
		}
		return list, nil
	case *ast.AnchorNode:
		d.anchors[n.Name.GetToken().Value] = n.Value
		return d.value(n.Value, depth+1)
	case *ast.AliasNode:
		return d.alias(n, depth)
	case *ast.TagNode:
		return d.tagged(n, depth)
	default:
		return scalar(n)
	}
}

func (d *document) mapping(values []*ast.MappingValueNode, depth int) (any, error) {
	m := make(map[string]any, len(values))
	var merged []map[string]any
	for _, pair := range values {
		v, err := d.value(pair.Value, depth+1)
		if err != nil {
			return nil, err
		}
		if pair.Key.IsMergeKey() {
			more, err := mergeable(pair.Value, v)
			if err != nil {
				return nil, err
			}
			merged = append(merged, more...)
			continue
		}
		name, err := keyText(pair.Key)
		if err != nil {
			return nil, err
		}
		m[name] = v
	}
	for _, more := range merged {
		for name, v := range more {
			if _, ok := m[name]; !ok {
				m[name] = v
			}
		}
	}
	return m, nil
}

// mergeable lists the maps that a "<<" key takes over.
func mergeable(n ast.Node, v any) ([]map[string]any, error) {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	maps := make([]map[string]any, len(list))
	for i, v := range list {
		if maps[i], ok = v.(map[string]any); !ok {
			return nil, misplaced(n, "<< takes a mapping, or a list of them.")
		}
	}
	return maps, nil
}

func keyText(key ast.MapKeyNode) (string, error) {
	switch key := key.(type) {
	case *ast.StringNode:
		return key.Value, nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
		return key.GetToken().Value, nil
	default:
		return "", misplaced(key, "The name of a field must be a plain text.")
	}
}

func (d *document) alias(n *ast.AliasNode, depth int) (any, error) {
	name := n.Value.GetToken().Value
	target := d.anchors[name]
	switch {
	case target == nil:
		return nil, misplaced(n, "There is no &%s before this alias.", name)
	case d.within[name]:
		return nil, misplaced(n, "The alias *%s stands within itself.", name)
	}
	d.within[name] = true
	defer delete(d.within, name)
	return d.value(target, depth+1)
}

func (d *document) tagged(n *ast.TagNode, depth int) (any, error) {
	switch tag := n.Start.Value; tag {
	case "!!str":
		if _, ok := n.Value.(ast.ScalarNode); !ok {
			return nil, misplaced(n, "!!str takes a text.")
		}
		if s, ok := n.Value.(*ast.StringNode); ok {
			return s.Value, nil
		}
		if l, ok := n.Value.(*ast.LiteralNode); ok {
			return l.Value.Value, nil
		}
		return n.Value.GetToken().Value, nil
	case "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq", "!!timestamp":
		return d.value(n.Value, depth+1)
	default:
		return nil, misplaced(n, "The tag %s is not known.", tag)
	}
}

func scalar(n ast.Node) (any, error) {
	switch n := n.(type) {
	case *ast.StringNode:
		if number, ok := decimal(n.Value); ok && n.Token.Type == token.StringType {
			return number, nil
		}
		return n.Value, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.BoolNode:
		return n.Value, nil
	case *ast.NullNode:
		return nil, nil //nolint:nilnil // null has no other form
	case *ast.IntegerNode, *ast.FloatNode:
		text := n.GetToken().Value
		if number, ok := decimal(strings.ReplaceAll(text, "_", "")); ok {
			return number, nil
		}
		if in, ok := n.(*ast.IntegerNode); ok {
			return json.Number(fmt.Sprint(in.Value)), nil
		}
		return text, nil
	case *ast.InfinityNode, *ast.NanNode:
		return nil, misplaced(n, "%s is no number that can be stored.", n.GetToken().Value)
	default:
		return nil, misplaced(n, "This is not a value: %s.", n.Type())
	}
}

// numeral is a decimal number of YAML 1.2's core schema: a sign, digits, a
// fraction and an exponent.
var numeral = regexp.MustCompile(`^([-+]?)([0-9]*)(\.[0-9]*)?([eE][-+]?[0-9]+)?$`)

// decimal writes a decimal number as JSON does; ok is false for what is none.
// The parser by itself takes 010 for 8, and 1e3 for a text.
func decimal(text string) (number json.Number, ok bool) {
	m := numeral.FindStringSubmatch(text)
	if m == nil || m[2] == "" && len(m[3]) < len(".0") {
		return "", false
	}
	digits := strings.TrimLeft(m[2], "0")
	if digits == "" {
		digits = "0"
	}
	return json.Number(strings.TrimPrefix(m[1], "+") + digits + strings.TrimSuffix(m[3], ".") + m[4]), true
}

func lineOf(n ast.Node) int {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return 0
	}
	return n.GetToken().Position.Line
}

// tree finds lines in the syntax tree of a record.
type tree struct{ node ast.Node }

func (t tree) lines(paths [][]string) []int {
	lines := make([]int, len(paths))
	want(paths).inTree(t.node, firstLine(t.node), lines)
	return lines
}

// untagged is a node without its anchor and tag.
func untagged(n ast.Node) ast.Node {
	for {
		switch in := n.(type) {
		case *ast.AnchorNode:
			n = in.Value
		case *ast.TagNode:
			n = in.Value
		default:
			return n
		}
	}
}

// firstLine is the line on which a node begins: the token of a block mapping
// is the colon of its first pair.
func firstLine(n ast.Node) int {
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		return lineOf(m.Values[0].Key)
	}
	return lineOf(n)
}
