// Package custom has Go types for fields.
package custom

import (
	"database/sql/driver"
	"encoding/json"
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

// ISBN is a book's number, kept without hyphens.
type ISBN struct{ digits string }

// UnmarshalGQL reads a number with hyphens anywhere.
func (i *ISBN) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return errors.New("an ISBN is a text")
	}
	s = strings.ReplaceAll(s, "-", "")
	if len(s) != 13 || strings.Trim(s, "0123456789") != "" {
		return fmt.Errorf("an ISBN has 13 digits, not %d", len(s))
	}
	i.digits = s
	return nil
}

// Value stores a number.
func (i ISBN) Value() (driver.Value, error) {
	if i.digits == "" {
		return nil, nil
	}
	return i.digits, nil
}

// Scan reads a number.
func (i *ISBN) Scan(v any) error {
	s, ok := v.(string)
	if !ok && v != nil {
		return fmt.Errorf("an ISBN cannot be read from %T", v)
	}
	i.digits = s
	return nil
}

// Percent is a number from 0 to 100.
type Percent int

// UnmarshalGQL reads a percentage.
func (p *Percent) UnmarshalGQL(v any) error {
	n, err := strconv.Atoi(fmt.Sprint(v))
	if err != nil {
		return err
	}
	if n < 0 || n > 100 {
		return errors.New("a percentage is from 0 to 100")
	}
	*p = Percent(n)
	return nil
}

// Even is a JSON number that checks itself.
type Even struct{ N int }

// UnmarshalJSON reads an object.
func (e *Even) UnmarshalJSON(b []byte) error {
	var in struct{ N *int }
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	if in.N == nil || *in.N%14 != 3 {
		return errors.New("N must be 3 more than a multiple of 14")
	}
	e.N = *in.N
	return nil
}
