package codegen

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// tree is what a folder held: the content of each file, by its path. Apart lies
// a folder in it that belongs to somebody else.
type tree struct {
	root, apart string
	files       map[string][]byte
}

// readTree reads a folder; one that is not there holds nothing.
func readTree(root, apart string) (*tree, error) {
	t := &tree{root: root, apart: apart, files: map[string][]byte{}}
	err := t.walk(func(path string) (err error) {
		t.files[path], err = os.ReadFile(path)
		return err
	})
	return t, err
}

func (t *tree) walk(visit func(path string) error) error {
	err := filepath.WalkDir(t.root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err == nil && path == t.apart:
			return fs.SkipDir
		case err != nil || d.IsDir():
			return err
		}
		return visit(path)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// restore makes the folder hold what it held.
func (t *tree) restore() error {
	err := t.walk(func(path string) error {
		if _, held := t.files[path]; held {
			return nil
		}
		return errors.Join(os.Remove(path), removeEmpty(filepath.Dir(path)))
	})
	for path, content := range t.files {
		err = errors.Join(err, os.MkdirAll(filepath.Dir(path), 0o755), write(path, content))
	}
	return err
}

// removeEmpty removes a folder that has become empty.
func removeEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 0 {
		return err
	}
	return os.Remove(dir)
}
