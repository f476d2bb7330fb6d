package lane_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"coppice/core/internal/lane"
)

// enter takes a connection for a work, which must be free.
func enter(t *testing.T, l *lane.Lanes, work string) (leave func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	leave, err := l.Enter(ctx, work, time.Minute)
	if err != nil {
		t.Fatalf("%s: %v", work, err)
	}
	return leave
}

// waits reports whether a work has to wait.
func waits(t *testing.T, l *lane.Lanes, work string) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	leave, err := l.Enter(ctx, work, time.Minute)
	if err == nil {
		leave()
	}
	return err != nil
}

// run lets a work run alone for a time.
func run(t *testing.T, l *lane.Lanes, work string, takes time.Duration, times int) {
	t.Helper()
	for range times {
		leave := enter(t, l, work)
		<-time.After(takes) // in the bubble's time
		leave()
	}
}

// fill starts works until one has to wait, and returns how many run.
func fill(t *testing.T, l *lane.Lanes, work func(i int) string) (n int, leave func()) {
	t.Helper()
	var all []func()
	for ; n < 100; n++ {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		leave, err := l.Enter(ctx, work(n), time.Minute)
		cancel()
		if err != nil {
			break
		}
		all = append(all, leave)
	}
	return n, func() {
		for _, leave := range all {
			leave()
		}
	}
}

// Forty of one text of which nothing is known leave half of the connections to others.
func TestWhatIsNotKnownTakesHalf(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := lane.New(16)
		n, leave := fill(t, l, func(int) string { return "dear" })
		if n != 8 {
			t.Errorf("%d run", n)
		}
		if waits(t, l, "new") {
			t.Error("another text waits for them")
		}
		leave()
		if n, leave := fill(t, l, func(i int) string { return fmt.Sprint(i) }); n != 14 {
			t.Errorf("%d of as many texts run", n)
		} else {
			leave()
		}
	})
}

// Those known to cost much take half of the connections, whatever their texts, and all
// that is not known to cost little leaves some to what is.
func TestWhatCostsLittleWaitsForNothingThatCostsMuch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := lane.New(16)
		dear := func(i int) string { return fmt.Sprint("dear ", i%3) }
		for i := range 3 {
			run(t, l, dear(i), time.Second, 2)
		}
		run(t, l, "cheap", time.Millisecond, 1)
		n, leaveDear := fill(t, l, dear)
		if n != 8 {
			t.Errorf("%d that cost much run", n)
		}
		if n, leave := fill(t, l, func(i int) string { return fmt.Sprint("new ", i) }); n != 6 {
			t.Errorf("%d of which nothing is known run beside them", n)
		} else {
			defer leave()
		}
		if waits(t, l, "cheap") {
			t.Error("what costs little waits")
		}
		leaveDear()
		for i := range 3 {
			run(t, l, dear(i), time.Millisecond, 1)
		}
		if n, leave := fill(t, l, func(int) string { return dear(0) }); n != 12 {
			t.Errorf("%d run of what costs little by now", n)
		} else {
			leave()
		}
	})
}

// Who waits gets its turn when another ends, in the order of coming, or when it has
// waited for as long as it may; who leaves the line takes nothing with it.
func TestWhoWaitsIsAdmittedInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := lane.New(2)
		first := enter(t, l, "a")
		order := make(chan int, 2)
		for i := range 2 {
			go func() {
				leave, err := l.Enter(t.Context(), "a", time.Hour)
				if err != nil {
					t.Error(err)
					return
				}
				order <- i
				leave()
			}()
			synctest.Wait()
		}
		first()
		if a, b := <-order, <-order; a != 0 || b != 1 {
			t.Errorf("%d came before %d", a, b)
		}
		first = enter(t, l, "a")
		began := time.Now()
		leave, err := l.Enter(t.Context(), "a", 5*time.Second)
		if err != nil || time.Since(began) != 5*time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		leave()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := l.Enter(ctx, "a", time.Hour); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		first()
		if waits(t, l, "a") {
			t.Error("a place is lost")
		}
	})
}
