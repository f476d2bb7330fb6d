package model

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"coppice/core/fault"
)

// maxWords is how many characters a message has of an error that a schema's
// author wrote.
const maxWords = 300

var quotation = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// Words is what an error says that a schema's author wrote, a validator's or a Go
// type's, to stand in a sentence: without a final stop, and cut where it goes on
// or quotes at length what was sent.
func Words(err error) string {
	text := strings.TrimSuffix(err.Error(), ".")
	if utf8.RuneCountInString(text) <= maxWords/3 {
		return text
	}
	text = quotation.ReplaceAllStringFunc(text, func(q string) string { return fault.Quote(q[1 : len(q)-1]) })
	if utf8.RuneCountInString(text) > maxWords {
		text = string([]rune(text)[:maxWords-1]) + "…"
	}
	return text
}
