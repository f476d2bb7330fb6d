package migrator

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"coppice/core/engine"
)

// backup copies the database into a file, or into a folder, where the copy is named after
// the database and the time. Of those in a folder, --keep are left, the newest.
func backup(ctx context.Context, j *job) error {
	file, cfg := j.args[0], engine.Config{URL: j.db}
	dated, err := engine.BackupName(cfg, file, time.Now())
	if err != nil {
		return err
	}
	into := file
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		into = dated
	} else if j.keep > 0 {
		return fmt.Errorf("%w: --keep goes with a folder, in which copies are named after their time, and %s is none: make it, or leave --keep out", errUsage, file)
	}
	c, err := engine.Backup(ctx, cfg, into)
	if err != nil {
		return err
	}
	fmt.Fprintf(j.stdout, "%s has all of it: %s in %s, %s. It was read back.\n", c.File, rows(c.Rows), number(c.Tables, "table", "tables"), size(c.Bytes))
	dangling(j.stdout, c)
	if j.keep == 0 {
		return nil
	}
	removed, err := engine.RotateBackups(cfg, file, j.keep)
	if err != nil {
		return fmt.Errorf("the copy is made, but older ones cannot be removed: %w", err)
	}
	for _, r := range removed {
		fmt.Fprintf(j.stdout, "Removed %s.\n", filepath.Base(r))
	}
	return nil
}

// restore gives the database what a copy holds.
func restore(ctx context.Context, j *job) error {
	r, err := engine.Restore(ctx, engine.Config{URL: j.db}, j.args[0])
	if err != nil {
		return err
	}
	fmt.Fprintf(j.stdout, "%s has what %s holds: %s in %s.\n", r.File, j.args[0], rows(r.Rows), number(r.Tables, "table", "tables"))
	if r.Aside != "" {
		fmt.Fprintf(j.stdout, "What was there is kept in %s.\n", r.Aside)
	}
	dangling(j.stdout, r.Copied)
	return nil
}

// dangling tells of foreign keys that lead to nothing, which a copy keeps as they are.
func dangling(w io.Writer, c engine.Copied) {
	if len(c.Dangling) > 0 {
		fmt.Fprintf(w, "As in the database that was copied, %s.\n", strings.Join(c.Dangling, ", and "))
	}
}

// size is a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
}
