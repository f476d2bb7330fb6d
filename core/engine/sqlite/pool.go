package sqlite

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"coppice/core/internal/statement"
)

// pool lends connections to those who ask, in the order in which they asked.
type pool struct {
	// A channel serves its blocked senders first come, first served;
	// database/sql hands a connection to a waiter picked at random.
	slots chan struct{}
	spare chan struct{} // further ones, for when all slots are held for long; or nil
	freed atomic.Int64  // how often a slot has become free
	stuck atomic.Int64  // what freed was when it was found not to grow
	line  atomic.Int64  // how many wait
	wait  time.Duration // the longest wait; 0 is as long as the context allows
	open  func(context.Context) (*connection, error)

	mu     sync.Mutex
	idle   []*connection // the one used last, whose caches are warm, comes last
	holder holder        // in a pool of one
}

// errLine is the error of a wait in line that used up the bound. It says who
// stands first, as far as this process knows.
type errLine struct{ first string }

// Error implements error.
func (e errLine) Error() string { return "the line is held up by " + e.first }

// newPool returns a pool of at most size connections, opened as they are needed.
func newPool(size int, wait time.Duration, open func(context.Context) (*connection, error)) *pool {
	p := &pool{slots: make(chan struct{}, size), wait: wait, open: open}
	p.freed.Store(1)
	return p
}

// acquire waits for a connection and returns it, and how long it waited.
func (p *pool) acquire(ctx context.Context) (*connection, time.Duration, error) {
	slot, waited, err := p.stand(ctx)
	if err != nil {
		return nil, waited, err
	}
	l := p.take(ctx)
	if l == nil {
		if l, err = p.open(ctx); err != nil {
			<-slot
			return nil, waited, err
		}
		l.pool = p
	}
	l.slot = slot
	return l, waited, nil
}

// stand waits in line for a slot, and returns what it is one of. With no wait
// it costs neither a timer nor a look at the clock.
func (p *pool) stand(ctx context.Context) (chan struct{}, time.Duration, error) {
	// This cannot jump the queue: a slot that becomes free goes to the first who
	// waits before anybody can see it.
	select {
	case p.slots <- struct{}{}:
		return p.slots, 0, nil
	default:
	}
	p.line.Add(1)
	defer p.line.Add(-1)
	start := time.Now()
	var bound <-chan time.Time
	if p.wait > 0 {
		timer := time.NewTimer(p.wait)
		defer timer.Stop()
		bound = timer.C
	}
	for {
		// Where no slot becomes free for long, those who hold them are not waited for.
		freed := p.freed.Load()
		var spare chan struct{}
		var later <-chan time.Time
		if p.stuck.Load() == freed {
			spare = p.spare
		} else if p.spare != nil {
			later = time.After(long)
		}
		select {
		case spare <- struct{}{}:
			return spare, time.Since(start), nil
		case p.slots <- struct{}{}:
			return p.slots, time.Since(start), nil
		case <-later:
			if p.freed.Load() == freed {
				p.stuck.Store(freed)
			}
		case <-ctx.Done():
			return nil, time.Since(start), ctx.Err()
		case <-bound:
			p.mu.Lock()
			defer p.mu.Unlock()
			return nil, p.wait, errLine{p.holder.String()}
		}
	}
}

// take returns an idle connection, or nil where one has to be opened.
func (p *pool) take(ctx context.Context) *connection {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.single() {
		p.holder = holder{since: time.Now(), path: statement.PathOf(ctx)}
	}
	last := len(p.idle) - 1
	if last < 0 {
		return nil
	}
	l := p.idle[last]
	p.idle = p.idle[:last]
	return l
}

// release ends the use of a connection. It must be called once.
func (p *pool) release(l *connection) {
	broken := l.broken
	if broken {
		_ = l.close() // it was given up for an error that was reported
	}
	slot := l.slot
	p.mu.Lock()
	p.holder = holder{}
	if !broken {
		p.idle = append(p.idle, l)
	}
	p.mu.Unlock()
	if slot == p.slots {
		p.freed.Add(1)
	}
	<-slot
	if len(slot) == cap(slot) {
		// Who was next in line has the slot, but runs only once this goroutine waits
		// for something: when its answer is written, with nobody at work meanwhile.
		runtime.Gosched()
	}
}

// single reports a pool whose only connection has a holder worth naming.
func (p *pool) single() bool { return cap(p.slots) == 1 }

// note tells what the holder does, by its first statement.
func (p *pool) note(query string) {
	if !p.single() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.holder.query == "" {
		p.holder.query = query
	}
}

// drain closes the connections, which must not be in use.
func (p *pool) drain() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var first error
	for _, l := range p.idle {
		if err := l.close(); err != nil && first == nil {
			first = err
		}
	}
	p.idle = nil
	return first
}
