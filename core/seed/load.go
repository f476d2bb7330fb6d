package seed

import (
	"context"
	"errors"
	"time"

	"entgo.io/ent/privacy"

	"coppice/core/record"
)

// Options say how to load.
type Options struct {
	// Name is the set's, where it is not to be named after its files.
	Name string
	// Reset empties the tables of all entities first.
	Reset bool
	// Progress hears how far the files of a large set are, or is nil.
	Progress func(Progress)
	// Waiting hears once of another seeder that is waited for, or is nil.
	Waiting func(Holder)
	// Draft says that the database is a copy that nobody else uses.
	Draft bool
	// Changes hears of each record that is created or updated, in a
	// transaction that has yet to commit, or is nil.
	Changes func(Change)
}

// Load writes the set: one of up to 10,000 records in one transaction, all of
// it or nothing; a larger one in parts, which leave room for others that
// write. Loading again completes what was cut off. An error in the data is an
// *Errors.
func (s *Set) Load(ctx context.Context, client *record.Client, o Options) (*Summary, error) {
	if s.loaded {
		return nil, errors.New("seed: a set is loaded once, and only where nothing is wrong with it")
	}
	s.loaded = true
	ctx = allowed(ctx)
	start := time.Now()
	if o.Name != "" {
		s.name = o.Name
	}
	l := newLoader(s, client, o)
	defer l.end()
	load := l.small
	if s.index != nil {
		load = l.large
	}
	if err := load(ctx); err != nil {
		if l.written > 0 {
			return nil, &Partial{l.written, err}
		}
		return nil, err
	}
	l.summary.Took = s.took + time.Since(start)
	return l.summary, nil
}

// Partial is the error of a load in parts of which some were written.
type Partial struct {
	Records int // of the files, that stay
	Err     error
}

// Error says what ended the load.
func (e *Partial) Error() string { return e.Err.Error() }

// Unwrap returns what ended the load.
func (e *Partial) Unwrap() error { return e.Err }

// allowed lets policies decide that the seeder may do everything: it acts for
// whoever holds the database, and there is no viewer to ask for.
func allowed(ctx context.Context) context.Context {
	return privacy.DecisionContext(ctx, privacy.Allow)
}
