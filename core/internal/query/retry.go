package query

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"golang.org/x/sync/semaphore"

	"coppice/core/fault"
	"coppice/core/record"
)

// retries runs operations again that the database refused because of others that ran
// beside them.
type retries struct {
	within time.Duration // zero where the engine lets no two stand in each other's way
	// turns lets a mutation that failed several times have the database to itself, as
	// far as this process goes.
	turns *semaphore.Weighted
}

const (
	everyTurn = 1 << 20 // what a mutation takes that is to run alone
	patience  = 2       // tries beside others
	firstWait = time.Millisecond
	maxWait   = 100 * time.Millisecond
)

func newRetries(client *record.Client) retries {
	r := retries{turns: semaphore.NewWeighted(everyTurn)}
	if d, ok := client.Driver().(interface{ RetryFor() time.Duration }); ok {
		r.within = d.RetryFor()
	}
	return r
}

// run runs an operation until it is answered, or others stood in its way for too long:
// then the answer says so.
func (rt *retries) run(ctx context.Context, kind ast.Operation, once func() (res *graphql.Response, begun bool)) *graphql.Response {
	if rt.within <= 0 {
		res, _ := once()
		return res
	}
	start, wait := time.Now(), firstWait
	for try := 0; ; try++ {
		res, begun, err := rt.try(ctx, kind, try, once)
		if err != nil || !again(res.Errors, kind, begun, try) || time.Since(start)+wait > rt.within {
			return res
		}
		select {
		case <-ctx.Done():
			return res
		case <-time.After(wait/2 + rand.N(wait)):
		}
		wait = min(2*wait, maxWait)
	}
}

// try runs an operation once, when it is its turn.
func (rt *retries) try(ctx context.Context, kind ast.Operation, try int, once func() (*graphql.Response, bool)) (*graphql.Response, bool, error) {
	if kind == ast.Mutation {
		n := int64(1)
		if try >= patience {
			n = everyTurn
		}
		if err := rt.turns.Acquire(ctx, n); err != nil {
			f := fault.From(&fault.Locked{Holder: "others in line", Cause: err})
			return &graphql.Response{Data: []byte("null"), Errors: gqlerror.List{{Err: f, Message: f.Message}}}, false, err
		}
		defer rt.turns.Release(n)
	}
	res, begun := once()
	return res, begun, nil
}

// keyTries is how often a mutation is tried that met a key which it does not see
// taken: by one that ran beside it, or by what a hook makes of values.
const keyTries = 3

// again reports whether an operation may be run again: nothing of it is kept, and what
// failed may do now. A query may also when its connection was lost.
func again(errs gqlerror.List, kind ast.Operation, begun bool, try int) bool {
	for _, err := range errs {
		var unique *fault.Unique
		switch {
		case errors.As(err, new(*fault.Retry)):
			return true
		case errors.As(err, &unique):
			if unique.Unseen && try < keyTries {
				return true
			}
		case errors.As(err, new(*fault.Unreachable)):
			if kind != ast.Mutation || !begun {
				return true
			}
		}
	}
	return false
}
