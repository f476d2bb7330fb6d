package file

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

// Reporter reports the progress of a file.
type Reporter struct {
	tell func(Progress) // or nil
	now  Progress
	read int64 // bytes
	size int64 // of the file, or 0
}

// NewReporter begins the reports of what is done with a file; tell may be nil.
func NewReporter(f *File, step Step, tell func(Progress)) *Reporter {
	return &Reporter{tell: tell, now: Progress{File: f.Name, Step: step}}
}

// Record notes that one more record is read.
func (r *Reporter) Record() {
	if r.now.Records++; r.now.Records%every == 0 {
		if r.size > 0 {
			r.now.Part = min(1, float64(r.read)/float64(r.size))
		}
		r.say()
	}
}

// Count notes that n more of so many records are done.
func (r *Reporter) Count(n, of int) {
	r.now.Records += n
	if of > 0 {
		r.now.Part = min(1, float64(r.now.Records)/float64(of))
	}
	r.say()
}

// Records is how many were noted so far.
func (r *Reporter) Records() int { return r.now.Records }

// End reports that the file is done.
func (r *Reporter) End() {
	r.now.Part, r.now.Done = 1, true
	r.say()
}

func (r *Reporter) say() {
	if r.tell != nil {
		r.tell(r.now)
	}
}

// counter counts what is read of a file.
type counter struct {
	io.Reader
	report *Reporter
}

// Read implements io.Reader.
func (c counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.report.read += int64(n)
	return n, err
}

// Records reads the file from its beginning; report may be nil.
func (f *File) Records(report *Reporter) iter.Seq2[Record, *Error] {
	if f.made != nil {
		return f.made
	}
	return func(yield func(Record, *Error) bool) {
		in, err := f.fsys.Open(f.path)
		if err != nil {
			yield(Record{}, f.unreadable(err))
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

// afterByteOrderMark buffers what follows a byte order mark, if there is one.
func afterByteOrderMark(r io.Reader) *bufio.Reader {
	in := bufio.NewReaderSize(r, 1<<16)
	if start, _ := in.Peek(len(byteOrderMark)); string(start) == byteOrderMark {
		_, _ = in.Discard(len(byteOrderMark)) // it was peeked
	}
	return in
}
