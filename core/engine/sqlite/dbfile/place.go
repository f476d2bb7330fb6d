package dbfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// ErrThere says that a file is there that nobody may overwrite.
var ErrThere = errors.New("it is there already: name another file, or move that one away")

// partial ends the names of files that are being written.
const partial = ".part"

// stale is how long a partial file was not written to when whoever wrote it is gone.
const stale = 24 * time.Hour

// Temporary makes an empty file, of this user alone, beside the one that it is to
// become. Those that others left there half-written, and gave up, are removed.
func Temporary(path string) (string, error) {
	dir, base := filepath.Split(path)
	dir = filepath.Clean(dir + ".")
	old, err := filepath.Glob(filepath.Join(escape(dir), ".*"+partial))
	if err != nil {
		return "", err
	}
	for _, name := range old {
		if info, err := os.Lstat(name); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > stale && ours.MatchString(filepath.Base(name)) {
			_ = os.Remove(name) // it is in nobody's way
		}
	}
	f, err := os.CreateTemp(dir, "."+base+".*"+partial)
	if err != nil {
		return "", err
	}
	return f.Name(), f.Close()
}

// ours are the names that Temporary gives.
var ours = regexp.MustCompile(`^\..+\.\d+\` + partial + `$`)

// escape takes the meaning from what Glob would read as a pattern.
func escape(path string) string { return regexp.MustCompile(`[\\*?\[]`).ReplaceAllString(path, `\$0`) }

// Place gives a file that is complete the name that it was written for, once all of it
// is on the disk. It overwrites nothing: where there is a file of that name already, the
// error is ErrThere.
func Place(temporary, path string) error {
	if err := sync(temporary); err != nil {
		return err
	}
	err := os.Link(temporary, path)
	switch {
	case errors.Is(err, fs.ErrExist):
		return ErrThere
	case err != nil: // a file system without links
		if _, err := os.Lstat(path); err == nil {
			return ErrThere
		}
		if err := os.Rename(temporary, path); err != nil {
			return err
		}
	default:
		if err := os.Remove(temporary); err != nil {
			return err
		}
	}
	return sync(filepath.Dir(path))
}

// sync waits until what was written to a file, or a folder's list of files, is on the
// disk.
func sync(path string) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := f.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("write %s to the disk: %w", path, err)
	}
	return nil
}

// dated is the form of the time in the names of Dated; names sort as times do.
const dated = "20060102T150405.000Z"

// Dated is the name of a copy of a database that is made at a time, in a folder.
func Dated(dir, database string, at time.Time) string {
	return filepath.Join(dir, stem(database)+"-"+at.UTC().Format(dated)+".db")
}

// stem is the name of a database's file without its end.
func stem(database string) string {
	base := filepath.Base(database)
	if end := filepath.Ext(base); end != base {
		base = base[:len(base)-len(end)]
	}
	return base
}

// Rotate removes of the copies that Dated named, of one database in a folder, all but
// the newest. It returns those that it removed.
func Rotate(dir, database string, keep int) (removed []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	copies := regexp.MustCompile(`^` + regexp.QuoteMeta(stem(database)) + `-\d{8}T\d{6}\.\d{3}Z\.db$`)
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() && copies.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	for _, name := range names[:max(0, len(names)-keep)] {
		path := filepath.Join(dir, name)
		if err := os.Remove(path); err != nil {
			return removed, err
		}
		removed = append(removed, path)
	}
	return removed, nil
}
