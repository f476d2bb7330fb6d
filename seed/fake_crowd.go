package seed

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"coppice/internal/fake"
	"coppice/internal/model"
)

// crowd is made-up records of one entity, or, of an entity that nothing was
// ordered of, the records that there are. Each of its records can be made
// alone, from its number.
type crowd struct {
	entity  *model.Entity
	count   int
	ordered bool
	fake    *Fake // nil where nothing was ordered
	salt    uint64
	maker   *fake.Maker
	slots   []*slot
	bonds   []*bond
	groups  []*group
	key     *model.Key       // by which others refer to its records; nil for their $key
	met     []map[string]any // references to records that there are
}

// slot is a field that records are given a value for.
type slot struct {
	field *model.Field
	salt  uint64
	share float64       // of the records that have a value
	value func(int) any // in the place of the maker's, or nil
}

// some is how many records have an optional value.
const some = 0.85

// group is the members of a unique key that only together tell records apart.
type group struct {
	key   *model.Key
	edges []*bond
	slots []*slot
	lists [][]any // what there is to choose from for each slot
	room  uint64  // how many combinations there are
}

// fields finds out how to make values. What is unique only together gets one
// member that is unique alone, if there is one that can be.
func (c *crowd) fields() error {
	var failed *fake.Error
	banned := map[*model.Field]bool{}
	for {
		also, groups, err := c.apart(banned)
		if err != nil {
			if failed != nil {
				err = failed
			}
			return fmt.Errorf("%w: %w", ErrFake, err)
		}
		c.maker, err = fake.New(c.entity, c.count, c.fake.check(c.entity), also...)
		if err == nil {
			c.fill(groups)
			return nil
		}
		if !errors.As(err, &failed) || !slices.Contains(also, c.entity.Field(failed.Field)) || banned[c.entity.Field(failed.Field)] {
			return fmt.Errorf("%w: %w", ErrFake, err)
		}
		banned[c.entity.Field(failed.Field)] = true
	}
}

// given reports whether records get a value of a field: not what is out of
// use, or no part of an input, if they can do without.
func given(f *model.Field) bool {
	return !f.Skip.Has(model.SkipCreate) && f.Reason == "" || !f.Nullable && !f.Default
}

// apart chooses what makes the members of composite keys differ: fields to be
// unique alone, and keys to be told apart by all their members.
func (c *crowd) apart(banned map[*model.Field]bool) (also []*model.Field, groups []*model.Key, err error) {
	for _, k := range c.entity.Keys {
		if len(k.Parts) == 1 || c.open(k) || slices.ContainsFunc(k.Parts, func(p model.Part) bool { return c.alone(p, also) }) {
			continue
		}
		pick := func(kinds ...model.Kind) bool {
			for _, p := range k.Parts {
				if f := p.Field; f != nil && given(f) && !banned[f] && slices.Contains(kinds, f.Kind) {
					also = append(also, f)
					return true
				}
			}
			return false
		}
		room := c.combinations(k)
		if slices.ContainsFunc(groups, func(g *model.Key) bool { return overlap(g, k) }) {
			room = 1
		}
		switch {
		case pick(model.String, model.UUID, model.BigInt, model.Time):
		case room >= float64(c.count):
			groups = append(groups, k)
		case pick(model.Int, model.Float):
		case room > 1:
			groups = append(groups, k)
		default:
			return nil, nil, &fake.Error{Entity: c.entity.Name, Field: k.Name, Reason: "No values could be made that differ from record to record here. Write the records into a file."}
		}
	}
	return also, groups, nil
}

// combinations is how many there are of a key's edges, enums and booleans; of
// edges to what was not ordered there are many.
func (c *crowd) combinations(k *model.Key) float64 {
	room := 1.0
	for _, p := range k.Parts {
		switch {
		case p.Edge != nil && c.bond(p.Edge).target.ordered:
			room *= float64(c.bond(p.Edge).target.count)
		case p.Edge != nil:
			room *= maxMet
		case p.Field.Kind == model.Enum:
			room *= float64(len(p.Field.Enums))
		case p.Field.Kind == model.Bool:
			room *= 2
		}
	}
	return room
}

