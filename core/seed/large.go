package seed

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"sync/atomic"
	"time"

	"coppice/core/model"
	"coppice/core/record"
	"coppice/core/seed/internal/file"
	"coppice/core/seed/internal/store"
)

// How many records a part of a large set has follows from how long the last
// one kept others from writing.
const (
	firstPart   = 500
	leastPart   = 50
	largestPart = 5000
	// firstAnalyzed is after how many records the planner is told of them, besides after
	// the first ones; and again when they are four times as many.
	firstAnalyzed = 5000
	// longestPart is how long a part should take at the most: whoever comes while one
	// is written waits for its end.
	longestPart = 2 * time.Second
	// longestBeside is how long a transaction should take at the most where transactions
	// run beside each other, whoever there is: others wait for the records that both
	// write, each for its own bound at most.
	longestBeside = time.Second
	// longestShared is the same while others use the database.
	longestShared = 60 * time.Millisecond
	// leastParts is how many of them the first transaction has, where nobody else is
	// there; each later one writes as much as was written before it. Each writes most pages
	// of the indexes again, for records come in the order of none of them: so their cost
	// grows with the records, and what is wrong takes back at most about half of them.
	leastParts = 4
	// longestTransaction is when it takes no further part, however few it has.
	longestTransaction = 20 * time.Second
)

// part is some records that are ready to be written.
type part struct {
	items []*item
	batch *batch
	err   error
}

// large writes a set in parts, each of its files after those that it needs.
func (l *loader) large(ctx context.Context) error {
	if err := l.verify(ctx); err != nil {
		return err
	}
	if err := l.tune(ctx); err != nil {
		return err
	}
	if l.options.Reset {
		if err := l.Exclusive(ctx, func(client *record.Client) error { return l.reset(ctx, client) }); err != nil {
			return err
		}
	}
	var err error
	if l.postponed, err = newPostponed(); err != nil {
		return err
	}
	for _, f := range l.set.index.order(l.set.files) {
		report := file.NewReporter(f, Loading, l.options.Progress)
		if err := l.parts(ctx, fileItems(f), func(n int) { report.Count(n, f.Count) }); err != nil {
			return err
		}
		report.End()
	}
	return l.retry(ctx)
}

// retry writes what had to wait, again and again for as long as that gets on.
// What is left then is written at once, in the hope that it only waits for
// each other, or is found to be wrong.
func (l *loader) retry(ctx context.Context) error {
	for l.postponed.count > 0 {
		old := l.postponed
		defer old.remove()
		var err error
		if l.postponed, err = newPostponed(); err != nil {
			return err
		}
		if err := l.parts(ctx, old.items(l.set.files), nil); err != nil {
			return err
		}
		if l.postponed.count < old.count {
			continue
		}
		last := l.postponed
		defer last.remove()
		l.postponed = nil
		return l.settle(ctx, last)
	}
	return nil
}

