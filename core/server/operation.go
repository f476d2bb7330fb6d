package server

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

// operationSet are the only operations that a server answers, under all names
// that a client may call them by.
type operationSet struct {
	texts map[string]string // by the hash of the document, or the id in a manifest
	sent  map[string]bool   // documents, without the white space around them
	names map[string]namedDocument
}

// hashKind stands before a SHA-256 in the ids of the specification's appendix, which
// some tools write, and some leave out.
const hashKind = "sha256:"

// namedDocument is a document with an operation of a name.
type namedDocument struct {
	text, file string
	several    bool // others have an operation of the name, too
}

// storedDocument is a document as a file holds it.
type storedDocument struct {
	file string
	id   string // in a manifest
	name string // of its operation, where a manifest says it
	text string
}

// place says where a document is from.
func (d storedDocument) place() string {
	if d.id == "" {
		return d.file
	}
	return d.file + ": " + quoteShort(d.id)
}

// find puts the document into a request: by a hash or an id, by itself, or by
// the name of an operation.
func (s *operationSet) find(rq *requestParams, hash string) *httpAnswer {
	ids := rq.ids
	if hash != "" {
		ids = append([]string{hash}, ids...)
	}
	if len(ids) == 0 {
		return s.findText(rq)
	}
	found := ""
	for _, id := range ids {
		text, ok := s.texts[strings.TrimPrefix(id, hashKind)]
		switch {
		case !ok:
			return forbid("The operation %q is not among those that this server answers.", quoteShort(id))
		case found != "" && found != text:
			return refuseRequest("The request names two operations: %q and %q.", quoteShort(ids[0]), quoteShort(id))
		}
		found = text
	}
	if rq.query != "" && strings.TrimSpace(rq.query) != strings.TrimSpace(found) {
		return refuseRequest("The request holds another document than the one that it names, %q.", quoteShort(ids[0]))
	}
	rq.query = found
	return nil
}

// findText finds what a request without a hash or an id is for.
func (s *operationSet) findText(rq *requestParams) *httpAnswer {
	switch named, known := s.names[rq.operationName]; {
	case rq.query != "" && s.sent[strings.TrimSpace(rq.query)]:
		return nil
	case rq.query != "":
		return forbid("This document is not among those that this server answers.")
	case rq.operationName == "":
		return refuseRequest("The request names no operation: this server answers only those that it knows, by id, documentId, %s or operationName.", parameterHash)
	case !known:
		return forbid("The operation %q is not among those that this server answers.", quoteShort(rq.operationName))
	case named.several:
		return refuseRequest("There are several operations named %q: name the document by its id.", quoteShort(rq.operationName))
	default:
		rq.query = named.text
		return nil
	}
}

// maxOperationErrors is how many errors in stored operations are told at once.
const maxOperationErrors = 20

// readOperations returns the operations that the files of a folder, and of
// folders below it, hold. All of them are valid, or the error says which are not,
// and why.
func (h *httpHandler) readOperations(dir string) (*operationSet, error) {
	documents, err := readDocuments(dir)
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	s := &operationSet{texts: map[string]string{}, sent: map[string]bool{}, names: map[string]namedDocument{}}
	var wrong []error
	for _, d := range documents {
		if err := h.add(s, d); err != nil {
			wrong = append(wrong, err)
		}
	}
	switch n := len(wrong); {
	case n > maxOperationErrors:
		wrong = append(wrong[:maxOperationErrors], fmt.Errorf("and %d more", n-maxOperationErrors))
	case n == 0 && len(documents) == 0:
		wrong = append(wrong, fmt.Errorf("%s holds no operation: neither a file *.graphql, nor a manifest *.json", dir))
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("server: the operations of --persisted only:%s cannot be served:\n%w", dir, errors.Join(wrong...))
	}
	return s, nil
}

// add takes in a document all of whose operations are valid.
func (h *httpHandler) add(s *operationSet, d storedDocument) error {
	doc, err := parser.ParseQuery(&ast.Source{Input: d.text})
	if err != nil {
		return wrongDocument(d, "", gqlerror.List{gqlerror.WrapIfUnwrapped(err)})
	}
	switch {
	case len(doc.Operations) == 0:
		return fmt.Errorf("%s: there is no operation in it; a fragment stands in the file of each operation that uses it", d.place())
	case d.name != "" && doc.Operations.ForName(d.name) == nil:
		return fmt.Errorf("%s: its name is %q, and it holds no operation of that name", d.place(), quoteShort(d.name))
	}
	for _, op := range doc.Operations {
		if _, errs := h.prepare(d.text, op.Name); errs != nil {
			return wrongDocument(d, op.Name, errs)
		}
		if err := s.call(op.Name, d); err != nil {
			return err
		}
	}
	sum := sha256.Sum256([]byte(d.text))
	for _, id := range []string{strings.TrimPrefix(d.id, hashKind), hex.EncodeToString(sum[:])} {
		if text, twice := s.texts[id]; twice && text != d.text {
			return fmt.Errorf("%s: another document has this id", d.place())
		}
		if id != "" {
			s.texts[id] = d.text
		}
	}
	s.sent[strings.TrimSpace(d.text)] = true
	return nil
}

