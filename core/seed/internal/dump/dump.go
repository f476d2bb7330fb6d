// Package dump writes the content of a database into a folder as seed files, which
// load to the same content.
package dump

import (
	"bufio"
	"context"
	stdsql "database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"coppice/core/model"
	"coppice/core/record"
	"coppice/core/seed/internal/ledger"
)

// Err is what the refusal of a folder to dump to is wrapped in.
var Err = errors.New("cannot dump")

// Options say what to dump.
type Options struct {
	// IncludeSensitive writes the values of sensitive fields, too.
	IncludeSensitive bool
}

// Result tells what was dumped.
type Result struct {
	Records map[string]int // by table; empty tables have no file
	Notes   []string       // what a reader of the files must know, sentences
	Took    time.Duration
}

// MarshalJSON writes {"entities":{"users":{"dumped":12}},"notes":[],"ms":41}.
func (d *Result) MarshalJSON() ([]byte, error) {
	type count struct {
		Dumped int `json:"dumped"`
	}
	entities := map[string]count{}
	for table, n := range d.Records {
		entities[table] = count{n}
	}
	return json.Marshal(struct {
		Entities map[string]count `json:"entities"`
		Notes    []string         `json:"notes"`
		MS       int64            `json:"ms"`
	}{entities, append([]string{}, d.Notes...), d.Took.Milliseconds()})
}

