package server

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"coppice/core/internal/query"
	"coppice/core/internal/statement"
)

// The media types of a response.
const (
	mediaJSON    = "application/json"
	mediaGraphQL = "application/graphql-response+json"
)

// allowedMethods are what /graphql answers.
const allowedMethods = "GET, HEAD, POST, OPTIONS"

// httpCall is one HTTP request to the handler.
type httpCall struct {
	h     *httpHandler
	w     http.ResponseWriter
	r     *http.Request
	ctx   context.Context // of the request, with the time that it may take
	media string          // of the response
	start time.Time
	id    string // that the log knows the request by, once it is needed
}

// httpAnswer is a response before it is written. Data is nil where the operation
// was not executed; a status of 0 stands for what the media type asks for.
type httpAnswer struct {
	status     int
	errors     gqlerror.List
	data       []byte
	extensions map[string]any
}

// sendTime is how long an answer may take to send beyond the request's own time, of
// which it has the rest: it is worked out by then, and the database free.
const sendTime = 500 * time.Millisecond

// errNoAnswer is the error of an execution that gave neither data nor errors.
var errNoAnswer = errors.New("the operation was not answered")

// ServeHTTP answers a GraphQL request as the GraphQL over HTTP specification
// says.
func (h *httpHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := httpCall{h: h, w: w, r: r, ctx: r.Context(), start: time.Now()}
	if limit := h.opts.Timeout; limit > 0 {
		var cancel context.CancelFunc
		c.ctx, cancel = context.WithDeadline(c.ctx, c.start.Add(limit))
		defer cancel()
	}
	if refusal := h.sites.refuse(r); refusal != nil {
		c.media = mediaJSON
		c.write(refusalOf(http.StatusForbidden, refusal))
		return
	}
	if c.media = chooseMedia(r.Header["Accept"]); c.media == "" {
		c.media = mediaJSON
		c.write(refusalOf(http.StatusNotAcceptable, unacceptable(r.Header["Accept"])))
		return
	}
	c.write(c.answer())
}

// refusalOf is the answer to what is no well-formed request: its status does
// not depend on the media type.
func refusalOf(status int, err error) httpAnswer {
	return httpAnswer{status: status, errors: rejectionOf(err)}
}

// answer works out the response. It survives a panic of anything below it.
func (c *httpCall) answer() (a httpAnswer) {
	defer func() {
		if v := recover(); v != nil {
			a = httpAnswer{errors: c.presentErrors(c.ctx, gqlerror.List{gqlerror.Wrap(recoveredError(c.ctx, v))})}
		}
	}()
	if c.r.Method == http.MethodOptions {
		c.w.Header().Set("Allow", allowedMethods)
		return httpAnswer{status: http.StatusNoContent}
	}
	if asksForSocket(c.r.Header) {
		return refusalOf(http.StatusBadRequest, badRequest(unservedSocket))
	}
	rq, status, err := c.read()
	if err != nil {
		return refusalOf(status, err)
	}
	if err := c.h.extensions.changeParameters(c.ctx, &rq, c); err != nil {
		return refusalBy(err)
	}
	if refusal := c.h.persisted.find(&rq); refusal != nil {
		return *refusal
	}
	op, errs := c.h.prepare(rq.query, rq.operationName)
	if errs != nil {
		return httpAnswer{errors: errs}
	}
	c.h.persisted.keep(&rq)
	if c.r.Method != http.MethodPost && op.definition.Operation != ast.Query {
		c.w.Header().Set("Allow", "POST")
		return refusalOf(http.StatusMethodNotAllowed, badRequest("A GET request can only query: send a %s by POST.", op.definition.Operation))
	}
	in := c.h.coerce(op, rq.variables)
	if err := c.h.guardVariables(op, in.vars, in.held); err != nil || len(in.wrong) > 0 {
		return httpAnswer{errors: c.refusals(op, in, err)}
	}
	if errors.Is(c.ctx.Err(), context.DeadlineExceeded) {
		return httpAnswer{errors: rejectionOf(c.late())}
	}
	explain, err := c.h.explainMode(c.r.Header)
	if err != nil {
		return refusalOf(http.StatusBadRequest, err)
	}
	stats := graphql.Stats{OperationStart: c.start}
	if rq.stats != nil {
		stats = *rq.stats
	}
	return c.execute(op.plans, &graphql.OperationContext{
		RawQuery: rq.query, OperationName: rq.operationName, Extensions: rq.extensions, Headers: c.r.Header,
		Doc: op.document, Operation: op.definition, Variables: in.vars,
		DisableIntrospection:   !c.h.opts.Introspection,
		RecoverFunc:            recoveredError,
		ResolverMiddleware:     c.h.extensions.field,
		RootResolverMiddleware: c.h.extensions.root,
		Stats:                  stats,
	}, explain)
}

