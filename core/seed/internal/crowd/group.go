package crowd

import (
	"cmp"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"

	"coppice/core/internal/fake"
	"coppice/core/model"
)

// group is the members of a unique key that only together tell records apart.
// Each record has a combination of its own, which follows from its number.
type group struct {
	key     *model.Key
	crowd   *crowd
	members []*member // edges first
	edges   uint64    // how many combinations there are of the edges that it chooses
	room    uint64    // and of all members that it chooses
	short   bool      // fewer than the records, of which the last do without a member
	number  func(i int) uint64
}

// member is a member of a group's key.
type member struct {
	part  model.Part
	bond  *bond // or else slot
	slot  *slot
	value func(*rand.Rand, int) any // of a slot
	size  uint64                    // how many there are to choose from; 0 where the group does not choose
	below uint64                    // how many combinations there are of those before it
}

// group lists the members of a key.
func (c *crowd) group(k *model.Key) *group {
	g := &group{key: k, crowd: c}
	for _, p := range k.Parts {
		if p.Edge != nil {
			b := c.bond(p.Edge)
			b.share = 1
			g.members = append(g.members, &member{part: p, bond: b})
		}
	}
	for _, p := range k.Parts {
		if s := c.slot(p.Field); p.Field != nil && s != nil {
			g.members = append(g.members, &member{part: p, slot: s})
		}
	}
	return g
}

// optional reports whether records can do without the member.
func (m *member) optional() bool {
	if m.bond != nil {
		return !m.bond.edge.Required
	}
	return m.part.Field.Nullable
}

// ascends reports whether the member leads to an earlier record of the crowd.
func (m *member) ascends() bool { return m.bond != nil && m.bond.kind == upward }

// omits reports whether records may be without a part of a key, if there are
// more of them than combinations.
func (g *group) omits(p model.Part) bool {
	return slices.ContainsFunc(g.members, func(m *member) bool { return m.part == p && m.optional() })
}

// spread shares out the combinations of each group among the records.
func (c *crowd) spread() error {
	for _, g := range c.groups {
		g.measure(nil, 0)
	}
	// Where keys share members, the one that leaves the least to choose from comes
	// first, but for those that records can do without.
	slices.SortStableFunc(c.groups, func(a, b *group) int {
		return cmp.Or(cmp.Compare(min(a.optionalMember(), 0), min(b.optionalMember(), 0)), cmp.Compare(a.room, b.room))
	})
	for i, g := range c.groups {
		if err := g.spread(c.groups[:i]); err != nil {
			return err
		}
	}
	return nil
}

func (g *group) spread(earlier []*group) error {
	count := uint64(g.crowd.count)
	rest, wanted := g.left(earlier)
	ascends := slices.IndexFunc(g.members, func(m *member) bool { return m.ascends() && !m.in(earlier) })
	if ascends >= 0 {
		wanted, rest = 1, nil
	}
	g.measure(earlier, min(wanted, count))
	g.short = g.room < min(wanted, count)
	switch {
	case rest != nil && wanted == 1:
		for _, m := range g.members {
			m.size = 0
		}
	case ascends >= 0:
		g.ascend(g.members[ascends])
	case rest != nil && wanted <= g.room:
		g.number = rest
	case rest != nil:
		g.number = func(i int) uint64 { return uint64(i) % g.room }
	default:
		g.number = newSkew(g.room, g.base()).at
	}
	optional := g.optionalMember()
	if g.short && optional < 0 {
		return g.tooMany()
	}
	for i, m := range g.members {
		most := g.crowd.count
		if g.short && i == optional {
			most = int(g.room)
		}
		g.choose(m, most)
	}
	return nil
}

// optionalMember is the place of a member that the group chooses and that records can do
// without, or -1.
func (g *group) optionalMember() int {
	return slices.IndexFunc(g.members, func(m *member) bool { return m.size > 0 && m.optional() })
}

func (g *group) tooMany() error {
	more := ""
	if g.edges > 1 {
		more = ", or more of what they lead to"
	}
	return fmt.Errorf("%w: no two %s may have the same %s, and there are %d combinations; order at most so many, not %d%s",
		Err, g.crowd.entity.Table, joinedNames(g.key), g.room, g.crowd.count, more)
}

func joinedNames(k *model.Key) string {
	text := ""
	for i, name := range k.Of {
		switch {
		case i > 0 && i == len(k.Of)-1:
			text += " and "
		case i > 0:
			text += ", "
		}
		text += name
	}
	return text
}

