package crowd

import (
	"fmt"
	"math"
	"math/bits"
	"slices"

	"coppice/core/internal/fake"
	"coppice/core/model"
	"coppice/core/seed/internal/relation"
)

// bond is an edge that records are given. A relation is told from one of its
// sides only.
type bond struct {
	edge   *model.Edge
	target *crowd
	salt   uint64
	kind   kind
	share  float64       // of the records that have one
	choice func(int) int // of a group's member: what it leads to; else nil
	ln     float64       // the logarithm of one more than the target's count
	beside *fake.Maker   // of what the edge's own schema holds, or nil
	fixed  bool          // it tells records apart, and is drawn once
}

// kind is how what a bond leads to is chosen.
type kind uint8

const (
	popular  kind = iota // any record; a few have most
	single               // another one for each
	upward               // an earlier record of the same crowd
	chain                // the one before, of the same crowd
	couple               // of the same crowd, each other
	downward             // some earlier records of the same crowd, which are no other's
	several              // some records; a few have most
	share                // some records, which are no other's
)

// sure reports whether each record whose share it is leads somewhere.
func (k kind) sure() bool { return k == popular || k == single }

// edges lists the bonds of a crowd; byEntity gets those that they lead to.
func (c *crowd) edges(byEntity map[*model.Entity]*crowd) {
	for _, ed := range c.entity.Edges {
		target := byEntity[ed.Target]
		unwanted := (ed.Skip.Has(model.SkipCreate) || ed.Reason != "") && !ed.Required
		if ed.Target.View || unwanted || !ed.Required && (target == nil || !target.ordered) || !c.owns(ed, byEntity) {
			continue
		}
		if target == nil {
			target = &crowd{entity: ed.Target}
			byEntity[ed.Target] = target
		}
		b := &bond{edge: ed, target: target, kind: c.kindOf(ed), salt: mixed(c.salt ^ hashed(ed.Name)), share: 1, fixed: c.inKey(model.Part{Edge: ed})}
		if !ed.Required {
			b.share = 0.75
		}
		c.bonds = append(c.bonds, b)
	}
}

// owns reports whether a relation is told from the side of this edge.
func (c *crowd) owns(ed *model.Edge, byEntity map[*model.Entity]*crowd) bool {
	back := ed.Inverse
	if through := c.order.schema.Table(ed.Table); through != nil && ed.Storage == model.Join && !ed.Required {
		if t := byEntity[through]; t != nil && t.ordered || needs(through) {
			return false
		}
	}
	switch {
	case ed.Storage == model.Other && !ed.Required && requires(ed.Target, c.entity, map[*model.Entity]bool{}):
		return false // each would have to be there before the other one
	case back == ed || back == nil && ed.Storage != model.Join:
		return true
	case ed.Storage == model.Own:
		other := byEntity[ed.Target]
		return ed.Required || !back.Required || other == nil || !other.ordered
	case ed.Storage == model.Other:
		return ed.Required && !back.Required
	}
	switch target := byEntity[ed.Target]; {
	case back == nil || ed.Required != back.Required:
		return back == nil || ed.Required
	case ed.Source == ed.Target:
		return relation.Owns(ed, back)
	case target == nil || c.count != target.count:
		return target == nil || c.count > target.count
	default:
		return c.entity.Index < ed.Target.Index
	}
}

// requires reports whether records of an entity need ones of another one,
// directly or by others that they need.
func requires(e, other *model.Entity, seen map[*model.Entity]bool) bool {
	if e == other && len(seen) > 0 {
		return true
	}
	if seen[e] {
		return false
	}
	seen[e] = true
	return slices.ContainsFunc(e.Edges, func(ed *model.Edge) bool {
		return ed.Required && ed.Storage == model.Own && requires(ed.Target, other, seen)
	})
}

// needs reports whether a record of the entity needs values to be made.
func needs(e *model.Entity) bool {
	for _, f := range e.Fields {
		if !f.Nullable && !f.Default {
			return true
		}
	}
	return false
}

func (c *crowd) kindOf(ed *model.Edge) kind {
	self, key := ed.Source == ed.Target, c.entity.Key(ed.GraphQL)
	alone := ed.Unique && (ed.Storage == model.Other || key != nil && len(key.Parts) == 1)
	switch {
	case self && ed.Inverse == ed && alone:
		return couple
	case self && alone:
		return chain
	case self && ed.Storage == model.Own:
		return upward
	case self && ed.Storage == model.Other:
		return downward
	case alone:
		return single
	case ed.Storage == model.Own:
		return popular
	case ed.Storage == model.Other:
		return share
	default:
		return several
	}
}

