// Package sqlite is ent's driver for SQLite.
//
// A file is used through one writing connection and a few reading ones, which
// are query_only. Which of them runs a statement is told by its text, so that
// an INSERT … RETURNING that arrives as a query still goes to the writer.
// Writers stand in line in the order in which they came, for at most
// Config.LockWait; a write transaction begins IMMEDIATE, so that it holds the
// lock before it reads and can never lose a race for it later. A read-only
// transaction is a snapshot on one reading connection. An error for a lock is
// always a *fault.Locked, which names the holder: in this process by what it
// does, in another by its process id and command.
//
// Each connection keeps its prepared statements. database/sql is on top, for
// its scanning and its conversions: what it takes for connections are light
// sessions, which borrow a real connection for a statement or a transaction.
// So raw SQL through the handle that DB returns passes the same line, the same
// routing and the same recorder as ent's. Connection-wide state does not stick
// to such a session: transactions are begun with BeginTx, not by a BEGIN in
// the text, and a PRAGMA or a temporary table reaches the writer only.
//
// A reading statement that takes long, as it did the last two times, waits for
// a turn, of which there are as many as processors; what costs little never
// waits behind such. Probes have a connection to themselves.
//
// A file that was removed or replaced while it is open is noticed before a
// write is answered. From then on every statement is a *fault.Unreachable.
//
// Times are stored in UTC, to the microsecond, as text that sorts. Triggers in
// the file see to it, whichever program writes.
//
// A database in memory (sqlite::memory:) is private to its client. It has one
// connection, for which reads wait in the same line as writes: a request must
// end the statement or transaction it has open before it begins another
// outside of it, or it waits for itself until LockWait is over.
package sqlite
