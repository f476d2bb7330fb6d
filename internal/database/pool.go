package database

import (
	"context"
	"sync"
	"time"

	"coppice/internal/fault"
	"coppice/internal/statement"
)

// pool lends connections to those who ask, in the order in which they asked.
type pool struct {
	// A channel serves its blocked senders first come, first served;
	// database/sql hands a connection to a waiter picked at random.
	slots chan struct{}
	wait  time.Duration // the longest wait; 0 is as long as the context allows
	open  func(context.Context) (*link, error)

	mu     sync.Mutex
	idle   []*link // the one used last, whose caches are warm, comes last
	holder holder  // in a pool of one
}

func newPool(size int, wait time.Duration, open func(context.Context) (*link, error)) *pool {
	return &pool{slots: make(chan struct{}, size), wait: wait, open: open}
}

// acquire also returns how long it waited in line.
func (p *pool) acquire(ctx context.Context) (*link, time.Duration, error) {
	waited, err := p.stand(ctx)
	if err != nil {
		return nil, waited, err
	}
	l := p.take(ctx)
	if l == nil {
		if l, err = p.open(ctx); err != nil {
			<-p.slots
			return nil, waited, err
		}
		l.pool = p
	}
	return l, waited, nil
}

func (p *pool) stand(ctx context.Context) (time.Duration, error) {
	select {
	case p.slots <- struct{}{}:
		return 0, nil
	default:
	}
	start := time.Now()
	var bound <-chan time.Time
	if p.wait > 0 {
		timer := time.NewTimer(p.wait)
		defer timer.Stop()
		bound = timer.C
	}
	select {
	case p.slots <- struct{}{}:
		return time.Since(start), nil
	case <-ctx.Done():
		return time.Since(start), ctx.Err()
	case <-bound:
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.wait, &fault.Locked{Holder: p.holder.String(), Waited: p.wait}
	}
}

func (p *pool) take(ctx context.Context) *link {
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
func (p *pool) release(l *link) {
	broken := l.broken
	if broken {
		_ = l.close() // it was given up for an error that was reported
	}
	p.mu.Lock()
	p.holder = holder{}
	if !broken {
		p.idle = append(p.idle, l)
	}
	p.mu.Unlock()
	<-p.slots
}

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
