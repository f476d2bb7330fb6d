// Package custom has Go types for fields.
package custom

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Level is a number.
type Level int

// Span is a larger one.
type Span int64

// Label is a text.
type Label string

// Flag is a truth.
type Flag bool

// Pair is two numbers, stored as one text.
type Pair struct{ A, B int }

// Value stores a pair.
func (p Pair) Value() (driver.Value, error) { return fmt.Sprintf("%d/%d", p.A, p.B), nil }

// Scan reads a pair.
func (p *Pair) Scan(v any) error {
	if v == nil {
		return nil
	}
	s, ok := v.(string)
	if b, isBytes := v.([]byte); isBytes {
		s, ok = string(b), true
	}
	if !ok {
		return fmt.Errorf("a pair cannot be read from %T", v)
	}
	a, b, found := strings.Cut(s, "/")
	if !found {
		return errors.New("a pair is two numbers with a / between")
	}
	var err error
	if p.A, err = strconv.Atoi(a); err != nil {
		return errors.New("a pair is two numbers with a / between")
	}
	if p.B, err = strconv.Atoi(b); err != nil {
		return errors.New("a pair is two numbers with a / between")
	}
	return nil
}

// Size is an enum of its own.
type Size string

// The sizes.
const (
	Small Size = "small"
	Large Size = "LARGE"
)

// Values are the sizes.
func (Size) Values() []string { return []string{string(Small), string(Large)} }

// Address is a structure.
type Address struct {
	Street string   `json:"street"`
	Number int      `json:"number,omitempty"`
	Lines  []string `json:"lines,omitempty"`
}

// Amount is a decimal number, kept without a plus and zeros at its end.
type Amount struct{ text string }

// Value stores an amount.
func (a Amount) Value() (driver.Value, error) {
	if a.text == "" {
		return "0", nil
	}
	return a.text, nil
}

// Scan reads an amount.
func (a *Amount) Scan(v any) error {
	if v == nil {
		return nil
	}
	s := fmt.Sprint(v)
	if b, ok := v.([]byte); ok {
		s = string(b)
	}
	if _, err := strconv.ParseFloat(s, 64); err != nil {
		return errors.New("an amount is a decimal number")
	}
	s = strings.TrimPrefix(s, "+")
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	a.text = s
	return nil
}

// Equal compares two amounts.
func (a Amount) Equal(b Amount) bool { return a.text == b.text }