// enough makes sure that there are records for all that need one of their own.
func (b *bond) enough(c *crowd) error {
	b.ln = math.Log(float64(b.target.count + 1))
	if b.edge.Required && (b.kind == single || b.kind == share) && b.target.count < c.count {
		return fmt.Errorf("%w: each %s needs %s of its own, and there are %d; order at most so many %s, not %d, or more %s",
			Err, c.entity.Name, model.An(b.target.entity.Name), b.target.count, c.entity.Table, c.count, b.target.entity.Table)
	}
	return nil
}

// toOne is the number of what a record leads to, or -1.
func (b *bond) toOne(d *dice, i int) int {
	if b.choice != nil {
		return b.choice(i)
	}
	d.roll(d.salted(b.salt, b.fixed), i)
	if b.share < 1 && d.unit() >= b.share {
		return -1
	}
	size := b.target.count
	switch b.kind {
	case popular:
		return int(scattered(uint64(d.zipf(b.ln, size)), uint64(size)))
	case single:
		return b.own(i)
	case upward:
		return d.below(i+1) - 1
	case chain:
		return i - 1
	case couple:
		if i%2 == 1 {
			return i - 1
		}
	}
	return -1
}

// own is the number of a record that is no other's, or -1 where there are too
// few.
func (b *bond) own(i int) int {
	if i >= b.target.count {
		return -1
	}
	return int(scattered(uint64(i), uint64(b.target.count)))
}

// toMany appends the numbers of what the record i of a crowd of count leads to.
func (b *bond) toMany(d *dice, i, count int, to []int) []int {
	size := b.target.count
	switch b.kind {
	case downward:
		return b.below(d, i, to)
	case share:
		return b.section(i, count, to)
	}
	d.roll(b.salt, i)
	ln := b.ln
	if b.edge.Source == b.edge.Target {
		size = i
		ln = math.Log(float64(size + 1))
	}
	wanted := min(size, howMany(d.unit(), b.edge.Required))
	for tries := 0; len(to) < wanted && tries < 8*wanted; tries++ {
		j := d.zipf(ln, size)
		if size == b.target.count {
			j = int(scattered(uint64(j), uint64(size)))
		}
		if !slices.Contains(to, j) {
			to = append(to, j)
		}
	}
	return to
}

// below appends the numbers of the records below one in binary trees that hold
// twice as many as the one before, written from their leaves to their roots;
// some are left out.
func (b *bond) below(d *dice, i int, to []int) []int {
	size := i + 1 // of the tree whose root it is, after those that are full before it
	for full := 1<<(bits.Len(uint(size+1))-1) - 1; full < size; full = 1<<(bits.Len(uint(size+1))-1) - 1 {
		size -= full
	}
	if size == 1 {
		return to
	}
	for _, child := range [...]int{i - 1 - size/2, i - 1} {
		if d.roll(b.salt, child); d.unit() < b.share {
			to = append(to, child)
		}
	}
	return to
}

// section appends the numbers of a record's own share of all there are: the one
// of its own number, where it needs one; and of those that nobody needs more,
// the earlier it is, from the last one on, as Zipf's law has it.
func (b *bond) section(i, count int, to []int) []int {
	size := b.target.count
	if b.edge.Required {
		to = append(to, i)
		size -= count
	}
	for j := b.sectionStart(i); j < min(b.sectionStart(i+1), size); j++ {
		to = append(to, b.target.count-1-j)
	}
	return to
}

// sectionStart is where the share of a record begins. It does not depend on how
// many there are, so that more of them leave it as it is.
func (b *bond) sectionStart(i int) int {
	return int(float64(b.target.count) * math.Log(float64(i+1)) / b.ln)
}

// howMany is how many records a record leads to, for a number from 0 to 1.
func howMany(u float64, required bool) int {
	for n, most := range [...]float64{0.15, 0.40, 0.65, 0.83, 0.93} {
		if u < most {
			if required {
				return n + 1
			}
			return n
		}
	}
	return 5
}

// stride is a prime that is no divisor of a smaller room.
const stride = 2_654_435_761

// scattered is a permutation of the numbers below room.
func scattered(n, room uint64) uint64 {
	high, low := bits.Mul64(n, stride)
	return bits.Rem64(high, low, room)
}
