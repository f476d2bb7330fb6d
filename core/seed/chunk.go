package seed

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"

	"coppice/core/internal/mutation"
	"coppice/core/record"
	"coppice/core/seed/internal/file"
	"coppice/core/seed/internal/ledger"
	"coppice/core/seed/internal/store"
)

// item is a record of a large set on its way into the database.
type item struct {
	file.Record
	// numbers tell the records of this input that share their content with
	// others apart from them, in order; nil until they are first decoded.
	numbers   []int
	counted   bool // it is in the summary
	postponed bool // it waits for other records, as a whole or for its last edges
}

// loader writes a set.
type loader struct {
	*ledger.Session
	set          *Set
	options      Options
	fingerprints *ledger.Fingerprints
	summary      *Summary
	postponed    *postponed
	size         int              // of the next part
	written      int              // records of the files, in parts that were committed
	analyzed     int              // so many are to be written before the planner is told again
	later        []*item          // what has to wait, of the parts of a transaction that is open
	quiet        bool             // the last part had nothing to write
	numbers      map[uint64]int32 // of contents that repeat: how many there were
	seed         maphash.Seed
}

func newLoader(s *Set, client *record.Client, o Options) *loader {
	return &loader{
		Session: ledger.NewSession(client, o.Waiting, o.Draft), set: s, options: o, fingerprints: &ledger.Fingerprints{Set: s.name},
		summary: &Summary{Entities: map[string]Count{}}, numbers: map[uint64]int32{}, seed: maphash.MakeSeed(),
	}
}

// end gives back what the loader holds.
func (l *loader) end() {
	if l.postponed != nil {
		l.postponed.remove()
	}
	l.Release()
}

// small writes all of the set at once.
func (l *loader) small(ctx context.Context) error {
	b, undone := l.set.small, l.save(nil)
	return l.Exclusive(ctx, func(client *record.Client) (err error) {
		undone()
		if b == nil {
			if b, err = l.set.small.again(); err != nil {
				return err
			}
		}
		if l.options.Reset {
			if err := l.reset(ctx, client); err != nil {
				return err
			}
		}
		next := b
		b = nil // it is of use once
		return l.write(ctx, client, next, nil)
	})
}

// save notes what a transaction does to the loader and to items, and returns what puts
// it back for when it is tried again.
func (l *loader) save(items []*item) (restore func()) {
	summary, quiet := *l.summary, l.quiet
	summary.Entities = maps.Clone(l.summary.Entities)
	type flags struct{ counted, postponed bool }
	before := make([]flags, len(items))
	for i, it := range items {
		before[i] = flags{it.counted, it.postponed}
	}
	return func() {
		entities := maps.Clone(summary.Entities)
		*l.summary = summary
		l.summary.Entities, l.quiet, l.later = entities, quiet, nil
		for i, it := range items {
			it.counted, it.postponed = before[i].counted, before[i].postponed
		}
	}
}

// decode makes a batch of items.
func (l *loader) decode(items []*item) (*batch, error) {
	b := newBatch(l.set.project)
	for _, it := range items {
		before := len(b.writes.Nodes())
		if err := b.add(it.Record); err != nil {
			return nil, err
		}
		l.number(it, b.writes.Nodes()[before:])
	}
	b.writes.AddOnly(l.set.index.twoSided)
	return b, nil
}

// number tells records that share their content with others of the set apart,
// as one transaction would by their order.
func (l *loader) number(it *item, nodes []*mutation.Node) {
	x := l.set.index
	if x.contents != nil && x.contents.empty() {
		return
	}
	first := it.numbers == nil
	at := 0
	for _, n := range nodes {
		if !contentful(n.Name) {
			continue
		}
		if first {
			no := 1
			if name := n.Entity.Name + "|" + n.Name; x.repeats(name) {
				h := maphash.String(l.seed, name)
				l.numbers[h]++
				no = int(l.numbers[h])
			}
			it.numbers = append(it.numbers, no)
		}
		if no := it.numbers[at]; no > 1 {
			n.Name = fmt.Sprintf("%s no %d", n.Name, no)
		}
		at++
	}
}

