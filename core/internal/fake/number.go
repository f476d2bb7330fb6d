package fake

import (
	"encoding/json"
	"iter"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"

	"coppice/core/model"
)

// span is whole numbers from low to high, a step apart.
type span struct {
	low, high, step int64
	skew            bool // small ones are more frequent, as with counts
}

func (s span) candidate() candidate {
	room := uint64(s.high-s.low)/uint64(s.step) + 1
	return candidate{
		make: func(r *rand.Rand, _ int) any {
			at := share64(r, room)
			if s.skew {
				at = uint64(float64(at) * unit(r) * unit(r))
			}
			return number64(s.low + int64(at)*s.step)
		},
		unique: func(_ *rand.Rand, n int) any { return number64(s.low + int64(uint64(n)%room)*s.step) },
		room:   room,
	}
}

func number64(n int64) any { return json.Number(strconv.FormatInt(n, 10)) }

// unit is a number from 0 to below 1.
func unit(r *rand.Rand) float64 { return float64(r.Uint64()>>11) / (1 << 53) }

func share64(r *rand.Rand, room uint64) uint64 { return uint64(unit(r) * float64(room)) }

// counts maps names of numbers to what is plausible.
var counts = sync.OnceValue(func() map[string]span {
	m := map[string]span{}
	for names, s := range map[string]span{
		"age":                    {18, 90, 1, false},
		"year founded published": {1950, 2025, 1, false},
		"month":                  {1, 12, 1, false},
		"day":                    {1, 28, 1, false},
		"hour":                   {0, 23, 1, false},
		"minute second":          {0, 59, 1, false},
		"weekday":                {0, 6, 1, false},
		"count views view_count hits visits downloads plays likes votes followers clicks impressions reads": {0, 50_000, 1, true},
		"quantity qty amount stock copies pieces":                                                           {1, 200, 1, true},
		"price cost total fee salary balance cents budget revenue":                                          {100, 100_000, 1, true},
		"rating stars score_of stars_given":                                                                 {1, 5, 1, false},
		"score points level_points":                                                                         {0, 100, 1, false},
		"percent percentage progress discount share":                                                        {0, 100, 1, false},
		"position rank sort order sort_order priority index ordinal sequence line":                          {1, 100, 1, false},
		"level tier grade stage floor rooms bedrooms":                                                       {1, 10, 1, false},
		"port":                              {1024, 40_000, 1, false},
		"width height":                      {100, 4_000, 1, false},
		"weight mass":                       {1, 500, 1, false},
		"size bytes file_size length":       {100, 5_000_000, 1, true},
		"duration seconds timeout interval": {1, 7_200, 1, true},
		"milliseconds ms latency":           {1, 10_000, 1, true},
		"pages page":                        {1, 900, 1, false},
		"population":                        {1_000, 10_000_000, 1, true},
		"zip postcode postal_code":          {10_000, 99_999, 1, false},
		"latitude lat":                      {-80, 80, 1, false},
		"longitude lon lng":                 {-180, 180, 1, false},
		"temperature":                       {-20, 40, 1, false},
		"status_code http_status":           {200, 204, 1, false},
		"version revision attempt attempts": {1, 20, 1, true},
	} {
		for _, name := range strings.Fields(names) {
			m[name] = s
		}
	}
	return m
})

// plausible is the numbers that a name stands for.
func plausible(name string) (span, bool) {
	words := wordsOf(name)
	for i := range words {
		if s, ok := counts()[joined(words[i:])]; ok {
			return s, true
		}
	}
	return span{}, false
}

