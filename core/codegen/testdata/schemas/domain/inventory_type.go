package schema

import (
	"database/sql/driver"
	"fmt"
	"math/big"
)

// Severity of a hole.
type Severity string

// Values of Severity.
func (Severity) Values() []string { return []string{"CRITICAL", "HIGH", "MEDIUM", "LOW", "UNASSIGNED"} }

// Decimal is a number of exact digits.
type Decimal struct{ r *big.Rat }

// Scan implements sql.Scanner.
func (d *Decimal) Scan(v any) error {
	s := fmt.Sprint(v)
	if b, ok := v.([]byte); ok {
		s = string(b)
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return fmt.Errorf("not a decimal: %q", s)
	}
	d.r = r
	return nil
}

// Value implements driver.Valuer.
func (d Decimal) Value() (driver.Value, error) { return d.String(), nil }

func (d Decimal) String() string {
	if d.r == nil {
		return "0"
	}
	return d.r.FloatString(8)
}

// MarshalText writes it.
func (d Decimal) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads it.
func (d *Decimal) UnmarshalText(b []byte) error { return d.Scan(b) }
