package model

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"coppice/core/fault"
)

// GlobalID returns the id that the API gives the record of e whose own id
// reads text: unique over all entities, stable, and opaque to clients.
func (e *Entity) GlobalID(text string) string { return e.Name + ":" + text }

// Resolve splits a global id into its entity and the value of the record's
// own id. The entity is nil when the id can name nothing of this schema.
func (s *Schema) Resolve(id string) (*Entity, any) {
	name, text, _ := strings.Cut(id, ":")
	e := s.byName[name]
	if e == nil {
		e = s.byFormer[name]
	}
	if e == nil {
		return nil, nil
	}
	v, ok := e.localID(text)
	if !ok {
		return nil, nil
	}
	return e, v
}

// ParseID returns the own id of the record of e that a global id names, in
// the form of Field.Parse; ok is false when it can name none.
func (e *Entity) ParseID(global any) (id any, ok bool) {
	s, _ := global.(string)
	name, text, ok := strings.Cut(s, ":")
	if !ok || name != e.Name && !slices.ContainsFunc(e.Former, func(f Former) bool { return f.Name == name }) {
		return nil, false
	}
	return e.localID(text)
}

// ParseID returns the own id, in ent's Go type, of the record of e that a
// global id names; the error is one for the client, of code NOT_FOUND.
func ParseID[T any](e *Entity, global string) (T, error) {
	var none T
	raw, ok := e.ParseID(global)
	if !ok {
		return none, e.Missing("id", global).At("id")
	}
	v, err := e.ID.Go(raw)
	if err != nil {
		return none, err
	}
	return v.(T), nil
}

// Missing is the NOT_FOUND of a record that a global id or the values of a
// unique key name: the key's name is in it, and its values as far as they are
// not sensitive. Value is as a request gives it.
func (e *Entity) Missing(key string, value any) *fault.Error {
	k := e.Key(key)
	if k == nil {
		return fault.New(fault.NotFound, "There is no %s with %s %s.", e.Name, key, fault.Quote(value))
	}
	parts, _ := value.(map[string]any)
	named := make([]string, len(k.Parts))
	for i, part := range k.Parts {
		v := value
		if len(k.Parts) > 1 {
			v = parts[part.Name()]
		}
		if part.Field == nil || part.Field.Sensitive {
			named[i] = "this " + part.Name()
		} else {
			named[i] = part.Name() + " " + fault.Quote(v)
		}
	}
	return fault.New(fault.NotFound, "There is no %s with %s.", e.Name, strings.Join(named, " and "))
}

func (e *Entity) localID(text string) (any, bool) {
	switch {
	case e.ID.Kind == UUID:
		id, err := uuid.Parse(text)
		return id, err == nil && id.String() == text
	case (e.ID.Kind == Int || e.ID.Kind == BigInt) && e.ID.Unsigned:
		n, err := strconv.ParseUint(text, 10, e.ID.Bits)
		return n, err == nil && strconv.FormatUint(n, 10) == text
	case e.ID.Kind == Int || e.ID.Kind == BigInt:
		n, err := strconv.ParseInt(text, 10, e.ID.Bits)
		return n, err == nil && strconv.FormatInt(n, 10) == text
	case e.ID.Kind == String:
		return text, checkText(text) == nil
	default:
		v, err := e.ID.Parse(text)
		return v, err == nil
	}
}

// TypedID converts an id, as the database or Field.Parse gives it, to ent's Go
// type.
func (e *Entity) TypedID(id any) (any, error) {
	v, err := e.ID.Scan(id)
	if err != nil {
		return nil, err
	}
	return e.ID.Go(v)
}

// Numbered reports whether the database counts the records, and their ids are the
// numbers.
func (e *Entity) Numbered() bool {
	return e.Counted || !e.UserID && (e.ID.Kind == Int || e.ID.Kind == BigInt)
}
