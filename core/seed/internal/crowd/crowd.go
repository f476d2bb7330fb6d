package crowd

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"coppice/core/internal/fake"
	"coppice/core/model"
)

// crowd is made-up records of one entity, or, of an entity that nothing was
// ordered of, the records that there are. Each of its records can be made
// alone, from its number.
type crowd struct {
	entity   *model.Entity
	count    int
	ordered  bool
	order    *Order // nil where nothing was ordered
	salt     uint64
	maker    *fake.Maker
	check    func(*model.Field, any) error // which has seen a value of each field
	slots    []*slot
	bonds    []*bond
	groups   []*group
	key      *model.Key       // by which others refer to its records; nil for their $key
	existing []map[string]any // references to records that there are
	draws    []uint16         // of each record, which of its draws checks let in; nil where there are no checks
}

// slot is a field that records are given a value for.
type slot struct {
	field *model.Field
	salt  uint64
	share float64              // of the records that have a value
	value func(*dice, int) any // in the place of the maker's, or nil
	fixed bool                 // it tells records apart, and is drawn once
}

// optional reports whether records may be without a value.
func (s *slot) optional() bool { return s.field.Nullable || s.field.Default }

// some is how many records have an optional value.
const some = 0.85

// fields finds out how to make values. What is unique only together gets one
// member that is unique alone, if there is one that can be.
func (c *crowd) fields() error {
	banned := map[*model.Field]bool{}
	for {
		also, groups := c.apart(banned)
		var err error
		c.check = c.order.check(c.entity)
		c.maker, err = fake.New(c.entity, c.count, c.check, also...)
		if err == nil {
			c.addSlots(groups)
			return c.besides()
		}
		var failed *fake.Error
		if !errors.As(err, &failed) || !slices.Contains(also, c.entity.Field(failed.Field)) || fake.Unique(c.entity, c.entity.Field(failed.Field)) {
			return fmt.Errorf("%w: %w", Err, err)
		}
		banned[c.entity.Field(failed.Field)] = true
	}
}

// filled reports whether records get a value of a field: not what is out of
// use, or no part of an input, if they can do without.
func filled(f *model.Field) bool {
	return !f.Skip.Has(model.SkipCreate) && f.Reason == "" || !f.Nullable && !f.Default
}

// apart chooses what makes the members of composite keys differ: fields to be
// unique alone, and keys to be told apart by all their members.
func (c *crowd) apart(banned map[*model.Field]bool) (also []*model.Field, groups []*model.Key) {
	for i, k := range c.entity.Keys {
		if c.settled(k, also) {
			continue
		}
		pick := func(kinds ...model.Kind) bool {
			for _, p := range k.Parts {
				if f := p.Field; f != nil && filled(f) && !banned[f] && slices.Contains(kinds, f.Kind) {
					also = append(also, f)
					return true
				}
			}
			return false
		}
		shared := slices.ContainsFunc(c.entity.Keys[i+1:], func(o *model.Key) bool { return !c.settled(o, also) && overlap(k, o) }) ||
			slices.ContainsFunc(groups, func(o *model.Key) bool { return overlap(k, o) })
		alone := pick(model.String, model.UUID, model.BigInt, model.Time) || shared && pick(model.Int, model.Float)
		if !alone {
			groups = append(groups, k)
		}
	}
	return also, groups
}

// settled reports whether a key of several members needs nothing done: records
// leave it open, or a member of it differs from record to record anyhow.
func (c *crowd) settled(k *model.Key, also []*model.Field) bool {
	return len(k.Parts) == 1 || c.open(k) || slices.ContainsFunc(k.Parts, func(p model.Part) bool { return c.alone(p, also) })
}

// open reports whether records leave a member of a key empty, so that the key
// says nothing of them.
func (c *crowd) open(k *model.Key) bool {
	return slices.ContainsFunc(k.Parts, func(p model.Part) bool {
		if p.Edge != nil {
			return c.bond(p.Edge) == nil
		}
		return !filled(p.Field) && p.Field.Nullable
	})
}

// alone reports whether a member of a key is unique by itself.
func (c *crowd) alone(p model.Part, also []*model.Field) bool {
	if p.Field != nil {
		return fake.Unique(c.entity, p.Field) || slices.Contains(also, p.Field)
	}
	k := c.bond(p.Edge).kind
	return k == single || k == chain || k == couple
}

func overlap(a, b *model.Key) bool {
	return slices.ContainsFunc(a.Parts, func(p model.Part) bool { return slices.Contains(b.Parts, p) })
}

// addSlots lists the fields that records get.
func (c *crowd) addSlots(keys []*model.Key) {
	for _, f := range c.maker.Fields() {
		// The database numbers records by itself.
		if !filled(f) || f == c.entity.ID && (f.Kind == model.Int || f.Kind == model.BigInt) {
			continue
		}
		s := &slot{field: f, salt: mixed(c.salt ^ hashed(f.Name)), share: 1, fixed: fake.Unique(c.entity, f) || c.inKey(model.Part{Field: f})}
		if f.Nullable && !c.inKey(model.Part{Field: f}) {
			s.share = some
		}
		if room := c.maker.Room(f); room < uint64(c.count) {
			s.share = 0
			s.value = func(d *dice, i int) any {
				if uint64(i) >= room {
					return nil
				}
				d.roll(s.salt, i)
				return c.maker.Value(f, d.Rand, i)
			}
		}
		c.slots = append(c.slots, s)
	}
	for _, k := range keys {
		c.groups = append(c.groups, c.group(k))
	}
}

func (c *crowd) inKey(p model.Part) bool {
	return slices.ContainsFunc(c.entity.Keys, func(k *model.Key) bool { return slices.Contains(k.Parts, p) })
}

func (c *crowd) slot(f *model.Field) *slot {
	for _, s := range c.slots {
		if s.field == f {
			return s
		}
	}
	return nil
}

func (c *crowd) bond(ed *model.Edge) *bond {
	for _, b := range c.bonds {
		if b.edge == ed {
			return b
		}
	}
	return nil
}

// settle chooses how others refer to the crowd's records: by a key of fields,
// rather of one than of several, or one of edges to records that can be
// referred to in their turn. It reports whether it found more than before.
func (c *crowd) settle() bool {
	if c.key != nil {
		return false
	}
	for _, k := range c.entity.Keys {
		if c.key != nil && len(c.key.Parts) <= len(k.Parts) {
			continue
		}
		if !slices.ContainsFunc(k.Parts, func(p model.Part) bool { return !c.identifies(p) }) {
			c.key = k
		}
	}
	return c.key != nil
}

// identifies reports whether each record has a member of a key, known to others.
func (c *crowd) identifies(p model.Part) bool {
	if slices.ContainsFunc(c.groups, func(g *group) bool { return g.omits(p) }) {
		return false
	}
	if p.Field != nil {
		s := c.slot(p.Field)
		return s != nil && s.share == 1
	}
	b := c.bond(p.Edge)
	return b != nil && b.share == 1 && b.kind.sure() && b.target != c && (b.target.key != nil || !b.target.ordered)
}

// label is the $key of a record.
func (c *crowd) label(i int) string {
	return "fake-" + strconv.FormatUint(c.order.random, 10) + "-" + strconv.Itoa(i+1)
}
