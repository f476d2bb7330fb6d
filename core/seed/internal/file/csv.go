package file

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"coppice/core/model"
)

// column is what the cells under a header are for.
type column struct {
	header string
	path   []string     // to the value in the record
	field  *model.Field // whose value it is; nil for a text
	many   int          // how long the path to a to-many edge is; 0 for none
}

func readCSV(f *File, r io.Reader) iter.Seq2[Record, *Error] {
	return func(yield func(Record, *Error) bool) {
		b := &bounded{in: r}
		rows := csv.NewReader(afterByteOrderMark(b))
		rows.ReuseRecord = true
		header, err := rows.Read()
		if err != nil {
			yield(Record{}, f.csvFault(err, 1))
			return
		}
		columns, ok := f.columns(header, yield)
		for line := 1 + strings.Count(strings.Join(header, ""), "\n"); ok; {
			b.next()
			row, err := rows.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			ok = f.csvRow(rows, columns, row, line+1, err, yield)
			if err == nil {
				last := len(row) - 1
				line, _ = rows.FieldPos(last)
				line += strings.Count(row[last], "\n")
			}
		}
	}
}

func (f *File) csvFault(err error, line int) *Error {
	var at *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return f.fault(1, "The file is empty. Its first row names the fields.")
	case errors.As(err, &at):
		return f.fault(at.Line, "The CSV is not well-formed: %s. Put a cell with a quote, a comma or a line end in quotes, and double the quotes in it.", at.Err)
	default:
		return f.oversized(line, err)
	}
}

// csvRow yields a row; it reports whether to go on.
func (f *File) csvRow(rows *csv.Reader, columns []column, row []string, after int, err error, yield func(Record, *Error) bool) bool {
	if err != nil && !errors.Is(err, csv.ErrFieldCount) {
		yield(Record{}, f.csvFault(err, after))
		return false
	}
	line, _ := rows.FieldPos(0)
	if err != nil {
		return yield(Record{}, f.fault(line, "The first row names %d fields, and this one has %d. An absent value is an empty cell.", len(columns), len(row)))
	}
	input, size := map[string]any{}, 0
	for i, c := range columns {
		if size += len(row[i]); row[i] == "" {
			continue
		}
		at, _ := rows.FieldPos(i)
		if fault := f.textFault([]byte(row[i]), at); fault != nil {
			return yield(Record{}, fault.in(f, c.header))
		}
		if err := c.putCell(input, row[i]); err != nil {
			return yield(Record{}, f.fault(line, "%s.", err).in(f, c.header))
		}
	}
	return yield(Record{File: f, Line: line, Input: input, Size: size}, nil)
}

// columns reads the header; where it is wrong it yields why, and ok is false.
func (f *File) columns(header []string, yield func(Record, *Error) bool) (columns []column, ok bool) {
	seen := map[string]bool{}
	for _, name := range header {
		name = strings.TrimSpace(name)
		if fault := f.textFault([]byte(name), 1); fault != nil {
			return nil, yield(Record{}, fault) && false
		}
		c, err := columnOf(f.Entity, name)
		switch {
		case err != nil:
			return nil, yield(Record{}, f.fault(1, "%s.", err).in(f, name)) && false
		case seen[name]:
			return nil, yield(Record{}, f.fault(1, "This column stands twice.").in(f, name)) && false
		}
		seen[name] = true
		columns = append(columns, c)
	}
	return columns, true
}

var errNested = errors.New("CSV cannot hold a list in a list: use YAML or JSON for this")

func columnOf(e *model.Entity, header string) (column, error) {
	c := column{header: header}
	names := strings.Split(header, ".")
	if len(names) > maxDepth {
		return c, errDeep
	}
	err := c.input(e, names)
	return c, err
}

// input goes along the names of a header in a create input.
func (c *column) input(e *model.Entity, names []string) error {
	name, rest := names[0], names[1:]
	c.path = append(c.path, name)
	f, ed := e.Field(name), e.Edge(name)
	switch {
	case name == KeyName && len(rest) == 0:
		return nil
	case f != nil && (f != e.ID || e.UserID) && len(rest) == 0:
		if f.Kind.List() && c.many > 0 {
			return errNested
		}
		c.field = f
		return nil
	case ed != nil && len(rest) == 0:
		return fmt.Errorf("%s leads to %s: name what the cells hold of it, as in %s.%s", name, model.An(ed.To), name, example(ed.Target))
	case ed != nil && !ed.Unique && c.many > 0:
		return errNested
	case ed != nil:
		if !ed.Unique {
			c.many = len(c.path)
		}
		return c.reference(ed.Target, rest)
	default:
		return fmt.Errorf("%s has no column %s. It has %s", e.Name, strings.Join(names, "."), strings.Join(headers(e), ", "))
	}
}

// reference goes along the names of a header in a reference.
func (c *column) reference(e *model.Entity, names []string) error {
	name, rest := names[0], names[1:]
	c.path = append(c.path, name)
	k := e.Key(name)
	switch {
	case (name == "id" || name == KeyName) && len(rest) == 0:
		return nil
	case (name == "create" || name == "connectOrCreate") && len(rest) > 0:
		return c.input(e, rest)
	case k != nil && len(k.Parts) == 1:
		return c.part(k.Parts[0], rest)
	case k != nil && len(rest) > 0:
		for _, p := range k.Parts {
			if p.Name() == rest[0] {
				c.path = append(c.path, rest[0])
				return c.part(p, rest[1:])
			}
		}
	}
	return fmt.Errorf("%s is no way to refer to %s. One is %s", strings.Join(names, "."), model.An(e.Name), example(e))
}

func (c *column) part(p model.Part, rest []string) error {
	switch {
	case p.Edge != nil && len(rest) > 0:
		return c.reference(p.Edge.Target, rest)
	case p.Field != nil && len(rest) == 0:
		c.field = p.Field
		return nil
	case p.Edge != nil:
		return fmt.Errorf("%s leads to %s: name what the cells hold of it, as in %s.%s", p.Name(), model.An(p.Edge.To), p.Name(), example(p.Edge.Target))
	default:
		return fmt.Errorf("%s is a value: nothing can follow it", p.Name())
	}
}

// example is a name by which a record of an entity can be referred to.
func example(e *model.Entity) string {
	for _, k := range e.Keys {
		if len(k.Parts) == 1 && k.Parts[0].Field != nil {
			return k.Name
		}
	}
	return KeyName
}

func headers(e *model.Entity) []string {
	var names []string
	if e.UserID {
		names = append(names, e.ID.GraphQL)
	}
	for _, f := range e.Fields {
		names = append(names, f.GraphQL)
	}
	for _, ed := range e.Edges {
		names = append(names, ed.GraphQL+"."+example(ed.Target))
	}
	return names
}
