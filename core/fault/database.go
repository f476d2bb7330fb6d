package fault

import (
	"errors"
	"fmt"
	"time"
)

// The errors of this file are what a statement of the typed client fails with,
// under whatever ent wraps around it. They are exported for hooks and
// resolvers that go on after one, for example to try another value for a key
// that is taken, and are found by errors.As. Returned as they are, they become
// errors for the client that name no table and no column.

// ErrReadOnly is the error of a write in a transaction that only reads, as a
// query's is.
var ErrReadOnly = errors.New("attempt to write in a read-only transaction")

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
	Unseen  bool     // the other record was made by a transaction that ran beside this one
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

// Trigger is the error of a write that a trigger refused, which the database's
// owner wrote.
type Trigger struct {
	Row   int // which of the rows of an INSERT it was
	Cause error
}

// Error is the driver's text.
func (e *Trigger) Error() string { return e.Cause.Error() }

// Unwrap returns the driver's error.
func (e *Trigger) Unwrap() error { return e.Cause }

// Of returns the error of a record of an entity for a client: what the trigger
// said was written for whoever works with the database, and is for the log.
func (e *Trigger) Of(entity string) *Error {
	return &Error{Code: Conflict, Message: "A rule of the database refuses this " + entity + ".", Cause: e}
}

// Form is the error of a write of a value in a form that its column does not
// take, which it may have from a default or a trigger of the database's.
type Form struct {
	Table, Column string
	Takes         string // what the column takes, in words
	Row           int    // which of the rows of an INSERT it was
	Cause         error
}

// Error is the driver's text.
func (e *Form) Error() string { return e.Cause.Error() }

// Unwrap returns the driver's error.
func (e *Form) Unwrap() error { return e.Cause }

// Of returns the error of a field for a client.
func (e *Form) Of(field string) *Error {
	return &Error{Code: BadUserInput, Message: field + " must be " + e.Takes + ".", Cause: e}
}

// Unreadable is the error of a value that another program wrote into the database, and
// that its field cannot give. The client is told which, for only the database's owner
// can mend it.
type Unreadable struct {
	What  string // whose value it is: Post.publishedAt of Post:1
	Value string // as text
	Rule  string // what the field's values are
}

// Error tells what is held, and the way out.
func (e *Unreadable) Error() string {
	return e.What + " is " + e.Value + " in the database, and " + e.Rule + ". Another program wrote it: set it to another value."
}

// Retry is the error of a statement that the database refused because of others
// that ran beside it, and that may do once all of its transaction is tried again: a
// failure to run as if one after the other (SQLSTATE 40001), or a deadlock (40P01).
// The API does so by itself.
type Retry struct{ Cause error }

// Error says so, with the driver's text.
func (e *Retry) Error() string { return "others changed the same records: " + e.Cause.Error() }

// Unwrap returns the driver's error.
func (e *Retry) Unwrap() error { return e.Cause }

// Unreachable is the error of a database that cannot be reached.
type Unreachable struct {
	Cause error
	// Unbegun tells that it was found at the beginning of a transaction: nothing can
	// have come of it.
	Unbegun bool
}

// Error says so, with the driver's text.
func (e *Unreachable) Error() string { return "the database cannot be reached: " + e.Cause.Error() }

// Unwrap returns the driver's error.
func (e *Unreachable) Unwrap() error { return e.Cause }

// Rights is the error of a statement that the server's own user may not run in the
// database, whoever asks for it.
type Rights struct{ Cause error }

// Error is the way out, with the driver's text, which names what the user has no right to.
func (e *Rights) Error() string {
	return "the database's user lacks a right: GRANT it, or start with a user that has it: " + e.Cause.Error()
}

// Unwrap returns the driver's error.
func (e *Rights) Unwrap() error { return e.Cause }

// Full is the error of a write for which the disk has no room.
type Full struct{ Cause error }

// Error says so.
func (e *Full) Error() string { return "the disk that holds the database is full" }

// Unwrap returns the driver's error.
func (e *Full) Unwrap() error { return e.Cause }
