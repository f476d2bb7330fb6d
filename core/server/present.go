package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"coppice/core/fault"
	"coppice/core/internal/query"
	"coppice/core/model"
)

// faultError puts an error in the form that a response carries.
func faultError(f *fault.Error) *gqlerror.Error {
	ext := make(map[string]any, len(f.Extra)+2)
	maps.Copy(ext, f.Extra)
	ext["code"] = f.Code
	if f.Field != "" {
		ext["field"] = f.Field
	}
	return &gqlerror.Error{Message: f.Message, Extensions: ext}
}

// presentErrors turns the errors of an execution into what a client may see. What
// nobody foresaw goes to the log, under an id that the client is told.
func (c *httpCall) presentErrors(ctx context.Context, list gqlerror.List) gqlerror.List {
	presented := make(gqlerror.List, len(list))
	for i, err := range list {
		if query.Deliberate(err) {
			presented[i] = c.presentResolverError(ctx, err)
		} else {
			presented[i] = faultError(c.explain(ctx, err))
			presented[i].Path, presented[i].Locations = err.Path, err.Locations
		}
		if last := c.h.opts.ErrorPresenter; last != nil {
			presented[i].Err = err.Err
			if other := last(ctx, presented[i]); other != nil {
				presented[i] = other
			}
		}
	}
	return presented
}

// presentResolverError is an error that a resolver made for the client, with what every error
// has: a code, and for INTERNAL an id.
func (c *httpCall) presentResolverError(ctx context.Context, err *gqlerror.Error) *gqlerror.Error {
	presented := &gqlerror.Error{Message: err.Message, Path: err.Path, Locations: err.Locations, Extensions: maps.Clone(err.Extensions)}
	if presented.Extensions == nil {
		presented.Extensions = map[string]any{}
	}
	if presented.Extensions["code"] == nil {
		presented.Extensions["code"] = fault.Internal
		presented.Extensions["requestId"] = c.requestID()
		c.h.log.ErrorContext(ctx, "request failed", "requestId", c.id, "error", err.Message, "path", err.Path.String())
	}
	return presented
}

// explain finds what an error means to a client.
func (c *httpCall) explain(ctx context.Context, err *gqlerror.Error) *fault.Error {
	f := fault.From(err)
	var locked *fault.Locked
	switch {
	case errors.As(err, &locked):
		return c.locked(ctx, f, locked)
	case f.Code != fault.Internal:
		return f
	// A driver that is interrupted may say so in its own words.
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(ctx.Err(), context.DeadlineExceeded):
		return c.late()
	}
	// An internal fault may come with a message of its own, made for the log.
	standard := fault.From(errors.New("")).Message
	cause := error(err)
	if err.Err != nil { // a GraphQL error tells its message only
		cause = err.Err
	}
	if f.Message == standard && f.Cause != nil { // says nothing itself
		cause = f.Cause
	}
	told := standard
	if unreadable := (*fault.Unreadable)(nil); errors.As(err, &unreadable) {
		told, cause = unreadable.Error(), unreadable
	}
	f = fault.New(fault.Internal, "%s", told)
	f.Extra = map[string]any{"requestId": c.requestID()}
	// Of a request that nobody waits for any more, errors are to be expected.
	if ctx.Err() != nil {
		c.h.log.DebugContext(ctx, "client went away", "requestId", c.id, "error", err.Error())
		return f
	}
	args := []any{"requestId", c.id, "error", cause.Error(), "path", err.Path.String()}
	var p *panicError
	if errors.As(err, &p) {
		args = append(args, "stack", string(p.stack))
	}
	c.h.log.ErrorContext(ctx, "request failed", args...)
	return f
}

// locked is the error of a wait for a lock. Who held it is for the log, and in
// dev mode for the client, who may end that program.
func (c *httpCall) locked(ctx context.Context, f *fault.Error, l *fault.Locked) *fault.Error {
	c.h.log.WarnContext(ctx, "waited for a lock in vain", "holder", l.Holder, "waited", l.Waited)
	if c.h.opts.Dev && l.Holder != "" && f.Code == fault.Unavailable {
		presented := *f
		presented.Message = "The database is busy with another write: " + l.Holder + " held it for longer than a request may wait. Try again."
		return &presented
	}
	return f
}

// requestID is the id that the client and the log know the request by.
func (c *httpCall) requestID() string {
	if c.id == "" {
		c.id = newID()
	}
	return c.id
}

