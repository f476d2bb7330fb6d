package query

import (
	"sync"

	"github.com/99designs/gqlgen/graphql"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

const (
	cachedOperations = 1000 // operations whose plans are kept
	cachedVariants   = 16   // plans kept of one operation
)

// cache keeps the plans of operations, by their parsed document, which the
// server keeps in turn. An operation has several where a plan depends on
// which of its variables are given.
type cache struct {
	operations *lru.Cache[*ast.OperationDefinition, *variants]
}

type variants struct {
	mu   sync.RWMutex
	list []*plan
}

func newCache() (*cache, error) {
	ops, err := lru.New[*ast.OperationDefinition, *variants](cachedOperations)
	if err != nil {
		return nil, err
	}
	return &cache{operations: ops}, nil
}

// planned returns a plan for the operation and its variables, from the cache
// when it has one that fits.
func (e *Engine) planned(op *graphql.OperationContext) *plan {
	vs, ok := e.plans.operations.Get(op.Operation)
	if ok {
		if p := vs.find(op.Variables); p != nil {
			return p
		}
	}
	p := e.plan(op)
	if p.fixed {
		return p
	}
	if !ok {
		vs = &variants{}
		e.plans.operations.Add(op.Operation, vs)
	}
	vs.mu.Lock()
	defer vs.mu.Unlock()
	if len(vs.list) < cachedVariants {
		vs.list = append(vs.list, p)
	}
	return p
}

func (vs *variants) find(vars map[string]any) *plan {
	vs.mu.RLock()
	defer vs.mu.RUnlock()
next:
	for _, p := range vs.list {
		for _, f := range p.facts {
			if stateOf(vars, f.name) != f.state {
				continue next
			}
		}
		return p
	}
	return nil
}