// open reports whether records leave a member of a key empty, so that the key
// says nothing of them.
func (c *crowd) open(k *model.Key) bool {
	return slices.ContainsFunc(k.Parts, func(p model.Part) bool {
		if p.Edge != nil {
			return c.bond(p.Edge) == nil
		}
		return !given(p.Field) && p.Field.Nullable
	})
}

// alone reports whether a member of a key is unique by itself.
func (c *crowd) alone(p model.Part, also []*model.Field) bool {
	if p.Field != nil {
		return p.Field.Unique || slices.Contains(also, p.Field)
	}
	return c.bond(p.Edge).kind == single
}

func overlap(a, b *model.Key) bool {
	return slices.ContainsFunc(a.Parts, func(p model.Part) bool { return slices.Contains(b.Parts, p) })
}

// fill lists the fields that records get.
func (c *crowd) fill(keys []*model.Key) {
	for _, f := range c.maker.Fields() {
		// The database numbers records by itself.
		if !given(f) || f == c.entity.ID && (f.Kind == model.Int || f.Kind == model.BigInt) {
			continue
		}
		s := &slot{field: f, salt: mixed(c.salt ^ hashed(f.Name)), share: 1}
		if f.Nullable && !c.inKey(model.Part{Field: f}) {
			s.share = some
		}
		c.slots = append(c.slots, s)
	}
	for _, k := range keys {
		c.groups = append(c.groups, c.grouped(k))
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

// grouped lists what the members of a key can be.
func (c *crowd) grouped(k *model.Key) *group {
	g := &group{key: k}
	check := c.fake.check(c.entity)
	for _, p := range k.Parts {
		if p.Edge != nil {
			b := c.bond(p.Edge)
			b.share = 1
			g.edges = append(g.edges, b)
			continue
		}
		s := c.slot(p.Field)
		if s == nil || p.Field.Kind != model.Enum && p.Field.Kind != model.Bool {
			continue
		}
		var list []any
		for _, v := range p.Field.Enums {
			list = append(list, v.Name)
		}
		if p.Field.Kind == model.Bool {
			list = []any{false, true}
		}
		list = slices.DeleteFunc(list, func(v any) bool { return check(p.Field, v) != nil })
		g.slots, g.lists = append(g.slots, s), append(g.lists, list)
	}
	return g
}

// spread shares out the combinations of each group among the records.
func (c *crowd) spread() error {
	for _, g := range c.groups {
		g.room = 1
		for _, b := range g.edges {
			g.room *= uint64(b.target.count)
		}
		for _, list := range g.lists {
			g.room *= uint64(len(list))
		}
		if g.room < uint64(c.count) {
			return fmt.Errorf("%w: no two %s may have the same %s, and there are %d combinations; order at most so many, not %d, or more of what they lead to",
				ErrFake, c.entity.Table, joinedNames(g.key), g.room, c.count)
		}
		below := uint64(1)
		for _, b := range g.edges {
			b.choice = g.digit(below, uint64(b.target.count))
			below *= uint64(b.target.count)
		}
		for j, s := range g.slots {
			list, at := g.lists[j], g.digit(below, uint64(len(g.lists[j])))
			s.value = func(i int) any { return list[at(i)] }
			below *= uint64(len(list))
		}
	}
	return nil
}

// digit chooses one member of the combination of a record's number.
func (g *group) digit(below, size uint64) func(int) int {
	room := g.room
	return func(i int) int { return int(scattered(uint64(i), room) / below % size) }
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
		if !slices.ContainsFunc(k.Parts, func(p model.Part) bool { return !c.tells(p) }) {
			c.key = k
		}
	}
	return c.key != nil
}

// tells reports whether each record has a member of a key, known to others.
func (c *crowd) tells(p model.Part) bool {
	if p.Field != nil {
		s := c.slot(p.Field)
		return s != nil && s.share == 1
	}
	b := c.bond(p.Edge)
	return b != nil && b.share == 1 && b.kind.sure() && b.target != c && (b.target.key != nil || !b.target.ordered)
}

// label is the $key of a record.
func (c *crowd) label(i int) string {
	return "fake-" + strconv.FormatUint(c.fake.random, 10) + "-" + strconv.Itoa(i+1)
}
