// Package lane shares out a pool's connections between works that cost much and works
// that cost little, so that these wait for none of those.
package lane

import (
	"context"
	"hash/maphash"
	"slices"
	"sync"
	"time"
)

const (
	// long is how long a work holds a connection, alone, from which on others should
	// not have to wait for it.
	long = 20 * time.Millisecond
	// often is how often in a row a work took long that costs much: one time may be the
	// machine's fault.
	often = 2
	// kept bounds the works of which it is known what they cost.
	kept = 4096
)

// Lanes are the connections of a pool. Nothing is known of a work by its arguments, and
// nothing before it first ran. So that some connections are left to those that are
// known to cost little, all others together take no more than all but a few; those
// known to cost much, or of one text of which nothing is known, no more than half; and
// those of any one text no more than three quarters. It is safe for concurrent use.
type Lanes struct {
	size int
	seed maphash.Seed

	mu      sync.Mutex
	known   map[uint64]int // how often in a row a work took long
	running map[uint64]int
	others  int // that run, and are not known to cost little
	dear    int // that run, and are known to cost much
	waiting []*run
}

// run is a work that runs, or waits to.
type run struct {
	work     uint64
	kind     kind
	beside   int // how many ran then that are not known to cost little
	began    time.Time
	admitted chan struct{} // closed once it may run; nil where it need not wait
}

// New returns the lanes of a pool of so many connections.
func New(size int) *Lanes {
	return &Lanes{size: size, seed: maphash.MakeSeed(), known: map[uint64]int{}, running: map[uint64]int{}}
}

// Enter waits until a work, known by its text, may have a connection, and returns what
// tells that it has given it back. After the bound of waits it may all the same: whoever
// holds the connections may wait for this very work. The error is the context's.
func (l *Lanes) Enter(ctx context.Context, work string, bound time.Duration) (leave func(), err error) {
	r := &run{work: maphash.String(l.seed, work)}
	l.mu.Lock()
	if l.free(r.work) {
		l.admit(r)
		l.mu.Unlock()
		return func() { l.leave(r) }, nil
	}
	r.admitted = make(chan struct{})
	l.waiting = append(l.waiting, r)
	l.mu.Unlock()
	timer := time.NewTimer(bound)
	defer timer.Stop()
	select {
	case <-r.admitted:
	case <-timer.C:
	case <-ctx.Done():
		err = ctx.Err()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	at := slices.Index(l.waiting, r)
	if at >= 0 { // it was not admitted
		l.waiting = slices.Delete(l.waiting, at, at+1)
		if err == nil {
			l.admit(r)
		}
	} else if err != nil {
		l.forget(r)
	}
	if err != nil {
		return nil, err
	}
	return func() { l.leave(r) }, nil
}

// kind is what is known of a work.
type kind uint8

const (
	unknown kind = iota
	cheap
	dear
)

func kindOf(times int, seen bool) kind {
	switch {
	case times >= often:
		return dear
	case seen && times == 0:
		return cheap
	}
	return unknown
}

// free reports whether a work may run.
func (l *Lanes) free(w uint64) bool {
	times, seen := l.known[w]
	half := max(1, l.size/2)
	switch kindOf(times, seen) {
	case cheap:
		return l.running[w] < max(1, l.size*3/4)
	case dear:
		return l.dear < half && l.others < l.room()
	}
	return l.running[w] < half && l.others < l.room()
}

// room is how many works may run that are not known to cost little.
func (l *Lanes) room() int { return max(1, l.size-max(1, l.size/8)) }

// admit lets a work run.
func (l *Lanes) admit(r *run) {
	times, seen := l.known[r.work]
	r.kind = kindOf(times, seen)
	l.running[r.work]++
	if r.kind != cheap {
		l.others++
	}
	if r.kind == dear {
		l.dear++
	}
	r.beside, r.began = l.others, time.Now()
}

// forget ends a work of which nothing is learned, and lets those run that may now, first
// come, first served.
func (l *Lanes) forget(r *run) {
	if l.running[r.work]--; l.running[r.work] == 0 {
		delete(l.running, r.work)
	}
	if r.kind != cheap {
		l.others--
	}
	if r.kind == dear {
		l.dear--
	}
	l.waiting = slices.DeleteFunc(l.waiting, func(next *run) bool {
		if !l.free(next.work) {
			return false
		}
		l.admit(next)
		close(next.admitted)
		return true
	})
}

// leave notes what a work cost, and ends it. Where the machine is busy with others each
// takes longer.
func (l *Lanes) leave(r *run) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.known) >= kept {
		clear(l.known) // to be learned again
	}
	if time.Since(r.began) > long*time.Duration(1+r.beside) {
		l.known[r.work]++
	} else {
		l.known[r.work] = 0
	}
	l.forget(r)
}
