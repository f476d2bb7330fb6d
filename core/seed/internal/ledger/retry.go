package ledger

import (
	"context"
	"fmt"
	"time"

	"coppice/core/internal/retry"
	"coppice/core/record"
)

// leastPatience is how long a transaction is tried again at least, where it is.
const leastPatience = time.Minute

// Retry runs a function that makes a transaction, and runs it again, from the
// beginning, as often as the database refuses it because of others that ran beside
// it, within the time that the engine says, and a minute at least: nobody waits at a
// screen for a load, and each deadlock with requests that have tables which it locks
// costs a second. try is how often it ran before.
func Retry(ctx context.Context, client *record.Client, run func(try int) error) (err error) {
	within := retry.For(client.Driver())
	if within > 0 {
		within = max(within, leastPatience)
	}
	ended := retry.Run(ctx, within, func(try int) bool {
		err = run(try)
		return retry.Refused(err, try)
	})
	if ended != nil {
		return fmt.Errorf("seed: %w", ended)
	}
	return err
}
