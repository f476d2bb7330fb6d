package seed

import (
	"embed"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"

	"coppice/ent"
	"coppice/internal/model"
)

//go:embed data
var embedded embed.FS

// file is one seed file.
type file struct {
	fsys   fs.FS
	path   string // in fsys
	name   string // as messages show it
	entity *model.Entity
	read   reader
}

// reader reads a file's records in order. It yields a record or what is wrong
// with one, and ends after an error that leaves no way on.
type reader func(f *file, r io.Reader) iter.Seq2[record, *Error]

const extensions = ".yaml, .yml, .json, .jsonl or .csv"

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

// catalog collects the files to read, each once, and what is wrong with them.
type catalog struct {
	files  []*file
	faults Errors
}

// find adds the seed files at the paths, those of a folder in the order of
// their names; without paths, those of the embedded data set.
func (c *catalog) find(paths []string) {
	if len(paths) == 0 {
		c.walk(embedded, "data", "seed/data")
	}
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
	extension := path.Ext(base)
	table := strings.TrimSuffix(base, extension)
	f := &file{fsys: fsys, path: p, name: name, entity: ent.Describe().Table(table), read: readerOf(extension)}
	switch {
	case f.read == nil:
		c.faults.add(&Error{File: name, Reason: "This is no kind of file that can be read. The name of a seed file ends in " + extensions + "."})
	case f.entity == nil:
		c.faults.add(&Error{File: name, Reason: "There is no table " + table + ". A seed file is named after one of " + tables() + "."})
	case f.entity.View:
		c.faults.add(&Error{File: name, Reason: table + " is a view, and cannot be written. Seed the tables that it reads."})
	default:
		c.files = append(c.files, f)
	}
}

// tables names the tables that a file can be named after.
func tables() string {
	var names []string
	for _, e := range ent.Describe().Entities {
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
	reason := err
	var inner *fs.PathError
	if errors.As(err, &inner) {
		reason = inner.Err
	}
	return &Error{File: name, Reason: "It cannot be read: " + reason.Error() + ".", Cause: err}
}
