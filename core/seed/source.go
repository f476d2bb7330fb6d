package seed

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
	"coppice/core/record"
)

// file is one seed file.
type file struct {
	fsys   fs.FS
	path   string // in fsys
	name   string // as messages show it
	entity *model.Entity
	read   reader
	made   iter.Seq2[entry, *Error] // the records, where they are in no file
	count  int                      // of its records, once they were read
	number int                      // its place in the set, from 1
}

// reader reads a file's records in order. It yields a record or what is wrong
// with one, and ends after an error that leaves no way on.
type reader func(f *file, r io.Reader) iter.Seq2[entry, *Error]

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
	return func(f *file, r io.Reader) iter.Seq2[entry, *Error] {
		return func(yield func(entry, *Error) bool) {
			in, err := gzip.NewReader(r)
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			if err != nil {
				yield(entry{}, f.unreadable(err))
				return
			}
			read(f, in)(yield)
		}
	}
}

// catalog collects the files to read, each once, and what is wrong with them.
type catalog struct {
	project *record.Project
	files   []*file
	faults  Errors
	most    int  // records in one transaction, for tests; 0 is as many as usual
	sound   bool // the records need no check, and their number is known
}

// find adds the seed files at the paths, those of a folder in the order of
// their names.
func (c *catalog) find(paths []string) {
	for _, p := range paths {
		p = filepath.Clean(p)
		info, err := os.Stat(p)
		switch {
		case err != nil:
			c.unreadable(p, err)
		case info.IsDir():
			c.walk(os.DirFS(p), ".", p)
		default:
			c.add(os.DirFS(filepath.Dir(p)), filepath.Base(p), p)
		}
	}
}

// walk adds what is in a folder, but for what starts with a dot.
func (c *catalog) walk(fsys fs.FS, root, shown string) {
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

func (c *catalog) add(fsys fs.FS, p, name string) {
	for _, f := range c.files {
		if f.name == name {
			return
		}
	}
	base := path.Base(filepath.ToSlash(p))
	plain, packed := strings.CutSuffix(base, compressed)
	extension := path.Ext(plain)
	table := strings.TrimSuffix(plain, extension)
	f := &file{fsys: fsys, path: p, name: name, entity: c.project.Model.Table(table), read: readerOf(extension)}
	if packed && f.read != nil {
		f.read = unpacked(f.read)
	}
	info, err := fs.Stat(fsys, p)
	switch {
	case f.read == nil:
		c.faults.add(&Error{File: name, Reason: "This is no kind of file that can be read. The name of a seed file ends in " + extensions + "."})
	case f.entity == nil:
		c.faults.add(&Error{File: name, Reason: "There is no table " + table + ". A seed file is named after one of " + tables(c.project.Model) + "."})
	case f.entity.View:
		c.faults.add(&Error{File: name, Reason: table + " is a view, and cannot be written. Seed the tables that it reads."})
	case err != nil:
		c.unreadable(name, err)
	case !info.Mode().IsRegular():
		c.faults.add(&Error{File: name, Reason: "It is not a regular file. A seed file may be read twice, so it cannot be a pipe or a device."})
	default:
		c.files = append(c.files, f)
		f.number = len(c.files)
	}
}

// tables names the tables that a file can be named after.
func tables(m *model.Schema) string {
	var names []string
	for _, e := range m.Entities {
		if !e.View {
			names = append(names, e.Table)
		}
	}
	return strings.Join(names, ", ")
}

func (c *catalog) unreadable(name string, err error) {
	c.faults.add(unreadable(name, err))
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

func (f *file) unreadable(err error) *Error {
	e := unreadable(f.name, err)
	e.file = f.number
	return e
}
