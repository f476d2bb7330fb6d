// Package isbn is a scalar of its own.
package isbn

import (
	"errors"
	"io"
	"strconv"

	"coppice/core/fault"
)

// ISBN is the number of a book.
type ISBN struct{ text string }

// UnmarshalGQL reads a number.
func (i *ISBN) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return fault.New(fault.BadUserInput, "An ISBN is a text.")
	}
	if len(s) != 4 {
		return errors.New("an ISBN has 4 digits here")
	}
	if _, err := strconv.Atoi(s); err != nil {
		return err
	}
	i.text = s
	return nil
}

// MarshalGQL writes a number.
func (i ISBN) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(i.text)) }
