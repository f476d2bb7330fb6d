package seed

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"coppice/core/record"
	"coppice/core/seed/internal/file"
)

// together is how many records, nested ones included, one transaction takes.
// A set of more is read twice and written in parts.
const together = 10_000

// checked is how many records of a large set are decoded at once to be checked.
const checked = 1000

// How many bytes of text go the same way, however few records hold them.
const (
	togetherBytes = 64 << 20
	checkedBytes  = 16 << 20
)

// Set is the records of some files, read and checked, to be loaded once.
type Set struct {
	project *record.Project
	name    string
	files   []*file.File
	small   *batch        // all records, where they are few
	index   *index        // what was learnt of them, where they are many
	noting  chan error    // of the batch that the index notes
	took    time.Duration // to read
	bytes   int           // of the records that are kept
	most    int           // records in one transaction
	loaded  bool
	broken  bool // some records could not be read at all
}

// source is the files of a set, and what is known of them before they are read.
type source struct {
	file.Catalog
	project *record.Project
	most    int  // records in one transaction, for tests; 0 is as many as usual
	checked bool // the records need no check, and their number is known
}

func newSource(project *record.Project) *source {
	return &source{Catalog: file.Catalog{Schema: project.Model}, project: project}
}

// Read reads and checks the files and folders at the paths, which hold records
// of the project's entities. An error in the data is an *Errors; the set that
// comes with it can be verified, which may find more, but not loaded. progress
// may be nil.
func Read(ctx context.Context, project *record.Project, progress func(Progress), paths ...string) (*Set, error) {
	c := newSource(project)
	c.Find(paths)
	return c.read(ctx, nameOf(paths), progress)
}

// ReadEmbedded reads and checks, as Read does, the data set that a program
// carries in seed/data.
func ReadEmbedded(ctx context.Context, project *record.Project, data fs.FS, progress func(Progress)) (*Set, error) {
	c := newSource(project)
	c.Walk(data, ".", filepath.Join("seed", "data"))
	return c.read(ctx, "embedded", progress)
}

// nameOf is the name of the set at some paths, where it is given none.
func nameOf(paths []string) string {
	names := make([]string, len(paths))
	for i, p := range paths {
		base := filepath.Base(filepath.Clean(p))
		name, _, _ := strings.Cut(strings.TrimLeft(base, "."), ".")
		if names[i] = name; name == "" {
			names[i] = base
		}
	}
	return strings.Join(names, "+")
}

// read checks all records of the files, without a database.
func (c *source) read(ctx context.Context, name string, progress func(Progress)) (*Set, error) {
	start := time.Now()
	s := &Set{project: c.project, name: name, files: c.Files, small: newBatch(c.project), most: c.most, broken: c.Faults.Total > 0}
	if s.most == 0 {
		s.most = together
	}
	if c.checked && records(c.Files) > s.most {
		s.small, s.index = nil, &index{}
		return s, nil
	}
	for _, f := range c.Files {
		if err := s.check(ctx, f, &c.Faults, progress); err != nil {
			return nil, err
		}
	}
	if err := s.finish(ctx, &c.Faults); err != nil {
		return nil, err
	}
	s.took = time.Since(start)
	if c.Faults.Total > 0 {
		s.loaded = true
		return s, &c.Faults
	}
	return s, nil
}

func records(files []*file.File) int {
	n := 0
	for _, f := range files {
		n += f.Count
	}
	return n
}

// finish checks what can only be known once everything was read.
func (s *Set) finish(ctx context.Context, faults *Errors) error {
	if s.index == nil {
		return faults.Join(s.small.explain("check", s.small.writes.Check(ctx)))
	}
	if err := errors.Join(s.hand(ctx, faults), s.noted(faults)); err != nil {
		return err
	}
	s.small = nil
	return s.index.finish(ctx, s, faults)
}

// hand gives the records read so far to the index, which notes them while the
// next ones are read.
func (s *Set) hand(ctx context.Context, faults *Errors) error {
	if err := s.noted(faults); err != nil {
		return err
	}
	b, noted := s.small, make(chan error, 1)
	s.small, s.noting = newBatch(s.project), noted
	go func() {
		found := &Errors{}
		if err := s.index.collect(ctx, b, found); err != nil {
			noted <- err
			return
		}
		noted <- found
	}()
	return nil
}

// noted waits for the index.
func (s *Set) noted(faults *Errors) error {
	if s.noting == nil {
		return nil
	}
	defer func() { s.noting = nil }()
	return faults.Join(<-s.noting)
}

// check reads a file's records: into the small batch, or, once there are too
// many for that, into the index.
func (s *Set) check(ctx context.Context, f *file.File, faults *Errors, progress func(Progress)) error {
	report := file.NewReporter(f, Checking, progress)
	for r, wrong := range f.Records(report) {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("seed: read %s: %w", f.Name, err)
		}
		if wrong != nil {
			s.broken = true
			faults.Add(wrong)
			continue
		}
		report.Record()
		if err := faults.Join(s.small.add(r)); err != nil {
			return err
		}
		n := len(s.small.writes.Nodes())
		s.bytes += r.Size
		if (n > s.most || s.bytes > togetherBytes) && s.index == nil {
			s.index = newIndex()
		}
		if s.index != nil && (n >= checked || s.bytes >= checkedBytes) {
			s.bytes = 0
			if err := s.hand(ctx, faults); err != nil {
				return err
			}
		}
	}
	f.Count = report.Records()
	report.End()
	return nil
}

// batches decodes the records of all files once more, some at a time.
func (s *Set) batches(ctx context.Context, each func(*batch) error) error {
	b, bytes := newBatch(s.project), 0
	for _, f := range s.files {
		for r, wrong := range f.Records(nil) {
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("seed: read %s: %w", f.Name, err)
			}
			if wrong != nil {
				continue // it was reported the first time
			}
			var known *Errors
			if err := b.add(r); err != nil && !errors.As(err, &known) {
				return err
			}
			if bytes += r.Size; len(b.records) == checked || bytes >= checkedBytes {
				if err := each(b); err != nil {
					return err
				}
				b, bytes = newBatch(s.project), 0
			}
		}
	}
	return each(b)
}
