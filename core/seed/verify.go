package seed

import (
	"context"
	"errors"

	"coppice/core/record"
	"coppice/core/seed/internal/ledger"
	"coppice/core/seed/internal/store"
)

// errTried ends a transaction that was only to show what would happen.
var errTried = errors.New("tried out")

// Verify tells all that is wrong with the set in the database, and changes
// nothing there: a set that is written in one transaction is tried out. An error
// in the data is an *Errors, of which Read has returned a part.
//
// It tells nothing of a set with records that could not be read: others may
// refer to those.
func (s *Set) Verify(ctx context.Context, client *record.Client, o Options) error {
	if s.broken {
		return nil
	}
	ctx = allowed(ctx)
	l := newLoader(s, client, o)
	if s.index != nil {
		return l.verify(ctx)
	}
	return ledger.Retry(ctx, client, func(int) error { return s.try(ctx, client, o) })
}

// try writes the set in a transaction that is rolled back.
func (s *Set) try(ctx context.Context, client *record.Client, o Options) error {
	b, faults := newBatch(s.project), &Errors{}
	for _, f := range s.files {
		for r, wrong := range f.Records(nil) {
			if wrong != nil {
				return wrong // the file has changed since it was read
			}
			if err := faults.Join(b.add(r)); err != nil {
				return err
			}
		}
	}
	err := store.Transact(ctx, client, nil, func(client *record.Client) error {
		if err := ledger.Make(ctx, client); err != nil {
			return err
		}
		if o.Reset {
			if err := reset(ctx, client); err != nil {
				return err
			}
		}
		b.attach(client)
		try := b.writes.Apply
		if faults.Total > 0 {
			try = b.writes.Sound
		}
		if err := faults.Join(b.explain("check", try(ctx))); err != nil {
			return err
		}
		return errTried
	})
	switch {
	case !errors.Is(err, errTried):
		return err
	case faults.Total > 0:
		return faults
	default:
		return nil
	}
}
