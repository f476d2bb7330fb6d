package query

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"coppice/core/internal/scope"
	"coppice/core/model"
)

// maxVariants is how many sets of statements are kept of a plan that names
// guarded entities.
const maxVariants = 16

// compiled is the statements of a level.
type compiled struct {
	main     prepared
	placed   prepared // main, for records of which it is known where they lie
	made     prepared // main, for the record that the INSERT before it makes,
	making   string   // and what stands before that
	counting prepared // a root's totalCount
	page     prepared // of main, which counts as well, the page alone
	habit    habit    // of page
	err      error    // why the level may not be read
}

// habit is whether the pages that a statement was asked for held all that there was, as
// those of a few records each do: then their rows are their count.
type habit struct{ run atomic.Int32 }

// enough is how many pages in a row make a habit: of those that break it, which are read
// twice, there is one among so many at the most.
const enough = 8

func (h *habit) holdsAll() bool { return h.run.Load() >= enough }

func (h *habit) note(all bool) {
	switch {
	case !all:
		h.run.Store(0)
	case !h.holdsAll():
		h.run.Add(1)
	}
}

// reading is the statement that reads the level's records: by where they lie, or not.
func (c *compiled) reading(placed bool) *prepared {
	if placed && c.placed.text != "" {
		return &c.placed
	}
	return &c.main
}

// variant is a plan's statements, a level each, for scopes of certain texts.
type variant struct {
	texts  string
	levels []compiled
}

// written holds a plan's statements: the only ones there are, or those written
// for the scopes that requests had.
type written struct {
	mu   sync.RWMutex
	list []*variant
}

// find is the statements written for scopes of the texts, or nil.
func (w *written) find(texts string) *variant {
	w.mu.RLock()
	defer w.mu.RUnlock()
	for _, v := range w.list {
		if v.texts == texts {
			return v
		}
	}
	return nil
}

// keep puts statements among those that are kept, in the place of the oldest.
func (w *written) keep(v *variant) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.list) == maxVariants {
		w.list = append(w.list[:0], w.list[1:]...)
	}
	w.list = append(w.list, v)
}

// compile ends the making of a plan. It writes the statements as they are where
// nothing is hidden, which tells what is wrong with arguments, and which
// entities the plan names.
func (p *planner) compile(fail func(*level, error)) {
	named := map[*model.Entity]bool{}
	c := &compiler{dialect: p.engine.dialect, reader: p.reader, view: &view{named: named}, writes: p.op.Operation.Operation == ast.Mutation,
		roots: p.plan.roots, limit: p.engine.limits.Answer}
	v := &variant{levels: make([]compiled, len(p.plan.levels))}
	for _, l := range p.plan.levels {
		if l.joined {
			continue
		}
		l.together = c.dialect.Remote && l.edge == nil && l.page != nil && l.rows && l.total
		l.place()
		err := c.check(l)
		if err == nil {
			err = c.level(l, v.levels)
		}
		if err != nil {
			fail(l, err)
		}
	}
	for _, e := range p.engine.model.Entities {
		if named[e] {
			p.plan.named = append(p.plan.named, e)
		}
	}
	p.plan.keep(v)
}

// prepare settles what this run sees of the entities that its plan names, and
// the statements for that.
func (r *run) prepare(ctx context.Context) {
	if r.statements != nil {
		return
	}
	r.view = &view{}
	texts, refused := r.look(ctx)
	if !refused {
		if r.statements = r.plan.find(texts); r.statements != nil {
			return
		}
	}
	c := &compiler{dialect: r.engine.dialect, reader: r.engine.reader(r.op), view: r.view, writes: r.op.Operation.Operation == ast.Mutation,
		roots: r.plan.roots, limit: r.engine.limits.Answer}
	r.statements = &variant{texts: texts, levels: make([]compiled, len(r.plan.levels))}
	for _, l := range r.plan.levels {
		if l.joined {
			continue
		}
		if err := c.level(l, r.statements.levels); err != nil {
			r.statements.levels[l.index].err = err
		}
	}
	if !refused {
		r.plan.keep(r.statements)
	}
}

// look finds the scopes of the entities that the plan names, and tells them by
// their texts, which are none where nothing is hidden.
func (r *run) look(ctx context.Context) (texts string, refused bool) {
	if !slices.ContainsFunc(r.plan.named, r.engine.guarded) {
		return "", false
	}
	if r.scopes == nil {
		r.scopes = scope.New(r.client)
	}
	r.view.scopes = make([]*scope.Scope, len(r.engine.records))
	var b strings.Builder
	for i, e := range r.plan.named {
		s := r.scopes.Of(ctx, e)
		r.view.scopes[e.Index] = s
		if s.Hides() {
			refused = refused || s.Err != nil
			b.WriteString(strconv.Itoa(i))
			b.WriteString(s.Text)
			b.WriteByte(0)
		}
	}
	return b.String(), refused
}

// changed forgets what the run saw before it wrote.
func (r *run) changed() { r.scopes, r.statements = nil, nil }

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
