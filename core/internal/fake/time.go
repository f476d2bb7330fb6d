package fake

import (
	"iter"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"time"

	"coppice/core/model"
)

// clock makes times: that of a record's beginning, which its number tells so
// that all its fields agree on it, and how long after it.
type clock struct {
	from        int64 // in Unix time; the rest is in seconds, too
	span        int64 // in which records begin
	after       int64 // at the most
	soon        bool  // an hour after it at the least, within a day for most
	days        bool  // midnights only
	independent bool  // of the record's beginning
}

const (
	hour  = 60 * 60
	day   = 24 * hour
	year  = 365 * day
	epoch = 1_640_995_200 // the beginning of 2022
	// latest is the last second of the year 9999, after which RFC 3339 ends.
	latest = 253_402_300_799
)

// step is how many seconds there are between two times at the least.
func (c clock) step() int64 {
	if c.days {
		return day
	}
	return 1
}

func (c clock) candidate() candidate {
	step := c.step()
	return candidate{
		make: func(r *rand.Rand, n int) any {
			begin := sweep(n)
			if c.independent {
				begin = unit(r)
			}
			later := float64(c.after) * unit(r)
			if c.soon {
				later = hour + math.Pow(float64(c.after-hour), unit(r))
			}
			at := int64(float64(c.span)*begin + later)
			return formatSecond(c.from + at - at%step)
		},
		unique: func(_ *rand.Rand, n int) any { return formatSecond(c.from + int64(n)*step) },
		room:   uint64((latest - c.from) / step),
	}
}

// sweep is when a record begins, as a share of a span. However many records
// there are, they are all over the span; but those of numbers that follow each
// other begin after each other, and what is after them in an index is, too: each
// run through the span has twice as many as all before.
func sweep(n int) float64 {
	run := 1 << (bits.Len(uint(n)+1) - 1)
	return (float64(n+1-run) + 0.5) / float64(run)
}

// formatSecond is a time as RFC 3339 has it, in whole seconds and UTC.
func formatSecond(second int64) any {
	var space [32]byte
	return string(time.Unix(second, 0).UTC().AppendFormat(space[:0], time.RFC3339))
}

// times lists ways to make a time, from what its name stands for.
func times(f *model.Field) iter.Seq[candidate] {
	words := wordsOf(f.Name)
	has := func(names ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(names, w) })
	}
	guess := clock{from: epoch, span: 2 * year, after: year, soon: true}
	switch {
	case has("birth", "born", "birthday", "birthdate", "dob"):
		guess = clock{from: epoch - 70*year, span: 50 * year, days: true, independent: true}
	case has("created", "create", "registered", "joined", "inserted", "started", "start", "opened", "since", "ordered", "placed", "begin", "began", "hired", "made"):
		guess.after, guess.soon = hour, false // what happens later comes after it
	case has("due", "expires", "expired", "expiry", "until", "valid", "scheduled", "deadline", "renewal", "expiration"):
		guess.from, guess.after, guess.soon = epoch+4*year, 4*year, false
	}
	guess.days = guess.days || has("date", "day", "on")
	return func(yield func(candidate) bool) {
		for _, c := range []clock{
			guess,
			{from: epoch, span: 2 * year, after: year, soon: true},
			{from: epoch + 10*year, span: year, after: 5 * year},
			{from: epoch - 60*year, span: 40 * year, independent: true},
			{from: epoch - 120*year, span: 50 * year, independent: true},
			{from: epoch, span: 3 * year, days: true, independent: true},
			{from: epoch + 10*year, span: 3 * year, days: true, independent: true},
			{from: epoch + 100*year, span: 100 * year, independent: true},
			{from: epoch},
		} {
			if !yield(c.candidate()) {
				return
			}
		}
	}
}