// joinPath joins the parts of an argument's path, either of which may be "".
func joinPath(before, after string) string {
	if before == "" || after == "" {
		return before + after
	}
	return before + "." + after
}

// late is the error of an operation that took too long.
func (c *httpCall) late() *fault.Error {
	limit := c.h.opts.Timeout
	f := fault.New(fault.LimitExceeded, "This request took longer than the %s that it may take.", limit)
	f.Extra = map[string]any{"limit": limit.Milliseconds(), "actual": max(limit, time.Since(c.start)).Milliseconds()}
	return f
}

// newID is an id that no other request has.
func newID() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // it never fails: see the package
	return hex.EncodeToString(b)
}

// panicError is the error of code that panicked.
type panicError struct {
	value any
	stack []byte
}

// Error is the value that was panicked with.
func (p *panicError) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// recoveredError turns a panic's value into an error with its stack; it must be
// called while panicking.
func recoveredError(_ context.Context, value any) error {
	if err, ok := value.(error); ok && errors.Is(err, http.ErrAbortHandler) { // how a handler breaks a connection
		panic(value)
	}
	return &panicError{value: value, stack: debug.Stack()}
}

// statusOf is the status of a response without data to a well-formed request,
// by the code of its first error.
func statusOf(code any) int {
	switch code {
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.Internal:
		return http.StatusInternalServerError
	default:
		return http.StatusBadRequest
	}
}

// refusals is all that is wrong with a request's variables: what does not fit
// its type, the limit that they exceed, if any, and, of a mutation, what else
// is wrong with its inputs.
func (c *httpCall) refusals(op *validOperation, in coerced, limit error) gqlerror.List {
	list := rejectionOf(errors.Join(append(in.wrong, limit)...))
	list = list[:min(len(list), maxErrors)]
	var f *fault.Error
	if errors.As(limit, &f) && f.Code != fault.BadUserInput { // of pages that are too large the rest can be told
		return list
	}
	if op.definition.Operation != ast.Mutation || c.h.inspect == nil {
		return list
	}
	ctx := c.r.Context()
	if c.h.opts.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.h.opts.Timeout)
		defer cancel()
	}
	vars := maps.Clone(in.vars)
	for _, name := range in.unfit {
		vars[name] = model.Unfit{}
	}
	also := c.h.inspect(ctx, &graphql.OperationContext{
		Doc: op.document, Operation: op.definition, Variables: vars, DisableIntrospection: !c.h.opts.Introspection, RecoverFunc: recoveredError,
	})
	list = append(list, c.presentErrors(ctx, also)...)
	return list[:min(len(list), maxErrors)]
}

// maxQuote is how many characters of what a client sent a message quotes.
const maxQuote = 100

// quoteShort cuts what a client sent to what a message may quote.
func quoteShort(text string) string {
	if len(text) <= maxQuote || utf8.RuneCountInString(text) <= maxQuote {
		return text
	}
	n := 0
	for i := range text {
		if n == maxQuote-1 {
			return text[:i] + "…"
		}
		n++
	}
	return text
}

// maxMessage is how many characters a message of gqlparser may have: one about
// fields in conflict goes on for as long as there are such.
const maxMessage = 1000

// shortMessage cuts what a message of gqlparser quotes. It puts names, types and
// values into its messages whole, however long they are: names and texts between
// quotation marks, and a value at the end.
func shortMessage(message string) string {
	if len(message) <= maxQuote {
		return message
	}
	value := ""
	for _, before := range []string{"value: ", ", found "} {
		if i := strings.Index(message, before); i >= 0 {
			message, value = message[:i+len(before)], quoteShort(message[i+len(before):])
			break
		}
	}
	var short strings.Builder
	for len(message) > 0 && short.Len() < maxMessage {
		n := quotationLength(message)
		short.WriteString(quoteShort(message[:n]))
		message = message[n:]
	}
	if message != "" {
		short.WriteString("…")
	}
	return short.String() + value
}

// quotationLength is the length of what a text starts with: a quotation with its
// marks, or else a word with the space after it.
func quotationLength(text string) int {
	if text[0] != '"' {
		for i := 1; i < len(text); i++ {
			if text[i-1] == ' ' || text[i] == '"' {
				return i
			}
		}
		return len(text)
	}
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}
