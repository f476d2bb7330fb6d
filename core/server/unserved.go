package server

import (
	"mime"
	"net/http"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"coppice/core/fault"
)

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
