package scope

import (
	"slices"
	"strings"
)

// words are those of SQL that stand in conditions and name no column. A word
// that is missing here costs the short form of a condition, and nothing else.
var words = strings.Fields("AND OR NOT IN IS NULL LIKE ESCAPE BETWEEN TRUE FALSE EXISTS SELECT FROM JOIN ON WHERE AS COLLATE NOCASE BINARY DISTINCT")

// qualified reports whether every column in a condition has its table named,
// so that it means the same beside other tables.
func qualified(text string) bool {
	last, dot := "", false // the word before, and whether a dot joins it to this one
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '\'':
			if i = closing(text, i); i < 0 {
				return false
			}
			last, dot = "", false
		case c == '`' || c == '"':
			end := closing(text, i)
			if end < 0 {
				return false
			}
			table := last == "FROM" || last == "JOIN" || last == "AS"
			if !dot && !table && !strings.HasPrefix(text[end:], ".") {
				return false
			}
			i, last, dot = end, "", false
		case letter(c):
			end := i + 1
			for end < len(text) && (letter(text[end]) || digit(text[end])) {
				end++
			}
			last = strings.ToUpper(text[i:end])
			if !slices.Contains(words, last) && !strings.HasPrefix(text[end:], "(") {
				return false
			}
			i, dot = end, false
		default:
			if c != ' ' {
				last = ""
			}
			dot = c == '.'
			i++
		}
	}
	return true
}

// closing is the place after the quote that ends what begins at i, or -1.
func closing(text string, i int) int {
	quote := text[i]
	for i++; i < len(text); i++ {
		if text[i] != quote {
			continue
		}
		if i+1 == len(text) || text[i+1] != quote {
			return i + 1
		}
		i++
	}
	return -1
}

func letter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80 }

func digit(c byte) bool { return c >= '0' && c <= '9' }