// in reports whether one of some groups chooses the member.
func (m *member) in(groups []*group) bool {
	return slices.ContainsFunc(groups, func(g *group) bool {
		return slices.ContainsFunc(g.members, func(o *member) bool { return o.part == m.part && (o.size > 0 || o.ascends()) })
	})
}

// left is, of records for which earlier groups choose the same members of this
// one, what tells them apart, and how many there can be of them; nil and all
// where no earlier group has such a member.
func (g *group) left(earlier []*group) (number func(int) uint64, most uint64) {
	most = uint64(g.crowd.count)
	for _, e := range earlier {
		if !overlap(e.key, g.key) {
			continue
		}
		if number == nil {
			number = func(i int) uint64 { return uint64(i) }
		}
		var others []*member
		room := uint64(1)
		for _, m := range e.members {
			switch {
			case slices.Contains(g.key.Parts, m.part):
			case m.ascends() || m.size == 0 || e.short:
				room = most
			default:
				others, room = append(others, m), min(most, room*m.size)
			}
		}
		if room < most || room == 1 {
			most, number = room, func(i int) uint64 { return e.rank(others, i) }
		}
	}
	return number, most
}

// rank is which combination of some members the record of a number has.
func (g *group) rank(members []*member, i int) (n uint64) {
	at := g.at(i)
	for _, m := range members {
		n = n*m.size + at/m.below%m.size
	}
	return n
}

// measure finds out how many there are to choose from of each member: of fields
// the plausible values, or more where those are too few.
func (g *group) measure(earlier []*group, wanted uint64) {
	mine := slices.DeleteFunc(slices.Clone(g.members), func(m *member) bool { return m.ascends() || m.in(earlier) })
	for _, m := range g.members {
		m.size = 0
	}
	for _, m := range mine {
		if m.bond != nil {
			m.size = uint64(m.bond.target.count)
			continue
		}
		g.setValues(m, 0)
	}
	for _, m := range mine {
		if g.multiply(); m.slot != nil && g.room < wanted && m.size > 0 {
			others := g.room / m.size
			g.setValues(m, (wanted+others-1)/others)
		}
	}
	g.multiply()
}

func (g *group) setValues(m *member, wanted uint64) {
	value, size := fake.Different(g.crowd.entity, m.part.Field, int(wanted), g.crowd.check)
	m.value, m.size = value, uint64(size)
}

// multiply counts the combinations. What would be too many to count is left
// out, and not chosen.
func (g *group) multiply() {
	const most = 1 << 62
	g.room, g.edges = 1, 1
	for _, m := range g.members {
		if m.size == 0 {
			continue
		}
		high, low := bits.Mul64(g.room, m.size)
		if high > 0 || low > most {
			m.size = 0
			continue
		}
		m.below, g.room = g.room, low
		if m.bond != nil {
			g.edges = g.room
		}
	}
}

// base is the number of choices of the first edge, or of all where there is
// none.
func (g *group) base() uint64 {
	if m := g.members[0]; m.bond != nil && m.size > 0 {
		return m.size
	}
	return g.room
}

// ascend makes a tree of the records: each has some below it, which the other
// members tell apart.
func (g *group) ascend(up *member) {
	const few = 8 // of values that are not records
	below := g.room
	if g.edges == 1 {
		below = min(below, few)
	}
	g.number = func(i int) uint64 { return uint64(i) % below }
	up.bond.choice = func(i int) int { return int(uint64(i)/below) - 1 }
}

// at is the combination of a record's number. The fields begin elsewhere for
// each combination of edges, so that no value stands out.
func (g *group) at(i int) uint64 {
	n := g.number(i)
	if g.edges == 1 {
		return n
	}
	edges, rest, all := n%g.edges, n/g.edges, g.room/g.edges
	return edges + (rest+mixed(edges)%all)%all*g.edges
}

// choose makes a member follow the combination, of the first most records.
func (g *group) choose(m *member, most int) {
	switch {
	case m.size == 0:
	case m.bond != nil:
		m.bond.choice = func(i int) int {
			if i >= most {
				return -1
			}
			return int(scattered(g.at(i)/m.below%m.size, m.size))
		}
	default:
		m.slot.value = func(d *dice, i int) any {
			if i >= most {
				return nil
			}
			at := g.at(i)
			d.roll(m.slot.salt, i)
			return m.value(d.Rand, int(at/m.below%m.size))
		}
	}
}
