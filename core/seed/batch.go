package seed

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"coppice/core/fault"
	"coppice/core/internal/mutation"
	"coppice/core/model"
	"coppice/core/record"
	"coppice/core/seed/internal/file"
	"coppice/core/seed/internal/ledger"
)

// batch is records that are decoded, and written, together.
type batch struct {
	project *record.Project
	records []file.Record
	writes  *mutation.Set
	ledger  *ledger.Ledger
}

func newBatch(project *record.Project) *batch {
	l := ledger.New()
	writes := mutation.NewSeed(project.On(nil), l.FindByName)
	writes.Remember(l.Recall)
	return &batch{project: project, writes: writes, ledger: l}
}

// add decodes a record. An error that is not about its data is not an *Errors.
func (b *batch) add(r file.Record) error {
	b.records = append(b.records, r)
	path := (*mutation.Path)(nil).Index(len(b.records) - 1)
	_, err := b.writes.Upsert(r.File.Entity, nil, r.Input, path)
	return b.explain("read "+r.File.Name, err)
}

// again is a batch of the same records that is not written yet.
func (b *batch) again() (*batch, error) {
	other := newBatch(b.project)
	for _, r := range b.records {
		if err := other.add(r); err != nil {
			return nil, err
		}
	}
	return other, nil
}

// explain turns an error of the write path into one of the data, an *Errors,
// where that is what it is.
func (b *batch) explain(doing string, err error) error {
	if err == nil {
		return nil
	}
	if wrong, ok := b.locateAll(err); ok {
		return wrong
	}
	return fmt.Errorf("seed: %s: %w", doing, err)
}

// locateAll does what locate does for an error that may be several, joined.
func (b *batch) locateAll(err error) (*Errors, bool) {
	var list []*Error
	paths := map[*file.Record][][]string{} // in the order of the errors
	of := map[*file.Record][]*Error{}
	for _, err := range joined(err) {
		wrong, r, path, ok := b.attribute(err)
		if !ok {
			return nil, false
		}
		list = append(list, wrong)
		of[r], paths[r] = append(of[r], wrong), append(paths[r], path)
	}
	for r, wrong := range of {
		for i, line := range r.Lines(paths[r]) {
			wrong[i].Line = line
		}
	}
	all := &Errors{}
	for _, wrong := range list {
		all.Add(wrong)
	}
	return all, true
}

// joined lists the errors that the write path joined.
func joined(err error) []error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if d := errors.Unwrap(err); d != nil && errors.Is(err, mutation.ErrDangling) {
		return joined(d)
	}
	return []error{err}
}

// locate finds the file, line and field that an error of the write path is
// about; ok is false where it is not about a record.
func (b *batch) locate(err error) (*Error, bool) {
	e, r, path, ok := b.attribute(err)
	if ok {
		e.Line = r.LineOf(path)
	}
	return e, ok
}

// attribute finds which part of which record an error is about; its line is the
// record's.
func (b *batch) attribute(err error) (e *Error, r *file.Record, path []string, ok bool) {
	var f *fault.Error
	if !errors.As(err, &f) {
		return nil, nil, nil, false
	}
	number, field, _ := strings.Cut(f.Field, ".")
	i := b.index(number)
	if i < 0 {
		return nil, nil, nil, false
	}
	r = &b.records[i]
	if field != "" {
		path = strings.Split(field, ".")
	}
	e = r.Fault(field, f.Message, f)
	switch f.Code {
	case fault.NotFound:
		e.Reason += missing(r, path)
	case fault.Conflict:
		e.Reason += b.taken(i, path)
	}
	return e, r, path, true
}

// index is the record of a number, or -1.
func (b *batch) index(number string) int {
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || i >= len(b.records) {
		return -1
	}
	return i
}

// missing says what a reference to nothing named, and what to do about it.
func missing(r *file.Record, path []string) string {
	v := r.At(path)
	if v == nil {
		return ""
	}
	e := r.File.Entity
	for i, name := range path {
		if ed := e.Edge(name); ed != nil {
			e = ed.Target
		} else if i == len(path)-1 && secret(e, name) {
			return " Neither the files nor the database have one with this " + name + ": add it, or correct this."
		}
	}
	return fmt.Sprintf(" Neither the files nor the database have one with %s: add it, or correct this.", file.Shorten(referenceText(e, v), 200))
}

// referenceText is what a reference to an entity says, as text has it, but for the
// values of sensitive fields.
func referenceText(e *model.Entity, v any) string {
	m, ok := v.(map[string]any)
	if !ok {
		return text(v)
	}
	parts := make([]string, 0, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		switch ed := e.Edge(name); {
		case secret(e, name):
			parts = append(parts, "this "+name)
		case ed != nil:
			parts = append(parts, name+" "+referenceText(ed.Target, m[name]))
		default: // a key of several, or a record that is made
			parts = append(parts, name+" "+referenceText(e, m[name]))
		}
	}
	return strings.Join(parts, " and ")
}

// secret reports whether a name is of a sensitive field.
func secret(e *model.Entity, name string) bool {
	f := e.Field(name)
	return f != nil && f.Sensitive
}

// text is a value as it would stand in a file, on one line.
func text(v any) string {
	switch v := v.(type) {
	case map[string]any:
		parts := make([]string, 0, len(v))
		for _, name := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, name+" "+text(v[name]))
		}
		return strings.Join(parts, " and ")
	case string:
		return strconv.Quote(v)
	default:
		return fmt.Sprint(v)
	}
}

// taken says where the record stands whose key the record i has as well, for
// a key of one field.
func (b *batch) taken(i int, path []string) string {
	entity, mine := b.records[i].File.Entity, b.records[i].At(path)
	if len(path) != 1 || mine == nil || path[0] != file.KeyName && entity.Key(path[0]) == nil {
		return ""
	}
	for _, r := range b.records[:i] {
		if r.File.Entity == entity && text(r.At(path)) == text(mine) {
			return already(r.File.Name, r.Line)
		}
	}
	return ""
}

// already says where the other record with the same key stands.
func already(file string, line int) string {
	return fmt.Sprintf(" It is at %s:%d. Keep one of the two, or change its key.", file, line)
}
