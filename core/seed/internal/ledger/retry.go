package ledger

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"coppice/core/fault"
	"coppice/core/record"
)

// Retry runs a function that makes a transaction, and runs it again, from the
// beginning, as often as the database refuses it because of others that ran beside
// it, within the time that the engine says, and a minute at least: nobody waits at a
// screen for a load, and each deadlock with requests that have tables which it locks
// costs a second. try is how often it ran before.
func Retry(ctx context.Context, client *record.Client, run func(try int) error) error {
	d, ok := client.Driver().(interface{ RetryFor() time.Duration })
	if !ok {
		return run(0)
	}
	start, wait := time.Now(), firstWait
	for try := 0; ; try++ {
		err := run(try)
		if !again(err, try) || time.Since(start)+wait > max(d.RetryFor(), leastPatience) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("seed: %w", ctx.Err())
		case <-time.After(wait/2 + rand.N(wait)):
		}
		wait = min(2*wait, maxWait)
	}
}

// How long a transaction waits before it is tried again.
const (
	firstWait = time.Millisecond
	// leastPatience is how long it is tried at least.
	leastPatience = time.Minute
	maxWait       = 100 * time.Millisecond
	// keyTries is how often one is tried that met a key which it does not see taken: by
	// one that ran beside it, or by what a hook makes of values.
	keyTries = 3
)

// again reports whether a transaction that failed may do when it is tried again.
func again(err error, try int) bool {
	var unique *fault.Unique
	return errors.As(err, new(*fault.Retry)) || errors.As(err, &unique) && unique.Unseen && try < keyTries
}
