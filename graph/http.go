package graph

import (
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"coppice/internal/statement"
)

// The media types of a response.
const (
	mediaJSON    = "application/json"
	mediaGraphQL = "application/graphql-response+json"
)

// methods that /graphql answers.
const methods = "GET, HEAD, POST, OPTIONS"

// call is one HTTP request to the handler.
type call struct {
	h     *handler
	w     http.ResponseWriter
	r     *http.Request
	media string // of the response
	start time.Time
	id    string // that the log knows the request by, once it is needed
}

// answer is a response before it is written. Data is nil where the operation
// was not executed; a status of 0 stands for what the media type asks for.
type answer struct {
	status     int
	errors     gqlerror.List
	data       []byte
	extensions map[string]any
}

// ServeHTTP answers a GraphQL request as the GraphQL over HTTP specification
// says.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := call{h: h, w: w, r: r, start: time.Now()}
	if c.media = negotiate(r.Header["Accept"]); c.media == "" {
		c.media = mediaJSON
		c.write(refused(http.StatusNotAcceptable, malformed("The response can be %s or %s.", mediaGraphQL, mediaJSON)))
		return
	}
	c.write(c.answer())
}

func refused(status int, err error) answer {
	return answer{status: status, errors: rejected(err)}
}

func (c *call) answer() answer {
	var rq request
	var status int
	var err error
	switch c.r.Method {
	case http.MethodPost:
		rq, status, err = c.h.readPost(c.w, c.r)
	case http.MethodGet, http.MethodHead:
		rq, status, err = c.h.readGet(c.r)
	case http.MethodOptions:
		c.w.Header().Set("Allow", methods)
		return answer{status: http.StatusNoContent}
	default:
		c.w.Header().Set("Allow", methods)
		status, err = http.StatusMethodNotAllowed, malformed("Send GraphQL requests by POST, or queries by GET.")
	}
	if err != nil {
		return refused(status, err)
	}
	op, errs := c.h.prepare(rq.query, rq.operationName)
	if errs != nil {
		return answer{errors: errs}
	}
	if c.r.Method != http.MethodPost && op.definition.Operation != ast.Query {
		c.w.Header().Set("Allow", "POST")
		return refused(http.StatusMethodNotAllowed, malformed("A GET request can only query: send a %s by POST.", op.definition.Operation))
	}
	vars, held, err := c.h.coerce(op, rq.variables)
	if err == nil {
		err = c.h.guardVariables(op, vars, held)
	}
	if err != nil {
		return answer{errors: rejected(err)}
	}
	explain, err := c.h.explainMode(c.r.Header)
	if err != nil {
		return refused(http.StatusBadRequest, err)
	}
	return c.execute(&graphql.OperationContext{
		RawQuery: rq.query, OperationName: rq.operationName, Extensions: rq.extensions, Headers: c.r.Header,
		Doc: op.document, Operation: op.definition, Variables: vars,
		DisableIntrospection:   !c.h.opts.Introspection,
		RecoverFunc:            recovered,
		ResolverMiddleware:     func(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) },
		RootResolverMiddleware: func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler { return next(ctx) },
	}, explain)
}

// execute runs an operation in the environment that gqlgen's resolvers know.
func (c *call) execute(op *graphql.OperationContext, explain explainMode) (a answer) {
	ctx := c.r.Context()
	if c.h.opts.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.h.opts.Timeout)
		defer cancel()
	}
	ctx = graphql.WithOperationContext(ctx, op)
	ctx = graphql.WithResponseContext(ctx, graphql.DefaultErrorPresenter, recovered)
	var recorder *statement.Recorder
	if explain != explainNothing {
		recorder = &statement.Recorder{Plans: explain == explainPlan}
		ctx = statement.NewContext(ctx, recorder)
	}
	defer func() {
		if v := recover(); v != nil {
			a = answer{errors: c.present(ctx, gqlerror.List{gqlerror.Wrap(recovered(ctx, v))})}
		}
		if recorder != nil {
			if a.extensions == nil {
				a.extensions = map[string]any{}
			}
			a.extensions["sql"] = c.h.view(recorder)
		}
	}()
	res := c.h.execute(ctx, op)
	a = answer{errors: res.Errors, data: res.Data, extensions: res.Extensions}
	if reported := graphql.GetErrors(ctx); reported != nil {
		a.errors = append(a.errors, reported...)
	}
	if len(a.errors) > 0 {
		a.errors = c.present(ctx, a.errors)
	}
	for name, v := range graphql.GetExtensions(ctx) {
		if a.extensions == nil {
			a.extensions = map[string]any{}
		}
		a.extensions[name] = v
	}
	return a
}

// write sends an answer. The data is JSON already and goes out as it is.
func (c *call) write(a answer) {
	header := c.w.Header()
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
		if a.data == nil && c.media == mediaGraphQL {
			a.status = statusOf(a.errors[0].Extensions["code"])
		}
	}
	head, tail := c.around(a)
	header["Content-Length"] = []string{strconv.Itoa(len(head) + len(a.data) + len(tail))}
	c.w.WriteHeader(a.status)
	_, _ = io.WriteString(c.w, head)
	_, _ = c.w.Write(a.data)
	_, _ = io.WriteString(c.w, tail)
}

// around is what a response holds before its data, and after.
func (c *call) around(a answer) (head, tail string) {
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

func (c *call) json(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		c.h.log.Error("response cannot be written as JSON", "error", err)
		return "null"
	}
	return string(text)
}

// negotiate chooses the media type of a response by the Accept header of
// RFC 9110; "" when none of ours will do. Where both will, the first named
// is taken, and application/json where neither is named.
func negotiate(accept []string) string {
	if len(accept) == 0 {
		return mediaJSON
	}
	if len(accept) == 1 {
		switch accept[0] {
		case "", "*/*", mediaJSON:
			return mediaJSON
		case mediaGraphQL:
			return mediaGraphQL
		}
	}
	ranges := strings.Split(strings.Join(accept, ","), ",")
	chosen, best, first := "", 0.0, 0
	for _, media := range []string{mediaJSON, mediaGraphQL} {
		if q, at := quality(ranges, media); q > best || q > 0 && q == best && at < first {
			chosen, best, first = media, q, at
		}
	}
	return chosen
}

// quality is the weight that the most specific of some media ranges gives a
// media type, and which of them names it in full.
func quality(ranges []string, media string) (q float64, at int) {
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
			if q, err = strconv.ParseFloat(weight, 64); err != nil {
				q = 0
			}
		}
		if rank == 3 {
			at = i
		}
	}
	return q, at
}
