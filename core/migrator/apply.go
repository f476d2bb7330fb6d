package migrator

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"coppice/core/engine"
	"coppice/core/engine/migrate"
	"coppice/core/engine/revision"
)

// up applies the files that the database lacks.
func up(ctx context.Context, j *job) error {
	folder, err := revision.Read(j.files(), j.engine)
	if err != nil {
		return err
	}
	if len(folder.Files) == 0 {
		return fmt.Errorf("there are no files in %s: write the first with: go run ./cmd/db diff NAME. Without files the database follows the schemas by itself", filepath.Join(j.dir, j.engine))
	}
	n := 0
	cfg := j.config(j.db, migrate.Versioned)
	told := cfg.Applied
	cfg.Applied = func(name string, took time.Duration) { n++; told(name, took) }
	d, err := engine.Open(ctx, j.app.Project, cfg)
	if err != nil {
		return err
	}
	if n == 0 {
		fmt.Fprintln(j.stdout, "nothing to do: the database has all files")
	}
	return d.Close()
}

// status says which files the database has, and which it lacks.
func status(ctx context.Context, j *job) error {
	s, current, err := engine.Look(ctx, j.app.Project, j.config(j.db, migrate.Versioned))
	if err != nil {
		return err
	}
	for _, a := range s.Applied {
		fmt.Fprintf(j.stdout, "applied  %s  %s\n", a.At.UTC().Format(time.DateTime), a.Name)
		if a.Done < a.Of {
			fmt.Fprintf(j.stdout, "         broken off after %d of %d statements: %s\n", a.Done, a.Of, a.Error)
		}
	}
	for _, p := range s.Pending {
		fmt.Fprintf(j.stdout, "pending  %s\n", p)
	}
	switch {
	case len(s.Pending) > 0:
		fmt.Fprintf(j.stdout, "%d files are pending: go run ./cmd/db up\n", len(s.Pending))
	case current:
		fmt.Fprintln(j.stdout, "the database is what the schemas say")
	default:
		fmt.Fprintln(j.stdout, "the database is not what the schemas say: go run ./cmd/db diff NAME writes what is missing as a file")
	}
	return nil
}

// check sees that the files are as they should be.
func check(ctx context.Context, j *job) error {
	if j.rehash {
		folder, err := revision.ReadUnchecked(os.DirFS(j.dir), j.engine)
		if err != nil {
			return err
		}
		if err := j.sum(folder); err != nil {
			return err
		}
	}
	folder, err := revision.Read(j.files(), j.engine)
	if err != nil {
		return err
	}
	var wrong []error
	if there, err := engine.Exists(ctx, j.db); err == nil && there && (j.engine == "sqlite" || j.dev == "") {
		_, _, err := engine.Look(ctx, j.app.Project, j.config(j.db, migrate.Versioned))
		wrong = append(wrong, err)
	}
	c, err := j.missing(ctx)
	switch {
	case err != nil:
		wrong = append(wrong, err)
	case len(c.Refusals) > 0:
		wrong = append(wrong, &migrate.RefusedError{Refusals: c.Refusals})
	case len(c.Statements) > 0:
		wrong = append(wrong, &migrate.BehindError{Statements: c.Statements})
	}
	if err := errors.Join(wrong...); err != nil {
		return err
	}
	fmt.Fprintf(j.stdout, "%d files of %s are whole, and lead to the schemas\n", len(folder.Files), filepath.Join(j.dir, j.engine))
	return nil
}
