package seed

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"coppice/internal/fault"
	"coppice/internal/model"
	"coppice/internal/mutation"
)

// Set is the records of some files, read and checked, to be loaded once.
type Set struct {
	records []record
	writes  *mutation.Set
	ledger  *ledger
	took    time.Duration // to read
}

// File tells how much was read from a file.
type File struct {
	Name    string
	Records int // nested ones not counted
}

// Read reads the files and folders at the paths; without paths, the data set
// that the program carries. An error in the data is an *Errors. What progress
// is not nil hears of each file once it is read.
func Read(ctx context.Context, progress func(File), paths ...string) (*Set, error) {
	start := time.Now()
	c := &catalog{}
	c.find(paths)
	l := &ledger{ids: map[*model.Entity]map[string]any{}}
	s := &Set{writes: mutation.NewSeed(nil, l.known), ledger: l}
	for _, f := range c.files {
		before := len(s.records)
		if err := s.read(ctx, f, &c.faults); err != nil {
			return nil, err
		}
		if progress != nil {
			progress(File{Name: f.name, Records: len(s.records) - before})
		}
	}
	if c.faults.Total > 0 {
		return nil, &c.faults
	}
	s.took = time.Since(start)
	return s, nil
}

// read adds the records of a file.
func (s *Set) read(ctx context.Context, f *file, faults *Errors) error {
	in, err := f.fsys.Open(f.path)
	if err != nil {
		faults.add(unreadable(f.name, err))
		return nil
	}
	defer func() { _ = in.Close() }() // nothing was written to it
	for r, wrong := range f.read(f, in) {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("seed: read %s: %w", f.name, err)
		}
		if wrong != nil {
			faults.add(wrong)
			continue
		}
		s.records = append(s.records, r)
		path := (*mutation.Path)(nil).Index(len(s.records) - 1)
		if _, err := s.writes.Upsert(f.entity, nil, r.input, path); err != nil {
			wrong, ok := s.locate(err)
			if !ok {
				return fmt.Errorf("seed: read %s: %w", f.name, err)
			}
			faults.add(wrong)
		}
	}
	return nil
}

// locateAll does what locate does for an error that may be several, joined.
func (s *Set) locateAll(err error) (*Errors, bool) {
	list := []error{err}
	// Only what Apply itself joined.
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		list = joined.Unwrap()
	}
	all := &Errors{}
	for _, err := range list {
		wrong, ok := s.locate(err)
		if !ok {
			return nil, false
		}
		all.add(wrong)
	}
	return all, true
}

// locate finds the file, line and field that an error of the write path is
// about; ok is false where it is not about a record.
func (s *Set) locate(err error) (*Error, bool) {
	var f *fault.Error
	if !errors.As(err, &f) {
		return nil, false
	}
	number, field, _ := strings.Cut(f.Field, ".")
	i := s.index(number)
	if i < 0 {
		return nil, false
	}
	r := &s.records[i]
	var path []string
	if field != "" {
		path = strings.Split(field, ".")
	}
	e := &Error{
		File: r.file.name, Line: r.lineOf(path), Entity: r.file.entity.Name, Field: field,
		Reason: f.Message, Cause: f,
	}
	switch f.Code {
	case fault.NotFound:
		e.Reason += missing(r, path)
	case fault.Conflict:
		e.Reason += s.taken(i, path)
	}
	return e, true
}

// index is the record of a number, or -1.
func (s *Set) index(number string) int {
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || i >= len(s.records) {
		return -1
	}
	return i
}

// missing says what a reference to nothing named, and what to do about it.
func missing(r *record, path []string) string {
	v := r.at(path)
	if v == nil {
		return ""
	}
	return fmt.Sprintf(" Neither the files nor the database have one with %s: add it, or correct this.", text(v))
}

// text is a value as it would stand in a file, on one line.
func text(v any) string {
	switch v := v.(type) {
	case map[string]any:
		parts := make([]string, 0, len(v))
		for _, name := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, name+" "+text(v[name]))
		}
		return strings.Join(parts, " and ")
	case string:
		return strconv.Quote(v)
	default:
		return fmt.Sprint(v)
	}
}

// taken says where the record stands whose key the record i has as well, for
// a key of one field.
func (s *Set) taken(i int, path []string) string {
	entity, mine := s.records[i].file.entity, s.records[i].at(path)
	if len(path) != 1 || mine == nil || path[0] != "$key" && entity.Key(path[0]) == nil {
		return ""
	}
	for _, r := range s.records[:i] {
		if r.file.entity == entity && text(r.at(path)) == text(mine) {
			return fmt.Sprintf(" It is at %s:%d. Keep one of the two, or change its key.", r.file.name, r.line)
		}
	}
	return ""
}