func integers(f *model.Field, holds func(any) bool) iter.Seq[candidate] {
	return func(yield func(candidate) bool) {
		s, ok := plausible(f.Name)
		if !ok {
			s = span{1, 1000, 1, false}
		}
		if !yield(s.candidate()) {
			return
		}
		all := around(s.low, func(n int64) bool { return holds(number64(n)) })
		if c, ok := all.candidate(number64); ok && !yield(candidate{unique: c.unique, room: c.room}) {
			return
		}
		for _, s := range []span{
			{1, 1000, 1, false}, {1, 100, 1, false}, {1, 10, 1, false}, {1, 5, 1, false}, {1, 3, 1, false}, {0, 1, 1, false},
			{1, math.MaxInt32, 1, false}, {1, math.MaxInt16, 1, false}, {1, math.MaxInt8, 1, false}, {0, math.MaxUint8, 1, false}, {0, math.MaxUint16, 1, false},
			{1, math.MaxInt64 / 2, 1, false}, {-128, 127, 1, false}, {18, 90, 1, false}, {1900, 2025, 1, false}, {10, 99, 1, false}, {100, 999, 1, false}, {1000, 9999, 1, false},
			{10_000, 99_999, 1, false}, {100_000, 999_999, 1, false}, {1_000_000, 9_999_999, 1, false}, {1 << 16, 1 << 24, 1, false}, {1 << 24, math.MaxInt32, 1, false},
			{1 << 32, 1 << 40, 1, false}, {1_600_000_000, 1_700_000_000, 1, false}, {1_600_000_000_000, 1_700_000_000_000, 1, false},
			{-10, -1, 1, false}, {-1000, -1, 1, false}, {-1_000_000, -1000, 1, false}, {math.MinInt32, -1_000_000, 1, false},
			{2, 100, 2, false}, {2, math.MaxInt32 - 1, 2, false}, {1, 99, 2, false}, {1, math.MaxInt32, 2, false}, {3, 3 * (math.MaxInt32 / 3), 3, false},
			{5, 5 * (math.MaxInt32 / 5), 5, false}, {10, 10 * (math.MaxInt32 / 10), 10, false}, {100, 100 * (math.MaxInt32 / 100), 100, false}, {1000, 1000 * (math.MaxInt32 / 1000), 1000, false},
			{7, 7 * (math.MaxInt32 / 7), 7, false}, {12, 12 * (math.MaxInt32 / 12), 12, false}, {1024, 1024 * (math.MaxInt32 / 1024), 1024, false}, {5, 100, 5, false}, {10, 100, 10, false},
		} {
			if !yield(s.candidate()) {
				return
			}
		}
		for _, list := range [][]any{{"2", "3", "5", "7", "11", "13", "17", "19", "23", "29"}, {"1", "2", "4", "8", "16", "32", "64"}, {"200", "201", "204", "400", "404", "500"}} {
			for i, text := range list {
				list[i] = json.Number(text.(string))
			}
			if !yield(among(list)) {
				return
			}
		}
		if c, ok := all.candidate(number64); ok {
			_ = yield(c)
		}
	}
}

// grid is numbers from low to high in steps of 1/parts.
type grid struct {
	low, high int64
	parts     int64
}

func (g grid) candidate() candidate {
	s := span{low: g.low * g.parts, high: g.high * g.parts, step: 1}
	room := uint64(s.high-s.low) + 1
	value := func(at uint64) any { return float64(s.low+int64(at)) / float64(g.parts) }
	return candidate{
		make:   func(r *rand.Rand, _ int) any { return value(share64(r, room)) },
		unique: func(_ *rand.Rand, n int) any { return value(uint64(n) % room) },
		room:   room,
	}
}

// floats makes numbers of quarters where the Go type holds less than a
// float64: those are the same in both.
func floats(f *model.Field, holds func(any) bool) iter.Seq[candidate] {
	parts := int64(100)
	if small(f) {
		parts = 4
	}
	return func(yield func(candidate) bool) {
		if s, ok := plausible(f.Name); ok {
			switch {
			case s.high > 5000:
				s = span{low: 1, high: 500}
			case s.high == 5:
				s.low = 0
			}
			if !yield(grid{s.low, s.high, parts}.candidate()) {
				return
			}
		}
		for _, g := range []grid{
			{1, 500, parts}, {0, 100, parts}, {1, 10, parts}, {0, 5, parts}, {0, 1, parts}, {1, 2, parts}, {-1, 1, parts}, {-90, 90, parts}, {-180, 180, parts},
			{1, 100, 1}, {1, 10, 1}, {0, 1, 4}, {1, 1 << 20, 4}, {1, 1 << 40, 1}, {1 << 20, 1 << 24, 1}, {-100, 0, parts}, {-1000, -1, 1}, {-1 << 20, -1000, 1}, {0, 1, 1 << 20},
		} {
			if !yield(g.candidate()) {
				return
			}
		}
		at := func(n int64) any { return float64(n) / float64(parts) }
		if c, ok := around(parts, func(n int64) bool { return holds(at(n)) }).candidate(at); ok && !yield(c) {
			return
		}
		for _, v := range []any{0.001} {
			if !yield(among([]any{v})) {
				return
			}
		}
	}
}

// small reports whether the field's Go type cannot tell all float64 apart.
func small(f *model.Field) bool {
	v, err := f.Go(0.1)
	_, same := v.(float64)
	return err == nil && !same
}
