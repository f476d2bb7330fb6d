package fault

import (
	"fmt"
	"unicode/utf8"
)

// Code is the value of extensions.code. Code of your own may use further ones.
type Code string

// The codes that the API itself uses.
const (
	BadRequest       Code = "BAD_REQUEST"               // the HTTP request carries no well-formed GraphQL request
	ParseFailed      Code = "GRAPHQL_PARSE_FAILED"      // the document is no GraphQL
	ValidationFailed Code = "GRAPHQL_VALIDATION_FAILED" // the document does not fit the schema
	BadUserInput     Code = "BAD_USER_INPUT"            // a value is not allowed
	NotFound         Code = "NOT_FOUND"                 // what is to be written, or referred to, does not exist
	Conflict         Code = "CONFLICT"                  // what exists stands in the way
	LimitExceeded    Code = "LIMIT_EXCEEDED"            // more than is allowed
	Unauthenticated  Code = "UNAUTHENTICATED"           // sign-in is missing
	Forbidden        Code = "FORBIDDEN"                 // sign-in is not enough
	Unavailable      Code = "UNAVAILABLE"               // later it may work
	Internal         Code = "INTERNAL"                  // a defect: the client is told a requestId, the log the rest
)

// Error is an error for a client: the response has the code, the message, the
// field and the extra extensions; the cause goes to the log alone.
type Error struct {
	Code    Code
	Message string         // a sentence for people
	Field   string         // the dotted path of the argument at fault, or ""
	Extra   map[string]any // further extensions, or nil
	Cause   error          // for the log only, or nil
}

// Error is the message with the cause, for the log.
func (e *Error) Error() string {
	s := string(e.Code) + ": " + e.Message
	if e.Field != "" {
		s += " (" + e.Field + ")"
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// At returns a copy of the error with the path of the argument at fault.
func (e *Error) At(field string) *Error {
	c := *e
	c.Field = field
	return &c
}

// New returns an error for a client. Its message is made as fmt.Sprintf makes
// one.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Input is a BAD_USER_INPUT at the argument's path.
func Input(field, format string, args ...any) *Error {
	return New(BadUserInput, format, args...).At(field)
}

// Limit is a LIMIT_EXCEEDED: the limit's name, its value, and what was asked.
func Limit(name string, limit, actual int) *Error {
	e := New(LimitExceeded, "The %s of this request is %d, and at most %d is allowed.", name, actual, limit)
	e.Extra = map[string]any{"limit": limit, "actual": actual}
	return e
}

// maxQuote is how much of what was sent a message quotes, in characters.
const maxQuote = 100

// Quote is a value as messages quote what was sent: a text in quotes, and no
// more of anything than 100 characters.
func Quote(v any) string {
	text, quoted := v.(string)
	if !quoted {
		text = fmt.Sprint(v)
	}
	n := 0
	for i := range text {
		if n == maxQuote-1 {
			if rest := text[i:]; utf8.RuneCountInString(rest) > 1 {
				text = text[:i] + "…"
			}
			break
		}
		n++
	}
	if quoted {
		return `"` + text + `"`
	}
	return text
}
