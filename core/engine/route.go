package engine

import "strings"

// kind says what a statement needs. Of a script, the greatest counts.
type kind uint8

const (
	read    kind = iota // a reader
	write               // the writer
	other               // the writer; a PRAGMA, say, whose effect is not known
	control             // a transaction: BEGIN, COMMIT, SAVEPOINT, …
)

// route tells the kind by the text. What it takes for reading reads: the
// readers are query_only all the same.
func route(query string) kind {
	sc := scanner{s: query}
	first := sc.next()
	k := verb(first)
	// The hot path: one statement, known by its first word.
	if !first.is("WITH") && strings.IndexByte(query, ';') < 0 {
		return k
	}
	k = read
	for t := first; t.kind != end; t = sc.next() {
		switch {
		case t.is(";"):
			continue
		case t.is("WITH"):
			k = max(k, sc.main())
		default:
			k = max(k, verb(t))
		}
		if t.is("CREATE") && sc.trigger() {
			return k // its body holds statements of its own
		}
		sc.rest()
	}
	if first.kind == end {
		return other
	}
	return k
}

// verb returns the kind of statement that a word begins.
func verb(t token) kind {
	if t.kind != word {
		return other
	}
	switch strings.ToUpper(t.text) {
	case "SELECT", "VALUES", "EXPLAIN":
		return read
	case "INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "ALTER", "DROP", "REINDEX", "ANALYZE":
		return write
	case "BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE":
		return control
	}
	return other
}

// main finds the statement that follows common table expressions, which stand
// in parentheses.
func (sc *scanner) main() kind {
	depth := 0
	for {
		before := sc.i
		switch t := sc.next(); {
		case t.kind == end:
			return other
		case t.is(";"):
			sc.i = before
			return other
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		case depth == 0 && t.kind == word && verb(t) <= write:
			return verb(t)
		}
	}
}

// rest passes over what is left of a statement.
func (sc *scanner) rest() {
	for {
		before := sc.i
		if t := sc.next(); t.kind == end || t.is(";") {
			sc.i = before
			return
		}
	}
}

// trigger reports whether what is created is a trigger.
func (sc *scanner) trigger() bool {
	before := sc.i
	t := sc.next()
	if t.is("TEMP") || t.is("TEMPORARY") {
		t = sc.next()
	}
	sc.i = before
	return t.is("TRIGGER")
}

// savepoint reports a control statement that stays inside its transaction.
func savepoint(query string) bool {
	sc := scanner{s: query}
	t := sc.next()
	if t.is("ROLLBACK") {
		if t = sc.next(); t.is("TRANSACTION") {
			t = sc.next()
		}
		if !t.is("TO") {
			return false
		}
	} else if !t.is("SAVEPOINT") && !t.is("RELEASE") {
		return false
	}
	sc.rest()
	return sc.next().kind == end
}

// deed returns what a writing statement does, in words: insert into posts.
func deed(query string) string {
	sc := scanner{s: query}
	var does string
	switch t := sc.next(); {
	case t.is("INSERT"), t.is("REPLACE"):
		does = "insert into "
	case t.is("UPDATE"):
		does = "update of "
	case t.is("DELETE"):
		does = "delete from "
	default:
		return "write"
	}
	t := sc.next()
	if t.is("OR") {
		sc.next()
		t = sc.next()
	}
	if t.is("INTO") || t.is("FROM") {
		t = sc.next()
	}
	return does + t.name()
}
