package fault

import (
	"errors"
	"strings"

	"entgo.io/ent/privacy"
)

// From turns any error into one for a client, as the API does with what hooks,
// policies and resolvers return: an Error within it is told as it is, however
// it is wrapped or joined; a policy's Deny is FORBIDDEN, in the words of Denyf;
// what nobody foresaw is INTERNAL.
func From(err error) *Error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	var trigger *Trigger
	var form *Form
	var unreadable *Unreadable
	switch {
	case errors.As(err, &trigger):
		return trigger.Of("change")
	case errors.As(err, &form):
		return form.Of("A value")
	case errors.As(err, &unreadable):
		return &Error{Code: Internal, Message: unreadable.Error(), Cause: unreadable}
	case errors.Is(err, privacy.Deny):
		message := denial(err)
		if message == "" {
			message = "You are not allowed to do this."
		}
		return &Error{Code: Forbidden, Message: message, Cause: err}
	case errors.As(err, new(*Locked)), errors.As(err, new(*Retry)):
		return unavailable("The database is busy with another write. Try again.", err)
	case errors.As(err, new(*Unreachable)):
		return unavailable("The database cannot be reached. Try again.", err)
	case errors.As(err, new(*Full)):
		return unavailable("There is no room left for the database. Try again later.", err)
	}
	return &Error{Code: Internal, Message: "Something went wrong on our side. The log has the cause under this requestId.", Cause: err}
}

func unavailable(message string, cause error) *Error {
	return &Error{Code: Unavailable, Message: message, Extra: map[string]any{"retryAfterMs": 1000}, Cause: cause}
}

// denial is what the author of a policy said with its Deny, as Denyf does; ""
// where nothing was said. What others wrapped around that is not told.
func denial(err error) string {
	inner := []error{errors.Unwrap(err)}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		inner = joined.Unwrap()
	}
	for _, e := range inner {
		if e == privacy.Deny { //nolint:errorlint // this very error: whatever wraps it is looked at below
			rule := privacy.Deny.Error()
			text, around := strings.CutSuffix(err.Error(), ": "+rule)
			if !around {
				text, around = strings.CutPrefix(text, rule+": ")
			}
			if !around || ours(text) {
				return ""
			}
			return strings.TrimSpace(text)
		}
		if e != nil && errors.Is(e, privacy.Deny) {
			return denial(e)
		}
	}
	return ""
}

// ours reports whether a text is what Coppice or ent puts before an error that
// it passes on, the name of a package.
func ours(text string) bool {
	name, _, _ := strings.Cut(text, ":")
	switch name {
	case "ent", "query", "mutation", "graph", "seed", "database":
		return true
	}
	return false
}
