package file

import (
	"errors"
	"fmt"
	"io"
)

// What one record of a file may take. Readers hold it while they read, so that
// no file takes more memory or time than its size is worth.
const (
	maxRecord      = 16 << 20  // bytes of its text
	maxPunctuation = 1_000_000 // commas, colons, opening brackets and line ends in it
	maxTokens      = 250_000   // of YAML, which costs far more to take apart
	maxKeys        = 5_000     // in one mapping of YAML
	// maxDepth is how deep values nest: far beyond what anybody writes, and far
	// from what a stack cannot take.
	maxDepth = 1000
)

// errTooLarge is what the error of a record that takes too much is wrapped in.
var errTooLarge = errors.New("a record that is too large")

var (
	errLong    = tooLarge("it takes more than %d MiB", maxRecord>>20)
	errCrowded = tooLarge("it has more than %d commas, colons, brackets and line ends", maxPunctuation)
	errTokens  = tooLarge("it has more than %d keys, values and marks, the most in YAML: write it as JSON", maxTokens)
	errKeys    = tooLarge("one of its mappings has more than %d keys", maxKeys)
	errDeep    = tooLarge("its values nest more than %d deep", maxDepth)
)

func tooLarge(format string, limit int) error { return &oversize{fmt.Sprintf(format, limit)} }

type oversize struct{ reason string }

func (e *oversize) Error() string        { return e.reason }
func (e *oversize) Is(target error) bool { return target == errTooLarge }

// bounded reads until a record has become too large.
type bounded struct {
	in          io.Reader
	bytes       int // since the record began
	punctuation int
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	switch {
	case b.bytes > maxRecord:
		return 0, errLong
	case b.punctuation > maxPunctuation:
		return 0, errCrowded
	}
	n, err := b.in.Read(p)
	b.bytes += n
	for _, c := range p[:n] {
		if c == ',' || c == '\n' || c == ':' || c == '[' || c == '{' {
			b.punctuation++
		}
	}
	return n, err
}

// next notes that another record begins.
func (b *bounded) next() { b.bytes, b.punctuation = 0, 0 }

// oversized is the error of a record that is too large, at the line where it
// begins, or the one of a file that cannot be read.
func (f *File) oversized(line int, err error) *Error {
	if !errors.Is(err, errTooLarge) {
		return f.unreadable(err)
	}
	var reason *oversize
	errors.As(err, &reason)
	e := f.fault(line, "The record that begins here is too large: %s.", reason)
	e.Cause = err
	return e
}