// settle writes what only waits for each other, so many at once as one
// transaction takes.
func (l *loader) settle(ctx context.Context, last *postponed) error {
	var items []*item
	flush := func() error {
		b, err := l.decode(items)
		if err != nil {
			return err
		}
		err = l.chunk(ctx, items, b, func() (part, bool) { return part{}, false })
		items = nil
		return err
	}
	for it, err := range last.items(l.set.files) {
		if err != nil {
			return err
		}
		if items = append(items, it); len(items) == together {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

func fileItems(f *file.File) iter.Seq2[*item, error] {
	return func(yield func(*item, error) bool) {
		for r, wrong := range f.Records(nil) {
			if wrong != nil {
				yield(nil, &Errors{First: []*Error{wrong}, Total: 1})
				return
			}
			if !yield(&item{Record: r}, nil) {
				return
			}
		}
	}
}

// parts writes items in parts; the next one is decoded while one is written.
// done hears how many records a part had.
func (l *loader) parts(ctx context.Context, items iter.Seq2[*item, error], done func(int)) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	var size atomic.Int64
	if l.size == 0 {
		l.size = min(firstPart, l.set.most)
	}
	size.Store(int64(l.size))
	ready := make(chan part, 1)
	go func() {
		defer close(ready)
		l.prepare(items, &size, func(p part) bool {
			select {
			case ready <- p:
				return true
			case <-inner.Done():
				return false
			}
		})
	}()
	for p := range ready {
		if p.err != nil {
			return p.err
		}
		n, quiet, err := l.inOneTransaction(ctx, p, ready, done)
		if done != nil {
			l.written += n
		}
		if err == nil && l.written >= l.analyzed {
			l.analyzed = max(firstAnalyzed, 4*l.written)
			err = l.Analyze(ctx)
		}
		if err != nil {
			return err
		}
		if quiet {
			l.Took = 0 // nobody had to wait
		}
		l.adapt(n, l.Took)
		size.Store(int64(l.size))
		if quiet {
			continue
		}
		if err := l.Pause(ctx); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return nil
}

// inOneTransaction writes a part, and those after it in the same transaction: a page of an
// index that several of them change goes to the log once. It stops as soon as
// somebody else uses the database, or a transaction has taken as long as it may. It
// returns how many records were written, and whether there was nothing to write
// about them; with an error, of those before it. done hears of each part at once.
func (l *loader) inOneTransaction(ctx context.Context, p part, ready <-chan part, done func(int)) (n int, quiet bool, err error) {
	start := time.Now()
	written, told, parts, quiet := len(p.items), 0, 0, true
	tell := func() {
		if done != nil && written > told {
			done(written - told)
		}
		told = written
	}
	var wrong error
	err = l.chunk(ctx, p.items, p.batch, func() (part, bool) {
		quiet = quiet && l.quiet
		tell()
		parts++
		enough := parts >= leastParts && written >= l.written || time.Since(start) > longestTransaction
		if l.quiet || enough || l.Shared() {
			return part{}, false
		}
		if store.Words(l.Client).Concurrent && time.Since(start) > longestBeside/2 {
			return part{}, false
		}
		next, more := <-ready
		if wrong = next.err; wrong != nil || !more {
			return part{}, false
		}
		written += len(next.items)
		return next, true
	})
	if err != nil {
		return 0, quiet, err
	}
	tell()
	return written, quiet, wrong
}

// prepare decodes items, so many at once as size says.
func (l *loader) prepare(items iter.Seq2[*item, error], size *atomic.Int64, send func(part) bool) {
	var list []*item
	bytes := 0
	flush := func() bool {
		b, err := l.decode(list)
		p := part{list, b, err}
		list, bytes = nil, 0
		return send(p) && err == nil
	}
	for it, err := range items {
		if err != nil {
			send(part{err: err})
			return
		}
		list, bytes = append(list, it), bytes+it.Size
		if (len(list) >= int(size.Load()) || bytes >= checkedBytes) && !flush() {
			return
		}
	}
	if len(list) > 0 {
		flush()
	}
}

// adapt chooses the size of the next part by how long this one kept others from
// writing.
func (l *loader) adapt(n int, took time.Duration) {
	longest := longestPart
	if l.Shared() {
		longest = longestShared
	}
	next := largestPart
	if took > 0 {
		next = int(float64(n) * float64(longest) / float64(took))
	}
	// It grows slowly: one quick part says little.
	l.size = min(max(leastPart, min(next, largestPart, 2*n)), l.set.most)
}

// verify looks for what the files refer to and do not have in the database,
// before anything is written.
func (l *loader) verify(ctx context.Context) error {
	x := l.set.index
	if x.refs == nil || x.refs.empty() && !x.incomplete && !x.several {
		return nil
	}
	empty, err := l.empty(ctx)
	if err != nil || empty && x.refs.empty() && !x.incomplete {
		return err
	}
	// Whoever reads the ledger must find it.
	if err := l.Exclusive(ctx, func(*record.Client) error { return nil }); err != nil {
		return err
	}
	faults := &Errors{}
	err = l.set.batches(ctx, func(b *batch) error {
		b.attach(l.Client)
		wrong := b.writes.Verify(ctx, empty, func(name string) bool { return x.refs.has(x.refs.of(name)) }, x.has)
		for _, err := range wrong {
			if err := faults.Join(b.explain("check", err)); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && faults.Total > 0 {
		return faults
	}
	return err
}

// empty reports whether there is no record yet of what the set has records of,
// or refers to.
func (l *loader) empty(ctx context.Context) (bool, error) {
	tables := map[*model.Entity]bool{}
	for e, needs := range l.set.index.needs {
		tables[e] = true
		maps.Copy(tables, needs)
	}
	empty := true
	for e := range tables {
		if l.options.Reset {
			break
		}
		var one int
		err := store.Rows(ctx, l.Client, "SELECT 1 FROM "+store.Quote(e.Table)+" LIMIT 1", []any{}, func() error {
			empty = false
			return nil
		}, &one)
		if err != nil {
			return false, err
		}
	}
	return empty, nil
}

// tune readies the connection for very much.
func (l *loader) tune(ctx context.Context) error {
	for _, statement := range store.Words(l.Client).Tuning {
		if err := store.Exec(ctx, l.Client, statement, []any{}, nil); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
	}
	return nil
}
