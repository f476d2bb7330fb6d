package pages

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// form is the form that a build has. Another one makes every build out of date.
const form = "1"

// hashOf is the hash of all files of a source, names included.
func hashOf(source fs.FS) (string, error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "form %s\n", form)
	err := fs.WalkDir(source, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(source, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n", name, len(content))
		_, err = sum.Write(content)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("pages: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// copyTo writes the files of a source below a folder.
func copyTo(dir string, source fs.FS) error {
	return fs.WalkDir(source, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(name))
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		content, err := fs.ReadFile(source, name)
		if err != nil {
			return err
		}
		return os.WriteFile(to, content, 0o644)
	})
}
