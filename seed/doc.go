// Package seed loads records from files into the database. Loading the same
// files again changes nothing, and any number of programs may load at once.
//
// # Files
//
// A file is named after an entity's table and its format: users.yaml,
// posts.json, comments.jsonl, tags.csv. It lists create inputs in the shape of
// the API, references included; files and records come in any order, and a
// reference may point forward. In CSV a header names a field, or the part of a
// reference that the cell is for:
//
//	slug,title,author.username,tags.name
//	first,The first,ada,go|sqlite
//
// A cell for a list holds its elements with a | between them; \| and \\ are
// the characters themselves. An empty cell is an absent value.
//
// # Identity
//
// A record is the same as one in the database when they share a unique key. A
// record without one is known by its $key, or else by its content: what is
// known by which name is kept in the table coppice_seed_records, the ledger.
//
// # Loading
//
// Read reads and checks files without a database. Load writes all that was
// read in one transaction, which holds the right to write from its beginning:
// a second loader waits, and then finds every record there.
package seed
