package revision

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	atlas "ariga.io/atlas/sql/migrate"
)

// Applied is a file that a database has.
type Applied struct {
	Version, Name string
	At            time.Time
	// Done and Of are how many of its statements ran: fewer only of a file whose
	// statements run outside of a transaction, and which was broken off.
	Done, Of int
	Error    string // of what broke it off
}

// FilesError is what is wrong with files, by themselves or for a database, with what to do.
type FilesError struct{ Err error }

func (e *FilesError) Error() string { return e.Err.Error() }

// Unwrap returns the errors of the files.
func (e *FilesError) Unwrap() error { return e.Err }

// State is what a database has of a folder's files.
type State struct {
	Applied []Applied
	Pending []string // the names of the files that it lacks
	// Unversioned reports that no file was ever applied to it.
	Unversioned bool
}

// Look returns what a database has of a folder's files. Where the two contradict each
// other the error names the file and what to do.
func Look(ctx context.Context, d *Database, f *Folder) (*State, error) {
	revisions, err := revisions(ctx, d, f)
	if err != nil {
		return nil, err
	}
	pending, err := f.pending(revisions)
	if err != nil {
		return nil, err
	}
	s := &State{Unversioned: len(revisions) == 0}
	for _, r := range revisions {
		s.Applied = append(s.Applied, Applied{Version: r.Version, Name: r.Version + "_" + r.Description + ".sql", At: r.ExecutedAt, Done: r.Applied, Of: r.Total, Error: r.Error})
	}
	for _, p := range pending {
		s.Pending = append(s.Pending, p.Name())
	}
	return s, nil
}

// Pending says in words which of a folder's files a database lacks; nothing where it lacks
// none, or there is no folder.
func Pending(ctx context.Context, d *Database, f *Folder) (string, error) {
	if f == nil || len(f.Files) == 0 {
		return "", nil
	}
	s, err := Look(ctx, d, f)
	switch {
	case err != nil || len(s.Pending) == 0 || s.Unversioned: // the latter follows the schemas, which it has
		return "", err
	case len(s.Pending) == 1:
		return "the migration file " + s.Pending[0] + " is pending", nil
	}
	return fmt.Sprintf("%d migration files are pending, from %s on", len(s.Pending), s.Pending[0]), nil
}

// revisions are what a database notes of files, by version.
func revisions(ctx context.Context, d *Database, f *Folder) ([]*atlas.Revision, error) {
	there, err := d.HasTable(ctx, Table)
	if err != nil || !there {
		return []*atlas.Revision{}, err
	}
	return (&table{ExecQuerier: d.SQL, db: d, folder: f}).ReadRevisions(ctx)
}

// pending are the files that are still to be applied, a broken one first. What is wrong
// with any of the others is an error.
func (f *Folder) pending(revisions []*atlas.Revision) ([]*atlas.LocalFile, error) {
	var wrong []error
	applied := map[string]*atlas.Revision{}
	last := ""
	for _, r := range revisions {
		applied[r.Version], last = r, max(last, r.Version)
		i := slices.IndexFunc(f.Files, func(file *atlas.LocalFile) bool { return file.Version() == r.Version })
		if i < 0 {
			wrong = append(wrong, fmt.Errorf("the database has %s_%s.sql, which is not in %s: this program is older than the database, or belongs to another one; otherwise put the file back", r.Version, r.Description, f.Name))
			continue
		}
		if file := f.Files[i]; r.Applied == r.Total && r.Hash != sum(file) {
			wrong = append(wrong, fmt.Errorf("%s/%s was edited after it was applied to this database: put it back as it was, and write what is to be different into a new file", f.Name, file.Name()))
		}
	}
	var list []*atlas.LocalFile
	for _, file := range f.Files {
		r, there := applied[file.Version()]
		switch {
		case !there && file.Version() < last:
			wrong = append(wrong, fmt.Errorf("%s/%s comes before %s, which this database has already: give it a version after that, and run: go run ./cmd/db check --rehash", f.Name, file.Name(), last))
		case !there || r.Applied < r.Total:
			list = append(list, file)
		}
	}
	if len(wrong) > 0 {
		return nil, &FilesError{errors.Join(wrong...)}
	}
	return list, nil
}

// refuseAll tells what is wrong with files before any of them is applied.
func (f *Folder) refuseAll(files []*atlas.LocalFile) error {
	var wrong []error
	for _, file := range files {
		wrong = append(wrong, f.refuse(file)...)
	}
	if len(wrong) > 0 {
		return &FilesError{errors.Join(wrong...)}
	}
	return nil
}
