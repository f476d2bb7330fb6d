// Package dialect holds the words of SQL that engines say differently, one value an
// engine. What reads, writes and seeds has no other.
package dialect

import (
	"fmt"
	"strings"
)

// Form is a piece of SQL with places for its operands, {1} and so on. An operand
// may stand in several.
type Form string

// Write writes the form: its own words by word, and each operand by a call where its
// place is.
func (f Form) Write(word func(string), operands ...func()) {
	rest := string(f)
	for {
		at := strings.IndexByte(rest, '{')
		if at < 0 {
			word(rest)
			return
		}
		word(rest[:at])
		operands[rest[at+1]-'1']()
		rest = rest[at+3:]
	}
}

// With is the form with operands that are SQL already.
func (f Form) With(operands ...string) string {
	var b strings.Builder
	parts := make([]func(), len(operands))
	for i, text := range operands {
		parts[i] = func() { b.WriteString(text) }
	}
	f.Write(func(s string) { b.WriteString(s) }, parts...)
	return b.String()
}

// Dialect is what one engine's SQL is written with.
type Dialect struct {
	Name string // as ent calls it

	Fold      Form // a text without regard to case, as golang.org/x/text/cases folds
	Contains  Form // that text 1 has text 2 in it
	HasPrefix Form // that text 1 begins with text 2
	HasSuffix Form // that text 1 ends with text 2
	Same      Form // that 1 and 2 are equal, or both null
	Text      Form // a value as text
	Bytes     Form // a text as bytes, which the driver leaves as they are
	Items     Form // the rows key and value of a JSON list
	List      Form // the JSON list of a column's values
	Prefix    Form // the first characters of a text, whose number is 2
	High, Low Form // the two parts of the sum of 1, each addend divided by 2
	Number    Form // a whole number with at least nine digits
	Greatest  Form // the larger of two numbers
	Hash      Form // a whole number for values, which others have by chance only

	NullsFirst, NullsLast string // after a term of an order

	// ReadBy is what follows a table where it is read by an index; ReadByKey where it
	// is by its rows' own key. Empty where the engine takes no such word.
	ReadBy    Form
	ReadByKey string

	// MaxConstants is how many arguments a statement may have before they are kept
	// apart, each in a subquery; 0 for any.
	MaxConstants int
	// TellsInserted tells that the result of an INSERT has the id that the database
	// gave its row.
	TellsInserted bool

	// References finds the foreign keys that lead to a table, which is its argument,
	// and keep its rows from being deleted: table and column.
	References string
	// Tables counts those of a list of names that tables or indexes have.
	Tables Form
	// Tuning are the statements that ready a connection for loading very much.
	Tuning []string
}

// By is what follows a table where it is read by an index; "" is for its rows' own
// key.
func (d *Dialect) By(index string) string {
	if index == "" {
		return d.ReadByKey
	}
	return d.ReadBy.With(index)
}

// Of is the dialect that ent calls by a name.
func Of(name string) *Dialect {
	if d := SQLite(); d.Name == name {
		return d
	}
	panic(fmt.Sprintf("dialect: there is none called %q", name)) // no engine is opened without
}
