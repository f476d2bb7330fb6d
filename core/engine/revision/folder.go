package revision

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	atlas "ariga.io/atlas/sql/migrate"
)

// Folder is the migration files of one engine, in the order of their versions.
type Folder struct {
	Name   string // for messages, such as migrations/sqlite
	Files  []*atlas.LocalFile
	sums   atlas.HashFile // as atlas.sum has them
	noSum  bool           // there is no atlas.sum
	broken error          // why that cannot be read
}

// fileName is VERSION_NAME.sql, where the version is a time of 14 digits.
var fileName = regexp.MustCompile(`^([0-9]{14})_([A-Za-z0-9][A-Za-z0-9_.-]*)\.sql$`)

// FileName is the name of a file, of a version and a name, which may hold letters, digits,
// hyphens, dots and underscores.
func FileName(version, name string) (string, error) {
	f := version + "_" + name + ".sql"
	if !fileName.MatchString(f) {
		return "", fmt.Errorf("%q cannot be the name of a migration: give one of letters, digits, hyphens and underscores, such as add_tags", name)
	}
	return f, nil
}

// Read reads the files of an engine from a folder that has one folder an engine. Where
// there is none, there are no files. Where names, sums or order are wrong the error names
// the file and what to do.
func Read(files fs.FS, engine string) (*Folder, error) {
	f, err := ReadUnchecked(files, engine)
	if err != nil {
		return nil, err
	}
	return f, f.verify()
}

// ReadUnchecked is Read without a look at the sums.
func ReadUnchecked(files fs.FS, engine string) (*Folder, error) {
	f := &Folder{Name: path.Join("migrations", engine), noSum: true}
	if files == nil {
		return f, nil
	}
	entries, err := fs.ReadDir(files, engine)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read %s: %w", f.Name, err)
	}
	versions := map[string]string{}
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") {
			continue
		}
		parts := fileName.FindStringSubmatch(name)
		if e.IsDir() || parts == nil && name != atlas.HashFileName {
			return nil, fmt.Errorf("%s/%s is no migration: a file's name is a time of 14 digits, an underscore and a name, such as 20261128093000_add_tags.sql. Rename it, or move it elsewhere", f.Name, name)
		}
		text, err := fs.ReadFile(files, path.Join(engine, name))
		if err != nil {
			return nil, fmt.Errorf("read %s/%s: %w", f.Name, name, err)
		}
		if name == atlas.HashFileName {
			f.noSum = false
			f.broken = f.sums.UnmarshalText(text)
			continue
		}
		if other, twice := versions[parts[1]]; twice {
			return nil, fmt.Errorf("%s/%s has the version of %s: give the one that no database has yet a later version", f.Name, name, other)
		}
		versions[parts[1]] = name
		f.Files = append(f.Files, atlas.NewLocalFile(name, text))
	}
	slices.SortFunc(f.Files, func(a, b *atlas.LocalFile) int { return strings.Compare(a.Name(), b.Name()) })
	return f, nil
}

// verify compares the files with their sums.
func (f *Folder) verify() error {
	const rehash = "go run ./cmd/db check --rehash"
	switch {
	case f.noSum && len(f.Files) > 0:
		return fmt.Errorf("%s has no %s, which tells whether a file was changed: put it back, or, if the files are as they should be, write it with: %s", f.Name, atlas.HashFileName, rehash)
	case f.noSum:
		return nil
	case f.broken != nil:
		return fmt.Errorf("%s/%s cannot be read: put it back as it was, or, if the files are as they should be, write it anew with: %s", f.Name, atlas.HashFileName, rehash)
	}
	now, err := f.hash()
	if err != nil {
		return err
	}
	has := func(sums atlas.HashFile, name string) bool {
		_, err := sums.SumByName(name)
		return err == nil
	}
	var missing, added []string
	for _, s := range f.sums {
		if !has(now, s.N) {
			missing = append(missing, s.N)
		}
	}
	for _, s := range now {
		if !has(f.sums, s.N) {
			added = append(added, s.N)
		}
	}
	switch {
	case len(missing) > 0 && len(added) > 0:
		return fmt.Errorf("%s: %s is missing and %s is not in %s: was it renamed? Name it as it was, or, if no database has it yet, run: %s", f.Name, strings.Join(missing, ", "), strings.Join(added, ", "), atlas.HashFileName, rehash)
	case len(missing) > 0:
		return fmt.Errorf("%s: %s is missing: put it back, or, if no database has it, run: %s", f.Name, strings.Join(missing, ", "), rehash)
	case len(added) > 0:
		return fmt.Errorf("%s: %s is not in %s: if it belongs there, run: %s", f.Name, strings.Join(added, ", "), atlas.HashFileName, rehash)
	}
	for i, s := range now {
		if f.sums[i].H != s.H || f.sums[i].N != s.N {
			return fmt.Errorf("%s/%s was edited since it was written: put it back as it was, or, if no database has it yet, run: %s", f.Name, s.N, rehash)
		}
	}
	return nil
}

// hash sums the files up as atlas does.
func (f *Folder) hash() (atlas.HashFile, error) {
	list := make([]atlas.File, len(f.Files))
	for i, file := range f.Files {
		list[i] = file
	}
	return atlas.NewHashFile(list)
}

// Sum is the text of atlas.sum for the files as they are.
func (f *Folder) Sum() ([]byte, error) {
	sums, err := f.hash()
	if err != nil {
		return nil, err
	}
	return sums.MarshalText()
}

// dir is the folder as atlas's executor takes it.
func (f *Folder) dir() (atlas.Dir, error) {
	d := &atlas.MemDir{}
	for _, file := range f.Files {
		if err := d.WriteFile(file.Name(), file.Bytes()); err != nil {
			return nil, err
		}
	}
	sums, err := f.hash()
	if err != nil {
		return nil, err
	}
	return d, atlas.WriteSumFile(d, sums)
}

// Renamed begins the line of a file that tells of a renaming which it does: names that
// were exchanged look the same before and after.
const Renamed = "-- coppice:renamed "

// Renamings are those that the files tell of.
func (f *Folder) Renamings() (list []string) {
	for _, file := range f.Files {
		for line := range bytes.Lines(file.Bytes()) {
			if renaming, ok := bytes.CutPrefix(line, []byte(Renamed)); ok {
				list = append(list, string(bytes.TrimSpace(renaming)))
			}
		}
	}
	return list
}
