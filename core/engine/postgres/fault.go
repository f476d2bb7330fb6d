package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"coppice/core/fault"
)

// The codes of errors that mean something here.
// See https://www.postgresql.org/docs/current/errcodes-appendix.html.
const (
	uniqueViolation      = "23505"
	foreignKeyViolation  = "23503"
	restrictViolation    = "23001"
	checkViolation       = "23514"
	notNullViolation     = "23502"
	dataException        = "22" // all that begin so: too long, out of range, of no such form
	raiseException       = "P0001"
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	lockNotAvailable     = "55P03"
	queryCanceled        = "57014"
	readOnly             = "25006"
	idleInTransaction    = "25P03" // the server closed a connection whose transaction rested for too long
	adminShutdown        = "57P01" // the server ended a connection because it was told to
	idleSession          = "57P05" // or because it rested for too long
	diskFull             = "53100"
	outOfMemory          = "53200" // as of room to note which transactions are in each other's way
	tooManyConnections   = "53300"
	featureNotSupported  = "0A000"
	duplicateTable       = "42P07"
	duplicateObject      = "42710"
	undefinedObject      = "42704"
	invalidParameter     = "22023" // as the value of a setting

	insufficientPrivilege = "42501"
)

// fault turns an error of the driver into one of the house, and leaves others as
// they are.
func (s *server) fault(ctx context.Context, err error) error {
	if err == nil || isOurs(err) {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err() // the rest says how the statement was cut off
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		if lostConnection(err) {
			return &fault.Unreachable{Cause: err}
		}
		return err
	}
	switch pg.Code {
	case uniqueViolation:
		return &fault.Unique{Table: pg.TableName, Columns: s.columnsOf(ctx, pg.TableName, pg.ConstraintName), Row: -1, Cause: err}
	case foreignKeyViolation, restrictViolation:
		return &fault.ForeignKey{Cause: err}
	case checkViolation:
		return &fault.Check{Name: pg.ConstraintName, Cause: err}
	case raiseException:
		return &fault.Trigger{Cause: err}
	case serializationFailure, deadlockDetected, outOfMemory:
		return &fault.Retry{Cause: err}
	case featureNotSupported:
		if pg.Routine == "RevalidateCachedQuery" { // the tables changed; the driver prepares anew
			return &fault.Retry{Cause: err}
		}
		if pg.Routine == "call_enum_check_hook" { // of BEGIN, on a standby, which takes no writes
			return &fault.Unreachable{Cause: err, Unbegun: true}
		}
	case lockNotAvailable, queryCanceled:
		return &fault.Locked{Holder: "another transaction", Waited: s.lockWait, Cause: err}
	case readOnly:
		return fmt.Errorf("%w: %w", fault.ErrReadOnly, err)
	case diskFull:
		return &fault.Full{Cause: err}
	case insufficientPrivilege:
		return &fault.Rights{Cause: err}
	}
	class := pg.Code[:min(2, len(pg.Code))]
	if class == dataException || pg.Code == notNullViolation {
		return &fault.Form{Table: pg.TableName, Column: pg.ColumnName, Takes: "a value that its column holds", Cause: err}
	}
	if class == "08" || strings.HasPrefix(pg.Code, "57P") || pg.Code == tooManyConnections || pg.Code == idleInTransaction {
		return &fault.Unreachable{Cause: err}
	}
	return err
}

// isOurs reports an error that was turned already.
func isOurs(err error) bool {
	for _, known := range []any{new(*fault.Unique), new(*fault.ForeignKey), new(*fault.Check), new(*fault.Trigger), new(*fault.Form), new(*fault.Retry),
		new(*fault.Locked), new(*fault.Full), new(*fault.Rights), new(*fault.Unreachable), new(*fault.Error)} {
		if errors.As(err, known) {
			return true
		}
	}
	return errors.Is(err, fault.ErrReadOnly)
}

// lostConnection reports an error of the way to the server.
func lostConnection(err error) bool {
	var network net.Error
	return errors.As(err, new(*pgconn.ConnectError)) || errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || pgconn.Timeout(err) || errors.Is(err, errClosed) || pgconn.SafeToRetry(err) // the connection was closed before
}

// errClosed is the error of a connection that ended between two statements.
var errClosed = errors.New("the connection is closed")

// refused is the error of a database that cannot be opened: it names the database,
// never the password, and the way out.
func (t Target) refused(err error) error {
	if errors.Is(err, context.Canceled) || isOurs(err) && !errors.As(err, new(*fault.Unreachable)) && !errors.As(err, new(*fault.Rights)) {
		return fmt.Errorf("database: open %s: %w", t, err)
	}
	var pg *pgconn.PgError
	reason := "it cannot be reached"
	switch {
	case errors.As(err, &pg):
		switch pg.Code {
		case "28P01", "28000":
			reason = "the server does not let this user in: correct user and password in the URL, or pg_hba.conf on the server"
		case "3D000":
			reason = fmt.Sprintf("the server has no such database: create it, with createdb %s", t.config.ConnConfig.Database)
		case readOnly:
			reason = "it may only be read: name the server that is written to, or reset default_transaction_read_only of this user or database"
		case undefinedObject, invalidParameter:
			if errors.As(err, new(*pgconn.ConnectError)) {
				return fmt.Errorf("database: open %s: %s: what is no parameter of the driver in the URL is a setting of the server: correct it, or leave it out", t, pg.Message)
			}
			return fmt.Errorf("database: open %s: %s", t, pg.Message)
		case insufficientPrivilege:
			reason = "this user may not do that: grant it CREATE on the schema, or start with a user that has it"
		case "3F000":
			reason = "the schema of search_path does not exist: create it, or name another"
		case duplicateTable, duplicateObject:
			reason = "something else there has the name of a table or an index of the schemas: rename it, or keep to a schema of your own, with search_path in the URL"
		case tooManyConnections:
			reason = "the server takes no more connections: raise its max_connections, or lower pool_max_conns in the URL"
		case "57P03":
			reason = "the server is starting or stopping: try again"
		default:
			return fmt.Errorf("database: open %s: %s", t, pg.Message)
		}
	case errors.As(err, new(*net.DNSError)):
		reason = "no host of this name is known: correct the host in the URL"
	case errors.As(err, new(*tls.CertificateVerificationError)), strings.Contains(fmt.Sprint(err), "TLS"): // which the driver says in words alone
		reason = "the server and sslmode in the URL do not agree on encryption: use sslmode=disable only where the way to the server is safe"
	case errors.As(err, new(*net.OpError)):
		reason = "nothing answers there: start the server, or correct host and port in the URL"
	case !lostConnection(err) && !errors.As(err, new(*fault.Unreachable)):
		reason = "it was not made ready"
	}
	return fmt.Errorf("database: open %s: %s: %w", t, reason, redacted{err})
}

// redacted is an error whose text, which may hold what the URL does, is not told.
type redacted struct{ error }

// Error tells the innermost cause, which knows nothing of the URL.
func (r redacted) Error() string {
	err := r.error
	for {
		inner := errors.Unwrap(err)
		if several, ok := err.(interface{ Unwrap() []error }); ok && len(several.Unwrap()) > 0 {
			inner = several.Unwrap()[len(several.Unwrap())-1] // of several tries, the last one
		}
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

// Unwrap returns the error.
func (r redacted) Unwrap() error { return r.error }

// errNoTransaction is the error of a transaction that has ended.
var errNoTransaction = pgx.ErrTxClosed
