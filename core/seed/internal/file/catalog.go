package file

import (
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"

	"coppice/core/model"
)

// File is one seed file.
type File struct {
	fsys   fs.FS
	path   string // in fsys
	Name   string // as messages show it
	Entity *model.Entity
	read   reader
	made   iter.Seq2[Record, *Error] // the records, where they are in no file
	Count  int                       // of its records, once they were read
	Number int                       // its place in the set, from 1
}

// Virtual is a file that is not there, the records of which, so many as count
// says, are made as they are asked for: each stands on a line of its own.
func Virtual(name string, e *model.Entity, number, count int, inputs iter.Seq[map[string]any]) *File {
	f := &File{Name: name, Entity: e, Number: number, Count: count}
	f.made = func(yield func(Record, *Error) bool) {
		line := 0
		for input := range inputs {
			if line++; !yield(Record{File: f, Line: line, Input: input}, nil) {
				return
			}
		}
	}
	return f
}

// reader reads a file's records in order. It yields a record or what is wrong
// with one, and ends after an error that leaves no way on.
type reader func(f *File, r io.Reader) iter.Seq2[Record, *Error]

const extensions = ".yaml, .yml, .json, .jsonl or .csv; .gz may follow"

func readerOf(extension string) reader {
	switch extension {
	case ".yaml", ".yml":
		return readYAML
	case ".json":
		return readJSON
	case ".jsonl":
		return readLines
	case ".csv":
		return readCSV
	default:
		return nil
	}
}

const compressed = ".gz"

// unpacked reads what a reader reads from a file that gzip (RFC 1952) packed.
func unpacked(read reader) reader {
	return func(f *File, r io.Reader) iter.Seq2[Record, *Error] {
		return func(yield func(Record, *Error) bool) {
			in, err := gzip.NewReader(r)
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			if err != nil {
				yield(Record{}, f.unreadable(err))
				return
			}
			read(f, in)(yield)
		}
	}
}

// Catalog collects the files to read, each once, and what is wrong with them.
type Catalog struct {
	Schema *model.Schema
	Files  []*File
	Faults Errors
}

// Find adds the seed files at the paths, those of a folder in the order of
// their names.
func (c *Catalog) Find(paths []string) {
	for _, p := range paths {
		p = filepath.Clean(p)
		info, err := os.Stat(p)
		switch {
		case err != nil:
			c.unreadable(p, err)
		case info.IsDir():
			c.Walk(os.DirFS(p), ".", p)
		default:
			c.add(os.DirFS(filepath.Dir(p)), filepath.Base(p), p)
		}
	}
}

// Walk adds what is in a folder, but for what starts with a dot.
func (c *Catalog) Walk(fsys fs.FS, root, shown string) {
	err := fs.WalkDir(fsys, root, func(p string, d fs.DirEntry, err error) error {
		inner := strings.TrimPrefix(strings.TrimPrefix(p, root), "/")
		name := filepath.Join(shown, filepath.FromSlash(inner))
		switch {
		case err != nil:
			c.unreadable(name, err)
		case p != root && d.Name()[0] == '.' && d.IsDir():
			return fs.SkipDir
		case p != root && d.Name()[0] != '.' && !d.IsDir():
			c.add(fsys, p, name)
		}
		return nil
	})
	if err != nil {
		c.unreadable(shown, err)
	}
}

func (c *Catalog) add(fsys fs.FS, p, name string) {
	for _, f := range c.Files {
		if f.Name == name {
			return
		}
	}
	base := path.Base(filepath.ToSlash(p))
	plain, packed := strings.CutSuffix(base, compressed)
	extension := path.Ext(plain)
	table := strings.TrimSuffix(plain, extension)
	f := &File{fsys: fsys, path: p, Name: name, Entity: c.Schema.Table(table), read: readerOf(extension)}
	if packed && f.read != nil {
		f.read = unpacked(f.read)
	}
	info, err := fs.Stat(fsys, p)
	switch {
	case f.read == nil:
		c.Faults.Add(&Error{File: name, Reason: "This is no kind of file that can be read. The name of a seed file ends in " + extensions + "."})
	case f.Entity == nil:
		c.Faults.Add(&Error{File: name, Reason: "There is no table " + table + ". A seed file is named after one of " + Tables(c.Schema) + "."})
	case f.Entity.View:
		c.Faults.Add(&Error{File: name, Reason: table + " is a view, and cannot be written. Seed the tables that it reads."})
	case err != nil:
		c.unreadable(name, err)
	case !info.Mode().IsRegular():
		c.Faults.Add(&Error{File: name, Reason: "It is not a regular file. A seed file may be read twice, so it cannot be a pipe or a device."})
	default:
		c.Files = append(c.Files, f)
		f.Number = len(c.Files)
	}
}

// Tables names the tables that a file can be named after.
func Tables(m *model.Schema) string {
	var names []string
	for _, e := range m.Entities {
		if !e.View {
			names = append(names, e.Table)
		}
	}
	return strings.Join(names, ", ")
}

func (c *Catalog) unreadable(name string, err error) {
	c.Faults.Add(unreadable(name, err))
}

// unreadable tells why a file cannot be read, without its path, which the
// error names already.
func unreadable(name string, err error) *Error {
	reason := err.Error()
	var inner *fs.PathError
	var corrupt flate.CorruptInputError
	switch {
	case errors.As(err, &inner):
		reason = inner.Err.Error()
	case errors.Is(err, gzip.ErrHeader):
		reason = "it, or what follows in it, is not packed with gzip"
	case errors.Is(err, io.ErrUnexpectedEOF):
		reason = "it ends in the middle; copy or pack it anew"
	case errors.Is(err, gzip.ErrChecksum), errors.As(err, &corrupt):
		reason = "it is damaged; copy or pack it anew"
	}
	return &Error{File: name, Reason: "It cannot be read: " + reason + ".", Cause: err}
}

func (f *File) unreadable(err error) *Error {
	e := unreadable(f.Name, err)
	e.file = f.Number
	return e
}