// read takes the request's parameters from where its method carries them. The
// status is that of the response when there is an error.
func (c *httpCall) read() (requestParams, int, error) {
	switch c.r.Method {
	case http.MethodPost:
		return c.readPost()
	case http.MethodGet, http.MethodHead:
		return c.readGet()
	default:
		c.w.Header().Set("Allow", allowedMethods)
		return requestParams{}, http.StatusMethodNotAllowed, badRequest("Send GraphQL requests by POST, or queries by GET.")
	}
}

// writtenHeader says in the answer to a write how far the database has come, and in a
// request what it must have applied wherever the request reads.
const writtenHeader = "X-Written"

// execute runs an operation in the environment that gqlgen's resolvers know.
func (c *httpCall) execute(plans *query.Plans, op *graphql.OperationContext, explain explainMode) (a httpAnswer) {
	// Hand-written resolvers find the operation in their context, and report
	// errors and extensions to it.
	ctx := graphql.WithOperationContext(c.ctx, op)
	ctx = graphql.WithResponseContext(ctx, graphql.DefaultErrorPresenter, recoveredError)
	if explain != explainNothing {
		recorder := &statement.Recorder{Plans: explain == explainPlan}
		ctx = statement.NewContext(ctx, recorder)
		defer func() { a.extend("sql", c.h.view(recorder, op)) }()
	}
	if after := strings.Join(c.r.Header.Values(writtenHeader), ","); after != "" || op.Operation.Operation == ast.Mutation {
		progress := &statement.Progress{After: after}
		ctx = statement.WithProgress(ctx, progress)
		defer func() {
			if progress.Written != "" {
				c.w.Header().Set(writtenHeader, progress.Written)
			}
		}()
	}
	if err := c.h.extensions.changeContext(ctx, op); err != nil {
		return refusalBy(err)
	}
	res := c.h.extensions.around(ctx, func(ctx context.Context) *graphql.Response { return c.h.execute(ctx, op, plans) })
	a = httpAnswer{errors: res.Errors, data: res.Data, extensions: res.Extensions}
	if reported := graphql.GetErrors(ctx); reported != nil {
		a.errors = append(a.errors, reported...)
	}
	if a.data == nil && len(a.errors) == 0 {
		a.errors = gqlerror.List{gqlerror.Wrap(errNoAnswer)}
	}
	if len(a.errors) > 0 {
		a.errors = c.presentErrors(ctx, a.errors)
	}
	for name, v := range graphql.GetExtensions(ctx) {
		a.extend(name, v)
	}
	return a
}

// extend adds to the extensions of the response.
func (a *httpAnswer) extend(name string, v any) {
	if a.extensions == nil {
		a.extensions = map[string]any{}
	}
	a.extensions[name] = v
}

