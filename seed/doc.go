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
// record without one is known by its $key, or else by its content.
//
// # Loading
//
// Read reads and checks files without a database. A set of up to 10,000 records
// is kept and written in one transaction. Of a larger one Read keeps a few bytes
// a record: which keys there are, and which are referred to. Load then reads the
// files again, those that are referred to first, and writes them in parts of
// some 100 ms, with room between them for others. A record that refers to one
// that is not there yet is written without that edge, if it can be, and waits in
// a temporary file. What is found is compared, so loading again goes on where
// loading was cut off. In such a set, lists that tell a relation which the other
// side tells as well add to it, and take nothing away.
//
// # The ledger
//
// Three tables are no entities. coppice_seed_records holds what records without
// a unique key are known by. coppice_seed_marks holds which records each set
// created, changed or found, with a hash of each as the set left it: by it Undo
// tells what somebody changed since. It is never trusted instead of looking at
// the record. coppice_seed_lease says which seeder writes in parts: others wait,
// and take over from one that is gone.
package seed
