package query

import (
	"sync"

	"github.com/99designs/gqlgen/graphql"
)

// maxPlans is how many plans are kept of one operation.
const maxPlans = 16

// Plans keeps what was worked out for one operation of a parsed document, for
// as long as its owner keeps that. There are several plans where one depends
// on which of the variables are given.
type Plans struct {
	mu   sync.RWMutex
	list []*plan
}

// planned returns a plan for the operation and its variables: a kept one when
// one fits.
func (e *Engine) planned(op *graphql.OperationContext, kept *Plans) *plan {
	if kept == nil {
		return e.plan(op)
	}
	if p := kept.find(op.Variables); p != nil {
		return p
	}
	p := e.plan(op)
	if p.fixed {
		return p
	}
	kept.mu.Lock()
	defer kept.mu.Unlock()
	if len(kept.list) < maxPlans {
		kept.list = append(kept.list, p)
	}
	return p
}

func (ps *Plans) find(vars map[string]any) *plan {
	ps.mu.RLock()
	defer ps.mu.RUnlock()
next:
	for _, p := range ps.list {
		for _, f := range p.facts {
			if stateOf(vars, f.name) != f.state {
				continue next
			}
		}
		return p
	}
	return nil
}

// keptCells is the number of cells up to which the memory of a level's rows is
// used again.
const keptCells = 16 << 10

// borrow returns the memory for one run's results, a level each.
func (p *plan) borrow() []result {
	if v, ok := p.spare.Get().(*[]result); ok {
		return *v
	}
	return make([]result, len(p.levels))
}

// giveBack keeps the memory of a run that is over.
func (p *plan) giveBack(results []result) {
	if p.fixed || len(results) != len(p.levels) {
		return
	}
	for i := range results {
		cells := results[i].cells
		if p.levels[i].joined || cap(cells) > keptCells {
			cells = nil // they are another level's, or too many
		}
		cells = cells[:cap(cells)]
		clear(cells)
		results[i] = result{cells: cells[:0]}
	}
	p.spare.Put(&results)
}
