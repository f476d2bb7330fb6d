package pages

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// mediaTypes are those of what a build holds. They are no machine's to say: one
// that has a script for text/plain would leave the pages empty.
var mediaTypes = map[string]string{
	".html":  "text/html; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".css":   "text/css; charset=utf-8",
	".svg":   "image/svg+xml",
	".png":   "image/png",
	".json":  "application/json",
	".ttf":   "font/ttf",
	".woff2": "font/woff2",
	".wasm":  "application/wasm",
	".map":   "application/json",
	".txt":   "text/plain; charset=utf-8",
}

// store puts what was built into dir: each file under a name of its own, and then,
// in one step, the manifest that names them. Whoever reads dir meanwhile, or after a
// break, finds the build before or this one. What neither names is removed last.
func store(dir string, built fs.FS, source string) (*Manifest, error) {
	m := &Manifest{Source: source}
	err := fs.WalkDir(built, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := storeFile(dir, built, name)
		m.Files = append(m.Files, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(m.Files, func(f File) bool { return f.Path == "index.html" }) {
		return nil, errors.New("what was built has no index.html")
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := replace(filepath.Join(dir, manifestName), append(text, '\n')); err != nil {
		return nil, err
	}
	return m, sweep(dir, m)
}

// storeFile puts one file into dir.
func storeFile(dir string, built fs.FS, name string) (File, error) {
	content, err := fs.ReadFile(built, name)
	if err != nil {
		return File{}, err
	}
	sum := sha256.Sum256(content)
	f := File{Path: name, Size: len(content), Hash: hex.EncodeToString(sum[:10]), Type: mediaTypes[path.Ext(name)]}
	if f.Type == "" {
		return File{}, fmt.Errorf("%s: files of its kind have no media type in coppice/core/pages", name)
	}
	end := path.Ext(name)
	f.Stored = strings.TrimSuffix(path.Base(name), end) + "." + f.Hash + end + ".gz"
	var packed bytes.Buffer
	zip, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return File{}, err
	}
	if _, err := zip.Write(content); err != nil {
		return File{}, err
	}
	if err := zip.Close(); err != nil {
		return File{}, err
	}
	return f, replace(filepath.Join(dir, f.Stored), packed.Bytes())
}

// unfinished is how the names of files begin that are being written.
const unfinished = ".new-"

// replace writes a file in one step.
func replace(name string, content []byte) (err error) {
	temp, err := os.CreateTemp(filepath.Dir(name), unfinished)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temp.Name()))
		}
	}()
	_, err = temp.Write(content)
	if err = errors.Join(err, temp.Chmod(0o644), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), name)
}

// sweep removes what lies in dir of other builds, and of builds that were killed.
func sweep(dir string, m *Manifest) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		name := e.Name()
		if strings.HasSuffix(name, ".gz") && !slices.ContainsFunc(m.Files, func(f File) bool { return f.Stored == name }) || abandoned(e) {
			if e := os.Remove(filepath.Join(dir, name)); !errors.Is(e, fs.ErrNotExist) {
				err = errors.Join(err, e)
			}
		}
	}
	return err
}

// abandoned reports whether a file was being written by a process that is gone.
func abandoned(e fs.DirEntry) bool {
	info, err := e.Info()
	return err == nil && strings.HasPrefix(e.Name(), unfinished) && time.Since(info.ModTime()) > old
}
