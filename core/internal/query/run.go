package query

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	sqlwords "coppice/core/internal/dialect"
	"coppice/core/internal/scope"
	"coppice/core/internal/statement"
	"coppice/core/record"
)

// result is what a level's statement gave.
type result struct {
	cells []any // the rows, one after the other
	width int
	skip  int // columns before the level's own
	n     int

	group  []int32 // for each of the parent's rows, its place among the values asked for; -1 for none
	start  []int32 // for each value, its first row; one more at the end
	first  []int32 // for each value of a to-one edge, its row; -1 for none
	totals []int64
	total  int64 // of a root
	err    error // why it may not be read
	custom map[*custom][]answer
	// records are typed, where hand-written fields or directives want them.
	records []any
}

// result is an empty result of the level, in the memory of an earlier one.
func (l *level) result(old *result) result {
	return result{width: l.width(), skip: l.prefix(), cells: old.cells[:0]}
}

func (r *result) row(i int) []any { return r.cells[i*r.width+r.skip : (i+1)*r.width] }

// to is the row that a to-one edge leads to from one of the parent's; -1 for
// none.
func (r *result) to(l *level, row int) int {
	if l.joined {
		if r.row(row)[l.link] == nil {
			return -1
		}
		return row
	}
	if g := groupOf(r, row); g >= 0 {
		return int(r.first[g])
	}
	return -1
}

// run is one execution of a plan.
type run struct {
	engine  *Engine
	plan    *plan
	client  *record.Client
	conn    dialect.ExecQuerier
	op      *graphql.OperationContext
	vars    map[string]any
	results []result
	changes []*change // of a mutation, by its root fields
	traced  bool
	placed  bool   // the root's records are read by where they lie
	made    bool   // the record of a mutation is there, and read
	begun   bool   // its transaction has
	last    *level // whose statement ends its snapshot, or nil
	read    *tally // of what goes into the answer
	// What this run sees, once it is settled, and the statements for that.
	scopes     *scope.Scopes
	view       *view
	statements *variant
	unread     gqlerror.List // errors of what was written and may not be read
}

// load reads a level and all below it. The list is bound where the level's
// statement takes one.
func (r *run) load(ctx context.Context, l *level, list any) error {
	r.prepare(ctx)
	res := &r.results[l.index]
	*res = l.result(res)
	if r.traced {
		ctx = statement.At(ctx, l.path)
	}
	of := &r.statements.levels[l.index]
	if of.err != nil {
		if _, err := of.main.bind(r.vars, list, r.view); err != nil { // wrong is wrong even so
			return err
		}
		return of.err
	}
	if l.together {
		if err := r.loadTogether(ctx, l, of); err != nil {
			return place(l.fieldPath, err)
		}
	} else if main := of.reading(r.placed); main.text != "" {
		if err := r.query(ctx, main, list, res, r.tallyOf(l)); err != nil {
			return place(l.fieldPath, err)
		}
	}
	if of.counting.text != "" {
		if err := r.count(ctx, &of.counting, res); err != nil {
			return place(l.fieldPath, err)
		}
	}
	return r.below(ctx, l)
}

// loadTogether reads a root's page and its total by one statement: by that of the page
// alone where pages held all there was, and this one does.
func (r *run) loadTogether(ctx context.Context, l *level, of *compiled) error {
	res, count := &r.results[l.index], r.tallyOf(l)
	limit, wrong := l.page.rows(r.vars)
	if l.page.more {
		limit++
	}
	if wrong == nil && of.page.text != "" && of.habit.holdsAll() {
		before := r.read.counted()
		if err := r.query(ctx, &of.page, nil, res, count); err != nil {
			return err
		}
		if res.n < limit {
			res.total = int64(res.n)
			return nil
		}
		*res = l.result(res)
		r.read.reset(before)
	}
	if err := r.query(ctx, &of.main, nil, res, count); err != nil {
		return err
	}
	res.apart()
	of.habit.note(res.n < limit)
	return nil
}

// below reads what hangs on a level's records.
func (r *run) below(ctx context.Context, l *level) error {
	res := &r.results[l.index]
	for _, child := range l.children {
		if child.joined {
			r.results[child.index] = result{cells: res.cells, width: res.width, skip: child.offset, n: res.n,
				err: r.statements.levels[child.index].err}
			if err := r.below(ctx, child); err != nil {
				return err
			}
		} else if err := r.loadChild(ctx, res, child); err != nil {
			return err
		}
	}
	return place(l.fieldPath, r.resolveCustom(ctx, l, res))
}

func (r *run) query(ctx context.Context, p *prepared, list any, res *result, count rowTally) error {
	args, err := p.bind(r.vars, list, r.view)
	if err != nil {
		return err
	}
	text, args := p.at(args)
	var rows sql.Rows
	if err := r.conn.Query(ctx, text, args, &rows); err != nil {
		return fmt.Errorf("query: %w", err)
	}
	dest, stamps := make([]any, res.width), make([]timeScanner, len(p.timeColumns))
	for rows.Next() {
		at := len(res.cells)
		for range res.width {
			res.cells = append(res.cells, nil)
		}
		for i := range dest {
			dest[i] = &res.cells[at+i]
		}
		for i, col := range p.timeColumns {
			stamps[i].cell = &res.cells[at+col]
			dest[col] = &stamps[i]
		}
		if err := rows.Scan(dest...); err != nil {
			_ = rows.Close()
			return fmt.Errorf("query: scan: %w", err)
		}
		res.n++
		if err := count.row(res.cells[at:]); err != nil {
			_ = rows.Close()
			return err
		}
	}
	if err := rows.Err(); err != nil {
		_ = rows.Close()
		return fmt.Errorf("query: %w", err)
	}
	return rows.Close()
}

