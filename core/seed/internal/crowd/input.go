package crowd

import (
	"fmt"
	"math"
	"math/rand/v2"

	"coppice/core/model"
	"coppice/core/seed/internal/file"
)

// dice are randomness that follows from a place: rolled for the same place,
// they fall the same.
type dice struct {
	source *rand.PCG
	*rand.Rand
	to   []int
	draw uint16                      // of the record that is made, from 0: see crowd.meet
	refs map[*crowd][]map[string]any // references that were made already
}

// few is up to how many records of a crowd references are kept for.
const few = 10_000

func newDice() *dice {
	source := rand.NewPCG(0, 0)
	return &dice{source: source, Rand: rand.New(source), refs: map[*crowd][]map[string]any{}}
}

// roll makes ready for the record of a number and what the salt stands for.
func (d *dice) roll(salt uint64, i int) {
	d.source.Seed(salt, mixed(salt+uint64(i)*0x9e3779b97f4a7c15))
}

// unit is a number from 0 to below 1.
func (d *dice) unit() float64 { return float64(d.Uint64()>>11) / (1 << 53) }

func (d *dice) below(n int) int { return int(d.unit() * float64(n)) }

// zipf is a number below n, the more frequent the smaller it is: about as its
// reciprocal, as with real data (Zipf's law). ln is the logarithm of n+1.
func (d *dice) zipf(ln float64, n int) int {
	return min(n-1, int(math.Exp(d.unit()*ln))-1)
}

// input makes the record of a number.
func (c *crowd) input(d *dice, i int) map[string]any { return c.draw(d, i, nil) }

// draw makes the record of a number, and notes which records its to-one edges lead to.
func (c *crowd) draw(d *dice, i int, ends map[string]int) map[string]any {
	if c.draws != nil {
		d.draw = c.draws[i]
		defer func() { d.draw = 0 }()
	}
	input := make(map[string]any, 1+len(c.slots)+len(c.bonds))
	if c.key == nil {
		input[file.KeyName] = c.label(i)
	}
	for _, s := range c.slots {
		if v := c.value(d, s, i); v != nil {
			input[s.field.GraphQL] = v
		}
	}
	for _, ed := range c.entity.Edges {
		if ed.Default && !ed.Required { // which may name nothing
			input[ed.GraphQL] = nil
		}
	}
	for _, b := range c.bonds {
		if b.edge.Unique {
			j := b.toOne(d, i)
			if j < 0 || !b.edge.Required && !b.fixed && d.absent(b.salt) {
				continue
			}
			input[b.edge.GraphQL] = b.target.reference(d, j)
			if ends != nil {
				ends[b.edge.GraphQL] = j
			}
			continue
		}
		d.to = b.toMany(d, i, c.count, d.to[:0])
		if len(d.to) == 0 {
			continue
		}
		refs := make([]any, len(d.to))
		for at, j := range d.to {
			refs[at] = b.related(d, i, at, b.target.reference(d, j))
		}
		input[b.edge.GraphQL] = refs
	}
	return input
}

// value is the value of a field, or nil where the record has none.
func (c *crowd) value(d *dice, s *slot, i int) any {
	if s.value != nil {
		return s.value(d, i)
	}
	if s.optional() && !s.fixed && d.absent(s.salt) {
		return nil
	}
	d.roll(d.salted(s.salt, s.fixed), i)
	if s.share < 1 && d.unit() >= s.share {
		return nil
	}
	return c.maker.Value(s.field, d.Rand, i)
}

// reference refers to the record of a number.
func (c *crowd) reference(d *dice, i int) map[string]any {
	if c.existing != nil {
		return c.existing[i]
	}
	if c.count > few {
		return c.refer(d, i)
	}
	refs := d.refs[c]
	if refs == nil {
		refs = make([]map[string]any, c.count)
		d.refs[c] = refs
	}
	if refs[i] == nil {
		refs[i] = c.refer(d, i)
	}
	return refs[i]
}

func (c *crowd) refer(d *dice, i int) map[string]any {
	if c.key == nil {
		return map[string]any{file.KeyName: c.label(i)}
	}
	if c.key.IsID() {
		return map[string]any{c.key.Name: c.entity.GlobalID(fmt.Sprint(c.part(d, c.key.Parts[0], i)))}
	}
	if len(c.key.Parts) == 1 {
		return map[string]any{c.key.Name: c.part(d, c.key.Parts[0], i)}
	}
	parts := make(map[string]any, len(c.key.Parts))
	for _, p := range c.key.Parts {
		parts[p.Name()] = c.part(d, p, i)
	}
	return map[string]any{c.key.Name: parts}
}

// part is what the record of a number has for a member of its key.
func (c *crowd) part(d *dice, p model.Part, i int) any {
	if p.Field != nil {
		return c.value(d, c.slot(p.Field), i)
	}
	b := c.bond(p.Edge)
	return b.target.reference(d, b.toOne(d, i))
}
