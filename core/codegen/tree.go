package codegen

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/graphql"
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

// bridgeFile is the last file of an execution to be written. Its last line is
// a stamp: a hash of all that gqlgen works from, and of what it made.
var bridgeFile = filepath.Join("graph", "custom_gen.go")

const stampMark = "// stamp: "

// current reports that the execution is what generating it again would make.
// That is so unless something written by hand has changed, or something it
// refers to; and to find that out costs nothing, while gqlgen has all that it
// reads compiled first.
func (v *view) current(cfg *config.Config) bool {
	bridge, err := os.ReadFile(bridgeFile)
	if err != nil {
		return false
	}
	at := bytes.LastIndex(bridge, []byte(stampMark))
	if at < 0 {
		return false
	}
	hash, err := v.buildHash(cfg, bridge[:at])
	return err == nil && string(bridge[at:]) == hash
}

// seal puts the stamp on what was generated.
func (v *view) seal(cfg *config.Config) error {
	bridge, err := os.ReadFile(bridgeFile)
	if err != nil {
		return fmt.Errorf("codegen: %w", err)
	}
	hash, err := v.buildHash(cfg, bridge)
	if err != nil {
		return err
	}
	if err := os.WriteFile(bridgeFile, slices.Concat(bytes.TrimSpace(bridge), []byte("\n\n"), []byte(hash)), 0o644); err != nil {
		return fmt.Errorf("codegen: %w", err)
	}
	return nil
}

func (v *view) buildHash(cfg *config.Config, bridge []byte) (string, error) {
	h := sha256.New()
	written, err := declarations(filepath.Dir(bridgeFile))
	if err != nil {
		return "", err
	}
	models, err := json.Marshal(v.models)
	if err != nil {
		return "", fmt.Errorf("codegen: %w", err)
	}
	fmt.Fprintln(h, graphql.Version, bridgeTemplate, stubTemplate, resolverTemplate, slices.Sorted(maps.Keys(written)), v.source().Input, string(models))
	for _, name := range []string{"gqlgen.yml", cfg.Exec.Filename, cfg.Model.Filename} {
		b, err := os.ReadFile(name)
		if err != nil {
			return "", fmt.Errorf("codegen: %w", err)
		}
		h.Write(b)
	}
	h.Write(bytes.TrimSpace(bridge))
	return stampMark + hex.EncodeToString(h.Sum(nil)[:16]) + "\n", nil
}
