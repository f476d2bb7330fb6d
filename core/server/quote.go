package server

import (
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

// shortMessage cuts what a message of gqlparser quotes. It puts names, types and
// values into its messages whole, however long they are: names and texts between
// quotation marks, and a value at the end.
func shortMessage(message string) string {
	if len(message) <= maxQuote {
		return message
	}
	value := ""
	for _, before := range []string{"value: ", ", found "} {
		if i := strings.Index(message, before); i >= 0 {
			message, value = message[:i+len(before)], quoteShort(message[i+len(before):])
			break
		}
	}
	var short strings.Builder
	for len(message) > 0 && short.Len() < maxMessage {
		n := quotationLength(message)
		short.WriteString(quoteShort(message[:n]))
		message = message[n:]
	}
	if message != "" {
		short.WriteString("…")
	}
	return short.String() + value
}

// quotationLength is the length of what a text starts with: a quotation with its
// marks, or else a word with the space after it.
func quotationLength(text string) int {
	if text[0] != '"' {
		for i := 1; i < len(text); i++ {
			if text[i-1] == ' ' || text[i] == '"' {
				return i
			}
		}
		return len(text)
	}
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}
