package query

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"coppice/core/fault"
	"coppice/core/model"
)

// A cursor is the Base64 (RFC 4648, section 5, unpadded) of a JSON list: the
// signature of the order it was made under, then the value of each term.

// position is a decoded cursor, or a variable that will hold one under an
// order whose values are never null.
type position struct {
	terms  []term
	values []any
	from   slot
	path   string
	sig    string
}

var errCursor = errors.New("this is not a cursor")

// decodeCursor reads a cursor for an order.
func decodeCursor(s, sig string, terms []term) ([]any, error) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, errCursor
	}
	var list []any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&list); err != nil || dec.More() || len(list) == 0 {
		return nil, errCursor
	}
	if list[0] != sig || len(list) != len(terms)+1 {
		return nil, errors.New("this cursor was made under another order")
	}
	values := list[1:]
	for i, t := range terms {
		if values[i] == nil {
			if !t.nullable {
				return nil, errCursor
			}
			continue
		}
		if values[i], err = cursorValue(t, values[i]); err != nil {
			return nil, errCursor
		}
	}
	return values, nil
}

func cursorValue(t term, v any) (any, error) {
	f := t.field()
	if foreign, ok := foreignOperand(f, v); ok {
		return foreign, nil
	}
	switch f.Kind {
	case model.Int:
		n, ok := v.(json.Number)
		if !ok {
			return nil, errCursor
		}
		return n.Int64()
	case model.Enum:
		s, ok := v.(string)
		if !ok {
			return nil, errCursor
		}
		return s, nil
	default:
		return f.Part().ParseOperand(v)
	}
}

// appendCursor writes the cursor of a row as a JSON string.
func appendCursor(out []byte, sig string, terms []term, cells []any) []byte {
	buf := append(make([]byte, 0, 64), `["`...)
	buf = append(append(buf, sig...), '"')
	for i, t := range terms {
		buf = append(buf, ',')
		buf = appendCursorValue(buf, t.field(), cells[i])
	}
	buf = append(buf, ']')
	out = append(out, '"')
	out = base64.RawURLEncoding.AppendEncode(out, buf)
	return append(out, '"')
}

func appendCursorValue(buf []byte, f *model.Field, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(buf, "null"...)
	case string:
		switch f.Kind {
		case model.Time:
			return appendStored(buf, v)
		case model.Float: // of a column of decimals
			if json.Valid([]byte(v)) {
				return append(buf, v...)
			}
		}
		return appendString(buf, v)
	case int64:
		if f.Kind == model.Bool {
			return appendBool(buf, v != 0)
		}
		if f.OwnStorage {
			return appendString(buf, strconv.FormatInt(v, 10))
		}
		return appendInt(buf, v)
	case time.Time:
		if !inRange(v) {
			return appendInt(buf, v.UnixMicro())
		}
		return appendTime(buf, v)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return appendString(buf, notNumber(v))
		}
		return appendMarshaled(buf, v)
	case []byte: // text that its Go type stores as bytes
		return appendString(buf, string(v))
	default:
		return appendMarshaled(buf, v)
	}
}

func appendMarshaled(buf []byte, v any) []byte {
	b, _ := json.Marshal(v)
	return append(buf, b...)
}

// foreignOperand is the value of a cursor that no input may have, and that a record may
// have from another program: a time beyond RFC 3339, in microseconds since 1970 or
// infinite, or no number.
func foreignOperand(f *model.Field, v any) (any, bool) {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil && f.Kind == model.Time {
			return time.UnixMicro(n).UTC(), true
		}
	case string:
		switch {
		case f.Kind == model.Time && isInfinite(v), f.Kind == model.Float && v == "NaN":
			return v, true // a text: SQLite takes the number for null
		case f.Kind == model.Float && v == "Infinity":
			return math.Inf(1), true
		case f.Kind == model.Float && v == "-Infinity":
			return math.Inf(-1), true
		}
	}
	return nil, false
}

// cursor reads an after or before argument.
func (r *reader) cursor(e *model.Entity, v any, terms []term, path string) (*position, error) {
	p := &position{terms: terms, path: path, sig: signature(e, terms)}
	if s, ok := v.(slot); ok && !anyNullable(terms) {
		p.from = s
		return p, nil
	}
	values, err := p.decode(r.value(v))
	if err != nil {
		return nil, err
	}
	p.values = values
	return p, nil
}

