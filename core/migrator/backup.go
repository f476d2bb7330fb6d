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
// the database and the time. Of those in a folder, keep are left, the newest, if it is
// more than 0.
func backup(ctx context.Context, s subject, file string, keep int, w io.Writer) error {
	info, err := os.Stat(file)
	folder := err == nil && info.IsDir()
	if keep > 0 && !folder {
		return fmt.Errorf("%w: --keep goes with a folder, in which copies are named after their time, and %s is none: make it, or leave --keep out", errUsage, file)
	}
	into := file
	if folder {
		if into, err = engine.BackupName(s.config, file, time.Now()); err != nil {
			return err
		}
	}
	c, err := engine.Backup(ctx, s.config, into)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s has all of it: %s in %s, %s. It was read back.\n", c.File, rows(c.Rows), number(c.Tables, "table", "tables"), size(c.Bytes))
	dangling(w, c)
	if keep == 0 {
		return nil
	}
	removed, err := engine.RotateBackups(s.config, file, keep)
	if err != nil {
		return fmt.Errorf("the copy is made, but older ones cannot be removed: %w", err)
	}
	for _, r := range removed {
		fmt.Fprintf(w, "Removed %s.\n", filepath.Base(r))
	}
	return nil
}

// restore gives the database what a copy holds.
func restore(ctx context.Context, s subject, file string, w io.Writer) error {
	r, err := engine.Restore(ctx, s.config, file)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s has what %s holds: %s in %s.\n", r.File, file, rows(r.Rows), number(r.Tables, "table", "tables"))
	if r.Aside != "" {
		fmt.Fprintf(w, "What was there is kept in %s.\n", r.Aside)
	}
	dangling(w, r.Copied)
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
