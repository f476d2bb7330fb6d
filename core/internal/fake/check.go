package fake

import (
	"context"
	"database/sql/driver"
	"encoding"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"entgo.io/ent/dialect"

	"coppice/core/model"
	"coppice/core/record"
)

// Check returns what New asks: whether the validators of the entity's schema
// let a field hold a value. It needs no database. It belongs to one goroutine.
func Check(project *record.Project, e *model.Entity) func(*model.Field, any) error {
	b := project.Entities[e.Index].Create(project.On(nowhere{}))
	// Before the fields, which may be the foreign keys of edges.
	for _, ed := range e.Edges {
		if ed.Required {
			if id := anyID(ed.Target.ID); id != nil {
				b.SetEdge(ed.Name, id)
			}
		}
	}
	set := func(f *model.Field, typed any) error {
		if f == e.ID {
			b.SetID(typed)
			return nil
		}
		return b.Mutation().SetField(f.Column, typed)
	}
	accepted := map[*model.Field]any{}
	return func(f *model.Field, v any) error {
		parsed, err := f.Parse(v)
		if err != nil {
			return err
		}
		typed, err := f.Go(parsed)
		if err != nil {
			return err
		}
		if err := set(f, typed); err != nil {
			return err
		}
		// The validators run in the order of the fields, up to the first that
		// refuses: one of a later field says that this one passed.
		var invalid record.Invalid
		if err := b.Check(); errors.As(err, &invalid) && invalid.InvalidField() == f.Name {
			if good, ok := accepted[f]; ok {
				err = errors.Join(err, set(f, good)) // or nothing could be said of later fields
			} else if f != e.ID {
				err = errors.Join(err, b.Mutation().ResetField(f.Column))
			}
			return err
		}
		accepted[f] = typed
		return changed(parsed, typed)
	}
}

// anyID is an id, in ent's Go type, or nil.
func anyID(f *model.Field) any {
	for _, v := range []any{int64(1), uint64(1), "1", uuid.UUID{1}, time.Unix(1, 0).UTC(), []byte{1}} {
		if id, err := f.Go(v); err == nil {
			return id
		}
	}
	return nil
}

// nowhere is a driver of no database.
type nowhere struct{}

var errNowhere = errors.New("fake: there is no database here")

func (nowhere) Exec(context.Context, string, any, any) error  { return errNowhere }
func (nowhere) Query(context.Context, string, any, any) error { return errNowhere }
func (nowhere) Tx(context.Context) (dialect.Tx, error)        { return nil, errNowhere }
func (nowhere) Close() error                                  { return nil }
func (nowhere) Dialect() string                               { return dialect.SQLite }

var errChanged = errors.New("its Go type writes it in another way")

// changed refuses a text that its Go type would write in another way: it would
// not be the same when it is read back.
func changed(parsed, typed any) error {
	text, ok := parsed.(string)
	if !ok {
		return nil
	}
	var back any
	var err error
	switch t := typed.(type) {
	case driver.Valuer:
		back, err = t.Value()
	case encoding.TextMarshaler:
		back, err = t.MarshalText()
	case encoding.BinaryMarshaler:
		back, err = t.MarshalBinary()
	case fmt.Stringer:
		back = t.String()
	default:
		return nil
	}
	if b, ok := back.([]byte); ok {
		back = string(b)
	}
	if s, ok := back.(string); err != nil || ok && s != text {
		return errChanged
	}
	return nil
}
