package query

import (
	"context"
	"errors"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"coppice/core/fault"
	"coppice/core/model"
)

// step is one step of the way to where in the answer the writer is.
type step struct {
	name  string
	index int // of a list element; -1 for a field
}

// writer writes an answer from the results of a run.
type writer struct {
	run  *run
	ctx  context.Context // of the root field, for directives below it
	buf  []byte
	errs gqlerror.List
	over *gqlerror.Error // that the answer is too long, or nil
	at   []step          // for the path of an error
}

// enter goes into a field, element into an element of a list. Whoever calls them
// goes back, from wherever a value was given up on.
func (w *writer) enter(name string) { w.at = append(w.at, step{name: name, index: -1}) }

func (w *writer) element(i int) { w.at = append(w.at, step{index: i}) }

func (w *writer) path() ast.Path {
	if len(w.at) == 0 {
		return nil
	}
	path := make(ast.Path, len(w.at))
	for i, s := range w.at {
		if path[i] = ast.PathName(s.name); s.index >= 0 {
			path[i] = ast.PathIndex(s.index)
		}
	}
	return path
}

// fail notes an error of the value where the writer is, or several, joined.
// What was written for it is for the caller to take back.
func (w *writer) fail(err error) {
	for _, part := range byPlace(err) {
		path := w.path()
		var at *placed
		if errors.As(part, &at) {
			path, part = at.path, at.err
		}
		for _, f := range fault.All(part) {
			w.errs = append(w.errs, &gqlerror.Error{Err: f, Message: f.Message, Path: path})
		}
	}
}

// errorLength is about what an error takes in an answer, in bytes.
const errorLength = 200

// full reports whether the answer is longer than it may be; it is an error then.
func (w *writer) full() bool {
	limit, n := w.run.engine.limits.Answer, len(w.buf)+errorLength*len(w.errs)
	err := w.run.read.over()
	if w.over != nil || n <= limit && err == nil {
		return w.over != nil
	}
	reported := -1
	if err == nil {
		err = tooLarge(limit, n)
	} else {
		reported = slices.IndexFunc(w.errs, func(e *gqlerror.Error) bool { return errors.Is(e, err) })
	}
	if reported < 0 {
		w.fail(err)
		reported = len(w.errs) - 1
	}
	w.over = w.errs[reported]
	return true
}

// withhold notes an error of a value that is there, for all that is known, and
// may not be read: it undoes nothing that was written.
func (w *writer) withhold(err error) {
	before := len(w.errs)
	w.fail(err)
	w.run.unread = append(w.run.unread, w.errs[before:]...)
}

// null writes null in the place of what was written since mark, where null is
// allowed; ok is false where the parent has to become null instead.
func (w *writer) null(mark int, nonNull bool) (ok bool) {
	w.buf = w.buf[:mark]
	if nonNull {
		return false
	}
	w.buf = append(w.buf, "null"...)
	return true
}

// object writes a record's selection; ok is false when a field that cannot be
// null was.
func (w *writer) object(outs []output, res *result, row int) (ok bool) {
	w.buf = append(w.buf, '{')
	cells := res.row(row)
	for i := range outs {
		out := &outs[i]
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.buf = append(w.buf, out.key...)
		switch out.kind {
		case outTypename:
		case outScalar:
			if !w.scalar(out, outs, cells) {
				return false
			}
		case outID:
			w.id(out.entity, cells[out.col])
		default:
			depth := len(w.at)
			w.enter(out.name)
			ok := w.composite(out, res, row)
			w.at = w.at[:depth]
			if !ok {
				return false
			}
		}
	}
	w.buf = append(w.buf, '}')
	return true
}

// scalar writes a value of a row, which other fields are written of, too.
func (w *writer) scalar(out *output, outs []output, cells []any) bool {
	mark, v := len(w.buf), cells[out.col]
	var err error
	if w.buf, err = appendValue(w.buf, out.field, v); err == nil && (v != nil || !out.nonNull) {
		return !w.full()
	}
	if err == nil {
		err = fault.New(fault.Internal, "This field has no value, though it must have one.")
	}
	if other := (*foreign)(nil); errors.As(err, &other) {
		err = &fault.Unreadable{What: out.named(outs, cells), Value: other.value, Rule: other.rule}
	}
	w.enter(out.name)
	w.fail(err)
	w.at = w.at[:len(w.at)-1]
	return w.null(mark, out.nonNull)
}

func (w *writer) id(e *model.Entity, v any) {
	switch v := v.(type) {
	case int64:
		w.buf = append(w.buf, '"')
		w.buf = append(w.buf, e.Name...)
		w.buf = append(w.buf, ':')
		w.buf = appendInt(w.buf, v)
		w.buf = append(w.buf, '"')
	case []byte:
		w.buf = appendString(w.buf, e.GlobalID(string(v)))
	case string:
		w.buf = appendString(w.buf, e.GlobalID(v))
	case nil:
		w.buf = append(w.buf, "null"...)
	}
}

// compose writes a field that is more than a value, without its directives.
func (w *writer) compose(out *output, res *result, row int) bool {
	mark := len(w.buf)
	switch out.kind {
	case outObject:
		return w.object(out.sub, res, row)
	case outSum:
		w.buf = appendSum(w.buf, res.row(row)[out.col:out.col+2])
		return true
	case outOne:
		child := &w.run.results[out.level.index]
		if child.err != nil {
			w.withhold(child.err)
			return w.null(mark, out.nonNull)
		}
		if to := child.to(out.level, row); to >= 0 {
			return w.object(out.sub, child, to) || w.null(mark, out.nonNull)
		}
		if out.nonNull {
			w.missing(out.level.entity)
		}
		return w.null(mark, out.nonNull)
	case outMany:
		child := &w.run.results[out.level.index]
		if child.err != nil {
			w.withhold(child.err)
			return w.null(mark, out.nonNull)
		}
		return w.connection(out, child, groupOf(child, row)) || w.null(mark, out.nonNull)
	default:
		return w.custom(res.custom[out.custom], row, out.nonNull)
	}
}

