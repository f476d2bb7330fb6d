package seed

import (
	"hash/maphash"
	"slices"
)

// hashes is a collection of texts of which nothing is kept but eight bytes
// each. They lie in 256 lists by their first byte, so that growing copies
// little at a time.
type hashes struct {
	seed  maphash.Seed
	lists [256][]uint64
	dense bool // what is there twice is kept once
}

func newHashes(seed maphash.Seed, dense bool) *hashes { return &hashes{seed: seed, dense: dense} }

func (h *hashes) of(text string) uint64 { return maphash.String(h.seed, text) }

func (h *hashes) add(text string) {
	v := h.of(text)
	l := &h.lists[v>>56]
	if h.dense && len(*l) == cap(*l) {
		slices.Sort(*l)
		*l = slices.Compact(*l)
	}
	*l = append(*l, v)
}

// sort makes the rest possible; nothing may be added after it.
func (h *hashes) sort() {
	for i := range h.lists {
		slices.Sort(h.lists[i])
		if h.dense {
			h.lists[i] = slices.Compact(h.lists[i])
		}
	}
}

func (h *hashes) has(v uint64) bool {
	_, ok := slices.BinarySearch(h.lists[v>>56], v)
	return ok
}

// repeated returns what is there twice or more, once.
func (h *hashes) repeated() *hashes {
	twice := newHashes(h.seed, true)
	for i, l := range h.lists {
		for j := 1; j < len(l); j++ {
			if l[j] == l[j-1] && (j == 1 || l[j-2] != l[j]) {
				twice.lists[i] = append(twice.lists[i], l[j])
			}
		}
	}
	return twice
}

// subtract drops what is in other, which has the same seed.
func (h *hashes) subtract(other *hashes) {
	for i := range h.lists {
		h.lists[i] = slices.DeleteFunc(h.lists[i], other.has)
	}
}

func (h *hashes) empty() bool {
	return !slices.ContainsFunc(h.lists[:], func(l []uint64) bool { return len(l) > 0 })
}
