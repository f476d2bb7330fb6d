package seed

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"coppice/ent"
)

// Options say how to load.
type Options struct {
	// Reset empties the tables of all entities first, in the same transaction.
	Reset bool
}

// Load writes the set in one transaction: all of it, or nothing. An error in
// the data is an *Errors.
func (s *Set) Load(ctx context.Context, client *ent.Client, o Options) (_ *Summary, err error) {
	if s.ledger.client != nil {
		return nil, errors.New("seed: a set is loaded once")
	}
	start := time.Now()
	tx, err := client.Tx(ctx)
	if err != nil {
		return nil, fmt.Errorf("seed: %w", err)
	}
	committed := false
	// Deferred for panics of hooks as well.
	defer func() {
		if committed {
			return
		}
		// A context that is over has rolled back already.
		if rerr := tx.Rollback(); rerr != nil && !errors.Is(rerr, sql.ErrTxDone) {
			err = errors.Join(err, fmt.Errorf("seed: %w", rerr))
		}
	}()
	if err := s.write(ctx, tx.Client(), o); err != nil {
		return nil, err
	}
	committed = true
	if err := tx.Commit(); err != nil {
		return nil, fmt.Errorf("seed: %w", err)
	}
	return summarize(s.writes.Nodes(), s.took+time.Since(start)), nil
}

func (s *Set) write(ctx context.Context, client *ent.Client, o Options) error {
	s.ledger.client = client
	if o.Reset {
		if err := reset(ctx, client); err != nil {
			return err
		}
	}
	s.writes.Through(client)
	if err := s.writes.Apply(ctx); err != nil {
		if wrong, ok := s.locateAll(err); ok {
			return wrong
		}
		return fmt.Errorf("seed: %w", err)
	}
	return s.ledger.note(ctx, s.writes.Nodes())
}
