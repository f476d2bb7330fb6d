package migrator

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	atlas "ariga.io/atlas/sql/migrate"

	"coppice/core/engine"
	"coppice/core/engine/migrate"
	"coppice/core/engine/revision"
)

// ddl prints the statements that make an empty database.
func ddl(ctx context.Context, j *job) error {
	dev, remove, err := j.develop(ctx)
	if err != nil {
		return err
	}
	defer remove()
	c, err := engine.Change(ctx, j.app.Project, j.complete(dev))
	if err != nil {
		return err
	}
	if len(c.Refusals) > 0 {
		return &migrate.RefusedError{Refusals: c.Refusals}
	}
	_, err = j.stdout.Write(fileText(engine.Part{Statements: c.Statements}, nil))
	return err
}

// complete is how a database is compared with the schemas for a file, which has to serve
// databases with rows.
func (j *job) complete(url string) engine.Config {
	cfg := j.config(url, migrate.Auto)
	cfg.Complete = true
	return cfg
}

// fileText is the text of a file. Its statements are apart by three ends of lines where
// one of them holds a semicolon. The renamings that it does stand above them.
func fileText(p engine.Part, renamed []string) []byte {
	end, head := ";\n", ""
	for _, s := range p.Statements {
		if strings.Contains(s, ";") {
			end, head = "\n\n\n", "-- atlas:delimiter \\n\\n\\n\n"
		}
	}
	if p.Outside {
		head += "-- atlas:txmode none\n"
	}
	if head != "" {
		head += "\n"
	}
	var b strings.Builder
	b.WriteString(head)
	for _, renaming := range renamed {
		b.WriteString(revision.Renamed + renaming + "\n")
	}
	for _, s := range p.Statements {
		b.WriteString(strings.TrimRight(s, "; \n"))
		b.WriteString(end)
	}
	return []byte(b.String())
}

// missing is what the files lack of the schemas, tried on an empty database.
func (j *job) missing(ctx context.Context) (*migrate.Change, error) {
	folder, err := revision.ReadUnchecked(os.DirFS(j.dir), j.engine)
	if err != nil {
		return nil, err
	}
	dev, remove, err := j.develop(ctx)
	if err != nil {
		return nil, err
	}
	defer remove()
	cfg := j.config(dev, migrate.Versioned)
	cfg.Applied = func(string, time.Duration) {}
	if err := engine.Apply(ctx, j.app.Project, cfg); err != nil {
		return nil, err
	}
	cfg = j.complete(dev)
	cfg.Renamed = folder.Renamings()
	return engine.Change(ctx, j.app.Project, cfg)
}

// diff writes what the files lack of the schemas as a file.
func diff(ctx context.Context, j *job) error {
	folder, err := revision.Read(os.DirFS(j.dir), j.engine)
	if err != nil {
		return err
	}
	if _, err := revision.FileName(atlas.NewVersion(), j.args[0]); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	c, err := j.missing(ctx)
	if err != nil {
		return err
	}
	if len(c.Refusals) > 0 {
		return &migrate.RefusedError{Refusals: c.Refusals}
	}
	if len(c.Statements) == 0 {
		fmt.Fprintf(j.stdout, "nothing to do: the files of %s lead to the schemas\n", filepath.Join(j.dir, j.engine))
		return nil
	}
	parts, err := engine.Parts(j.db, c.Statements)
	if err != nil {
		return err
	}
	done := folder.Renamings()
	renamed := slices.DeleteFunc(migrate.SchemaOf(j.app.Project).Renamings(), func(s string) bool { return slices.Contains(done, s) })
	for i, p := range parts {
		if err := j.add(folder, p, i, renamed); err != nil {
			return err
		}
		renamed = nil
	}
	return nil
}

// add writes one of the files of a change.
func (j *job) add(folder *revision.Folder, p engine.Part, at int, renamed []string) error {
	version := atlas.NewVersion()
	if n := len(folder.Files); n > 0 {
		version = max(version, next(folder.Files[n-1].Version()))
	}
	label, text := j.args[0], fileText(p, renamed)
	if at > 0 {
		label += "_beside"
	}
	name, err := revision.FileName(version, label)
	if err != nil {
		return err
	}
	file := atlas.NewLocalFile(name, text)
	if err := j.write(folder, file); err != nil {
		return err
	}
	fmt.Fprintf(j.stdout, "wrote %s: %d statements\n", filepath.Join(j.dir, j.engine, name), len(p.Statements))
	if loss := revision.Losses(file); len(loss) > 0 {
		fmt.Fprintf(j.stdout, "It loses what rows hold: it %s.\nIf that is meant, add the line %q to it, and run: go run ./cmd/db check --rehash\n", strings.Join(loss, "; it "), revision.Allow)
	}
	return nil
}

// next is the version after another one.
func next(version string) string {
	const layout = "20060102150405"
	t, err := time.Parse(layout, version)
	if err != nil {
		return version
	}
	return t.Add(time.Second).Format(layout)
}

// write adds a file to a folder, with its sum: the sum last, so that a half-written
// folder is told.
func (j *job) write(folder *revision.Folder, file *atlas.LocalFile) error {
	dir := filepath.Join(j.dir, j.engine)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, file.Name()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.Write(file.Bytes()); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	folder.Files = append(folder.Files, file)
	return j.sum(folder)
}

// sum writes the sums of a folder's files.
func (j *job) sum(folder *revision.Folder) error {
	text, err := folder.Sum()
	if err != nil {
		return err
	}
	to := filepath.Join(j.dir, j.engine, atlas.HashFileName)
	made := filepath.Join(j.dir, j.engine, "."+atlas.HashFileName) // hidden: what is left of it is no migration
	if err := os.WriteFile(made, text, 0o644); err != nil {
		return err
	}
	return os.Rename(made, to)
}
