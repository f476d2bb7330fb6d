package statement

import (
	"context"
	"fmt"
)

// Progress is how far the database must have come for a request, and how far the
// request brought it, in tokens that the engine makes.
type Progress struct {
	After   string // what must have been applied wherever the request reads: tokens, by commas, or ""
	Written string // what the request's transaction wrote, once it is committed, or ""

	// places are where in its table each record lies that the transaction made and has
	// not touched since, by table and the text of the id.
	places map[string]map[string]string
}

// Place notes where a record lies that the request made.
func (p *Progress) Place(table string, id any, at string) {
	if p.places == nil {
		p.places = map[string]map[string]string{}
	}
	if p.places[table] == nil {
		p.places[table] = map[string]string{}
	}
	p.places[table][fmt.Sprint(id)] = at
}

// Move forgets where records lie: some may lie elsewhere now.
func (p *Progress) Move() { clear(p.places) }

// Places are where records of a table lie; ok is false where that is not known of each.
func (p *Progress) Places(table string, ids []any) (places []any, ok bool) {
	if p == nil {
		return nil, false
	}
	for _, id := range ids {
		at, ok := p.places[table][fmt.Sprint(id)]
		if !ok {
			return nil, false
		}
		places = append(places, at)
	}
	return places, len(places) > 0
}

type (
	progressKey struct{}
	replicaKey  struct{}
)

// WithProgress returns a context for a request with a Progress of its own.
func WithProgress(ctx context.Context, p *Progress) context.Context {
	return context.WithValue(ctx, progressKey{}, p)
}

// ProgressOf returns the context's Progress, or nil.
func ProgressOf(ctx context.Context) *Progress {
	p, _ := ctx.Value(progressKey{}).(*Progress)
	return p
}

// OnReplica returns a context whose reads may go to a replica that has applied what
// has been acknowledged.
func OnReplica(ctx context.Context) context.Context {
	return context.WithValue(ctx, replicaKey{}, true)
}

// MayUseReplica reports whether a context is one of OnReplica's.
func MayUseReplica(ctx context.Context) bool { return ctx.Value(replicaKey{}) != nil }

type lastKey struct{}

// Last returns a context for the last statement of a snapshot: what gives it may end
// the transaction with it, and nothing may be asked of that afterwards.
func Last(ctx context.Context) context.Context { return context.WithValue(ctx, lastKey{}, true) }

// IsLast reports whether a context is one of Last's.
func IsLast(ctx context.Context) bool { return ctx.Value(lastKey{}) != nil }

type wholeKey struct{}

// Whole returns a context for a statement that writes and is all of its transaction:
// it is begun before it and committed behind it, in one round trip. Its rows have been
// committed once they were read to their end without an error.
func Whole(ctx context.Context) context.Context { return context.WithValue(ctx, wholeKey{}, true) }

// IsWhole reports whether a context is one of Whole's.
func IsWhole(ctx context.Context) bool { return ctx.Value(wholeKey{}) != nil }

type workKey struct{}

// ForWork returns a context for a connection that is taken for a work, known by its
// text: others of the same text are thought to cost as much.
func ForWork(ctx context.Context, text string) context.Context {
	return context.WithValue(ctx, workKey{}, text)
}

// WorkOf is the text of the context's work, or "".
func WorkOf(ctx context.Context) string {
	text, _ := ctx.Value(workKey{}).(string)
	return text
}
