package pages

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
)

// Folder is where an application has its build, and the name of that folder in
// what it embeds.
const Folder = "pages"

// manifestName is the manifest's name in the folder.
const manifestName = "manifest.json"

// Manifest says what a build consists of.
type Manifest struct {
	Source string `json:"source"` // the hash of the source that was built
	Files  []File `json:"files"`  // in the order of their paths
}

// File is one file of a build.
type File struct {
	Path   string `json:"path"`   // where it is served: index.html, assets/…
	Stored string `json:"stored"` // its name in the folder, where it lies gzipped
	Type   string `json:"type"`   // its media type
	Size   int    `json:"size"`   // in bytes, once it is unpacked
	Hash   string `json:"hash"`   // of its content
}

// Read returns the manifest of the build that lies in files, in the folder
// "pages". The error is fs.ErrNotExist where there is none.
func Read(files fs.FS) (*Manifest, error) {
	return readManifest(files, path.Join(Folder, manifestName))
}

func readManifest(files fs.FS, name string) (*Manifest, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	m := &Manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("pages: %s: %w", name, err)
	}
	if len(m.Files) == 0 {
		return nil, fmt.Errorf("pages: %s: %w", name, errors.New("it names no file"))
	}
	return m, nil
}

// Content returns a file of a build, gzipped.
func (f File) Content(files fs.FS) ([]byte, error) {
	content, err := fs.ReadFile(files, path.Join(Folder, f.Stored))
	if err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	return content, nil
}
