package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// decodeBody reads a body that is one JSON object. Text that is no UTF-8, half a
// surrogate pair and a name given twice are errors: others would read them
// otherwise.
func decodeBody(body []byte) (rq requestParams, err error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(body))
	switch kind := dec.PeekKind(); kind {
	case '{':
	case '[':
		return rq, badRequest(unservedBatch)
	default:
		if _, err := dec.ReadToken(); err != nil {
			return rq, explainJSON(dec, err)
		}
		return rq, badRequest("The body must be a JSON object with the parameter query.")
	}
	if _, err := dec.ReadToken(); err != nil {
		return rq, explainJSON(dec, err)
	}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return rq, explainJSON(dec, err)
		}
		key := name.String()
		if known := parameterNamed(key); known != "" && known != key {
			return rq, badRequest("The parameter %s is written %s.", key, known)
		}
		v, err := readJSON(dec)
		if err != nil {
			return rq, explainJSON(dec, err)
		}
		if err := rq.set(key, v); err != nil {
			return rq, err
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return rq, explainJSON(dec, err)
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return rq, explainJSON(dec, err)
	}
	return rq, rq.check()
}

// set is one parameter of a body. Those that no specification names are passed
// over.
func (rq *requestParams) set(name string, v any) (err error) {
	text := map[string]*string{"query": &rq.query, "operationName": &rq.operationName}[name]
	object := map[string]*map[string]any{"variables": &rq.variables, "extensions": &rq.extensions}[name]
	switch {
	case v == nil:
	case text != nil:
		s, ok := v.(string)
		if !ok {
			return badRequest("The parameter %s must be a string.", name)
		}
		*text = s
		rq.asked = rq.asked || name == "query"
	case object != nil:
		m, ok := v.(map[string]any)
		if !ok {
			return badRequest("The parameter %s must be a JSON object.", name)
		}
		*object = m
	case slices.Contains(idParameters, name):
		if id, ok := v.(string); ok { // others may have a use of their own for these names
			rq.name(id)
		}
	}
	return nil
}

// decodeParameter reads a parameter of a URL that is a JSON object; none, or
// null, is an empty one.
func decodeParameter(name, text string) (map[string]any, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // a nil map is the empty object
	}
	dec := jsontext.NewDecoder(bytes.NewBufferString(text))
	v, err := readJSON(dec)
	if err != nil {
		return nil, badRequest("The parameter %s must be a JSON object.", name)
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, badRequest("The parameter %s must be one JSON object.", name)
	}
	m, ok := v.(map[string]any)
	if !ok && v != nil {
		return nil, badRequest("The parameter %s must be a JSON object.", name)
	}
	return m, nil
}

// readJSON reads a value as encoding/json has them, with numbers by their digits:
// a float64 would round integers of more than 53 bits.
func readJSON(dec *jsontext.Decoder) (any, error) {
	token, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case 'n':
		return nil, nil //nolint:nilnil // null is a value
	case 't', 'f':
		return token.Bool(), nil
	case '"':
		return token.String(), nil
	case '0':
		return json.Number(token.String()), nil
	case '[':
		list := []any{}
		for dec.PeekKind() != ']' {
			v, err := readJSON(dec)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := dec.ReadToken()
		return list, err
	default:
		object := map[string]any{}
		for dec.PeekKind() != '}' {
			name, err := dec.ReadToken()
			if err != nil {
				return nil, err
			}
			key := name.String()
			if object[key], err = readJSON(dec); err != nil {
				return nil, err
			}
		}
		_, err := dec.ReadToken()
		return object, err
	}
}

// explainJSON tells what is wrong with a body in the client's terms.
func explainJSON(dec *jsontext.Decoder, err error) error {
	var syntax *jsontext.SyntacticError
	at := dec.InputOffset()
	if errors.As(err, &syntax) {
		at = syntax.ByteOffset
	}
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return badRequest("The body gives the name %s twice in one object.", quoteShort(syntax.JSONPointer.LastToken()))
	}
	return badRequest("The body is not valid JSON in UTF-8: it goes wrong at byte %d.", at)
}
