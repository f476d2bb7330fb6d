// Package dbfile is what the operating system says of a SQLite file: whether it can be
// used, who holds its locks, and whether it is still the one that was opened.
package dbfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Check finds what SQLite would report poorly, or too late: a file that
// cannot be written it opens for reading, and leaves a log beside it that
// nobody can write either.
func Check(path string) error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("database: open %s: "+format, append([]any{path}, args...)...)
	}
	folder := filepath.Dir(path)
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fail("there is no folder %s: create it, or name another file: %w", folder, err)
	case err != nil:
		return fail("its folder cannot be read: %w", err)
	case !info.IsDir():
		return fail("%s is no folder: name another file", folder)
	}
	info, err = os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return fail("%w", err)
	case info.IsDir():
		return fail("it is a folder: name a file in it")
	case !info.Mode().IsRegular():
		return fail("it is no regular file: name another one")
	}
	for _, file := range []string{path, path + "-wal", path + "-shm"} {
		if err := mayWrite(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fail("%s is read-only: make it writable by this user, or name another file: %w", file, err)
		}
	}
	if err := mayWrite(folder); err != nil {
		return fail("the folder %s is read-only: SQLite keeps its log there; make it writable by this user, or name a file elsewhere: %w", folder, err)
	}
	return nil
}
