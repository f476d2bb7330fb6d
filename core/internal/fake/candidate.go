package fake

import (
	"encoding/base64"
	"encoding/binary"
	"iter"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"

	"github.com/google/uuid"

	"coppice/core/model"
)

// candidate is one way to make values.
type candidate struct {
	make   func(*rand.Rand, int) any // nil of what is for unique values only
	unique func(*rand.Rand, int) any // another value for each number; nil where it cannot
	room   uint64                    // how many unique makes
}

// pick is a number below n. Unlike rand.Rand's it takes one word of randomness,
// and goes from 0 to n-1 with it: what share rests on.
func pick(r *rand.Rand, n int) int {
	high, _ := bits.Mul64(r.Uint64(), uint64(n))
	return int(high)
}

func oneOf[T any](r *rand.Rand, list []T) T { return list[pick(r, len(list))] }

// stride is a prime that no number of choices is a multiple of.
const stride = 2_654_435_761

// scatter is a permutation of the numbers below room.
func scatter(n, room uint64) uint64 {
	high, low := bits.Mul64(n%room, stride)
	return bits.Rem64(high, low, room)
}

// candidates lists ways to make values of a field, the likeliest first; holds
// says what the field can hold.
func candidates(e *model.Entity, f *model.Field, holds func(any) bool) iter.Seq[candidate] {
	switch f.Kind {
	case model.String:
		return texts(e, f)
	case model.Enum:
		return choices(enums(f), holds)
	case model.Bool:
		return choices([]any{false, true}, holds)
	case model.Int, model.BigInt:
		return integers(f, holds)
	case model.Float:
		return floats(f, holds)
	case model.Time:
		return times(f)
	case model.UUID:
		return uuids()
	case model.Bytes:
		return binaries()
	default:
		return documents(f)
	}
}

// among makes values of a list.
func among(list []any) candidate {
	return candidate{
		make:   func(r *rand.Rand, _ int) any { return oneOf(r, list) },
		unique: func(_ *rand.Rand, n int) any { return list[n%len(list)] },
		room:   uint64(len(list)),
	}
}

func enums(f *model.Field) []any {
	list := make([]any, 0, len(f.Enums))
	for _, v := range f.Enums {
		if !v.Former {
			list = append(list, v.Name)
		}
	}
	return list
}

// choices makes those values of a list that a field can hold.
func choices(list []any, holds func(any) bool) iter.Seq[candidate] {
	list = slices.DeleteFunc(list, func(v any) bool { return !holds(v) })
	return func(yield func(candidate) bool) { _ = len(list) > 0 && yield(among(list)) }
}

// uuids makes UUIDs of version 4, and of 7 for those who insist.
func uuids() iter.Seq[candidate] {
	return func(yield func(candidate) bool) { _ = yield(ofVersion(4)) && yield(ofVersion(7)) }
}

// ofVersion makes UUIDs of a version of RFC 9562.
func ofVersion(version byte) candidate {
	return of(func(r *rand.Rand, n int) any {
		var id uuid.UUID
		binary.BigEndian.PutUint64(id[:], r.Uint64())
		binary.BigEndian.PutUint64(id[8:], r.Uint64())
		binary.BigEndian.PutUint32(id[12:], uint32(n+1)*0x9e3779b1) // odd, so that no two numbers give the same
		id[6], id[8] = id[6]&0x0f|version<<4, id[8]&0x3f|0x80
		return id.String()
	}, math.MaxUint64)
}

// of is a candidate whose values differ by their number as they are.
func of(make func(*rand.Rand, int) any, room uint64) candidate {
	return candidate{make: make, unique: make, room: room}
}

// binaries makes bytes of several lengths; the number is in the first ones.
func binaries() iter.Seq[candidate] {
	return func(yield func(candidate) bool) {
		for _, size := range []int{16, 32, 8, 4, 2, 1, 3, 5, 6, 12, 20, 24, 48, 64, 128, 256, 512, 1024, 4096} {
			room := uint64(math.MaxUint64)
			if size < 8 {
				room = 1 << (8 * size)
			}
			bytes := func(r *rand.Rand) []byte {
				b := make([]byte, size)
				for i := range b {
					b[i] = byte(pick(r, 256))
				}
				return b
			}
			if !yield(candidate{
				make: func(r *rand.Rand, _ int) any { return base64.StdEncoding.EncodeToString(bytes(r)) },
				unique: func(r *rand.Rand, n int) any {
					b := bytes(r)
					for i := range min(8, size) {
						b[i] = byte(n >> (8 * i))
					}
					return base64.StdEncoding.EncodeToString(b)
				},
				room: room,
			}) {
				return
			}
		}
	}
}