// timeScanner fills a cell with a time as it is stored, which comes as bytes.
type timeScanner struct{ cell *any }

// Scan implements sql.Scanner.
func (s *timeScanner) Scan(v any) error {
	if b, ok := v.([]byte); ok {
		v = string(b)
	}
	*s.cell = v
	return nil
}

func (r *run) count(ctx context.Context, p *prepared, res *result) error {
	one := result{width: 1}
	if err := r.query(ctx, p, nil, &one, rowTally{}); err != nil {
		return err
	}
	res.total, _ = one.cells[0].(int64)
	return nil
}

// loadChild reads a level for all rows of its parent at once.
func (r *run) loadChild(ctx context.Context, parent *result, l *level) error {
	group, list, n := links(r.engine.dialect, parent, l.link, r.beyond(l.parent))
	res := &r.results[l.index]
	if n == 0 {
		*res = l.result(res)
		res.group = group
		return r.empty(l)
	}
	*res = l.result(res)
	of := &r.statements.levels[l.index]
	if res.err = of.err; res.err != nil { // told where the answer comes to it
		res.group = group
		return r.empty(l)
	}
	if r.traced {
		ctx = statement.At(ctx, l.path)
	}
	if of.main.text != "" {
		if l == r.last {
			ctx = statement.Last(ctx)
		}
		if err := r.query(ctx, &of.main, list, res, r.tallyOf(l)); err != nil {
			return place(l.fieldPath, err)
		}
	}
	res.group = group
	if l.page == nil {
		res.first = make([]int32, n)
		for g := range res.first {
			res.first[g] = -1
		}
		for i := range res.n {
			res.first[parentOf(res, i)] = int32(i)
		}
	} else {
		res.gather(n, l.total)
	}
	return r.below(ctx, l)
}

// empty leaves a level, and all below it, without records.
func (r *run) empty(l *level) error {
	for _, child := range l.children {
		res := &r.results[child.index]
		*res = child.result(res)
		if err := r.empty(child); err != nil {
			return err
		}
	}
	return nil
}

// apart takes the total out of the rows of a page that it was read with, and the row
// that only carries it.
func (r *result) apart() {
	if r.n == 0 {
		return
	}
	r.total, _ = r.cells[0].(int64)
	if r.cells[1] == nil {
		r.n, r.cells = 0, r.cells[:0]
	}
}

func parentOf(res *result, row int) int64 {
	g, _ := res.cells[row*res.width].(int64)
	return g
}

// gather notes where the rows of each value start, and drops those that only
// carry a total.
func (r *result) gather(n int, total bool) {
	r.start = make([]int32, n+1)
	if total {
		r.totals = make([]int64, n)
		kept := 0
		for i := range r.n {
			row := r.cells[i*r.width : (i+1)*r.width]
			if n, ok := row[1].(int64); ok { // in its first row at least
				r.totals[row[0].(int64)] = n
			}
			if row[2] == nil {
				continue
			}
			if kept != i {
				copy(r.cells[kept*r.width:], row)
			}
			kept++
		}
		r.n = kept
		r.cells = r.cells[:kept*r.width]
	}
	row := 0
	for g := range n {
		r.start[g] = int32(row)
		for row < r.n && parentOf(r, row) == int64(g) {
			row++
		}
	}
	r.start[n] = int32(row)
}

// links lists the distinct values that the parent's rows hold in a column, as
// a list in the engine's words, and where each row's value stands in it, but for
// rows beyond.
func links(d *sqlwords.Dialect, parent *result, column int, beyond func(row int) bool) (group []int32, list string, n int) {
	group = make([]int32, parent.n)
	buf := make([]byte, 1, 8*parent.n+2)
	buf[0] = d.Open()
	seen := make(map[any]int32, parent.n)
	for i := range parent.n {
		v := parent.row(i)[column]
		if v == nil || beyond(i) {
			group[i] = -1
			continue
		}
		if b, ok := v.([]byte); ok {
			v = string(b)
		}
		g, ok := seen[v]
		if !ok {
			g = int32(len(seen))
			seen[v] = g
			if g > 0 {
				buf = append(buf, ',')
			}
			buf = appendLink(d, buf, v)
		}
		group[i] = g
	}
	return group, string(append(buf, d.Close())), len(seen)
}

// appendLink writes a value into a list in the engine's words.
func appendLink(d *sqlwords.Dialect, buf []byte, v any) []byte {
	if s, ok := v.(string); ok && d.Types == nil {
		return appendString(buf, s)
	}
	return d.AppendItem(buf, v)
}

// listOf is a list of ids, each once, in the engine's words.
func listOf(d *sqlwords.Dialect, ids ...any) string {
	buf := []byte{d.Open()}
	seen := make(map[any]bool, len(ids))
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		if len(buf) > 1 {
			buf = append(buf, ',')
		}
		buf = appendLink(d, buf, id)
	}
	return string(append(buf, d.Close()))
}
