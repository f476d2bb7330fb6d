// Package retry runs transactions again that a database refused because of others
// which ran beside them.
package retry

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"coppice/core/fault"
)

const (
	firstWait = time.Millisecond
	maxWait   = 100 * time.Millisecond
	// keyTries is how often a transaction is tried that met a key which it does not see
	// taken: by one that ran beside it, or by what a hook makes of values.
	keyTries = 3
)

// For is how long a driver wants transactions to be tried again; zero where it lets no
// two stand in each other's way.
func For(driver any) time.Duration {
	if d, ok := driver.(interface{ RetryFor() time.Duration }); ok {
		return d.RetryFor()
	}
	return 0
}

// Run runs a function as often as it asks for, with longer and longer breaks, within a
// time: once where that is zero. try is how often it ran before. The error is that of
// the context, where that ended a break.
func Run(ctx context.Context, within time.Duration, once func(try int) (again bool)) error {
	start, wait := time.Now(), firstWait
	for try := 0; once(try) && time.Since(start)+wait <= within; try++ {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait/2 + rand.N(wait)):
		}
		wait = min(2*wait, maxWait)
	}
	return nil
}

// Refused reports whether a transaction that failed may not do so when it is tried
// again, since others stood in its way.
func Refused(err error, try int) bool {
	var unique *fault.Unique
	return errors.As(err, new(*fault.Retry)) || errors.As(err, &unique) && unique.Unseen && try < keyTries
}
