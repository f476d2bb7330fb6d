package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"

	"coppice/core/fault"
)

// requestParams holds the parameters of a GraphQL request, as the GraphQL over
// HTTP specification names them.
type requestParams struct {
	query         string
	operationName string
	variables     map[string]any
	extensions    map[string]any
}

// jsonEnvelope is how a POST carries them.
type jsonEnvelope struct {
	Query         *string `json:"query"`
	OperationName *string `json:"operationName"`
	Variables     any     `json:"variables"`
	Extensions    any     `json:"extensions"`
}

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
func (h *httpHandler) readPost(w http.ResponseWriter, r *http.Request) (rq requestParams, status int, err error) {
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
	if _, err := buf.ReadFrom(http.MaxBytesReader(w, r.Body, int64(limit))); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return rq, http.StatusRequestEntityTooLarge, fault.Limit("body size in bytes", limit, limit+1)
		}
		return rq, http.StatusBadRequest, badRequest("The body could not be read to its end.")
	}
	rq, err = decodeBody(buf.Bytes())
	return rq, http.StatusBadRequest, err
}

// acceptsBody reports whether a body is JSON in UTF-8. No HTML form can send
// that type, and no script of another origin without asking first: a page
// elsewhere cannot make its reader's browser write here.
func acceptsBody(header http.Header) bool {
	if e := header.Get("Content-Encoding"); e != "" && e != "identity" {
		return false
	}
	switch contentType := header.Get("Content-Type"); contentType {
	case "application/json", "application/json; charset=utf-8":
		return true
	default:
		media, params, err := mime.ParseMediaType(contentType)
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

func decodeBody(body []byte) (rq requestParams, err error) {
	// encoding/json would replace what is invalid, and so change data.
	if !utf8.Valid(body) {
		return rq, badRequest("The body is not valid UTF-8.")
	}
	if holdsLoneSurrogate(string(body)) {
		return rq, badRequest("The body holds half of a surrogate pair, which is no character.")
	}
	e, err := decodeEnvelope(body)
	if err != nil {
		return rq, explainJSON(err)
	}
	if e.Query == nil {
		return rq, badRequest("The parameter query is missing.")
	}
	rq.query = *e.Query
	// What looks like an escape in a block string is none.
	if !strings.Contains(rq.query, `"""`) && holdsLoneSurrogate(rq.query) {
		return rq, badRequest("The document holds half of a surrogate pair, which is no character.")
	}
	if e.OperationName != nil {
		rq.operationName = *e.OperationName
	}
	if rq.variables, err = mapOf("variables", e.Variables); err != nil {
		return rq, err
	}
	rq.extensions, err = mapOf("extensions", e.Extensions)
	return rq, err
}

// decodeEnvelope reads a body that is one JSON object.
func decodeEnvelope(body []byte) (e jsonEnvelope, err error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber() // a float64 would round integers of more than 53 bits
	if dec.Decode(&e) == nil && len(bytes.TrimSpace(body[dec.InputOffset():])) == 0 {
		return e, nil
	}
	return e, json.Unmarshal(body, new(jsonEnvelope)) // it knows where the body goes wrong
}

// mapOf is a parameter that is a JSON object, or null as an empty one.
func mapOf(name string, v any) (map[string]any, error) {
	m, ok := v.(map[string]any)
	if !ok && v != nil {
		return nil, badRequest("The parameter %s must be a JSON object.", name)
	}
	return m, nil
}

// explainJSON tells what is wrong with a body in the client's terms.
func explainJSON(err error) *fault.Error {
	var wrongType *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return badRequest("The parameter %s must be a string.", wrongType.Field)
	case wrongType != nil && wrongType.Value == "array":
		return badRequest("Batches are not supported: send each operation in a request of its own.")
	case wrongType != nil:
		return badRequest("The body must be a JSON object with the parameter query.")
	case errors.As(err, &syntax):
		return badRequest("The body is not valid JSON: it goes wrong at byte %d.", syntax.Offset)
	default:
		return badRequest("The body is not valid JSON.")
	}
}

// readGet reads a request from the query of a URL.
func (h *httpHandler) readGet(r *http.Request) (rq requestParams, status int, err error) {
	if n := len(r.URL.RawQuery); n > h.opts.MaxBody {
		return rq, http.StatusRequestURITooLong, fault.Limit("size in bytes", h.opts.MaxBody, n)
	}
	params, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return rq, http.StatusBadRequest, badRequest("The query of the URL is not well encoded.")
	}
	if !params.Has("query") {
		return rq, http.StatusBadRequest, badRequest("The parameter query is missing.")
	}
	for name, values := range params { // percent-encoding can hide any byte
		if !utf8.ValidString(values[0]) {
			return rq, http.StatusBadRequest, badRequest("The parameter %s is not valid UTF-8.", strings.ToValidUTF8(name, "�"))
		}
	}
	rq.query, rq.operationName = params.Get("query"), params.Get("operationName")
	return rq, http.StatusBadRequest, rq.decodeMaps([]byte(params.Get("variables")), []byte(params.Get("extensions")))
}

func (rq *requestParams) decodeMaps(variables, extensions []byte) (err error) {
	if rq.variables, err = decodeMap("variables", variables); err != nil {
		return err
	}
	rq.extensions, err = decodeMap("extensions", extensions)
	return err
}

// decodeMap reads a JSON object, or null as an empty one.
func decodeMap(name string, text []byte) (map[string]any, error) {
	var m map[string]any
	if len(text) == 0 {
		return m, nil
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber() // a float64 would round integers of more than 53 bits
	if err := dec.Decode(&m); err != nil {
		return nil, badRequest("The parameter %s must be a JSON object.", name)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, badRequest("The parameter %s must be one JSON object.", name)
	}
	return m, nil
}
