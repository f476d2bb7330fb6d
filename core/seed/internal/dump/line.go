package dump

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"coppice/core/internal/mutation"
	"coppice/core/model"
	"coppice/core/seed/internal/file"
	"coppice/core/seed/internal/ledger"
	"coppice/core/seed/internal/relation"
)

// line appends a record as a create input.
func (t *table) line(b []byte, row []any) (_ []byte, err error) {
	b = append(b, '{')
	name := func(name string) {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = appendText(b, name)
		b = append(b, ':')
	}
	own := ""
	if t.self.key == nil {
		own = idText(row[t.self.label])
		name(file.KeyName)
		b = appendText(b, own)
	}
	if names := slices.DeleteFunc(t.names[idText(row[0])], func(n string) bool { return n == ledger.LabelPrefix+own }); len(names) > 0 {
		name(mutation.AliasField)
		list := make([]byte, 0, 64)
		for _, n := range names {
			list = appendText(append(list, ','), n)
		}
		list[0] = '['
		b = append(append(b, list...), ']')
	}
	if t.stored {
		name(mutation.StoredField)
		b = append(b, "true"...)
	}
	if b, err = appendFields(b, t.fields, row); err != nil {
		return nil, err
	}
	for _, ed := range t.entity.Edges {
		ref, err := t.edge(ed, row)
		if err != nil {
			return nil, err
		}
		switch {
		case ref != nil:
			name(ed.GraphQL)
			b = append(b, ref...)
		case ed.Default && !ed.Required && t.empty(ed, row): // nothing would be the default
			name(ed.GraphQL)
			b = append(b, "null"...)
		}
	}
	return append(b, '}'), nil
}

// appendFields appends the members of a JSON object that has been opened.
func appendFields(b []byte, fields []fieldColumn, row []any) ([]byte, error) {
	for _, c := range fields {
		v, err := c.field.Scan(row[c.at])
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w", c.field.Name, idText(row[0]), err)
		}
		// A null is the same as nothing, but where nothing is a default.
		if v == nil && !c.field.Default && !c.field.DatabaseDefault {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(appendText(b, c.field.GraphQL), ':')
		if b, err = appendValue(b, c.field, v); err != nil {
			return nil, fmt.Errorf("%s of %s: %w", c.field.Name, idText(row[0]), err)
		}
	}
	return b, nil
}

// besides puts what an association holds beside a reference.
func besides(ref []byte, fields []fieldColumn, row []any) ([]byte, error) {
	if len(fields) == 0 {
		return ref, nil
	}
	ref, err := appendFields(ref[:len(ref)-1], fields, row)
	return append(ref, '}'), err
}

// edge is what a record's edge leads to, or nil.
func (t *table) edge(ed *model.Edge, row []any) ([]byte, error) {
	refs, err := t.edgeRefs(ed, row)
	if err != nil || len(refs) == 0 {
		return nil, err
	}
	if ed.Unique {
		return []byte(refs[0]), nil
	}
	return []byte("[" + strings.Join(refs, ",") + "]"), nil
}

// empty reports whether a record's own foreign key leads nowhere.
func (t *table) empty(ed *model.Edge, row []any) bool {
	return slices.ContainsFunc(t.ones, func(c edgeColumn) bool { return c.edge == ed && row[c.at] == nil })
}

// edgeRefs is the references to what a record's edge leads to, as far as they
// are dumped from this side.
func (t *table) edgeRefs(ed *model.Edge, row []any) (refs []string, err error) {
	for _, c := range t.ones {
		if c.edge == ed && row[c.at] != nil {
			ref, err := c.to.append(nil, row)
			if err != nil {
				return nil, err
			}
			refs = append(refs, string(ref))
		}
	}
	for _, l := range t.lists {
		if l.edge == ed {
			refs = l.of[idText(row[0])]
		}
	}
	if relation.Opposite(ed) != ed {
		return refs, nil
	}
	// Both records have it: the later one tells.
	own, err := t.self.append(nil, row)
	return slices.DeleteFunc(refs, func(ref string) bool { return ref > string(own) }), err
}

// append appends a reference to a record.
func (r *reference) append(b []byte, row []any) ([]byte, error) {
	if r.key == nil {
		b = append(b, `{"`+file.KeyName+`":`...)
		return append(appendText(b, idText(row[r.label])), '}'), nil
	}
	b = append(b, '{')
	b = append(appendText(b, r.key.Name), ':')
	if r.key.IsID() {
		id, err := r.entity.ID.Scan(row[r.parts[0].column])
		return append(appendText(b, r.entity.GlobalID(fmt.Sprint(id))), '}'), err
	}
	if len(r.parts) > 1 {
		b = append(b, '{')
	}
	for i, p := range r.parts {
		if i > 0 {
			b = append(b, ',')
		}
		if len(r.parts) > 1 {
			b = append(appendText(b, p.part.Name()), ':')
		}
		var err error
		if p.to != nil {
			b, err = p.to.append(b, row)
		} else {
			var v any
			if v, err = p.part.Field.Scan(row[p.column]); err == nil {
				b, err = appendValue(b, p.part.Field, v)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	if len(r.parts) > 1 {
		b = append(b, '}')
	}
	return append(b, '}'), nil
}

// appendText appends a JSON string.
func appendText(b []byte, text string) []byte {
	b, _ = jsontext.AppendQuote(b, text) // what is not UTF-8 is replaced
	return b
}

// appendValue appends a value in the form of Field.Scan as a create input has
// it.
func appendValue(b []byte, f *model.Field, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case int64:
		return appendNumber(b, f, strconv.FormatInt(v, 10)), nil
	case uint64:
		return appendNumber(b, f, strconv.FormatUint(v, 10)), nil
	case float64:
		if f.Bits == 32 {
			number, err := json.Marshal(float32(v))
			return append(b, number...), err
		}
		number, err := json.Marshal(v)
		return append(b, number...), err
	case time.Time:
		return appendText(b, v.UTC().Format("2006-01-02T15:04:05.999999Z07:00")), nil
	case uuid.UUID:
		return appendText(b, v.String()), nil
	case []byte:
		return appendText(b, base64.StdEncoding.EncodeToString(v)), nil
	case json.RawMessage:
		return appendJSON(b, v)
	case string:
		if f.Kind == model.Enum {
			for _, e := range f.Enums {
				if e.Value == v {
					return appendText(b, e.Name), nil
				}
			}
		}
		if f.Kind == model.Float && json.Valid([]byte(v)) {
			return append(b, v...), nil
		}
		return appendText(b, v), nil
	default:
		return nil, fmt.Errorf("unexpected %T", v)
	}
}

func appendNumber(b []byte, f *model.Field, number string) []byte {
	if f.Kind == model.BigInt {
		return appendText(b, number)
	}
	return append(b, number...)
}

// appendJSON appends a JSON value in one form of all that mean the same.
func appendJSON(b []byte, raw json.RawMessage) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("it is not JSON: %w", err)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return append(b, bytes.TrimSpace(out.Bytes())...), nil
}
