// Package fault holds the errors that reach a client: a code of the contract,
// a message made for people, and the path of the argument at fault. What an
// error was caused by stays with it for the log, and goes no further.
package fault

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Code is the value of extensions.code.
type Code string

// The codes of the contract, section 4.
const (
	BadRequest       Code = "BAD_REQUEST"
	ParseFailed      Code = "GRAPHQL_PARSE_FAILED"
	ValidationFailed Code = "GRAPHQL_VALIDATION_FAILED"
	BadUserInput     Code = "BAD_USER_INPUT"
	NotFound         Code = "NOT_FOUND"
	Conflict         Code = "CONFLICT"
	LimitExceeded    Code = "LIMIT_EXCEEDED"
	Unauthenticated  Code = "UNAUTHENTICATED"
	Forbidden        Code = "FORBIDDEN"
	Unavailable      Code = "UNAVAILABLE"
	Internal         Code = "INTERNAL"
)

// ErrReadOnly is the error of a write in a transaction that only reads.
var ErrReadOnly = errors.New("attempt to write in a read-only transaction")

// Error is an error for a client.
type Error struct {
	Code    Code
	Message string
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

// At returns the error with the path of the argument at fault.
func (e *Error) At(field string) *Error {
	c := *e
	c.Field = field
	return &c
}

// New returns an error for a client.
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

// Locked is the error of a statement that waited for a lock in vain.
type Locked struct {
	Holder string        // who held it, or "" where that cannot be told
	Waited time.Duration // how long was waited
	Cause  error
}

// Error says who held the lock.
func (e *Locked) Error() string {
	holder := e.Holder
	if holder == "" {
		holder = "another process"
	}
	return fmt.Sprintf("the database stayed locked for %s by %s", e.Waited.Round(time.Millisecond), holder)
}

// Unwrap returns the driver's error.
func (e *Locked) Unwrap() error { return e.Cause }

// Unique is the error of a write that a unique constraint refused.
type Unique struct {
	Table   string
	Columns []string // none where the index is not of columns alone
	Row     int      // which of the rows of an INSERT it was; -1 where that is not known
	Cause   error
}

// Error is the driver's text: ent recognises constraint errors by it.
func (e *Unique) Error() string { return e.Cause.Error() }

// Unwrap returns the driver's error.
func (e *Unique) Unwrap() error { return e.Cause }

// ForeignKey is the error of a write that a foreign key refused.
type ForeignKey struct{ Cause error }

// Error is the driver's text: ent recognises constraint errors by it.
func (e *ForeignKey) Error() string { return e.Cause.Error() }

// Unwrap returns the driver's error.
func (e *ForeignKey) Unwrap() error { return e.Cause }

// Check is the error of a write that a CHECK constraint refused.
type Check struct {
	Name  string // the constraint's, or "" where it has none
	Row   int    // which of the rows of an INSERT it was
	Cause error
}

// Error is the driver's text: ent recognises constraint errors by it.
func (e *Check) Error() string { return e.Cause.Error() }

// Unwrap returns the driver's error.
func (e *Check) Unwrap() error { return e.Cause }

// Of returns the error of a record of an entity for a client.
func (e *Check) Of(entity string) *Error {
	rule := "a rule of the database"
	if e.Name != "" {
		rule = "the rule " + e.Name
	}
	return &Error{Code: BadUserInput, Message: "This " + entity + " breaks " + rule + ".", Cause: e}
}

// Unreachable is the error of a database that cannot be reached.
type Unreachable struct{ Cause error }

// Error says so, with the driver's text.
func (e *Unreachable) Error() string { return "the database cannot be reached: " + e.Cause.Error() }

// Unwrap returns the driver's error.
func (e *Unreachable) Unwrap() error { return e.Cause }

// Full is the error of a write for which the disk has no room.
type Full struct{ Cause error }

// Error says so.
func (e *Full) Error() string { return "the disk that holds the database is full" }

// Unwrap returns the driver's error.
func (e *Full) Unwrap() error { return e.Cause }

// From turns any error into one for a client. An error that is already one is
// returned as it is; what nobody foresaw becomes INTERNAL.
func From(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	var locked *Locked
	if errors.As(err, &locked) {
		return unavailable("The database is busy with another write: "+locked.holder()+". Try again.", err)
	}
	var gone *Unreachable
	if errors.As(err, &gone) {
		return unavailable("The database cannot be reached. Try again.", err)
	}
	var full *Full
	if errors.As(err, &full) {
		return unavailable("There is no room left for the database. Try again later.", err)
	}
	return &Error{Code: Internal, Message: "Something went wrong on our side. The log has the cause under this requestId.", Cause: err}
}

func (e *Locked) holder() string {
	if e.Holder == "" {
		return "another process held it for longer than a request may wait"
	}
	return e.Holder + " held it for longer than a request may wait"
}

func unavailable(message string, cause error) *Error {
	return &Error{Code: Unavailable, Message: message, Extra: map[string]any{"retryAfterMs": 1000}, Cause: cause}
}

// Join joins the parts of an argument's path by dots, leaving out empty ones.
func Join(parts ...string) string {
	return strings.Join(slicesDeleteEmpty(parts), ".")
}

func slicesDeleteEmpty(parts []string) []string {
	kept := parts[:0:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return kept
}
