package codegen

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/graphql"
)

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
	stamp, err := v.buildHash(cfg, bridge[:at])
	return err == nil && string(bridge[at:]) == stamp
}

// seal puts the stamp on what was generated.
func (v *view) seal(cfg *config.Config) error {
	bridge, err := os.ReadFile(bridgeFile)
	if err != nil {
		return fmt.Errorf("codegen: %w", err)
	}
	stamp, err := v.buildHash(cfg, bridge)
	if err != nil {
		return err
	}
	if err := os.WriteFile(bridgeFile, slices.Concat(bytes.TrimSpace(bridge), []byte("\n\n"), []byte(stamp)), 0o644); err != nil {
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
