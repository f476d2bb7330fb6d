package codegen

import (
	"fmt"
	"path/filepath"

	"entgo.io/ent/entc/gen"
)

// file is the place where a schema is written: its file and line.
func file(pos string) string { return "ent/schema/" + filepath.Base(pos) }

// placed has an error begin with the place where the schema at fault is written.
func placed(t *gen.Type, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", file(t.Pos()), err)
}
