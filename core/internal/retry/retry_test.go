package retry_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"coppice/core/fault"
	"coppice/core/internal/retry"
)

// waits reports whether a run has to wait for its turn.
func waits(t *testing.T, turns *retry.Turns, try int, c *retry.Contention) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	giveBack, err := turns.Take(ctx, try, c)
	if err != nil {
		return true
	}
	giveBack()
	return false
}

func take(t *testing.T, turns *retry.Turns, try int, c *retry.Contention) func() {
	t.Helper()
	giveBack, err := turns.Take(t.Context(), try, c)
	if err != nil {
		t.Fatal(err)
	}
	return giveBack
}

// What was refused stands in line with its like for some runs, and with nobody else.
func TestWhatWasRefusedStandsInLineForAWhile(t *testing.T) {
	t.Parallel()
	turns := retry.NewTurns()
	var many, other retry.Contention
	first := take(t, turns, 0, &many)
	if waits(t, turns, 0, &many) {
		t.Error("before it was refused it waits")
	}
	first()
	many.Refused()
	first = take(t, turns, 0, &many)
	if !waits(t, turns, 0, &many) {
		t.Error("two that were refused run beside each other")
	}
	if waits(t, turns, 0, &other) {
		t.Error("what was not refused waits for what was")
	}
	first()
	for range 100 {
		take(t, turns, 0, &many)()
	}
	first = take(t, turns, 0, &many)
	if waits(t, turns, 0, &many) {
		t.Error("it stands in line for good")
	}
	first()
}

// What was refused several times has all turns, and gives back what it took when its
// context ends before.
func TestWhoFailsAgainAndAgainRunsAlone(t *testing.T) {
	t.Parallel()
	turns := retry.NewTurns()
	var c, refused retry.Contention
	alone := take(t, turns, 2, &c)
	if !waits(t, turns, 0, &c) {
		t.Error("another runs beside who is to run alone")
	}
	refused.Refused()
	if !waits(t, turns, 0, &refused) {
		t.Error("another in line runs beside who is to run alone")
	}
	alone()
	refused.Refused()
	if waits(t, turns, 0, &refused) {
		t.Error("who left the line before its turn still stands there")
	}
}

// A function runs again as long as it asks for it and there is time.
func TestRunEndsWithTheTimeOrTheContext(t *testing.T) {
	t.Parallel()
	n := 0
	if err := retry.Run(t.Context(), 0, func(int) bool { n++; return true }); err != nil || n != 1 {
		t.Errorf("without a time it ran %d times: %v", n, err)
	}
	n = 0
	if err := retry.Run(t.Context(), time.Minute, func(try int) bool { n++; return try < 3 }); err != nil || n != 4 {
		t.Errorf("it ran %d times, not 4: %v", n, err)
	}
	if err := retry.Run(t.Context(), 20*time.Millisecond, func(int) bool { return true }); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := retry.Run(ctx, time.Minute, func(int) bool { cancel(); return true })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// What others stood in the way of is tried again; a key that is not seen taken, a few
// times; what else failed, never.
func TestWhatIsTriedAgain(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	for _, c := range []struct {
		err  error
		try  int
		want bool
	}{
		{&fault.Retry{Cause: cause}, 100, true},
		{&fault.Unique{Unseen: true, Cause: cause}, 2, true},
		{&fault.Unique{Unseen: true, Cause: cause}, 3, false},
		{&fault.Unique{Cause: cause}, 0, false},
		{cause, 0, false},
		{nil, 0, false},
	} {
		if got := retry.Refused(c.err, c.try); got != c.want {
			t.Errorf("%#v at try %d: %t", c.err, c.try, got)
		}
	}
}
