package query

import "coppice/core/fault"

// tally counts the bytes that a request reads for its answer, so that it stops
// reading what it could not answer with.
type tally struct {
	bytes, limit int
	err          error // of an answer that is too long, once it is
}

func (t *tally) add(n int) error {
	if t == nil {
		return nil
	}
	if t.bytes += n; t.bytes > t.limit && t.err == nil {
		t.err = tooLarge(t.limit, t.bytes)
	}
	return t.err
}

// counted is how many bytes were read so far.
func (t *tally) counted() int {
	if t == nil {
		return 0
	}
	return t.bytes
}

// reset forgets what was read since there were so many bytes.
func (t *tally) reset(bytes int) {
	if t != nil {
		t.bytes = bytes
	}
}

// over is why reading stopped, or nil.
func (t *tally) over() error {
	if t == nil {
		return nil
	}
	return t.err
}

func tooLarge(limit, n int) error { return fault.Limit("size of the answer in bytes", limit, n) }

// rowTally counts the rows of one statement. A row that is read only to see
// whether there are more than the page holds is not in the answer.
type rowTally struct {
	*tally
	page     int // records on a page, where one more is read
	more     bool
	edge     bool // each parent has a page
	backward bool // its first row is the one beyond it

	parent any
	rows   int // of the parent
	first  int // bytes of its first row
}

func (r *run) tallyOf(l *level) rowTally {
	t := rowTally{tally: r.read}
	if l.page != nil && l.page.more {
		n, err := l.page.rows(r.vars)
		t.page, t.more, t.edge, t.backward = n, err == nil, l.edge != nil, l.edge != nil && l.page.backward
	}
	return t
}

func (t *rowTally) row(cells []any) error {
	n := 0
	for _, v := range cells {
		switch v := v.(type) {
		case string:
			n += len(v)
		case []byte:
			n += len(v)
		}
	}
	if !t.more {
		return t.add(n)
	}
	if t.edge && cells[0] != t.parent {
		t.parent, t.rows = cells[0], 0
	}
	if t.rows++; t.rows == 1 {
		t.first = n
	}
	if t.rows > t.page {
		if !t.backward {
			return nil
		}
		n -= t.first
	}
	return t.add(n)
}

// beyond reports which rows of a level's result are not on its page, so that
// nothing needs to be read for them.
func (r *run) beyond(l *level) func(row int) bool {
	for l.joined {
		l = l.parent
	}
	none := func(int) bool { return false }
	if l.page == nil || !l.page.more {
		return none
	}
	n, err := l.page.rows(r.vars)
	if err != nil {
		return none
	}
	if l.edge == nil {
		return func(row int) bool { return row >= n }
	}
	start, g := r.results[l.index].start, 0
	return func(row int) bool { // rows are asked for one after the other
		for g+1 < len(start)-1 && int(start[g+1]) <= row {
			g++
		}
		if l.page.backward {
			return row < int(start[g+1])-n
		}
		return row >= int(start[g])+n
	}
}
