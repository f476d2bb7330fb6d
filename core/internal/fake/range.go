package fake

import "math/rand/v2"

// run is the whole numbers that a field can hold around one that it can.
type run struct{ low, start, high int64 }

// farthest is how far from 0 numbers are tried.
const farthest = 1 << 62

func nothing(any) bool { return false }

// around finds out which numbers in a row are held, at and around a start, or
// else around the first one that is found: of those near 0 all are tried, and
// of others one in each stretch of a fiftieth of their size. The result is
// empty where there is none.
func around(start int64, holds func(int64) bool) run {
	if holds(start) {
		return widest(start, holds)
	}
	for n := int64(0); n < farthest; n += 1 + n/50*min(1, n/1024) {
		for _, n := range [...]int64{n, -n} {
			if holds(n) {
				return widest(n, holds)
			}
		}
	}
	return run{low: 1}
}

// widest extends from a number that is held to both sides.
func widest(start int64, holds func(int64) bool) run {
	reach := func(sign int64) int64 {
		good, step := start, int64(1)
		for ; step <= farthest/2 && holds(start+sign*step); step *= 2 {
			good = start + sign*step
		}
		for step /= 2; step > 0; step /= 2 {
			if next := good + sign*step; holds(next) {
				good = next
			}
		}
		return good
	}
	return run{low: reach(-1), start: start, high: reach(1)}
}

// candidate makes the numbers, as values; the unique ones go up from the start,
// and from the lowest one when the highest is reached.
func (s run) candidate(value func(int64) any) (candidate, bool) {
	if s.high < s.low {
		return candidate{}, false
	}
	room := uint64(s.high-s.low) + 1
	first := uint64(s.start - s.low)
	return candidate{
		make:   func(r *rand.Rand, _ int) any { return value(s.low + int64(share64(r, room))) },
		unique: func(_ *rand.Rand, n int) any { return value(s.low + int64((first+uint64(n)%room)%room)) },
		room:   room,
	}, true
}
