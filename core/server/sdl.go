package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"sync"
	"time"

	"coppice/core/internal/sdl"
)

// schemaText prints the whole schema of an API, from all its files, as one. Of the
// directives on it there are those that introspection tells of, too.
func schemaText(files fs.FS) (string, error) {
	schema, err := loadSchema(files) // one of its own, that it may change
	if err != nil {
		return "", err
	}
	sdl.Tell(schema)
	return sdl.Print(schema), nil
}

// schemaFile is the schema as it is sent: plain, and in gzip.
type schemaFile struct {
	plain, zipped []byte
	tag           string // of the plain one, without quotation marks
}

func newSchemaFile(files fs.FS) (schemaFile, error) {
	text, err := schemaText(files)
	if err != nil {
		return schemaFile{}, err
	}
	var zipped bytes.Buffer
	if err := writeGzip(&zipped, []byte(text)); err != nil {
		return schemaFile{}, err
	}
	sum := sha256.Sum256([]byte(text))
	return schemaFile{plain: []byte(text), zipped: zipped.Bytes(), tag: hex.EncodeToString(sum[:16])}, nil
}

// schemaHandler serves the schema. It is printed when somebody asks for it.
func (h *httpHandler) schemaHandler(files fs.FS) http.Handler {
	printed := sync.OnceValues(func() (schemaFile, error) { return newSchemaFile(files) })
	return h.sites.guarded(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file, err := printed()
		if err != nil {
			h.log.ErrorContext(r.Context(), "the schema cannot be printed", "error", err)
			http.Error(w, "the schema cannot be printed: the log says why", http.StatusInternalServerError)
			return
		}
		header := w.Header()
		header.Set("Content-Type", "text/plain; charset=utf-8")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cache-Control", "no-cache") // but kept, and asked for by its tag
		body, tag := file.plain, file.tag
		if h.opts.Compress {
			header.Add("Vary", "Accept-Encoding")
			if takesGzip(r.Header["Accept-Encoding"]) {
				body, tag = file.zipped, tag+"-gzip"
				header.Set("Content-Encoding", "gzip")
			}
		}
		header.Set("ETag", `"`+tag+`"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	}))
}
