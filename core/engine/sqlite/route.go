package sqlite

import (
	"strings"

	"coppice/core/internal/lexer"
)

// kind says what a statement needs. Of a script, the greatest counts.
type kind uint8

const (
	read    kind = iota // a reader
	write               // the writer
	other               // the writer; a PRAGMA, say, whose effect is not known
	control             // a transaction: BEGIN, COMMIT, SAVEPOINT, …
)

// reading is a statement being read.
type reading struct{ lexer.Scanner }

// route tells the kind by the text. What it takes for reading reads: the
// readers are query_only all the same.
func route(query string) kind {
	sc := reading{lexer.Scanner{SQL: query}}
	first := sc.Next()
	k := verb(first)
	// The hot path: one statement, known by its first word.
	if !first.Is("WITH") && strings.IndexByte(query, ';') < 0 {
		return k
	}
	k = read
	for t := first; t.Kind != lexer.End; t = sc.Next() {
		switch {
		case t.Is(";"):
			continue
		case t.Is("WITH"):
			k = max(k, sc.main())
		default:
			k = max(k, verb(t))
		}
		if t.Is("CREATE") && sc.trigger() {
			return k // its body holds statements of its own
		}
		sc.rest()
	}
	if first.Kind == lexer.End {
		return other
	}
	return k
}

// verb returns the kind of statement that a word begins.
func verb(t lexer.Token) kind {
	if t.Kind != lexer.Word {
		return other
	}
	switch strings.ToUpper(t.Text) {
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
func (sc *reading) main() kind {
	depth := 0
	for {
		before := sc.Scanner
		switch t := sc.Next(); {
		case t.Kind == lexer.End:
			return other
		case t.Is(";"):
			sc.Scanner = before
			return other
		case t.Is("("):
			depth++
		case t.Is(")"):
			depth--
		case depth == 0 && t.Kind == lexer.Word && verb(t) <= write:
			return verb(t)
		}
	}
}

// rest passes over what is left of a statement.
func (sc *reading) rest() {
	for {
		before := sc.Scanner
		if t := sc.Next(); t.Kind == lexer.End || t.Is(";") {
			sc.Scanner = before
			return
		}
	}
}

// trigger reports whether what is created is a trigger.
func (sc *reading) trigger() bool {
	before := sc.Scanner
	t := sc.Next()
	if t.Is("TEMP") || t.Is("TEMPORARY") {
		t = sc.Next()
	}
	sc.Scanner = before
	return t.Is("TRIGGER")
}

// savepoint reports a control statement that stays inside its transaction.
func savepoint(query string) bool {
	sc := reading{lexer.Scanner{SQL: query}}
	t := sc.Next()
	if t.Is("ROLLBACK") {
		if t = sc.Next(); t.Is("TRANSACTION") {
			t = sc.Next()
		}
		if !t.Is("TO") {
			return false
		}
	} else if !t.Is("SAVEPOINT") && !t.Is("RELEASE") {
		return false
	}
	sc.rest()
	return sc.Next().Kind == lexer.End
}

// deed returns what a writing statement does, in words: insert into posts.
func deed(query string) string {
	sc := reading{lexer.Scanner{SQL: query}}
	var does string
	switch t := sc.Next(); {
	case t.Is("INSERT"), t.Is("REPLACE"):
		does = "insert into "
	case t.Is("UPDATE"):
		does = "update of "
	case t.Is("DELETE"):
		does = "delete from "
	default:
		return "write"
	}
	t := sc.Next()
	if t.Is("OR") {
		sc.Next()
		t = sc.Next()
	}
	if t.Is("INTO") || t.Is("FROM") {
		t = sc.Next()
	}
	return does + t.Name()
}
