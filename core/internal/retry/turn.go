package retry

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

const (
	every    = 1 << 20 // what one takes that is to run alone
	patience = 2       // tries beside others
	// queued is how many runs of what was refused stand in line.
	queued = 64
)

// Turns are when transactions may run that stood in each other's way, as far as this
// process goes.
type Turns struct {
	all  *semaphore.Weighted
	line *semaphore.Weighted
}

// NewTurns returns turns that nobody has taken.
func NewTurns() *Turns {
	return &Turns{all: semaphore.NewWeighted(every), line: semaphore.NewWeighted(1)}
}

// Take waits for a turn: beside others, but alone after some tries, and behind those in
// line where it stands there. It returns what gives the turn back, or the context's
// error.
func (t *Turns) Take(ctx context.Context, try int, c *Contention) (giveBack func(), err error) {
	n := int64(1)
	if try >= patience {
		n = every
	}
	if !c.stands() {
		if err := t.all.Acquire(ctx, n); err != nil {
			return nil, err
		}
		return func() { t.all.Release(n) }, nil
	}
	if err := t.line.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	if err := t.all.Acquire(ctx, n); err != nil {
		t.line.Release(1)
		return nil, err
	}
	return func() {
		t.all.Release(n)
		t.line.Release(1)
	}, nil
}

// Contention is how many more runs of something stand in line, one after the other,
// since it was refused because of others. It is for what reads all that such others
// write to: beside each other they would only do the same work again. The zero value
// stands in none.
type Contention struct{ left atomic.Int32 }

// Refused notes that a run was refused because of others.
func (c *Contention) Refused() { c.left.Store(queued) }

// stands reports whether a run stands in line.
func (c *Contention) stands() bool { return c.left.Load() > 0 && c.left.Add(-1) >= 0 }
