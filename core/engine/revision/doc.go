// Package revision applies the files of a migration folder to a database: each once, in
// order, in a transaction of its own, by one process at a time, and notes it in the table
// coppice_revisions. The files are atlas's (https://atlasgo.io/concepts/migration-directory-integrity),
// so that its tools read them, too. The package knows no engine: what differs by engine
// is in a Database.
package revision