// chunk writes a part of a large set, and those that next has in the same transaction.
// After a part that had nothing to write it looks first whether this one has, for
// which nobody has to wait.
func (l *loader) chunk(ctx context.Context, items []*item, b *batch, next func() (part, bool)) error {
	undone := l.save(items)
	if l.quiet {
		done, err := l.Snapshot(ctx, func(client *record.Client) error { return l.part(ctx, client, items, b) })
		if err != nil {
			return err
		}
		if done {
			return l.postpone()
		}
		undone()
		b = nil
	}
	// What cannot be refused is written once: a long transaction does not keep it.
	again := store.Words(l.Client).Concurrent
	taken, ended := []part{{items: items, batch: b}}, false
	restores := []func(){undone}
	err := l.Exclusive(ctx, func(client *record.Client) error {
		for _, restore := range slices.Backward(restores) {
			restore()
		}
		for at := 0; ; at++ {
			if at == len(taken) {
				if ended {
					return nil
				}
				p, more := next()
				if ended = !more; ended {
					return nil
				}
				taken = append(taken, p)
				if again {
					restores = append(restores, l.save(p.items))
				}
			}
			items, b := taken[at].items, taken[at].batch
			taken[at].batch = nil // it is of use once
			if !again {
				taken[at].items = nil
			}
			if b == nil {
				var err error
				if b, err = l.decode(items); err != nil {
					return err
				}
			}
			if err := l.part(ctx, client, items, b); err != nil {
				return err
			}
		}
	})
	if err != nil {
		return err
	}
	return l.postpone()
}

// postpone keeps what has to wait, once the rest is written.
func (l *loader) postpone() error {
	defer func() { l.later = nil }()
	return l.postponed.add(l.later)
}

// part writes items through a client. What has to wait for records that are not
// there yet is postponed.
func (l *loader) part(ctx context.Context, client *record.Client, items []*item, b *batch) error {
	all := items
	for {
		b.attach(client)
		later, err := l.waiting(ctx, items, b)
		if err != nil {
			return err
		}
		if len(later) == 0 {
			break
		}
		items = slices.DeleteFunc(slices.Clone(items), func(it *item) bool { return later[it] })
		if b, err = l.decode(items); err != nil {
			return err
		}
	}
	if err := l.write(ctx, client, b, items); err != nil {
		return err
	}
	for _, it := range all {
		if it.postponed {
			l.later = append(l.later, it)
		}
	}
	return nil
}

// waiting finds the items of a batch that have to wait as a whole. Of others
// that have to, it takes what they can be written without.
func (l *loader) waiting(ctx context.Context, items []*item, b *batch) (map[*item]bool, error) {
	later := map[*item]bool{}
	for {
		err := b.writes.Resolve(ctx)
		var whole map[int]bool
		switch {
		case err == nil && l.postponed == nil:
			return later, nil
		case err == nil:
			whole = b.writes.Awaited(l.set.index.has)
		case !errors.Is(err, mutation.ErrDangling) || l.postponed == nil: // there is nothing left to wait for
			return nil, b.explain("load", err)
		default:
			var partly map[int]bool
			partly, whole = b.writes.Postpone()
			for i := range partly {
				items[i].postponed = true
			}
		}
		for i := range whole {
			items[i].postponed, later[items[i]] = true, true
		}
		if err == nil || len(whole) > 0 {
			return later, nil
		}
	}
}

// attach lets a batch work through a client: a transaction's.
func (b *batch) attach(client *record.Client) {
	b.ledger.Through(client)
	b.writes.Through(client)
}

// write applies a batch; items are nil where it is the whole set.
func (l *loader) write(ctx context.Context, client *record.Client, b *batch, items []*item) error {
	b.attach(client)
	watch, err := l.watch(ctx, client, b)
	if err != nil {
		return err
	}
	if err := b.writes.Apply(ctx); err != nil {
		return b.explain("load", err)
	}
	if err := b.ledger.Remember(ctx, b.writes); err != nil {
		return err
	}
	nodes := b.writes.Nodes()
	named, err := b.ledger.Note(ctx, nodes)
	if err != nil {
		return err
	}
	changed, err := l.fingerprints.Note(ctx, client, b.writes)
	if err != nil {
		return err
	}
	if err := watch(items); err != nil {
		return err
	}
	if err := l.noteHidden(ctx, client, nodes, items); err != nil {
		return err
	}
	l.count(nodes, items)
	l.quiet = !named && !changed
	return l.Renew(ctx, client, items != nil && !l.quiet)
}

// count adds what became of records to the summary. One that has edges left to
// set counts as what it will be then, unless it was created just now.
func (l *loader) count(nodes []*mutation.Node, items []*item) {
	skip := make(map[int]bool)
	seen := make(map[int]bool)
	for _, n := range nodes {
		if items != nil {
			at := n.Top()
			if !seen[at] {
				seen[at] = true
				it := items[at]
				skip[at] = it.counted || it.postponed && !n.Created
				it.counted = it.counted || !skip[at]
			}
			if skip[at] {
				continue
			}
		}
		l.summary.count(n)
	}
}
