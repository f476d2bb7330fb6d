package server

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"coppice/core/fault"
)

// requestParams holds the parameters of a GraphQL request, as the GraphQL over
// HTTP specification names them.
type requestParams struct {
	query         string
	operationName string
	variables     map[string]any
	extensions    map[string]any

	asked bool               // whether there is a query
	ids   []string           // what names the document in its place
	keep  *[sha256.Size]byte // the hash that it is to be kept under
	stats *graphql.Stats     // what gqlgen's extensions noted, or nil
}

// idParameters name a document: as the specification's appendix does, as
// graphql-codegen's and Relay's documents do.
var idParameters = []string{"documentId", "id", "doc_id"}

// bodyBuffers holds buffers to read the bodies of requests into.
var bodyBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// keptBuffer is the size in bytes up to which a buffer is used again.
const keptBuffer = 64 << 10

// badRequest is the error of what is no GraphQL request.
func badRequest(format string, args ...any) *fault.Error {
	return fault.New(fault.BadRequest, format, args...)
}

// readPost reads a request from the body of a POST. The status is that of the
// response when there is an error.
func (c *httpCall) readPost() (rq requestParams, status int, err error) {
	h, r := c.h, c.r
	if !acceptsBody(r.Header) {
		return rq, http.StatusUnsupportedMediaType, badRequest("Send the request as application/json in UTF-8, without a content encoding.")
	}
	limit := h.opts.MaxBody
	// A body that says that it is too long need not be read.
	if r.ContentLength > int64(limit) {
		return rq, http.StatusRequestEntityTooLarge, fault.Limit("body size in bytes", limit, int(r.ContentLength))
	}
	buf := bodyBuffers.Get().(*bytes.Buffer)
	defer func() {
		if buf.Cap() <= keptBuffer {
			buf.Reset()
			bodyBuffers.Put(buf)
		}
	}()
	// Of a writer that knows no deadlines nothing is wanted.
	connection := http.NewResponseController(c.w)
	if deadline, ok := c.ctx.Deadline(); ok {
		_ = connection.SetReadDeadline(deadline)
	}
	if _, err := buf.ReadFrom(http.MaxBytesReader(c.w, r.Body, int64(limit))); err != nil {
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			return rq, http.StatusRequestEntityTooLarge, fault.Limit("body size in bytes", limit, limit+1)
		case errors.Is(err, os.ErrDeadlineExceeded):
			return rq, http.StatusRequestTimeout, c.late()
		}
		return rq, http.StatusBadRequest, badRequest("The body could not be read to its end.")
	}
	_ = connection.SetReadDeadline(time.Time{}) // the server goes on to listen for the client's leaving
	rq, err = decodeBody(buf.Bytes())
	return rq, http.StatusBadRequest, err
}

// acceptsBody reports whether a body is JSON in UTF-8. No HTML form can send
// that type, and no script of another origin without asking first: a page
// elsewhere cannot make its reader's browser write here.
func acceptsBody(header http.Header) bool {
	for _, e := range header["Content-Encoding"] {
		if e != "" && !strings.EqualFold(e, "identity") {
			return false
		}
	}
	types := header["Content-Type"]
	if len(types) != 1 {
		return false
	}
	switch types[0] {
	case "application/json", "application/json; charset=utf-8":
		return true
	default:
		media, params, err := mime.ParseMediaType(types[0])
		charset, given := params["charset"]
		return err == nil && media == "application/json" && (!given || strings.EqualFold(charset, "utf-8"))
	}
}

// holdsLoneSurrogate reports whether a text with the escapes of JSON, which
// are also those of GraphQL, has half of a surrogate pair in them: decoders
// replace it, and so change data.
func holdsLoneSurrogate(text string) bool {
	for {
		i := strings.IndexByte(text, '\\')
		if i < 0 || i+1 >= len(text) {
			return false
		}
		r, size := escapedRune(text[i:])
		text = text[i+size:]
		if !utf16.IsSurrogate(r) {
			continue
		}
		low, n := escapedRune(text)
		if utf16.DecodeRune(r, low) == utf8.RuneError {
			return true
		}
		text = text[n:]
	}
}

// escapedRune is what an escape of four hexadecimal digits at the start of a
// text stands for, and its length; of any other escape the length.
func escapedRune(text string) (rune, int) {
	if len(text) < 6 || text[:2] != `\u` {
		return 0, min(2, len(text))
	}
	n, err := strconv.ParseUint(text[2:6], 16, 16)
	if err != nil {
		return 0, 2
	}
	return rune(n), 6
}

