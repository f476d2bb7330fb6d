package crowd

import "math/bits"

// skew is an order of all pairs of two numbers, in which a few of either are
// in most of the first ones.
type skew struct {
	room, wide, high uint64   // how many there are, and of the larger and the smaller number
	swapped          bool     // the larger one is not the first of the two
	starts, others   []uint64 // of each level, of its pairs that come first, and of the rest
}

// newSkew orders room pairs of a first number below base and a second one. With
// each level there are twice as many of the smaller number, and half as many of
// the larger one come first: about as Zipf's law has it.
func newSkew(room, base uint64) skew {
	s := skew{room: room, wide: base, high: room / base}
	if s.swapped = s.wide < s.high; s.swapped {
		s.wide, s.high = s.high, s.wide
	}
	first, rest := uint64(0), uint64(0)
	for level, y := 0, uint64(0); y < s.high; level++ {
		s.starts, s.others = append(s.starts, first), append(s.others, rest)
		rows, popular := min(1<<level, s.high-y), s.wide>>level
		first, rest, y = first+rows*popular, rest+rows*(s.wide-popular), y+rows
	}
	s.starts, s.others = append(s.starts, first), append(s.others, rest)
	return s
}

// at is the pair of a place in the order: the first number and base times the
// second. After the last place comes the first.
func (s skew) at(i int) uint64 {
	n, starts, others := uint64(i)%s.room, s.starts, s.others
	first, rest := starts[len(starts)-1], others[len(others)-1]
	var x, y uint64
	if n < first {
		n = shuffled(n, first)
		level := levelOf(starts, n)
		popular := s.wide >> level
		n -= starts[level]
		x, y = n%popular, 1<<level-1+n/popular
	} else {
		n = shuffled(n-first, rest)
		level := levelOf(others, n)
		popular := s.wide >> level
		n -= others[level]
		x, y = popular+n%(s.wide-popular), 1<<level-1+n/(s.wide-popular)
	}
	if s.swapped {
		return y + x*s.high
	}
	return x + y*s.wide
}

// levelOf is the last level that starts at n or before, of those that are not
// empty.
func levelOf(starts []uint64, n uint64) int {
	level := 0
	for level+2 < len(starts) && starts[level+1] <= n {
		level++
	}
	return level
}

// shuffled is scattered, for a room of any size.
func shuffled(n, room uint64) uint64 {
	const other = 2_147_483_647 // a prime, too
	if room%stride != 0 {
		return scattered(n, room)
	}
	high, low := bits.Mul64(n, other)
	return bits.Rem64(high, low, room)
}
