// Package statement records the SQL that runs under a context, for whoever
// asked to see it. Without a recorder in the context it costs one look-up.
package statement

import (
	"context"
	"sync"
	"time"
)

// Statement is one that ran.
type Statement struct {
	SQL      string
	Args     []any
	Duration time.Duration
	Rows     int      // read, or affected by a write
	Path     []any    // the response path of the field that it ran for, or nil
	Plan     []string // the engine's plan, one line a step, where it was asked for
	Steps    []Step   // those of the plan that read or sort
}

// Recorder collects statements in the order in which they ended.
type Recorder struct {
	// Plans asks for the plan of each statement.
	Plans bool

	mu   sync.Mutex
	list []Statement
}

// Add records a statement.
func (r *Recorder) Add(s Statement) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, s)
}

// Statements returns what was recorded so far.
func (r *Recorder) Statements() []Statement {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Statement(nil), r.list...)
}

type (
	recorderKey struct{}
	pathKey     struct{}
	probeKey    struct{}
)

// NewContext returns a context whose statements r records.
func NewContext(ctx context.Context, r *Recorder) context.Context {
	return context.WithValue(ctx, recorderKey{}, r)
}

// FromContext returns the context's recorder, or nil.
func FromContext(ctx context.Context) *Recorder {
	r, _ := ctx.Value(recorderKey{}).(*Recorder)
	return r
}

// At returns a context whose statements run for the field at a response path.
func At(ctx context.Context, path []any) context.Context {
	return context.WithValue(ctx, pathKey{}, path)
}

// PathOf returns the response path that At set, or nil.
func PathOf(ctx context.Context) []any {
	p, _ := ctx.Value(pathKey{}).([]any)
	return p
}

// Probe returns a context for those who ask whether the database answers: its
// reads, outside of transactions, have a connection to themselves, for which no
// request stands in line.
func Probe(ctx context.Context) context.Context {
	return context.WithValue(ctx, probeKey{}, true)
}

// IsProbe reports whether a context is one of Probe's.
func IsProbe(ctx context.Context) bool { return ctx.Value(probeKey{}) != nil }
