package file

import (
	"encoding/json"
	"fmt"
	"strings"

	"coppice/core/model"
)

// separator stands between the elements of a list in a cell.
const separator = '|'

// putCell puts a cell that is not empty into a record.
func (c *column) putCell(input map[string]any, cell string) error {
	if c.many == 0 {
		v, err := convert(c.field, cell)
		if err != nil {
			return err
		}
		put(input, c.path, v)
		return nil
	}
	owner := input
	for _, name := range c.path[:c.many-1] {
		owner = inner(owner, name)
	}
	list, _ := owner[c.path[c.many-1]].([]any)
	for i, piece := range split(cell) {
		if i == len(list) {
			list = append(list, map[string]any{})
		}
		if piece == "" {
			continue
		}
		v, err := convert(c.field, piece)
		if err != nil {
			return err
		}
		element, _ := list[i].(map[string]any)
		put(element, c.path[c.many:], v)
	}
	owner[c.path[c.many-1]] = list
	return nil
}

func put(m map[string]any, path []string, v any) {
	last := len(path) - 1
	for _, name := range path[:last] {
		m = inner(m, name)
	}
	m[path[last]] = v
}

// inner is the map of a name in a map, made if it is not there.
func inner(m map[string]any, name string) map[string]any {
	in, ok := m[name].(map[string]any)
	if !ok {
		in = map[string]any{}
		m[name] = in
	}
	return in
}

// split cuts a cell into the elements of a list.
func split(cell string) []string {
	var list []string
	var b strings.Builder
	for i := 0; i < len(cell); i++ {
		switch ch := cell[i]; {
		case ch == '\\' && i+1 < len(cell) && (cell[i+1] == separator || cell[i+1] == '\\'):
			i++
			b.WriteByte(cell[i])
		case ch == separator:
			list = append(list, b.String())
			b.Reset()
		default:
			b.WriteByte(ch)
		}
	}
	return append(list, b.String())
}

// convert brings the text of a cell into the form that the other formats give
// the value in. What does not look like the field's kind stays a text, which
// the write path then refuses for what it is.
func convert(f *model.Field, cell string) (any, error) {
	if f == nil || f.Kind == model.String {
		return cell, nil
	}
	switch f.Kind {
	case model.Strings, model.Ints:
		element := &model.Field{Kind: model.String}
		if f.Kind == model.Ints {
			element.Kind = model.Int
		}
		pieces := split(cell)
		list := make([]any, len(pieces))
		for i, piece := range pieces {
			list[i], _ = convert(element, piece) // a string or a number cannot fail
		}
		return list, nil
	case model.JSON:
		s := newScan([]byte(cell), 1)
		v, err := s.value(0)
		if err == nil {
			err = s.end()
		}
		switch {
		case err != nil && f.Sensitive: // what is wrong may be told by what stands there
			return nil, fmt.Errorf("%s must be a JSON value", f.GraphQL)
		case err != nil:
			return nil, fmt.Errorf("%s must be a JSON value: %s", f.GraphQL, describe(err))
		}
		return v, nil
	}
	text := strings.TrimSpace(cell)
	switch f.Kind {
	case model.Int, model.BigInt, model.Float:
		if number(text) {
			return json.Number(text), nil
		}
	case model.Bool:
		// Spreadsheets write TRUE and FALSE.
		switch strings.ToLower(text) {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
	}
	return text, nil
}

// number reports whether text is a number as JSON writes it.
func number(text string) bool {
	return text != "" && (text[0] == '-' || text[0] >= '0' && text[0] <= '9') && json.Valid([]byte(text))
}