// write sends an answer. The data is JSON already and goes out as it is.
func (c *httpCall) write(a httpAnswer) {
	header := c.w.Header()
	// The values are shared: setting them by name would copy each.
	for _, name := range []string{"Cache-Control", "X-Content-Type-Options"} {
		header[name] = c.h.headers[name]
	}
	if c.id != "" {
		header.Set("X-Request-Id", c.id)
	}
	if a.status == http.StatusNoContent {
		c.w.WriteHeader(a.status)
		return
	}
	header["Content-Type"] = c.h.headers[c.media]
	if a.status == 0 {
		a.status = http.StatusOK
		// application/json has 200 for every well-formed request.
		if a.data == nil && c.media == mediaGraphQL {
			a.status = statusOf(a.errors[0].Extensions["code"])
		}
	}
	head, tail := c.around(a)
	if deadline, ok := c.ctx.Deadline(); ok { // of a writer that knows no deadlines nothing is wanted
		sent := http.NewResponseController(c.w)
		if sent.SetWriteDeadline(deadline.Add(sendTime)) == nil {
			defer func() {
				_ = sent.Flush()                       // fails where the client has gone
				_ = sent.SetWriteDeadline(time.Time{}) // the connection's next request may be another handler's
			}()
		}
	}
	size := len(head) + len(a.data) + len(tail)
	if c.compresses(size) {
		header["Content-Encoding"] = c.h.headers["Content-Encoding"]
		c.w.WriteHeader(a.status)
		_ = writeGzip(c.w, []byte(head), a.data, []byte(tail)) // fails where the client has gone
		return
	}
	header["Content-Length"] = []string{strconv.Itoa(size)}
	c.w.WriteHeader(a.status)
	_, _ = io.WriteString(c.w, head)
	_, _ = c.w.Write(a.data)
	_, _ = io.WriteString(c.w, tail)
}

// around is what a response holds before its data, and after. Errors stand
// first, where a reader looks.
func (c *httpCall) around(a httpAnswer) (head, tail string) {
	head, tail = "{", "}"
	if len(a.errors) > 0 {
		head += `"errors":` + c.json(a.errors)
	}
	if a.data != nil {
		if len(head) > 1 {
			head += ","
		}
		head += `"data":`
	}
	if len(a.extensions) > 0 {
		tail = `,"extensions":` + c.json(a.extensions) + "}"
	}
	return head, tail
}

func (c *httpCall) json(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		c.h.log.Error("response cannot be written as JSON", "error", err)
		return "null"
	}
	return string(text)
}

// chooseMedia chooses the media type of a response by the Accept header of
// RFC 9110; "" when none of ours will do. Where both will, the first named
// is taken, and application/json where neither is named.
func chooseMedia(accept []string) string {
	if len(accept) == 0 {
		return mediaJSON
	}
	if len(accept) == 1 { // what most clients send
		switch accept[0] {
		case "", "*/*", mediaJSON:
			return mediaJSON
		case mediaGraphQL:
			return mediaGraphQL
		}
	}
	ranges := splitList(strings.Join(accept, ","))
	if len(ranges) > maxRanges {
		return ""
	}
	chosen, best, first := "", 0.0, 0
	for _, media := range []string{mediaJSON, mediaGraphQL} {
		if q, at := mediaQuality(ranges, media); q > best || q > 0 && q == best && at < first {
			chosen, best, first = media, q, at
		}
	}
	return chosen
}

// maxRanges is how many media ranges an Accept header may hold.
const maxRanges = 100

// splitList splits a header's list at its commas, but for those within quotation
// marks.
func splitList(list string) (parts []string) {
	quoted, start := false, 0
	for i := 0; i < len(list); i++ {
		switch {
		case list[i] == '"':
			quoted = !quoted
		case quoted && list[i] == '\\':
			i++
		case !quoted && list[i] == ',':
			parts = append(parts, list[start:i])
			start = i + 1
		}
	}
	return append(parts, list[start:])
}

// mediaQuality is the weight that the most specific of some media ranges gives a
// media type, and which of them names it in full.
func mediaQuality(ranges []string, media string) (q float64, at int) {
	at = len(ranges)
	specific := 0
	for i, r := range ranges {
		name, params, err := mime.ParseMediaType(r)
		rank := map[string]int{"*/*": 1, "application/*": 2, media: 3}[name]
		if err != nil || rank <= specific {
			continue
		}
		specific, q = rank, 1
		if weight, given := params["q"]; given {
			// NaN is a number to ParseFloat, and no weight.
			if q, err = strconv.ParseFloat(weight, 64); err != nil || !(q >= 0 && q <= 1) {
				q = 0
			}
		}
		if rank == 3 {
			at = i
		}
	}
	return q, at
}