// Print writes a table of what was dumped, and the notes.
func (d *Result) Print(w io.Writer) error {
	total, sum := fmt.Sprintf("in %d ms", d.Took.Milliseconds()), 0
	width := len(total)
	for table, n := range d.Records {
		width, sum = max(width, len(table)), sum+n
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-*s %9s\n", width, "", "dumped")
	for _, table := range slices.Sorted(maps.Keys(d.Records)) {
		fmt.Fprintf(&b, "%-*s %9d\n", width, table, d.Records[table])
	}
	fmt.Fprintf(&b, "%-*s %9d\n", width, total, sum)
	for _, note := range d.Notes {
		b.WriteString(note + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// extension is that of the files that a dump has.
const extension = ".jsonl"

// Write writes the database's content into a folder as seed files that load to
// the same content: JSON Lines, a file for each table that is not empty. All of
// it is of one moment, whoever writes meanwhile; interceptors and policies do
// not hide anything from it, if ctx lets the latter pass. The folder is replaced at
// once, at the end; one that holds other files than a dump's is an Err.
func Write(ctx context.Context, client *record.Client, dir string, o Options) (_ *Result, err error) {
	start := time.Now()
	target, err := dumpTarget(client.Model, dir)
	if err != nil {
		return nil, err
	}
	d := &dumper{schema: client.Model, options: o, done: &Result{Records: map[string]int{}}}
	d.keys = naturalKeys(d.schema)
	end, err := d.begin(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("seed: dump: %w", err)
	}
	defer end()
	temporary, err := os.MkdirTemp(filepath.Dir(target), "."+filepath.Base(target)+"-*")
	if err != nil {
		return nil, fmt.Errorf("%w to %s: %w", Err, dir, cause(err))
	}
	defer func() { _ = os.RemoveAll(temporary) }() // what is left of a failed dump
	d.dir = temporary
	if err := d.all(ctx); err != nil {
		return nil, err
	}
	if err := replaceFolder(temporary, target, d.mode(0o755)); err != nil {
		return nil, fmt.Errorf("%w to %s: %w", Err, dir, cause(err))
	}
	d.done.Took = time.Since(start)
	return d.done, nil
}

// maxTries bounds how often a dump begins anew since records came in between.
const maxTries = 8

// begin opens a snapshot in which each record can be called, and returns what
// ends it.
func (d *dumper) begin(ctx context.Context, client *record.Client) (end func(), err error) {
	for try := range int64(maxTries) {
		tx, err := client.Begin(ctx, &stdsql.TxOptions{ReadOnly: true})
		if err != nil {
			return nil, err
		}
		end = func() { _ = tx.Rollback() } // nothing was written
		d.client = tx.Client
		unnamed, err := d.name(ctx)
		if err == nil && len(unnamed) == 0 {
			return end, nil
		}
		end()
		if err == nil {
			err = ledger.IssueTokens(ctx, client, unnamed, 1000*try)
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, errors.New("records are added faster than they can be told apart; try again when fewer are")
}

// dumpTarget is the folder that is to be made or replaced.
func dumpTarget(m *model.Schema, dir string) (string, error) {
	target, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("%w to %s: %w", Err, dir, err)
	}
	entries, err := os.ReadDir(target)
	if errors.Is(err, os.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return "", fmt.Errorf("%w to %s: %w", Err, dir, cause(err))
		}
		return target, nil
	}
	if err != nil {
		return "", fmt.Errorf("%w to %s: %w", Err, dir, cause(err))
	}
	for _, entry := range entries {
		table, ours := strings.CutSuffix(entry.Name(), extension)
		if e := m.Table(table); !ours || e == nil || e.View || !entry.Type().IsRegular() {
			return "", fmt.Errorf("%w to %s: a dump replaces the whole folder, and %s is not of a dump; name another folder, or move it away",
				Err, dir, entry.Name())
		}
	}
	return filepath.EvalSymlinks(target)
}

// replaceFolder puts a folder in the place of another one, or of nothing.
func replaceFolder(from, to string, mode os.FileMode) error {
	if err := os.Chmod(from, mode); err != nil {
		return err
	}
	old := from + ".old"
	err := os.Rename(to, old)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return errors.Join(err, os.Rename(old, to))
	}
	return os.RemoveAll(old)
}

// cause is what an error of the file system says, without the names of calls.
func cause(err error) error {
	var path *os.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	default:
		return err
	}
}

// dumper writes a snapshot of the database into a folder.
type dumper struct {
	client  *record.Client // of a transaction that only reads
	dir     string
	schema  *model.Schema
	options Options
	keys    map[*model.Entity]*model.Key
	ledger  bool // there is one
	done    *Result
}

// mode is that of a file or folder that others may read, unless the dump holds
// what only its owner may.
func (d *dumper) mode(open os.FileMode) os.FileMode {
	if d.sensitive() {
		return open & 0o700
	}
	return open
}

// sensitive reports whether the dump holds values of sensitive fields.
func (d *dumper) sensitive() bool {
	return d.options.IncludeSensitive && slices.ContainsFunc(d.schema.Entities, func(e *model.Entity) bool {
		return !e.View && slices.ContainsFunc(e.Fields, func(f *model.Field) bool { return f.Sensitive })
	})
}

// all dumps each table.
func (d *dumper) all(ctx context.Context) error {
	for _, e := range d.schema.Entities {
		if e.View {
			continue
		}
		if err := d.file(ctx, e); err != nil {
			return fmt.Errorf("seed: dump %s: %w", e.Table, cause(err))
		}
		if d.done.Records[e.Table] > 0 {
			d.note(e)
		}
	}
	return nil
}

// note says which fields the dump of an entity lacks, and cannot do without.
func (d *dumper) note(e *model.Entity) {
	for _, f := range e.Fields {
		if f.Sensitive && !d.options.IncludeSensitive && !f.Nullable && !f.Default {
			d.done.Notes = append(d.done.Notes, fmt.Sprintf("%s%s will not load without %s, which is required and sensitive: dump with --include-sensitive.", e.Table, extension, f.GraphQL))
		}
	}
}

// file dumps a table.
func (d *dumper) file(ctx context.Context, e *model.Entity) (err error) {
	name := filepath.Join(d.dir, e.Table+extension)
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, d.mode(0o666))
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err == nil && d.done.Records[e.Table] == 0 {
			delete(d.done.Records, e.Table)
			err = os.Remove(name)
		}
	}()
	out := bufio.NewWriterSize(f, 1<<16)
	if err := d.table(ctx, e, out); err != nil {
		return err
	}
	return out.Flush()
}
