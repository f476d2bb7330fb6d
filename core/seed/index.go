package seed

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"coppice/core/fault"
	"coppice/core/internal/mutation"
	"coppice/core/model"
	"coppice/core/seed/internal/file"
	"coppice/core/seed/internal/relation"
)

// index is what there is to know of a set that is too large to be kept. It is
// empty for one that needs no check.
type index struct {
	keys       *hashes // by which records are told apart
	contents   *hashes // by which those are that have no key; then those that repeat
	refs       *hashes // what is referred to; then what the files do not have
	edges      map[*model.Edge]bool
	needs      map[*model.Entity]map[*model.Entity]bool // which refer to which
	incomplete bool                                     // a record lacks what it needs to be made
	several    bool                                     // a record can be found by more than one key
}

func newIndex() *index {
	seed := maphash.MakeSeed()
	return &index{
		keys: newHashes(seed, false), contents: newHashes(seed, false), refs: newHashes(seed, true),
		edges: map[*model.Edge]bool{}, needs: map[*model.Entity]map[*model.Entity]bool{},
	}
}

// contentful tells a name that is made of the content from one that is given.
func contentful(name string) bool { return strings.HasPrefix(name, "content ") }

// collect notes what a batch of records says, and what is wrong with it but
// for keys that are there twice: those are found in the whole set.
func (x *index) collect(ctx context.Context, b *batch, faults *Errors) error {
	for _, n := range b.writes.Nodes() {
		if !n.Connects() {
			for _, name := range b.writes.Names(n) {
				if name.Key == nil && contentful(n.Name) {
					x.contents.add(name.Text)
				} else {
					x.keys.add(name.Text)
				}
			}
		}
		x.incomplete = x.incomplete || n.Lacks()
		x.several = x.several || n.Several()
		if x.needs[n.Entity] == nil {
			x.needs[n.Entity] = map[*model.Entity]bool{}
		}
		for _, m := range b.writes.Mentions(n) {
			x.edges[m.Edge] = true
			for _, name := range m.Names {
				x.needs[n.Entity][m.Edge.Target] = true
				if name != "" {
					x.refs.add(name)
				}
			}
		}
	}
	// Last, for it tells records that share their content apart.
	for _, err := range joined(b.writes.Check(ctx)) {
		var f *fault.Error
		if errors.As(err, &f) && f.Code == fault.Conflict {
			continue
		}
		if err := faults.Join(b.explain("check", err)); err != nil {
			return err
		}
	}
	return nil
}

// finish makes use of what was noted, and finds the keys that are there twice.
func (x *index) finish(ctx context.Context, s *Set, faults *Errors) error {
	x.contents.sort()
	x.contents = x.contents.repeated()
	x.keys.sort()
	x.refs.sort()
	x.refs.subtract(x.keys)
	// Different keys may share a hash.
	twice := x.keys.repeated()
	if twice.empty() {
		return nil
	}
	return x.duplicates(ctx, s, twice, faults)
}

// place is where a record stands.
type place struct {
	file string
	line int
}

// duplicates reads the files again for keys that seem to be there twice.
func (x *index) duplicates(ctx context.Context, s *Set, twice *hashes, faults *Errors) error {
	first := map[string]place{}
	return s.batches(ctx, func(b *batch) error {
		for _, n := range b.writes.Nodes() {
			if n.Connects() || contentful(n.Name) {
				continue
			}
			for _, name := range b.writes.Names(n) {
				if !twice.has(x.keys.of(name.Text)) {
					continue
				}
				r := b.records[n.Top()]
				at, again := first[name.Text]
				if !again {
					first[name.Text] = place{r.File.Name, r.Line}
					continue
				}
				wrong, ok := b.locate(repeated(n, name.Key))
				if !ok {
					return fmt.Errorf("seed: a key of %s stands twice", model.An(n.Entity.Name))
				}
				if !strings.Contains(wrong.Reason, " It is at ") {
					wrong.Reason += already(at.file, at.line)
				}
				faults.Add(wrong)
			}
		}
		return nil
	})
}

// repeated is the error of a record whose key another one of the set has; the
// key nil is the record's name.
func repeated(n *mutation.Node, k *model.Key) error {
	if k == nil {
		return fault.New(fault.Conflict, "Another %s has the $key %q already.", n.Entity.Name, strings.TrimPrefix(n.Name, "$key ")).
			At(n.Path.At(file.KeyName).String())
	}
	return fault.New(fault.Conflict, "Another %s of this set has this %s already.", n.Entity.Name, strings.Join(k.Of, " and ")).
		At(n.Path.At(k.Parts[0].Name()).String())
}

// has reports whether a record of the set, as far as it was noted, goes by a
// name.
func (x *index) has(name string) bool { return x.keys != nil && x.keys.has(x.keys.of(name)) }

// repeats reports whether another record may have the same content.
func (x *index) repeats(name string) bool {
	return x.contents == nil || x.contents.has(x.contents.of(name))
}

// twoSided reports whether the set tells a relation from both of its sides.
func (x *index) twoSided(ed *model.Edge) bool {
	other := relation.Opposite(ed)
	return other != nil && x.edges[ed] && x.edges[other]
}

// order sorts files so that an entity comes after those that it refers to:
// where they refer to each other, after those that it requires.
func (x *index) order(files []*file.File) []*file.File {
	if x.keys == nil {
		return files
	}
	place, seen := map[*model.Entity]int{}, map[*model.Entity]bool{}
	var visit func(*model.Entity)
	visit = func(e *model.Entity) {
		if seen[e] {
			return
		}
		seen[e] = true
		for _, ed := range e.Edges {
			if ed.Required && ed.Storage == model.Own {
				visit(ed.Target)
			}
		}
		for _, ed := range e.Edges {
			if x.needs[e][ed.Target] {
				visit(ed.Target)
			}
		}
		place[e] = len(place) + 1
	}
	for _, f := range files {
		visit(f.Entity)
	}
	sorted := slices.Clone(files)
	slices.SortStableFunc(sorted, func(a, b *file.File) int { return place[a.Entity] - place[b.Entity] })
	return sorted
}