func (p *position) decode(v any) ([]any, error) {
	s, ok := v.(string)
	if !ok {
		return nil, fault.Input(p.path, "A cursor is a string.")
	}
	values, err := decodeCursor(s, p.sig, p.terms)
	if err != nil {
		return nil, fault.Input(p.path, "%s. Pass back a cursor that this list gave, with the same orderBy.", upperFirst(err.Error()))
	}
	return values, nil
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func anyNullable(terms []term) bool {
	for _, t := range terms {
		if t.nullable {
			return true
		}
	}
	return false
}

func (p *position) null(i int) bool { return p.values != nil && p.values[i] == nil }

// arg writes the placeholder of a term's value.
func (p *position) arg(b *builder, i int) {
	if p.values != nil {
		b.Arg(p.values[i])
		return
	}
	b.Arg(&binding{name: p.from.name, path: p.path, cursor: p, term: i, parse: func(v any) (any, error) {
		values, err := p.decode(v)
		if err != nil {
			return nil, err
		}
		return values[i], nil
	}})
}

// Limits bounds what an operation answers with.
type Limits struct {
	PageSize int // records on a page when neither first nor last is given
	PageMax  int // records on a page at most
	Answer   int // bytes of an answer at most
}

// PageRows reads the number of records that an argument named first or last
// asks for, given as any integer, and checks it against the largest page.
func PageRows(argument string, v any, pageMax int) (int, error) {
	var n int64
	switch v := v.(type) {
	case int:
		n = int64(v)
	case int64:
		n = v
	case json.Number:
		var err error
		if n, err = v.Int64(); err != nil {
			return 0, fault.Input(argument, "%s must be a whole number from 0 to %d.", argument, pageMax)
		}
	case float64:
		n = int64(v)
	}
	if n < 0 {
		return 0, fault.Input(argument, "%s is %d, and a page cannot hold less than 0 records.", argument, n)
	}
	if n > int64(pageMax) {
		return 0, fault.Input(argument, "%s is %d, and a page holds at most %d records. Ask for less, and page on with a cursor.", argument, n, pageMax)
	}
	return int(n), nil
}

// page is the part of a list that is asked for.
type page struct {
	size     any // an int, or the slot of one
	argument string
	limits   Limits
	backward bool
	more     bool // whether there is more beyond the page is asked
	after    *position
	before   *position
	where    object
	terms    []term
	sig      string
	cursor   []int // the columns of the terms' values, once a cursor is asked
}

func (p *planner) page(e *model.Entity, args object) (*page, error) {
	pg := &page{size: p.engine.limits.PageSize, argument: "first", limits: p.engine.limits}
	wrong := pg.sized(args)
	var err error
	orderBy, _ := notNull(args, "orderBy")
	if pg.terms, err = p.reader.order(e, orderBy); err != nil {
		return nil, both(wrong, err) // without an order, no cursor can be read
	}
	pg.sig = signature(e, pg.terms)
	if v, ok := notNull(args, "after"); ok {
		pg.after, err = p.reader.cursor(e, v, pg.terms, "after")
		wrong = both(wrong, err)
	}
	if v, ok := notNull(args, "before"); ok {
		pg.before, err = p.reader.cursor(e, v, pg.terms, "before")
		wrong = both(wrong, err)
	}
	if wrong != nil {
		return nil, wrong
	}
	if v, ok := notNull(args, "where"); ok {
		pg.where, ok = p.reader.value(v).(object)
		if !ok {
			return nil, fault.Input("where", "An object is wanted here.")
		}
	}
	return pg, nil
}

// sized reads how long the page is, and from which end it is counted.
func (pg *page) sized(args object) error {
	first, hasFirst := notNull(args, "first")
	last, hasLast := notNull(args, "last")
	switch {
	case hasFirst && hasLast:
		return fault.Input("last", "Give either first or last, not both.")
	case hasFirst:
		pg.size = first
	case hasLast:
		pg.size, pg.argument, pg.backward = last, "last", true
	}
	if _, isSlot := pg.size.(slot); isSlot {
		return nil
	}
	_, err := pg.rows(nil)
	return err
}

func notNull(args object, name string) (any, bool) {
	v, _ := args.get(name)
	return v, v != nil
}

// rows is the number of records on the page.
func (pg *page) rows(vars map[string]any) (int, error) {
	v := pg.size
	if s, ok := v.(slot); ok {
		v = vars[s.name]
	}
	return PageRows(pg.argument, v, pg.limits.PageMax)
}

// readCursor makes the level read the values that a cursor is made of.
func (pg *page) readCursor(l *level) {
	if pg.cursor != nil {
		return
	}
	for i := range pg.terms {
		by := &pg.terms[i].by
		if by.Edge == nil {
			pg.cursor = append(pg.cursor, l.at(column{name: by.Field.Column}))
		} else {
			pg.cursor = append(pg.cursor, l.at(column{order: by}))
		}
	}
}
