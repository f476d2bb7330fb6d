package fake

import (
	"iter"
	"math"
	"math/bits"
	"math/rand/v2"
	"strconv"

	"coppice/core/model"
)

// part is a piece of a text: one of a pool, a number of characters of an
// alphabet, or the text itself.
type part struct {
	pool     []string
	alphabet string
	size     int
	text     string
	count    bool // the text, and then the number of a unique value; nothing in others
}

// pattern is the pieces of a text.
type pattern []part

func lit(text string) part                 { return part{text: text} }
func some(pool []string) part              { return part{pool: pool} }
func chars(alphabet string, size int) part { return part{alphabet: alphabet, size: size} }

// number is where a unique value has its number, after a separator.
func number(separator string) part { return part{text: separator, count: true} }

func (p pattern) candidate() candidate {
	c := candidate{make: p.plain}
	switch pool := p.onlyPool(); {
	case pool != nil:
		c.make = fixed(pool)
		c.unique, c.room = p.numbered(pool)
	case p.counts():
		c.unique, c.room = p.counted, math.MaxUint64
	default:
		if c.room = p.codes(); c.room > 1 {
			c.unique = p.coded(c.room)
		}
	}
	return c
}

// onlyPool is the pool of a pattern that is that alone, but for a number.
func (p pattern) onlyPool() []string {
	if len(p) == 1 || len(p) == 2 && p[1].count {
		return p[0].pool
	}
	return nil
}

func (p pattern) counts() bool {
	for _, part := range p {
		if part.count {
			return true
		}
	}
	return false
}

// codes is how many texts the characters of the pattern's alphabets give.
func (p pattern) codes() uint64 {
	room := uint64(1)
	for _, part := range p {
		for range part.size {
			high, low := bits.Mul64(room, uint64(len(part.alphabet)))
			if high > 0 || low > math.MaxInt64 {
				return room
			}
			room = low
		}
	}
	return room
}

// fixed makes the texts of a pool, which are made once.
func fixed(pool []string) func(*rand.Rand, int) any {
	list := make([]any, len(pool))
	for i, text := range pool {
		list[i] = text
	}
	return func(r *rand.Rand, _ int) any { return oneOf(r, list) }
}

// numbered makes the texts of a pool, each with a number from its second time.
func (p pattern) numbered(pool []string) (func(*rand.Rand, int) any, uint64) {
	room := uint64(len(pool))
	if len(p) == 1 {
		return func(_ *rand.Rand, n int) any { return pool[scatter(uint64(n), room)] }, room
	}
	return func(_ *rand.Rand, n int) any {
		text := pool[scatter(uint64(n), room)]
		if times := n / len(pool); times > 0 {
			return text + p[1].text + strconv.Itoa(times+1)
		}
		return text
	}, math.MaxUint64
}

func (p pattern) plain(r *rand.Rand, _ int) any {
	var space [128]byte
	b := space[:0]
	for i := range p {
		b = p[i].append(b, r)
	}
	return string(b)
}

func (p *part) append(b []byte, r *rand.Rand) []byte {
	switch {
	case p.pool != nil:
		return append(b, oneOf(r, p.pool)...)
	case p.alphabet != "":
		for range p.size {
			b = append(b, p.alphabet[pick(r, len(p.alphabet))])
		}
		return b
	case p.count:
		return b
	default:
		return append(b, p.text...)
	}
}

// counted makes the texts of a pattern with the number. Those of numbers that follow
// each other begin alike, as soon as there are many of them, so that they come to lie
// beside each other in an index, where one by one at random would touch all of it.
func (p pattern) counted(r *rand.Rand, n int) any {
	var space [128]byte
	b, first := space[:0], true
	for i := range p {
		switch {
		case p[i].count:
			b = append(b, p[i].text...)
			b = strconv.AppendInt(b, int64(n)+1, 10)
		case first && p[i].pool != nil:
			pool := p[i].pool
			room := uint64(len(pool))
			b, first = append(b, pool[scatter(uint64(sweep(n)*float64(room)), room)]...), false
		default:
			b = p[i].append(b, r)
		}
	}
	return string(b)
}

// coded writes the number in the characters of the alphabets.
func (p pattern) coded(room uint64) func(*rand.Rand, int) any {
	return func(r *rand.Rand, n int) any {
		rest := scatter(uint64(n), room)
		var space [128]byte
		b := space[:0]
		for i := range p {
			if p[i].alphabet == "" {
				b = p[i].append(b, r)
				continue
			}
			size := uint64(len(p[i].alphabet))
			for range p[i].size {
				b = append(b, p[i].alphabet[rest%size])
				rest /= size
			}
		}
		return string(b)
	}
}

// paragraphs joins some texts of a pool with blanks between.
type paragraphs struct {
	pool      []string
	low, high int // how many
}

func (p paragraphs) make(r *rand.Rand, n int) any { return p.text(r, n, false) }

func (p paragraphs) text(r *rand.Rand, n int, unique bool) any {
	count := p.low + pick(r, p.high-p.low+1)
	b := make([]byte, 0, count*96)
	for i := range count {
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(b, oneOf(r, p.pool)...)
	}
	if unique {
		b = append(b, " #"...)
		b = strconv.AppendInt(b, int64(n)+1, 10)
	}
	return string(b)
}

func (p paragraphs) candidate() candidate {
	return candidate{
		make:   p.make,
		unique: func(r *rand.Rand, n int) any { return p.text(r, n, true) },
		room:   math.MaxUint64,
	}
}

// texts lists ways to make a text: what the field's name stands for, and then
// the forms that texts have.
func texts(e *model.Entity, f *model.Field) iter.Seq[candidate] {
	return func(yield func(candidate) bool) {
		for _, c := range named(e, f) {
			if !yield(c) {
				return
			}
		}
		forms(yield)
	}
}
