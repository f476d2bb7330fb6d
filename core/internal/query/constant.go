package query

import "strings"

// maxConstants is how many arguments a statement may have before they are kept
// apart. SQLite works a constant out once, and for each looks through all before
// it for the same: a statement of some thousand would take it seconds to compile,
// in which nothing can interrupt it. A subquery is no constant.
const maxConstants = 256

// longList is the length of a list that SQLite takes as a whole.
const longList = 16

// apart writes each placeholder of a text as a subquery, but for those of long
// lists.
func apart(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		i := strings.IndexAny(text, "?'\"`")
		if i < 0 {
			break
		}
		b.WriteString(text[:i])
		text = text[i:]
		var n int
		if text[0] != '?' { // a name or a text
			n = 2 + strings.IndexByte(text[1:], text[0])
			b.WriteString(text[:n])
		} else if n = len("?") + 3*strings.Count(text[:listEnd(text)], ", ?"); n > longList*3 {
			b.WriteString(text[:n])
		} else {
			b.WriteString(strings.ReplaceAll(text[:n], "?", "(SELECT ?)"))
		}
		text = text[n:]
	}
	b.WriteString(text)
	return b.String()
}

// listEnd is where the list of placeholders at the start of a text ends.
func listEnd(text string) int {
	n := 1
	for strings.HasPrefix(text[n:], ", ?") {
		n += 3
	}
	return n
}
