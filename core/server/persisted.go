package server

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"coppice/core/fault"
)

// How documents may be named instead of sent: the values of Options.Persisted.
const (
	persistedAuto = "auto"
	persistedOff  = "off"
	persistedOnly = "only:" // and a folder
)

// CheckPersisted reports what is wrong with a value of Options.Persisted, but for
// what the folder holds, which a server looks at.
func CheckPersisted(mode string) error {
	dir, only := strings.CutPrefix(mode, persistedOnly)
	switch {
	case !only && (mode == "" || mode == persistedAuto || mode == persistedOff):
		return nil
	case !only || dir == "":
		return errors.New("must be auto, off, or only: and a folder with operations, such as only:operations")
	}
	if info, err := os.Stat(dir); err != nil {
		return fmt.Errorf("there is no folder %s with operations", dir)
	} else if !info.IsDir() {
		return fmt.Errorf("%s is a file: name the folder that it is in", dir)
	}
	return nil
}

// persisted finds the documents of requests that name them. Without texts and
// operations it finds none.
type persisted struct {
	texts      *textStore    // of auto
	operations *operationSet // of only
}

// These are Apollo's, whose clients go by them, and come with status 200 whatever
// the media type, as from Apollo's servers.
const (
	textNotFound      = "PersistedQueryNotFound"
	codeNotFound      = "PERSISTED_QUERY_NOT_FOUND"
	textNotSupported  = "PersistedQueryNotSupported"
	codeNotSupported  = "PERSISTED_QUERY_NOT_SUPPORTED"
	persistedVersion  = 1
	parameterHash     = "extensions.persistedQuery.sha256Hash"
	parameterMissing  = "The parameter query is missing."
	parameterNotAHash = parameterHash + " must be the SHA-256 of the document, in 64 hexadecimal digits."
)

func persistedAnswer(message, code string) *httpAnswer {
	return &httpAnswer{status: http.StatusOK, errors: gqlerror.List{{Message: message, Extensions: map[string]any{"code": code}}}}
}

func refuseRequest(format string, args ...any) *httpAnswer {
	a := refusalOf(http.StatusBadRequest, badRequest(format, args...))
	return &a
}

func forbid(format string, args ...any) *httpAnswer {
	return &httpAnswer{errors: rejectionOf(fault.New(fault.Forbidden, format, args...))}
}

// find puts the document into a request that names it. What it returns is the
// answer where that cannot be, else nil.
func (p *persisted) find(rq *requestParams) *httpAnswer {
	hash, err := rq.hash()
	switch {
	case err != nil:
		a := refusalOf(http.StatusBadRequest, err)
		return &a
	case p.operations != nil:
		return p.operations.find(rq, hash)
	case hash == "" && !rq.asked && len(rq.ids) > 0:
		return refuseRequest(parameterMissing + " A document's id stands for it only where a server knows its operations, by its flag --persisted only:DIR.")
	case hash == "" && !rq.asked:
		return refuseRequest(parameterMissing)
	case hash == "":
		return nil
	case p.texts == nil && rq.query == "":
		return persistedAnswer(textNotSupported, codeNotSupported)
	case p.texts == nil:
		return nil
	}
	key, ok := digest(hash)
	if !ok {
		return refuseRequest(parameterNotAHash)
	}
	if rq.query != "" {
		if key != sha256.Sum256([]byte(rq.query)) {
			return refuseRequest("%s is not the SHA-256 of the document that came with it.", parameterHash)
		}
		rq.keep = &key
		return nil
	}
	if rq.query, ok = p.texts.get(key); !ok {
		return persistedAnswer(textNotFound, codeNotFound)
	}
	return nil
}

// keep remembers a document that was sent with its hash, once it is known to be
// valid and within the limits.
func (p *persisted) keep(rq *requestParams) {
	if p.texts != nil && rq.keep != nil {
		p.texts.add(*rq.keep, rq.query)
	}
}

func digest(hash string) (key [sha256.Size]byte, ok bool) {
	if len(hash) != hex.EncodedLen(sha256.Size) {
		return key, false
	}
	_, err := hex.Decode(key[:], []byte(hash))
	return key, err == nil
}

// hash is the one under which a request names its document by Apollo's protocol,
// "" where it does not.
func (rq *requestParams) hash() (string, error) {
	v := rq.extensions["persistedQuery"]
	if v == nil {
		return "", nil
	}
	named, ok := v.(map[string]any)
	if !ok {
		return "", badRequest("extensions.persistedQuery must be an object with version and sha256Hash.")
	}
	// gqlgen's extensions may have read it in their way.
	switch version := named["version"].(type) {
	case json.Number:
		if n, err := version.Float64(); err != nil || n != persistedVersion {
			return "", badRequest("Version %s of persisted queries is not known here: send version %d.", quoteShort(version.String()), persistedVersion)
		}
	default:
		return "", badRequest("extensions.persistedQuery.version must be %d.", persistedVersion)
	}
	hash, ok := named["sha256Hash"].(string)
	if !ok || hash == "" {
		return "", badRequest("%s must be the hash of a document.", parameterHash)
	}
	return hash, nil
}

// textStore keeps documents by their hashes: so many and so long ones that a
// client's are there when it asks again, and no more, whoever sends them. It
// may be used from many goroutines.
type textStore struct {
	mu    sync.Mutex
	kept  *simplelru.LRU[[sha256.Size]byte, string]
	bytes int
}

const (
	storedTexts  = 10_000
	storedBytes  = 16 << 20
	storedLength = 1 << 20 // bytes of one
)

func newTextStore() (*textStore, error) {
	s := &textStore{}
	kept, err := simplelru.NewLRU(storedTexts, func(_ [sha256.Size]byte, text string) { s.bytes -= len(text) })
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	s.kept = kept
	return s, nil
}

func (s *textStore) get(key [sha256.Size]byte) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept.Get(key)
}

func (s *textStore) add(key [sha256.Size]byte, text string) {
	if len(text) > storedLength {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.kept.Get(key); ok {
		return
	}
	s.bytes += len(text)
	s.kept.Add(key, strings.Clone(text)) // it may be a part of a longer URL
	for s.bytes > storedBytes {
		s.kept.RemoveOldest()
	}
}