// missing notes that what a required edge leads to cannot be read.
func (w *writer) missing(e *model.Entity) {
	if w.run.view.of(e).Hides() {
		w.withhold(fault.New(fault.Forbidden, "There is %s here that you may not see.", model.An(e.Name)))
		return
	}
	w.fail(fault.New(fault.Internal, "This record leads to another that cannot be read."))
}

// custom writes what a hand-written field gave for a record, and puts its
// errors where the record stands.
func (w *writer) custom(answers []answer, row int, nonNull bool) bool {
	if row >= len(answers) {
		return w.null(len(w.buf), nonNull)
	}
	a := answers[row]
	for _, err := range a.errs {
		e := *err
		e.Path = w.path()
		if len(err.Path) > 1 {
			e.Path = append(e.Path, err.Path[1:]...)
		}
		w.errs = append(w.errs, &e)
	}
	if a.json == nil {
		return w.null(len(w.buf), nonNull)
	}
	w.buf = append(w.buf, a.json...)
	return true
}

func groupOf(child *result, row int) int {
	if row >= len(child.group) {
		return -1
	}
	return int(child.group[row])
}

// window is the part of a level's rows that one list shows.
type window struct {
	from, to int
	more     bool // there are more, in the direction of paging
	total    int64
}

func (w *writer) window(l *level, res *result, g int) (window, error) {
	win := window{to: res.n, total: res.total}
	if l.edge != nil {
		win.to = 0
		if g >= 0 && g+1 < len(res.start) {
			win.from, win.to = int(res.start[g]), int(res.start[g+1])
		}
		if g >= 0 && g < len(res.totals) {
			win.total = res.totals[g]
		}
	}
	n, err := l.page.rows(w.run.vars)
	if win.to-win.from > n {
		win.more = true
		// A root's page is read in the order of paging, an edge's in the
		// order of the list; the record beyond the page stands last or first.
		if l.page.backward && l.edge != nil {
			win.from = win.to - n
		} else {
			win.to = win.from + n
		}
	}
	return win, err
}

// connection writes a list; g is the value of the parent that it hangs on.
func (w *writer) connection(out *output, res *result, g int) bool {
	l := out.level
	win, err := w.window(l, res, g)
	if err != nil {
		w.fail(err)
		return false
	}
	w.buf = append(w.buf, '{')
	for i := range out.sub {
		sub := &out.sub[i]
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.buf = append(w.buf, sub.key...)
		switch sub.kind {
		case outEdges:
			depth := len(w.at)
			w.enter(sub.name)
			ok := w.edges(sub, l, res, win)
			w.at = w.at[:depth]
			if !ok {
				return false
			}
		case outPageInfo:
			w.pageInfo(sub, l, res, win)
		case outTotal:
			w.buf = appendInt(w.buf, win.total)
		}
	}
	w.buf = append(w.buf, '}')
	return true
}

// at is the row of the i-th record of a window.
func (win window) at(l *level, i int) int {
	if l.page.backward && l.edge == nil {
		return win.to - 1 - i
	}
	return win.from + i
}

func (w *writer) edges(out *output, l *level, res *result, win window) bool {
	w.buf = append(w.buf, '[')
	depth := len(w.at)
	for i := range win.to - win.from {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.element(i)
		row := win.at(l, i)
		w.buf = append(w.buf, '{')
		for j := range out.sub {
			sub := &out.sub[j]
			if j > 0 {
				w.buf = append(w.buf, ',')
			}
			w.buf = append(w.buf, sub.key...)
			switch sub.kind {
			case outNode:
				mark := len(w.buf)
				w.enter(sub.name)
				if !w.object(sub.sub, res, row) && !w.null(mark, sub.nonNull) {
					return false
				}
				w.at = w.at[:depth+1]
			case outCursor:
				w.cursor(l, res, row)
			case outScalar: // the edge's own
				if !w.scalar(sub, nil, res.row(row)) {
					return false
				}
			}
		}
		w.buf = append(w.buf, '}')
		w.at = w.at[:depth]
		if w.full() {
			return false
		}
	}
	w.buf = append(w.buf, ']')
	return true
}

func (w *writer) cursor(l *level, res *result, row int) {
	values := make([]any, len(l.page.cursor))
	for i, c := range l.page.cursor {
		values[i] = res.row(row)[c]
	}
	w.buf = appendCursor(w.buf, l.page.sig, l.page.terms, values)
}

func (w *writer) pageInfo(out *output, l *level, res *result, win window) {
	w.buf = append(w.buf, '{')
	n := win.to - win.from
	for i := range out.sub {
		sub := &out.sub[i]
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.buf = append(w.buf, sub.key...)
		switch sub.kind {
		case outHasNext:
			w.buf = appendBool(w.buf, win.more && !l.page.backward || l.page.backward && l.page.before != nil)
		case outHasPrevious:
			w.buf = appendBool(w.buf, win.more && l.page.backward || !l.page.backward && l.page.after != nil)
		case outStart, outEnd:
			if n == 0 {
				w.buf = append(w.buf, "null"...)
				continue
			}
			row := win.at(l, 0)
			if sub.kind == outEnd {
				row = win.at(l, n-1)
			}
			w.cursor(l, res, row)
		}
	}
	w.buf = append(w.buf, '}')
}
