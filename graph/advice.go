package graph

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"coppice/ent/migrate"
	"coppice/internal/model"
	"coppice/internal/statement"
)

// repeatedFrom is how often a statement runs in one request before that is
// worth a word.
const repeatedFrom = 3

// advisedLength is how long a statement may be, in bytes, to be advised on: each
// line of its plan takes another search of its text.
const advisedLength = 16 << 10

// adviseOn says, for each of a request's statements, what could make it faster;
// nil where there is nothing to say. A repeated statement is told of where it
// first stands.
func adviseOn(list []statement.Statement, schema *model.Schema) [][]string {
	advice := make([][]string, len(list))
	first, times := map[string]int{}, map[string]int{}
	for i, s := range list {
		if _, seen := first[s.SQL]; !seen {
			first[s.SQL] = i
			if len(s.SQL) <= advisedLength {
				advice[i] = scanAdvice(s, schema)
			}
		}
		times[s.SQL]++
	}
	for text, i := range first {
		if n := times[text]; n >= repeatedFrom && !controlsTransaction(text) {
			advice[i] = append(advice[i], fmt.Sprintf("runs %d times in this request: ask for what it reads by one list field or one nested selection, "+
				"or answer the field that runs it for all records at once", n))
		}
	}
	return advice
}

// controlsTransaction reports whether a statement is the frame of others.
func controlsTransaction(text string) bool {
	word, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	return slices.Contains([]string{"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA"}, strings.ToUpper(strings.TrimSuffix(word, ";")))
}

// scanAdvice names the tables that a statement's plan reads in full although
// an index could find or order their rows, and the line that adds it.
func scanAdvice(s statement.Statement, schema *model.Schema) []string {
	var advice []string
	for _, line := range s.Plan {
		name, ok := scannedName(line)
		if !ok {
			continue
		}
		e := schema.Table(tableOf(s.SQL, name))
		if e == nil {
			continue
		}
		columns := wantedColumns(s.SQL, name, e)
		if line := indexLine(e, columns); line != "" && !isIndexed(e.Table, columns) {
			advice = append(advice, fmt.Sprintf("full scan of %s: add to Indexes() in ent/schema/%s.go: %s", e.Table, strings.ToLower(e.Name), line))
		}
	}
	return advice
}

// scannedName returns the table or alias that a step of an SQLite plan reads
// from end to end without an index.
func scannedName(line string) (string, bool) {
	words := strings.Fields(line)
	if len(words) < 2 || words[0] != "SCAN" || slices.Contains(words, "USING") || slices.Contains(words, "VIRTUAL") {
		return "", false
	}
	return words[1], true
}

// Parts of the statements that ent's builder writes, in the quotes of any
// engine.
var (
	aliasPattern     = regexp.MustCompile("[`\"](\\w+)[`\"] AS [`\"]?(\\w+)[`\"]?")
	conditionPattern = regexp.MustCompile("(?:[`\"](\\w+)[`\"]\\.)?[`\"](\\w+)[`\"] (=|IN|<=|>=|<|>) ")
	orderPattern     = regexp.MustCompile(`ORDER BY ([^()]+)`)
	termPattern      = regexp.MustCompile("^\\s*(?:[`\"](\\w+)[`\"]\\.)?[`\"](\\w+)[`\"](?: ASC| DESC)?(?: NULLS (?:FIRST|LAST))?(?: LIMIT.*)?\\s*$")
)

// tableOf is the table that a name in a statement stands for.
func tableOf(text, name string) string {
	for _, m := range aliasPattern.FindAllStringSubmatch(text, -1) {
		if m[2] == name {
			return m[1]
		}
	}
	return name
}

// wantedColumns lists the columns that an index on the entity's table would
// have to hold, in order: those compared for equality, then those ordered by,
// or else one that is compared otherwise.
func wantedColumns(text, name string, e *model.Entity) []string {
	var equal, other, order []string
	ours := func(table, column string) bool {
		return (table == name || table == "") && column != e.ID.Column && entField(e, column) != ""
	}
	// One index serves neither alternatives nor negations.
	_, conditions, _ := strings.Cut(text, " WHERE ")
	if !strings.Contains(conditions, " OR ") && !strings.Contains(conditions, "NOT (") {
		for _, m := range conditionPattern.FindAllStringSubmatch(conditions, -1) {
			switch {
			case !ours(m[1], m[2]):
			case m[3] == "=" || m[3] == "IN":
				equal = append(equal, m[2])
			default:
				other = append(other, m[2])
			}
		}
	}
	for _, list := range orderPattern.FindAllStringSubmatch(text, -1) {
		for t := range strings.SplitSeq(list[1], ",") {
			m := termPattern.FindStringSubmatch(t)
			if m == nil || !ours(m[1], m[2]) {
				break // from here on an index does not order; the id it ends with anyway
			}
			order = append(order, m[2])
		}
	}
	if len(order) == 0 && len(other) > 0 {
		order = other[:1]
	}
	var columns []string
	for _, c := range append(equal, order...) {
		if !slices.Contains(columns, c) {
			columns = append(columns, c)
		}
	}
	return columns
}

// entField is how an ent index names a column: a call of Fields or Edges.
func entField(e *model.Entity, column string) string {
	for _, f := range e.Fields {
		if f.Column == column {
			return f.Name
		}
	}
	for _, ed := range e.Edges {
		if ed.Storage == model.Own && ed.Column == column {
			return ed.Name
		}
	}
	return ""
}

// indexLine is the index of some columns as an ent schema declares it; ent
// puts fields before edges. It is "" for no columns.
func indexLine(e *model.Entity, columns []string) string {
	var fields, edges []string
	for _, c := range columns {
		name := fmt.Sprintf("%q", entField(e, c))
		if e.EntField(entField(e, c)) != nil {
			fields = append(fields, name)
		} else {
			edges = append(edges, name)
		}
	}
	switch {
	case len(columns) == 0:
		return ""
	case len(edges) == 0:
		return "index.Fields(" + strings.Join(fields, ", ") + ")"
	case len(fields) == 0:
		return "index.Edges(" + strings.Join(edges, ", ") + ")"
	default:
		return "index.Fields(" + strings.Join(fields, ", ") + ").Edges(" + strings.Join(edges, ", ") + ")"
	}
}

// isIndexed reports whether the schema declares an index on the columns already,
// which the engine then had its reasons to leave alone.
func isIndexed(table string, columns []string) bool {
	for _, t := range migrate.Tables {
		if t.Name != table {
			continue
		}
		// A unique column has an index that is not listed.
		for _, c := range t.Columns {
			if c.Unique && c.Name == columns[0] {
				return true
			}
		}
		for _, index := range t.Indexes {
			n := 0
			for n < len(columns) && n < len(index.Columns) && index.Columns[n].Name == columns[n] {
				n++
			}
			if n == len(columns) {
				return true
			}
		}
	}
	return false
}
