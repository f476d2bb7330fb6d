package seed

import (
	"bufio"
	"io"
	"iter"
)

// Step is what is done with a file.
type Step uint8

// The steps.
const (
	Checking Step = iota // it is read, and nothing is written yet
	Loading              // its records are written
)

// Progress tells how far a file is.
type Progress struct {
	File    string
	Step    Step
	Records int     // so far, nested ones not counted
	Part    float64 // of the file, from 0 to 1; 0 where that cannot be told
	Done    bool
}

// every is how many records stand between two reports.
const every = 100

// reporter reports the progress of a file.
type reporter struct {
	tell func(Progress) // or nil
	now  Progress
	read int64 // bytes
	size int64 // of the file, or 0
}

func newReporter(f *file, step Step, tell func(Progress)) *reporter {
	return &reporter{tell: tell, now: Progress{File: f.name, Step: step}}
}

func (r *reporter) record() {
	if r.now.Records++; r.now.Records%every == 0 {
		if r.size > 0 {
			r.now.Part = min(1, float64(r.read)/float64(r.size))
		}
		r.say()
	}
}

// count notes that n more of so many records are done.
func (r *reporter) count(n, of int) {
	r.now.Records += n
	if of > 0 {
		r.now.Part = min(1, float64(r.now.Records)/float64(of))
	}
	r.say()
}

func (r *reporter) end() {
	r.now.Part, r.now.Done = 1, true
	r.say()
}

func (r *reporter) say() {
	if r.tell != nil {
		r.tell(r.now)
	}
}

// counter counts what is read of a file.
type counter struct {
	io.Reader
	report *reporter
}

// Read implements io.Reader.
func (c counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.report.read += int64(n)
	return n, err
}

// records reads the file from its beginning; report may be nil.
func (f *file) records(report *reporter) iter.Seq2[entry, *Error] {
	if f.made != nil {
		return f.made
	}
	return func(yield func(entry, *Error) bool) {
		in, err := f.fsys.Open(f.path)
		if err != nil {
			yield(entry{}, f.unreadable(err))
			return
		}
		defer func() { _ = in.Close() }() // nothing was written to it
		var r io.Reader = in
		if report != nil {
			if info, err := in.Stat(); err == nil {
				report.size = info.Size()
			}
			r = counter{in, report}
		}
		f.read(f, r)(yield)
	}
}

const byteOrderMark = "\ufeff"

// unmarked buffers what follows a byte order mark, if there is one.
func unmarked(r io.Reader) *bufio.Reader {
	in := bufio.NewReaderSize(r, 1<<16)
	if start, _ := in.Peek(len(byteOrderMark)); string(start) == byteOrderMark {
		_, _ = in.Discard(len(byteOrderMark)) // it was peeked
	}
	return in
}
