package statement

import "context"

// Progress is how far the database must have come for a request, and how far the
// request brought it, in tokens that the engine makes.
type Progress struct {
	After   string // what must have been applied wherever the request reads, or ""
	Written string // what the request's transaction wrote, once it is committed, or ""
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
