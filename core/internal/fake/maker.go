package fake

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"coppice/core/model"
)

// Maker makes values for the fields of one entity. It may be used by several
// goroutines at once.
type Maker struct {
	fields []*model.Field
	values map[*model.Field]func(*rand.Rand, int) any
	rooms  map[*model.Field]uint64
}

// Error is why no value can be made for a field that has to have one.
type Error struct {
	Entity, Field string // the API's names; no field where the record as a whole is at fault
	Reason        string // a sentence for a person, with the way out
	Room          uint64 // of a unique field: how many different values it can hold
}

// Error is "Entity.field: reason", or "Entity: reason".
func (e *Error) Error() string {
	return strings.TrimSuffix(e.Entity+"."+e.Field, ".") + ": " + e.Reason
}

// New finds out how to make values for count records of the entity: for each
// field, and for the id where the schema lets an author choose it. The check
// says why a field cannot hold a value in the form of a create input; it is
// asked about the fields in their order. Besides the unique fields those of
// also get different values for each record. The error is an *Error.
func New(e *model.Entity, count int, check func(*model.Field, any) error, also ...*model.Field) (*Maker, error) {
	m := &Maker{values: map[*model.Field]func(*rand.Rand, int) any{}, rooms: map[*model.Field]uint64{}}
	fields := e.Fields
	if e.UserID {
		fields = append(slices.Clip(fields), e.ID)
	}
	for _, f := range fields {
		s := search{entity: e, field: f, count: count, check: check}
		s.unique = Unique(e, f) || slices.Contains(also, f)
		made, room := s.run()
		optional := f.Nullable && !slices.Contains(also, f)
		switch {
		case made != nil && (optional || room >= uint64(count)):
			m.fields = append(m.fields, f)
			m.values[f], m.rooms[f] = made, room
		case !optional && !f.Default || s.unique && room > 0 || slices.Contains(also, f):
			return nil, s.failed(room)
		}
	}
	return m, nil
}

// Unique reports whether no two records of the entity may have the same value
// of a field, which is unique in itself or by an index of it alone.
func Unique(e *model.Entity, f *model.Field) bool {
	return f.Unique || f == e.ID || slices.ContainsFunc(e.Keys, func(k *model.Key) bool {
		return len(k.Parts) == 1 && k.Parts[0].Field == f
	})
}

// Different finds out how to make different values of a field, a value for each
// number below the count that it returns: the plausible ones or, where those
// are fewer than wanted, as many as are wanted, or as there are. The check is
// one that New has asked.
func Different(e *model.Entity, f *model.Field, wanted int, check func(*model.Field, any) error) (value func(*rand.Rand, int) any, count int) {
	const most = 1000 // that are plausible
	s := search{entity: e, field: f, check: check, unique: true}
	for c := range candidates(e, f, s.holds) {
		s.count = int(min(c.room, most))
		if c.unique != nil && s.count >= wanted && s.passes(c.unique) {
			return c.unique, s.count
		}
		break
	}
	s.count = max(wanted, most)
	value, room := s.run()
	return value, int(min(room, uint64(s.count)))
}

// Fields lists the fields that values can be made for, in the schema's order,
// a chosen id last: all but optional ones whose validators refuse whatever was
// tried.
func (m *Maker) Fields() []*model.Field { return m.fields }

// Room is how many different values there can be for a unique field, for the
// numbers below: fewer than records only of an optional field.
// math.MaxUint64 stands for as many as anybody asks for.
func (m *Maker) Room(f *model.Field) uint64 { return m.rooms[f] }

// Value makes the value of one of Fields for the record of a number: nil
// never. The same state of r and the same number give the same value. For a
// unique field, different numbers below Room give different values.
func (m *Maker) Value(f *model.Field, r *rand.Rand, n int) any { return m.values[f](r, n) }

// search looks for a way to make values of one field.
type search struct {
	entity *model.Entity
	field  *model.Field
	count  int
	unique bool
	check  func(*model.Field, any) error
}

// run returns how to make values, or nil; and how many different ones of a
// unique field there can be, which may be fewer than count.
func (s *search) run() (made func(*rand.Rand, int) any, room uint64) {
	for c := range candidates(s.entity, s.field, s.holds) {
		if !s.unique {
			if c.make != nil && s.passes(c.make) {
				return c.make, math.MaxUint64
			}
			continue
		}
		if c.unique == nil || c.room <= room || !s.passes(c.unique) {
			continue
		}
		if made, room = c.unique, c.room; room >= uint64(max(s.count, 0)) {
			break
		}
	}
	return made, room
}

func (s *search) holds(v any) bool { return v != nil && s.check(s.field, v) == nil }

// passes reports whether values pass: of the numbers that the records have,
// with every share of what there is to choose from, and some at random.
func (s *search) passes(make func(*rand.Rand, int) any) bool {
	numbers := []int{0, 1, 8, 9, 10, 98, 99, 998, 999, 9999, max(0, s.count-1)}
	last := max(1, s.count)
	for i, n := range numbers {
		numbers[i] = n % last
	}
	probe := func(r *rand.Rand, n int) bool { return s.holds(make(r, n)) }
	for _, n := range numbers {
		if !probe(rand.New(share(0)), n) || !probe(rand.New(share(math.MaxUint64)), n) {
			return false
		}
	}
	const all = 2000 // of the numbers, where a value follows from its number
	for n := range min(last, all) {
		if s.unique && !probe(rand.New(share(0)), n) {
			return false
		}
	}
	const shares = 256
	for i := range uint64(shares) {
		if !probe(rand.New(share(i*(math.MaxUint64/shares))), numbers[i%uint64(len(numbers))]) {
			return false
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 64 {
		if !probe(r, r.IntN(last)) {
			return false
		}
	}
	return true
}

func (s *search) failed(room uint64) *Error {
	err := &Error{Entity: s.entity.Name, Field: s.field.GraphQL, Room: room,
		Reason: "Nothing that was tried passes its validators. Give it a default or make it optional in the schema, or write its records into a file."}
	if s.unique && room > 0 {
		err.Reason = fmt.Sprintf("Each record needs another value here, and no more than %d could be made that pass its validators. Ask for at most %d, not %d.", room, room, s.count)
	}
	return err
}

// share is a source that always chooses at the same place of what there is.
type share uint64

// Uint64 is the place.
func (s share) Uint64() uint64 { return uint64(s) }