// call makes an operation known by its name. Files that are written by hand must
// not share one; manifests may be of several versions of a client.
func (s *operationSet) call(name string, d storedDocument) error {
	if name == "" {
		return nil
	}
	other, twice := s.names[name]
	switch {
	case twice && other.text != d.text && d.id == "" && strings.HasSuffix(other.file, documentSuffix):
		return fmt.Errorf("%s: %s has an operation named %s as well: rename one of them", d.place(), other.file, name)
	case twice:
		other.several = other.several || other.text != d.text
		s.names[name] = other
	default:
		s.names[name] = namedDocument{text: d.text, file: d.file}
	}
	return nil
}

// wrongDocument is the error of a document that cannot be served, with the places
// of what is wrong.
func wrongDocument(d storedDocument, operation string, errs gqlerror.List) error {
	var list []error
	for _, err := range errs {
		at := d.place()
		if len(err.Locations) > 0 {
			at += fmt.Sprintf(":%d:%d", err.Locations[0].Line, err.Locations[0].Column)
		}
		if operation != "" {
			at += ": " + quoteShort(operation)
		}
		list = append(list, fmt.Errorf("%s: %s", at, err.Message))
	}
	return errors.Join(list...)
}

const (
	documentSuffix = ".graphql"
	manifestSuffix = ".json"
)

// readDocuments reads the documents of all files in and below a folder, but for
// those whose names begin with a dot.
func readDocuments(dir string) (list []storedDocument, err error) {
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch hidden := strings.HasPrefix(entry.Name(), ".") && path != dir; {
		case err != nil:
			return err
		case hidden && entry.IsDir():
			return fs.SkipDir
		case hidden || entry.IsDir():
			return nil
		}
		suffix := filepath.Ext(path)
		if suffix != documentSuffix && suffix != manifestSuffix {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		documents := []storedDocument{{file: path, text: string(text)}}
		if suffix == manifestSuffix {
			documents, err = readManifest(path, text)
		}
		list = append(list, documents...)
		return err
	})
	return list, err
}

// apolloFormat is what Apollo's manifests say that they are.
const apolloFormat = "apollo-persisted-query-manifest"

// readManifest reads what tools write of a client's operations: Apollo's list, or
// what graphql-codegen and Relay's compiler write, an object with the text of
// each document under its hash.
func readManifest(path string, text []byte) ([]storedDocument, error) {
	var head struct {
		Format     string `json:"format"`
		Version    int    `json:"version"`
		Operations []struct {
			ID   string `json:"id"`
			Name string `json:"name"`
			Body string `json:"body"`
		} `json:"operations"`
	}
	var list []storedDocument
	// A map of documents has these names for none of its hashes.
	if err := json.Unmarshal(text, &head); err == nil && head.Format != "" {
		if head.Format != apolloFormat || head.Version != 1 {
			return nil, fmt.Errorf("%s: manifests of format %q and version %d cannot be read: it must be %s, version 1", path, quoteShort(head.Format), head.Version, apolloFormat)
		}
		for i, op := range head.Operations {
			if op.ID == "" || op.Body == "" {
				return nil, fmt.Errorf("%s: operation %d lacks its id or its body", path, i+1)
			}
			list = append(list, storedDocument{file: path, id: op.ID, name: op.Name, text: op.Body})
		}
		return list, nil
	}
	documents := map[string]string{}
	if err := json.Unmarshal(text, &documents); err != nil {
		return nil, fmt.Errorf("%s: it is neither an object of documents by their hashes, as graphql-codegen and Relay's compiler write it, nor Apollo's manifest%s", path, jsonPlace(err))
	}
	for _, id := range slices.Sorted(maps.Keys(documents)) {
		list = append(list, storedDocument{file: path, id: id, text: documents[id]})
	}
	return list, nil
}

// jsonPlace says where JSON goes wrong.
func jsonPlace(err error) string {
	var syntax *jsontext.SyntacticError
	var meaning *json.SemanticError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf(": it goes wrong at byte %d", syntax.ByteOffset)
	case errors.As(err, &meaning) && meaning.JSONPointer != "":
		return ": " + string(meaning.JSONPointer) + " is no text"
	default:
		return ""
	}
}
