// Package seed loads records from files into the database, makes records up,
// and writes the database out as such files. Loading the same files again
// changes nothing, and any number of programs may load at once.
//
// # Files
//
// A file is named after an entity's table and its format: users.yaml,
// posts.json, comments.jsonl, tags.csv, each also packed, as posts.jsonl.gz. It
// lists create inputs in the shape of the API, references included; files and
// records come in any order, and a reference may point forward. In CSV a header
// names a field, or the part of a reference that the cell is for:
//
//	slug,title,author.username,tags.name
//	first,The first,ada,go|sqlite
//
// A cell for a list holds its elements with a | between them; \| and \\ are
// the characters themselves. An empty cell is an absent value. Files are
// read as they come; in a YAML file, a document that is no list at the left
// margin is read into memory as a whole.
//
// # Identity
//
// A record is the same as one in the database when they share a unique key. A
// record without one is known by its $key, or else by its content. A dump writes
// down by what its records are known ($aliases): it loads into its own database
// as unchanged, and the files that the records once came from find them where it
// was loaded.
//
// # Bounds
//
// A record takes at most 16 MiB of text and a million commas, colons, brackets
// and line ends, its values nest at most 1000 deep; in YAML it has at most
// 250,000 tokens, and a mapping 5,000 keys. Readers hold that while they read.
//
// # Policies, interceptors and hooks
//
// The seeder acts for whoever holds the database. Policies let it pass, by
// privacy.DecisionContext. It sees what interceptors hide, and leaves a record
// that is hidden as it is, unless the file gives the field that hides it;
// made-up records leave that field alone. What hooks make of a value is
// remembered, so that the same file is unchanged. The values of a record with
// "$stored": true, as a dump writes it where there are hooks, are stored past
// these. Undo removes records for good, also where a hook would only hide them.
//
// # Loading
//
// Read reads and checks files without a database. A set of up to 10,000 records
// is kept and written in one transaction. Of a larger one Read keeps a few bytes
// a record: which keys there are, and which are referred to. Load then reads the
// files again, those that are referred to first, and writes them in parts of
// some 100 ms with room between them for others, or, where there are none, so many
// in one transaction as were written before it, for up to 20 s. A record that refers to one that is not there
// yet is written without that edge, if it can be, and waits in a temporary file. What is found is compared, so loading again goes on where
// loading was cut off. In such a set, lists of a relation that the other side
// lists as well add to it, and take nothing away.
//
// Where the engine lets transactions that write run beside each other, as PostgreSQL
// does, a lock on the lease keeps those of seeders apart, and what is refused because
// of others is done again as a whole; after two tries it keeps them from writing
// until it is done. A transaction takes about a second at the most.
//
// # The ledger
//
// Five tables are no entities. coppice_seed_records holds what records without
// a unique key are known by. coppice_seed_marks holds which records each set
// created, changed or found, with a hash of each as the set left it: by it Undo
// knows what somebody changed since. It is never trusted instead of looking at
// the record. coppice_seed_effects holds digests of what hooks made of which
// value, coppice_seed_tokens up to which id a dump gave out names.
// coppice_seed_lease says which seeder writes in parts: others wait, and take over
// from one that is gone.
//
// # Rooms
//
// This package reads and checks sets, and loads, verifies and undoes them. Below
// it, internal/file reads the formats, internal/crowd makes records up,
// internal/dump writes out, and internal/ledger keeps the tables above.
package seed
