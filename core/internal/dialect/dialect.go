// Package dialect holds the words of SQL that engines say differently, one value an
// engine. What reads, writes and seeds has no other.
package dialect

import (
	"fmt"
	"strconv"
	"strings"

	"coppice/core/model"
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

	Fold      Form                // a text without regard to case, as golang.org/x/text/cases folds
	Folded    func(string) string // a text folded so
	Contains  Form                // that text 1 has text 2 in it
	HasPrefix Form                // that text 1 begins with text 2
	HasSuffix Form                // that text 1 ends with text 2
	Same      Form                // that 1 and 2 are equal, or both null
	Equal     Form                // Same, where it is enough that it is not true of what is null
	Text      Form                // a value as text
	Bytes     Form                // a text as bytes, which the driver leaves as they are
	Items     Form                // the rows key, from 0, and value of the list 1, of AppendList, whose items are of the type 2
	ItemsOf   Form                // such rows of a statement's one column, in its order
	High, Low Form                // the two parts of the sum of 1, each addend divided by 2
	Number    Form                // a whole number with at least nine digits
	Greatest  Form                // the larger of two numbers
	Hash      Form                // a whole number for values, which others have by chance only

	// Day, Month and Year are the beginnings of a time in UTC: 2006-01-02, 2006-01
	// and 2006.
	Day, Month, Year Form
	// Sum and Avg are of whole numbers, and FloatSum and FloatAvg of others; Extreme
	// is the least or greatest, min or max being 1, of 2, which for some kinds is
	// written otherwise.
	Sum, Avg, FloatSum, FloatAvg Form
	Extreme                      Form
	ExtremeOf                    map[model.Kind]Form

	NullsFirst, NullsLast string // after a term of an order
	// NullsLargest tells that nulls come last ascending where nothing else is said,
	// instead of first.
	NullsLargest bool

	// Join joins a table that follows, on a condition, and is read in the order of the
	// statement where the engine takes it so.
	Join string
	// Apart stands before what is not to be read by an index.
	Apart string
	// Lateral tells that a table of a FROM may be a statement that names those before
	// it, and that rows come in no order unless one is asked for.
	Lateral bool
	// WeighsLimit tells that a limit decides how a statement is run: one that is an
	// argument would have it planned anew each time.
	WeighsLimit bool
	// Remote tells that a statement is a round trip to a server.
	Remote bool
	// Types are what values of the kinds are where a list of them is given; nil where
	// lists have no types.
	Types map[model.Kind]string

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

	// Place is the column that says where in its table a row lies, and PlaceType its
	// type; "" where a row that was just made is as well read by its id.
	Place, PlaceType string
	// Making stands before a statement that reads, under the name 2, the row that the
	// INSERT 1 makes; empty where that takes two statements.
	Making Form
	// Within is true where the sum 1 is no more than 2, and an error of the database
	// where it is. Length is that of a text in bytes; 0 of null.
	Within, Length Form
	// Concurrent tells that transactions that write run beside each other.
	Concurrent bool
	// Numbered tells that parameters are $1, $2 and so on, instead of ?.
	Numbered bool

	// References finds the foreign keys that lead to a table, which is its argument,
	// and keep its rows from being deleted: table and column.
	References string
	// Tables counts those of a list of names that tables or indexes have.
	Tables Form
	// Tuning are the statements that ready a connection for loading very much.
	Tuning []string

	// Analyze lets the planner know at once how many rows the tables of a list have, in
	// which many were written just now. Empty where it is told otherwise.
	Analyze Form

	// Word is the type of a column for a text of up to 255 characters, which sorts by
	// code points.
	Word string
	// MakeAlone is a statement after which nobody else makes tables until the
	// transaction ends; empty where none else writes in any case.
	MakeAlone string
	// Lock keeps others from writing into the tables of a list until the transaction
	// ends, and Lock from those who ask for it themselves; it takes no snapshot. Empty
	// where none else writes in any case.
	Lock Form
	// Advance moves the numbers that the database counts for the column 2 of the table
	// 1, both texts, past its argument, unless they are there, and gives a row where
	// they are not: with Lock on the table nobody takes one meanwhile. Behind is the
	// same question, and moves nothing. Empty where the database does so by itself.
	Behind, Advance Form
	// Cursor opens the cursor 1 on the statement 2, until the transaction ends, and Fetch
	// reads the number of rows 2 of the cursor 1. Empty where other statements can run
	// while rows are being read.
	Cursor, Fetch Form
}

// Bind is a statement whose parameters, written as ?, are as the engine has them.
func (d *Dialect) Bind(query string) string {
	if !d.Numbered {
		return query
	}
	var b strings.Builder
	for n := 1; ; {
		i := strings.IndexAny(query, "?'\"")
		if i < 0 {
			b.WriteString(query)
			return b.String()
		}
		b.WriteString(query[:i])
		if query[i] == '?' {
			b.WriteString("$" + strconv.Itoa(n))
			query = query[i+1:]
			n++
			continue
		}
		end := i + 2 + strings.IndexByte(query[i+1:], query[i]) // of a text or a name
		b.WriteString(query[i:end])
		query = query[end:]
	}
}

// Placeholder writes that of the n-th argument of a statement, counted from 1.
func (d *Dialect) Placeholder(b *strings.Builder, n int) {
	if !d.Numbered {
		b.WriteByte('?')
		return
	}
	b.WriteByte('$')
	b.WriteString(strconv.Itoa(n))
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
	for _, d := range []*Dialect{SQLite(), Postgres()} {
		if d.Name == name {
			return d
		}
	}
	panic(fmt.Sprintf("dialect: there is none called %q", name)) // no engine is opened without
}
