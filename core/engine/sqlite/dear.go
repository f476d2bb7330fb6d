package sqlite

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// long is the time from which on a statement, or the use of a connection, is
// one that others should not have to wait for.
const long = 20 * time.Millisecond

// keptDear bounds the texts that are known to be dear.
const keptDear = 1000

// dearReads lets no more of the reading statements that take long run at once
// than there are processors: more would not end sooner, and keep what costs
// little from its turn. A statement is dear when it took long the last two
// times: one time may be the machine's fault.
type dearReads struct {
	// A channel serves its blocked senders first come, first served.
	turns chan struct{}
	known atomic.Int64 // len(times), so that most need no lock

	mu    sync.RWMutex
	times map[string]int // how often in a row each text took long
}

func newDearReads() *dearReads {
	return &dearReads{turns: make(chan struct{}, runtime.GOMAXPROCS(0)), times: map[string]int{}}
}

// is reports whether a statement is dear.
func (d *dearReads) is(query string) bool {
	if d.known.Load() == 0 {
		return false
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.times[query] > 1
}

// note learns from a run of a statement.
func (d *dearReads) note(query string, took time.Duration) {
	if took <= long && d.known.Load() == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case took <= long:
		delete(d.times, query)
	case len(d.times) < keptDear:
		d.times[query]++
	default:
		clear(d.times) // to be learned again
	}
	d.known.Store(int64(len(d.times)))
}

// permit is a reading statement's, from before it has a connection to its end.
type permit struct {
	reads *dearReads // nil where there is nothing to wait for, or to learn
	query string
	dear  bool // it holds one of the turns
	began time.Time
}

// permit waits for the turn of a statement, where it is dear. In a transaction
// that has a turn already it takes no other. After the bound of waits it runs
// all the same: whoever holds the turns may wait for this very statement.
func (e *engine) takePermit(ctx context.Context, sc *scope, query string) (permit, error) {
	if e.target.Memory() || route(query) != read {
		return permit{}, nil
	}
	t := permit{reads: e.dear, query: query}
	if !e.dear.is(query) || sc != nil && sc.dear {
		return t, nil
	}
	bound := time.NewTimer(e.lockWait)
	defer bound.Stop()
	select {
	case e.dear.turns <- struct{}{}:
		t.dear = true
	case <-bound.C:
	case <-ctx.Done():
		return permit{}, ctx.Err()
	}
	if sc != nil {
		sc.dear = t.dear
	}
	return t, nil
}

// start begins what is measured: the wait for a connection is not.
func (t *permit) start() {
	if t.reads != nil {
		t.began = time.Now()
	}
}

// end gives the turn back; again, it does nothing.
func (t *permit) end(sc *scope) {
	if t.reads == nil {
		return
	}
	if !t.began.IsZero() {
		t.reads.note(t.query, time.Since(t.began))
	}
	if t.dear {
		<-t.reads.turns
		if sc != nil {
			sc.dear = false
		}
	}
	t.reads = nil
}