// readGet reads a request from the query of a URL.
func (c *httpCall) readGet() (rq requestParams, status int, err error) {
	raw, limit := c.r.URL.RawQuery, c.h.opts.MaxBody
	if n := len(raw); n > limit {
		return rq, http.StatusRequestURITooLong, fault.Limit("size in bytes", limit, n)
	}
	params, err := url.ParseQuery(raw)
	if err != nil {
		return rq, http.StatusBadRequest, badRequest("The query of the URL is not well encoded.")
	}
	for name, values := range params {
		if err := checkParameter(name, values); err != nil {
			return rq, http.StatusBadRequest, err
		}
	}
	rq.query, rq.operationName, rq.asked = params.Get("query"), params.Get("operationName"), params.Has("query")
	for _, name := range idParameters {
		for _, id := range params[name] {
			rq.name(id)
		}
	}
	if rq.variables, err = decodeParameter("variables", params.Get("variables")); err == nil {
		rq.extensions, err = decodeParameter("extensions", params.Get("extensions"))
	}
	if err == nil {
		err = rq.check()
	}
	return rq, http.StatusBadRequest, err
}

// checkParameter refuses what could be read in two ways.
func checkParameter(name string, values []string) error {
	for _, text := range append([]string{name}, values...) { // percent-encoding can hide any byte
		if !utf8.ValidString(text) {
			return badRequest("The parameter %s is not valid UTF-8.", quoteShort(strings.ToValidUTF8(name, "�")))
		}
	}
	if known := parameterNamed(name); known == name && len(values) > 1 {
		return badRequest("The parameter %s is given twice.", name)
	} else if known != "" && known != name {
		return badRequest("The parameter %s is written %s.", name, known)
	}
	return nil
}

// parameterNamed is the parameter that a name stands for but for its case; "" for
// none. Some readers of JSON mind case, and others do not.
func parameterNamed(name string) string {
	for _, known := range []string{"query", "operationName", "variables", "extensions"} {
		if len(name) == len(known) && strings.EqualFold(name, known) {
			return known
		}
	}
	return ""
}

// name notes an id of the document.
func (rq *requestParams) name(id string) {
	if id != "" {
		rq.ids = append(rq.ids, id)
	}
}

// check refuses text that cannot be stored as it was sent.
func (rq *requestParams) check() error {
	// What looks like an escape in a block string is none.
	if !strings.Contains(rq.query, `"""`) && holdsLoneSurrogate(rq.query) {
		return badRequest("The document holds half of a surrogate pair, which is no character.")
	}
	return nil
}

// What is said to clients that ask for what is not served.
const (
	unservedSocket       = "Subscriptions over WebSocket are not served: send queries and mutations by POST."
	unservedEvents       = "Subscriptions as text/event-stream are not served: ask for application/json, and send queries and mutations by POST."
	unservedSubscription = "Subscriptions are not served: send a query, and send it again to see what has changed."
	unservedBatch        = "Batches are not served: send each operation in a request of its own."
)

// asksForSocket reports whether a connection is to become a WebSocket, whichever
// protocol is to run over it.
func asksForSocket(header http.Header) bool {
	for _, list := range header["Upgrade"] {
		for protocol := range strings.SplitSeq(list, ",") {
			if strings.EqualFold(strings.TrimSpace(protocol), "websocket") {
				return true
			}
		}
	}
	return false
}

// unacceptable is the error of a request that takes none of our media types.
func unacceptable(accept []string) *fault.Error {
	ranges := splitList(strings.Join(accept, ","))
	for _, item := range ranges[:min(len(ranges), maxRanges)] {
		if media, _, err := mime.ParseMediaType(item); err == nil && media == "text/event-stream" {
			return badRequest(unservedEvents)
		}
	}
	return badRequest("The response can be %s or %s.", mediaGraphQL, mediaJSON)
}

// unservedOperation is the error of a document with a subscription.
func (h *httpHandler) unservedOperation(doc *ast.QueryDocument) gqlerror.List {
	for _, op := range doc.Operations {
		if op.Operation == ast.Subscription && h.schema.Subscription == nil {
			at := []gqlerror.Location{{Line: op.Position.Line, Column: op.Position.Column}}
			return gqlerror.List{withCode(&gqlerror.Error{Message: unservedSubscription, Locations: at}, fault.ValidationFailed)}
		}
	}
	return nil
}
