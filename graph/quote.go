package graph

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxQuote is how many characters of what a client sent a message quotes.
const maxQuote = 100

// quoteShort cuts what a client sent to what a message may quote.
func quoteShort(text string) string {
	if len(text) <= maxQuote || utf8.RuneCountInString(text) <= maxQuote {
		return text
	}
	n := 0
	for i := range text {
		if n == maxQuote-1 {
			return text[:i] + "…"
		}
		n++
	}
	return text
}

// maxMessage is how many characters a message of gqlparser may have: one about
// fields in conflict goes on for as long as there are such.
const maxMessage = 1000

// What the messages of gqlparser quote: a value that ends a message, and names,
// types and texts within it.
var (
	lastQuotation = regexp.MustCompile(`(?s)^(.*?(?:value: |, found ))(.*)$`)
	quotation     = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|\S+`)
)

// shortMessage cuts what a message of gqlparser quotes. It puts names, types and
// values into its messages whole, however long they are.
func shortMessage(message string) string {
	if len(message) <= maxQuote {
		return message
	}
	tail := ""
	if m := lastQuotation.FindStringSubmatch(message); m != nil {
		message, tail = m[1], quoteShort(m[2])
	}
	message = quotation.ReplaceAllStringFunc(message, quoteShort)
	if len(message) > maxMessage {
		message = strings.ToValidUTF8(message[:maxMessage], "") + "…"
	}
	return message + tail
}
